"""A session without a worker: our own code in the student's place.

Checks see the same proxies as with a student's program, and the same semantics: arrays are
copied on the way in and out, exceptions come as `StudentError`.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader import wire
from grader.calls import Observed, Results, observe, undisturbed
from grader.clock import worked
from grader.errors import Ended, StudentError
from grader.reference import LiveReference
from grader.remote import argument_changed, as_student_error


class Local:
    """Answers calls from a reference, which may hold a mistake.

    Parameters
    ----------
    reference : LiveReference
        What answers.
    most : int, optional
        After so many calls of a module's functions and classes it ends.
    """

    ended = ""

    def __init__(self, reference: LiveReference, most: int | None = None) -> None:
        self._reference = reference
        self._left = math.inf if most is None else most
        self._results = Results()

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call the reference's version of a student's function."""
        self._left -= 1
        if self._left < 0:
            raise Ended("made more calls than it may")
        found: Any = self._reference.module(function.__module__)
        for name in function.__qualname__.split("."):
            found = getattr(found, name)
        return _observed(found, args, kwargs, self._results.observe)

    def begin(self) -> None:
        """A check begins: what the last one was given is none of its business."""
        self._results = Results()

    def worked(self) -> float | None:
        """Return the seconds of processor time of this process, where the reference runs."""
        return worked()


class LocalObject:
    """An object of the reference, as a check sees a student's object."""

    def __init__(self, inner: Any) -> None:
        object.__setattr__(self, "_inner", inner)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _guarded(lambda: _outside(getattr(self._inner, name)))

    def __setattr__(self, name: str, value: Any) -> None:
        _guarded(lambda: setattr(self._inner, name, inside(value)))


class LocalFunction:
    """A method of the reference, as a check sees a student's."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self._inner = inner
        self.__qualname__ = getattr(inner, "__qualname__", "method")
        self.__name__ = self.__qualname__.rpartition(".")[2]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, and insist that it leaves its arguments alone."""
        observed = self.observe(args, kwargs)
        if observed.changed:
            raise argument_changed(self.__name__, observed.changed[0])
        return observed.value

    def observe(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call it, and tell what the call did to its arguments."""
        return _observed(self._inner, args, kwargs)


def _observed(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    watch: Callable[..., Observed] = observe,
) -> Observed:
    named = {name: inside(value) for name, value in kwargs.items()}
    seen = _guarded(lambda: watch(function, [inside(arg) for arg in args], named))
    return Observed(_outside(seen.value), seen.changed, seen.shared)


def _guarded(action: Callable[[], Any]) -> Any:
    """Do something that may raise what a student's code could raise."""
    try:
        with undisturbed():
            return action()
    except StudentError:
        raise
    except Exception as error:
        raise as_student_error(error) from error


def inside(value: Any) -> Any:
    """Return what the reference gets for a check's value."""
    if isinstance(value, LocalObject | LocalFunction):
        return value._inner
    if isinstance(value, list | tuple):
        return type(value)(map(inside, value))
    if isinstance(value, np.ndarray):
        return wire.copied(value)  # in the memory layout that a worker would see
    if isinstance(value, np.random.Generator):
        return copy.deepcopy(value)
    return value


def _outside(value: Any) -> Any:
    """Return what a check gets for the reference's value."""
    if isinstance(value, list | tuple):
        return type(value)(map(_outside, value))
    if isinstance(value, dict):
        return {key: _outside(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return value.copy()
    if value is None or isinstance(value, bool | int | float | str | np.generic):
        return value
    return LocalFunction(value) if callable(value) and not _is_layer(value) else LocalObject(value)


def _is_layer(value: Any) -> bool:
    """Whether something callable is an object with a state rather than a function."""
    return not hasattr(value, "__qualname__")
