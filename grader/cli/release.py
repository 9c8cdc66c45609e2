"""The command by which an instructor publishes solutions: release."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.app import cli, say, shown_path
from grader.cli.completion import stages_argument
from grader.cli.writing import json_option, write_json
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.course import Course
    from grader.edition.release import Released, Standing
    from grader.edition.secret import Keys, Secret


@cli.command()
@stages_argument
@click.option("--at", metavar="TIME", help='Release later, such as "2026-12-01 18:00".')
@click.option("--tz", metavar="ZONE", help="Of --at, such as Europe/Berlin; else this machine's.")
@click.option("--due", is_flag=True, help="Release what was scheduled and is due; for cron.")
@click.option("--status", is_flag=True, help="Show how each stage stands.")
@click.option("--codes", is_flag=True, help="Show the unlock codes with --status.")
@json_option
@click.option("--withdraw", is_flag=True, help="Take back what is only scheduled.")
@click.option("--edition", "meant", metavar="ID", help="Of which edition the secret must be.")
def release(
    stages: tuple[str, ...],
    at: str | None,
    tz: str | None,
    due: bool,
    status: bool,
    codes: bool,
    json_to: str | None,
    withdraw: bool,
    meant: str | None,
) -> int:
    """Publish solutions: write them to solutions/ and print their unlock codes.

    \b
    Examples:
      grader release s13.padding
      grader release s13.im2col --at "2026-12-01 18:00" --tz Europe/Berlin
      grader release --due
      grader release --status
    """  # noqa: D301  # click wants the character
    _refuse_combinations(stages, at, tz, due, status, codes, withdraw)
    if json_to and not status:
        raise click.UsageError("--json belongs to --status.")
    from grader.course import Course
    from grader.edition.about import require_author

    course = Course.find(Path.cwd())
    require_author(course)
    if due:
        return _release_due(course)
    if status:
        return _show_status(course, stages, codes, json_to, meant)
    if withdraw:
        return _withdraw(course, stages)
    if at:
        return _schedule(course, stages, at, tz, meant)
    from grader.edition.release import release as publish

    unit, chosen = course.select(stages)
    for each in publish(course, unit, chosen, _keys(course, meant), datetime.now(UTC)):
        _show_released(course, each)
    return 0


def _refuse_combinations(
    stages: tuple[str, ...],
    at: str | None,
    tz: str | None,
    due: bool,
    status: bool,
    codes: bool,
    withdraw: bool,
) -> None:
    modes = {"--at": at is not None, "--due": due, "--status": status, "--withdraw": withdraw}
    given = [name for name, is_given in modes.items() if is_given]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} are different things: use one at a time.")
    if tz is not None and at is None:
        raise click.UsageError("--tz says of which zone the time of --at is; there is no --at.")
    if codes and not status:
        raise click.UsageError("--codes belongs to --status.")
    if due and stages:
        raise click.UsageError("--due releases whatever is due; it takes no STAGE.")
    if not stages and not due and not status:
        raise click.UsageError("Say which stages, such as s13.padding, or s13 for all of a unit.")


def _keys(course: Course, meant: str | None) -> Keys:
    """Return the keys of a course that fit its students' edition."""
    from grader.edition.fit import require_fit
    from grader.edition.secret import Keys

    secret = _secret(course)
    keys = Keys(secret.value)
    known = require_fit(course, secret, meant)
    if not known.in_use:
        say(
            f"Note: these codes open edition {keys.edition_id}. No edition was built here, so\n"
            "compare it with your students' edition/edition.json.",
            err=True,
        )
    if others := [each for each in known.coded if each != keys.edition_id]:
        say(
            f"Note: earlier codes were for edition {', '.join(others)}. Those of now are for\n"
            f"edition {keys.edition_id}, and open no other.",
            err=True,
        )
    return keys


def _secret(course: Course) -> Secret:
    """Return the secret of a course, and warn if others can read it."""
    from grader.edition.secret import read_secret

    secret = read_secret(course.root)
    if secret.warning:
        say(f"Warning: {secret.warning}", err=True)
    return secret


def _release_due(course: Course) -> int:
    from grader.edition.release import due, release_due
    from grader.edition.secret import Keys

    now = datetime.now(UTC)
    if not due(course, now):
        return 0
    released, failed = release_due(course, Keys(_secret(course).value), now)
    for each in released:
        _show_released(course, each)
    for stage, why in failed.items():
        say(f"{stage} was not released and stays scheduled: {why}", err=True)
    return 1 if failed else 0


def _schedule(
    course: Course, stages: tuple[str, ...], at: str, tz: str | None, meant: str | None
) -> int:
    from grader.edition.moment import read_moment, shown
    from grader.edition.release import schedule

    unit, chosen = course.select(stages)
    when = read_moment(at, tz)
    before = schedule(course, unit, chosen, _keys(course, meant), when, datetime.now(UTC))
    if when.note:
        say(f"Note: {when.note}")
    for name, earlier in before.items():
        say(f"{name} is scheduled for {when}")
        if earlier:
            say(f"  instead of {shown(earlier)}")
    are = "It is" if len(before) == 1 else "They are"
    say(f"{are} released by the first `grader release --due` after that; let cron run it.")
    return 0


def _withdraw(course: Course, stages: tuple[str, ...]) -> int:
    from grader.edition.moment import shown
    from grader.edition.release import gone, withdraw

    left = [each.stage for each in gone(course) if each.stage in stages]
    named = [name for name in stages if name not in left]
    unit, chosen = course.select(named) if named else (course.units[0], ())
    withdrawn, published = withdraw(course, unit, chosen, left)
    for name, at in withdrawn.items():
        say(f"{name} is not released on {shown(at)} any more.")
    if published:
        raise UsageError(
            f"published already, and that cannot be taken back: {', '.join(published)}.\n"
            "The code is known, and opens every copy of the edition. It stays published."
        )
    if not withdrawn:
        raise UsageError(f"nothing is scheduled for {', '.join(stages)}.")
    return 0


def _show_status(
    course: Course, stages: tuple[str, ...], codes: bool, json_to: str | None, meant: str | None
) -> int:
    from grader.edition.moment import shown
    from grader.edition.release import gone, standings

    selected = [course.select(stages)] if stages else [(u, u.stages) for u in course.units]
    keys = _keys(course, meant) if codes else None
    now = datetime.now(UTC)
    found = [s for unit, chosen in selected for s in standings(course, unit, chosen, now)]
    found += [] if stages else gone(course)
    trees = [_standing_tree(each, keys) for each in found]
    if write_json({"version": 1, "stages": trees}, json_to):
        return 0
    table = [("stage", "state", "when", "code" if keys else "")]
    for each in found:
        when = shown(each.when.replace(second=0)).partition(" ")[2] if each.when else ""
        table.append((each.stage, each.state, when, keys.code(each.stage) if keys else ""))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    return 0


def _standing_tree(each: Standing, keys: Keys | None) -> dict[str, str | None]:
    when = each.when.isoformat(timespec="seconds") if each.when else None
    tree = {"id": each.stage, "state": each.state.value, "when": when}
    return tree | {"code": keys.code(each.stage)} if keys else tree


def _show_released(course: Course, done: Released) -> None:
    from grader.edition.moment import shown

    again = "was released before; its code is the same" if done.again else "is released"
    say(f"{done.stage} {again}.")
    if done.planned:
        say(f"  now, and not on {shown(done.planned)} as it was scheduled")
    for path in done.written:
        say(f"  written: {shown_path(course, path)}")
    for path in done.kept:
        say(f"  an edited one is kept beside it: {path.name}")
    if not done.written:
        say(f"  {shown_path(course, done.folder)}/ is as it should be")
    if not done.walkthrough:
        say("  There is no walkthrough.md in this stage: the solution goes out alone.")
    say(f"  code:    {done.code}\n")
    say("To send to the class:\n")
    say(f"  The solution of {done.stage} is open. In the folder of the course, run")
    say(f"  uv run grader unlock {done.stage} {done.code}\n")
