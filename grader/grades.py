"""What became of one submission: a report, what it is worth, and why there is none.

Like `grader.results` frozen data with a version and a JSON form; renderers and exports
read it, and nothing else.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.results import CriterionResult, Report, StageResult, plain

VERSION = 1


class Standing(enum.StrEnum):
    """How far the grading of a submission came."""

    GRADED = "graded"
    REFUSED = "refused"  # it cannot be read: the reason says why
    BROKEN = "broken"  # our fault, never the student's


@dataclass(frozen=True)
class Student:
    """Who handed something in.

    Parameters
    ----------
    key : str
        Unique in a class, and fit to name a file: ``doejane_12345``.
    name, email : str
        As the learning platform told them; empty if it did not.
    id : str
        The platform's own number: of Canvas the ``ID``, of Moodle the identifier in the
        folder's name, of Gradescope the ``sid``.
    """

    key: str
    name: str = ""
    email: str = ""
    id: str = ""

    @property
    def called(self) -> str:
        """The key, and the name where that has letters which a key cannot have."""
        return self.key if self.name.isascii() else f"{self.key} ({self.name})"


@dataclass(frozen=True)
class FollowThrough:
    """A stage, checked once more with the reference in place of earlier stages.

    Parameters
    ----------
    stage : StageResult
        What the checks found then.
    replaced : tuple of str
        The stages for which the reference stood in.
    """

    stage: StageResult
    replaced: tuple[str, ...]


@dataclass(frozen=True)
class Late:
    """A late penalty.

    Parameters
    ----------
    submitted, due : str
        ISO 8601 with the offset from UTC.
    days : int
        Days begun after the deadline and its grace.
    percent : float
        What is taken off, of the points earned.
    """

    submitted: str
    due: str
    days: int
    percent: float


@dataclass(frozen=True)
class Grade:
    """The outcome of one submission.

    Parameters
    ----------
    student : Student
    standing : Standing
    possible : int
        The points of all criteria that were to be checked.
    reason : str
        Why it was refused, or what broke.
    notes : tuple of str
        What a grader should know: a file that was passed over, a time that is not known.
    report : Report or None
        Of the checks; None unless graded.
    followed : tuple of FollowThrough
        Later stages that were checked again, when that was asked for.
    late : Late or None
        None when it came in time or no time is known.
    digests : dict
        SHA-256 of the ``submission``, the ``course`` and the ``options``: as long as they
        stay the same, so does the grade.
    """

    student: Student
    standing: Standing
    possible: int
    reason: str = ""
    notes: tuple[str, ...] = ()
    report: Report | None = None
    followed: tuple[FollowThrough, ...] = ()
    late: Late | None = None
    digests: dict[str, str] | None = None
    version: int = VERSION

    @property
    def stages(self) -> tuple[StageResult, ...]:
        """The stages of its report."""
        return self.report.stages if self.report else ()

    def credit(self, stage: StageResult, criterion: CriterionResult) -> int:
        """Return the points of one criterion, those of a follow-through included."""
        again = next((f.stage for f in self.followed if f.stage.id == stage.id), None)
        twin = next((c for c in again.criteria if c.id == criterion.id), None) if again else None
        return max(_earned(stage, criterion), _earned(again, twin) if again and twin else 0)

    @property
    def earned(self) -> int:
        """The points of all criteria, before any penalty."""
        return sum(self.credit(s, c) for s in self.stages for c in s.criteria)

    @property
    def mark(self) -> float:
        """The points that count: earned, less the late penalty, to two decimals."""
        percent = self.late.percent if self.late else 0.0
        return round(self.earned * (1 - percent / 100), 2)


def _earned(stage: StageResult, criterion: CriterionResult) -> int:
    """Return a criterion's points as its stage counts them: a broken rule takes them all."""
    return criterion.earned if stage.earned else 0


def _plain(grade: Grade) -> dict[str, Any]:
    tree: dict[str, Any] = msgspec.to_builtins(grade)
    if grade.report:
        tree["report"] = plain(grade.report)
    return tree | {"earned": grade.earned, "mark": grade.mark}


def to_json(grade: Grade) -> str:
    """Return the grade as JSON text, with points written out."""
    return msgspec.json.format(msgspec.json.encode(_plain(grade)), indent=1).decode() + "\n"


def from_json(text: str | bytes) -> Grade:
    """Read back what `to_json` wrote.

    Raises
    ------
    ValueError
        The text is no grade, or of another version.
    """
    try:
        grade = msgspec.json.decode(text, type=Grade)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"not a grade: {error}") from error
    if grade.version != VERSION:
        raise ValueError(f"grade version {grade.version}; this grader reads {VERSION}")
    return grade
