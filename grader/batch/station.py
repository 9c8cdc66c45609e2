"""One place to grade at: a grading process, and a fresh one when it is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from grader import wire
from grader.batch.messages import CAP, Answer, Done, Fault, Ready, Setup, Work
from grader.course import Stage
from grader.errors import GraderError, ProtocolError
from grader.grades import Standing, to_json
from grader.launched import Launched

TRIES = 3
ENTRY = "grader.batch.process"
# A process is replaced after so many submissions: whatever leaks stays small.
RECYCLE = 500
START_SECONDS = 60.0
# For what a check does besides waiting for a student's code, and for a loaded machine.
_GENEROUS = 3
_ALWAYS = 120.0


class Lost(Exception):
    """A grading process is gone; the message says how."""


class Stopped(Exception):
    """Grading was stopped from outside."""


def patience(stages: Iterable[Stage], *, follow: bool) -> float:
    """Return the seconds after which a grading process must be taken for hung.

    A student's code alone cannot take that long: every check has a limit of its own.
    """
    total = 0.0
    for stage in stages:
        limits = stage.about.limits
        slow = sum(10 * (c.seconds or limits.seconds) for c in stage.about.criteria if c.slow)
        total += 2 * limits.together + 10 * limits.seconds + slow
    return _ALWAYS + _GENEROUS * total * (2 if follow else 1)


class Station:
    """Grades one submission at a time, in a process that may be lost.

    Parameters
    ----------
    setup : Setup
        What is checked.
    seconds : float
        What one submission may take before its process is taken for hung.
    """

    def __init__(self, setup: Setup, seconds: float) -> None:
        self._setup = setup
        self._seconds = seconds
        self._process: _Process | None = None
        self._stopped = False

    def adopt(self, launched: Launched) -> None:
        """Use a process that was launched already."""
        self._process = _Process(self._setup, launched)

    def open(self) -> None:
        """Have a process that is ready.

        Raises
        ------
        GraderError
            None starts, or the course is broken.
        Stopped
            `stop` was called.
        """
        for attempt in range(TRIES):
            if self._stopped:
                raise Stopped
            self._process = self._process or _Process(self._setup)
            try:
                level = self._process.ready(time.monotonic() + START_SECONDS)
            except Lost as error:
                self.close()
                if attempt == TRIES - 1 and not self._stopped:
                    raise GraderError(f"a grading process does not start: {error}") from error
            else:
                # A later process must confine as well as the first, or say that it cannot.
                self._setup = msgspec.structs.replace(self._setup, level=level)
                return

    def grade(self, work: Work) -> Done:
        """Grade one submission; after `TRIES` lost processes it is given up alone."""
        why = ""
        for _ in range(TRIES):
            try:
                return self._attempt(work)
            except Lost as error:
                self.close()
                if self._stopped:
                    raise Stopped from error
                why = str(error)
        return gave_up(work, f"the process that graded it {why}; so in {TRIES} attempts")

    def _attempt(self, work: Work) -> Done:
        if self._process and self._process.graded >= RECYCLE:
            self.close()
        if self._process is None:
            self.open()
        if self._process is None:
            raise Stopped
        return self._process.grade(work, time.monotonic() + self._seconds)

    def stop(self) -> None:
        """End the process, from another thread, and start no other."""
        self._stopped = True
        if process := self._process:
            process.kill()

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.close()
            self._process = None


def gave_up(work: Work, why: str) -> Done:
    """Return the grade of a submission that could not be graded."""
    grade = replace(work.grade, standing=Standing.BROKEN, reason=why, report=None, followed=())
    return Done(work.key, grade.standing, to_json(grade).encode())


class _Process:
    """A grading process and the connection to it."""

    def __init__(self, setup: Setup, launched: Launched | None = None) -> None:
        if os.name == "nt":
            raise GraderError("grading a class needs Linux or macOS; check works everywhere")
        self._launched = launched or Launched(ENTRY)
        self._channel = wire.Channel(self._launched.socket, Answer, CAP)
        self._setup = setup
        self.graded = 0

    def ready(self, deadline: float) -> str:
        """Wait until it is ready; return the level that it confines at."""
        answer = self._exchange(self._setup, deadline)
        if not isinstance(answer, Ready):
            raise Lost("said something else")
        return answer.level

    def grade(self, work: Work, deadline: float) -> Done:
        """Have a submission graded."""
        start = time.monotonic()
        answer = self._exchange(work, deadline)
        if not isinstance(answer, Done) or answer.key != work.key:
            raise Lost(f"said something else after {time.monotonic() - start:.0f} s")
        self.graded += 1
        return answer

    def _exchange(self, message: msgspec.Struct, deadline: float) -> Any:
        seconds = deadline - time.monotonic()
        try:
            self._channel.send(message, (), deadline)
            answer, _ = self._channel.receive(deadline)
        except TimeoutError:
            self.kill()
            raise Lost(f"did not answer within {seconds:.0f} s") from None
        except wire.Unsendable as error:
            raise Lost(f"cannot take it: {error}") from error
        except (EOFError, OSError, ProtocolError):
            raise Lost(self._last_words()) from None
        if isinstance(answer, Fault):
            if answer.fatal:
                raise GraderError(answer.reason)
            raise Lost(f"could not go on: {answer.reason}")
        return answer

    def _last_words(self) -> str:
        """Say how it ended."""
        self.kill()
        status, file = self._launched.process.wait(), self._launched.said
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 2000))
        lines = file.read().decode(errors="replace").strip().splitlines()
        said = f" ({lines[-1][:200]})" if lines else ""
        if status < 0:
            with contextlib.suppress(ValueError):
                return f"was ended by {signal.Signals(-status).name}{said}"
        return f"ended with exit status {status}{said}"

    def kill(self) -> None:
        """End it and all that it started."""
        self._launched.kill()

    def close(self) -> None:
        """Let it end in peace, for a while."""
        self._channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._launched.process.wait(5)
        self._launched.discard()
