"""Results: what follows from what, and the way to JSON and back."""

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import Frame
from grader.results import (
    CheckResult,
    CriterionResult,
    Evidence,
    Outcome,
    Report,
    Sandbox,
    Shown,
    StageResult,
    combine,
    from_json,
    to_json,
)

PASSED, FAILED, TODO, BLOCKED, BROKEN = Outcome


def criterion(*outcomes, points=2, name="frame"):
    checks = tuple(
        CheckResult(f"test_{i}", f"check {i}", False, outcome, 0.01)
        for i, outcome in enumerate(outcomes)
    )
    return CriterionResult(name, "a sentence", points, checks)


def stage(*criteria, name="s13.padding"):
    return StageResult(name, "Padding", criteria)


def report(*stages, **fields):
    return Report("s13", "student", stages, Sandbox("L1"), "2026-01-01T00:00:00", 1.5, **fields)


# --- outcomes -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], BROKEN),
        ([PASSED], PASSED),
        ([PASSED, BLOCKED], BLOCKED),
        ([BLOCKED, TODO, PASSED], TODO),
        ([TODO, FAILED, BLOCKED], FAILED),
        ([FAILED, BROKEN, TODO], BROKEN),
    ],
)
def test_the_worst_part_decides(parts, whole):
    assert combine(parts) is whole
    assert combine(reversed(parts)) is whole


def test_points_are_earned_for_a_criterion_that_passed_altogether():
    assert criterion(PASSED, PASSED, points=3).earned == 3
    assert criterion(PASSED, FAILED, points=3).earned == 0
    assert criterion(points=3).earned == 0


def test_a_criterion_without_checks_is_our_fault():
    assert criterion().outcome is BROKEN
    assert criterion().decisive is None


def test_the_decisive_check_is_the_first_with_the_outcome_of_the_criterion():
    assert criterion(PASSED, TODO, FAILED, FAILED).decisive.name == "test_2"
    assert criterion(PASSED).decisive is None


def test_a_stage_adds_up_its_criteria():
    found = stage(criterion(PASSED, points=3), criterion(FAILED, points=2))
    assert (found.points, found.earned, found.outcome) == (5, 3, FAILED)


@pytest.mark.parametrize(
    ("stages", "code"),
    [
        ([stage(criterion(PASSED)), stage(criterion(PASSED))], 0),
        ([stage(criterion(PASSED)), stage()], 0),
        ([stage(criterion(PASSED), criterion(FAILED))], 1),
        ([stage(criterion(TODO))], 1),
        ([stage(criterion(BLOCKED))], 1),
        ([], 1),
        ([stage()], 1),
        ([stage(criterion(FAILED)), stage(criterion(BROKEN))], 2),
    ],
)
def test_the_exit_code_says_passed_failed_or_broken(stages, code):
    assert report(*stages).exit_code == code


def test_results_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        report().unit = "s14"


# --- JSON ---------------------------------------------------------------------------------
def test_json_has_derived_outcomes_and_points_written_out():
    tree = json.loads(to_json(report(stage(criterion(PASSED), criterion(FAILED)), stage())))
    assert (tree["version"], tree["outcome"]) == (1, "failed")
    first, empty = tree["stages"]
    assert (first["points"], first["earned"], first["outcome"]) == (4, 2, "failed")
    assert [c["outcome"] for c in first["criteria"]] == ["passed", "failed"]
    assert [c["earned"] for c in first["criteria"]] == [2, 0]
    assert empty["outcome"] is None


numbers = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["nan", "inf", "-inf"]),
)
ints = st.integers(-(2**31), 2**31)
shown = st.builds(
    Shown,
    st.text(),
    st.text(),
    st.lists(ints, max_size=3).map(tuple),
    st.lists(numbers, max_size=4).map(tuple),
    st.lists(st.tuples(ints, ints), max_size=3).map(tuple),
)
frames = st.builds(Frame, st.text(), ints, st.text(), st.text())
evidence = st.builds(
    Evidence,
    st.text(),
    st.text(),
    st.lists(st.tuples(st.text(), shown), max_size=2).map(tuple),
    st.none() | shown,
    st.none() | shown,
    st.none() | st.lists(ints, max_size=4).map(tuple),
    st.lists(frames, max_size=2).map(tuple),
    st.text(),
)
seconds = st.floats(0, 1e6)
checks = st.builds(
    CheckResult,
    st.text(),
    st.text(),
    st.booleans(),
    st.sampled_from(Outcome),
    seconds,
    st.none() | evidence,
    st.text(),
)
criteria = st.builds(
    CriterionResult, st.text(), st.text(), ints, st.lists(checks, max_size=2).map(tuple)
)
texts = st.lists(st.text(), max_size=2).map(tuple)
stages = st.builds(
    StageResult, st.text(), st.text(), st.lists(criteria, max_size=2).map(tuple), texts, st.text()
)
reports = st.builds(
    Report,
    st.text(),
    st.text(),
    st.lists(stages, max_size=2).map(tuple),
    st.builds(Sandbox, st.text(), texts),
    st.text(),
    seconds,
    st.dictionaries(st.text(), st.text(), max_size=2),
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(reports)
def test_a_report_comes_back_from_json_the_same(original):
    text = to_json(original)
    assert from_json(text) == original
    assert json.loads(text)["version"] == 1


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", '{"version": 1}', '{"unit": 3}', "\x00", '{"a": ' * 5000],
)
def test_what_is_no_report_is_refused(text):
    with pytest.raises(ValueError, match="not a report"):
        from_json(text)


def test_a_report_of_another_version_is_refused_and_both_versions_named():
    text = to_json(report(version=2))
    with pytest.raises(ValueError, match="report version 2; this grader reads 1"):
        from_json(text)


def test_a_later_version_may_have_another_form():
    with pytest.raises(ValueError, match="report version 7; this grader reads 1"):
        from_json('{"version": 7, "parts": []}')


def test_an_outcome_that_does_not_exist_is_refused():
    text = to_json(report(stage(criterion(PASSED)))).replace('"passed"', '"excellent"')
    with pytest.raises(ValueError, match="not a report"):
        from_json(text)
