"""The process itself: who it is, who sees into it, when it ends."""

from __future__ import annotations

import contextlib
import os
import sys

from grader.confine.kernel import SET_CHILD_SUBREAPER, SET_DUMPABLE, SET_PDEATHSIG, prctl

_SIGKILL = 9


def undumpable() -> None:
    """Close this process's memory, environment and descriptors to others of its user."""
    prctl(SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """Have this process killed when the thread that forked it ends."""
    prctl(SET_PDEATHSIG, _SIGKILL)


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that they can be found."""
    prctl(SET_CHILD_SUBREAPER, 1)


def drop_privileges(uid: int) -> None:
    """Become the ordinary user `uid`, with the group of that number and no other, for good.

    Does nothing unless the process runs as root.

    Raises
    ------
    ValueError
        If `uid` is root's.
    RuntimeError
        If the process could become root again.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    if uid <= 0:
        raise ValueError(f"drop_privileges: uid {uid} is not an ordinary user")
    os.setgroups([])
    os.setgid(uid)  # as root, real, effective and saved alike
    os.setuid(uid)
    for return_to_root in (os.setuid, os.setgid):
        with contextlib.suppress(PermissionError):
            return_to_root(0)
            raise RuntimeError("drop_privileges: this process could become root again")
