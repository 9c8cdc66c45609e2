"""One at a time: a lock that two runs of the grader on one course respect."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError

PATIENCE = 30.0  # seconds; what is done under the lock takes less than one


@contextlib.contextmanager
def locked(root: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock of a course. The system frees it even if the process is killed.

    Raises
    ------
    UsageError
        Another process did not let go of it for `patience` seconds.
    """
    path = private_folder(root) / "lock"
    with path.open("a+b") as file:
        give_up = time.monotonic() + patience
        while not _taken(file.fileno()):
            if time.monotonic() > give_up:
                raise UsageError(
                    f"another grader works on this course and holds {path}.\n"
                    "Wait until it has finished, and try again."
                )
            time.sleep(0.02)
        yield  # closing the file frees the lock


def private_folder(root: Path) -> Path:
    """Return ``.grader/`` of a course: made if need be, and never a part of a repository."""
    folder = root / ".grader"
    folder.mkdir(mode=0o700, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists() or not ignore.stat().st_size:  # empty where a disk was full
        ignore.write_text("# Made by the grader: nothing here belongs in a repository.\n*\n")
    return folder


def _taken(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        # A network drive without locks: there, one at a time is up to those who work on it.
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            raise
    return True
