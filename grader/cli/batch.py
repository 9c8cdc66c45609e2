"""Grading a class: ``grader grade``."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.app import cli, tell
from grader.cli.completion import stage_names, stages_argument
from grader.cli.writing import json_option, write_json
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.batch.grading import Engine, Grading, Options
    from grader.batch.journal import Journal
    from grader.batch.times import Times
    from grader.course import Course, Stage, Unit
    from grader.intake import Entry
    from grader.late import Policy
    from grader.launched import Warming

_FILE = click.Path(path_type=Path)
_LISTED = 20  # names in one message


@cli.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@stages_argument
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
    shell_complete=stage_names,
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
@json_option
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
    from grader.launched import Warming

    # The name, since that module itself imports what takes so long.
    with Warming("grader.batch.process", _jobs(submissions, given)) as warming:
        return _grade(submissions, out, given, warming)


def _jobs(submissions: Path, given: dict[str, Any]) -> int:
    """Return how many processes this machine will grade in."""
    from grader.cores import available_cores

    if given["cluster"] or not submissions.is_dir():
        return 0
    wanted = given["jobs"] or available_cores()
    return min(wanted, sum(1 for _ in islice(submissions.iterdir(), wanted)))


def _grade(submissions: Path, out: Path, given: dict[str, Any], warming: Warming) -> int:
    from grader.batch.grading import Grading
    from grader.batch.journal import Journal
    from grader.batch.progress import Progress
    from grader.course import Course
    from grader.edition.about import require_author
    from grader.edition.origin import own
    from grader.gradebook import read_run
    from grader.intake import survey

    course = Course.find(Path.cwd())
    require_author(course)
    unit, options = _options(course, given)
    policy, times = _late(given)
    _require_apart(submissions, out)
    before = {name: key for key, name in read_run(out).names.items()}
    found = survey(submissions, before)
    entries = list(found.entries)
    if times:
        times.require_one_each(entry.student for entry in entries)
    _tell_of("Passed over, as nobody's hand-in by its name", found.passed_over)
    engine = _engine(course, unit, options, given, len(entries), warming)
    _tell_of_strangers(policy, times, entries)
    again = bool(options.regrade)
    with Journal(out, filled=again) as journal, Progress(len(entries)) as progress:
        grading = Grading(
            course,
            unit,
            options,
            journal,
            policy=policy,
            times=times,
            own=own(course, options.stages),
            heard=progress.heard,
        )
        try:
            grading.run(entries, engine)
        except KeyboardInterrupt:
            progress.__exit__()
            tell(_stopped(progress.done, len(entries)))
            return 130
    return _conclude(grading, journal, out, given["json_to"])


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


def _require_apart(submissions: Path, out: Path) -> None:
    """Refuse grades among the hand-ins: the next run would take each for the other."""
    inner, outer = out.resolve(), submissions.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(
            f"--out {out}: grades and hand-ins would lie one in the other.\n"
            f"The next run would take grades for hand-ins. Name a folder beside {submissions}."
        )


def _tell_of(what: str, names: Sequence[str]) -> None:
    """Name what nobody may have meant: a slip of the pen, perhaps."""
    if names:
        listed = ", ".join(name[:60] for name in names[:_LISTED])
        more = f", and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
        tell(f"{what}: {listed}{more}")


def _tell_of_strangers(
    policy: Policy | None, times: Times | None, entries: Sequence[Entry]
) -> None:
    """Name who has a time or a later deadline, and handed nothing in."""
    from grader.late import unknown_extensions

    students = [entry.student for entry in entries]
    by = "by key, e-mail or id"
    if policy:
        _tell_of(f"--late: extensions for nobody here {by}", unknown_extensions(policy, students))
    if times:
        _tell_of(f"--times: times of nobody here {by}", times.unknown(students))


def _engine(
    course: Course,
    unit: Unit,
    options: Options,
    given: dict[str, Any],
    total: int,
    warming: Warming,
) -> Engine:
    from grader.batch.messages import Setup
    from grader.batch.pool import Pool
    from grader.batch.station import patience
    from grader.cores import available_cores

    setup = Setup(
        root=str(course.root),
        unit=unit.id,
        stages=tuple(stage.id for stage in options.stages),
        level=options.sandbox,
        unsandboxed=given["allow_unsandboxed"],
        follow=options.follow,
    )
    seconds = patience(options.stages, follow=options.follow)
    if given["cluster"] is not None:
        from grader.batch.cluster import Cluster

        if given["jobs"]:
            raise UsageError(
                "--jobs is for this machine; a cluster's workers have their own number"
            )
        return Cluster(given["cluster"], course, unit, setup, seconds, total)
    return Pool(setup, given["jobs"] or available_cores(), seconds, warming)


def _stopped(done: int, total: int) -> str:
    return f"Stopped: {done} of {total} are done and kept. The same command goes on from there."


def _conclude(grading: Grading, journal: Journal, out: Path, json_to: str | None) -> int:
    """Say what the run came to."""
    from grader.batch.outcome import regraded, tally
    from grader.grades import Standing
    from grader.render.grading import changes_text, summary_text, summary_tree

    found, gone, again = tally(journal, grading.seen), grading.about.gone, grading.about.regrading
    changed = regraded(journal, grading.seen, grading.label) if again else []
    if not write_json(summary_tree(found, gone, changed, str(out)), json_to):
        click.echo(summary_text(found, gone, str(out)), nl=False)
        if again:
            click.echo()
            click.echo(changes_text(changed, again.stages, str(out)), nl=False)
    if grading.forgiven:
        tell(f"Late penalties taken back: {grading.forgiven}, as this run has no --late.")
    return 0 if found.counts.total() == found.counts[Standing.GRADED] else 1
