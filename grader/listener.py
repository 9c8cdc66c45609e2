"""Who hears how a run goes on."""

from __future__ import annotations

from grader.course import Stage


class Listener:
    """Hears how a run goes on; this one does nothing about it."""

    def began(self, total: int) -> None:
        """So many checks will run."""

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""

    def finished(self) -> None:
        """A check is over."""

    def progress(self, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""
