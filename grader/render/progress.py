"""How far a student has come, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from grader.progress import Overview, StageProgress, UnitProgress
from grader.render.terminal import Terminal
from grader.results import Outcome

_VERSION = 1
_BAR = 10


def progress_text(overview: Overview, terminal: Terminal) -> str:
    """Return the whole course, a row for each stage, and what is next."""
    lines = [line for unit in overview.units for line in _unit(unit, terminal)]
    if overview.longest:
        lines += [*_wrapped(_streak(overview), terminal), ""]
    if overview.kept:
        said = (
            f"The record of before was damaged and is kept as .grader/{overview.kept}; time "
            "and streak count from then on."
        )
        lines += [*_wrapped(said, terminal), ""]
    for unit in overview.units:
        lines += _next(unit, terminal)
    return terminal.encodable("\n".join(lines).rstrip() + "\n")


def _unit(unit: UnitProgress, terminal: Terminal) -> Iterator[str]:
    yield terminal.bold(_cut(f"{unit.id}  {unit.title}", terminal.width))
    yield ""
    longest = max(len(stage.name) for stage in unit.stages)
    for stage in unit.stages:
        yield _row(stage, terminal, longest)
    yield ""
    passed = sum(stage.passed for stage in unit.stages)
    goals = sum(len(stage.goals) for stage in unit.stages)
    points = sum(stage.points for stage in unit.stages)
    earned = sum(stage.earned for stage in unit.stages)
    seconds = sum(stage.seconds for stage in unit.stages)
    minutes = sum(stage.minutes for stage in unit.stages)
    yield from _wrapped(
        f"{earned} of {points} points, {passed} of {goals} criteria, {time_spent(seconds)} "
        f"of work; the course reckons with {time_spent(60 * minutes)}.",
        terminal,
    )
    yield ""


def _row(stage: StageProgress, terminal: Terminal, longest: int) -> str:
    full = _BAR * stage.earned // max(1, stage.points)
    outcome = stage.outcome
    row = (
        f"  {terminal.mark(outcome)} {stage.name:<{longest}}  {terminal.bar(full, _BAR)} "
        f"{stage.earned:>3}/{stage.points:<3} {time_spent(stage.seconds):>11}"
    )
    room = terminal.width - len(row) - 2
    title = _cut(stage.title, room) if room >= 12 else ""
    return terminal.paint(f"{row}  {title}".rstrip(), outcome)


def _streak(overview: Overview) -> str:
    now, longest = overview.streak, overview.longest
    said = f"Streak: {now} {'criterion' if now == 1 else 'criteria'} without losing one"
    return f"{said}; the longest was {longest}." if now < longest else f"{said}, the longest yet."


def _next(unit: UnitProgress, terminal: Terminal) -> Iterator[str]:
    edited = [stage.name for stage in unit.stages if stage.edited]
    if edited:
        said = f"Changed since the last check: {', '.join(edited)}. Run: grader check"
        yield from _wrapped(f"{said} {' '.join(edited)}", terminal)
        yield ""
    stage = unit.next
    if stage is None:
        yield f"All of {unit.id} is done."
        return
    goal = None if stage.forbidden else stage.first_open
    what = goal.sentence if goal else "its file uses what the stage asks you to write"
    for row in textwrap.wrap(f"Next: {stage.id}, {what}", terminal.width):
        yield terminal.bold(row)
    if stage.outcome is Outcome.TODO:
        yield from _wrapped(f"  The lesson is {stage.lesson}", terminal)
    yield f"  grader check {stage.name}"
    yield ""


def time_spent(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> time_spent(0), time_spent(40), time_spent(2280), time_spent(7500)
    ('0 min', '1 min', '38 min', '2 h 05 min')
    """
    minutes = -(-int(seconds) // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _wrapped(text: str, terminal: Terminal) -> list[str]:
    indent = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(text, terminal.width, subsequent_indent=indent)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."


# --- JSON -----------------------------------------------------------------------------------
def progress_tree(overview: Overview) -> dict[str, Any]:
    """Return it as data for JSON."""
    return {
        "version": _VERSION,
        "streak": overview.streak,
        "longest": overview.longest,
        "kept": overview.kept,
        "units": [_unit_tree(unit) for unit in overview.units],
    }


def _unit_tree(unit: UnitProgress) -> dict[str, Any]:
    following = unit.next
    goal = following.first_open if following and not following.forbidden else None
    return {
        "id": unit.id,
        "title": unit.title,
        "points": sum(stage.points for stage in unit.stages),
        "earned": sum(stage.earned for stage in unit.stages),
        "seconds": sum(stage.seconds for stage in unit.stages),
        "next": {"stage": following.id, "criterion": goal.id if goal else None}
        if following
        else None,
        "stages": [_stage_tree(stage) for stage in unit.stages],
    }


def _stage_tree(stage: StageProgress) -> dict[str, Any]:
    return {
        "id": stage.id,
        "title": stage.title,
        "outcome": stage.outcome.value,
        "points": stage.points,
        "earned": stage.earned,
        "seconds": stage.seconds,
        "minutes": stage.minutes,
        "edited": stage.edited,
        "forbidden": stage.forbidden,
        "criteria": [
            {
                "id": goal.id,
                "sentence": goal.sentence,
                "points": goal.points,
                "outcome": goal.outcome.value if goal.outcome else None,
                "since": goal.since.isoformat() if goal.since else None,
            }
            for goal in stage.goals
        ],
    }
