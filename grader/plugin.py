"""The pytest plugin for running checks without the CLI: ``pytest stages/s13_cnn/conv``.

The checks run in pytest's own process, against the student's file or, with
``--solution``, against the reference: for debuggers and editors' test panels. Verdicts
come from ``grader check``, which runs the same files with the student's code apart.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from grader.course import Stage


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--solution``."""
    group = parser.getgroup("grader", "checks of the course")
    group.addoption(
        "--solution", action="store_true", help="run the checks against the reference solution"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark that ties a check to its criterion."""
    config.addinivalue_line("markers", "criterion(id): the success criterion of a check")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> None:
    """Prepare the process when the first check file of a unit turns up."""
    unit_folder = next((f for f in file_path.parents if (f / "unit.toml").is_file()), None)
    if unit_folder is None or "checks" not in file_path.parts:
        return
    config: Any = parent.config
    if not hasattr(config, "_grader_lone"):
        config._grader_lone = LoneProcess(file_path, solution=config.getoption("--solution"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse ``--solution`` where solutions are sealed."""
    lone: LoneProcess | None = getattr(session.config, "_grader_lone", None)
    if lone:
        lone.require_solutions({item.path for item in session.items})


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a check of the course; what is no check runs as pytest would have it."""
    lone: LoneProcess | None = getattr(pyfuncitem.config, "_grader_lone", None)
    return lone.run(pyfuncitem) if lone else None


class LoneProcess:
    """Checks, answers and the student's code in one process.

    Parameters
    ----------
    file_path : Path
        A check file of the unit.
    solution : bool
        Import the solutions under the names of the students' modules.
    """

    def __init__(self, file_path: Path, *, solution: bool) -> None:
        from grader.authority import Authority
        from grader.checking.checks import reference
        from grader.course import Course

        course = Course.find(file_path.parent)
        self._unit = next(u for u in course.units if u.folder in file_path.parents)
        self._solution = solution
        if str(course.root) not in sys.path:
            sys.path.insert(0, str(course.root))
        if solution:
            sys.meta_path.insert(0, SolutionFinder(self._unit.solutions()))
        authority = Authority(self._unit)
        self._reference = authority.reference
        reference.set(self._reference)

    def require_solutions(self, paths: Iterable[Path]) -> None:
        """Refuse to check solutions that are sealed."""
        import pytest

        stages = {stage.id: stage for path in paths if (stage := self._stage_of(path))}
        sealed = sorted(name for name, stage in stages.items() if stage.is_sealed)
        if self._solution and sealed:
            raise pytest.UsageError(
                f"--solution: {', '.join(sealed)}: the solution cannot run here. It, or one that "
                "it builds on, is sealed until your instructor releases it"
            )

    def run(self, item: pytest.Function) -> bool | None:
        """Run a check as `grader check` does; None for what is none."""
        from grader.checkfiles import runs

        stage = self._stage_of(item.path)
        if stage is None:
            return None
        self._reference.begin(stage.id)
        runs(item)()
        return True

    def _stage_of(self, path: Path) -> Stage | None:
        return next((s for s in self._unit.stages if s.folder in path.parents), None)


class SolutionFinder(importlib.abc.MetaPathFinder):
    """Imports the solutions under the names of the students' modules."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where the solution for a module lies; None for what is no stage."""
        file = self._files.get(fullname)
        return importlib.util.spec_from_file_location(fullname, file) if file else None
