"""Names the mistake behind a failure.

A known mistake explains a failed check if the same check, run with the mistake in the
student's place, fails in the same way to the last digit, and if no check of its function
that the student passes fails with it. Several may explain one check; the stage's other
checks then tell them apart, or they are all listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.checkfiles import names_used
from grader.checking.checks import Mismatch
from grader.errors import StudentError
from grader.failures import Failure, same_failure
from grader.mistakes import Mistake
from grader.sketch import sketch

# How often checks may be repeated for one stage. A number and not a time, so that the same
# file is always named the same; 300 repetitions take about 0.3 s, of the longest checks 4 s.
ATTEMPTS = 300
# A name that is missing and a file that does not load are no mistakes in what a function does.
_OUTSIDE_OF_CALLS = ("load", "missing")


@dataclass(frozen=True)
class Record:
    """One check as it went with the student's code.

    Parameters
    ----------
    name : str
        Of the check in its stage.
    check : callable
        Runs it again.
    function : callable
        The check function, for the names that it uses.
    passed : bool
    failure : Failure or None
        How it failed; None also for what no mistake can explain.
    slow : bool
        Whether it takes too long to be repeated.
    calls : int or None
        How many calls it had made when it failed; one that goes on with a mistake does not fail
        as it did.
    stage : str
        The id of the stage whose fault it is, if that is known: only its mistakes explain it.
    """

    name: str
    check: Callable[[], None]
    function: Any
    passed: bool
    failure: Failure | None
    slow: bool = False
    calls: int | None = None
    stage: str = ""

    def may_be(self, mistake: Mistake) -> bool:
        """Whether a mistake lies where the failure does."""
        return self.stage in ("", mistake.stage.id)


@dataclass(frozen=True)
class Attempted:
    """How a check went with a mistake in the student's place."""

    passed: bool
    failure: Failure | None = None


Attempt = Callable[[Mistake, Record], Attempted]


def failure_of(error: BaseException | None) -> Failure | None:
    """Return the failure that an exception of a check means.

    It is None for what no mistake explains, so that none is looked for: what is not written
    yet, here or in an earlier stage, and what is missing.
    """
    if isinstance(error, Mismatch):
        seen = error.evidence
        got, expected = (
            None if value is None else sketch(value) for value in (error.got, error.expected)
        )
        return Failure("mismatch", seen.what, seen.call, seen.index, got, expected)
    if isinstance(error, NotImplementedError):
        return None
    if isinstance(error, StudentError) and error.phase not in _OUTSIDE_OF_CALLS:
        return Failure(error.kind, re.sub(r"0x[0-9a-f]+|\b\w+\(\)", "", str(error)))
    return None


def name_failures(
    records: Sequence[Record],
    known: Sequence[Mistake],
    attempt: Attempt,
    attempts: float | None = None,
) -> list[tuple[Mistake, ...]]:
    """Return, for each record, the mistakes that explain it.

    Parameters
    ----------
    records : sequence of Record
        All checks of a stage.
    known : sequence of Mistake
        Those that may be behind them.
    attempt : callable
        Tells how a check goes with a mistake in the student's place.
    attempts : int, optional
        How often that may be done, by default `ATTEMPTS`; what is not explained by then
        stays without a name.
    """
    trial = _Trial(records, attempt, ATTEMPTS if attempts is None else attempts)
    explained: list[tuple[Mistake, ...]] = [()] * len(records)
    suspects: list[Mistake] = []
    failed = [i for i, r in enumerate(records) if r.failure is not None and not r.slow]
    # What is likely first, for every check: one that nothing explains leaves attempts for others.
    for named in (True, False):
        for i in failed:
            if not explained[i]:
                group = _group(records[i], known, named)
                explained[i] = trial.explaining(records[i], suspects, group)
                suspects += [m for m in explained[i] if m not in suspects]
        if any(len(found) > 1 for found in explained):
            scores = _scores(records, suspects, trial)
            explained = [_likeliest(found, scores) for found in explained]
    return [_with_twins(found, known) for found in explained]


def _group(record: Record, known: Sequence[Mistake], named: bool) -> list[Mistake]:
    """Return the mistakes of what a check names, or all the others."""
    used = names_used(record.function)
    return [m for m in known if (m.function in used) is named]


class _Trial:
    """Repeats checks with mistakes in the student's place, as often as is allowed."""

    def __init__(self, records: Sequence[Record], attempt: Attempt, attempts: float) -> None:
        self._passed = [record for record in records if record.passed and not record.slow]
        self._attempt = attempt
        self.left = attempts
        self._tried: dict[tuple[str, str], bool] = {}

    def agrees(self, record: Record, mistake: Mistake) -> bool:
        """Whether a check goes with a mistake as it went with the student's code.

        What was tried is known, and costs no attempt.
        """
        which = (record.name, mistake.full_id)
        if which not in self._tried:
            self.left -= 1
            if self.left < 0:
                return False
            self._tried[which] = self._is_alike(record, mistake)
        return self._tried[which]

    def contradicts(self, mistake: Mistake) -> bool:
        """Whether a check that the student passes fails with a mistake of what it names."""
        told = (r for r in self._passed if mistake.function in names_used(r.function))
        return any(not self.agrees(record, mistake) and self.left >= 0 for record in told)

    def _is_alike(self, record: Record, mistake: Mistake) -> bool:
        tried = self._attempt(mistake, record)
        if record.passed or tried.passed:
            return record.passed and tried.passed
        return record.failure is not None and same_failure(record.failure, tried.failure)

    def explaining(self, record: Record, *groups: Sequence[Mistake]) -> tuple[Mistake, ...]:
        """Return what explains a failure: those of the first group that has any."""
        found = (
            tuple(
                m
                for m in group
                if record.may_be(m) and self.agrees(record, m) and not self.contradicts(m)
            )
            for group in groups
        )
        return next(filter(None, found), ())


def _scores(
    records: Sequence[Record], suspects: Sequence[Mistake], trial: _Trial
) -> dict[str, int]:
    """Return on how many checks each suspect agrees with the student."""
    scores = {m.full_id: 0 for m in suspects}
    for record in records:
        if not record.slow and trial.left >= len(suspects):
            for m in suspects:
                scores[m.full_id] += trial.agrees(record, m)
    return scores


def _likeliest(found: Sequence[Mistake], scores: Mapping[str, int]) -> tuple[Mistake, ...]:
    best = max((scores[m.full_id] for m in found), default=0)
    return tuple(m for m in found if scores[m.full_id] == best)


def _with_twins(found: Sequence[Mistake], known: Sequence[Mistake]) -> tuple[Mistake, ...]:
    """Add those that nothing tells apart from one that was found: which it was, chance decides."""
    ids = {m.id for m in found}
    same = ids | {twin for m in found for twin in m.same_as}
    stages = {m.stage.id for m in found}
    twins = [m for m in known if m.stage.id in stages and (m.id in same or ids & {*m.same_as})]
    return tuple(found) if len(twins) == len(found) else tuple(twins)
