"""The pytest plugin of a run: runs the checks for each candidate, keeps the verdicts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any

import pytest

from grader.authority import Authority
from grader.checkfiles import CheckPlugin, is_hidden, name_of, needs_nothing, runs, title_of
from grader.checking import checks
from grader.course import Criterion, Stage
from grader.errors import GraderError
from grader.listener import Listener
from grader.mistakes import Mistake
from grader.naming import Record, failure_of, name_failures
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

# Characters that are kept of what one check printed; and if it passed, and nobody looks.
_PRINTED, _PRINTED_PASSED = 8_000, 1_000
_LEFT_OUT = "\n[... the rest of the output is left out]\n"


@dataclass(frozen=True)
class Extent:
    """How much of a candidate is checked.

    Parameters
    ----------
    stages : tuple of Stage
    quick : bool
        Whether slow criteria are left out.
    """

    stages: tuple[Stage, ...]
    quick: bool = False

    def covers(self, stage: Stage, criterion: Criterion) -> bool:
        """Whether a criterion of a stage is checked."""
        return stage in self.stages and not (self.quick and criterion.slow)


class Collector(CheckPlugin):
    """Runs the checks that pytest has found, once for each supervisor.

    Parameters
    ----------
    stages : tuple of Stage
        Whose checks are run.
    supervisors : iterable of (Supervisor, Extent)
        One for each candidate, with what to check of it; the next is asked for when the
        checks of the last are over.
    done : callable
        Told the results of the stages of one candidate.
    authority : Authority
        Who knows what the mistakes are called.
    listener : Listener
        Hears how it goes on.
    """

    def __init__(
        self,
        stages: tuple[Stage, ...],
        supervisors: Iterable[tuple[Supervisor, Extent]],
        done: Callable[[tuple[StageResult, ...]], None],
        authority: Authority,
        listener: Listener,
    ) -> None:
        super().__init__(stages)
        self._supervisors = supervisors
        self._done = done
        self._listener = listener
        self._supervisor: Supervisor
        self._pending: list[_Pending] = []
        self._results: dict[tuple[str, str], list[CheckResult]] = {}
        self._authority = authority

    def session(self) -> Any:
        """Return the session that proxies use now."""
        return self._supervisor.current()

    def without_checks(self) -> None:
        """Say of every candidate that nothing was checked."""
        self._run_each([])

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run all checks for one candidate after the other; they are collected once."""
        if session.testsfailed:  # while they were collected
            return None
        self._run_each(session.items)
        return True

    def _run_each(self, items: list[pytest.Item]) -> None:
        for supervisor, extent in self._supervisors:
            self._supervisor, self._results = supervisor, {}
            wanted = [i for i in items if extent.covers(self.stage_of(i), self.criterion_of(i))]
            self._listener.began(len(wanted))
            with supervisor:
                for item, after in zip_longest(wanted, wanted[1:]):
                    self._run(item, after)
                    if self.course_error:
                        return
                    if after is None or self.stage_of(after) is not self.stage_of(item):
                        self._settle(self.stage_of(item))
                stages = [stage for stage in self.stages if stage in extent.stages]
                self._done(tuple(self._stage_result(stage, extent) for stage in stages))

    def _run(self, item: pytest.Item, after: pytest.Item | None) -> None:
        """Run one check; pytest sets it up only if there is something to set up."""
        if not needs_nothing(item):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            return
        try:
            self._supervise(item, item.obj)
        except GraderError as error:
            self.course_error = error
        except Exception as error:  # a fault of ours, and never passed over
            self._pending.append(_Pending(item, broken(error), 0.0, "", _nothing))

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check that pytest has set up."""
        self._supervise(pyfuncitem, runs(pyfuncitem))
        return True

    def _supervise(self, item: pytest.Function, run: Callable[[], None]) -> None:
        """Run one check under supervision; what it raises becomes a verdict, not a report."""
        stage, criterion = self.stage_of(item), self.criterion_of(item)
        self._listener.running(stage, title_of(item))
        token = checks.on_progress.set(partial(self._listener.progress, stage))
        clock = time.monotonic()
        try:
            verdict = self._supervisor.run(stage, criterion, run)
        finally:
            checks.on_progress.reset(token)
        printed = self._supervisor.take_printed()
        seconds = time.monotonic() - clock
        self._pending.append(_Pending(item, verdict, seconds, printed, run))
        self._listener.finished(stage)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport:
        """What is raised around a check is a fault of ours, and never passed over.

        Nobody reads pytest's own reports, so this one says as little as it can.
        """
        error = call.excinfo and call.excinfo.value
        if isinstance(error, GraderError):
            self.course_error = self.course_error or error
        elif error:
            self._pending.append(_Pending(item, broken(error), 0.0, "", _nothing))
        when: Any = call.when
        outcome: Any = "failed" if error else "passed"
        return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, when)

    # --- results ----------------------------------------------------------------------
    def _stage_result(self, stage: Stage, extent: Extent) -> StageResult:
        """Return what was found about one stage."""
        left_out = [c for c in stage.about.criteria if not extent.covers(stage, c)]
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

    def _settle(self, stage: Stage) -> None:
        """Turn what is pending of a stage into results."""
        pending, self._pending = self._pending, []
        for each, mistakes in zip(pending, self._named(stage, pending), strict=True):
            key = (stage.id, self.criterion_of(each.item).id)
            self._results.setdefault(key, []).append(each.result(mistakes))

    def _named(self, stage: Stage, pending: list[_Pending]) -> list[tuple[NamedMistake, ...]]:
        if not any(each.verdict.error for each in pending):
            return [() for _ in pending]
        records = [
            Record(
                name_of(each.item),
                each.check,
                getattr(each.item, "obj", None),
                each.verdict.outcome is Outcome.PASSED,
                failure_of(each.verdict.error),
                self.is_slow(each.item),
                each.calls,
                each.verdict.at_fault(stage),
            )
            for each in pending
        ]
        supervisor = self._supervisor
        found = name_failures(records, self._authority.mistakes(stage), supervisor.with_mistake)
        return [tuple(named(m) for m in mistakes) for mistakes in found]


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class _Pending:
    """A check that was run, before its failure has a name."""

    item: pytest.Item
    verdict: Verdict
    seconds: float
    printed: str
    check: Callable[[], None]

    @property
    def calls(self) -> int | None:
        """How many calls it had made when it failed."""
        return None if self.verdict.error is None else self.verdict.calls

    def result(self, mistakes: tuple[NamedMistake, ...]) -> CheckResult:
        # A mistake of this stage that explains the failure settles whose fault it is.
        verdict = (mistakes and self.verdict.otherwise) or self.verdict
        evidence = verdict.evidence
        if evidence or self.printed:
            printed = _bounded(self.printed, passed=verdict.outcome is Outcome.PASSED)
            evidence = replace(evidence or Evidence(""), printed=printed)
        return CheckResult(
            name=self.item.name,
            title=title_of(self.item),
            hidden=is_hidden(self.item),
            outcome=verdict.outcome,
            seconds=round(self.seconds, 4),
            evidence=evidence,
            blocked_by=verdict.blocked_by,
            mistakes=mistakes,
        )


def _bounded(printed: str, *, passed: bool) -> str:
    """Return what is kept of what was printed: a report of many checks stays small."""
    most = _PRINTED_PASSED if passed else _PRINTED
    return printed if len(printed) <= most else printed[:most] + _LEFT_OUT


def named(mistake: Mistake) -> NamedMistake:
    """Return a mistake as results hold it."""
    return NamedMistake(mistake.full_id, mistake.function, mistake.name, mistake.hints)
