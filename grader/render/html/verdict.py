"""A verdict: of a report alone as a page or a part of one, or of a student's grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.grades import FollowThrough, Grade, Standing, Student
from grader.render.html.arrays import answer_pictures, argument_pictures
from grader.render.html.page import fragment, render
from grader.render.html.veil import veiled
from grader.results import CheckResult, CriterionResult, Outcome, Report, StageResult, first_to_fix

# In the order in which a reader wants to hear of them.
_ORDER = (Outcome.PASSED, Outcome.FAILED, Outcome.BLOCKED, Outcome.TODO, Outcome.BROKEN)


@dataclass(frozen=True)
class Line:
    """One criterion on the page.

    Parameters
    ----------
    criterion : CriterionResult
    credit : int
        The points that count.
    replaced : tuple of str
        The stages for which the reference stood in to earn them, if it did.
    others : tuple of CheckResult
        The checks that did not pass, without the decisive one.
    opened : bool
        Whether its evidence is unfolded: of the first to fix.
    """

    criterion: CriterionResult
    credit: int
    replaced: tuple[str, ...]
    others: tuple[CheckResult, ...]
    opened: bool


@dataclass(frozen=True)
class Part:
    """One stage on the page."""

    stage: StageResult
    lines: tuple[Line, ...]
    followed: FollowThrough | None

    @property
    def name(self) -> str:
        """The short name of the stage."""
        return self.stage.id.rpartition(".")[2]

    @property
    def credit(self) -> int:
        """The points that count."""
        return sum(line.credit for line in self.lines)

    @property
    def own(self) -> int:
        """The points without any follow-through."""
        return sum(line.credit for line in self.lines if not line.replaced)

    @property
    def quiet(self) -> int:
        """How many checks pass and print."""
        checks = [check for line in self.lines for check in line.criterion.checks]
        return sum(check.outcome is Outcome.PASSED and bool(check.evidence) for check in checks)


def verdict_page(report: Report, *, show_hidden: bool = False) -> str:
    """Return one report as a page.

    Parameters
    ----------
    report : Report
    show_hidden : bool
        Whether the evidence of hidden checks is shown: to an instructor only.
    """
    what = "the solution" if report.subject == "solution" else "your files"
    return _page(_grade(report), f"{report.unit}: {what}", show_hidden)


def student_page(grade: Grade, *, show_hidden: bool = False) -> str:
    """Return a student's grade as a page.

    Parameters
    ----------
    grade : Grade
    show_hidden : bool
        Whether the evidence of hidden checks is shown: to an instructor only.
    """
    return _page(grade, grade.student.name or grade.student.key, show_hidden)


def verdict_fragment(report: Report) -> str:
    """Return one report as a part of somebody else's page: the output of a notebook's cell.

    It is for whoever has the checks: what hidden ones show is shown.
    """
    grade = _grade(report)
    return fragment("fragment.html.j2", **_shown(grade, tuple(_parts(grade)), show_hidden=True))


def _grade(report: Report) -> Grade:
    possible = sum(stage.points for stage in report.stages)
    return Grade(Student(""), Standing.GRADED, possible, report=report, notes=report.notes)


def _page(grade: Grade, title: str, show_hidden: bool) -> str:
    shown = grade if show_hidden else veiled(grade)
    parts = tuple(_parts(shown))
    return render("verdict.html.j2", title=title, **_shown(shown, parts, show_hidden))


def _shown(grade: Grade, parts: tuple[Part, ...], show_hidden: bool) -> dict[str, Any]:
    """Return what page and fragment show of a grade."""
    found = Counter(line.criterion.outcome for part in parts for line in part.lines)
    checks = (c for part in parts for line in part.lines for c in line.criterion.checks)
    return {
        "grade": grade,
        "parts": parts,
        "counts": [(outcome, found[outcome]) for outcome in _ORDER if found[outcome]],
        "criteria": found.total(),
        "has_hidden": any(check.hidden for check in checks),
        "show_hidden": show_hidden,
        "arguments_of": argument_pictures,
        "answers_of": answer_pictures,
    }


def _parts(grade: Grade) -> Iterator[Part]:
    found = first_to_fix(grade.report) if grade.report else None
    first = found[1] if found else None
    for stage in grade.stages:
        followed = next((f for f in grade.followed if f.stage.id == stage.id), None)
        lines = tuple(
            _line(grade, stage, criterion, followed, criterion is first)
            for criterion in stage.criteria
        )
        yield Part(stage, lines, followed)


def _line(
    grade: Grade,
    stage: StageResult,
    criterion: CriterionResult,
    followed: FollowThrough | None,
    first: bool,
) -> Line:
    credit = grade.credit(stage, criterion)
    own = criterion.earned if stage.earned else 0
    replaced = followed.replaced if followed and credit > own else ()
    decisive = criterion.decisive
    others = tuple(
        check
        for check in criterion.checks
        if check.outcome is not Outcome.PASSED and check is not decisive
    )
    return Line(criterion, credit, replaced, others, first)
