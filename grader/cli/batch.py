"""Grading a class: ``grader grade``."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.app import cli
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.batch.grading import Engine, Grading, Options
    from grader.batch.journal import Journal
    from grader.batch.times import Times
    from grader.course import Course, Stage, Unit
    from grader.intake import Entry
    from grader.late import Policy

_FILE = click.Path(path_type=Path)


@cli.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.argument("stages", nargs=-1, metavar="[STAGE]...")
@click.option("--out", required=True, metavar="GRADES", type=click.Path(path_type=Path))
@click.option("--stages", "listed", metavar="A,B", help="The stages to grade; by default all.")
@click.option(
    "--follow-through",
    is_flag=True,
    help="Check later stages again where an earlier one fails, with the reference in its place.",
)
@click.option("--late", type=_FILE, metavar="TOML", help="The late penalties.")
@click.option(
    "--times", type=_FILE, metavar="CSV", help="When submissions came in: student,submitted."
)
@click.option(
    "--regrade",
    multiple=True,
    metavar="STAGE",
    help="Check a stage again, say after its checks were corrected, and show who changed.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 1024),
    help="How many at once; by default the cores available.",
)
@click.option("--cluster", metavar="ADDRESS", help="Grade on the workers of a dask scheduler.")
@click.option(
    "--sandbox",
    type=click.Choice(["none", "L1", "L2"]),
    help="Insist on a sandbox level; by default the best that works.",
)
@click.option("--allow-unsandboxed", is_flag=True, help="Grade even where no sandbox works.")
def grade(submissions: Path, out: Path, **given: Any) -> int:
    """Grade every submission in a folder.

    SUBMISSIONS holds a folder or a zip for each student, or what Canvas, Moodle or
    Gradescope let you download. Stopped at any moment, the same command goes on.

    \b
    Examples:
      grader grade submissions --out grades padding im2col
      grader grade submissions --out grades --late late.toml --follow-through
      grader grade submissions --out grades --regrade padding
    """  # noqa: D301  # click wants the character
    from grader.batch.grading import Grading
    from grader.batch.journal import Journal
    from grader.batch.progress import Progress
    from grader.course import Course
    from grader.intake import survey

    course = Course.find(Path.cwd())
    unit, options = _options(course, given)
    policy, times = _late(given)
    found = survey(submissions)
    entries = list(found.entries)
    _tell_of(found.passed_over)
    engine = _engine(course, unit, options, given, len(entries))
    _warn_of_extensions(policy, entries)
    with Journal(out) as journal, Progress(len(entries)) as progress:
        grading = Grading(
            course, unit, options, journal, policy=policy, times=times, heard=progress.heard
        )
        try:
            grading.run(entries, engine)
        except KeyboardInterrupt:
            progress.__exit__()
            click.echo(_stopped(progress.done, len(entries)), err=True)
            return 130
    return _conclude(grading, journal, out)


def _options(course: Course, given: dict[str, Any]) -> tuple[Unit, Options]:
    """Return what is graded, and how."""
    from grader.batch.grading import Options

    listed = [name for name in (given["listed"] or "").split(",") if name.strip()]
    if given["listed"] is not None and not listed:
        raise UsageError("--stages: expected names, as in --stages padding,im2col")
    unit, stages = course.select([*given["stages"], *listed])
    again: tuple[Stage, ...] = ()
    if given["regrade"]:
        other, again = course.select(given["regrade"])
        outside = [s.id for s in again if s not in stages]
        if other is not unit or outside:
            raise UsageError(f"--regrade {outside[0]}: it is not among the stages that are graded")
    return unit, Options(stages, given["follow_through"], given["sandbox"], again)


def _late(given: dict[str, Any]) -> tuple[Policy | None, Times | None]:
    from grader.batch.times import Times
    from grader.late import read_policy

    if given["times"] and not given["late"]:
        raise UsageError("--times says when submissions came in; name the penalties with --late")
    policy = read_policy(given["late"]) if given["late"] else None
    return policy, Times(given["times"]) if given["times"] else None


def _tell_of(passed_over: Sequence[str]) -> None:
    """Name what lies beside the hand-ins: one of them may be somebody's."""
    if passed_over:
        names = ", ".join(name[:60] for name in passed_over[:20])
        more = f", and {len(passed_over) - 20} more" if len(passed_over) > 20 else ""
        text = f"Passed over, as nobody's hand-in by its name: {names}{more}"
        click.echo(textwrap.fill(text, 80, subsequent_indent="  "), err=True)


def _warn_of_extensions(policy: Policy | None, entries: list[Entry]) -> None:
    from grader.late import unknown_extensions

    unknown = unknown_extensions(policy, (e.student for e in entries)) if policy else ()
    if unknown:
        click.echo(f"--late: extensions for nobody in this class: {', '.join(unknown)}", err=True)


def _engine(
    course: Course, unit: Unit, options: Options, given: dict[str, Any], total: int
) -> Engine:
    from grader.batch.messages import Setup
    from grader.batch.pool import Pool, available_cores
    from grader.batch.station import patience

    setup = Setup(
        root=str(course.root),
        unit=unit.id,
        stages=tuple(stage.id for stage in options.stages),
        level=options.sandbox,
        unsandboxed=given["allow_unsandboxed"],
        follow=options.follow,
    )
    seconds = patience(options.stages, follow=options.follow)
    if given["cluster"]:
        from grader.batch.cluster import Cluster

        if given["jobs"]:
            raise UsageError(
                "--jobs is for this machine; a cluster's workers have their own number"
            )
        return Cluster(given["cluster"], course, unit, setup, seconds, total)
    return Pool(setup, given["jobs"] or available_cores(), seconds)


def _stopped(done: int, total: int) -> str:
    return f"Stopped: {done} of {total} are done and kept. The same command goes on from there."


def _conclude(grading: Grading, journal: Journal, out: Path) -> int:
    """Say what the run came to."""
    from grader.batch.outcome import regraded, tally
    from grader.grades import Standing
    from grader.render.grading import changes_text, summary_text

    found = tally(journal, grading.seen)
    click.echo(summary_text(found, grading.stale(), str(out)), nl=False)
    if grading.about.regrading:
        changed = regraded(journal, grading.seen, grading.label)
        click.echo()
        click.echo(changes_text(changed, grading.about.regrading.stages, str(out)), nl=False)
    return 0 if found.counts.total() == found.counts[Standing.GRADED] else 1
