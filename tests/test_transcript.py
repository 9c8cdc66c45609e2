"""Recordings of a terminal: what was really said, the same on every machine, and no answer."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader.cli import main
from grader.course import Course
from grader.errors import CourseError
from grader.pristine import pristine
from grader.stub import clean
from grader.transcript import transcripts
from grader.window import window

ROOT = Path(__file__).resolve().parent.parent
SVG = "{http://www.w3.org/2000/svg}"
SCRIPT = '''
title = "A title"
description = "A description"
[[steps]]
run = ["uv run grader check first --quick"]
solved = "first"
but = """
def double(x):
    return x + 2
"""
[[steps]]
says = "# a remark"
run = ["uv run grader list"]
'''


@pytest.fixture
def script(tiny_course, monkeypatch):
    """The script of the one recording of a tiny course, in whose folder we stand."""
    monkeypatch.chdir(tiny_course.root)
    path = tiny_course.root / "docs" / "pictures" / "demo.toml"
    path.parent.mkdir(parents=True)
    path.write_text(SCRIPT)
    return path


def recorded(root):
    course = Course(root)
    stubs = {stage.id: pristine(stage) for unit in course.units for stage in unit.stages}
    return dict(transcripts(course, stubs))


def shown(svg):
    """Return what one reads in a terminal, line by line."""
    lines = {}
    for text in ET.fromstring(svg).iter(f"{SVG}text"):
        line = lines.setdefault(float(text.get("y")), [" "] * 82)
        column = round(float(text.get("x")) / 12.2)
        line[column : column + len(text.text)] = text.text.replace("\xa0", " ")
    return ["".join(line)[1:].rstrip() for _, line in sorted(lines.items())]


def test_the_build_records_what_the_commands_say(script, tiny_course, monkeypatch):
    tiny_course.file("first").write_text("what an author tries out")
    (picture,) = recorded(tiny_course.root).items()
    assert picture[0] == script.with_suffix(".svg")
    lines = shown(picture[1])
    assert lines[0] == "$ uv run grader check first --quick"
    assert lines[1].startswith("first  Twice as much")
    assert "  ✗ an array becomes twice as large in value [failed]" in "\n".join(lines)
    assert "  ✓ the number of places for a window" in "\n".join(lines)
    remark = lines.index("$ # a remark")
    assert lines[remark + 1 : remark + 3] == ["$ uv run grader list", "t01  A tiny unit"]
    assert "fill: #ff7b72" in picture[1]
    assert tiny_course.file("first").read_text() == "what an author tries out"
    # Whatever the machine and whoever builds: the same text, and no word about the machine.
    assert not re.search(r"\d\.\d s|sandbox|/tmp", "\n".join(lines))
    for variable, value in (("NO_COLOR", "1"), ("COLUMNS", "40"), ("PATH", "")):
        monkeypatch.setenv(variable, value)
    assert recorded(tiny_course.root) == dict([picture])


def test_a_picture_that_differs_from_its_script_is_found(script, capsys):
    script.write_text(SCRIPT.replace("check first --quick", "list"))
    assert main(["build"]) == 0
    assert "written: docs/pictures/demo.svg" in capsys.readouterr().out
    assert main(["build", "--check"]) == 0
    script.write_text(script.read_text().replace("# a remark", "# another"))
    assert main(["build", "--check"]) == 1
    assert "differs: docs/pictures/demo.svg" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('title = "A title"', "", "demo.toml: top level: Object missing required field `title`"),
        ("uv run grader list", "rm -r .", "demo.toml: steps[1].run[0]: Expected `str` matching"),
        ('solved = "first"', 'solved = "frst"', "demo.toml: there is no stage 'frst'"),
        ("check first", "check frst", "'uv run grader check frst --quick' ended with 2."),
    ],
)
def test_a_script_that_cannot_be_played_is_named(script, tiny_course, old, new, reason):
    script.write_text(SCRIPT.replace(old, new))
    with pytest.raises(CourseError, match=re.escape(reason)):
        recorded(tiny_course.root)


def test_a_window_shows_each_character_as_it_was_printed():
    svg = window("\033[1ma < b & c\033[0m\n\n  ✓ \033[31md\033[0m\n", "demo", "A < B", "C & D")
    assert shown(svg) == ["a < b & c", "  ✓ d"]
    assert [e.text for e in ET.fromstring(svg)][:2] == ["A < B", "C & D"]


# --- the one in the README ------------------------------------------------------------------
@pytest.fixture(scope="module")
def terminal():
    return (ROOT / "docs" / "pictures" / "terminal.svg").read_text("utf-8")


def test_it_tells_the_story_of_a_mistake(terminal):
    text = "\n".join(shown(terminal))
    assert text.index("✗") < text.index("Looks like: pad2d") < text.index("Hint 2 of 3")
    assert text.index("Hint 2 of 3") < text.index("10 of 10 points, 5 of 5 criteria")


def test_it_gives_no_answer_away(terminal):
    unit = Course(ROOT).units[0]
    answers = {
        line.strip()
        for stage in unit.stages
        for line in clean(stage.solution.read_text("utf-8")).splitlines()
        if line not in pristine(stage).splitlines() and len(line.strip()) > 3
    }
    assert len(answers) > 100
    assert [line for line in answers if line in "\n".join(shown(terminal))] == []


def test_it_needs_nothing_from_elsewhere_and_can_be_read_by_all(terminal):
    picture = ET.fromstring(terminal)
    assert not re.search(r"@font-face|@import|url\((?!#)|href", terminal)
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert len(title.text) > 10 and len(description.text) > 80
