"""Gives every check a living worker, and a second opinion where the first is not enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader import wire
from grader.calls import Observed, observe
from grader.course import Criterion, Stage, Unit
from grader.errors import Ended, GraderError, StudentError
from grader.reference import LiveReference
from grader.remote import Session
from grader.results import Evidence, Outcome
from grader.sandbox import Sandbox
from grader.verdict import PASSED, Verdict, judge, unexpected


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
    """

    def __init__(
        self, sandbox: Sandbox, unit: Unit, sources: Mapping[str, wire.Source | str]
    ) -> None:
        self._sandbox = sandbox
        self._unit = unit
        self._sources = sources
        self._session: Any = None
        self._stage: Stage | None = None
        self._unloadable: Verdict | None = None
        self._printed = ""
        self._printed_at_import: dict[str, str] = {}
        self.reference = LiveReference(unit.solutions())

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

    def run(self, stage: Stage, criterion: Criterion, check: Callable[[], None]) -> Verdict:
        """Run one check of `stage` and judge it."""
        self._prepare(stage)
        if self._unloadable:
            return self._unloadable
        seconds = criterion.seconds or stage.about.limits.seconds
        self._session.allow(seconds)
        try:
            check()
        except (KeyboardInterrupt, GraderError):
            raise
        except BaseException as error:
            self._printed = self._session.take_printed()
            verdict = judge(error, stage, self._unit)
            return self._reconsider(verdict, error, check)
        self._printed = self._session.take_printed()
        return PASSED

    def _reconsider(
        self, verdict: Verdict, error: BaseException, check: Callable[[], None]
    ) -> Verdict:
        """A check that crashed is ours to blame only if it crashes on the reference too."""
        if verdict.outcome is not Outcome.BROKEN:
            return verdict
        student, self._session = self._session, Local(self.reference)
        try:
            check()
        except Exception:
            return verdict
        finally:
            self._session = student
        return unexpected(error)

    # --- workers ----------------------------------------------------------------------
    def _prepare(self, stage: Stage) -> None:
        """Have a living worker with the stage's module loaded, or know why there is none."""
        if stage is not self._stage:
            self._close()
            self._stage, self._unloadable = stage, None
        if self._unloadable or (self._session and not self._session.ended):
            return
        why = self._sources[stage.module]
        if isinstance(why, str):
            self._unloadable = Verdict(Outcome.FAILED, Evidence(why))
            return
        present = [s for s in self._sources.values() if isinstance(s, wire.Source)]
        limits = stage.about.limits
        self._session = self._sandbox.session(present, limits.memory_mb)
        self._load(stage)

    def _load(self, stage: Stage) -> None:
        self._session.allow(stage.about.limits.seconds)
        try:
            self._session.load(stage.module)
        except (StudentError, Ended) as error:
            self._unloadable = judge(error, stage, self._unit)
        self._printed_at_import[stage.id] = self._session.take_printed()

    def _close(self) -> None:
        if self._session:
            self._session.close()
            self._session = None


class Local:
    """A session with the reference, in this process."""

    ended = ""

    def __init__(self, reference: LiveReference) -> None:
        self._reference = reference

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call the reference's version of a student's function."""
        module = self._reference.module(function.__module__)
        return observe(getattr(module, function.__qualname__), args, kwargs)
