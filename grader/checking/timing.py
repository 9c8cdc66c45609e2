"""How long a student's function takes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from grader.clock import worked


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
    began, before = perf_counter(), clock()
    result = function(*args, **kwargs)
    after, ended = clock(), perf_counter()
    if before is None or after is None:
        return ended - began, result
    return after - before, result
