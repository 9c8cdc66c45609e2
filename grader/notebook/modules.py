"""The student's modules in the notebook's process: as fresh as their files."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.errors import GraderError

_TOP = "stages"
_Stamp = tuple[int, int]


class Modules:
    """Imports the modules of a course, and again when one of their files changes.

    Parameters
    ----------
    root : Path
        The course's folder.
    files : iterable of Path
        The students' files.
    names : dict
        The notebook's own names. What they have of a module is replaced with it.
    """

    def __init__(self, root: Path, files: Iterable[Path], names: dict[str, Any]) -> None:
        self._root = root
        self._files = tuple(files)
        self._names = names
        self._stamps: dict[Path, _Stamp] = {}
        # What was put among the notebook's names: (module, value). Some does not say whose it is.
        self._fetched: dict[str, tuple[str, Any]] = {}
        # Of modules that do not load, what the notebook still holds: (there, here, value).
        self._old: dict[str, list[tuple[str, str, Any]]] = {}

    def open(self) -> None:
        """Make ``import stages`` find this course, from whichever folder."""
        root = str(self._root)
        if root in sys.path:
            sys.path.remove(root)
        sys.path.insert(0, root)
        self._forget()

    def refresh(self) -> str:
        """Load anew what was loaded from a file that has changed since.

        Returns
        -------
        problem : str
            Why a module does not load, else empty. The notebook then keeps the old one.
        """
        if self._stamps == self._look():
            return ""
        held = self._held()
        self._forget()
        self._old = {
            m: [(there, here, self._names[here]) for there, here in held[m]] for m in held
        }
        problems = []
        try:
            for module in held:
                if problem := self._renew(module, held[module]):
                    problems.append(problem)
                else:
                    del self._old[module]
        except KeyboardInterrupt:
            problems.append(_stopped(module))
        return "\n".join(dict.fromkeys(problems))

    def fetch(self, module: str, name: str, others: Iterable[str] = ()) -> None:
        """Put a name of a module, as its file is now, among the notebook's.

        Parameters
        ----------
        module, name : str
        others : iterable of str
            Other names that come with it, if the module has them. ``*`` is all of them.

        Raises
        ------
        GraderError
            The module does not load, or another file stands in for the student's.
        """
        self.refresh()
        try:
            found = importlib.import_module(module)
            values = {name: getattr(found, name)}
        except (Exception, SystemExit) as error:
            raise GraderError(_told(error, self._root)) from error
        except KeyboardInterrupt:
            raise GraderError(_stopped(module)) from None
        if found.__file__ and Path(found.__file__) not in self._files:
            raise GraderError(
                f"{name} is not loaded from your file: this notebook runs on\n"
                f"{_shown(found.__file__, self._root)} in place of it. "
                "Restart the kernel to run your own."
            )
        there, others = vars(found), set(others)
        if "*" in others:
            others |= {each for each in there if not each.startswith("_")}
        values |= {each: there[each] for each in others if each in there}
        self._names.update(values)
        self._fetched.update({each: (module, value) for each, value in values.items()})

    def _look(self) -> dict[Path, _Stamp]:
        found = {}
        for path in self._files:
            with contextlib.suppress(OSError):
                status = path.stat()
                found[path] = (status.st_mtime_ns, status.st_size)
        return found

    def _forget(self) -> None:
        """Forget every module of the course, so that the next import reads its file."""
        self._stamps = self._look()
        for name in [n for n in sys.modules if n.partition(".")[0] == _TOP]:
            del sys.modules[name]
        for path in self._files:
            # Compiled code counts as current if time (in seconds) and size agree.
            Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
        importlib.invalidate_caches()

    def _held(self) -> dict[str, list[tuple[str, str]]]:
        """Return what the notebook holds of each module: its name there, and here.

        A module that is held itself has no name there.
        """
        homes: dict[int, tuple[str, str]] = {}
        for module in [m for n, m in sys.modules.items() if n.partition(".")[0] == _TOP]:
            homes[id(module)] = (module.__name__, "")
            for there, value in vars(module).items():
                if getattr(value, "__module__", None) == module.__name__:
                    homes[id(value)] = (module.__name__, there)
        held: dict[str, list[tuple[str, str]]] = {}
        for here, value in self._names.items():
            if id(value) in homes:
                module_name, there = homes[id(value)]
                held.setdefault(module_name, []).append((there, here))
        for here, (module_name, value) in self._fetched.items():
            if self._names.get(here) is value and id(value) not in homes:
                held.setdefault(module_name, []).append((here, here))
        for module_name, old in self._old.items():
            still = [(there, here) for there, here, value in old if self._names.get(here) is value]
            if still:
                held[module_name] = list(dict.fromkeys([*held.get(module_name, []), *still]))
        return held

    def _renew(self, module: str, names: list[tuple[str, str]]) -> str:
        try:
            new = importlib.import_module(module)
        except (Exception, SystemExit) as error:
            return _told(error, self._root)
        for there, here in names:
            value = getattr(new, there, self._names[here]) if there else new
            self._names[here] = value
            if here in self._fetched:
                self._fetched[here] = (module, value)
        return ""


def _stopped(module: str) -> str:
    path = module.replace(".", "/")
    return f"Stopped while {path}.py was loading; what is here of it is the old version."


def _told(error: BaseException, root: Path) -> str:
    """Return an error of a student's module with the student's own lines."""
    if isinstance(error, SyntaxError):
        where = _shown(error.filename or "", root)
        return f"{where}, line {error.lineno}: {error.msg}. It does not load."
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).is_relative_to(root / _TOP)]
    lines = [f"{_shown(f.filename, root)}, line {f.lineno}: {f.line}" for f in own[-1:]]
    return "\n".join([*lines, f"{type(error).__name__}: {error}", "The module does not load."])


def _shown(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
