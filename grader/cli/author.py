"""The commands of a course's author."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.app import cli, listener, one_thread
from grader.cli.completion import stages_argument
from grader.cli.writing import json_option, write_json


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail on a difference.")
def build(only_check: bool) -> int:
    """Generate the stubs from the solutions, the pictures, and the notebooks from the lessons.

    \b
    Examples:
      grader build
      grader build --check
    """  # noqa: D301  # click wants the character
    from grader import build as builder
    from grader.course import Course
    from grader.edition.about import require_author
    from grader.kept import is_kept

    course = Course.find(Path.cwd())
    require_author(course)
    paths = builder.outdated(course) if only_check else builder.build(course)
    for path in paths:
        word = "kept" if is_kept(path.name) else "differs" if only_check else "written"
        click.echo(f"{word}: {path.relative_to(course.root)}")
    if only_check and paths:
        click.echo("Run: grader build", err=True)
        return 1
    if not paths:
        click.echo("Everything that is generated is up to date.")
    return 0


@cli.command()
@stages_argument
@json_option
def verify(stages: tuple[str, ...], json_to: str | None) -> int:
    """Prove the checks: mistakes fail and are named, right answers pass.

    \b
    Example:
      grader verify padding
    """  # noqa: D301  # click wants the character
    one_thread()
    from grader.course import Course
    from grader.edition.about import require_author
    from grader.render.proof import proof_text
    from grader.sandbox import Sandbox
    from grader.verify import verify as prove

    course = Course.find(Path.cwd())
    require_author(course)
    unit, chosen = course.select(stages)
    proofs = []
    with Sandbox() as sandbox:
        for stage in chosen:
            with listener() as hears:
                proofs.append(prove(course, unit, stage, sandbox, hears))
            if json_to != "-":
                click.echo(proof_text(proofs[-1]), nl=False)
    write_json({"version": 1, "stages": proofs}, json_to)
    return 1 if any(proof.problems for proof in proofs) else 0
