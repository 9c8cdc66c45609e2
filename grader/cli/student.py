"""The commands of a student's day."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.app import cli, listener, require_writable
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.results import Report


@cli.command()
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--solution", is_flag=True, help="Check the reference solutions instead.")
@click.option("--quick", is_flag=True, help="Leave out what takes longer than a second.")
@click.option("--json", "json_to", metavar="FILE", help="Write the report as JSON; - for stdout.")
@click.option("--html", "html_to", metavar="FILE", help="Write it as a page, with pictures.")
@click.option(
    "--sandbox",
    type=click.Choice(["none", "L1", "L2"]),
    help="Insist on a sandbox level; by default the best that works here.",
)
def check(
    stages: tuple[str, ...],
    solution: bool,
    quick: bool,
    json_to: str | None,
    html_to: str | None,
    sandbox: str | None,
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
    if json_to and json_to != "-":
        require_writable(Path(json_to), "--json")
    if html_to:
        _require_page(Path(html_to))
    from grader.sandbox import Sandbox

    # The sandbox warms up in a process of its own while the runner is imported here.
    with Sandbox(sandbox) as started, listener() as hears:
        from grader.runner import check as run

        report = run(course, unit, chosen, started, solution=solution, quick=quick, listener=hears)
    sealed = {stage.id for stage in chosen if solution and stage.is_sealed}
    if sealed and not html_to and _is_ready(report, sealed, json_to):
        return 0
    if html_to:
        _write_page(report, Path(html_to))
    _show(report, json_to)
    if not solution:
        _remember(course.root, report)
    return report.exit_code


@cli.command()
@click.argument("stage", required=False)
def hint(stage: str | None) -> int:
    """Give the next hint for the mistake that was named last.

    \b
    Example:
      grader hint padding
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.render.hints import hint_text
    from grader.seen import Seen, one_more, read_seen, write_seen

    course = Course.find(Path.cwd())
    seen = read_seen(course.root)
    _, chosen = course.select([stage] if stage else [])
    about = chosen[0] if stage else next((s for s in chosen if s.id in seen), chosen[0])
    last = seen.get(about.id, Seen())
    click.echo(hint_text(about.id, last.mistakes, last.step, about.about.hints), nl=False)
    write_seen(course.root, seen | {about.id: one_more(last)})
    return 0


@cli.command("list")
def list_stages() -> int:
    """List the stages, what each needs, and how long it takes.

    \b
    Example:
      grader list
    """  # noqa: D301  # click wants the character
    from grader.course import Course

    for unit in Course.find(Path.cwd()).units:
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


def _is_ready(report: Report, sealed: set[str], json_to: str | None) -> bool:
    """Say that this machine is ready for a student's edition, if it is."""
    from grader.render.readiness import is_ready, readiness_text

    if json_to or not is_ready(report, sealed):
        return False
    click.echo(readiness_text(report, sealed), nl=False)
    return True


def _remember(root: Path, report: Report) -> None:
    """Keep the report for ``grader hint`` and ``grader submit``; checking works without it."""
    from grader.seen import after_report, read_seen, write_last, write_seen

    try:
        write_seen(root, after_report(read_seen(root), report))
        write_last(root, report)
    except OSError as error:
        click.echo(f"grader hint and grader submit will not know this run: {error}", err=True)


def _require_page(path: Path) -> None:
    """Refuse a place for a page where none can be written, or where another file is."""
    from grader.render.html import is_ours

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
    from grader.build import write_atomically
    from grader.render.html import verdict_page

    write_atomically(path, verdict_page(report, show_hidden=True))


def _show(report: Report, json_to: str | None) -> None:
    if json_to:
        from grader.build import write_atomically
        from grader.results import to_json

        if json_to == "-":
            click.echo(to_json(report))
            return
        write_atomically(Path(json_to), to_json(report) + "\n")
    if sys.stdout is None:  # closed by whoever started us: the exit code says enough
        return
    import shutil

    from grader.render.terminal import Terminal

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    unicode = "utf" in (sys.stdout.encoding or "").lower()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    click.echo(Terminal(width, colour=colour, unicode=unicode).report(report), nl=False)
