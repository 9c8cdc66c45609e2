"""``result.json`` as Classroom 50 collects it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.errors import UsageError
from grader.grades import Grade
from grader.render.feedback import is_passed
from grader.render.legible import legible

SCHEMA = "classroom50/result/v1"
_VARIABLES = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
    "review": "REVIEW_URL",
}


def classroom50_result(grade: Grade, environ: Mapping[str, str], now: str) -> dict[str, Any]:
    """Return the content of ``result.json``.

    The points are whole numbers and those of the criteria: lateness is Classroom 50's own
    business, so a penalty is not taken off here.

    Parameters
    ----------
    grade : Grade
    environ : mapping
        Where the runner says which submission this is.
    now : str
        The time in UTC, as ``2026-12-01T17:00:00Z``.

    Raises
    ------
    UsageError
        A variable of the runner is missing.
    """
    tests = [
        {
            "test-name": legible(f"{stage.id}: {criterion.sentence}", 200),
            "passed": is_passed(grade, stage, criterion),
            "score": grade.credit(stage, criterion),
            "max-score": criterion.points,
            "outcome": criterion.outcome.value,
        }
        for stage in grade.stages
        for criterion in stage.criteria
    ]
    return {
        "schema": SCHEMA,
        **{field: _value(environ, name) for field, name in _VARIABLES.items()},
        "datetime": now,
        "score": grade.earned,
        "max-score": sum(test["max-score"] for test in tests) if tests else grade.possible,
        "tests": tests,
    }


def _value(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value and name == "REVIEW_URL":  # older runners have none: the commit is the review
        value = environ.get("COMMIT_URL", "")
    if not value:
        raise UsageError(
            f"the environment has no {name}, which Classroom 50's runner sets.\n"
            f"To try it elsewhere, set {', '.join(_VARIABLES.values())} yourself."
        )
    return value
