"""Whether a student's edition says what the author's does, of every known mistake.

A mistake stands in the student's place while the open checks run, once with the solution to
say what is right, once with the recording that students get in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader.checkfiles import proxies, run_checks
from grader.course import Course, Stage, Unit
from grader.errors import NotRecorded
from grader.failures import Failure, same_failure
from grader.listener import Listener
from grader.local import Local
from grader.matrix import CheckRow, Matrix
from grader.mistakes import Mistake
from grader.naming import Attempted, Record, name_failures
from grader.recorded import Recorded
from grader.reference import LiveReference

PASSED = Attempted(True)
# How a check goes with a mistake, by their names; None for what was not tried.
Live = Callable[[str, str], Attempted | None]


@dataclass(frozen=True)
class Compared:
    """What came out for one stage.

    Parameters
    ----------
    stage : str
    runs : int
        Of one check with one mistake, or with the solution.
    unrecorded : int
        Those in which nothing was recorded for what the check asked.
    named : int
        Mistakes that a student would hear the name of.
    different : tuple of str
        Where the editions do not agree, a line each.
    """

    stage: str
    runs: int
    unrecorded: int
    named: int
    different: tuple[str, ...]


def compare(
    course: Course,
    unit: Unit,
    stage: Stage,
    known: Sequence[Mistake],
    live: Live,
    recordings: Mapping[str, Path],
) -> Compared:
    """Run the open checks of a stage as a student's edition would, and compare.

    Parameters
    ----------
    live : callable
        Tells how a check goes with a mistake, as the author's edition says.
    recordings : mapping of str to Path
        By the ids of the stages.
    """
    modules = {each.id: each.module for each in unit.stages}
    recorded = Recorded(recordings, modules, frozenset(recordings))
    told = LiveReference(unit.given(), recorded)
    replay = _Replay(stage, LiveReference(unit.solutions()), known, Listener(), told)
    with proxies(course, unit, told, lambda: replay.session):
        run_checks(course, [stage], replay)

    def on_paper(mistake: Mistake, record: Record) -> Attempted:
        return recorded.attempt(mistake, record.name)

    def in_person(mistake: Mistake, record: Record) -> Attempted:
        return live(record.name, mistake.id) or PASSED

    different, named = [], 0
    for mistake in known:
        seen = [
            (row, row.attempts[mistake.id], there)
            for row in replay.checks
            if mistake.id in row.attempts and (there := live(row.name, mistake.id))
        ]
        different += [
            f"{mistake.id}, {row.name}: {here}, and live {there}"
            for row, here, there in seen
            if not _agree(here, there)
        ]
        told_here = _names([(row, here) for row, here, _ in seen], known, on_paper)
        told_there = _names([(row, there) for row, _, there in seen], known, in_person)
        named += bool(told_here)
        if told_here != told_there:
            different.append(f"{mistake.id}: called {told_here}, and live {told_there}")
    runs = sum(1 + len(row.attempts) for row in replay.checks)
    return Compared(stage.id, runs, replay.unrecorded, named, tuple(different))


class _Replay(Matrix):
    """Counts what was never recorded."""

    unrecorded = 0

    def _attempt(self, session: Local, run: Callable[[], None]) -> BaseException | None:
        error = super()._attempt(session, run)
        self.unrecorded += isinstance(error, NotRecorded)
        return error


def _agree(a: Attempted, b: Attempted) -> bool:
    if a.passed or b.passed or a.failure is None or b.failure is None:
        return a == b
    return same_failure(*(_without_numbers(each) for each in (a.failure, b.failure)))


def _without_numbers(failure: Failure) -> Failure:
    """Leave numbers out of a sentence: one check draws from a generator without a seed."""
    return msgspec.structs.replace(failure, text=re.sub(r"\d+", "#", failure.text))


def _names(
    tried: Sequence[tuple[CheckRow, Attempted]],
    known: Sequence[Mistake],
    attempt: Callable[[Mistake, Record], Attempted],
) -> list[str]:
    """Return what the first failing check is called."""
    records = [
        Record(row.name, row.run, row.function, went.passed, went.failure, row.slow)
        for row, went in tried
    ]
    explained = name_failures(records, known, attempt)
    failed = [found for record, found in zip(records, explained, strict=True) if not record.passed]
    return sorted(m.id for m in failed[0]) if failed else []
