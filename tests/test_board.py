"""What somebody who watches sees, as data and as text."""

from dataclasses import replace

import pytest

from grader.board import Board, Place, Underway
from grader.render.board import board_text
from grader.render.terminal import Terminal
from grader.results import (
    CheckResult,
    CriterionResult,
    Evidence,
    NamedMistake,
    Outcome,
    Report,
    Sandbox,
    StageResult,
)

PASSED, FAILED, TODO, BLOCKED, BROKEN = Outcome
PLACES = (Place("u.a", "The first", 4), Place("u.b", "The second", 2), Place("u.c", "Third", 2))
BOARD = Board("u  A unit", PLACES, "u.a")
HINTS = ("Look here.", "Try this.", "It must hold.")


def report(stage, *outcomes, left_out=(), mistakes=()):
    criteria = tuple(
        CriterionResult(
            f"c{i}",
            f"criterion {i} of {stage}",
            2,
            (CheckResult(f"t{i}", f"check {i}", False, o, 0.1, Evidence("is 1"), "", mistakes),),
        )
        for i, o in enumerate(outcomes)
    )
    result = StageResult(stage, "A stage", criteria, tuple(left_out))
    return Report("u", "student", (result,), Sandbox("L1"), "2026-11-27T10:00:00", 0.1)


def text(board, width=80, height=30, **how):
    return board_text(board, Terminal(width, **how), height)


def test_a_verdict_on_the_stage_in_focus_is_shown_with_the_first_thing_to_fix():
    shown = text(BOARD.checked(report("u.a", PASSED, FAILED)))
    assert "> ✗ a  █████░░░░░   2/4" in shown
    assert "First to fix: u.a, criterion 1 of u.a" in shown
    assert shown.splitlines()[-1] == "n next stage   a all   o page   q quit"


def test_a_stage_that_is_done_makes_way_for_the_next():
    board = BOARD.checked(report("u.a", PASSED, PASSED))
    assert (board.focus, board.message) == ("u.b", "a is done. Now: b")


def test_a_stage_whose_slow_criteria_wait_is_not_done():
    board = BOARD.checked(report("u.a", PASSED, left_out=["long"]))
    assert board.focus == "u.a"
    assert "slow, checked when the rest passes: long" in text(board)


def test_another_stage_that_is_done_leaves_the_focus_alone():
    assert BOARD.checked(report("u.b", PASSED)).focus == "u.a"


def test_the_next_stage_is_the_next_that_is_not_done_and_around():
    board = replace(BOARD, focus="u.c")
    for stage in ("u.b", "u.c"):
        board = board.checked(report(stage, PASSED))
    assert board.focus == "u.a"
    board = board.checked(report("u.a", PASSED))
    assert (board.focus, board.message) == ("u.a", "All stages are done.")


def test_hints_stay_while_the_same_check_fails_and_begin_again_with_another():
    mistakes = (NamedMistake("u.a.x", "f", "forgets", HINTS),)
    board = BOARD.checked(report("u.a", FAILED, mistakes=mistakes))
    assert board.steps == 3
    board = replace(board, hints=2)
    assert "Hint 2 of 3: Try this." in text(board)
    assert "h next hint" in text(board)
    board = board.checked(report("u.a", FAILED, mistakes=mistakes))
    assert board.hints == 2
    assert board.checked(report("u.a", PASSED, FAILED, mistakes=mistakes)).hints == 1


def test_the_last_hint_is_followed_by_none():
    mistakes = (NamedMistake("u.a.x", "f", "forgets", HINTS),)
    board = replace(BOARD.checked(report("u.a", FAILED, mistakes=mistakes)), hints=3)
    assert "h next hint" not in text(board)


def test_what_runs_is_said_beside_its_stage():
    shown = text(replace(BOARD, underway=Underway("u.b", "a check", 3, 12)))
    assert "b  ░░░░░░░░░░   ./2   checking 3 of 12" in shown


def test_all_that_is_known_makes_one_report():
    assert BOARD.merged() is None
    board = BOARD.checked(report("u.c", TODO)).checked(report("u.a", FAILED))
    assert [stage.id for stage in board.merged().stages] == ["u.a", "u.c"]


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("height", [8, 12, 40])
def test_it_fits_the_screen(width, height):
    mistakes = (NamedMistake("u.a.x", "f", "forgets " + "very " * 40, HINTS),)
    long = report("u.a", *[FAILED] * 12, mistakes=mistakes)
    board = replace(BOARD.checked(long), message="word " * 30, hints=3)
    lines = text(board, width, height).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) <= height or height < 12  # a few rows are always shown
    assert lines[-1].startswith(("n next", "h next"))


def test_it_needs_no_colour_and_no_unicode():
    shown = text(BOARD.checked(report("u.a", FAILED, PASSED)), unicode=False)
    assert shown.isascii()
    assert "> x a  #####-----   2/4" in shown
    assert "\033[" in text(BOARD.checked(report("u.a", FAILED)), colour=True)
