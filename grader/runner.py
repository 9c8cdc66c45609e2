"""One check run: pytest over the checks here, the student's code in workers."""

from __future__ import annotations

import datetime
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from grader import __version__, wire
from grader.authority import Authority
from grader.checkfiles import proxies, run_checks
from grader.collector import Collector, Extent
from grader.course import Course, Stage, Unit
from grader.edition.intact import examine
from grader.listener import Listener
from grader.results import (
    INTACT,
    CheckResult,
    CriterionResult,
    Evidence,
    Outcome,
    Report,
    StageResult,
)
from grader.sandbox import Sandbox
from grader.supervisor import Supervisor

MAX_SOURCE = 1 << 20


@dataclass(frozen=True)
class Candidate:
    """What is to be checked.

    Parameters
    ----------
    modules : mapping
        For each module of the unit its source, or why there is none: see `sources`.
    subject : str
        ``student`` or ``solution``.
    lent : tuple of Stage
        Stages in whose place the reference answers.
    only : tuple of Stage or None
        The stages to check, if not all that the run is about.
    quick : bool
        Leave out the criteria that are marked as slow.
    known : mapping
        The outcomes of stages that were checked before, by their ids: which of them may be
        to blame for a failure.
    """

    modules: Mapping[str, wire.Source | str]
    subject: str = "student"
    lent: tuple[Stage, ...] = ()
    only: tuple[Stage, ...] | None = None
    quick: bool = False
    known: Mapping[str, Outcome] = field(default_factory=dict)

    def wanted(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """Return which of the stages of a run are to be checked."""
        return stages if self.only is None else tuple(s for s in stages if s in self.only)


def check(
    course: Course,
    unit: Unit,
    stages: tuple[Stage, ...],
    sandbox: Sandbox,
    *,
    solution: bool = False,
    quick: bool = False,
    listener: Listener | None = None,
    modules: Mapping[str, wire.Source | str] | None = None,
) -> Report:
    """Run the checks of `stages` and return what they found.

    Parameters
    ----------
    sandbox : Sandbox
        Where the student's code runs.
    solution : bool
        Check the reference instead of the student's files.
    quick : bool
        Leave out the criteria that are marked as slow.
    modules : mapping, optional
        What to check, if not the files on disk: see `sources`.

    Raises
    ------
    CourseError
        A check file does not load or names an unknown criterion.
    """
    if modules is None:
        modules = sources(course, unit, solution=solution)
    candidate = Candidate(modules, "solution" if solution else "student", quick=quick)
    reports: list[Report] = []
    listener = listener or Listener()
    check_each(course, unit, stages, sandbox, [candidate], reports.append, listener)
    listener.over(sandbox.waited)
    return reports[0]


def check_each(
    course: Course,
    unit: Unit,
    stages: tuple[Stage, ...],
    sandbox: Sandbox,
    candidates: Iterable[Candidate],
    done: Callable[[Report], None],
    listener: Listener | None = None,
) -> None:
    """Check one candidate after the other; hand each report to `done`.

    The checks are collected once. A candidate is asked for when the last report was taken.

    Raises
    ------
    CourseError
        A check file does not load or names an unknown criterion.
    """
    intact = examine(course, unit)
    sound = tuple(stage for stage in stages if stage.id not in intact.lost)
    authority = Authority(unit, intact.lost)
    current: list[tuple[_Run, Candidate]] = []

    def supervisors() -> Iterator[tuple[Supervisor, Extent]]:
        for candidate in candidates:
            current[:] = [(_Run(unit, candidate), candidate)]
            lent = {s.id for s in candidate.lent}
            supervisor = Supervisor(
                sandbox, unit, candidate.modules, authority, lent, candidate.known
            )
            yield supervisor, Extent(candidate.wanted(sound), candidate.quick)

    def settled(results: tuple[StageResult, ...]) -> None:
        run, candidate = current[0]
        found = {result.id: result for result in results}
        lost = [s for s in candidate.wanted(stages) if s not in sound]
        found |= {s.id: _unjudged(s, intact.lost[s.id]) for s in lost}
        in_order = tuple(found[stage.id] for stage in stages if stage.id in found)
        done(run.report(in_order, sandbox, intact.notes))

    collector = Collector(sound, supervisors(), settled, authority, listener or Listener())
    with proxies(course, unit, authority.reference, collector.session):
        run_checks(course, sound, collector)


class _Run:
    """One candidate's run: when it began, and what is said about it."""

    def __init__(self, unit: Unit, candidate: Candidate) -> None:
        self._unit = unit
        self._candidate = candidate
        self._started = datetime.datetime.now(datetime.UTC)
        self._clock = time.monotonic()

    def report(
        self, stages: tuple[StageResult, ...], sandbox: Sandbox, notes: tuple[str, ...]
    ) -> Report:
        return Report(
            unit=self._unit.id,
            subject=self._candidate.subject,
            stages=stages,
            sandbox=sandbox.result,
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._clock, 3),
            versions={
                "grader": __version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
            notes=notes,
        )


def _unjudged(stage: Stage, why: str) -> StageResult:
    """Return the result of a stage about which nothing can be said."""
    title = "the files that judge are as they were handed out"
    check = CheckResult(INTACT, title, False, Outcome.BROKEN, 0.0, Evidence(why))
    criteria = (
        CriterionResult(c.id, c.sentence, c.points, (check,)) for c in stage.about.criteria
    )
    return StageResult(stage.id, stage.about.title, tuple(criteria))


def sources(course: Course, unit: Unit, *, solution: bool) -> dict[str, wire.Source | str]:
    """Read every module of `unit` for a worker; for one that cannot be read, say why not.

    In the place of a sealed solution stands the stub.
    """
    files = unit.given() | {
        stage.module: stage.reference if solution else stage.file for stage in unit.stages
    }
    return {module: _source(course.root, module, path) for module, path in files.items()}


def _source(root: Path, module: str, path: Path) -> wire.Source | str:
    shown = path.relative_to(root).as_posix()
    try:
        if path.exists() and not path.is_file():
            return f"{shown} is no ordinary file"
        with path.open("rb") as file:
            code = file.read(MAX_SOURCE + 1)
    except FileNotFoundError:
        return f"there is no {shown}; your answers for this stage belong there"
    except OSError as error:
        return f"{shown} cannot be read: {error.strerror}"
    if len(code) > MAX_SOURCE:
        return f"{shown} is larger than 1 MB"
    return wire.Source(module, shown, code)
