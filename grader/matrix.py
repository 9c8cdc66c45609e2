"""Every known mistake of a stage against every check of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Protocol

import pytest

from grader.checkfiles import CheckPlugin, is_hidden, name_of, proxies, run_checks, runs
from grader.course import Course, Stage, Unit
from grader.errors import CourseError
from grader.listener import Listener
from grader.local import Local
from grader.mistakes import Mistake, with_mistake
from grader.naming import Attempted, Record, failure_of, name_failures
from grader.reach import Watched
from grader.reference import LiveReference


class Answers(Protocol):
    """Who tells the checks what is right."""

    def begin(self, stage: str) -> None:
        """A check of a stage begins."""

    def module(self, name: str) -> ModuleType:
        """Return what answers for a module of the course."""


@dataclass
class CheckRow:
    """One check, and how each mistake fails it."""

    name: str
    criterion: str
    hidden: bool
    run: Callable[[], None]
    function: Any
    slow: bool
    attempts: dict[str, Attempted] = field(default_factory=dict)

    def record(self, mistake: Mistake) -> Record:
        """Return the check as it went with a mistake for the student's code."""
        tried = self.attempts[mistake.id]
        return Record(self.name, self.run, self.function, tried.passed, tried.failure, self.slow)


def matrix_of(
    course: Course,
    unit: Unit,
    stage: Stage,
    reference: LiveReference,
    known: Sequence[Mistake],
    listener: Listener,
    answers: Answers | None = None,
) -> Matrix:
    """Run every check of a stage with the solution, and with every mistake.

    Parameters
    ----------
    answers : Answers, optional
        Tells the checks what is right. If it is given, only the open checks are run: they
        are what students get.
    """
    matrix = Matrix(stage, reference, known, listener, answers)
    with proxies(course, unit, answers or reference, lambda: matrix.session):
        run_checks(course, [stage], matrix)
    return matrix


class Matrix(CheckPlugin):
    """Runs each check once for each mistake, all in this process: the code is our own."""

    def __init__(
        self,
        stage: Stage,
        reference: LiveReference,
        known: Sequence[Mistake],
        listener: Listener,
        answers: Answers | None,
    ) -> None:
        super().__init__([stage])
        self._open_only = answers is not None
        self._answers = answers or reference
        self._right = Local(reference)
        self._wrong = [(m, Local(with_mistake(reference, m))) for m in known]
        self._watched = Watched(reference, stage.module)
        self._listener = listener
        self.session: Local = self._right
        self.checks: list[CheckRow] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Slow checks last: they run only for mistakes that nothing quicker fails."""
        super().pytest_collection_modifyitems(items)
        items[:] = [item for item in items if not (self._open_only and is_hidden(item))]
        items.sort(key=self.is_slow)
        self._listener.began(len(items))

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check with every mistake in the student's place."""
        criterion = self.criterion_of(pyfuncitem)
        self._listener.running(self.stage_of(pyfuncitem), pyfuncitem.name)
        hidden = is_hidden(pyfuncitem)
        name = name_of(pyfuncitem)
        run = runs(pyfuncitem)
        right = self._attempt(self._right, run)
        slow = self.is_slow(pyfuncitem)
        found = CheckRow(name, criterion.id, hidden, run, pyfuncitem.obj, slow)
        if right is not None:
            stage = self.stage_of(pyfuncitem).id
            self.course_error = CourseError(f"{stage}: the solution fails {name}: {right}")
            return True
        missed = self._missed(run) if not slow else ()
        for mistake, session in self._wrong:
            if mistake.function in missed:
                found.attempts[mistake.id] = Attempted(True)
            elif not (slow and self._caught(mistake.id, hidden)):
                error = self._attempt(session, run)
                found.attempts[mistake.id] = Attempted(error is None, failure_of(error))
        self.checks.append(found)
        self._listener.finished(self.stage_of(pyfuncitem))
        return True

    def _missed(self, run: Callable[[], None]) -> set[str]:
        """Return the functions that a check does without: what is wrong there cannot fail it."""
        self._watched.used.clear()
        if self._attempt(Local(self._watched.reference), run) is not None:
            return set()  # it ended early, and another time it may not
        return {m.function for m, _ in self._wrong if self._watched.missed(m.function)}

    def fails(self, mistake: Mistake, *, hidden: bool) -> bool:
        """Whether the open checks alone, or the hidden ones, fail a mistake."""
        return self._caught(mistake.id, hidden)

    def names(self, mistake: Mistake, known: Sequence[Mistake]) -> set[str]:
        """Return what the first failing check of a mistake would be called."""
        done = {c.name: c for c in self.checks if mistake.id in c.attempts}
        records = [c.record(mistake) for c in done.values()]
        explained = name_failures(
            records,
            known,
            lambda m, record: done[record.name].attempts.get(m.id, Attempted(True)),
            attempts=math.inf,
        )
        failed = [e for r, e in zip(records, explained, strict=True) if not r.passed]
        return {m.id for m in failed[0]} if failed else set()

    def _caught(self, identifier: str, hidden: bool) -> bool:
        passed = Attempted(True)
        return any(
            not c.attempts.get(identifier, passed).passed
            for c in self.checks
            if c.hidden is hidden
        )

    def _attempt(self, session: Local, run: Callable[[], None]) -> BaseException | None:
        self.session = session
        self._answers.begin(self.stages[0].id)
        session.begin()
        try:
            run()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return error.with_traceback(None)
        return None
