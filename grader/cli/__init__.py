"""The command line: parse, call, render, return a code."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import click

from grader.cli import (  # noqa: F401  # each adds its commands
    author,
    batch,
    completion,
    day,
    desk,
    edition,
    exports,
    handout,
    release,
    similar,
    student,
    watch,
)
from grader.cli.app import cli, tell
from grader.errors import CourseError, GraderError, in_words

__all__ = ["cli", "main"]


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        0: all passed; 1: something did not, or nothing ran; 2: wrong use or a broken
        course; 130: interrupted.
    """
    try:
        code = cli.main(argv, prog_name="grader", standalone_mode=False)
        return int(code or 0)
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        _complain(text.getvalue().rstrip())
        return 2
    except GraderError as error:
        _complain(f"grader: {error}")
        if isinstance(error, CourseError):
            _tell_of_copy()
        return 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        return 130
    except BrokenPipeError:  # nobody reads on
        _write_no_more()
        return 1
    except OSError as error:
        _write_no_more()
        _complain(f"grader: {in_words(error)}")
        return 2


def _write_no_more() -> None:
    """Have nothing written at the exit to a standard output that takes nothing."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # until the exit


def _tell_of_copy() -> None:
    """Say how a student finds out which files of a broken course are to blame."""
    from grader.course import Course
    from grader.edition.about import is_authors

    try:
        if is_authors(Course.find(Path.cwd())):
            return
    except (GraderError, OSError):
        return
    tell("To see which files are not as they were handed out: grader doctor")


def _complain(text: str) -> None:
    """Show an error. A line with a path is as it is: somebody may copy it."""
    for line in _seen_from_here(text).split("\n"):
        if os.sep in line:
            click.echo(line, err=True)
        else:
            tell(line)


def _seen_from_here(text: str) -> str:
    """Return a message whose paths are as somebody would type them who stands here."""
    try:
        here = os.getcwd()
    except OSError:  # somebody has removed the folder
        return text
    below = os.path.join(here, "")
    return text if below == here else text.replace(below, "")  # the top: "/"
