"""One call, and what it did to its arguments.

A function of this course never changes an argument, and its result never shares memory
with one. Both can only be seen where the call runs: in the worker for a student's
function, here for the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# How long NumPy may search for an overlap before we take a shared buffer for one.
_OVERLAP_WORK = 100_000


@dataclass(frozen=True)
class Observed:
    """What one call returned and did.

    Parameters
    ----------
    value : object
        What it returned.
    changed : tuple of str
        The arguments that it changed in place: ``"0"``, ``"value"``, ``"0[2]"``.
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


def _mutable(named: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Walk arrays and lists, those inside tuples, lists and dictionaries included."""
    pending = list(named.items())
    seen: set[int] = set()
    while pending:
        path, value = pending.pop(0)
        if isinstance(value, list | tuple | dict):
            if id(value) in seen:
                continue
            seen.add(id(value))
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            pending += [(f"{path}[{key!r}]", item) for key, item in inner]
        if isinstance(value, np.ndarray | list):
            yield str(path), value


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
