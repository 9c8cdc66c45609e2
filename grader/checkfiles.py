"""The check files of a unit: how pytest runs them against proxies."""

from __future__ import annotations

import contextlib
import functools
import importlib.abc
import importlib.machinery
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, TypeGuard

import pytest

from grader.checking import checks
from grader.course import Course, Criterion, Stage, Unit
from grader.errors import CourseError, GraderError
from grader.remote import RemoteModule


class CheckPlugin:
    """A pytest plugin that knows stages and criteria; subclasses run the checks.

    Parameters
    ----------
    stages : sequence of Stage
        Whose checks are run.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = stages
        self.course_error: GraderError | None = None
        self._stage_of: dict[Path, Stage] = {}
        self._criterion_of: dict[pytest.Item, Criterion] = {}

    def without_checks(self) -> None:
        """No check file is there, and pytest has nothing to do."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Know the mark of criteria."""
        config.addinivalue_line("markers", "criterion(id): the success criterion of a check")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A check file that does not load is a fault of the course."""
        if report.failed and self.course_error is None:
            self.course_error = CourseError(f"{report.nodeid} does not load:\n{report.longrepr}")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A check that stands for no criterion is a fault of the course."""
        try:
            for item in items:
                self.criterion_of(item)
        except CourseError as error:
            self.course_error = self.course_error or error
            items.clear()

    def is_slow(self, item: pytest.Item) -> bool:
        """Whether a check takes too long to be repeated: it trains."""
        function = getattr(item, "obj", None)
        trains = function is not None and "progress" in names_used(function)
        return self.criterion_of(item).slow or trains

    def stage_of(self, item: pytest.Item) -> Stage:
        """Return the stage that a check belongs to."""
        found = self._stage_of.get(item.path)
        if found is None:
            above = item.path.parents
            found = next(s for s in self.stages if s.folder in above or s.released in above)
            self._stage_of[item.path] = found
        return found

    def criterion_of(self, item: pytest.Item) -> Criterion:
        """Return the success criterion that a check stands for."""
        known = self._criterion_of.get(item)
        if known is None:
            known = self._criterion_of[item] = self._marked(item)
        return known

    def _marked(self, item: pytest.Item) -> Criterion:
        if hasattr(getattr(item, "obj", None), "hypothesis"):
            raise CourseError(
                f"{item.nodeid}: hypothesis draws other cases elsewhere, for which an edition has "
                "no recorded answers. Draw them with grader.checking.cases"
            )
        stage, mark = self.stage_of(item), item.get_closest_marker("criterion")
        named = str(mark.args[0]) if mark and mark.args else ""
        found = stage.criterion(named)
        if found is None:
            known = ", ".join(c.id for c in stage.about.criteria)
            raise CourseError(f"{item.nodeid}: @criterion({named!r}): expected one of {known}")
        return found


class CoursePath(importlib.abc.MetaPathFinder):
    """Finds ``stages`` in the course's folder, and nothing else there.

    With the folder on the path, a student's ``unittest.py`` beside ``stages`` would be
    imported into the checker.
    """

    def __init__(self, course: Course) -> None:
        self._root = [str(course.root)]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of ``stages``; its submodules are found in its own folder."""
        if fullname != "stages":
            return None
        return importlib.machinery.PathFinder.find_spec(fullname, self._root)


@contextlib.contextmanager
def proxies(
    course: Course, unit: Unit, reference: checks.Reference, session: Callable[[], Any]
) -> Iterator[None]:
    """Let the checks import proxies for the student's modules, and tidy up afterwards."""
    before = set(sys.modules)
    finder = CoursePath(course)
    sys.meta_path.insert(0, finder)
    checks.reference.set(reference)
    for stage in unit.stages:
        sys.modules[stage.module] = RemoteModule(stage.module, session)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(sys.modules) - before:
            origin = str(getattr(sys.modules[name], "__file__", None) or "")
            folders = (str(course.root / "stages"), str(course.root / "solutions"))
            if origin.startswith(folders) or name.startswith("stages."):
                del sys.modules[name]


def runs(item: pytest.Function) -> Callable[[], None]:
    """Return what runs a check once more, with its parameters."""
    function = item.obj
    arguments = {name: item.funcargs[name] for name in _parameters(function)}
    return lambda: function(**arguments)


@functools.cache
def _parameters(function: Callable[..., None]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def names_used(function: Any) -> set[str]:
    """Return the names that a check uses, those inside its helpers included.

    Examples
    --------
    >>> def check(): return pad2d(1)
    >>> "pad2d" in names_used(check)
    True
    """
    helpers = {
        name: value.__code__
        for name, value in function.__globals__.items()
        if isinstance(value, FunctionType) and value.__module__ == function.__module__
    }
    pending, seen = [function.__code__], set()
    while pending:
        code = pending.pop()
        if code not in seen:
            seen.add(code)
            pending += [part for part in code.co_consts if isinstance(part, CodeType)]
            pending += [helpers[name] for name in code.co_names if name in helpers]
    return {name for code in seen for name in code.co_names}


def needs_nothing(item: pytest.Item) -> TypeGuard[pytest.Function]:
    """Whether a check is a plain function: no fixture, no parameter, no mark for pytest.

    Setting up and tearing down what is not there takes pytest longer than most checks.
    """
    if not isinstance(item, pytest.Function) or item.fixturenames or item.cls:
        return False
    return all(mark.name == "criterion" for mark in item.iter_markers())


def is_hidden(item: pytest.Item) -> bool:
    """Whether a check is one that students do not see."""
    return item.path.parent.name == "hidden"


def name_of(item: pytest.Item) -> str:
    """Return what a check is called in its stage: ``test_pad2d.py::test_one_pixel``."""
    return f"{'hidden/' if is_hidden(item) else ''}{item.path.name}::{item.name}"


def title_of(item: pytest.Item) -> str:
    """Return the first line of a check's docstring: its name in the report."""
    doc = getattr(getattr(item, "obj", None), "__doc__", None) or item.name
    return " ".join(doc.strip().splitlines()[0].split()).rstrip(".")


def run_checks(course: Course, stages: Sequence[Stage], plugin: CheckPlugin) -> None:
    """Run pytest once over the check files of `stages`.

    Raises
    ------
    CourseError
        A check file does not load or names an unknown criterion.
    """
    if not any(stage.checks() for stage in stages):
        plugin.without_checks()
        return
    # Relative: a "[" or "::" in the course's own path would mean something to pytest.
    files = [str(p.relative_to(course.root)) for stage in stages for p in stage.checks()]
    quiet = (
        "terminal cacheprovider junitxml doctest pastebin faulthandler logging "
        "warnings unraisableexception threadexception setuponly setupplan stepwise "
        "capture tmpdir unittest"
    )
    arguments = [part for name in quiet.split() for part in ("-p", f"no:{name}")]
    arguments += ["--import-mode=importlib", "--assert=plain", "-c", os.devnull]
    arguments += ["--rootdir", ".", "--noconftest"]
    # What a check file prints must not end up inside a report on standard output.
    with (
        contextlib.chdir(course.root),
        contextlib.redirect_stdout(sys.stderr),
        warnings.catch_warnings(action="ignore"),
        _environment(_PYTEST_ALONE),
    ):
        code = pytest.main([*arguments, *files], plugins=[plugin])
    if plugin.course_error:
        raise plugin.course_error
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise CourseError(f"pytest could not run the checks ({code!r})")


# Other plugins cost up to a second at the start, and none of them is wanted; nor are the
# options that somebody sets for pytest elsewhere.
_PYTEST_ALONE = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_ADDOPTS": None,
    "PYTEST_PLUGINS": None,
}


@contextlib.contextmanager
def _environment(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """Set environment variables, or remove those that are None, for a while."""
    before = {name: os.environ.get(name) for name in wanted}
    _set_environment(wanted)
    try:
        yield
    finally:
        _set_environment(before)


def _set_environment(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
