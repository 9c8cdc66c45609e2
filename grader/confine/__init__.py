"""Confinement that a worker puts on itself before it meets code that nobody trusts.

Every function here only takes rights away, from the calling process and for good. The order
that works, in a process with one thread that has imported all it needs from elsewhere::

    os.setsid()                         # refused later
    drop_privileges(uid)                # clears the parent-death signal, so before it
    die_with_parent()
    undumpable()
    limit_resources(Limits())           # counts tasks in /proc, so before restrict_files
    restrict_files(readable, writable)
    restrict_calls()                    # kill() to this pid only, so after any fork

Landlock guards the files; the seccomp filter guards all that Landlock cannot see (sockets of
every family, processes, signals, changes of mode and owner) and, on kernels before 6.12, what
it cannot see yet. Where both cover the same act, either one alone is enough.
"""

import sys

from grader.confine.landlock import landlock_abi, restrict_files
from grader.confine.limits import Limits, count_tasks, limit_resources
from grader.confine.process import adopt_orphans, die_with_parent, drop_privileges, undumpable
from grader.confine.seccomp import has_seccomp, machine_name, restrict_calls

__all__ = [
    "Limits",
    "adopt_orphans",
    "count_tasks",
    "die_with_parent",
    "drop_privileges",
    "limit_resources",
    "restrict_calls",
    "restrict_files",
    "supported",
    "undumpable",
]


def supported() -> tuple[str, ...]:
    """Say what this system lacks for level L1, in short plain phrases.

    Returns
    -------
    tuple of str
        Empty if nothing is missing. With "Linux", "Landlock" or "seccomp" in it there is no
        L1; any other phrase names a part of Landlock that seccomp makes up for.
    """
    if sys.platform != "linux":
        return ("Linux",)
    abi, machine = landlock_abi(), machine_name()
    missing = []
    if abi == 0:
        missing.append("Landlock")
    for since, what in (
        (3, "Landlock truncation (kernel 6.2)"),
        (4, "Landlock TCP rules (kernel 6.7)"),
        (5, "Landlock device control (kernel 6.10)"),
        (6, "Landlock signal scopes (kernel 6.12)"),
    ):
        if 0 < abi < since:
            missing.append(what)
    if machine is None or not has_seccomp(machine):
        missing.append("seccomp")
    return tuple(missing)
