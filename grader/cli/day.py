"""What a student needs beside the checks: progress, reset, doctor."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from grader.cli.app import cli, shown_path, terminal
from grader.cli.completion import lone_stage_names
from grader.cli.writing import json_option, write_json
from grader.errors import UsageError


@cli.command()
@json_option
def progress(json_to: str | None) -> int:
    """Show what is done, what is next, and the time spent.

    It is what `grader check` and `grader watch` found last. Time spent is the time between
    two checks, without pauses of more than 20 minutes. The streak counts criteria that
    passed one after the other; it begins anew when one that had passed is lost.

    \b
    Examples:
      grader progress
      grader progress --json -
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.logbook import overview, read_progress
    from grader.render.progress import progress_text, progress_tree

    course = Course.find(Path.cwd())
    found = overview(course, read_progress(course.root, datetime.now(UTC)))
    if not write_json(progress_tree(found), json_to):
        click.echo(progress_text(found, terminal()), nl=False)
    return 0


@cli.command()
@click.argument("stage", shell_complete=lone_stage_names)
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(stage: str, yes: bool) -> int:
    """Make the file of a stage a stub again.

    What you have written is kept beside it, under the date of today.

    \b
    Example:
      grader reset padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.reset import is_stub
    from grader.reset import reset as make_stub

    course = Course.find(Path.cwd())
    _, chosen = course.select([stage])
    if len(chosen) > 1:
        raise UsageError(f"{stage} is {len(chosen)} stages; reset one at a time.")
    shown = shown_path(course, chosen[0].file)
    if is_stub(chosen[0]):
        click.echo(f"{shown} is a stub already: there is nothing to do.")
        return 0
    if chosen[0].file.exists() and not yes and not _agrees(shown):
        click.echo("Nothing was changed.")
        return 1
    kept = make_stub(chosen[0], datetime.now())
    click.echo(f"{shown} is a stub{' again' if kept else ''}.")
    if kept:
        click.echo(f"What stood there is kept: {shown_path(course, kept)}")
    return 0


def _agrees(shown: str) -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("nobody is here to ask. To reset without a question, add --yes.")
    return click.confirm(f"Make {shown} a stub again? What stands there is kept beside it")


@cli.command()
@json_option
def doctor(json_to: str | None) -> int:
    """Look for what is wrong with this machine or this course.

    Each finding says what to do. The exit code is 1 when something is wrong.

    \b
    Examples:
      grader doctor
      grader doctor --json -
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.doctor import examine
    from grader.render.findings import findings_text, findings_tree

    tree = findings_tree(findings := list(examine(Course.find(Path.cwd()))))
    if not write_json(tree, json_to):
        click.echo(findings_text(findings, terminal()), nl=False)
    return 1 if tree["wrong"] else 0
