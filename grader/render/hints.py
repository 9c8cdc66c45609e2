"""Hints as text, one step at a time."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from grader.results import NamedMistake

_VERSION = 1


def hint_text(
    stage: str, mistakes: Sequence[NamedMistake], step: int, general: Sequence[str]
) -> str:
    """Return the hint after `step` others.

    Parameters
    ----------
    stage : str
        Its id.
    mistakes : sequence of NamedMistake
        What was named last; none when nothing was.
    step : int
        How many hints were shown already.
    general : sequence of str
        The stage's hints for when no mistake was named.
    """
    if not mistakes:
        return _paragraphs(_general(stage, step, general))
    if len(mistakes) > 1:
        lines = ["It looks like one of these mistakes:"]
    else:
        lines = [f"{stage}: {mistakes[0].function} {mistakes[0].name}"]
    for each in mistakes:
        if len(mistakes) > 1:
            lines.append(f"{each.function} {each.name}")
        lines += _steps(each.hints, step)
    return _paragraphs(lines)


def hint_tree(
    stage: str, mistakes: Sequence[NamedMistake], step: int, general: Sequence[str]
) -> dict[str, Any]:
    """Return all hints up to that one as data for JSON; the arguments are those of `hint_text`.

    `of` says how many there are.
    """
    return {
        "version": _VERSION,
        "stage": stage,
        "mistakes": [
            {
                "id": each.id,
                "function": each.function,
                "name": each.name,
                "hints": list(each.hints[: step + 1]),
                "of": len(each.hints),
            }
            for each in mistakes
        ],
        "general": {"hints": list(general[: step + 1]), "of": len(general)}
        if not mistakes
        else None,
    }


def _steps(hints: Sequence[str], step: int) -> list[str]:
    shown = hints[: step + 1]
    lines = [f"Hint {i} of {len(hints)}: {hint}" for i, hint in enumerate(shown, start=1)]
    if step >= len(hints):
        lines.append("These were all the hints. The lesson says the rest.")
    return lines


def _general(stage: str, step: int, general: Sequence[str]) -> list[str]:
    name = stage.rpartition(".")[2]
    lines = [f"{stage}: no known mistake is named so far."]
    if general:
        lines += _steps(general, step)
    return [*lines, f"Check again with: grader check {name}"]


def _paragraphs(lines: Sequence[str]) -> str:
    rows = [row for line in lines for row in textwrap.wrap(line, 80, subsequent_indent="  ")]
    return "\n".join(rows) + "\n"
