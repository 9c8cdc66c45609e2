"""What of a stage a check reaches, so that what it does not reach need not be tried."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from grader.reference import LiveReference


class Watched:
    """A reference that knows which functions and classes of one module were used.

    A check that goes well without a function goes just as well with a wrong version of it.

    Parameters
    ----------
    reference : LiveReference
    module : str
        The stage's module.
    """

    def __init__(self, reference: LiveReference, module: str) -> None:
        self._module = module
        self._known: set[str] = set()
        self.used: set[str] = set()
        self.reference = reference.changed(self._watch)

    def missed(self, name: str) -> bool:
        """Whether a function or class was not used, as far as that can be seen."""
        return name in self._known and name not in self.used

    def _watch(self, module: ModuleType) -> None:
        if module.__name__ != self._module:
            return
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isinstance(value, FunctionType):
                setattr(module, name, self._noting(name, value))
                self._known.add(name)
            elif isinstance(value, type):
                # By what makes its objects: the class itself must stay what it is.
                value.__init__ = self._noting(name, value.__init__)  # type: ignore[misc]  # of a class on purpose
                self._known.add(name)

    def _noting(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def noting(*args: Any, **kwargs: Any) -> Any:
            self.used.add(name)
            return function(*args, **kwargs)

        return noting
