"""What somebody who watches the checks sees: each stage, and the one they work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from grader.results import Outcome, Report, StageResult, first_to_fix


@dataclass(frozen=True)
class Place:
    """A stage on the board.

    Parameters
    ----------
    id, title : str
    points : int
        What it is worth.
    """

    id: str
    title: str
    points: int

    @property
    def name(self) -> str:
        """The short name, ``padding``."""
        return self.id.rpartition(".")[2]


@dataclass(frozen=True)
class Underway:
    """A check that runs: so many of so many are done; a long one has made so many steps."""

    stage: str
    title: str = ""
    done: int = 0
    total: int = 0
    step: int = 0
    steps: int = 0


@dataclass(frozen=True)
class Board:
    """All of it, as data.

    Parameters
    ----------
    title : str
        The unit's.
    places : tuple of Place
    focus : str
        The id of the stage that is shown in full.
    reports : mapping
        The last report on each stage, by its id.
    underway : Underway or None
    hints : int
        How many hints are shown for what is first to fix.
    message : str
        One line about what happened last.
    """

    title: str
    places: tuple[Place, ...]
    focus: str
    reports: Mapping[str, Report] = field(default_factory=dict)
    underway: Underway | None = None
    hints: int = 1
    message: str = ""

    def result(self, stage: str) -> StageResult | None:
        """Return what is known of a stage."""
        report = self.reports.get(stage)
        return report.stages[0] if report else None

    def is_done(self, stage: str) -> bool:
        """Whether every criterion of a stage passes, the slow ones included."""
        result = self.result(stage)
        return bool(result and result.outcome is Outcome.PASSED and not result.left_out)

    @property
    def steps(self) -> int:
        """How many hints there are for what is first to fix."""
        report = self.reports.get(self.focus)
        found = first_to_fix(report) if report else None
        check = found[1].decisive if found else None
        return max((len(m.hints) for m in check.mistakes), default=0) if check else 0

    def checked(self, report: Report) -> Board:
        """Return the board after a stage was checked; when it is done, the next one is shown."""
        stage = report.stages[0].id
        board = replace(self, reports={**self.reports, stage: report}, underway=None)
        if stage != self.focus:
            return board
        same = _first_check(report) == _first_check(self.reports.get(stage))
        board = replace(board, hints=self.hints if same else 1)
        if not board.is_done(stage):
            return board
        following = board.open_after(stage)
        if following is None:
            return replace(board, message="All stages are done.")
        said = f"{_name(stage)} is done. Now: {_name(following)}"
        return replace(board, focus=following, hints=1, message=said)

    def open_after(self, stage: str) -> str | None:
        """Return the next stage that is not done, in the order of the unit and around."""
        ids = [place.id for place in self.places]
        start = ids.index(stage) + 1
        return next((s for s in ids[start:] + ids[:start] if not self.is_done(s)), None)

    def merged(self) -> Report | None:
        """Return one report of all that is known."""
        known = [self.reports[p.id] for p in self.places if p.id in self.reports]
        if not known:
            return None
        stages = tuple(report.stages[0] for report in known)
        return replace(max(known, key=lambda report: report.started), stages=stages)


def _first_check(report: Report | None) -> tuple[str, str] | None:
    found = first_to_fix(report) if report else None
    check = found[1].decisive if found else None
    return (found[1].id, check.name) if found and check else None


def _name(stage: str) -> str:
    return stage.rpartition(".")[2]
