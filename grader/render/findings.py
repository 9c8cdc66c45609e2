"""The findings of ``grader doctor``, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from grader.findings import VERSION, Finding, State
from grader.render.terminal import Terminal
from grader.results import Outcome

_OUTCOMES = {
    State.GOOD: Outcome.PASSED,
    State.NOTE: Outcome.BLOCKED,
    State.WRONG: Outcome.FAILED,
}
_INDENT = 15


def findings_text(findings: Sequence[Finding], terminal: Terminal) -> str:
    """Return each finding with its fix, and how many are wrong."""
    lines = [line for finding in findings for line in _finding(finding, terminal)]
    count = sum(finding.state is State.WRONG for finding in findings)
    need = "needs" if count == 1 else "need"
    summary = f"{count} of {len(findings)} {need} mending." if count else "All is well."
    lines += ["", summary]
    return terminal.encodable("\n".join(lines) + "\n")


def _finding(finding: Finding, terminal: Terminal) -> Iterator[str]:
    outcome = _OUTCOMES[finding.state]
    head = f"{terminal.mark(outcome)} {finding.about}".ljust(_INDENT)
    rows = [row for text in (finding.found, finding.fix) for row in _rows(text, terminal)]
    yield terminal.paint(head, outcome) + rows[0]
    for row in rows[1:]:
        yield " " * _INDENT + row


def _rows(text: str, terminal: Terminal) -> Iterator[str]:
    for line in text.splitlines():
        # Paths and commands are copied as they stand.
        yield from textwrap.wrap(
            line,
            terminal.width - _INDENT,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )


def findings_tree(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return them as data for JSON."""
    return {
        "version": VERSION,
        "wrong": sum(finding.state is State.WRONG for finding in findings),
        "findings": [
            {"about": f.about, "state": f.state.value, "found": f.found, "fix": f.fix}
            for f in findings
        ],
    }
