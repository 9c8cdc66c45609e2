"""One check run: pytest over the checks here, the student's code in workers."""

from __future__ import annotations

import datetime
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from grader import __version__, wire
from grader.checkfiles import proxies, run_checks
from grader.collector import Collector, Listener
from grader.course import Course, Stage, Unit
from grader.results import Report
from grader.sandbox import Sandbox
from grader.supervisor import Supervisor

MAX_SOURCE = 1 << 20


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
    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    if modules is None:
        modules = sources(course, unit, solution=solution)
    supervisor = Supervisor(sandbox, unit, modules)
    collector = Collector(stages, supervisor, quick=quick, listener=listener or Listener())
    with supervisor, proxies(course, unit, supervisor.reference, supervisor.current):
        run_checks(course, stages, collector)
    return Report(
        unit=unit.id,
        subject="solution" if solution else "student",
        stages=tuple(collector.stage_result(stage) for stage in stages),
        sandbox=sandbox.result,
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        versions={
            "grader": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
    )


def sources(course: Course, unit: Unit, *, solution: bool) -> dict[str, wire.Source | str]:
    """Read every module of `unit` for a worker; for one that cannot be read, say why not."""
    files = unit.given() | {
        stage.module: stage.solution if solution else stage.file for stage in unit.stages
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
