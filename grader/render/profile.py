"""Where the time of a check went, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from grader.render.terminal import Terminal

_BAR = 16
_SLOWEST = 5


class Times(Protocol):
    """The seconds of each part of a run."""

    start: float
    collection: float
    checking: float
    naming: float
    rest: float
    waited: float
    checks: list[tuple[str, str, float]]


def profile_text(times: Times, terminal: Terminal) -> str:
    """Return a row for each part of a run, and its slowest checks."""
    parts = (
        ("start", times.start, "Python, and the command itself"),
        ("collection", times.collection, "its imports, and finding the checks"),
        ("worker", times.waited, "the student's program, waited for"),
        ("checks", max(0.0, times.checking - times.waited), "inputs, right answers, comparing"),
        ("naming", times.naming, "the search for known mistakes"),
        ("end", times.rest, "what is left to tidy up"),
    )
    total = sum(seconds for _, seconds, _ in parts)
    lines = ["", terminal.bold(f"Where the {total:.2f} s went")]
    for name, seconds, what in parts:
        bar = terminal.bar(round(_BAR * seconds / total) if total else 0, _BAR)
        lines.append(f"  {name:<10} {seconds:>7.2f} s  {bar}  {terminal.faint(what)}".rstrip())
    lines += ["", terminal.bold("The slowest checks"), *_slowest(times, terminal.width)]
    return terminal.encodable("\n".join(lines) + "\n")


def _slowest(times: Times, width: int) -> Iterator[str]:
    for stage, title, seconds in sorted(times.checks, key=lambda row: -row[2])[:_SLOWEST]:
        row = f"  {1000 * seconds:>6.0f} ms  {stage}: {title}"
        yield row if len(row) <= width else row[: width - 3] + "..."
