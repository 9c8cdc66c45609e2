"""``results.json`` as Gradescope reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.grades import Grade, Standing
from grader.render.feedback import OUR_FAULT, feedback_lines, is_passed, open_check
from grader.render.legible import check_text, legible
from grader.results import CheckResult, CriterionResult, Outcome, StageResult

VISIBILITIES = ("hidden", "after_due_date", "after_published", "visible")
_WORDS = {
    Outcome.PASSED: "Passed.",
    Outcome.FAILED: "Not yet.",
    Outcome.TODO: "To do: the stub is as it was.",
    Outcome.BLOCKED: "Blocked by an earlier stage.",
    Outcome.BROKEN: "Not judged, by a fault of the grader. Tell your instructor.",
}
# What is still to do, or blocked, is said once, by its criterion.
_TELLING = (Outcome.FAILED, Outcome.BROKEN)


def gradescope_results(grade: Grade, hidden_visibility: str = "after_published") -> dict[str, Any]:
    """Return the content of ``results.json`` for one grade.

    Each criterion is a test with its points. What a hidden check found is a test of its own
    without points, with `hidden_visibility`: were a test with points hidden, Gradescope
    would hide the total too.

    Parameters
    ----------
    grade : Grade
    hidden_visibility : str
        One of `VISIBILITIES`.
    """
    return {
        "score": grade.mark,
        "execution_time": grade.report.seconds if grade.report else 0.0,
        "output": legible("\n".join(_output(grade))),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": _extra(grade),
        "tests": [
            test
            for i, stage in enumerate(grade.stages, start=1)
            for test in _stage_tests(grade, stage, i, hidden_visibility)
        ],
    }


def failure_results(what: str) -> dict[str, Any]:
    """Return the content of ``results.json`` for when there is no grade, by our fault."""
    return {
        "score": 0.0,
        "execution_time": 0.0,
        "output": legible(f"Your submission {OUR_FAULT}\nWhat happened: {what}"),
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"standing": Standing.BROKEN.value},
        "tests": [],
    }


def _output(grade: Grade) -> list[str]:
    lines = feedback_lines(grade)
    if grade.standing is Standing.BROKEN and grade.reason:
        lines.append(f"What happened: {grade.reason}")
    lines += [f"Note: {note}" for note in grade.notes]
    if grade.report:
        lines.append(f"Sandbox: {grade.report.sandbox.level}")
        lines += grade.report.sandbox.notes
    return lines


def _extra(grade: Grade) -> dict[str, Any]:
    extra: dict[str, Any] = {
        "standing": grade.standing.value,
        "earned": grade.earned,
        "possible": grade.possible,
    }
    if grade.late:
        extra["late"] = {"days": grade.late.days, "percent": grade.late.percent}
    if grade.report:
        extra["sandbox"] = grade.report.sandbox.level
        extra["versions"] = grade.report.versions
    return extra


def _stage_tests(
    grade: Grade, stage: StageResult, number: int, hidden_visibility: str
) -> Iterator[dict[str, Any]]:
    for i, criterion in enumerate(stage.criteria, start=1):
        yield {
            "score": grade.credit(stage, criterion),
            "max_score": criterion.points,
            "status": "passed" if is_passed(grade, stage, criterion) else "failed",
            "name": f"{stage.id}: {criterion.sentence}",
            "number": f"{number}.{i}",
            "output": _criterion_text(criterion, is_passed(grade, stage, criterion)),
            "tags": [stage.id, criterion.id],
            "visibility": "visible",
        }
        failing = [c for c in criterion.checks if c.hidden and c.outcome in _TELLING]
        for j, check in enumerate(failing, start=1):
            yield _hidden_test(stage, criterion, check, f"{number}.{i}.{j}", hidden_visibility)


def _hidden_test(
    stage: StageResult, criterion: CriterionResult, check: CheckResult, number: str, shown: str
) -> dict[str, Any]:
    return {
        "status": "failed",
        "name": f"{stage.id}, hidden check: {check.title}",
        "number": number,
        "output": check_text(check),
        "tags": [stage.id, criterion.id, "hidden"],
        "visibility": shown,
    }


def _criterion_text(criterion: CriterionResult, counts: bool) -> str:
    """The open check that decides; of hidden ones only that they decided."""
    word = _WORDS[criterion.outcome]
    if criterion.outcome is Outcome.PASSED:
        return word if counts else f"{word} It counts when the file keeps the stage's rules."
    if counts:
        word += " It counts: with the reference in an earlier stage's place it passes."
    shown = open_check(criterion.checks, criterion.outcome)
    if shown is None:
        return f"{word} The open checks pass; a hidden check of this criterion does not."
    return f"{word}\n{check_text(shown)}"
