"""One check run: pytest over the checks here, the student's code in workers."""

from __future__ import annotations

import datetime
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader import __version__, wire
from grader.authority import Authority
from grader.checkfiles import proxies, run_checks
from grader.collector import Collector
from grader.course import Course, Stage, Unit
from grader.listener import Listener
from grader.results import Report, StageResult
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
    """

    modules: Mapping[str, wire.Source | str]
    subject: str = "student"
    lent: tuple[Stage, ...] = ()
    only: tuple[Stage, ...] | None = None


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
    candidate = Candidate(modules, "solution" if solution else "student")
    reports: list[Report] = []
    check_each(
        course, unit, stages, sandbox, [candidate], reports.append, quick=quick, listener=listener
    )
    return reports[0]


def check_each(
    course: Course,
    unit: Unit,
    stages: tuple[Stage, ...],
    sandbox: Sandbox,
    candidates: Iterable[Candidate],
    done: Callable[[Report], None],
    *,
    quick: bool = False,
    listener: Listener | None = None,
) -> None:
    """Check one candidate after the other; hand each report to `done`.

    The checks are collected once. A candidate is asked for when the last report was taken.

    Raises
    ------
    CourseError
        A check file does not load or names an unknown criterion.
    """
    authority = Authority(unit)
    current: list[_Run] = []

    def supervisors() -> Iterator[tuple[Supervisor, tuple[Stage, ...]]]:
        for candidate in candidates:
            current[:] = [_Run(unit, candidate)]
            lent = {s.id for s in candidate.lent}
            supervisor = Supervisor(sandbox, unit, candidate.modules, authority, lent)
            yield supervisor, stages if candidate.only is None else candidate.only

    def settled(results: tuple[StageResult, ...]) -> None:
        done(current[0].report(results, sandbox))

    collector = Collector(
        stages, supervisors(), settled, authority, quick=quick, listener=listener or Listener()
    )
    with proxies(course, unit, authority.reference, collector.session):
        run_checks(course, stages, collector)


class _Run:
    """One candidate's run: when it began, and what is said about it."""

    def __init__(self, unit: Unit, candidate: Candidate) -> None:
        self._unit = unit
        self._candidate = candidate
        self._started = datetime.datetime.now(datetime.UTC)
        self._clock = time.monotonic()

    def report(self, stages: tuple[StageResult, ...], sandbox: Sandbox) -> Report:
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
        )


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
