"""The watcher's side of its warm processes: one that works, and one that waits behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.warm.messages import Setup, Wanted
from grader.warm.served import Warm


class Checker:
    """Checks one stage at a time, and can be told to drop what it is at.

    Parameters
    ----------
    setup : Setup
        The course.
    hear : callable
        Told every answer; called from threads of its own.
    """

    def __init__(self, setup: Setup, hear: Callable[[Any], None]) -> None:
        self._setup = setup
        self._hear = hear
        self._waiting: Warm | None = None
        self._serving = Warm(setup, self._heard)
        self._serving.listen()

    def ask(self, wanted: Wanted) -> None:
        """Have a stage checked as its file is now."""
        if self._serving.is_gone:
            self.drop()
        self._serving.send(wanted)
        if self._waiting is None:
            # Not at the start: two that import at once are both late.
            self._waiting = self._another()

    def drop(self) -> None:
        """End what is being checked; the process that waits takes over."""
        old, next_one = self._serving, self._waiting
        self._serving = next_one if next_one and not next_one.is_gone else self._another()
        self._waiting = None
        old.end()

    def renew(self) -> None:
        """Begin with new processes: the checks themselves have changed."""
        self.close()
        self._serving, self._waiting = self._another(), None

    def close(self) -> None:
        """End every process."""
        for process in (self._serving, self._waiting):
            if process:
                process.end()

    def _another(self) -> Warm:
        process = Warm(self._setup, self._heard)
        process.listen()
        return process

    def _heard(self, process: Warm, answer: Any) -> None:
        if process is self._serving:  # what a dropped one still says is of no interest
            self._hear(answer)
