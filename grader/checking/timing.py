"""How long a student's function takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from time import perf_counter
from typing import Any

import numpy as np

from grader.clock import worked

_ALIKE = 1.5
_PATIENCE = 2.0  # seconds


def timed(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[float, Any]:
    """Call a function, and measure it where it runs.

    Parameters
    ----------
    function : callable
        A student's, or one of the check's own to compare with.
    *args, **kwargs
        What it is called with.

    Returns
    -------
    seconds : float
        Processor time, which other programs on a busy machine do not lengthen; where the
        system does not tell that, the time that passed.
    result : object
        What the function returned.

    Notes
    -----
    The time of a student's function holds that of reading its arguments and writing its
    result. To be rid of it, subtract the time for a small argument.

    Examples
    --------
    >>> seconds, result = timed(sorted, [2, 1])
    >>> seconds < 1, result
    (True, [1, 2])
    """
    session = getattr(function, "__grader_session__", None)
    clock = session().worked if session else worked
    before, began = clock(), perf_counter()
    result = function(*args, **kwargs)
    ended, after = perf_counter(), clock()
    if before is None or after is None:
        return ended - began, result
    return after - before, result


def settled(
    value: Callable[..., float], clear: Callable[..., bool], *runs: Sequence[Any]
) -> float:
    """Return `value` of the shortest time that each of several runs took.

    The machine may be busy with something else, and that only adds. So they run round after
    round: until the value is clearly good, three rounds were alike, or two seconds are over.

    Parameters
    ----------
    value : callable
        From the seconds of each run to what is judged.
    clear : callable
        From the same to whether the value is good beyond doubt.
    *runs : (function, args) or (function, args, judge)
        What is timed: ``function(*args)``, whose arrays get other numbers each time, which
        nobody can foresee; ``judge(result, *args)`` looks whether the answer is right.

    Returns
    -------
    float

    Examples
    --------
    >>> settled(lambda few, many: many / few, lambda *_: True, (sum, [[1]]), (sum, [[1]])) > 0
    True
    """
    shortest = [inf] * len(runs)
    lately: list[list[float]] = []
    until = perf_counter() + _PATIENCE
    while perf_counter() < until:
        seconds = [_fastest(*run) for run in runs]
        shortest = [min(pair) for pair in zip(shortest, seconds, strict=True)]
        lately = [*lately[-2:], seconds]
        alike = all(max(run) < _ALIKE * min(run) for run in zip(*lately, strict=True))
        if clear(*shortest) or (len(lately) == 3 and alike):
            break
    return value(*shortest)


def _fastest(
    function: Callable[..., Any],
    args: Sequence[Any],
    judge: Callable[..., None] | None = None,
) -> float:
    """Return the shortest of three runs, in seconds."""
    seconds = []
    for _ in range(3):
        args = [_unforeseen(arg) if isinstance(arg, np.ndarray) else arg for arg in args]
        took, result = timed(function, *args)
        seconds.append(took)
        if judge is not None:
            judge(result, *args)
    return min(seconds)


def _unforeseen(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.random.default_rng().normal(size=array.shape).astype(array.dtype))
