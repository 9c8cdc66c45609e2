"""Stages that are checked side by side: the same verdicts as one after the other."""

import dataclasses
import os
from typing import Any

import pytest

from grader.course import Course
from grader.errors import GraderError
from grader.launched import Warming
from grader.listener import Listener
from grader.results import Report
from grader.runner import check
from grader.sandbox import Sandbox
from grader.warm.messages import Setup
from grader.warm.served import ENTRY
from grader.warm.team import check_at_once

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there stages are checked in turn")

RIGHT = "import numpy as np\ndef double(x):\n    {}\ndef size(n, k):\n    return n - k + 1\n"
SECOND = """
from stages.t01_tiny.first.first import double
def quadruple(x):
    {}
class Tally:
    def __init__(self, start=0):
        self.count = start
    def add(self, amount, on_change=None):
        self.count += amount
        if on_change: on_change(self.count)
        return self.count
    def grow(self, x, steps):
        self.count += steps
        return double(x)
"""


def undated(report: Report) -> Any:
    """A report without what differs from run to run."""
    tree = dataclasses.asdict(report) | {"started": "", "seconds": 0}
    for stage in tree["stages"]:
        for criterion in stage["criteria"]:
            for each in criterion["checks"]:
                each["seconds"] = 0
    return tree


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("return x * 2", "return double(double(x))"),
        ("return x * 3", "return double(double(x))"),  # the first is to blame for the second
        ("return x * 3", "return x * 4"),  # it fails, and the second does without it
        ("return x * 3", "return x * 5"),
        ("return x * 2", "return double(x)"),
        ("import no_such_module", "return double(double(x))"),
        ("raise NotImplementedError('t01.first: double')", "return double(double(x))"),
        ("return x +", "return double(double(x))"),
    ],
)
def test_the_verdicts_are_those_of_checking_in_turn(
    tiny_course: Any, first: str, second: str, processes: int
) -> None:
    tiny_course.file("first").write_text(RIGHT.format(first))
    tiny_course.file("second").write_text(SECOND.format(second))
    course = Course(tiny_course.root)
    unit, stages = course.select(())
    with Sandbox("L1") as sandbox:
        in_turn = check(course, unit, stages, sandbox)
    setup = Setup(str(course.root), ("t01",), "L1")
    with Warming(ENTRY, processes) as warming:
        at_once = check_at_once(stages, setup, warming)
    assert undated(at_once) == undated(in_turn)


class Counting(Listener):
    """Counts what it hears."""

    def __init__(self) -> None:
        self.total = self.done = 0

    def began(self, total: int) -> None:
        self.total = total

    def finished(self, stage: Any) -> None:
        self.done += 1


def test_progress_is_that_of_all_stages(tiny_course: Any) -> None:
    tiny_course.solve()
    course = Course(tiny_course.root)
    _, stages = course.select(())
    heard = Counting()
    with Warming(ENTRY, 2) as warming:
        setup = Setup(str(course.root), ("t01",))
        report = check_at_once(stages, setup, warming, listener=heard)
    checks = sum(len(c.checks) for stage in report.stages for c in stage.criteria)
    assert heard.total == heard.done == checks


def test_a_broken_course_is_said(tiny_course: Any) -> None:
    path = tiny_course.stage("second") / "checks" / "test_second.py"
    path.write_text("import no_such_module\n")
    course = Course(tiny_course.root)
    _, stages = course.select(())
    with Warming(ENTRY, 2) as warming, pytest.raises(GraderError, match="no_such_module"):
        check_at_once(stages, Setup(str(course.root), ("t01",)), warming)
