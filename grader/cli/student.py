"""The commands of a student's day."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.app import cli, listener, require_writable, terminal, told
from grader.cli.checkrun import CheckRun
from grader.cli.completion import stage_names, stages_argument
from grader.cli.writing import json_option, write_json
from grader.errors import GraderError, UsageError

if TYPE_CHECKING:
    from grader.course import Stage, Unit
    from grader.profile import Profile
    from grader.results import Report


@cli.command()
@stages_argument
@click.option("--solution", is_flag=True, help="Check the reference solutions instead.")
@click.option("--quick", is_flag=True, help="Leave out what takes longer than a second.")
@json_option
@click.option(
    "--html",
    "html_to",
    metavar="FILE",
    type=click.Path(),
    help="Write it as a page, with pictures.",
)
@click.option(
    "--sandbox",
    type=click.Choice(["none", "L1", "L2"]),
    help="Insist on a sandbox level; by default the best that works here.",
)
@click.option(
    "--profile", is_flag=True, help="Say where the time went; checks one stage after the other."
)
@click.option("--steps", is_flag=True, hidden=True, help="Write each step, for a notebook.")
def check(
    stages: tuple[str, ...],
    solution: bool,
    quick: bool,
    json_to: str | None,
    html_to: str | None,
    sandbox: str | None,
    profile: bool,
    steps: bool,
) -> int:
    """Run the checks of the stages named, or of all.

    A STAGE is s13 (the whole unit), s13.conv or conv.

    \b
    Examples:
      grader check padding
      grader check s13 --quick
      grader check conv --html conv.html
    """  # noqa: D301  # click wants the character
    from grader.course import Course

    course = Course.find(Path.cwd())
    unit, chosen = course.select(stages)
    if html_to:
        _require_page(Path(html_to))
        if json_to and Path(json_to).resolve() == Path(html_to).resolve():
            raise UsageError(f"--json and --html: {html_to} cannot be both; name two files")
    with listener(steps) as hears:
        times = _profiled(hears) if profile else None
        run = CheckRun(course, unit, chosen, sandbox, solution, quick)
        report = run(times or hears, in_turn=profile)
    sealed = {stage.id for stage in chosen if solution and stage.is_sealed}
    if sealed and not html_to and _is_ready(report, sealed, json_to):
        return 0
    try:
        if html_to:
            _write_page(report, Path(html_to))
    finally:  # a full disk keeps nobody from the verdict
        _show(report, json_to)
    if not solution:
        _remember(course.root, report)
    if times:
        from grader.render.profile import profile_text

        click.echo(profile_text(times.ended(), terminal()), nl=False, err=True)
    return report.exit_code


def _profiled(inner: Any) -> Profile:
    from grader.profile import Profile

    return Profile(inner)


@cli.command()
@click.argument("stage", required=False, shell_complete=stage_names)
@json_option
def hint(stage: str | None, json_to: str | None) -> int:
    """Give the next hint for the mistake that was named last.

    \b
    Example:
      grader hint padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.logbook import hint_was_read
    from grader.render.hints import hint_text, hint_tree
    from grader.seen import Seen, read_seen

    course = Course.find(Path.cwd())
    seen = read_seen(course.root)
    _, chosen = course.select([stage] if stage else [])
    named = (s for s in chosen if s.id in seen and seen[s.id].mistakes)
    about = chosen[0] if stage else next(named, _first_open(course.root, chosen))
    last = seen.get(about.id, Seen())
    asked = (about.id, last.mistakes, last.step, about.about.hints)
    if not write_json(hint_tree(*asked), json_to):
        click.echo(hint_text(*asked), nl=False)
    try:
        hint_was_read(course.root, about.id, last)
    except (OSError, GraderError) as error:
        click.echo(f"The next hint will be this one again:\n  {told(error)}", err=True)
    return 0


@cli.command("list")
@json_option
def list_stages(json_to: str | None) -> int:
    """List the stages, what each needs, and how long it takes.

    \b
    Example:
      grader list
    """  # noqa: D301  # click wants the character
    from grader.course import Course

    units = Course.find(Path.cwd()).units
    if write_json({"version": 1, "units": [_unit_tree(unit) for unit in units]}, json_to):
        return 0
    for unit in units:
        click.echo(f"{unit.id}  {unit.about.title}")
        for stage in unit.stages:
            about = stage.about
            needs = f"needs {', '.join(about.needs)}" if about.needs else "needs nothing before it"
            points = sum(c.points for c in about.criteria)
            difficulty = f"difficulty {about.difficulty} of 5"
            click.echo(f"  {stage.id:<14} {about.title}")
            click.echo(f"  {'':<14} {needs}")
            click.echo(f"  {'':<14} {difficulty}, {about.minutes} minutes, {points} points")
    return 0


def _first_open(root: Path, stages: tuple[Stage, ...]) -> Stage:
    """Return the first stage of the last report that did not pass, or else the first."""
    from grader.results import Outcome
    from grader.seen import read_last

    last = read_last(root)
    failing = {s.id for s in last.stages if s.outcome is not Outcome.PASSED} if last else set()
    return next((stage for stage in stages if stage.id in failing), stages[0])


def _unit_tree(unit: Unit) -> dict[str, Any]:
    stages = [
        {
            "id": stage.id,
            "title": stage.about.title,
            "file": stage.file.relative_to(stage.root).as_posix(),
            "needs": [need.id for need in stage.needed if need.name in stage.about.needs],
            "difficulty": stage.about.difficulty,
            "minutes": stage.about.minutes,
            "points": sum(c.points for c in stage.about.criteria),
            "criteria": [
                {"id": c.id, "sentence": c.sentence, "points": c.points, "slow": c.slow}
                for c in stage.about.criteria
            ],
        }
        for stage in unit.stages
    ]
    return {"id": unit.id, "title": unit.about.title, "stages": stages}


def _is_ready(report: Report, sealed: set[str], json_to: str | None) -> bool:
    """Say that this machine is ready for a student's edition, if it is."""
    from grader.render.readiness import is_ready, readiness_text

    if json_to or not is_ready(report, sealed):
        return False
    click.echo(readiness_text(report, sealed), nl=False)
    return True


def _remember(root: Path, report: Report) -> None:
    """Keep the report for the commands after this one; checking works without it."""
    from grader.logbook import remember

    try:
        kept = remember(root, report, datetime.now(UTC))
    except (OSError, GraderError) as error:
        said = "grader hint, progress and submit will not know this run"
        click.echo(f"{said}:\n  {told(error)}", err=True)
    else:
        if kept:
            said = f"The record of your progress was damaged; it is kept as .grader/{kept}"
            click.echo(said, err=True)


def _require_page(path: Path) -> None:
    """Refuse a place for a page where none can be written, or where another file is."""
    from grader.render.html import is_ours

    if path == Path("-"):
        raise UsageError("--html: a page goes into a file: name one, check.html say")
    require_writable(path, "--html")
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(4000).decode("utf-8", "replace")
        if not is_ours(head):
            raise UsageError(
                f"--html: {path} is there, and it is no page of grader's.\n"
                "Name another file; nothing was changed."
            )


def _write_page(report: Report, path: Path) -> None:
    from grader.atomic import write_atomically
    from grader.render.html import verdict_page

    write_atomically(path, verdict_page(report, show_hidden=True))


def _show(report: Report, json_to: str | None) -> None:
    from grader.results import plain

    try:
        if json_to:
            write_json(plain(report), json_to)
    finally:
        # Where standard output is closed by whoever started us, the exit code says enough.
        if json_to != "-" and sys.stdout is not None:
            click.echo(terminal().report(report), nl=False)
