"""The course's proof of itself: its checks fail what is wrong and pass what is right.

For each stage: the stub passes nothing, the solution everything; every criterion has an
open and a hidden check; every known mistake fails by the open checks alone and by the
hidden checks alone, and is named as itself; no hint holds a line of the solution; right
answers written differently pass everything and are never named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader import wire
from grader.course import Course, Stage, Unit
from grader.listener import Listener
from grader.matrix import Matrix, matrix_of
from grader.mistakes import Mistake, load_mistakes
from grader.proof import Proof
from grader.reference import LiveReference
from grader.results import Outcome, StageResult
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
    matrix = matrix_of(course, unit, stage, reference, known, listener)
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


def _thin_criteria(stage: Stage, matrix: Matrix) -> Iterator[str]:
    for criterion in stage.about.criteria:
        for hidden, kind in ((False, "open"), (True, "hidden")):
            if not any(c.criterion == criterion.id and c.hidden is hidden for c in matrix.checks):
                yield f"{criterion.id} has no {kind} check"
