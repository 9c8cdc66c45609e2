"""How ``grader check`` runs: here, or side by side in processes that begin at once."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.course import Course, Stage, Unit
    from grader.listener import Listener
    from grader.results import Report


@dataclass(frozen=True)
class CheckRun:
    """What is to be checked.

    Parameters
    ----------
    course : Course
    unit : Unit
    stages : tuple of Stage
    level : str or None
        The sandbox level to insist on.
    solution : bool
        Check the reference instead of the student's files.
    quick : bool
        Leave out the criteria that are marked as slow.
    """

    course: Course
    unit: Unit
    stages: tuple[Stage, ...]
    level: str | None
    solution: bool
    quick: bool

    def __call__(self, listener: Listener, *, in_turn: bool = False) -> Report:
        """Check all stages: side by side where that is quicker, if not told otherwise."""
        from grader.cores import available_cores

        processes = min(len(self.stages), available_cores())
        if in_turn or processes < 2 or os.name == "nt":
            return self._in_turn(listener)
        return self._side_by_side(listener, processes)

    def _in_turn(self, listener: Listener) -> Report:
        """Check one stage after the other, in this process."""
        from grader.sandbox import Sandbox

        # The sandbox warms up in a process of its own while the runner is imported here.
        with Sandbox(self.level) as sandbox:
            gc.disable()  # there is nothing to collect in what is imported
            from grader.runner import check

            gc.freeze()
            gc.enable()
            return check(
                self.course,
                self.unit,
                self.stages,
                sandbox,
                solution=self.solution,
                quick=self.quick,
                listener=listener,
            )

    def _side_by_side(self, listener: Listener, processes: int) -> Report:
        """Check several stages at a time, in processes that begin before all else is imported."""
        from grader.launched import Warming

        with Warming("grader.warm.process", processes) as warming:
            from grader.warm.messages import Setup
            from grader.warm.team import check_at_once

            ids = tuple(stage.id for stage in self.stages)
            setup = Setup(str(self.course.root), ids, self.level, self.solution)
            return check_at_once(self.stages, setup, warming, quick=self.quick, listener=listener)
