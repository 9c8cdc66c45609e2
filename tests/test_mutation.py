"""The checks notice small changes of the solutions, and the tool that says so can be believed."""

import ast
import doctest
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.course import Course, Stage
from grader.reference import LiveReference

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="mutants are tried in forks")

ROOT = Path(__file__).resolve().parent.parent
UNIT = Course.find(ROOT).units[0]
PADDING = UNIT.stages[0]
MODULES = (
    "children inputs lives mutants operators score stories survivors transcript trial".split()
)


@pytest.fixture(scope="module")
def tool() -> Iterator[dict[str, ModuleType]]:
    """The modules of the tool, by name."""
    folder = str(ROOT / "tests" / "mutation")
    sys.path.insert(0, folder)
    yield {name: import_module(name) for name in MODULES}
    sys.path.remove(folder)
    for name in MODULES:
        del sys.modules[name]


# --- the score --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What becomes of a fixed sample of mutants, and of some known survivors."""
    report = tmp_path_factory.mktemp("mutation") / "report.json"
    command = [sys.executable, "benchmarks/mutation.py", "--sample", "2", "--json", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert report.exists(), done.stdout + done.stderr
    return json.loads(report.read_text())


def test_the_checks_kill_each_mutant_of_a_sample_that_is_not_equivalent(
    verdicts: list[dict[str, Any]], tool: dict[str, ModuleType]
) -> None:
    known = tool["survivors"].KNOWN_SURVIVORS
    assert len(verdicts) >= 10
    alive = [v for v in verdicts if v["outcome"] == "survived"]
    unknown = [v for v in alive if v["key"] not in known.get(v["stage"], {})]
    assert [f"{v['stage']} {v['line']}: {v['key']} | {v['by']}" for v in unknown] == []


def test_the_known_survivors_that_were_tried_still_survive(
    verdicts: list[dict[str, Any]], tool: dict[str, ModuleType]
) -> None:
    known = tool["survivors"].KNOWN_SURVIVORS
    tried = [v for v in verdicts if v["key"] in known.get(v["stage"], {})]
    assert len(tried) >= 10
    assert [v["key"] for v in tried if v["outcome"] != "survived"] == []
    assert all(reason for found in known.values() for reason in found.values())


# --- the mutants ------------------------------------------------------------------------------
CHANGES = {
    "a + b": ["a - b", "a * b", "a", "b"],
    "a - b": ["a + b", "a", "b", "b - a"],
    "a < b": ["a <= b", "a >= b", "a > b"],
    "a or b": ["a and b", "a", "b"],
    "not a": ["a"],
    "a if b else a": [],
    "x.sum(axis=0)": ["x.mean(axis=0)", "x.sum()", "x", "x.sum(axis=1)", "x.sum(axis=-1)"],
    "x.mean((1, 2))": ["x.mean((2, 1))", "x.mean((1, 1))", "x.mean((1, 3))", "x.mean((0, 2))"],
    "x[1:a:2]": ["x[:a:2]", "x[1::2]", "x[1:a]", "x[1:a + 1:2]", "x[1 - 1:a:2]", "x[1:a:1]"],
    "x[:]": ["x[1:]", "x[:-1]"],
    "x.copy()": ["x"],
    "x.T": ["x"],
    "x.transpose(0, 2)": ["x.transpose(2, 0)", "x.transpose(1, 2)"],
    "x.reshape(a, b)": ["x.reshape(b, a)", "x.reshape(a, b, order='F')", "x.reshape(a)", "x"],
    "f(a, b)": ["f(b, a)", "f(a)", "a"],
    "(H, W)": ["(W, H)", "(W, W)", "(H, H)"],
    "range(a)": ["range(a - 1)", "range(1, a)"],
    "np.float32": ["np.float64"],
    "'same'": ["'same?'"],
    "True": ["False"],
    "f'{a + b} of'": ["f'{a - b} of'"],
}


@pytest.mark.parametrize("expression", CHANGES)
def test_an_expression_is_changed(expression: str, tool: dict[str, ModuleType]) -> None:
    found = tool["mutants"].mutants_of(f"def f(H, W, a, b, x):\n    return {expression}")
    changed = [mutant.after.removeprefix("return ") for mutant in found]
    assert set(CHANGES[expression]) <= set(changed)
    assert expression not in changed


def test_a_statement_is_dropped_and_a_condition_negated(tool: dict[str, ModuleType]) -> None:
    source = "def f(a, b=0):\n    if a < 0:\n        raise ValueError\n    a += b\n    return a"
    changed = {m.after for m in tool["mutants"].mutants_of(source)}
    assert {"pass", "if not a < 0:", "if True:", "a = b", "a -= b"} <= changed
    assert {"def f(a, b=1):", "def f(a, b=-1):"} <= changed


def test_each_mutant_is_another_program_and_docstrings_stay_out(
    tool: dict[str, ModuleType],
) -> None:
    source = PADDING.solution.read_text(encoding="utf-8")
    found = tool["mutants"].mutants_of(source)
    assert len({mutant.source for mutant in found}) == len(found) > 300
    assert {m.definition for m in found} == {
        node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
    }
    assert not any('"""' in mutant.source for mutant in found)


@pytest.mark.parametrize("name", ["mutants", "operators"])
def test_the_examples_are_true(name: str, tool: dict[str, ModuleType]) -> None:
    found = doctest.testmod(tool[name])
    assert found.attempted and not found.failed


# --- the trial --------------------------------------------------------------------------------
class Bench:
    """Tries mutants of `resolve_padding` by a check of our own."""

    def __init__(self, tool: dict[str, ModuleType]) -> None:
        self.tool = tool
        reference = LiveReference(UNIT.solutions())
        self.right = reference.module(PADDING.module).resolve_padding
        self.court = tool["trial"].Court(PADDING, reference, {tool["stories"].resolves: 300})

    def judge(self, change: tuple[str, str], *check: Callable[[], None], limit: float = 10) -> Any:
        """Return what becomes of a solution in which one text is another."""
        trial = self.tool["trial"]
        self.court.checks = [trial.Check(c.__name__, c, limit=limit) for c in check]
        source = PADDING.solution.read_text(encoding="utf-8")
        body = source[source.index("def resolve_padding") :]
        assert body.count(change[0]) >= 1
        mutant = self.tool["mutants"].Mutant("resolve_padding", 1, *change, body.replace(*change))
        return self.court.judge(mutant)

    def student(self, *args: Any) -> Any:
        """Call what stands in the student's place."""
        return self.court.session.call(self.right, args, {}).value

    def sees(self) -> None:
        """A check that looks at an even kernel."""
        assert self.student("same", 4) == ((1, 2), (1, 2))

    def is_blind(self) -> None:
        """A check that looks at odd kernels alone."""
        assert self.student("same", 3) == ((1, 1), (1, 1))


@pytest.fixture
def bench(tool: dict[str, ModuleType]) -> Bench:
    return Bench(tool)


LARGER_FIRST = "((KH - 1) // 2, KH // 2)", "(KH // 2, (KH - 1) // 2)"


def test_a_check_that_sees_a_mutant_kills_it(bench: Bench) -> None:
    verdict = bench.judge(LARGER_FIRST, bench.is_blind, bench.sees)
    assert (verdict.outcome, verdict.by) == ("killed", "sees")


@pytest.mark.parametrize("blind", [True, False])
def test_blind_checks_let_a_mutant_live_and_a_story_tells_it_apart(
    bench: Bench, blind: bool
) -> None:
    verdict = bench.judge(LARGER_FIRST, *([bench.is_blind] if blind else []))
    assert verdict.outcome == "survived"
    assert verdict.by.startswith("resolve_padding('same', ")


def test_a_mutant_that_does_the_same_is_equivalent(bench: Bench) -> None:
    verdict = bench.judge(("KH // 2)", "KH - 1 - (KH - 1) // 2)"), bench.sees)
    assert verdict.outcome == "equivalent"


def test_another_text_of_an_error_is_equivalent_but_another_kind_is_not(bench: Bench) -> None:
    assert bench.judge(("mode must be", "mode is not")).outcome == "equivalent"
    assert bench.judge(("raise ValueError(", "raise KeyError(")).outcome == "survived"


def test_a_mutant_that_loops_for_ever_is_killed_by_the_limit(bench: Bench) -> None:
    endless = 'if mode == "valid":', 'while mode == "same":\n        pass\n    if mode == "valid":'
    verdict = bench.judge(endless, bench.sees, limit=0.3)
    assert (verdict.outcome, verdict.by) == ("killed", "a limit: SIGALRM")


def test_a_mutant_that_wants_all_memory_fails_alone(bench: Bench) -> None:
    verdict = bench.judge(("return (KH - 1,", "return ([0] * 10**12, KH - 1,"), bench.is_blind)
    assert verdict.outcome == "survived"
    assert "refused with a MemoryError" in verdict.by


def test_a_changed_argument_and_shared_memory_are_seen(tool: dict[str, ModuleType]) -> None:
    np, transcript = pytest.importorskip("numpy"), tool["transcript"]

    def told(code: str) -> Any:
        module = ModuleType("changed")
        exec(code, vars(module))
        return transcript.tell(
            lambda told, rng: told.call("f", np.ones(3)), module, seed=0, strict=True
        )

    right = told("def f(x): return x * 1")
    assert transcript.departure(told("def f(x): return x + 0"), right) is None
    for wrong in ("return x", "x *= 1; x -= x; x += 2; return x * 0 + 1", "return list(x)"):
        assert transcript.departure(told(f"def f(x): {wrong}"), right), wrong


@pytest.mark.parametrize("stage", UNIT.stages, ids=lambda stage: stage.name)
def test_the_solution_never_departs_from_itself(stage: Stage, tool: dict[str, ModuleType]) -> None:
    courts = [
        tool["trial"].Court(
            stage, LiveReference(UNIT.solutions()), tool["stories"].STORIES[stage.name]
        )
        for _ in range(2)
    ]
    for mine, theirs in zip(*(court.right for court in courts), strict=True):
        assert tool["transcript"].departure(mine, theirs) is None


def test_every_stage_has_stories_for_each_of_its_public_names(
    tool: dict[str, ModuleType],
) -> None:
    reference = LiveReference(UNIT.solutions())
    for stage in UNIT.stages:
        module = reference.module(stage.module)
        called = set()
        for story in tool["stories"].STORIES[stage.name]:
            for seed in range(60):
                records = tool["transcript"].tell(story, module, seed, strict=True)
                called |= {record.name for record in records}
        own = {n for n, v in vars(module).items() if getattr(v, "__module__", "") == stage.module}
        assert {name for name in own if not name.startswith("_")} <= called
