"""How far a student has come: what was checked, the time that it took, and what is next.

Pure data and rules. A criterion counts as passed until a check finds it failed or not
written; one that is blocked by an earlier stage, or broken by us, is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from grader.results import RULES, CriterionResult, Outcome, Report, StageResult, combine

VERSION = 1
PAUSE = 20  # minutes between two checks that are no work any more
_LOST = (Outcome.FAILED, Outcome.TODO)
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, lt=1e9)]


# --- what is remembered ---------------------------------------------------------------------
@dataclass(frozen=True)
class CriterionRecord:
    """What the last check of a criterion found.

    Parameters
    ----------
    outcome : Outcome
    since : datetime or None
        When it passed, if it was not lost since.
    """

    outcome: Outcome
    since: _Moment | None = None


@dataclass(frozen=True)
class StageRecord:
    """What is known of a stage.

    Parameters
    ----------
    criteria : mapping
        By the criterion's id.
    checked : datetime or None
        When the last check of it read the student's file.
    seconds : float
        The time spent on it.
    """

    criteria: Mapping[str, CriterionRecord] = field(default_factory=dict)
    checked: _Moment | None = None
    seconds: _Seconds = 0.0


@dataclass(frozen=True)
class Progress:
    """All that is remembered, as ``.grader/progress.json`` holds it.

    Parameters
    ----------
    stages : mapping
        By the stage's id.
    checked : datetime or None
        When the last check ended.
    streak, longest : int
        Criteria that passed one after the other while none was lost: now, and at most.
    kept : str
        The file of an earlier record that could not be read.
    """

    stages: Mapping[str, StageRecord] = field(default_factory=dict)
    checked: _Moment | None = None
    streak: int = 0
    longest: int = 0
    kept: str = ""
    version: int = VERSION


def after(progress: Progress, report: Report, now: datetime) -> Progress:
    """Return the progress once a check has ended with a report.

    The time since the check before counts for the first stage of the report that was not
    done then; a pause of more than `PAUSE` minutes counts for none.
    """
    stages, won, lost = dict(progress.stages), 0, 0
    worked_on = _worked_on(progress, report)
    for stage in report.stages:
        if not stage.criteria:
            continue
        before = stages.get(stage.id, StageRecord())
        criteria = _checked(before.criteria, stage.criteria, now)
        for id, record in criteria.items():
            held = id in before.criteria and before.criteria[id].since is not None
            won += record.since is not None and not held
            lost += record.since is None and held
        spent = _spent(progress.checked, now) if stage.id == worked_on else 0.0
        stages[stage.id] = StageRecord(
            criteria, now - timedelta(seconds=report.seconds), round(before.seconds + spent, 1)
        )
    streak = 0 if lost else progress.streak + won
    longest = max(progress.longest, streak)
    return replace(progress, stages=stages, checked=now, streak=streak, longest=longest)


def _checked(
    before: Mapping[str, CriterionRecord], results: tuple[CriterionResult, ...], now: datetime
) -> dict[str, CriterionRecord]:
    """Return a stage's criteria after a check, which may have left some out."""
    criteria = {id: record for id, record in before.items() if id != RULES}
    for result in results:
        outcome, earlier = result.outcome, before.get(result.id)
        since = earlier.since if earlier and outcome not in _LOST else None
        if outcome is Outcome.PASSED:
            since = since or now
        criteria[result.id] = CriterionRecord(outcome, since)
    return criteria


def _worked_on(progress: Progress, report: Report) -> str:
    """Return the id of the stage that a student worked on before a check."""
    stages = [stage for stage in report.stages if stage.criteria]
    unfinished = (s.id for s in stages if not _was_done(progress.stages.get(s.id), s))
    return next(unfinished, stages[0].id if stages else "")


def _was_done(record: StageRecord | None, stage: StageResult) -> bool:
    criteria = record.criteria if record else {}
    return all(
        c.id in criteria and criteria[c.id].outcome is Outcome.PASSED for c in stage.criteria
    )


def _spent(before: datetime | None, now: datetime) -> float:
    """Return the seconds of work between two checks: none where clocks were put back."""
    gap = (now - before).total_seconds() if before else 0.0
    return gap if 0 < gap <= 60 * PAUSE else 0.0


# --- what is shown --------------------------------------------------------------------------
@dataclass(frozen=True)
class Goal:
    """A criterion as the course states it, and what is known of it: None before a check."""

    id: str
    sentence: str
    points: int
    outcome: Outcome | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class StageProgress:
    """A stage of the course, and how far it is.

    Parameters
    ----------
    id, title : str
    lesson : str
        Where its lesson is.
    minutes : int
        How long it takes by the course's estimate.
    goals : tuple of Goal
    seconds : float
        The time spent on it.
    edited : bool
        Whether the file was saved, or went away, after the last check.
    forbidden : bool
        Whether the file broke a code rule then.
    """

    id: str
    title: str
    lesson: str
    minutes: int
    goals: tuple[Goal, ...]
    seconds: float = 0.0
    edited: bool = False
    forbidden: bool = False

    @property
    def name(self) -> str:
        """The short name, ``padding``."""
        return self.id.rpartition(".")[2]

    @property
    def points(self) -> int:
        """What it is worth."""
        return sum(goal.points for goal in self.goals)

    @property
    def passed(self) -> int:
        """How many criteria pass."""
        return sum(goal.outcome is Outcome.PASSED for goal in self.goals)

    @property
    def earned(self) -> int:
        """The points earned: nothing as long as a code rule is broken."""
        if self.forbidden:
            return 0
        return sum(goal.points for goal in self.goals if goal.outcome is Outcome.PASSED)

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its criteria; what was not checked is still to do."""
        known = [goal.outcome or Outcome.TODO for goal in self.goals]
        return combine([*known, Outcome.FAILED] if self.forbidden else known)

    @property
    def first_open(self) -> Goal | None:
        """The criterion to look at next: one that failed, else one still to do."""
        for wanted in (Outcome.BROKEN, Outcome.FAILED, Outcome.TODO, None, Outcome.BLOCKED):
            for goal in self.goals:
                if goal.outcome is wanted:
                    return goal
        return None


@dataclass(frozen=True)
class UnitProgress:
    """A unit of the course, and how far it is."""

    id: str
    title: str
    stages: tuple[StageProgress, ...]

    @property
    def next(self) -> StageProgress | None:
        """The first stage that is not done."""
        return next((s for s in self.stages if s.outcome is not Outcome.PASSED), None)


@dataclass(frozen=True)
class Overview:
    """The whole course, and how far a student is; `kept` as in `Progress`."""

    units: tuple[UnitProgress, ...]
    streak: int = 0
    longest: int = 0
    kept: str = ""
