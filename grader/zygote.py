"""A warm process that workers are forked from.

Starting Python with NumPy takes a tenth of a second, forking a process that has done so
a few milliseconds. The zygote holds no secret, has one thread, and does four things:
fork a worker for a connection that it is handed, read its processor time, end one with
everything that it started, and end all when the checker goes away.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from grader import confine, wire, worker
from grader.clock import worked
from grader.orders import ANSWER, CLOCK, COMMAND, FORK, UNKNOWN, WAIT

# How long a worker whose connection closed may take to die by itself.
_GRACE = 0.5
# What a student may import, for machines where root's interpreter lies in a folder that an
# ordinary user cannot enter: then it must be loaded while we still are root.
_PRELOAD = (
    "abc argparse array bisect calendar cmath cProfile collections.abc contextlib copy csv "
    "ctypes dataclasses datetime decimal doctest encodings.idna encodings.latin_1 "
    "encodings.utf_16 enum fractions functools gc glob heapq "
    "inspect io itertools json logging math numbers operator os pathlib pdb pickle platform "
    "pprint queue random re resource secrets shutil socket statistics string struct "
    "subprocess tempfile textwrap threading time timeit traceback types typing unittest "
    "uuid warnings weakref numpy.fft numpy.lib.stride_tricks numpy.linalg numpy.ma "
    "numpy.polynomial numpy.random numpy.testing"
).split()


def main(fd: int, readable: Sequence[str], uid: int) -> None:
    """Serve the checker at the other end of `fd` until it closes.

    Parameters
    ----------
    fd : int
        A connected stream socket.
    readable : sequence of str
        Folders that workers may read.
    uid : int
        The user to become when started as root.
    """
    control = socket.socket(fileno=fd)
    import numpy  # noqa: F401  # to be warm

    if os.geteuid() == 0:
        if not all(map(_open_to_all, (sys.prefix, sys.base_prefix))):
            for name in _PRELOAD:
                __import__(name)
        confine.drop_privileges(uid)
    confine.undumpable()
    confine.adopt_orphans()
    wire.decoder(wire.Request)
    sys.path[:] = [path for path in sys.path if path in readable or _under(path, readable)]
    gc.freeze()
    control.sendall(ANSWER.pack(0))
    # The checker is gone; any other error is told on standard error.
    with contextlib.suppress(EOFError, ConnectionError):
        Zygote(control, readable).run()
    os._exit(0)


def _open_to_all(folder: str) -> bool:
    """Whether any user can enter a folder."""
    places = [Path(folder), *Path(folder).parents]
    return all(place.stat().st_mode & 0o001 for place in places)


def _under(path: str, folders: Sequence[str]) -> bool:
    return any(path.startswith(folder.rstrip("/") + "/") for folder in folders)


class Zygote:
    """Forks and ends workers as it is told."""

    def __init__(self, control: socket.socket, readable: Sequence[str]) -> None:
        self._control = control
        self._readable = readable
        self._scratch: dict[int, str] = {}

    def run(self) -> None:
        """Obey until the checker is gone; then end every worker."""
        try:
            while True:
                letter, pid, fds = self._command()
                self._control.sendall(ANSWER.pack(self._obey(letter, pid, fds)))
        finally:
            for pid in list(self._scratch):
                self._end(pid, wait=False)

    def _obey(self, letter: bytes, pid: int, fds: list[int]) -> int:
        if letter == FORK:
            return self._fork(fds[0])
        if letter == CLOCK:
            seconds = worked(pid)
            return UNKNOWN if seconds is None else int(seconds * 1e9)
        return self._end(pid, letter == WAIT)

    def _command(self) -> tuple[bytes, int, list[int]]:
        data, fds = b"", []
        while len(data) < COMMAND.size:
            part, more, _, _ = socket.recv_fds(self._control, COMMAND.size - len(data), 1)
            if not part:
                raise EOFError
            data += part
            fds += more
        letter, pid = COMMAND.unpack(data)
        return letter, pid, fds

    def _fork(self, fd: int) -> int:
        scratch = tempfile.mkdtemp(prefix="grader-")
        confine.count_tasks()
        pid = os.fork()
        if pid == 0:
            self._become_worker(fd, scratch)
        os.close(fd)
        self._scratch[pid] = scratch
        return pid

    def _become_worker(self, fd: int, scratch: str) -> None:
        try:
            os.setsid()
            confine.die_with_parent()
            self._control.close()
            null = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(null, standard)
            os.dup2(fd, 3)
            os.closerange(4, 4096)
            os.chdir(scratch)
            os.environ.update(HOME=scratch, TMPDIR=scratch)
            tempfile.tempdir = None
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            worker.serve(socket.socket(fileno=3), self._readable, scratch)
        finally:
            os._exit(0)

    def _end(self, pid: int, wait: bool) -> int:
        """End a worker and its descendants; return its exit status (negative: a signal)."""
        if pid not in self._scratch:
            return 0
        status = self._natural_end(pid) if wait else None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
        self._sweep()
        _remove(self._scratch.pop(pid))
        return os.waitstatus_to_exitcode(status)

    def _natural_end(self, pid: int) -> int | None:
        give_up = time.monotonic() + _GRACE
        while time.monotonic() < give_up:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                return status
            time.sleep(0.002)
        return None

    def _sweep(self) -> None:
        """End what a worker left behind: orphans come to us, who adopted them."""
        while strays := [pid for pid in _children() if pid not in self._scratch]:
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _remove(folder: str) -> None:
    """Remove a scratch folder, whatever was made in it.

    What lies deeper is moved up to the folder itself: no recursion and no path grows with
    the depth that a student's code could reach.
    """
    moved = 0
    with contextlib.suppress(OSError):
        while names := os.listdir(folder):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isdir(path):
                    os.unlink(path)
                    continue
                os.chmod(path, 0o700)
                for inner in os.listdir(path):
                    moved += 1
                    os.rename(os.path.join(path, inner), os.path.join(folder, f"moved-{moved}"))
                os.rmdir(path)
        os.rmdir(folder)
