"""The class as rows and columns: what a grade leaves behind once it was read.

A class may have thousands of reports of half a megabyte; a row keeps what the class page
shows of one, so that the reports need not be held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.grades import Grade, Standing
from grader.render.feedback import wrong_as_a_whole
from grader.results import CheckResult, Outcome, StageResult

FOLLOWED = "followed"
UNNAMED = "?"  # begins what stands for a failure that no known mistake explains
_UNKNOWN = "fails, and no known mistake explains it"
Key = tuple[str, str]  # the ids of a stage and of a criterion


@dataclass(frozen=True)
class Row:
    """One submission.

    Parameters
    ----------
    cells : dict
        For each criterion its outcome, or `FOLLOWED` where the points come from the
        reference in place of an earlier stage.
    sentences : dict
        For each criterion its sentence and points.
    mistakes : tuple of (str, str, str)
        Stage, id and words of each mistake that was named; the id begins with `UNNAMED` for
        a stage that fails without any.
    faults : tuple of str
        The criteria that broke by our fault.
    """

    key: str
    name: str
    email: str
    standing: Standing
    reason: str
    notes: tuple[str, ...]
    mark: float
    possible: int
    days: int
    seconds: float
    started: str
    cells: dict[Key, str]
    sentences: dict[Key, tuple[str, int]]
    mistakes: tuple[tuple[str, str, str], ...]
    faults: tuple[str, ...]


def row(grade: Grade) -> Row:
    """Return what the class page shows of a grade."""
    student, report = grade.student, grade.report
    each = [(stage, criterion) for stage in grade.stages for criterion in stage.criteria]
    cells = {}
    for stage, criterion in each:
        own = criterion.earned if stage.earned else 0
        more = grade.credit(stage, criterion) > own
        cells[stage.id, criterion.id] = FOLLOWED if more else criterion.outcome.value
    return Row(
        key=student.key,
        name=student.name or student.key,
        email=student.email,
        standing=grade.standing,
        reason=grade.reason,
        notes=grade.notes,
        mark=grade.mark,
        possible=grade.possible,
        days=grade.late.days if grade.late else 0,
        seconds=report.seconds if report else 0.0,
        started=report.started if report else "",
        cells=cells,
        sentences={(s.id, c.id): (c.sentence, c.points) for s, c in each},
        mistakes=tuple(_mistakes(grade.stages)),
        faults=tuple(f"{s.id} {c.id}" for s, c in each if c.outcome is Outcome.BROKEN),
    )


def _mistakes(stages: Sequence[StageResult]) -> list[tuple[str, str, str]]:
    """Return the mistakes that explain a submission, and the stages that none explains.

    A check that several mistakes would fail alike names them all. It adds nothing when one of
    them is named alone by another check, and all of them when none is.
    """
    checks = [check for s in stages for c in s.criteria for check in c.checks]
    alone = {c.mistakes[0].id: c.mistakes[0] for c in checks if len(c.mistakes) == 1}
    found = dict(alone)
    for check in checks:
        if not any(m.id in alone for m in check.mistakes):
            found |= {m.id: m for m in check.mistakes}
    named = [(m.stage, m.id, f"{m.function} {m.name}") for m in found.values()]
    words = {
        stage.id: wrong_as_a_whole(stage) or _UNKNOWN for stage in stages if _unexplained(stage)
    }
    return named + [(stage, f"{UNNAMED} {text}", text) for stage, text in words.items()]


def _unexplained(stage: StageResult) -> bool:
    checks = [check for c in stage.criteria for check in c.checks]
    failed = [check for check in checks if check.outcome is Outcome.FAILED]
    return bool(failed) and not any(_own(check, stage) for check in checks)


def _own(check: CheckResult, stage: StageResult) -> bool:
    return any(mistake.stage == stage.id for mistake in check.mistakes)


@dataclass(frozen=True)
class Column:
    """One criterion: the ids, the sentence, and how many of the class pass it."""

    stage: str
    id: str
    sentence: str
    points: int
    passed: int
    of: int

    @property
    def share(self) -> int:
        """Percent that pass."""
        return round(100 * self.passed / self.of) if self.of else 0


def columns(rows: Sequence[Row]) -> list[Column]:
    """Return the criteria that any row has, stage by stage in the order of the lessons."""
    order: dict[str, list[str]] = {}
    about: dict[Key, tuple[str, int]] = {}
    for each in rows:
        previous: Key | None = None
        for key, sentence in each.sentences.items():
            stage, identifier = key
            if key not in about:
                about[key] = sentence
                known = order.setdefault(stage, [])
                after = known.index(previous[1]) + 1 if previous and previous[0] == stage else 0
                known.insert(after, identifier)
            previous = key
    return [
        _column(rows, (stage, identifier), about[stage, identifier])
        for stage, identifiers in order.items()
        for identifier in identifiers
    ]


def _column(rows: Sequence[Row], key: Key, about: tuple[str, int]) -> Column:
    found = [each.cells[key] for each in rows if key in each.cells]
    passed = sum(outcome in (Outcome.PASSED.value, FOLLOWED) for outcome in found)
    return Column(*key, *about, passed, len(found))
