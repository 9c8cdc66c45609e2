"""What a grading run came to, and who a regrading changed: as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from grader.grades import Grade, Standing, Student
from grader.render.legible import COLUMNS, in_columns
from grader.results import Outcome, StageResult

_VERSION = 1
_LISTED = 10
_MISTAKES = 5


@dataclass
class Tally:
    """What is counted over the grades of a class, one at a time."""

    marks: list[float] = field(default_factory=list)
    counts: Counter[Standing] = field(default_factory=Counter)
    mistakes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    trouble: list[tuple[Student, Standing, str]] = field(default_factory=list)
    followed: int = 0
    late: int = 0
    noted: int = 0
    possible: int = 0

    def add(self, grade: Grade) -> None:
        """Count one grade."""
        self.counts[grade.standing] += 1
        self.possible = grade.possible
        self.noted += bool(grade.notes)
        if grade.standing is not Standing.GRADED:
            self.trouble.append((grade.student, grade.standing, grade.reason))
            return
        self.marks.append(grade.mark)
        self.late += grade.late is not None
        self.followed += bool(grade.followed)
        self.mistakes.update(_named(grade.stages))


@dataclass(frozen=True)
class Change:
    """One criterion of one student that came out otherwise."""

    student: str
    criterion: str
    before: str
    after: str
    points: int


def changes(before: Grade, after: Grade) -> Iterator[Change]:
    """Yield the criteria whose outcome or points differ."""
    old = {s.id: {c.id: (s, c) for c in s.criteria} for s in before.stages}
    for stage in after.stages:
        for criterion in stage.criteria:
            now = (criterion.outcome.value, after.credit(stage, criterion))
            then = ("-", 0)
            if criterion.id in old.get(stage.id, {}):
                old_stage, old_criterion = old[stage.id][criterion.id]
                then = (old_criterion.outcome.value, before.credit(old_stage, old_criterion))
            if now != then:
                name = f"{stage.id}.{criterion.id}"
                yield Change(after.student.key, name, then[0], now[0], now[1] - then[1])


def summary_text(tally: Tally, gone: Sequence[str], folder: str) -> str:
    """Return what a run came to, in lines of at most 80 columns."""
    lines = [_counted(tally)]
    if tally.marks:
        lines.append(f"Median mark: {median(tally.marks):g} of {tally.possible}.")
    if tally.late:
        lines.append(f"Late: {_people(tally.late)} with a penalty.")
    if tally.followed:
        lines.append(
            f"Follow-through: for {_people(tally.followed)}, later stages were checked again "
            "with the reference in place of earlier ones; what passed so counts."
        )
    if tally.noted:
        lines.append(f"Notes: on {tally.noted} of them; the pages of grader report show which.")
    lines += _trouble(tally) + _mistakes(tally)
    if gone:
        lines += ["", gone_text(gone)]
    # Not wrapped: a path and a command are copied as they stand.
    return in_columns(lines) + (
        f"\nWritten: {folder}/results/, a file for each submission\n"
        f"Next:    grader report {folder}\n"
        f"         grader export {folder} --help\n"
    )


def summary_tree(
    tally: Tally, gone: Iterable[str], changed: Iterable[Change], folder: str
) -> dict[str, Any]:
    """Return what a run came to as data for JSON."""
    return {
        "version": _VERSION,
        "folder": folder,
        "submissions": tally.counts.total(),
        "standings": {standing.value: tally.counts[standing] for standing in Standing},
        "possible": tally.possible,
        "median": median(tally.marks) if tally.marks else None,
        "late": tally.late,
        "followed": tally.followed,
        "trouble": [
            {"student": student.key, "standing": standing.value, "reason": reason}
            for student, standing, reason in tally.trouble
        ],
        "mistakes": [
            {"id": id, "function": function, "name": name, "students": count}
            for (id, function, name), count in sorted(tally.mistakes.items())
        ],
        "gone": sorted(gone),
        "changed": list(changed),
    }


def gone_text(gone: Sequence[str]) -> str:
    """Return what becomes of results whose students are no longer in the class."""
    names = f"{', '.join(gone[:_LISTED])}{', ...' if len(gone) > _LISTED else ''}"
    what = "Their results stay, and are left out of reports and exports"
    return f"No longer among the submissions ({len(gone)}). {what}: {names}"


def changes_text(found: list[Change], stages: Iterable[str], folder: str) -> str:
    """Return a table of who a regrading changed."""
    names = ", ".join(stages)
    if not found:
        return in_columns([f"Regraded {names}: nobody's result changed."])
    who = len({change.student for change in found})
    lines = [f"Regraded {names}: {_people(who)} changed.", ""]
    rows = [(c.student, c.criterion, f"{c.before} -> {c.after}", f"{c.points:+d}") for c in found]
    rows.insert(0, ("student", "criterion", "was -> is", "points"))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    widths[0] = max(7, min(widths[0], COLUMNS - 8 - sum(widths[1:]) - 6))
    for row in rows:
        cells = [_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append(f"{'  '.join(cells)}  {row[3]:>6}")
    return in_columns(lines) + f"\nOld results: {folder}/previous/\n"


def _counted(tally: Tally) -> str:
    parts = [f"{tally.counts[s]} {s.value}" for s in Standing if tally.counts[s]]
    total = tally.counts.total()
    return f"{total} submission{'s' * (total != 1)}: {', '.join(parts) or 'none'}."


def _trouble(tally: Tally) -> list[str]:
    total = tally.counts.total() - tally.counts[Standing.GRADED]
    if not total:
        return []
    more = f" (the first {_LISTED} of {total})" if total > _LISTED else ""
    lines = ["", f"Without a grade{more}:"]
    for student, standing, reason in tally.trouble[:_LISTED]:
        lines.append(f"  {student.called}: {standing.value}: {' '.join(reason.split())}")
    if tally.counts[Standing.BROKEN]:
        lines.append("What is broken is our fault; the same command tries it again.")
    return lines


def _mistakes(tally: Tally) -> list[str]:
    if not tally.mistakes:
        return []
    lines = ["", "Most frequent mistakes:"]
    ordered = sorted(tally.mistakes.items(), key=lambda item: (-item[1], item[0]))
    for (_, function, name), count in ordered[:_MISTAKES]:
        lines.append(f"  {count:>4}  {function} {name}")
    return lines


def _named(stages: Iterable[StageResult]) -> set[tuple[str, str, str]]:
    """Return the mistakes that explain something, if it is clear which."""
    return {
        (check.mistakes[0].id, check.mistakes[0].function, check.mistakes[0].name)
        for stage in stages
        for criterion in stage.criteria
        for check in criterion.checks
        if check.outcome is Outcome.FAILED and len(check.mistakes) == 1
    }


def _people(count: int) -> str:
    return f"{count} student{'s' * (count != 1)}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(0, width - 3)] + "..."
