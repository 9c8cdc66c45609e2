"""The reference: right answers, from the solutions of the course.

Where a solution is sealed, a recording answers in its place.

It lives in the checker's process alone. A solution imports the other stages by the names
that a student's file uses; here those names mean the other solutions, whatever
``sys.modules`` holds under them.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Protocol

from grader.errors import CourseError
from grader.recording import Parameters, public_names

Change = Callable[[ModuleType], None]


class StandIn(Protocol):
    """What answers in the place of solutions that are sealed."""

    def begin(self, stage: str) -> None:
        """A check of a stage begins."""

    def answers(self, name: str) -> bool:
        """Whether it answers for a module in the check that has begun."""

    def module(self, name: str) -> ModuleType:
        """Return what stands in for a module."""


class LiveReference:
    """Solutions, loaded when first asked for.

    Parameters
    ----------
    solutions : mapping of str to Path
        The file of each course module, by the name that it is imported under.
    stand_in : StandIn, optional
        Answers in the place of what is sealed.
    """

    def __init__(self, solutions: Mapping[str, Path], stand_in: StandIn | None = None) -> None:
        self._solutions = solutions
        self._stand_in = stand_in
        self._modules: dict[str, ModuleType] = {}
        self._code: dict[Path, CodeType] = {}
        self._change: Change = lambda module: None

    def changed(self, change: Change) -> LiveReference:
        """Return a reference of its own, each module of which goes through `change`."""
        other = LiveReference(self._solutions, self._stand_in)
        other._code, other._change = self._code, change
        return other

    def module(self, name: str) -> ModuleType:
        """Return the reference's version of the course module `name`.

        Raises
        ------
        CourseError
            There is no solution, or it does not load.
        """
        if self._stand_in and self._stand_in.answers(name):
            return self._stand_in.module(name)
        return self._solution(name)

    def _solution(self, name: str) -> ModuleType:
        if name not in self._modules:
            if name not in self._solutions:
                raise CourseError(f"there is no reference for {name}")
            self._modules[name] = self.load(name, self._solutions[name])
        return self._modules[name]

    def begin(self, stage: str) -> None:
        """A check of a stage begins: objects of earlier ones are done with."""
        if self._stand_in:
            self._stand_in.begin(stage)

    def knows(self, name: str) -> bool:
        """Whether there is a reference for a module."""
        return name in self._solutions or bool(self._stand_in and self._stand_in.answers(name))

    def public_names(self, name: str) -> dict[str, Parameters | None]:
        """Return what a module defines for others, functions with their parameters."""
        return public_names(vars(self.module(name)), name)

    def load(self, name: str, path: Path) -> ModuleType:
        """Run one of the course's own files, with imports of stages meaning the reference."""
        module = ModuleType(name)
        module.__file__ = str(path)
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self._import}
        try:
            if path not in self._code:
                self._code[path] = compile(path.read_bytes(), path, "exec")
            exec(self._code[path], module.__dict__)
        except Exception as error:
            raise CourseError(f"{path} does not load: {error!r}") from error
        self._change(module)
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> ModuleType:
        """``from stages... import name`` inside a solution means another solution."""
        if fromlist and name in self._solutions:
            return self._solution(name)
        return builtins.__import__(name, globals, locals, fromlist, level)
