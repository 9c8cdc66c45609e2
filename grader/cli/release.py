"""The command by which an instructor publishes solutions: release."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.app import cli, shown_path
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.course import Course
    from grader.edition.release import Released
    from grader.edition.secret import Keys


@cli.command()
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--at", metavar="TIME", help='Release later, such as "2026-12-01 18:00".')
@click.option("--tz", metavar="ZONE", help="Of --at, such as Europe/Berlin; else this machine's.")
@click.option("--due", is_flag=True, help="Release what was scheduled and is due; for cron.")
@click.option("--status", is_flag=True, help="Show how each stage stands.")
@click.option("--codes", is_flag=True, help="Show the unlock codes with --status.")
@click.option("--withdraw", is_flag=True, help="Take back what is only scheduled.")
def release(
    stages: tuple[str, ...],
    at: str | None,
    tz: str | None,
    due: bool,
    status: bool,
    codes: bool,
    withdraw: bool,
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
    from grader.course import Course
    from grader.edition.release import require_author

    course = Course.find(Path.cwd())
    require_author(course)
    if due:
        return _release_due(course)
    if status:
        return _show_status(course, stages, codes)
    if withdraw:
        return _withdraw(course, stages)
    if at:
        return _schedule(course, stages, at, tz)
    from grader.edition.release import release as publish

    unit, chosen = course.select(stages)
    for each in publish(course, unit, chosen, _keys(course), datetime.now(UTC)):
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


def _keys(course: Course) -> Keys:
    """Return the keys of a course, and say what a person should know of its secret."""
    from grader.edition.release import other_editions
    from grader.edition.secret import Keys, read_secret

    secret = read_secret(course.root)
    keys = Keys(secret.value)
    if secret.warning:
        click.echo(f"Warning: {secret.warning}", err=True)
    if secret.made:
        click.echo(
            f"Note: there was no secret yet, so one was made: {secret.origin}\n"
            "Keep a copy of it in a safe place. Its codes open editions that are built from\n"
            "now on; if your class has one already, put the secret of that one here.",
            err=True,
        )
    if others := other_editions(course, keys):
        click.echo(
            f"Warning: codes were given out for edition {', '.join(others)}, and the secret\n"
            f"here is that of edition {keys.edition_id}: its codes do not open the other.",
            err=True,
        )
    return keys


def _release_due(course: Course) -> int:
    from grader.edition.release import due, release_due

    now = datetime.now(UTC)
    if not due(course, now):
        return 0
    released, failed = release_due(course, _keys(course), now)
    for each in released:
        _show_released(course, each)
    for stage, why in failed.items():
        click.echo(f"{stage} was not released and stays scheduled: {why}", err=True)
    return 1 if failed else 0


def _schedule(course: Course, stages: tuple[str, ...], at: str, tz: str | None) -> int:
    from grader.edition.moment import read_moment, shown
    from grader.edition.release import schedule

    unit, chosen = course.select(stages)
    when = read_moment(at, tz)
    before = schedule(course, unit, chosen, _keys(course), when, datetime.now(UTC))
    if when.note:
        click.echo(f"Note: {when.note}")
    for name, earlier in before.items():
        click.echo(f"{name} is scheduled for {when}")
        if earlier:
            click.echo(f"  instead of {shown(earlier)}")
    click.echo("It is released by the first `grader release --due` after that; let cron run it.")
    return 0


def _withdraw(course: Course, stages: tuple[str, ...]) -> int:
    from grader.edition.moment import shown
    from grader.edition.release import withdraw

    unit, chosen = course.select(stages)
    withdrawn, published = withdraw(course, unit, chosen)
    for name, at in withdrawn.items():
        click.echo(f"{name} is not released on {shown(at)} any more.")
    if published:
        raise UsageError(
            f"{', '.join(published)}: published already, and that cannot be taken back: the\n"
            "code is known, and it opens every copy of the edition. Nothing was changed there."
        )
    if not withdrawn:
        raise UsageError(f"nothing is scheduled for {', '.join(stages)}.")
    return 0


def _show_status(course: Course, stages: tuple[str, ...], codes: bool) -> int:
    from grader.edition.moment import shown
    from grader.edition.release import standings

    selected = [course.select(stages)] if stages else [(u, u.stages) for u in course.units]
    keys = _keys(course) if codes else None
    table = [("stage", "state", "when", "code" if keys else "")]
    now = datetime.now(UTC)
    for each in [s for unit, chosen in selected for s in standings(course, unit, chosen, now)]:
        when = shown(each.when.replace(second=0)).partition(" ")[2] if each.when else ""
        table.append((each.stage, each.state, when, keys.code(each.stage) if keys else ""))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
    return 0


def _show_released(course: Course, done: Released) -> None:
    again = "was released before; its code is the same" if done.again else "is released"
    click.echo(f"{done.stage} {again}.")
    for path in done.written:
        click.echo(f"  written: {shown_path(course, path)}")
    for path in done.kept:
        click.echo(f"  an edited one is kept beside it: {path.name}")
    if not done.written:
        click.echo(f"  {shown_path(course, done.folder)}/ is as it should be")
    if not done.walkthrough:
        click.echo("  There is no walkthrough.md in this stage: the solution goes out alone.")
    click.echo(f"  code:    {done.code}\n")
    click.echo("To send to the class:\n")
    click.echo(f"  The solution of {done.stage} is open. In the folder of the course, run")
    click.echo(f"  uv run grader unlock {done.stage} {done.code}\n")
