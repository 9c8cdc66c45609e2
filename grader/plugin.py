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
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from grader.course import Unit


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
    if not hasattr(config, "_grader_unit"):
        config._grader_unit = _prepare(file_path, solution=config.getoption("--solution"))


def _prepare(file_path: Path, *, solution: bool) -> Unit:
    from grader.checking.checks import reference
    from grader.course import Course
    from grader.reference import LiveReference

    course = Course.find(file_path.parent)
    unit = next(u for u in course.units if u.folder in file_path.parents)
    if str(course.root) not in sys.path:
        sys.path.insert(0, str(course.root))
    if solution:
        sys.meta_path.insert(0, SolutionFinder(unit.solutions()))
    reference.set(LiveReference(unit.solutions()))
    return unit


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
