"""A progress bar while checks run, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from grader.course import Stage
from grader.listener import Listener


class LiveProgress(Listener):
    """Shows how far a run has come; vanishes when it is over."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            transient=True,
        )
        self._checks = self._progress.add_task("checks", total=None, note="")
        self._long: dict[str, TaskID] = {}

    def __enter__(self) -> LiveProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def began(self, total: int) -> None:
        """So many checks will run."""
        self._progress.update(self._checks, total=total)

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""
        note = f"{stage.name}: {title}"
        self._progress.update(self._checks, note=note if len(note) <= 40 else note[:37] + "...")

    def finished(self, stage: Stage) -> None:
        """A check is over."""
        self._progress.advance(self._checks)
        if stage.id in self._long:
            self._progress.remove_task(self._long.pop(stage.id))

    def progress(self, stage: Stage, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""
        if stage.id not in self._long:
            self._long[stage.id] = self._progress.add_task("  step", total=steps, note="")
        self._progress.update(self._long[stage.id], completed=step, total=steps, note=text[:40])


class Working:
    """Shows how far a long command has come; vanishes when it is over."""

    def __init__(self, console: Console) -> None:
        columns = (
            BarColumn(20),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("", total=1.0)

    def __enter__(self) -> Working:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, share: float, text: str) -> None:
        """So much is done, between 0 and 1, and this is being done."""
        self._progress.update(self._task, completed=share, description=text[:44])
