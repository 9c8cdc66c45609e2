"""Text that a student's program made, as a page or a log may show it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from grader.render.evidence import evidence_text
from grader.results import CheckResult

MOST = 20_000
COLUMNS = 80
_SHOWN_AS_CODE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
# Marks that turn the direction of writing could make a line say something else.
_SHOWN_AS_CODE |= {c: f"\\u{c:04x}" for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
del _SHOWN_AS_CODE[ord("\n")], _SHOWN_AS_CODE[ord("\t")]


def legible(text: str, most: int = MOST) -> str:
    r"""Return `text` with its control characters spelled out, cut after `most` characters.

    Examples
    --------
    >>> print(legible("\x1b[31mred", most=10))
    \x1b[31mre
    ... (cut here)
    """
    text = text.encode("utf-8", "backslashreplace").decode().translate(_SHOWN_AS_CODE)
    return text if len(text) <= most else f"{text[:most]}\n... (cut here)"


def in_columns(lines: Iterable[str], most: int = 600) -> str:
    """Return lines of printable characters, broken between words where they are too long.

    What follows a break is indented by two more; of a line with more than `most` characters
    the beginning is kept. Paths and commands that are longer than a line stay whole.
    """
    out: list[str] = []
    for line in lines:
        clean = "".join(c if c.isprintable() else "?" for c in line.expandtabs())
        indent = " " * (len(clean) - len(clean.lstrip()) + 2)
        out += textwrap.wrap(
            clean if len(clean) <= most else clean[: most - 3] + "...",
            COLUMNS,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(out) + "\n"


def check_text(check: CheckResult) -> str:
    """Return why a check did not pass: its title, its evidence, the mistakes it may be."""
    lines = [check.title]
    if check.evidence:
        lines.append(evidence_text(check.evidence))
    if check.blocked_by:
        lines.append(f"In the way: {check.blocked_by}")
    for mistake in check.mistakes:
        lines.append(f"Looks like: {mistake.function} {mistake.name}")
        lines += [f"Hint: {hint}" for hint in mistake.hints[:1]]
    return legible("\n".join(lines))
