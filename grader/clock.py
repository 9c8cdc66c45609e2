"""Processor time: what a program has worked, however busy the machine is with others."""

from __future__ import annotations

import sys
import time

# How Linux numbers the clock of a whole process: the pid inverted, then three bits.
_OF_A_PROCESS = 2


def worked(pid: int = 0) -> float | None:
    """Return the seconds of processor time that a process has used.

    Parameters
    ----------
    pid : int, optional
        The process; 0 is this one.

    Returns
    -------
    float or None
        All its threads together; None where the system does not tell.

    Examples
    --------
    >>> before = worked()
    >>> before is None or before <= worked()
    True
    """
    if sys.platform != "linux":
        return None
    try:
        return time.clock_gettime(~pid << 3 | _OF_A_PROCESS)
    except OSError:  # no such process, or a kernel that does not tell
        return None
