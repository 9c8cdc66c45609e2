"""Files, TCP, abstract sockets and signals: Landlock."""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Sequence

from grader.confine.kernel import SET_NO_NEW_PRIVS, prctl, syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on all machines
_PATH_BENEATH = 1
_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FILE_RIGHTS = _WRITE_FILE | _READ_FILE | _TRUNCATE  # what a rule on a plain file may grant
_READ = _READ_FILE | _READ_DIR
# No links, pipes, sockets or devices: the checker may later open what it finds there.
_WRITE = _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _REFER | _TRUNCATE
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


def restrict_files(readable: Sequence[str], writable: Sequence[str]) -> None:
    """Close the file system but for these paths, with the best Landlock the kernel has.

    Nothing may be executed anywhere. Where the kernel can, TCP, abstract Unix sockets and
    signals to processes outside are closed as well.

    Parameters
    ----------
    readable, writable : sequence of str
        Folders, with all that is in them, or files. What is writable is also readable. Paths
        that do not exist, or that this user cannot reach, are skipped.

    Raises
    ------
    RuntimeError
        If the process has several threads: Landlock would bind only this one.
    OSError
        If the kernel has no Landlock.
    """
    abi = landlock_abi()
    if abi == 0:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("restrict_files: Landlock binds one thread, and there are several")

    handled = _REFER - 1  # every right of ABI 1
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        handled |= right if abi >= since else 0
    network = _TCP_BIND_AND_CONNECT if abi >= 4 else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0
    ruleset = syscall(_CREATE_RULESET, struct.pack("QQQ", handled, network, scopes), 24, 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ & handled)
        for path in writable:
            _allow(ruleset, path, (_READ | _WRITE) & handled)
        prctl(SET_NO_NEW_PRIVS, 1)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _FILE_RIGHTS
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)


def landlock_abi() -> int:
    """Landlock's version in this kernel, 0 where it is absent or switched off."""
    try:
        return syscall(_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0
