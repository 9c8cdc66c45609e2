"""A report for the terminal: at most 80 columns, readable without colour."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from grader.render.evidence import evidence_lines
from grader.results import (
    INTACT,
    CheckResult,
    CriterionResult,
    Outcome,
    Report,
    StageResult,
    first_to_fix,
)

_UNICODE = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.TODO: "·",
    Outcome.BLOCKED: "○",
    Outcome.BROKEN: "!",
}
_ASCII = {
    Outcome.PASSED: "+",
    Outcome.FAILED: "x",
    Outcome.TODO: ".",
    Outcome.BLOCKED: "o",
    Outcome.BROKEN: "!",
}
_COLOURS = {
    Outcome.PASSED: "32",
    Outcome.FAILED: "31",
    Outcome.TODO: "2",
    Outcome.BLOCKED: "33",
    Outcome.BROKEN: "35",
}
_EVIDENCE_LINES = 30
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
# Marks that turn the direction of writing could make a line say something else.
_ESCAPES |= {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


class Terminal:
    """How a terminal shows things.

    Parameters
    ----------
    width : int
        Columns.
    colour : bool
        Whether escape codes may be used.
    unicode : bool
        Whether the output's encoding has more than ASCII.
    """

    def __init__(self, width: int = 80, *, colour: bool = False, unicode: bool = True) -> None:
        self.width = max(40, min(width, 80))
        self._colour = colour
        self._marks = _UNICODE if unicode else _ASCII
        self._unicode = unicode

    def report(self, report: Report) -> str:
        """Return the whole report as text that ends with a newline."""
        lines = [line for stage in report.stages for line in self._stage(stage)]
        lines += self.first_to_fix(report)
        lines += self._summary(report)
        return self.encodable("\n".join(lines).rstrip() + "\n")

    def _stage(self, stage: StageResult) -> Iterator[str]:
        points = f"{stage.earned}/{stage.points}"
        name = f"{stage.id.rpartition('.')[2]}  {stage.title}"
        rows = textwrap.wrap(name, self.width - len(points) - 1)
        for row in [*rows[:-1], rows[-1].ljust(self.width - len(points)) + points]:
            yield self.bold(row)
        for criterion in stage.criteria:
            yield from self.criterion(criterion)
        if stage.left_out:
            left_out = f"left out by --quick: {', '.join(stage.left_out)}"
            yield from (self.faint(row) for row in self._wrapped(left_out, "    "))
        for note in _printed(stage):
            yield from (self.faint(row) for row in self._wrapped(note.translate(_ESCAPES), "    "))
        yield ""

    def criterion(self, criterion: CriterionResult) -> Iterator[str]:
        """Return the lines about one criterion."""
        outcome = criterion.outcome
        word = "" if outcome is Outcome.PASSED else _word(criterion)
        points = f"{criterion.earned}/{criterion.points}"
        text = criterion.sentence + (f" [{word}]" if word else "")
        rows = textwrap.wrap(text, self.width - 12)
        last = rows[-1].ljust(self.width - 5 - len(points))
        for i, row in enumerate([*rows[:-1], f"{last} {points}"]):
            mark = self._marks[outcome] if i == 0 else " "
            yield self.paint(f"  {mark} ", outcome) + row

    # --- what to do next --------------------------------------------------------------
    def first_to_fix(self, report: Report, hints: int = 1) -> Iterator[str]:
        """Return the lines about what to do next, with so many hints."""
        found = first_to_fix(report)
        if found is None:
            return
        stage, criterion = found
        check = criterion.decisive
        evidence = check.evidence if check else None
        heads = {
            Outcome.TODO: "Next task",
            Outcome.FAILED: "First to fix",
            Outcome.BLOCKED: "In the way",
            Outcome.BROKEN: "Not judged, and not by your code's fault",
        }
        head = f"{heads[criterion.outcome]}: {stage.id}, {criterion.sentence}"
        for row in textwrap.wrap(head, self.width):
            yield self.bold(row)
        if check and criterion.outcome is Outcome.FAILED:
            kind = "hidden check" if check.hidden else "check"
            yield from self._wrapped(f"{kind}: {check.title}", "  ")
        if evidence:
            yield from self._cut(evidence_lines(evidence))
        for line in _names(check, hints) if check else ():
            yield from self._wrapped(line, "  ")
        for advice in _advice(report, stage, criterion):
            yield from self._wrapped(advice, "  ")
        yield ""

    def _cut(self, lines: list[str]) -> Iterator[str]:
        rows = [row for line in lines for row in self._wrapped(line, "  ")]
        yield from rows[:_EVIDENCE_LINES]
        more = len(rows) - _EVIDENCE_LINES
        if more > 0:
            yield from self._wrapped(f"... and {more} lines more; --json FILE has them all", "  ")

    def _wrapped(self, text: str, indent: str) -> Iterator[str]:
        text = text.expandtabs().translate(_ESCAPES)
        own = text[: len(text) - len(text.lstrip())][: self.width // 2]
        if len(indent + text) <= self.width:
            yield indent + text
            return
        yield from textwrap.wrap(
            text.strip(),
            self.width,
            initial_indent=indent + own,
            subsequent_indent=indent + own + "  ",
        )

    def _summary(self, report: Report) -> Iterator[str]:
        criteria = [c for stage in report.stages for c in stage.criteria]
        if not criteria:
            yield "Nothing ran."
            return
        passed = sum(c.outcome is Outcome.PASSED for c in criteria)
        points = sum(stage.points for stage in report.stages)
        earned = sum(stage.earned for stage in report.stages)
        head = f"{earned} of {points} points, {passed} of {len(criteria)} criteria"
        subject = "the solution" if report.subject == "solution" else "your files"
        tail = f"  ({subject}, {report.seconds:.1f} s, sandbox {report.sandbox.level})"
        fits = len(head + tail) <= self.width
        yield self.paint(head, report.outcome) + (tail if fits else f"\n{tail}")
        for note in report.notes:
            yield from self._wrapped(f"Note: {note}", "")
        for note in report.sandbox.notes:
            yield from (self.faint(row) for row in textwrap.wrap(note, self.width))

    # --- style ------------------------------------------------------------------------
    def encodable(self, text: str) -> str:
        """Return text with nothing in it that the output has no letter for."""
        return text if self._unicode else text.encode("ascii", "replace").decode()

    def mark(self, outcome: Outcome) -> str:
        """Return the sign of an outcome."""
        return self._marks[outcome]

    def bar(self, full: int, size: int) -> str:
        """Return a bar of `size` columns, `full` of them filled."""
        filled, empty = ("█", "░") if self._unicode else ("#", "-")
        return filled * full + empty * (size - full)

    def paint(self, text: str, outcome: Outcome) -> str:
        """Return text in the colour of an outcome."""
        return self._code(text, _COLOURS[outcome])

    def bold(self, text: str) -> str:
        """Return text that stands out."""
        return self._code(text, "1")

    def faint(self, text: str) -> str:
        """Return text that stands back."""
        return self._code(text, "2")

    def _code(self, text: str, code: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour else text


def _printed(stage: StageResult) -> Iterator[str]:
    """What is printed elsewhere than in the check that is shown."""
    first = next((line for line in stage.printed.splitlines() if line.strip()), "")
    if first:
        yield f"printed when the file was imported: {first[:200]}"
    checks = [check for criterion in stage.criteria for check in criterion.checks]
    quiet = [c for c in checks if c.outcome is Outcome.PASSED and c.evidence]
    if quiet:
        which = f"{len(quiet)} checks that pass" if len(quiet) > 1 else "1 check that passes"
        yield f"printed in {which}: --json FILE has it"


def _word(criterion: CriterionResult) -> str:
    if criterion.outcome is Outcome.BLOCKED and criterion.decisive:
        return f"blocked by {criterion.decisive.blocked_by}"
    return criterion.outcome.value


def _names(check: CheckResult, hints: int) -> Iterator[str]:
    """The named mistake and its first hints; of several, all of them."""
    mistakes = check.mistakes
    if not mistakes:
        return
    if len(mistakes) == 1:
        yield f"Looks like: {mistakes[0].function} {mistakes[0].name}"
        all_ = mistakes[0].hints
        yield from (f"Hint {i} of {len(all_)}: {h}" for i, h in enumerate(all_[:hints], start=1))
    else:
        yield "Looks like one of these:"
        yield from (f"- {m.function} {m.name}" for m in mistakes)
        for m in mistakes if hints > 1 else ():
            yield from (f"{m.function}: {hint}" for hint in m.hints[: hints - 1])
    yield f"For more: grader hint {mistakes[0].stage.rpartition('.')[2]}"


def _advice(report: Report, stage: StageResult, criterion: CriterionResult) -> Iterator[str]:
    check = criterion.decisive
    name = stage.id.rpartition(".")[2]
    written = criterion.outcome is Outcome.TODO and report.subject == "student"
    if written and check and check.evidence and check.evidence.frames:
        folder = check.evidence.frames[-1].path.rpartition("/")[0]
        yield f"The lesson is {folder}/README.md. When it is written, run"
        yield f"  grader check {name}"
    if criterion.outcome is Outcome.BLOCKED and check:
        yield f"Mend that stage first: grader check {check.blocked_by.rpartition('.')[2]}"
    altered = check is not None and check.name == INTACT  # whoever did that can mend it
    if criterion.outcome is Outcome.BROKEN and not altered:
        yield (
            "The note below may say why."
            if report.notes
            else "Please report it to your instructor with what stands above."
        )
