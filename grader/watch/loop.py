"""The loop of a student's day: a save, a verdict, a key."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from grader.atomic import write_atomically
from grader.board import Board, Place, Underway
from grader.course import Course, Stage, Unit
from grader.errors import in_words
from grader.render.html import verdict_page
from grader.results import Outcome, Report, from_json
from grader.warm.messages import Checked, Fault, Running, Setup, Stepped, Wanted
from grader.watch.checker import Checker
from grader.watch.files import Files, Saved
from grader.watch.keys import interrupts, keys
from grader.watch.screen import Lines, Screen

PAGE = Path(".grader", "verdict.html")
_LOOK_EVERY = 0.2  # seconds; for a terminal that was resized


@dataclass(frozen=True)
class Key:
    """A key was pressed."""

    letter: str


@dataclass(frozen=True)
class Interrupt:
    """Ctrl-C was pressed."""


@dataclass(frozen=True)
class _Task:
    stage: str
    quick: bool


class Watch:
    """Re-checks what was saved until somebody quits.

    Parameters
    ----------
    course : Course
    unit : Unit
    focus : Stage
        Where to begin.
    screen : Screen or Lines
    keep : callable
        Keeps each report, and one of all that is known, as ``grader check`` does.
    level : str, optional
        The sandbox level to insist on.
    """

    def __init__(
        self,
        course: Course,
        unit: Unit,
        focus: Stage,
        screen: Screen | Lines,
        keep: Callable[[Report, Report], None],
        level: str | None = None,
    ) -> None:
        self._course, self._unit, self._screen, self._keep = course, unit, screen, keep
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._checker = Checker(Setup(str(course.root), (unit.id,), level), self._events.put)
        places = tuple(
            Place(s.id, s.about.title, sum(c.points for c in s.about.criteria))
            for s in unit.stages
        )
        self._board = Board(f"{unit.id}  {unit.about.title}", places, focus.id)
        self._tasks: list[_Task] = []
        self._busy: _Task | None = None

    def run(self) -> None:
        """Watch until ``q`` is pressed, or Ctrl-C."""
        files = Files(self._course, self._unit, self._events.put)
        files.start()
        try:
            put = self._events.put
            with interrupts(lambda: put(Interrupt())), keys(lambda letter: put(Key(letter))):
                self._want([s.id for s in self._unit.stages], first=self._board.focus)
                while self._turn():
                    pass
        finally:
            files.stop()
            self._checker.close()

    def _turn(self) -> bool:
        """Wait for something to happen; return whether to go on."""
        try:
            event = self._events.get(timeout=_LOOK_EVERY)
        except Empty:
            self._screen.look(self._board)
            return True
        match event:
            case Interrupt():
                raise KeyboardInterrupt
            case Key("q"):
                return False
            case Key(letter):
                self._pressed(letter)
            case Saved():
                self._saved(event)
                # At once: what follows may be the same words as before the save.
                self._screen.show(self._board)
            case Running(stage, title, done, total):
                self._board = replace(self._board, underway=Underway(stage, title, done, total))
            case Stepped(_, step, steps, _) if under := self._board.underway:
                self._board = replace(self._board, underway=replace(under, step=step, steps=steps))
            case Checked():
                self._checked(event)
            case Fault(reason):
                self._busy, self._tasks = None, []
                self._board = replace(self._board, underway=None, message=f"{reason}")
        if self._events.empty():
            self._screen.show(self._board)
        return True

    # --- what happens -----------------------------------------------------------------
    def _saved(self, saved: Saved) -> None:
        names = ", ".join(stage.rpartition(".")[2] for stage in saved.stages)
        if saved.checks:
            self._checker.renew()
            self._busy = None
            self._say("The checks have changed: all is checked again.")
            self._want([stage.id for stage in self._unit.stages], first=self._board.focus)
            return
        if self._busy:
            self._checker.drop()
            self._busy = None
        first = saved.stages[0]
        if self._board.focus not in saved.stages:
            self._board = replace(self._board, focus=first, hints=1)
        verb = "was" if len(saved.stages) == 1 else "were"
        self._say(f"{names} {verb} {'deleted' if saved.gone else 'saved'}.")
        self._want([s.id for s in self._unit.stages if self._is_touched(s, saved)], first=first)

    def _is_touched(self, stage: Stage, saved: Saved) -> bool:
        return stage.id in saved.stages or any(n.id in saved.stages for n in stage.needed)

    def _checked(self, checked: Checked) -> None:
        report, self._busy = from_json(checked.report), None
        self._board = self._board.checked(report)
        self._keep(report, self._board.merged() or report)
        self._screen.checked(report)
        result = report.stages[0]
        if result.outcome is Outcome.PASSED and result.left_out:
            self._tasks.insert(0, _Task(checked.stage, quick=False))
        self._next()

    def _pressed(self, letter: str) -> None:
        if letter == "h":
            hints = min(self._board.hints + 1, max(1, self._board.steps))
            self._board = replace(self._board, hints=hints)
        elif letter == "n":
            ids = [place.id for place in self._board.places]
            after = ids[(ids.index(self._board.focus) + 1) % len(ids)]
            self._board = replace(self._board, focus=after, hints=1, message="")
        elif letter == "a":
            self._say("All stages are checked, slow criteria included.")
            self._tasks = [_Task(stage.id, quick=False) for stage in self._unit.stages]
            self._next()
        elif letter == "o":
            self._open()

    def _open(self) -> None:
        """Write the verdict as a page, and open it where there is a browser to see."""
        report = self._board.merged()
        if report is None:
            return
        path = self._course.root / PAGE
        try:
            write_atomically(path, verdict_page(report, show_hidden=True))
        except OSError as error:
            self._say(f"The page cannot be written: {in_words(error)}")
            return
        visible = sys.platform != "linux" or os.environ.keys() & {"DISPLAY", "WAYLAND_DISPLAY"}
        opened = bool(visible) and webbrowser.open(path.as_uri())
        self._say(f"{'Opened' if opened else 'The page is'} {PAGE.as_posix()}")

    # --- what is to be checked --------------------------------------------------------
    def _want(self, stages: list[str], first: str) -> None:
        """Check stages soon, `first` before the others; those that wait already stay."""
        waiting = [t.stage for t in self._tasks if t.stage not in stages]
        order = sorted([*stages, *waiting], key=lambda stage: stage != first)
        self._tasks = [_Task(stage, quick=True) for stage in order]
        self._next()

    def _next(self) -> None:
        if self._busy or not self._tasks:
            return
        self._busy = self._tasks.pop(0)
        self._board = replace(self._board, underway=Underway(self._busy.stage))
        old = {self._busy.stage, *(task.stage for task in self._tasks)}
        known = {s: r.stages[0].answers for s, r in self._board.reports.items() if s not in old}
        self._checker.ask(Wanted(self._busy.stage, self._busy.quick, known))

    def _say(self, text: str) -> None:
        self._board = replace(self._board, message=text)
