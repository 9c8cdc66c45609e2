"""What naming a mistake costs, and how many are named through the real worker.

Run it with nothing else going on::

    uv run python benchmarks/naming.py [STAGE...]

For a sample of the known mistakes, a student's file with the mistake in it is checked
twice in turn, with naming and without; the difference is what naming adds.
"""

from __future__ import annotations

import ast
import contextlib
import statistics
import sys
import time
from pathlib import Path

from grader import naming, wire
from grader.course import Course, Stage, Unit
from grader.mistakes import Mistake, load_mistakes
from grader.reference import LiveReference
from grader.results import StageResult
from grader.runner import check, sources
from grader.sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = 8
GOAL = 0.3


def student_file(stage: Stage, mistake: Mistake) -> bytes:
    """Return a file that a student could have handed in: the solution with one mistake.

    The mistake's code keeps the right versions of what it calls, as it has in the course.
    """
    tree = ast.parse((stage.folder / "mistakes.py").read_text(encoding="utf-8"))
    ours = ("grader.mistakes", stage.module)
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.ImportFrom) and node.module in ours)
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = []
    code = ast.unparse(tree)
    return (
        stage.solution.read_text(encoding="utf-8")
        + f"\n\n_right = dict(globals())\nexec({code!r}, _right)\n"
        + f"{mistake.function} = _right[{mistake.wrong.__name__!r}]\n"
    ).encode()


def run(
    course: Course, unit: Unit, stage: Stage, sandbox: Sandbox, code: bytes, attempts: int
) -> tuple[float, StageResult]:
    """Check one file; return the seconds that it took, and the result."""
    modules = sources(course, unit, solution=True)
    modules[stage.module] = wire.Source(stage.module, f"{stage.name}.py", code)
    before, naming.ATTEMPTS = naming.ATTEMPTS, attempts
    with contextlib.redirect_stdout(sys.stderr):
        clock = time.perf_counter()
        report = check(course, unit, (stage,), sandbox, modules=modules, quick=True)
        seconds = time.perf_counter() - clock
    naming.ATTEMPTS = before
    return seconds, report.stages[0]


def first_names(result: StageResult) -> set[str]:
    """Return what the first failing criterion's decisive check is called."""
    failing = [c.decisive for c in result.criteria if c.decisive]
    named = next((check.mistakes for check in failing if check.mistakes), ())
    return {m.id.rpartition(".")[2] for m in named}


def measure(course: Course, unit: Unit, stage: Stage, sandbox: Sandbox) -> None:
    """Print one stage's row."""
    known = load_mistakes(stage, LiveReference(unit.solutions()))
    sample = known[:: max(1, len(known) // SAMPLE)]
    added, named = [], 0
    for mistake in sample:
        code = student_file(stage, mistake)
        without, _ = run(course, unit, stage, sandbox, code, attempts=0)
        with_names, result = run(course, unit, stage, sandbox, code, naming.ATTEMPTS)
        added.append(with_names - without)
        found = first_names(result)
        named += bool(found) and found <= {mistake.id, *mistake.same_as}
        if not found:
            print(f"  not named: {mistake.id}")
    verdict = "reached" if statistics.median(added) <= GOAL else "NOT reached"
    print(
        f"{stage.id:<12} {len(sample):>3} of {len(known)} mistakes: {named} named; naming adds "
        f"{statistics.median(added):.2f} s (most {max(added):.2f}), goal {GOAL} s  {verdict}"
    )


def main() -> None:
    course = Course.find(ROOT)
    unit, stages = course.select(sys.argv[1:])
    with Sandbox() as sandbox:
        for stage in stages:
            if (stage.folder / "mistakes.py").is_file():
                measure(course, unit, stage, sandbox)


if __name__ == "__main__":
    main()
