"""One check run: pytest over the checks here, the student's code in workers."""

from __future__ import annotations

import contextlib
import datetime
import inspect
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader import __version__, wire
from grader.checking import checks
from grader.course import Course, Criterion, Stage, Unit
from grader.errors import CourseError, GraderError
from grader.remote import RemoteModule
from grader.results import CheckResult, CriterionResult, Report, StageResult
from grader.sandbox import Sandbox
from grader.supervisor import Supervisor
from grader.verdict import Verdict, broken

MAX_SOURCE = 1 << 20


class Listener:
    """Hears how a run goes on; this one does nothing about it."""

    def began(self, total: int) -> None:
        """So many checks will run."""

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""

    def finished(self) -> None:
        """A check is over."""

    def progress(self, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""


def check(
    course: Course,
    unit: Unit,
    stages: tuple[Stage, ...],
    *,
    solution: bool = False,
    quick: bool = False,
    level: str | None = None,
    listener: Listener | None = None,
) -> Report:
    """Run the checks of `stages` and return what they found.

    Parameters
    ----------
    solution : bool
        Check the reference instead of the student's files.
    quick : bool
        Leave out the criteria that are marked as slow.
    level : str, optional
        The sandbox level to insist on.

    Raises
    ------
    CourseError
        A check file does not load or names an unknown criterion.
    """
    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    with Sandbox(level) as sandbox:
        supervisor = Supervisor(sandbox, unit, sources(course, unit, solution=solution))
        collector = Collector(stages, supervisor, quick=quick, listener=listener or Listener())
        with supervisor, _modules(course, unit, supervisor):
            _run_pytest(course, stages, collector)
        result = sandbox.result
    return Report(
        unit=unit.id,
        subject="solution" if solution else "student",
        stages=tuple(collector.stage_result(stage) for stage in stages),
        sandbox=result,
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
        with path.open("rb") as file:
            code = file.read(MAX_SOURCE + 1)
    except FileNotFoundError:
        return f"there is no {shown}; your answers for this stage belong there"
    except OSError as error:
        return f"{shown} cannot be read: {error.strerror}"
    if len(code) > MAX_SOURCE:
        return f"{shown} is larger than 1 MB"
    return wire.Source(module, shown, code)


@contextlib.contextmanager
def _modules(course: Course, unit: Unit, supervisor: Supervisor) -> Iterator[None]:
    """Let the checks import proxies for the student's modules, and tidy up afterwards."""
    before = set(sys.modules)
    sys.path.insert(0, str(course.root))
    checks.reference.set(supervisor.reference)
    for stage in unit.stages:
        sys.modules[stage.module] = RemoteModule(stage.module, supervisor.current)
    try:
        yield
    finally:
        sys.path.remove(str(course.root))
        for name in set(sys.modules) - before:
            origin = str(getattr(sys.modules[name], "__file__", None) or "")
            if origin.startswith(str(course.root / "stages")) or name.startswith("stages."):
                del sys.modules[name]


def _run_pytest(course: Course, stages: tuple[Stage, ...], collector: Collector) -> None:
    files = [str(path) for stage in stages for path in stage.checks()]
    quiet = "no:terminal no:cacheprovider no:junitxml no:doctest no:pastebin no:faulthandler"
    arguments = [part for plugin in quiet.split() for part in ("-p", plugin)]
    arguments += ["--import-mode=importlib", "--assert=plain", "-s", "-c", os.devnull]
    arguments += ["--rootdir", str(course.root), "--noconftest"]
    # Other plugins cost up to a second at the start, and none of them is wanted.
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        code = pytest.main([*arguments, *files], plugins=[collector]) if files else None
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
    if collector.course_error:
        raise collector.course_error
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise CourseError(f"pytest could not run the checks ({code!r})")


class Collector:
    """The pytest plugin of a run: orders checks by stage, runs them, keeps the verdicts."""

    def __init__(
        self,
        stages: tuple[Stage, ...],
        supervisor: Supervisor,
        *,
        quick: bool,
        listener: Listener,
    ) -> None:
        self._stages = stages
        self._supervisor = supervisor
        self._quick = quick
        self._listener = listener
        self._results: dict[tuple[str, str], list[CheckResult]] = {}
        self.course_error: GraderError | None = None

    # --- hooks of pytest --------------------------------------------------------------
    def pytest_configure(self, config: pytest.Config) -> None:
        """Know the mark of criteria."""
        config.addinivalue_line("markers", "criterion(id): the success criterion of a check")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A check file that does not load is a fault of the course."""
        if report.failed and self.course_error is None:
            self.course_error = CourseError(f"{report.nodeid} does not load:\n{report.longrepr}")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what ``--quick`` leaves out."""
        try:
            if self._quick:
                items[:] = [i for i in items if not self._criterion_of(i).slow]
            else:
                for item in items:
                    self._criterion_of(item)
        except CourseError as error:
            self.course_error = self.course_error or error
            items.clear()
        self._listener.began(len(items))

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check under supervision; what it raises becomes a verdict, not a report."""
        stage, criterion = self._stage_of(pyfuncitem), self._criterion_of(pyfuncitem)
        names = inspect.signature(pyfuncitem.obj).parameters
        arguments = {name: pyfuncitem.funcargs[name] for name in names}
        self._listener.running(stage, _title(pyfuncitem))
        token = checks.on_progress.set(self._listener.progress)
        clock = time.monotonic()
        try:
            verdict = self._supervisor.run(stage, criterion, lambda: pyfuncitem.obj(**arguments))
        finally:
            checks.on_progress.reset(token)
        self._keep(pyfuncitem, stage, verdict, time.monotonic() - clock)
        self._listener.finished()
        return True

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """What is raised around a check is a fault of ours, and never passed over."""
        error = call.excinfo and call.excinfo.value
        if isinstance(error, GraderError):
            self.course_error = self.course_error or error
        elif error:
            self._keep(item, self._stage_of(item), broken(error), 0.0)

    # --- results ----------------------------------------------------------------------
    def stage_result(self, stage: Stage) -> StageResult:
        """Return what was found about one stage."""
        left_out = [c for c in stage.about.criteria if self._quick and c.slow]
        return StageResult(
            id=stage.id,
            title=stage.about.title,
            criteria=tuple(
                CriterionResult(
                    c.id, c.sentence, c.points, tuple(self._results.get((stage.id, c.id), ()))
                )
                for c in stage.about.criteria
                if c not in left_out
            ),
            left_out=tuple(c.id for c in left_out),
            printed=self._supervisor.printed_at_import(stage),
        )

    def _keep(self, item: pytest.Item, stage: Stage, verdict: Verdict, seconds: float) -> None:
        evidence = verdict.evidence
        printed = self._supervisor.take_printed()
        if evidence is not None and printed:
            evidence = replace(evidence, printed=printed)
        result = CheckResult(
            name=item.name,
            title=_title(item),
            hidden="hidden" in item.path.parts,
            outcome=verdict.outcome,
            seconds=round(seconds, 4),
            evidence=evidence,
            blocked_by=verdict.blocked_by,
        )
        self._results.setdefault((stage.id, self._criterion_of(item).id), []).append(result)

    def _stage_of(self, item: pytest.Item) -> Stage:
        return next(stage for stage in self._stages if stage.folder in item.path.parents)

    def _criterion_of(self, item: pytest.Item) -> Criterion:
        stage, mark = self._stage_of(item), item.get_closest_marker("criterion")
        named = str(mark.args[0]) if mark and mark.args else ""
        found = stage.criterion(named)
        if found is None:
            known = ", ".join(c.id for c in stage.about.criteria)
            raise CourseError(f"{item.nodeid}: @criterion({named!r}): expected one of {known}")
        return found


def _title(item: pytest.Item) -> str:
    doc = getattr(getattr(item, "obj", None), "__doc__", None) or item.name
    return " ".join(doc.strip().splitlines()[0].split()).rstrip(".")
