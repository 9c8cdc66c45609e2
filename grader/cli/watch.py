"""``grader watch``."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.app import cli
from grader.cli.completion import stage_names
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.course import Course, Stage, Unit
    from grader.results import Report


@cli.command()
@click.argument("stage", required=False, shell_complete=stage_names)
@click.option(
    "--sandbox",
    type=click.Choice(["none", "L1", "L2"]),
    help="Insist on a sandbox level; by default the best that works here.",
)
def watch(stage: str | None, sandbox: str | None) -> int:
    """Check again whenever you save.

    Shows the stages, and of the one that you work on the first thing to fix. STAGE says
    where to begin; without it, at the first stage that is not done. Where there is no
    terminal, each verdict is printed as it comes. q or Ctrl-C ends it.

    \b
    Example:
      grader watch padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.logbook import remember
    from grader.watch.loop import Watch
    from grader.watch.screen import Lines, Screen

    course = Course.find(Path.cwd())
    unit, chosen = course.select([stage] if stage else [])
    can_draw = sys.stdout.isatty() and os.environ.get("TERM", "") != "dumb"
    screen = Screen(colour=not os.environ.get("NO_COLOR")) if can_draw else Lines()

    def keep(report: Report, last: Report) -> None:
        with contextlib.suppress(OSError, GraderError):  # watching works without it
            remember(course.root, report, datetime.now(UTC), last)

    with screen:
        Watch(course, unit, _start(course, unit, chosen), screen, keep, sandbox).run()
    return 0


def _start(course: Course, unit: Unit, chosen: tuple[Stage, ...]) -> Stage:
    """Return the stage to begin with: the one that was named, or the first that is not done."""
    from grader.logbook import overview, read_progress

    if len(chosen) == 1:
        return chosen[0]
    with contextlib.suppress(OSError, GraderError):  # it is written by another grader, say
        known = overview(course, read_progress(course.root, datetime.now(UTC)))
        mine = next(each for each in known.units if each.id == unit.id)
        if mine.next:
            return next(stage for stage in chosen if stage.id == mine.next.id)
    return chosen[0]
