"""Hostile submissions: none forges, hangs, harms another, or costs what is right beside it."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from grader.grades import Grade, Standing, Student
from grader.results import CheckResult, CriterionResult, Outcome, Report, Sandbox, StageResult

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere there is no sandbox to grade a class in"
)

ROOT = Path(__file__).resolve().parent.parent
HOSTILE = ROOT / "tests" / "hostile"
EXPECTED = tomllib.loads((HOSTILE / "expected.toml").read_text(encoding="utf-8"))
TIME_LIMIT = 20.0


@pytest.fixture(scope="module")
def found(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What became of the submissions that these tests ask for, and of all around them."""
    here = [item for item in request.session.items if item.path == request.path]
    params = [getattr(item, "callspec", None) for item in here]
    names = {p.params["name"] for p in params if p and "name" in p.params}
    chosen = sorted(names) if len(here) < 5 else []
    to = tmp_path_factory.mktemp("hostile") / "found.json"
    command = [sys.executable, "benchmarks/hostile.py", "--json", str(to), *chosen]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500)
    assert to.exists(), done.stdout + done.stderr
    return json.loads(to.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_submission_gets_what_it_deserves(name: str, found: dict[str, Any]) -> None:
    became, expected = found["submissions"][name], EXPECTED[name]
    outcomes = became["outcomes"]
    assert became["graded"], outcomes
    passed = {criterion for criterion, outcome in outcomes.items() if outcome == "passed"}
    assert passed & set(expected["fails"]) == set(), "forged"
    assert set(expected["passes"]) - passed == set(), "points lost beside the attack"
    assert became["leaked"] == []
    assert became["seconds"] < TIME_LIMIT


def test_honest_submissions_in_between_are_graded_as_ever(found: dict[str, Any]) -> None:
    assert len(found["honest"]) >= 4
    assert {name: lost for name, lost in found["honest"].items() if lost} == {}


def test_no_file_of_the_course_is_changed_and_none_is_planted(found: dict[str, Any]) -> None:
    assert found["course"] == []
    assert found["planted"] == []


def test_no_process_is_left(found: dict[str, Any]) -> None:
    assert found["left"] == []


def test_every_folder_is_expected_and_every_attack_is_explained() -> None:
    folders = {file.parent.name for file in HOSTILE.glob("*/*.py")}
    assert folders == set(EXPECTED)
    assert len(folders) >= 45
    assert [name for name, entry in EXPECTED.items() if len(entry["why"]) < 20] == []


def graded(frame: str, modes: str) -> Grade:
    """A grade with these two outcomes."""
    results = tuple(
        CriterionResult(id, "", 1, (CheckResult("", "", False, Outcome(outcome), 0.0),))
        for id, outcome in (("frame", frame), ("modes", modes))
    )
    stage = StageResult("s13.padding", "", results)
    report = Report("s13", "student", (stage,), Sandbox("L2"), "", 1.0)
    return Grade(Student("one"), Standing.GRADED, 2, report=report)


def test_an_attack_that_succeeded_would_be_seen() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        import hostile
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    attack = hostile.Attack("why", ["padding.frame"], ["padding.modes"], never=["secret"])
    judged = hostile.judged(attack, graded("failed", "passed"), "a secret")
    assert judged["forged"] == ["padding.modes"]
    assert judged["lost"] == ["padding.frame"]
    assert judged["leaked"] == ["secret"]
    assert not hostile.judged(attack, graded("passed", "broken"), "")["graded"]
    assert not hostile.judged(attack, None, "")["graded"]
    assert hostile.disturbed(graded("failed", "passed")) == ["padding.frame"]
    assert hostile.disturbed(None) == ["no grade"]
    table = hostile.table(
        {
            "submissions": {"one": judged},
            "honest": {"honest": ["padding.frame"]},
            "course": ["unit.toml"],
            "planted": [],
            "left": ["sleep 600"],
            "level": "L2",
            "seconds": 1,
        }
    )
    assert table.count("NOT reached") == 4
