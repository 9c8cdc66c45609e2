"""A few sentences about a grade: for a platform's feedback cell, the top of a page."""

from __future__ import annotations

from collections.abc import Iterator

from grader.grades import Grade, Standing
from grader.render.sheet import Notes, points_text
from grader.results import CheckResult, CriterionResult, Outcome, StageResult, first_to_fix

OUR_FAULT = "could not be graded; that is the grader's fault, not yours. Tell your instructor."


def feedback(grade: Grade) -> str:
    """Return the sentences as one line; it is never empty."""
    return " ".join(feedback_lines(grade))


def feedback_lines(grade: Grade) -> list[str]:
    """Return points by stage, what was taken off, the first thing to fix with its name."""
    fault = [f"Your submission {OUR_FAULT}"] if grade.standing is Standing.BROKEN else []
    if fault and not grade.report:
        return fault
    if grade.standing is Standing.REFUSED:
        return [f"Your submission could not be read: {grade.reason or 'no reason is known'}."]
    total = f"{points_text(grade.mark)} of {grade.possible} points"
    stages = ", ".join(_points(grade, stage) for stage in grade.stages if stage.criteria)
    lines = [f"{total} ({stages})." if stages else f"{total}: nothing was checked."]
    return [*fault, *lines, *_late(grade), *_followed(grade), *_first(grade)]


def mark_cell(grade: Grade, notes: Notes) -> str:
    """Return the points to hand on, empty if nothing was graded; note what to look at.

    What was refused or broke is no zero: somebody has to see to it first.
    """
    who = grade.student.called
    if grade.standing is Standing.BROKEN:
        notes.empty.append(f"{who}: the grading broke, which is our fault; grade it again")
        return ""
    if grade.standing is Standing.REFUSED:
        notes.empty.append(f"{who}: refused: {grade.reason or 'no reason is known'}")
        return ""
    if broken := broken_criteria(grade):
        notes.remarks.append(f"{who}: by our fault not judged: {'; '.join(broken)}")
    return points_text(grade.mark)


def broken_criteria(grade: Grade) -> list[str]:
    """Return the criteria that have no verdict through a fault of ours."""
    return [
        f"{stage.id}, {criterion.id}"
        for stage in grade.stages
        for criterion in stage.criteria
        if criterion.outcome is Outcome.BROKEN
    ]


def is_passed(grade: Grade, stage: StageResult, criterion: CriterionResult) -> bool:
    """Tell whether a criterion counts: a broken rule takes its points, a second run gives them."""
    if not criterion.points:
        return criterion.outcome is Outcome.PASSED
    return grade.credit(stage, criterion) == criterion.points


def names(check: CheckResult) -> str:
    """Return the mistakes that a check's failure may be, or nothing.

    Examples
    --------
    >>> names(CheckResult("test_a", "a", False, Outcome.FAILED, 0.1))
    ''
    """
    return " or ".join(f"{m.function} {m.name}" for m in check.mistakes)


def _points(grade: Grade, stage: StageResult) -> str:
    earned = sum(grade.credit(stage, criterion) for criterion in stage.criteria)
    return f"{stage.id.rpartition('.')[2]} {earned}/{stage.points}"


def _late(grade: Grade) -> Iterator[str]:
    if grade.late and grade.late.percent:
        days = f"{grade.late.days} day{'s' if grade.late.days != 1 else ''}"
        percent = points_text(grade.late.percent)
        yield f"{percent} % of {grade.earned} points are taken off: {days} late."


def _followed(grade: Grade) -> Iterator[str]:
    for each in grade.followed:
        replaced = ", ".join(each.replaced)
        yield f"{each.stage.id} was checked again with the reference in place of {replaced}."


def _first(grade: Grade) -> Iterator[str]:
    """The first thing to fix: the criterion, and the mistake's name where an open check has it.

    What hidden checks found is not for a cell that is shown as soon as it is imported.
    """
    found = first_to_fix(grade.report) if grade.report else None
    if found is None:
        if grade.report and grade.report.outcome is Outcome.PASSED and grade.stages:
            yield "Everything passed."
        return
    stage, criterion = found
    check = open_check(criterion.checks, criterion.outcome)
    what = (check and criterion.outcome is Outcome.FAILED and wrong_as_a_whole(stage)) or ""
    heads = {Outcome.TODO: "Next", Outcome.BROKEN: "Not judged, by a fault of the grader"}
    head = heads.get(criterion.outcome, "First to fix")
    yield f"{head}: {stage.id}, {what or criterion.sentence}."
    if check and check.mistakes:
        yield f"Looks like: {names(check)}."
    if check and check.blocked_by:
        yield f"In the way: {check.blocked_by}."


def wrong_as_a_whole(stage: StageResult) -> str:
    """Return what is wrong with a file as a whole: it is not there, or does not load."""
    evidence = [check.evidence for c in stage.criteria for check in c.checks]
    whole = {e.what.partition(": ")[0] if e and not e.call else "" for e in evidence}
    return "".join(whole) if len(whole) == 1 else ""


def open_check(checks: tuple[CheckResult, ...], outcome: Outcome) -> CheckResult | None:
    """Return the first open check with this outcome."""
    return next((c for c in checks if c.outcome is outcome and not c.hidden), None)
