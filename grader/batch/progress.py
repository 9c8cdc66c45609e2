"""How far a grading run has come, on standard error."""

from __future__ import annotations

import sys
import time
from typing import Any, TextIO

from grader.grades import Standing

_EVERY = 10.0


class Progress:
    """A bar where somebody looks at one, a line now and then elsewhere.

    Parameters
    ----------
    total : int
        The submissions.
    stream : TextIO
        Where to.
    every : float
        Seconds between two lines.
    """

    def __init__(self, total: int, stream: TextIO | None = None, every: float = _EVERY) -> None:
        self._stream = stream or sys.stderr
        self._total = total
        self._every = every
        self._start = self._told = time.monotonic()
        self.done = self.kept = self.fresh = self.refused = self.broken = 0
        self._bar: Any = None

    def __enter__(self) -> Progress:
        if self._stream is not None and self._stream.isatty():
            self._bar = _Bar(self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def heard(self, standing: Standing, fresh: bool) -> None:
        """One submission is over; `fresh` if it was checked in this run."""
        self.done += 1
        self.fresh += fresh
        self.kept += not fresh and standing is Standing.GRADED
        self.refused += standing is Standing.REFUSED
        self.broken += standing is Standing.BROKEN
        if self._bar:
            self._bar.show(self.done, self._rate(), self._trouble())
        elif self._stream is not None and time.monotonic() - self._told >= self._every:
            self._told = time.monotonic()
            print(self.line(), file=self._stream, flush=True)

    def line(self) -> str:
        """Return how it goes, in one line."""
        rate = self._rate()
        left = f", {_duration((self._total - self.done) / rate)} left" if rate else ""
        speed = f", {_speed(rate)}{left}" if rate else ""
        return f"{self.done} of {self._total}{speed}{self._trouble()}"

    def _rate(self) -> float:
        return self.fresh / max(1e-9, time.monotonic() - self._start)

    def _trouble(self) -> str:
        counts = {"refused": self.refused, "broken": self.broken}
        return "".join(f", {count} {name}" for name, count in counts.items() if count)


class _Bar:
    """A bar of rich's, imported when one is wanted."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress

        self._progress = RichProgress(
            TextColumn("grading"),
            BarColumn(20),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("grading", total=total, note="")
        self._progress.start()

    def show(self, done: int, rate: float, trouble: str) -> None:
        self._progress.update(self._task, completed=done, note=f"{_speed(rate)}{trouble}")

    def stop(self) -> None:
        self._progress.stop()


def _speed(rate: float) -> str:
    """Return submissions a second in words.

    Examples
    --------
    >>> _speed(7.25), _speed(0.05)
    ('7.2/s', '3/min')
    """
    return f"{rate:.1f}/s" if rate >= 1 or not rate else f"{60 * rate:.0f}/min"


def _duration(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> _duration(7), _duration(150), _duration(7300)
    ('7 s', '3 min', '2.0 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
