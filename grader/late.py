"""Late penalties: what a deadline, a grace and a rate take off.

They stand in a small TOML file::

    due = 2026-12-01T18:00:00+01:00   # with the offset from UTC
    grace_minutes = 30                # a slow upload costs nothing; 0 if left out
    percent_per_day = 10              # of the points earned, for each day begun
    cap_percent = 50                  # never more than this; 100 if left out

    [extensions]                      # a later deadline for some; key, e-mail or id
    "ada@example.edu" = 2026-12-08T18:00:00+01:00
    41235 = 2026-12-03T18:00:00+01:00

A day begins when the last one ends: with the grace above, 18:30 costs nothing, a second
later one day, 18:30 of the next day still one day.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import msgspec

from grader.errors import UsageError
from grader.grades import Late, Student
from grader.settings import read_settings

_Instant = Annotated[datetime.datetime, msgspec.Meta(tz=True)]
_Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
_DAY = datetime.timedelta(days=1)
_EXAMPLE = "2026-12-01T18:00:00+01:00"


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of the file."""

    due: _Instant
    percent_per_day: _Percent
    grace_minutes: Annotated[float, msgspec.Meta(ge=0, le=60 * 24 * 366)] = 0
    cap_percent: _Percent = 100
    extensions: dict[str, _Instant] = {}


def read_policy(path: Path) -> Policy:
    """Read a file of late penalties.

    Raises
    ------
    UsageError
        With the file, the key and the expected form.
    """
    try:
        return read_settings(path, Policy, UsageError)
    except UsageError as error:
        raise UsageError(f"{error}{_advice(str(error))}") from error


def _advice(problem: str) -> str:
    """Return what to write instead, where a time is wrong."""
    if "timezone" in problem:
        return f"\nWrite the offset from UTC too, as in {_EXAMPLE}."
    if "datetime" in problem:
        quoted = 'put a key with a dot or an @ in quotes: "ada@example.edu"'
        return f"\nWrite date, time and offset, as in {_EXAMPLE}; {quoted}."
    if "not a TOML file" in problem:
        return '\nA key with an @ or a blank stands in quotes: "ada@example.edu".'
    return ""


def instant(text: str) -> datetime.datetime | None:
    """Return the instant that ISO 8601 text with an offset names, or None.

    Examples
    --------
    >>> instant("2026-12-01T17:00:00Z") == instant("2026-12-01T18:00:00+01:00")
    True
    """
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def due_for(policy: Policy, student: Student) -> datetime.datetime:
    """Return a student's deadline: the latest that the file gives them."""
    names = _names(student)
    extended = [due for name, due in policy.extensions.items() if name.casefold() in names]
    return max([policy.due, *extended])


def penalty(policy: Policy, student: Student, submitted: str) -> Late | None:
    """Return what a submission loses by its time.

    Parameters
    ----------
    policy : Policy
    student : Student
    submitted : str
        ISO 8601 with the offset from UTC.

    Returns
    -------
    late : Late or None
        None if it came in time. None too if `instant` does not understand the time: what is
        not known costs nobody points, and is the caller's to note.
    """
    at, due = instant(submitted), due_for(policy, student)
    if at is None:
        return None
    over = at - due - datetime.timedelta(minutes=policy.grace_minutes)
    if over <= datetime.timedelta(0):
        return None
    days = -(-over // _DAY)  # a day begun counts
    percent = min(days * policy.percent_per_day, policy.cap_percent)
    return Late(at.isoformat(), due.isoformat(), days, percent)


def unknown_extensions(policy: Policy, students: Iterable[Student]) -> tuple[str, ...]:
    """Return the extensions that belong to none of `students`: a slip of the pen, perhaps."""
    known: set[str] = set()
    for student in students:
        known |= _names(student)
    return tuple(name for name in policy.extensions if name.casefold() not in known)


def _names(student: Student) -> set[str]:
    """Return what a student may be called in the file; capitals do not matter."""
    return {name.casefold() for name in (student.key, student.email, student.id) if name}
