"""The result that the reporters of GitHub Classroom read from a step's output."""

from __future__ import annotations

import base64
import json
from typing import Any

from grader.grades import Grade, Standing
from grader.render.feedback import feedback, is_passed, open_check
from grader.render.legible import check_text, legible
from grader.results import CriterionResult, Outcome, StageResult

# A step's output may hold 1 MB, and base64 adds a third.
_MOST = 2_000


def classroom_result(grade: Grade) -> dict[str, Any]:
    """Return what the payload says: a status, the points, a test for each criterion."""
    tests = [_test(grade, stage, c) for stage in grade.stages for c in stage.criteria]
    return {
        "version": 1,
        "status": _status(grade, {test["status"] for test in tests}),
        "max_score": sum(c.points for s in grade.stages for c in s.criteria) or grade.possible,
        "tests": tests or [_without_checks(grade)],
    }


def classroom_payload(grade: Grade) -> str:
    """Return the result as the base64 of its JSON."""
    return base64.b64encode(json.dumps(classroom_result(grade)).encode()).decode()


def _status(grade: Grade, of_tests: set[str]) -> str:
    if grade.standing is Standing.BROKEN or "error" in of_tests:
        return "error"
    return "pass" if of_tests == {"pass"} else "fail"


def _test(grade: Grade, stage: StageResult, criterion: CriterionResult) -> dict[str, Any]:
    return {
        "name": legible(f"{stage.id}: {criterion.sentence}", 200),
        "status": _test_status(grade, stage, criterion),
        "score": grade.credit(stage, criterion),
        "message": _message(criterion),
        "test_code": f"grader check {stage.id}",
        "filename": "",
        "line_no": 0,
        "execution_time": round(sum(c.seconds for c in criterion.checks), 3),
    }


def _message(criterion: CriterionResult) -> str | None:
    """What the open checks found; the reporter prints it where students read it."""
    if criterion.outcome is Outcome.PASSED:
        return None
    shown = open_check(criterion.checks, criterion.outcome)
    return legible(check_text(shown), _MOST) if shown else "A hidden check does not pass."


def _test_status(grade: Grade, stage: StageResult, criterion: CriterionResult) -> str:
    if is_passed(grade, stage, criterion):
        return "pass"
    return "error" if criterion.outcome is Outcome.BROKEN else "fail"


def _without_checks(grade: Grade) -> dict[str, Any]:
    """The one test of a submission that was never checked: it says why."""
    return {
        "name": "submission",
        "status": "error" if grade.standing is Standing.BROKEN else "fail",
        "score": 0,
        "message": legible(feedback(grade), _MOST),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "execution_time": 0.0,
    }
