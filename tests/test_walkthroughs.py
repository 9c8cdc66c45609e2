"""The walk-throughs: what they show runs with the solution, what they quote stands in it."""

import doctest
import re
from pathlib import Path
from types import ModuleType

import pytest

from grader.course import Course, Stage
from grader.stub import clean

ROOT = Path(__file__).resolve().parent.parent
UNIT = Course.find(ROOT).units[0]


def text_of(stage: Stage) -> str:
    return (stage.folder / "walkthrough.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", text, flags=re.M | re.S)


def words(line: str) -> str:
    """Return a line of code without its comment and its indentation."""
    return line.partition("  # ")[0].strip()


stages = pytest.mark.parametrize("stage", UNIT.stages, ids=lambda stage: stage.name)


@stages
def test_every_example_of_a_walkthrough_is_true(
    stage: Stage, solutions: dict[str, ModuleType]
) -> None:
    path = stage.folder / "walkthrough.md"
    found = doctest.testfile(str(path), module_relative=False)
    assert found.failed == 0
    assert found.attempted >= 5


@stages
def test_what_a_walkthrough_quotes_stands_in_the_solution(stage: Stage) -> None:
    solution = [words(line) for line in clean(stage.solution.read_text("utf-8")).splitlines()]
    quotes = [block for block in blocks(text_of(stage)) if ">>>" not in block]
    assert quotes
    for quote in quotes:
        lines = [words(line) for line in quote.splitlines() if words(line)]
        assert [line for line in lines if line not in solution] == []


@stages
def test_a_walkthrough_speaks_of_every_function_and_is_short(stage: Stage) -> None:
    text = text_of(stage)
    source = stage.solution.read_text(encoding="utf-8")
    public = re.findall(r"^(?:def|class) ([A-Za-z]\w*)", source, flags=re.M)
    assert [name for name in public if name not in text] == []
    assert len(text.splitlines()) <= 155
    assert max(map(len, text.splitlines())) <= 100


@stages
def test_a_walkthrough_holds_wherever_it_is_copied_to(stage: Stage) -> None:
    assert not re.search(r"\]\((?!https?:)", text_of(stage))
