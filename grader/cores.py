"""How many cores this process may use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def available_cores() -> int:
    """Return how many cores this process may use, a container's share included."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    return max(1, min(cores, _quota(Path("/sys/fs/cgroup"))))


def _quota(folder: Path) -> int:
    """Return the cores that a control group grants; very many if it sets no limit."""
    with contextlib.suppress(OSError, ValueError):
        quota, period = (folder / "cpu.max").read_text().split()
        return max(1, int(quota) // int(period))
    with contextlib.suppress(OSError, ValueError):
        quota = (folder / "cpu/cpu.cfs_quota_us").read_text()
        period = (folder / "cpu/cpu.cfs_period_us").read_text()
        if int(quota) > 0:
            return max(1, int(quota) // int(period))
    return 1 << 20
