"""The processes of workers: how they begin and how they end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.bubblewrap import ENVIRONMENT, zygote_command
from grader.errors import GraderError
from grader.orders import ANSWER, CLOCK, COMMAND, END, FORK, UNKNOWN, WAIT

START_SECONDS = 20.0
_FROM_OUTSIDE = (
    "\nIt was ended from outside, or memory ran out: that says nothing about the code.\n"
    "Check it again."
)


class ForkLauncher:
    """Workers forked from a zygote, which lives inside bubblewrap at level L2."""

    def __init__(self, level: str) -> None:
        self._control, theirs = socket.socketpair()
        command = zygote_command(level, theirs.fileno())
        self._zygote = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT | _temporary_folder(),
            cwd="/",
            start_new_session=True,
        )
        theirs.close()
        self._control.settimeout(START_SECONDS)
        self._warm = False
        self._said = ""

    def start(self) -> tuple[socket.socket, ForkedProcess]:
        """Start a worker; return our end of its connection, and its process."""
        self._await_warmth()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [COMMAND.pack(FORK, 0)], [theirs.fileno()])
            return ours, ForkedProcess(self._answer(), self.command)

    def command(self, letter: bytes, pid: int) -> int:
        """Give an order and return the answer."""
        try:
            self._control.sendall(COMMAND.pack(letter, pid))
            return self._answer()
        except OSError as error:
            raise GraderError(self._last_words()) from error

    def close(self) -> None:
        """End the zygote, and every worker with it."""
        self._control.close()
        try:
            self._zygote.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._zygote.pid, signal.SIGKILL)
            self._zygote.wait()
        if self._zygote.stderr:
            self._zygote.stderr.close()

    def _await_warmth(self) -> None:
        if not self._warm:
            self._answer()
            self._warm = True

    def _answer(self) -> int:
        data = b""
        while len(data) < ANSWER.size:
            part = self._control.recv(ANSWER.size - len(data))
            if not part:
                raise GraderError(self._last_words())
            data += part
        return int(ANSWER.unpack(data)[0])

    def _last_words(self) -> str:
        """Return why the zygote ended, which it only does when something is amiss."""
        if not self._said:
            self._control.close()
            _, said = self._zygote.communicate(timeout=5)
            lines = said.decode(errors="replace").strip().splitlines()
            status = f"exit status {self._zygote.returncode}"
            self._said = f"the process that starts workers ended: {lines[-1] if lines else status}"
            if self._warm and not lines:
                self._said += _FROM_OUTSIDE
        return self._said


def _temporary_folder() -> dict[str, str]:
    """Return where the user wants temporary files, if they said so."""
    return {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}


class ForkedProcess:
    """One worker of a zygote."""

    def __init__(self, pid: int, command: Callable[[bytes, int], int]) -> None:
        self._pid = pid
        self._command = command

    def end(self, *, wait: bool) -> str:
        """End it with all that it started; say how it had ended."""
        return _how_it_ended(self._command(WAIT if wait else END, self._pid))

    def worked(self) -> float | None:
        """Return the seconds of processor time that it has used, if the system tells."""
        nanoseconds = self._command(CLOCK, self._pid)
        return None if nanoseconds == UNKNOWN else nanoseconds / 1e9


def _how_it_ended(status: int) -> str:
    if status == 0:
        return "ended itself (exit status 0)"
    if status > 0:
        return f"ended itself (exit status {status})"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hints = {
        "SIGSEGV": " (a segmentation fault: a recursion without end, or broken memory)",
        "SIGKILL": " (its connection closed, or memory ran out)",
        "SIGXCPU": " (too much processor time)",
    }
    return f"crashed with {name}{hints.get(name, '')}"


# --- elsewhere: a new process for each worker ----------------------------------------------
class SpawnLauncher:
    """Workers started afresh, for systems where forking is unsafe or absent."""

    def start(self) -> tuple[socket.socket, SpawnedProcess]:
        """Start a worker; return our end of its connection, and its process."""
        ours, theirs = socket.socketpair()
        home = str(Path(__file__).resolve().parent.parent)
        code = f"import sys; sys.path.insert(0, {home!r}); from grader.spawned import main; main()"
        scratch = tempfile.mkdtemp(prefix="grader-")
        environment = ENVIRONMENT | {
            name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ
        }
        inherit: dict[str, Any] = {} if os.name == "nt" else {"pass_fds": [theirs.fileno()]}
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=scratch,
            start_new_session=os.name != "nt",
            **inherit,
        )
        assert process.stdin is not None
        process.stdin.write(_shared_socket(theirs, process.pid))
        process.stdin.close()
        theirs.close()
        return ours, SpawnedProcess(process, scratch)

    def close(self) -> None:
        """Do nothing: each session ends its own worker."""


def _shared_socket(sock: socket.socket, pid: int) -> bytes:
    """Return what `grader.spawned` needs to open the socket in the process `pid`."""
    if os.name == "nt":
        return bytes(sock.share(pid))  # type: ignore[attr-defined]  # Windows alone has it
    return str(sock.fileno()).encode()


class SpawnedProcess:
    """One worker with a process of its own making."""

    def __init__(self, process: subprocess.Popen[bytes], scratch: str) -> None:
        self._process = process
        self._scratch = scratch

    def end(self, *, wait: bool) -> str:
        """End it and its process group; say how it had ended."""
        if wait:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
        if os.name != "nt":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        status = self._process.wait()
        shutil.rmtree(self._scratch, ignore_errors=True)
        return _how_it_ended(status)

    def worked(self) -> None:
        """Return nothing: the systems that need a process for each worker do not tell."""
