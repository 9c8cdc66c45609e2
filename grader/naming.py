"""Names the mistake behind a failure.

A known mistake explains a failed check if the same check, run with the mistake in the
student's place, fails in the same way to the last digit. Several may explain one check;
the stage's other checks then tell them apart, or they are all listed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from grader.checking.checks import Mismatch
from grader.checking.compare import difference
from grader.errors import StudentError
from grader.mistakes import Mistake

# Seconds that naming may add to a failing stage, and the longest check worth repeating.
BUDGET = 0.3
LONGEST = 0.08

Attempt = Callable[[Mistake, Callable[[], None]], BaseException | None]


@dataclass(frozen=True)
class Record:
    """One check as it went with the student's code.

    Parameters
    ----------
    check : callable
        Runs it again.
    function : callable
        The check function, for the names that it uses.
    error : BaseException or None
        How it failed.
    seconds : float
        How long it took.
    """

    check: Callable[[], None]
    function: Any
    error: BaseException | None
    seconds: float


def name_failures(
    records: Sequence[Record],
    known: Sequence[Mistake],
    attempt: Attempt,
    budget: float = BUDGET,
) -> list[tuple[Mistake, ...]]:
    """Return, for each record, the mistakes that explain it.

    Parameters
    ----------
    records : sequence of Record
        All checks of a stage.
    known : sequence of Mistake
        Those that may be behind them.
    attempt : callable
        Runs a check with a mistake in the student's place; returns how it failed.
    budget : float
        Seconds after which no more is tried.
    """
    end = time.monotonic() + budget
    explained: list[tuple[Mistake, ...]] = [() for _ in records]
    suspects: list[Mistake] = []
    for i, record in enumerate(records):
        if record.error is None or record.seconds > LONGEST:
            continue
        explained[i] = _explain(record, _in_order(record, suspects, known), attempt, end)
        suspects += [m for m in explained[i] if m not in suspects]
    if any(len(found) > 1 for found in explained):
        likely = _told_apart(records, suspects, attempt, end)
        explained = [tuple(m for m in found if m in likely) or found for found in explained]
    return explained


def _in_order(
    record: Record, suspects: Sequence[Mistake], known: Sequence[Mistake]
) -> list[Mistake]:
    """Suspects first, then mistakes of the functions that the check names, then others."""
    used = names_used(record.function)
    direct = [m for m in known if m.function in used and m not in suspects]
    others = [m for m in known if m.function not in used and m not in suspects]
    return [*suspects, *direct, *others]


def _explain(
    record: Record, candidates: Iterable[Mistake], attempt: Attempt, end: float
) -> tuple[Mistake, ...]:
    found = []
    for candidate in candidates:
        if time.monotonic() > end:
            break
        if same_failure(record.error, attempt(candidate, record.check)):
            found.append(candidate)
    return tuple(found)


def _told_apart(
    records: Sequence[Record], suspects: Sequence[Mistake], attempt: Attempt, end: float
) -> list[Mistake]:
    """Return the suspects that agree with the student on the most checks."""
    scores = dict.fromkeys(range(len(suspects)), 0)
    for record in records:
        if time.monotonic() > end or record.seconds > LONGEST:
            continue
        for i, suspect in enumerate(suspects):
            scores[i] += same_failure(record.error, attempt(suspect, record.check))
    best = max(scores.values())
    return [suspect for i, suspect in enumerate(suspects) if scores[i] == best]


def same_failure(student: BaseException | None, mistaken: BaseException | None) -> bool:
    """Whether two runs of one check went alike, to the last digit."""
    if student is None or mistaken is None:
        return student is mistaken
    if isinstance(student, Mismatch) and isinstance(mistaken, Mismatch):
        a, b = student.evidence, mistaken.evidence
        return (a.what, a.call, a.index) == (b.what, b.call, b.index) and (
            difference(student.got, mistaken.got) is None
        )
    if isinstance(student, StudentError) and isinstance(mistaken, StudentError):
        return student.kind == mistaken.kind and _plain(student) == _plain(mistaken)
    return False


def _plain(error: BaseException) -> str:
    """A message without what differs from run to run."""
    return re.sub(r"0x[0-9a-f]+|\b\w+\(\)", "", str(error))


def names_used(function: Any) -> set[str]:
    """Return the names that a check uses, those inside its helpers included.

    Examples
    --------
    >>> def check(): return pad2d(1)
    >>> "pad2d" in names_used(check)
    True
    """
    inner: Any = getattr(function, "hypothesis", None)
    function = inner.inner_test if inner else function
    helpers = {
        name: value.__code__
        for name, value in function.__globals__.items()
        if isinstance(value, FunctionType) and value.__module__ == function.__module__
    }
    pending, seen = [function.__code__], set()
    while pending:
        code = pending.pop()
        if code not in seen:
            seen.add(code)
            pending += [part for part in code.co_consts if isinstance(part, CodeType)]
            pending += [helpers[name] for name in code.co_names if name in helpers]
    return {name for code in seen for name in code.co_names}
