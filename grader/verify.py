"""The course's proof of itself: its checks fail what is wrong and pass what is right.

For each stage: the stub passes nothing, the solution everything; every criterion has an
open and a hidden check; every known mistake fails by the open checks alone and by the
hidden checks alone, and is named as itself; no hint holds a line of the solution; right
answers written differently pass everything and are never named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from grader import wire
from grader.checkfiles import CheckPlugin, is_hidden, name_of, proxies, run_checks, runs
from grader.collector import Listener
from grader.course import Course, Stage, Unit
from grader.failures import failure_of
from grader.local import Local
from grader.mistakes import Mistake, load_mistakes, with_mistake
from grader.naming import Attempted, Record, name_failures
from grader.reference import LiveReference
from grader.results import Outcome, Proof, StageResult
from grader.runner import check, sources
from grader.sandbox import Sandbox
from grader.stub import answers, make_stub

# A line of a solution that is shorter says nothing: ``return out``.
_TELLING = 16


def verify(
    course: Course, unit: Unit, stage: Stage, sandbox: Sandbox, listener: Listener
) -> Proof:
    """Prove the checks of one stage."""
    reference = LiveReference(unit.solutions())
    known = load_mistakes(stage, reference)
    matrix = _matrix(course, unit, stage, reference, known, listener)
    problems = [*_stub_and_solution(course, unit, stage, sandbox), *_telltale_hints(stage, known)]
    problems += _thin_criteria(stage, matrix)
    by_open = [m for m in known if matrix.fails(m, hidden=False)]
    by_hidden = [m for m in known if matrix.fails(m, hidden=True)]
    names = {m.id: matrix.names(m, known) for m in known}
    named = [m for m in known if m.id in names[m.id] <= {m.id, *m.same_as}]
    for m in known:
        if m not in by_open:
            problems.append(f"{m.id} passes the open checks")
        if m not in by_hidden:
            problems.append(f"{m.id} passes the hidden checks")
        if m not in named:
            called = ", ".join(sorted(names[m.id])) or "nothing"
            problems.append(f"{m.id} is called {called}")
    variants = sorted(stage.folder.glob("right/*.py"))
    refused = list(_refused(course, unit, stage, sandbox, variants))
    return Proof(
        stage.id,
        len(known),
        len(by_open),
        len(by_hidden),
        len(named),
        len(variants),
        len(variants) - len(refused),
        tuple(problems + refused),
    )


# --- the stub, the solution, and right answers written differently --------------------------
def _stub_and_solution(
    course: Course, unit: Unit, stage: Stage, sandbox: Sandbox
) -> Iterator[str]:
    solution = stage.solution.read_text(encoding="utf-8")
    stub = _result(
        course, unit, stage, sandbox, make_stub(solution, stage.id).encode(), quick=True
    )
    for criterion in stub.criteria:
        if criterion.outcome is not Outcome.TODO:
            yield f"the stub's {criterion.id} is {criterion.outcome.value}, not todo"
    right = _result(course, unit, stage, sandbox, solution.encode())
    for criterion in right.criteria:
        if criterion.outcome is not Outcome.PASSED:
            yield f"the solution's {criterion.id} is {criterion.outcome.value}"


def _refused(
    course: Course, unit: Unit, stage: Stage, sandbox: Sandbox, variants: Sequence[Path]
) -> Iterator[str]:
    solution = stage.solution.read_bytes()
    for path in variants:
        result = _result(course, unit, stage, sandbox, solution + b"\n\n" + path.read_bytes())
        for criterion in result.criteria:
            decisive = criterion.decisive
            if decisive:
                what = decisive.evidence.what if decisive.evidence else ""
                yield f"right/{path.name} is refused: {criterion.id}: {decisive.title}: {what}"
                break


def _result(
    course: Course,
    unit: Unit,
    stage: Stage,
    sandbox: Sandbox,
    code: bytes,
    *,
    quick: bool = False,
) -> StageResult:
    shown = stage.file.relative_to(course.root).as_posix()
    modules = sources(course, unit, solution=True)
    modules[stage.module] = wire.Source(stage.module, shown, code)
    return check(course, unit, (stage,), sandbox, modules=modules, quick=quick).stages[0]


# --- what can be read off the files ---------------------------------------------------------
def _telltale_hints(stage: Stage, known: Sequence[Mistake]) -> Iterator[str]:
    lines = {line.strip() for line in answers(stage.solution.read_text(encoding="utf-8"))}
    telling = [line for line in lines if len(line) >= _TELLING and not line.startswith("#")]
    for m in known:
        for line in telling:
            if any(line in hint for hint in m.hints):
                yield f"a hint of {m.id} holds a line of the solution: {line}"


def _thin_criteria(stage: Stage, matrix: _Matrix) -> Iterator[str]:
    for criterion in stage.about.criteria:
        for hidden, kind in ((False, "open"), (True, "hidden")):
            if not any(c.criterion == criterion.id and c.hidden is hidden for c in matrix.checks):
                yield f"{criterion.id} has no {kind} check"


# --- every mistake against every check ------------------------------------------------------
@dataclass
class _Check:
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


def _matrix(
    course: Course,
    unit: Unit,
    stage: Stage,
    reference: LiveReference,
    known: Sequence[Mistake],
    listener: Listener,
) -> _Matrix:
    matrix = _Matrix(stage, reference, known, listener)
    with proxies(course, unit, reference, lambda: matrix.session):
        run_checks(course, [stage], matrix)
    return matrix


class _Matrix(CheckPlugin):
    """Runs each check once for each mistake, all in this process: the code is our own."""

    def __init__(
        self,
        stage: Stage,
        reference: LiveReference,
        known: Sequence[Mistake],
        listener: Listener,
    ) -> None:
        super().__init__([stage], quick=False)
        self._right = Local(reference)
        self._wrong = {m.id: Local(with_mistake(reference, m)) for m in known}
        self._listener = listener
        self.session: Local = self._right
        self.checks: list[_Check] = []

    def began(self, total: int) -> None:
        """Tell the listener."""
        self._listener.began(total)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Slow checks last: they run only for mistakes that nothing quicker fails."""
        super().pytest_collection_modifyitems(items)
        items.sort(key=self.is_slow)

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run one check with every mistake in the student's place."""
        criterion = self.criterion_of(pyfuncitem)
        self._listener.running(self.stage_of(pyfuncitem), pyfuncitem.name)
        hidden = is_hidden(pyfuncitem)
        run = runs(pyfuncitem)
        right = self._attempt(self._right, run)
        slow = self.is_slow(pyfuncitem)
        name = name_of(pyfuncitem)
        found = _Check(name, criterion.id, hidden, run, pyfuncitem.obj, slow)
        if right is not None:
            raise right  # the course is broken, and says so
        for identifier, session in self._wrong.items():
            if not (slow and self._caught(identifier, hidden)):
                error = self._attempt(session, run)
                found.attempts[identifier] = Attempted(error is None, failure_of(error))
        self.checks.append(found)
        self._listener.finished()
        return True

    def fails(self, mistake: Mistake, *, hidden: bool) -> bool:
        """Whether the open checks alone, or the hidden ones, fail a mistake."""
        return self._caught(mistake.id, hidden)

    def names(self, mistake: Mistake, known: Sequence[Mistake]) -> set[str]:
        """Return what the first failing check of a mistake would be called."""
        done = {c.name: c for c in self.checks if mistake.id in c.attempts}
        records = [
            Record(
                c.name,
                c.run,
                c.function,
                c.attempts[mistake.id].passed,
                c.attempts[mistake.id].failure,
                c.slow,
            )
            for c in done.values()
        ]
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
        try:
            run()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return error.with_traceback(None)
        return None
