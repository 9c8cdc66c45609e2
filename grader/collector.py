"""The pytest plugin of a run: finds the checks, runs them, keeps the verdicts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from grader.checkfiles import CheckPlugin, runs, title_of
from grader.checking import checks
from grader.course import Stage
from grader.errors import GraderError
from grader.mistakes import Mistake, with_mistake
from grader.naming import Record, name_failures
from grader.results import (
    RULES,
    CheckResult,
    CriterionResult,
    Evidence,
    NamedMistake,
    Outcome,
    StageResult,
)
from grader.supervisor import Supervisor
from grader.verdict import Verdict, broken


class Listener:
    """Hears how a run goes on; this one does nothing about it."""

    def began(self, total: int) -> None:
        """So many checks will run."""

    def running(self, stage: Stage, title: str) -> None:
        """A check starts."""

    def finished(self) -> None:
        """A check is over."""

    def progress(self, step: int, steps: int, text: str) -> None:
        """A long check has come so far."""


class Collector(CheckPlugin):
    """The pytest plugin of a run: orders checks by stage, runs them, keeps the verdicts."""

    def __init__(
        self,
        stages: tuple[Stage, ...],
        supervisor: Supervisor,
        *,
        quick: bool,
        listener: Listener,
    ) -> None:
        super().__init__(stages, quick=quick)
        self._supervisor = supervisor
        self._listener = listener
        self._pending: list[_Pending] = []
        self._results: dict[tuple[str, str], list[CheckResult]] = {}

    def began(self, total: int) -> None:
        """Tell the listener."""
        self._listener.began(total)

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check under supervision; what it raises becomes a verdict, not a report."""
        stage, criterion = self.stage_of(pyfuncitem), self.criterion_of(pyfuncitem)
        self._listener.running(stage, title_of(pyfuncitem))
        token = checks.on_progress.set(self._listener.progress)
        clock = time.monotonic()
        try:
            verdict = self._supervisor.run(stage, criterion, runs(pyfuncitem))
        finally:
            checks.on_progress.reset(token)
        printed = self._supervisor.take_printed()
        self._keep(pyfuncitem, verdict, time.monotonic() - clock, printed)
        self._listener.finished()
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Iterator[None]:
        """After the last check of a stage, look for the names of its mistakes."""
        done = yield
        if nextitem is None or self.stage_of(nextitem) is not self.stage_of(item):
            self._settle(self.stage_of(item))
        return done

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """What is raised around a check is a fault of ours, and never passed over."""
        error = call.excinfo and call.excinfo.value
        if isinstance(error, GraderError):
            self.course_error = self.course_error or error
        elif error:
            self._keep(item, broken(error), 0.0, "")

    # --- results ----------------------------------------------------------------------
    def stage_result(self, stage: Stage) -> StageResult:
        """Return what was found about one stage."""
        left_out = [c for c in stage.about.criteria if self.quick and c.slow]
        return StageResult(
            id=stage.id,
            title=stage.about.title,
            criteria=self._rules(stage)
            + tuple(
                CriterionResult(
                    c.id, c.sentence, c.points, tuple(self._results.get((stage.id, c.id), ()))
                )
                for c in stage.about.criteria
                if c not in left_out
            ),
            left_out=tuple(c.id for c in left_out),
            printed=self._supervisor.printed_at_import(stage),
        )

    def _rules(self, stage: Stage) -> tuple[CriterionResult, ...]:
        """Return a line of its own for a file that uses what its stage does not allow."""
        uses = self._supervisor.forbidden(stage)
        if not uses:
            return ()
        frames = tuple(replace(use, function=stage.name) for use in uses)
        names = ", ".join(dict.fromkeys(use.function for use in uses))
        what = f"uses {names}, which this stage asks you to write"
        evidence = Evidence(f"the file {what}; its points count when that is gone", frames=frames)
        check = CheckResult("rules", what, False, Outcome.FAILED, 0.0, evidence)
        return (CriterionResult(RULES, what, 0, (check,)),)

    def _keep(self, item: pytest.Item, verdict: Verdict, seconds: float, printed: str) -> None:
        self._pending.append((item, verdict, seconds, printed))

    def _settle(self, stage: Stage) -> None:
        """Turn what is pending of a stage into results."""
        pending, self._pending = self._pending, []
        names = self._named(stage, pending)
        for (item, verdict, seconds, printed), mistakes in zip(pending, names, strict=True):
            evidence = verdict.evidence or Evidence("")
            result = CheckResult(
                name=item.name,
                title=title_of(item),
                hidden="hidden" in item.path.parts,
                outcome=verdict.outcome,
                seconds=round(seconds, 4),
                evidence=replace(evidence, printed=printed)
                if verdict.evidence or printed
                else None,
                blocked_by=verdict.blocked_by,
                mistakes=mistakes,
            )
            self._results.setdefault((stage.id, self.criterion_of(item).id), []).append(result)

    def _named(self, stage: Stage, pending: list[_Pending]) -> list[tuple[NamedMistake, ...]]:
        if not any(verdict.error for _, verdict, _, _ in pending):
            return [() for _ in pending]
        records = [
            Record(runs(item), item.obj, verdict.error, self.is_slow(item))
            for item, verdict, _, _ in pending
            if isinstance(item, pytest.Function)
        ]
        supervisor = self._supervisor
        found = name_failures(
            records,
            supervisor.known_mistakes(stage),
            lambda m, check: supervisor.attempt(with_mistake(supervisor.reference, m), check),
        )
        return [tuple(named(m) for m in mistakes) for mistakes in found]


_Pending = tuple[pytest.Item, Verdict, float, str]


def named(mistake: Mistake) -> NamedMistake:
    """Return a mistake as results hold it."""
    full = f"{mistake.stage.id}.{mistake.id}"
    return NamedMistake(full, mistake.function, mistake.name, mistake.hints)
