"""Several stages at once: warm processes that share them out, reported in order."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

from grader.course import Stage
from grader.errors import GraderError
from grader.launched import Launched
from grader.listener import Listener
from grader.results import Outcome, Report, StageResult, from_json
from grader.warm.messages import Checked, Fault, Running, Setup, Stepped, Wanted
from grader.warm.served import Warm

# What only an earlier stage's outcome can change: then a failure may be that stage's fault.
_MAY_CHANGE = {Outcome.FAILED, Outcome.BLOCKED}


def check_at_once(
    stages: Sequence[Stage],
    setup: Setup,
    processes: Iterable[Launched],
    *,
    quick: bool = False,
    listener: Listener | None = None,
) -> Report:
    """Check stages side by side; return what checking them one after the other would.

    Parameters
    ----------
    stages : sequence of Stage
        In the unit's order.
    setup : Setup
        What the processes are told.
    processes : iterable of Launched
        One for each stage that may be checked at a time.
    quick : bool
        Leave out the criteria that are marked as slow.

    Raises
    ------
    GraderError
        The course is broken, or a process ended.

    Notes
    -----
    Whose fault a failure is depends on the outcomes of the stages before. Those that are not
    known yet are taken to pass. A stage with a failure is checked again if one did not.
    """
    team = _Team(stages, setup, processes, quick, listener or Listener())
    try:
        return team.run()
    finally:
        team.close()


class _Team:
    def __init__(
        self,
        stages: Sequence[Stage],
        setup: Setup,
        processes: Iterable[Launched],
        quick: bool,
        listener: Listener,
    ) -> None:
        self._stages = stages
        self._quick = quick
        self._started = datetime.datetime.now(datetime.UTC)
        self._clock = time.monotonic()
        self._progress = _Progress(stages, listener)
        self._news: SimpleQueue[tuple[Warm, Any]] = SimpleQueue()
        self._all = [Warm(setup, self._heard, launched) for launched in processes]
        self._idle = list(self._all)
        # The longest first: what is left at the end is short.
        self._waiting = sorted(stages, key=lambda stage: -_longest(stage, quick))
        self._assumed: dict[str, Mapping[str, Outcome]] = {}
        self._found: dict[str, Report] = {}

    def run(self) -> Report:
        for process in self._all:
            process.listen()
        while self._waiting or len(self._idle) < len(self._all):
            while self._idle and self._waiting:
                self._send(self._idle.pop(), self._waiting.pop(0))
            process, news = self._news.get()
            match news:
                case Checked(stage, _, report):
                    self._idle.append(process)
                    self._found[stage] = from_json(report)
                    self._progress.over(stage)
                    self._waiting += self._mistaken()
                case Fault(reason):
                    raise GraderError(reason)
                case _:
                    self._progress.hear(news)
        return self._report()

    def close(self) -> None:
        for process in self._all:
            process.end()

    def _heard(self, process: Warm, news: Any) -> None:
        self._news.put((process, news))

    def _send(self, process: Warm, stage: Stage) -> None:
        self._assumed[stage.id] = known = self._known(stage)
        process.send(Wanted(stage.id, self._quick, known))

    def _known(self, stage: Stage) -> dict[str, Outcome]:
        """Return the outcomes of what a stage builds on; what is not known yet will pass."""
        here = [need.id for need in stage.needed if need in self._stages]
        return {i: self._result(i).answers if i in self._found else Outcome.PASSED for i in here}

    def _mistaken(self) -> list[Stage]:
        """Return stages, and forget their results, that were checked on a false assumption."""
        under_way = {stage.id for stage in self._stages} - self._found.keys()
        again: list[Stage] = []
        for stage in self._stages:
            unsettled = under_way | {other.id for other in again}
            if stage.id in under_way or any(need.id in unsettled for need in stage.needed):
                continue
            passing = {i for i, o in self._known(stage).items() if o is Outcome.PASSED}
            assumed = {i for i, o in self._assumed[stage.id].items() if o is Outcome.PASSED}
            if passing != assumed and _outcomes(self._result(stage.id)) & _MAY_CHANGE:
                again.append(stage)
        for stage in again:
            del self._found[stage.id]
        return again

    def _result(self, stage: str) -> StageResult:
        return self._found[stage].stages[0]

    def _report(self) -> Report:
        """Return one report of all."""
        reports = [self._found[stage.id] for stage in self._stages]
        return replace(
            reports[0],
            stages=tuple(report.stages[0] for report in reports),
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._clock, 3),
            notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
        )


class _Progress:
    """Tells a listener of all stages what the processes say of each."""

    def __init__(self, stages: Sequence[Stage], listener: Listener) -> None:
        self._stages = {stage.id: stage for stage in stages}
        self._listener = listener
        self._total: dict[str, int] = {}
        self._done: dict[str, int] = {}

    def hear(self, news: Running | Stepped) -> None:
        stage = self._stages[news.stage]
        if isinstance(news, Stepped):
            self._listener.progress(stage, news.step, news.steps, news.text)
            return
        if stage.id not in self._total:
            self._total[stage.id] = news.total
            self._listener.began(sum(self._total.values()))
        self._advance(stage, news.done)
        self._listener.running(stage, news.title)

    def over(self, stage: str) -> None:
        self._advance(self._stages[stage], self._total.get(stage, 0))

    def _advance(self, stage: Stage, done: int) -> None:
        for _ in range(self._done.get(stage.id, 0), done):
            self._listener.finished(stage)
        self._done[stage.id] = max(done, self._done.get(stage.id, 0))


def _longest(stage: Stage, quick: bool) -> float:
    """Return the longest limit of a stage's criteria: what trains has one of its own."""
    usual = stage.about.limits.seconds
    return max(
        (c.seconds or usual for c in stage.about.criteria if not (quick and c.slow)), default=0.0
    )


def _outcomes(result: StageResult) -> set[Outcome]:
    return {check.outcome for criterion in result.criteria for check in criterion.checks}
