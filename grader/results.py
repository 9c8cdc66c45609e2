"""What a check run found: frozen data with a version, and its JSON form.

Renderers turn it into text; nothing else knows how a verdict looks.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from grader.errors import Frame

VERSION = 1
# The criterion that stands in a stage's result when its file breaks a code rule.
RULES = "rules"
# The check that stands in for all of a stage's when a file that judges it was altered.
INTACT = "intact"


class Outcome(enum.StrEnum):
    """What became of a check, a criterion or a stage."""

    PASSED = "passed"
    FAILED = "failed"
    TODO = "todo"  # the stub is untouched
    BLOCKED = "blocked"  # an earlier stage's function is in the way
    BROKEN = "broken"  # not judged, by no fault of the student's code


# The first of these that any check of a criterion has is the criterion's own.
_PRECEDENCE = (Outcome.BROKEN, Outcome.FAILED, Outcome.TODO, Outcome.BLOCKED)


def combine(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome of a whole from the outcomes of its parts.

    Examples
    --------
    >>> combine([Outcome.PASSED, Outcome.TODO]).value
    'todo'
    """
    found = set(outcomes)
    if not found:
        return Outcome.BROKEN
    return next((outcome for outcome in _PRECEDENCE if outcome in found), Outcome.PASSED)


@dataclass(frozen=True)
class Shown:
    """A value, prepared for showing.

    Parameters
    ----------
    text : str
        The value in one line: ``(3, 4)``, or ``float64 array, shape (2, 3, 4, 1)``.
    dtype : str
        Of an array, else empty.
    shape : tuple of int
        Of the whole array.
    values : tuple
        The entries of the excerpt in row-major order; what JSON has no number for stands
        there as text (``"nan"``, ``"inf"``).
    excerpt : tuple of (int, int)
        For each axis of the array, which ``start, stop`` the values cover.
    """

    text: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    values: tuple[bool | int | float | str, ...] = ()
    excerpt: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Why a check did not pass, and what was printed during it.

    Parameters
    ----------
    what : str
        One sentence: what is wrong.
    call : str
        The call as a student would type it.
    arguments : tuple of (str, Shown)
        The arrays that the call names.
    expected, got : Shown or None
        The two values that differ.
    index : tuple of int or None
        The first index where they differ.
    frames : tuple of Frame
        The student's own lines, outermost first.
    printed : str
        What the student's code printed during the check.
    """

    what: str
    call: str = ""
    arguments: tuple[tuple[str, Shown], ...] = ()
    expected: Shown | None = None
    got: Shown | None = None
    index: tuple[int, ...] | None = None
    frames: tuple[Frame, ...] = ()
    printed: str = ""


@dataclass(frozen=True)
class NamedMistake:
    """A known mistake that explains a failure.

    Parameters
    ----------
    id : str
        ``s13.padding.pads-every-axis``.
    function : str
        Which function it is a mistake of.
    name : str
        In one line, to follow the function's name.
    hints : tuple of str
        One after the other: where to look, a counterexample, the invariant.
    """

    id: str
    function: str
    name: str
    hints: tuple[str, ...]

    @property
    def stage(self) -> str:
        """The stage that it belongs to."""
        return self.id.rpartition(".")[0]


@dataclass(frozen=True)
class CheckResult:
    """One check: a function in a check file."""

    name: str
    title: str
    hidden: bool
    outcome: Outcome
    seconds: float
    evidence: Evidence | None = None
    blocked_by: str = ""
    mistakes: tuple[NamedMistake, ...] = ()


@dataclass(frozen=True)
class CriterionResult:
    """One success criterion: the checks that stand for it."""

    id: str
    sentence: str
    points: int
    checks: tuple[CheckResult, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its checks."""
        return combine(check.outcome for check in self.checks)

    @property
    def earned(self) -> int:
        """All of the points, or none."""
        return self.points if self.outcome is Outcome.PASSED else 0

    @property
    def decisive(self) -> CheckResult | None:
        """The first check that has the criterion's own outcome, unless all passed."""
        if self.outcome is Outcome.PASSED:
            return None
        return next((check for check in self.checks if check.outcome is self.outcome), None)


@dataclass(frozen=True)
class StageResult:
    """One stage: its criteria in the order of the lesson."""

    id: str
    title: str
    criteria: tuple[CriterionResult, ...]
    left_out: tuple[str, ...] = ()
    printed: str = ""

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its criteria."""
        return combine(criterion.outcome for criterion in self.criteria)

    @property
    def answers(self) -> Outcome:
        """The worst outcome of its checks alone: whether its functions do what they should."""
        return combine(criterion.outcome for criterion in self.criteria if criterion.id != RULES)

    @property
    def points(self) -> int:
        """What the stage's criteria are worth together."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def earned(self) -> int:
        """What was earned of them: nothing as long as a code rule is broken."""
        if any(c.id == RULES and c.outcome is not Outcome.PASSED for c in self.criteria):
            return 0
        return sum(criterion.earned for criterion in self.criteria)


@dataclass(frozen=True)
class Sandbox:
    """How well the student's code was confined."""

    level: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """One run of ``grader check``.

    `notes` say what a reader of its verdicts should know about the course.
    """

    unit: str
    subject: str
    stages: tuple[StageResult, ...]
    sandbox: Sandbox
    started: str
    seconds: float
    versions: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    version: int = VERSION

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its stages."""
        return combine(stage.outcome for stage in self.stages if stage.criteria)

    @property
    def exit_code(self) -> int:
        """0: all passed; 1: something did not, or nothing ran; 2: the course is broken."""
        if not any(stage.criteria for stage in self.stages):
            return 1
        return {Outcome.PASSED: 0, Outcome.BROKEN: 2}.get(self.outcome, 1)


def first_to_fix(report: Report) -> tuple[StageResult, CriterionResult] | None:
    """Return what to look at first: the first criterion that did not pass.

    Failures come before tasks of the same stage; a blocked criterion comes last of all,
    since its cause stands elsewhere.
    """
    order = (Outcome.BROKEN, Outcome.FAILED, Outcome.TODO, Outcome.BLOCKED)
    open_stages = [s for s in report.stages if s.criteria and s.outcome is not Outcome.PASSED]
    for outcomes in ((Outcome.BROKEN, Outcome.FAILED, Outcome.TODO), order):
        for stage in open_stages:
            for outcome in outcomes:
                found = next((c for c in stage.criteria if c.outcome is outcome), None)
                if found:
                    return stage, found
    return None


def plain(report: Report) -> dict[str, Any]:
    """Add to the fields what is derived from them, so that a reader need not."""
    tree: dict[str, Any] = msgspec.to_builtins(report)
    tree["outcome"] = report.outcome.value
    for stage, stage_tree in zip(report.stages, tree["stages"], strict=True):
        stage_tree |= {"points": stage.points, "earned": stage.earned}
        stage_tree["outcome"] = stage.outcome.value if stage.criteria else None
        for criterion, part in zip(stage.criteria, stage_tree["criteria"], strict=True):
            part |= {"outcome": criterion.outcome.value, "earned": criterion.earned}
    return tree


def to_json(report: Report) -> str:
    """Return the report as JSON text, with derived outcomes and points written out."""
    return msgspec.json.format(msgspec.json.encode(plain(report)), indent=2).decode()


def from_json(text: str) -> Report:
    """Read back what `to_json` wrote.

    Raises
    ------
    ValueError
        The text is no report, or of another version.
    """
    try:
        version = msgspec.json.decode(text, type=_AnyVersion).version
        if version == VERSION:
            return msgspec.json.decode(text, type=Report)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"not a report: {error}") from error
    raise ValueError(f"report version {version}; this grader reads {VERSION}")


@dataclass(frozen=True)
class _AnyVersion:
    """What a report of every version has."""

    version: int
