"""How a worker finds the course's modules: in memory, as it was sent them."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from grader import wire


class CourseFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the course's modules from memory, and nothing else under their names."""

    def __init__(
        self, sources: Sequence[wire.Source], elsewhere: Mapping[str, ModuleType]
    ) -> None:
        self._sources = {source.module: source for source in sources}
        self._elsewhere = elsewhere
        self._packages = {
            name.rsplit(".", depth)[0]
            for name in (*self._sources, *elsewhere)
            for depth in range(1, name.count(".") + 1)
        }
        self._roots = {name.partition(".")[0] for name in self._sources}

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for a course module; None for what is not of the course."""
        if fullname.partition(".")[0] not in self._roots:
            return None
        if fullname in self._sources:
            origin = self._sources[fullname].path
            return importlib.machinery.ModuleSpec(fullname, self, origin=origin)
        if fullname in self._elsewhere:
            return importlib.machinery.ModuleSpec(fullname, self)
        if fullname in self._packages:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        known = ", ".join(sorted((*self._sources, *self._elsewhere)))
        raise ModuleNotFoundError(
            f"No module named {fullname!r} in a check; of the course there are {known}",
            name=fullname,
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Return what stands for a module that lives elsewhere."""
        return self._elsewhere.get(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's source; a package of the course is empty."""
        source = self._sources.get(module.__name__)
        if source is not None:
            module.__file__ = source.path
            exec(compile(source.code, source.path, "exec"), module.__dict__)
