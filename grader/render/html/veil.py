"""What a student may not see of a hidden check is taken away before a page is made."""

from __future__ import annotations

from dataclasses import replace

from grader.grades import FollowThrough, Grade
from grader.results import CheckResult, CriterionResult, StageResult


def veiled(grade: Grade) -> Grade:
    """Return the grade without the inputs and values of hidden checks.

    All of their evidence goes: the sentence, the student's lines and what was printed can
    each carry an input just as well as the call does. Title, outcome and named mistakes stay.
    """
    report = grade.report
    if report:
        report = replace(report, stages=tuple(_stage(stage) for stage in report.stages))
    followed = tuple(FollowThrough(_stage(f.stage), f.replaced) for f in grade.followed)
    return replace(grade, report=report, followed=followed)


def _stage(stage: StageResult) -> StageResult:
    return replace(stage, criteria=tuple(_criterion(c) for c in stage.criteria))


def _criterion(criterion: CriterionResult) -> CriterionResult:
    return replace(criterion, checks=tuple(_check(c) for c in criterion.checks))


def _check(check: CheckResult) -> CheckResult:
    return replace(check, evidence=None) if check.hidden else check
