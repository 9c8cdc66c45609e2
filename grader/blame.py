"""Whose fault a failure is: this stage's, or that of an earlier one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from typing import Any

from grader.checking.checks import Mismatch
from grader.course import Stage
from grader.errors import Ended, NotRecorded, StudentError
from grader.pace import Pace
from grader.results import Outcome
from grader.verdict import Verdict, blocked, in_doubt
from grader.workers import Workers

# How many times the limit of one check all second opinions on a stage may take together.
_OPINIONS = 3

Attempt = Callable[[], None]


class Blame:
    """Asks for each failure of one stage whether an earlier stage is behind it.

    Parameters
    ----------
    stage : Stage
    workers : Workers
        Where it is tried again.
    attempt : callable
        Makes an attempt in a session; returns how it failed.
    outcomes : mapping
        What the checks of stages came to so far, by the stages' ids.
    lent : sequence of Stage
        Stages in whose place the reference answers anyway.
    pace : Pace
        Of the student's own program.
    """

    def __init__(
        self,
        stage: Stage,
        workers: Workers,
        attempt: Callable[[Any, Attempt], BaseException | None],
        outcomes: Mapping[str, Collection[Outcome]],
        lent: Sequence[Stage],
        pace: Pace,
    ) -> None:
        self._stage = stage
        self._workers = workers
        self._attempt = attempt
        self._outcomes = outcomes
        self._lent = lent
        self._pace, self._pace_without = pace, Pace(0)
        self._patience = _OPINIONS * stage.about.limits.seconds
        self._unsure, self._trust = False, False

    def judge(self, verdict: Verdict, seconds: float, attempt: Attempt) -> Verdict:
        """Return the verdict on a failure: blocked, if the reference's earlier stages mend it."""
        if _is_own(verdict.error):
            return verdict
        suspects = self._suspects(verdict)
        start, self._unsure = time.monotonic(), False
        try:
            # The control is a fresh worker with the student's own stages: what passes there
            # too has failed for another reason, such as something kept from an earlier call.
            if (
                not suspects
                or self._patience <= 0
                or not self._passes_without(suspects, seconds, attempt)
                or self._passes_without([], seconds, attempt)
            ):
                return self._own(verdict, suspects)
            culprit = self._culprit(suspects, seconds, attempt)
            return blocked(verdict, culprit, passes=self._passed(culprit))
        finally:
            self._patience -= time.monotonic() - start

    def _suspects(self, verdict: Verdict) -> list[Stage]:
        """Return the stages that may be behind a failure, earliest first.

        Checks are no proof: a stage that passes them all is suspected as well, until a failure
        turns out to be none of its doing. Of what hangs or crashes it is not, for that would
        cost the limit again.
        """
        trust = self._trust or isinstance(verdict.error, Ended)
        earlier = (stage for stage in self._stage.needed if stage not in self._lent)
        return [stage for stage in earlier if not (trust and self._passed(stage))]

    def _passed(self, stage: Stage) -> bool:
        return self._outcomes.get(stage.id) == {Outcome.PASSED}

    def _own(self, verdict: Verdict, suspects: Sequence[Stage]) -> Verdict:
        """Return the verdict on a failure that the reference's earlier stages do not mend."""
        self._trust = True
        suspects = [stage for stage in suspects if not self._passed(stage)]
        if not self._unsure or not suspects:
            return verdict
        return in_doubt(verdict, suspects, [s for s in suspects if s.id in self._outcomes])

    def _culprit(self, suspects: Sequence[Stage], seconds: float, attempt: Attempt) -> Stage:
        """Return the earliest stage whose replacement alone lets an attempt succeed."""
        alone = (s for s in suspects if self._passes_without([s], seconds, attempt))
        return next(alone, suspects[0])

    def _passes_without(self, replaced: Sequence[Stage], seconds: float, attempt: Attempt) -> bool:
        """Whether an attempt succeeds when the reference stands in for the stages `replaced`."""
        pace = self._pace_without if replaced else self._pace
        with closing(self._workers.start(self._stage, [*self._lent, *replaced])) as session:
            session.allow(seconds)
            session.pace, pace.seconds = pace, seconds
            error = self._attempt(session, attempt)
            self._unsure = self._unsure or isinstance(error, NotRecorded)
            return error is None


def _is_own(error: BaseException | None) -> bool:
    """Whether nobody else can be to blame: a check says so, or a function lacks a parameter."""
    return (isinstance(error, Mismatch) and error.own) or (
        isinstance(error, StudentError) and bool(error.signature)
    )
