"""Where the time of a check goes."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import Stage
from grader.listener import Listener


@dataclass
class Profile(Listener):
    """Takes the time between what it hears, and passes it on.

    Parameters
    ----------
    inner : Listener
        Hears all of it, too.

    Attributes
    ----------
    start, collection, checking, naming, rest : float
        Seconds: until the command began; until the checks were found; in the checks; between
        them, where a mistake's name is searched; from the last check to the end.
    waited : float
        Of `checking`, seconds in which the student's program was waited for.
    checks : list
        Stage, title and seconds of each check.
    """

    inner: Listener
    start: float = field(default_factory=lambda: _alive())
    collection: float = 0.0
    checking: float = 0.0
    naming: float = 0.0
    rest: float = 0.0
    waited: float = 0.0
    checks: list[tuple[str, str, float]] = field(default_factory=list)
    _mark: float = field(default_factory=time.monotonic)
    _title: str = ""

    def began(self, total: int) -> None:
        """So many checks will run."""
        self.collection += self._lap()
        self.inner.began(total)

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""
        self.naming += self._lap()
        self._title = title
        self.inner.running(stage, title)

    def finished(self, stage: Stage) -> None:
        """A check is over."""
        seconds = self._lap()
        self.checking += seconds
        self.checks.append((stage.name, self._title, seconds))
        self.inner.finished(stage)

    def progress(self, stage: Stage, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""
        self.inner.progress(stage, step, steps, text)

    def over(self, waited: float) -> None:
        """All checks are over; students' programs were waited for so many seconds."""
        self.naming += self._lap()  # of the last stage
        self.waited = waited
        self.inner.over(waited)

    def ended(self) -> Profile:
        """The command is over."""
        self.rest += self._lap()
        return self

    def _lap(self) -> float:
        before, self._mark = self._mark, time.monotonic()
        return self._mark - before


def _alive() -> float:
    """Return for how many seconds this process has been there, as far as can be told."""
    try:
        after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        began = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, AttributeError, ValueError):
        return time.process_time()  # less by what it has waited for
