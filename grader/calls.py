"""One call, and what it did to its arguments.

A function of this course never changes an argument, and its result never shares memory
with one. Both can only be seen where the call runs: in the worker for a student's
function, here for the reference.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

# How long NumPy may search for an overlap before we take a shared buffer for one.
_OVERLAP_WORK = 100_000
# Results that are remembered, in bytes.
_KEPT = 1 << 18
# Stands among the arguments that a call changed.
LAST_RESULT = "its last result"
_CONTAINERS = (list, tuple, dict)
_MUTABLE = (np.ndarray, list)
_WALKED = (*_CONTAINERS, np.ndarray)
_VALUES = (int, float, str, np.generic, np.ndarray)
# What most arguments are: these need no closer look, which costs more than a short call.
_PLAIN = frozenset((type(None), bool, int, float, str))


@dataclass(frozen=True)
class Observed:
    """What one call returned and did.

    Parameters
    ----------
    value : object
        What it returned.
    changed : tuple of str
        The arguments that it changed in place: ``"0"``, ``"value"``, ``"0[2]"``; or
        `LAST_RESULT`.
    shared : tuple of str
        The arguments whose memory a returned array shares.
    """

    value: Any
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


def observe(
    function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Observed:
    """Call ``function(*args, **kwargs)`` and watch its arguments.

    Examples
    --------
    >>> observe(lambda x: x[1:], [np.array([1.0, 2.0])], {}).shared
    ('0',)
    """
    named = {**{str(i): arg for i, arg in enumerate(args)}, **kwargs}
    before = {path: _copy(value) for path, value in _mutable(named)}
    value = function(*args, **kwargs)
    if not before:  # numbers and text: nothing to change, nothing to share
        return Observed(value)
    after = dict(_mutable(named))
    changed = [path for path, old in before.items() if not _unchanged(old, after.get(path))]
    returned = [array for _, array in _mutable({"": value}) if isinstance(array, np.ndarray)]
    shared = [
        path
        for path, argument in after.items()
        if isinstance(argument, np.ndarray)
        and any(_share_memory(argument, array) for array in returned)
    ]
    return Observed(value, tuple(changed), tuple(shared))


def copied(value: Any) -> Any:
    """Return what `copy.deepcopy` does; of numbers, tuples and arrays in a quarter of the time.

    Examples
    --------
    >>> copied((1, "a", np.zeros(2)))
    (1, 'a', array([0., 0.]))
    """
    if type(value) in _PLAIN:
        return value
    if type(value) is tuple:
        return tuple(map(copied, value))
    if type(value) is dict:
        return {name: copied(item) for name, item in value.items()}
    return value.copy("K") if type(value) is np.ndarray else copy.deepcopy(value)


def changes(what: str) -> str:
    """Return in words what a call did to an argument, or to what the last call returned."""
    if what == LAST_RESULT:
        return "overwrites the array that it returned last time: each call returns a new one"
    return f"changes its argument {what} in place"


class Results:
    """What functions returned last, which no later call of theirs may change.

    Examples
    --------
    >>> results, buffer = Results(), np.zeros(2)
    >>> def fill(x): buffer[:] = x; return buffer
    >>> results.observe(fill, [1.0], {}).changed, results.observe(fill, [2.0], {}).changed
    ((), ('its last result',))
    """

    def __init__(self) -> None:
        self._last: dict[Any, list[tuple[Any, Any]]] = {}

    def observe(
        self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Observed:
        """Make a call as `observe` does, and see whether it changes what the last one returned.

        Of functions of numbers and arrays: an object may well keep what it hands out.
        """
        observed = observe(function, args, kwargs)
        if not inspect.isfunction(function) or not _is_plain([*args, *kwargs.values()]):
            return observed
        if any(not _unchanged(copy, array) for array, copy in self._last.pop(function, [])):
            observed = replace(observed, changed=(*observed.changed, LAST_RESULT))
        arrays = [array for _, array in _mutable({"": observed.value})]
        small = [a for a in arrays if isinstance(a, np.ndarray) and a.nbytes <= _KEPT]
        self._last[function] = [(array, array.copy()) for array in small]
        return observed


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Call our own code as if it ran in a program of its own, as a student's does.

    A check may turn warnings into errors, or silence them. A student's program does not hear
    of that; if ours did, what it raises would be taken for its answer.

    Examples
    --------
    >>> with np.errstate(over="raise"), undisturbed():
    ...     float(np.float32(1e38) * np.float32(10))
    inf
    """
    with warnings.catch_warnings(action="ignore"), np.errstate(all="warn", under="ignore"):
        yield


def _mutable(named: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Walk arrays and lists, those inside tuples, lists and dictionaries included."""
    pending = [(path, value) for path, value in named.items() if type(value) not in _PLAIN]
    seen: set[int] = set()
    for path, value in pending:  # which grows on the way
        if isinstance(value, _CONTAINERS):
            if id(value) in seen:
                continue
            seen.add(id(value))
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            pending += [
                (f"{path}[{key!r}]", item)
                for key, item in inner
                if type(item) not in _PLAIN and isinstance(item, _WALKED)
            ]
        if isinstance(value, _MUTABLE):
            yield str(path), value


def _is_plain(value: Any) -> bool:
    if type(value) in _PLAIN:
        return True
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, _VALUES)


def _copy(value: Any) -> Any:
    return value.copy()


def _unchanged(old: Any, new: Any) -> bool:
    if type(old) is not type(new):
        return False
    if isinstance(old, list):
        return len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True))
    return bool(
        old.shape == new.shape and old.dtype == new.dtype and old.tobytes() == new.tobytes()
    )


def _share_memory(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    try:
        return bool(np.shares_memory(a, b, max_work=_OVERLAP_WORK))  # type: ignore[arg-type]  # any integer will do
    except Exception:  # NumPy's own "too hard to tell": the bounds overlap, call it shared
        return True
