"""Gives every check a living worker, and a second opinion where the first is not enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from grader import wire
from grader.authority import Authority
from grader.blame import Blame
from grader.checking.judged import in_order
from grader.course import Criterion, Stage, Unit
from grader.errors import Ended, Frame, GraderError, NotRecorded, StudentError
from grader.mistakes import Mistake
from grader.naming import Attempted, Record
from grader.pace import Pace
from grader.pristine import pristine
from grader.results import Evidence, Outcome
from grader.sandbox import Sandbox
from grader.stub import is_untouched
from grader.verdict import PASSED, Verdict, cannot_go_on, judge, left_over
from grader.workers import Workers

_IMPORTED = re.compile(r"cannot import name '(?P<name>\w+)' from '(?P<module>[\w.]+)'")

# What is left of a check's limit when failing checks have used up the time of their stage:
# code that hangs costs little from then on, and what is right beside it still passes.
_HURRY = 0.05


class Supervisor:
    """The workers of one run.

    Parameters
    ----------
    sandbox : Sandbox
        Where workers are started.
    unit : Unit
        What is checked.
    sources : mapping
        For each module of the unit its source, or why there is none.
    authority : Authority
        Who knows what is right.
    lent : set of str, optional
        The ids of stages in whose place the reference answers.
    known : mapping, optional
        The outcomes of stages that were checked before, by their ids.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        unit: Unit,
        sources: Mapping[str, wire.Source | str],
        authority: Authority,
        lent: Collection[str] = (),
        known: Mapping[str, Outcome] | None = None,
    ) -> None:
        self._workers = Workers(sandbox, unit, sources, authority)
        self._unit = unit
        self._sources = sources
        self._session: Any = None
        self._stage: Stage | None = None
        self._unloadable: Verdict | None = None
        self._printed = ""
        self._pace = Pace(0)
        self._spent = 0.0
        self._printed_at_import: dict[str, str] = {}
        self._forbidden: dict[str, tuple[Frame, ...]] = {}
        self._outcomes = {stage: {outcome} for stage, outcome in (known or {}).items()}
        self._lent = [stage for stage in unit.stages if stage.id in lent]
        self._authority = authority
        self._blame: Blame

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def current(self) -> Any:
        """Return the session that proxies use now."""
        return self._session

    def take_printed(self) -> str:
        """Return what the student's code printed during the last check."""
        text, self._printed = self._printed, ""
        return text

    def printed_at_import(self, stage: Stage) -> str:
        """Return what a stage's file printed while it was imported."""
        return self._printed_at_import.get(stage.id, "")

    def forbidden(self, stage: Stage) -> tuple[Frame, ...]:
        """Return the lines of a stage's file that use what it may not; `function` is the name."""
        return self._forbidden.get(stage.id, ())

    def run(self, stage: Stage, criterion: Criterion, check: Callable[[], None]) -> Verdict:
        """Run one check of `stage` and judge it."""
        self._prepare(stage)
        verdict = self._unloadable or self._first_opinion(stage, criterion, check)
        if _was_killed(verdict):
            # A machine that runs short of memory kills, too. What the student's code does to
            # itself, it does again.
            self._prepare(stage)
            verdict = self._unloadable or self._first_opinion(stage, criterion, check)
        if verdict.outcome is Outcome.BROKEN and self._is_sound(verdict, stage, check):
            verdict = cannot_go_on(verdict)
        if verdict.outcome is Outcome.FAILED and not self._unloadable and not criterion.slow:
            verdict = self._blame.judge(verdict, _seconds(stage, criterion), check)
        self._outcomes.setdefault(stage.id, set()).add(verdict.outcome)
        return verdict

    def with_mistake(self, mistake: Mistake, record: Record) -> Attempted:
        """Tell how a check goes with a mistake in the student's place."""
        return self._authority.attempt(mistake, record, self._try)

    def _is_sound(self, verdict: Verdict, stage: Stage, check: Callable[[], None]) -> bool:
        """Whether a check that broke down goes well with the reference."""
        if isinstance(verdict.error, NotRecorded):
            return False
        return self._authority.is_sound(stage, check, self._try)

    def _first_opinion(
        self, stage: Stage, criterion: Criterion, check: Callable[[], None]
    ) -> Verdict:
        self._allow(stage, criterion)
        left, calls = self._session.left, self._session.calls
        self._begin()
        try:
            with in_order():
                check()
        except (KeyboardInterrupt, GraderError):
            raise
        except BaseException as error:
            verdict = judge(error, stage, self._unit)
            if not criterion.slow:
                self._spent += left - self._session.left
            # Without its traceback, whose frames would keep every array of the check.
            error.__cause__ = error.__context__ = None
            error, calls = error.with_traceback(None), self._session.calls - calls
            verdict = replace(verdict, error=error, calls=calls)
            return self._half_done(verdict, stage)
        finally:
            self._printed = self._session.take_printed()
        return PASSED

    def _allow(self, stage: Stage, criterion: Criterion) -> None:
        """Give a check its time: a fraction once those that fail have used up the stage's."""
        seconds, together = _seconds(stage, criterion), stage.about.limits.together
        self._session.pace, self._pace.seconds = self._pace, seconds
        if criterion.slow or self._spent < together:
            self._session.allow(seconds)
            return
        limit = (
            f"the {seconds * _HURRY:g} s that are left for a check after others, which failed, "
            f"used up the {together:g} s of the stage"
        )
        self._session.allow(seconds * _HURRY, limit)

    def _half_done(self, verdict: Verdict, stage: Stage) -> Verdict:
        """A stub's last line under code of the student's own is a mistake, not a task."""
        source = self._sources[stage.module]
        if verdict.outcome is not Outcome.TODO or not isinstance(source, wire.Source):
            return verdict
        code = source.code.decode("utf-8", "replace")
        if is_untouched(code, pristine(stage), str(verdict.error)):
            return verdict
        return left_over(verdict)

    def _begin(self) -> None:
        if self._stage:
            self._authority.reference.begin(self._stage.id)

    def _try(self, session: Any, check: Callable[[], None]) -> BaseException | None:
        """Run a check in another session; return how it failed."""
        student, self._session = self._session, session
        self._begin()
        try:
            with in_order():
                check()
        except (KeyboardInterrupt, GraderError):
            raise
        except BaseException as error:
            return error
        finally:
            self._session = student
        return None

    # --- the second opinion -----------------------------------------------------------
    def _opinion_on_loading(self, verdict: Verdict, stage: Stage, error: BaseException) -> Verdict:
        """A file that loads with the reference's earlier stages is blocked by the student's."""
        if verdict.outcome is not Outcome.FAILED or self._wants_an_unknown_name(error):
            return verdict
        seconds = stage.about.limits.seconds
        return self._blame.judge(verdict, seconds, lambda: self._session.load(stage.module))

    def _wants_an_unknown_name(self, error: BaseException) -> bool:
        """Whether it is the import of a name that the reference does not have either."""
        found = _IMPORTED.match(str(error)) if isinstance(error, ImportError) else None
        reference = self._authority.reference
        if found is None or not reference.knows(found["module"]):
            return False
        return not hasattr(reference.module(found["module"]), found["name"])

    # --- workers ----------------------------------------------------------------------
    def _prepare(self, stage: Stage) -> None:
        """Have a living worker with the stage's module loaded, or know why there is none."""
        if stage is not self._stage:
            self._close()
            self._stage, self._unloadable = stage, None
            self._pace, self._spent = Pace(0), 0.0
            self._blame = Blame(
                stage, self._workers, self._try, self._outcomes, self._lent, self._pace
            )
        if self._unloadable or (self._session and not self._session.ended):
            return
        why = self._sources[stage.module]
        if isinstance(why, str):
            self._unloadable = Verdict(Outcome.FAILED, Evidence(why))
            return
        self._session = self._workers.start(stage, self._lent)
        self._load(stage)

    def _load(self, stage: Stage) -> None:
        again = stage.id in self._printed_at_import  # a failed check ended the last worker
        self._session.allow(stage.about.limits.seconds)
        try:
            if stage.about.forbid and stage.id not in self._forbidden:
                self._forbidden[stage.id] = self._inspect(stage)
            self._session.load(stage.module)
        except (StudentError, Ended) as error:
            if isinstance(error, Ended):
                error = Ended(f"{error.cause}, while {stage.file.name} was imported")
            verdict = judge(error, stage, self._unit)
            self._unloadable = self._opinion_on_loading(verdict, stage, error)
        if again:
            self._spent += stage.about.limits.seconds - self._session.left
        self._printed_at_import[stage.id] = self._session.take_printed()

    def _inspect(self, stage: Stage) -> tuple[Frame, ...]:
        source = self._sources[stage.module]
        assert isinstance(source, wire.Source)
        uses = self._session.inspect(stage.module, stage.about.forbid)
        lines = source.code.decode("utf-8", "replace").split("\n")
        return tuple(
            Frame(source.path, line, name, lines[line - 1].strip()[:200])
            for line, name in uses
            if 0 < line <= len(lines)
        )

    def _close(self) -> None:
        if self._session:
            self._session.close()
            self._session = None


def _was_killed(verdict: Verdict) -> bool:
    """Whether the student's program was ended from outside, and not by us."""
    return isinstance(verdict.error, Ended) and "SIGKILL" in verdict.error.cause


def _seconds(stage: Stage, criterion: Criterion) -> float:
    return criterion.seconds or stage.about.limits.seconds
