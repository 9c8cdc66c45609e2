"""A check run in a process of its own, as ``grader check`` in a terminal."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from grader.errors import GraderError
from grader.listener import Step
from grader.results import Report, from_json

_PATIENCE = 5.0  # seconds that a run has to end its workers when it is stopped
_LOOK = 0.1  # seconds between two looks: an interrupt waits no longer than that


def check(root: Path, arguments: Sequence[str], heard: Callable[[Step], None]) -> Report:
    """Run ``grader check`` and return its report.

    Parameters
    ----------
    root : Path
        The course's folder.
    arguments : sequence of str
        Stages and options.
    heard : callable
        Told how far the run has come.

    Raises
    ------
    GraderError
        There is no report; the message is that of the command.
    KeyboardInterrupt
        The run was interrupted, and has ended.
    """
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        to = Path(folder, "report.json")
        code, said = _run(root, ["check", *arguments, "--json", str(to), "--steps"], heard)
        try:
            return from_json(to.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise GraderError(said or f"the check ended with code {code} and no report") from None
        except ValueError as error:
            raise GraderError(f"{error}\n{said}".strip()) from error


def hint(root: Path, arguments: Sequence[str]) -> str:
    """Return what ``grader hint`` says. Raises GraderError with its message if it fails."""
    done = subprocess.run(
        _command(["hint", *arguments]), cwd=root, env=_environment(), capture_output=True
    )
    if done.returncode:
        raise GraderError(_message(done.stderr.decode("utf-8", "replace").splitlines()))
    return done.stdout.decode("utf-8", "replace")


def _run(root: Path, arguments: Sequence[str], heard: Callable[[Step], None]) -> tuple[int, str]:
    """Run a command to its end; return its code, and what it said beside its steps."""
    process = subprocess.Popen(
        _command(arguments),
        cwd=root,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # On Windows a new window would open for it.
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    lines: queue.Queue[bytes | None] = queue.Queue()
    threading.Thread(target=_read, args=(process, lines), daemon=True).start()
    said: list[str] = []
    last: Step | None = None
    try:
        while (line := _next(lines)) is not None:
            if step := _step(line):
                last = step
            elif line:
                said.append(line.decode("utf-8", "replace").rstrip())
            if last:  # now and again, since not each step need be shown
                heard(last)
        return process.wait(), _message(said)
    except BaseException:
        _end(process)
        raise


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "grader", *arguments]


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}


def _read(process: subprocess.Popen[bytes], lines: queue.Queue[bytes | None]) -> None:
    assert process.stderr
    with process.stderr:
        for line in process.stderr:
            lines.put(line)
    lines.put(None)


def _next(lines: queue.Queue[bytes | None]) -> bytes | None:
    """Wait a little for a line: a wait in one piece cannot be interrupted everywhere.

    Returns
    -------
    line : bytes or None
        Empty if there is none yet, None if there will be no more.
    """
    try:
        return lines.get(timeout=_LOOK)
    except queue.Empty:
        return b""


def _step(line: bytes) -> Step | None:
    try:
        return msgspec.json.decode(line, type=Step) if line.startswith(b"{") else None
    except msgspec.MsgspecError:
        return None


def _message(said: Sequence[str]) -> str:
    """Return the message of a command that failed."""
    usage = ("Usage: ", "Try '")
    lines = [line for line in said if line and not line.startswith(usage)]
    return "\n".join(lines).removeprefix("grader: ").removeprefix("Error: ")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a run: it ends its workers itself if it is given the time.

    An interrupt of the kernel reaches the run as well, since it is of the same group. On
    Windows it does not; there the workers end when the run does.
    """
    signals = (None, signal.SIGINT) if sys.platform != "win32" else ()
    for number in signals:
        if number:
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE if number else 1.0)
            return
    process.kill()
    process.wait()
