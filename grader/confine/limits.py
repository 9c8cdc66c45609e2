"""Resource limits."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from dataclasses import dataclass

if sys.platform != "win32":
    import resource  # here, because a worker may no longer reach its interpreter's folder later


@dataclass(frozen=True)
class Limits:
    """What one worker may use; `tasks` counts threads beyond those its user already has."""

    memory_bytes: int = 2 << 30
    file_bytes: int = 16 << 20
    cpu_seconds: int = 600
    open_files: int = 64
    tasks: int = 16


def limit_resources(limits: Limits) -> None:
    """Cap memory, file size, CPU time, open files and tasks; switch core dumps off.

    Parameters
    ----------
    limits : Limits
        The caps. A hard limit that is already lower stays as it is.

    Notes
    -----
    The CPU limit's hard value is one second above the soft one, so that the process ends by
    SIGXCPU, which names the cause. Process limits do not bind root, so none is set for it.
    Windows has no such limits; elsewhere than on Linux one that the system refuses is left out.
    """
    if sys.platform == "win32":
        return
    wanted = [
        (resource.RLIMIT_AS, limits.memory_bytes, 0),
        (resource.RLIMIT_FSIZE, limits.file_bytes, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds, 1),
        (resource.RLIMIT_NOFILE, limits.open_files, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ]
    if sys.platform == "linux" and os.getuid() != 0:
        wanted.append((resource.RLIMIT_NPROC, count_tasks() + limits.tasks, 0))
    refusals = () if sys.platform == "linux" else (OSError, ValueError)
    for which, value, grace in wanted:
        _, ceiling = resource.getrlimit(which)
        hard = value + grace if ceiling == resource.RLIM_INFINITY else min(value + grace, ceiling)
        with contextlib.suppress(*refusals):
            resource.setrlimit(which, (min(value, hard), hard))


def count_tasks() -> int:
    """Return how many threads this user has.

    Notes
    -----
    Going through /proc takes milliseconds, so a number that is less than a second old serves
    again: a process that forks workers asks for it before, and they inherit it.
    """
    return _counted(os.getuid(), int(time.monotonic()))


@functools.lru_cache(maxsize=1)
def _counted(uid: int, second: int) -> int:
    """Threads whose real user is `uid`, as far as /proc shows them, in a `second` of the clock."""
    total = 0
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        with contextlib.suppress(OSError), open(f"/proc/{name}/status", "rb", 0) as file:
            _, _, status = file.read().partition(b"\nUid:\t")
            if int(status[: status.index(b"\t")]) == uid:
                total += int(status.partition(b"\nThreads:\t")[2].partition(b"\n")[0])
    return total
