"""The commands of a course's author."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.app import cli, listener


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Write nothing; fail on a difference.")
def build(only_check: bool) -> int:
    """Generate the stubs from the solutions.

    \b
    Examples:
      grader build
      grader build --check
    """  # noqa: D301  # click wants the character
    from grader import build as builder
    from grader.course import Course

    course = Course.find(Path.cwd())
    paths = builder.outdated(course) if only_check else builder.build(course)
    for path in paths:
        click.echo(f"{'differs' if only_check else 'written'}: {path.relative_to(course.root)}")
    if only_check and paths:
        click.echo("Run: grader build", err=True)
        return 1
    if not paths:
        click.echo("Everything that is generated is up to date.")
    return 0


@cli.command()
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
def verify(stages: tuple[str, ...]) -> int:
    """Prove the checks: mistakes fail and are named, right answers pass.

    \b
    Example:
      grader verify padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.render.proof import proof_text
    from grader.sandbox import Sandbox
    from grader.verify import verify as prove

    course = Course.find(Path.cwd())
    unit, chosen = course.select(stages)
    proofs = []
    with Sandbox() as sandbox:
        for stage in chosen:
            with listener() as hears:
                proofs.append(prove(course, unit, stage, sandbox, hears))
            click.echo(proof_text(proofs[-1]), nl=False)
    return 1 if any(proof.problems for proof in proofs) else 0
