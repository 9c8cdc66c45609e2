"""Who knows what is right: solutions and known mistakes, or what was recorded of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from grader.course import Stage, Unit
from grader.local import Local
from grader.mistakes import Mistake, load_mistakes, with_mistake
from grader.naming import Attempted, Record, failure_of
from grader.recorded import Recorded
from grader.reference import LiveReference
from grader.session import Lender

# Runs a check with our own code in the student's place; returns how it failed.
Trial = Callable[[Local, Callable[[], None]], BaseException | None]


class Authority:
    """What a unit's checks are judged by.

    Parameters
    ----------
    unit : Unit
        Its stages may be open, sealed, or some of each.
    without : collection of str, optional
        The ids of stages whose recordings nothing is to be taken from.
    """

    def __init__(self, unit: Unit, without: Collection[str] = ()) -> None:
        files = {id_: path for id_, path in unit.recordings().items() if id_ not in without}
        modules = {stage.id: stage.module for stage in unit.stages}
        sealed = frozenset(stage.id for stage in unit.stages if stage.is_sealed)
        self._recorded = Recorded(files, modules, sealed) if unit.is_edition else None
        self.reference = LiveReference(unit.solutions(), self._recorded)

    def is_sound(self, stage: Stage, check: Callable[[], None], trial: Trial) -> bool:
        """Whether the reference passes a check; of a recorded one that is known."""
        return stage.is_sealed or trial(Local(self.reference), check) is None

    def mistakes(self, stage: Stage) -> list[Mistake]:
        """Return the mistakes that may be behind a failure of `stage`, its own first."""
        if self._recorded and (stage.is_sealed or not stage.mistakes.is_file()):
            return self._recorded.mistakes(stage)
        stages = [stage, *reversed(stage.needed)]
        open_ones = [each for each in stages if not each.is_sealed]
        return [m for each in open_ones for m in load_mistakes(each, self.reference)]

    def attempt(self, mistake: Mistake, record: Record, trial: Trial) -> Attempted:
        """Tell how a check goes with a mistake in the student's place."""
        if mistake.wrong is None and self._recorded:
            return self._recorded.attempt(mistake, record.name)
        wrong = Local(with_mistake(self.reference, mistake), record.calls)
        error = trial(wrong, record.check)
        return Attempted(error is None, failure_of(error))

    def lender(self, stages: Sequence[Stage]) -> Lender | None:
        """Return the session that lends sealed stages to a student's program, if any is."""
        sealed = any(stage.is_sealed for stage in stages)
        return self._recorded.lender() if sealed and self._recorded else None
