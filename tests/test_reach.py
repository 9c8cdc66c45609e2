"""What a check does without need not be tried: it goes as it goes with the solution."""

from pathlib import Path

import pytest

from grader.course import Course
from grader.edition.record import record
from grader.listener import Listener
from grader.reach import Watched
from grader.recording import dump
from grader.reference import LiveReference

CODE = """
import math

def inner(x):
    return x + 1

def outer(x):
    return inner(x) * 2

def other(x):
    return x

class Plain:
    def grow(self, x):
        return outer(x)

class Told(Plain):
    def __init__(self, start):
        self.start = start

LIMIT = 3
"""
MISTAKES = """
from grader.mistakes import mistake
from stages.t01_tiny.second.second import Tally

HINTS = ("Where?", "Two is two.", "It counts.")


@mistake("quadruple", name="doubles once", hints=HINTS)
def doubles_once(x):
    return x * 2


@mistake("Tally", name="counts from zero", hints=HINTS)
class CountsFromZero(Tally):
    def __init__(self, start=0):
        super().__init__()


@mistake("Tally", name="tells nobody", hints=HINTS)
class TellsNobody(Tally):
    def add(self, amount, on_change=None):
        return super().add(amount)
"""
NAMES = ("inner", "outer", "other", "Plain", "Told", "LIMIT")


@pytest.mark.parametrize(
    ("use", "missed"),
    [
        (lambda m: m.inner(1), {"outer", "other", "Plain", "Told"}),
        (lambda m: m.outer(1), {"other", "Plain", "Told"}),
        (lambda m: m.Plain().grow(1), {"other", "Told"}),
        (lambda m: m.Told(1), {"inner", "outer", "other", "Plain"}),
    ],
    ids=["a function", "what a function calls", "an object of a class", "a class of its own"],
)
def test_what_is_used_is_seen_however_it_is_used(tmp_path, use, missed):
    (tmp_path / "code.py").write_text(CODE)
    watched = Watched(LiveReference({"course.code": tmp_path / "code.py"}), "course.code")
    module = watched.reference.module("course.code")
    use(module)
    # Of what is neither function nor class nobody can tell.
    assert {name for name in NAMES if watched.missed(name)} == missed
    assert isinstance(module.Told(1), module.Plain)


def test_what_a_check_does_without_changes_no_recording(tiny_course, monkeypatch):
    (tiny_course.stage("second") / "mistakes.py").write_text(MISTAKES)
    course = Course(Path(tiny_course.root))
    unit = course.units[0]
    stage = unit.stages[1]
    tried: list[str] = []

    def recorded() -> bytes:
        return dump(record(course, unit, stage, Listener()))

    quick = recorded()
    monkeypatch.setattr(Watched, "missed", lambda self, name: tried.append(name))
    assert recorded() == quick
    assert set(tried) == {"quadruple", "Tally"}
