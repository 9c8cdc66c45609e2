"""The report in a terminal: nothing but data in, nothing but text out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader.errors import Frame
from grader.render.evidence import evidence_lines, grid
from grader.render.terminal import Terminal
from grader.results import (
    CheckResult,
    CriterionResult,
    Evidence,
    Outcome,
    Report,
    Sandbox,
    Shown,
    StageResult,
    first_to_fix,
)

EXPECTED = Path(__file__).parent / "expected" / "report.txt"
PASSED, FAILED, TODO, BLOCKED, BROKEN = Outcome
COLOUR = re.compile(r"\033\[[0-9;]*m")


# --- results to show ----------------------------------------------------------------------
def criterion(name, outcome, evidence=None, *, sentence=None, hidden=False, by="", points=2):
    check = CheckResult(f"test_{name}", f"a check of {name}", hidden, outcome, 0.1, evidence, by)
    return CriterionResult(name, sentence or f"the criterion {name}", points, (check,))


def stage(name, *criteria, title="A title", left_out=()):
    return StageResult(f"s13.{name}", title, criteria, left_out)


def report(*stages, notes=(), subject="student"):
    return Report("s13", subject, stages, Sandbox("L1", notes), "2026-01-01T00:00:00+00:00", 1.25)


def failing(evidence, **more):
    return report(stage("padding", criterion("frame", FAILED, evidence, **more)))


def lines_of(shown_report, **terminal):
    return Terminal(**terminal).report(shown_report).splitlines()


def matrix(text, *values):
    return Shown(text, "float64", (2, 3), values, ((0, 2), (0, 3)))


EVIDENCE = Evidence(
    "the result has wrong values: 2 of 6 entries",
    "pad2d(x, padding=1)",
    (("x", matrix("float64 array, shape (2, 3)", 2.0, 3.5, 4.0, 5.0, 6.0, 7.25)),),
    matrix("float64 array, shape (2, 3)", 0.0, 2.0, 3.5, 0.0, 0.0, "nan"),
    Shown(
        "float64 array, shape (20, 30)",
        "float64",
        (20, 30),
        (0.125, 1e-12, 123456.0, -1.0),
        ((3, 5), (7, 9)),
    ),
    (0, 2),
    (Frame("stages/s13_cnn/padding/padding.py", 41, "pad2d", "return np.pad(x, padding)"),),
    "shape: (2, 3)\nhere",
)
WHOLE = report(
    stage(
        "padding",
        criterion("frame", PASSED, points=3, sentence="pads height and width, and nothing else"),
        criterion("sides", PASSED, sentence="each side may differ"),
        title="Padding and output size",
    ),
    stage(
        "im2col",
        criterion(
            "columns",
            FAILED,
            EVIDENCE,
            hidden=True,
            sentence="windows become rows, in the order that the lesson gives, for any stride, "
            "any padding and rectangular kernels",
        ),
        criterion("adjoint", TODO, Evidence("col2im is still to be written"), points=10),
        title="Windows as rows",
        left_out=("speed", "memory"),
    ),
    stage("conv", criterion("forward", BLOCKED, by="s13.im2col"), title="Convolution"),
    stage("pooling", criterion("max", BROKEN), title="Pooling"),
    stage("lenet", title="LeNet", left_out=("learns",)),
    notes=("this kernel lacks Landlock's network rules",),
)


# --- the whole ----------------------------------------------------------------------------
def test_a_report_looks_as_it_was_agreed():
    """When the change is meant: write `Terminal().report(WHOLE)` to the file and read it."""
    without_broken = replace(WHOLE, stages=tuple(s for s in WHOLE.stages if s.id != "s13.pooling"))
    assert Terminal().report(without_broken) == EXPECTED.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 53, 80])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(width, colour):
    for line in lines_of(WHOLE, width=width, colour=colour):
        assert len(COLOUR.sub("", line)) <= width, line


def test_a_terminal_is_between_40_and_80_columns_wide():
    assert max(map(len, lines_of(WHOLE, width=200))) <= 80
    assert lines_of(WHOLE, width=10) == lines_of(WHOLE, width=40)


def test_colour_adds_escape_codes_and_nothing_else():
    painted = Terminal(colour=True).report(WHOLE)
    assert "\033[32m" in painted
    assert COLOUR.sub("", painted) == Terminal().report(WHOLE)
    assert "\033" not in Terminal().report(WHOLE)


def test_ascii_is_enough():
    text = Terminal(unicode=False).report(WHOLE)
    assert text.isascii()
    marks = [line[2] for line in text.splitlines() if re.match(r"  [+x.o!] \S", line)]
    assert marks == ["+", "+", "x", ".", "o", "!"]


def test_every_outcome_has_a_mark_of_its_own():
    for unicode in (True, False):
        marks = {
            lines_of(report(stage("a", criterion("b", outcome))), unicode=unicode)[1][2]
            for outcome in Outcome
        }
        assert len(marks) == 5


def test_points_stand_at_the_right_edge():
    lines = lines_of(WHOLE)
    assert lines[0].startswith("padding  Padding and output size")
    assert lines[0].endswith(" 5/5")
    assert lines[1].endswith(" 3/3")
    assert {len(line) for line in lines[:3]} == {80}


def test_a_long_sentence_is_wrapped_and_keeps_its_words():
    sentence = "a criterion with many words " * 8
    found = report(stage("a", criterion("b", PASSED, sentence=sentence.strip())))
    lines = lines_of(found)
    block = lines[1 : lines.index("", 1)]
    assert len(block) > 2
    assert " ".join(" ".join(block).split()[1:-1]) == sentence.strip()
    assert all(line.startswith("    ") for line in block[1:])


def test_the_summary_counts_points_and_criteria():
    last = lines_of(WHOLE)[-2:]
    assert last[0] == "5 of 21 points, 2 of 6 criteria  (your files, 1.2 s, sandbox L1)"
    assert last[1] == "this kernel lacks Landlock's network rules"
    of_solution = lines_of(report(stage("a", criterion("b", PASSED)), subject="solution"))
    assert of_solution[-1] == "2 of 2 points, 1 of 1 criteria  (the solution, 1.2 s, sandbox L1)"


def test_what_is_said_about_the_course_stands_below_the_summary():
    noted = replace(report(stage("a", criterion("b", PASSED))), notes=("changed: " + "a b " * 40,))
    lines = lines_of(noted)
    found = next(i for i, line in enumerate(lines) if line.startswith("Note: changed: a b"))
    assert "1 of 1 criteria" in lines[found - 1] and lines[found + 1].startswith("  ")


def test_when_nothing_ran_it_says_so():
    assert lines_of(report(stage("lenet", left_out=("learns",))))[-1] == "Nothing ran."
    assert Terminal().report(report()) == "Nothing ran.\n"


# --- the first thing to fix ---------------------------------------------------------------
def first(*stages):
    found = first_to_fix(report(*stages))
    return found and (found[0].id, found[1].id)


def test_when_all_passed_there_is_nothing_to_fix():
    assert first(stage("a", criterion("x", PASSED)), stage("b")) is None


def test_a_failure_comes_before_a_task_of_the_same_stage():
    stages = [stage("a", criterion("x", TODO), criterion("y", FAILED))]
    assert first(*stages) == ("s13.a", "y")


def test_a_task_comes_before_a_failure_of_a_later_stage():
    stages = [stage("a", criterion("x", TODO)), stage("b", criterion("y", FAILED))]
    assert first(*stages) == ("s13.a", "x")


def test_a_blocked_criterion_comes_last_of_all():
    blocked = stage("a", criterion("x", BLOCKED, by="s13.b"))
    assert first(blocked, stage("b", criterion("y", FAILED))) == ("s13.b", "y")
    assert first(blocked, stage("b", criterion("y", PASSED))) == ("s13.a", "x")


def test_what_is_broken_comes_first_in_its_stage():
    stages = [stage("a", criterion("x", FAILED), criterion("y", BROKEN))]
    assert first(*stages) == ("s13.a", "y")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (FAILED, ["First to fix: s13.a, the criterion x", "  check: a check of x"]),
        (TODO, ["Next task: s13.a, the criterion x", "The lesson is stages/s13_cnn/a/README.md"]),
        (BLOCKED, ["In the way: s13.a", "Mend that stage first: grader check im2col"]),
        (
            BROKEN,
            ["Not judged, and not by your code's fault: s13.a", "Please report it to your inst"],
        ),
    ],
)
def test_what_to_do_next_is_said_for_every_outcome(outcome, words):
    evidence = Evidence("it is so", frames=(Frame("stages/s13_cnn/a/a.py", 1, "f", "raise"),))
    text = Terminal().report(
        report(stage("a", criterion("x", outcome, evidence, by="s13.im2col")))
    )
    for each in words:
        assert each in text


def test_a_hidden_check_is_called_one():
    assert "  hidden check: a check of frame" in lines_of(failing(EVIDENCE, hidden=True))


@pytest.mark.parametrize(
    ("names", "told"), [("a", "1 check that passes"), ("ab", "2 checks that pass")]
)
def test_what_is_printed_in_checks_that_pass_is_counted(names, told):
    evidence = Evidence("", printed="here")
    shown = lines_of(report(stage("a", *(criterion(name, PASSED, evidence) for name in names))))
    assert any(f"printed in {told}: --json FILE has it" in line for line in shown)


# --- evidence -----------------------------------------------------------------------------
def test_long_evidence_is_cut_and_says_by_how_much():
    evidence = Evidence("wrong", printed="\n".join(f"line {i}" for i in range(100)))
    lines = lines_of(failing(evidence))
    assert "    line 27" in lines
    assert "    line 28" not in lines
    assert "  ... and 72 lines more; --json FILE has them all" in lines


@pytest.mark.parametrize("what", ["x" * 60_000, "word " * 12_000, " " * 500 + "x" * 60_000])
def test_one_endless_line_is_cut_as_well(what):
    for evidence in (Evidence(what), Evidence("wrong", printed=what)):
        lines = lines_of(failing(evidence))
        assert len(lines) < 45
        assert max(map(len, lines)) <= 80


def test_a_message_of_several_lines_keeps_them_in_their_place():
    lines = lines_of(failing(Evidence("raises ValueError: first\n35 of 35 points\n")))
    assert "  raises ValueError: first" in lines
    assert "  35 of 35 points" in lines
    assert "35 of 35 points" not in lines


CONTROLS = "".join(map(chr, (*range(32), *range(127, 160))))


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(f"raises ValueError: {CONTROLS}"),
        Evidence("wrong", printed=f"\033[2J\033]0;title\007{CONTROLS}"),
        Evidence("wrong", call=f"f({CONTROLS})"),
        Evidence("wrong", frames=(Frame(CONTROLS, 1, CONTROLS, CONTROLS),)),
        Evidence("wrong", got=Shown(CONTROLS), arguments=((CONTROLS, Shown(CONTROLS)),)),
    ],
)
@pytest.mark.parametrize("outcome", [FAILED, TODO])
def test_control_characters_of_the_student_do_not_reach_the_terminal(evidence, outcome):
    text = Terminal().report(report(stage("a", criterion("x", outcome, evidence))))
    assert not set(text) & (set(CONTROLS) - {"\n"})
    assert "\\x1b" in text


def test_tabs_are_as_wide_as_they_look():
    lines = lines_of(failing(Evidence("wrong", printed="a\tb\n" + "\t" * 20 + "c")))
    assert "    a     b" in lines
    assert max(map(len, lines)) <= 80


def test_evidence_tells_all_in_one_order():
    assert evidence_lines(EVIDENCE) == [
        "pad2d(x, padding=1): the result has wrong values: 2 of 6 entries",
        "with x = float64 array, shape (2, 3)",
        "     2   3.5     4",
        "     5     6  7.25",
        "first difference at index [0, 2]",
        "expected = float64 array, shape (2, 3)",
        "    0    2  3.5",
        "    0    0  nan",
        "got = float64 array, shape (20, 30), here [3:5, 7:9]",
        "      0.125      1e-12",
        "  1.235e+05         -1",
        "stages/s13_cnn/padding/padding.py:41, in pad2d",
        "  return np.pad(x, padding)",
        "your program printed:",
        "  shape: (2, 3)",
        "  here",
    ]


def test_an_axis_of_one_takes_no_part_in_the_picture():
    image = Shown("", "f", (1, 2, 2, 1), (1.0, 2.0, 3.0, 4.0), ((0, 1), (0, 2), (0, 2), (0, 1)))
    assert grid(image) == ["1  2", "3  4"]
    assert grid(Shown("", "f", (0, 3), (), ((0, 0), (0, 3)))) == ["(empty)"]
    assert grid(Shown("", "bool", (2,), (True, False), ((0, 2),))) == [" True  False"]
