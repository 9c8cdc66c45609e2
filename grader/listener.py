"""Who hears how a run goes on."""

from __future__ import annotations

import sys

import msgspec

from grader.course import Stage


class Listener:
    """Hears how a run goes on; this one does nothing about it."""

    def began(self, total: int) -> None:
        """So many checks will run."""

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""

    def finished(self, stage: Stage) -> None:
        """A check is over."""

    def progress(self, stage: Stage, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""

    def over(self, waited: float) -> None:
        """All checks are over; students' programs were waited for so many seconds."""


class Step(msgspec.Struct, frozen=True):
    """How far a run has come: so many checks of so many, and what goes on."""

    done: int
    total: int
    text: str


class Lines(Listener):
    """Writes each step to standard error, a line of JSON, for a program that shows it."""

    def __init__(self) -> None:
        self._done = self._total = 0
        self._text = ""

    def began(self, total: int) -> None:
        """So many checks will run."""
        self._total = total
        self._write("")

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""
        self._text = f"{stage.name}: {title}"
        self._write(self._text)

    def finished(self, stage: Stage) -> None:
        """A check is over."""
        self._done += 1
        self._write(self._text)

    def progress(self, stage: Stage, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""
        self._write(f"{self._text} ({step} of {steps}{', ' if text else ''}{text})")

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            line = msgspec.json.encode(Step(self._done, self._total, text)).decode()
            print(line, file=sys.stderr, flush=True)
