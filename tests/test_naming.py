"""Mistakes are named, hints go step by step, and a course proves its own checks."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.course import Course
from grader.errors import Ended
from grader.failures import Failure
from grader.local import Local
from grader.mistakes import Mistake
from grader.naming import Attempted, Record, failure_of, name_failures
from grader.reference import LiveReference
from grader.remote import RemoteModule, student_error

MISTAKES = '''"""Known wrong answers."""

import numpy as np

from grader.mistakes import mistake
from stages.t01_tiny.first.first import double, size

HINTS = ("Look at {0}.", "Of {0}, 2 becomes 4.", "{0} grows.")


def hints(of):
    return tuple(hint.format(of) for hint in HINTS)


@mistake("double", name="adds two instead", hints=hints("adding"))
def adds_two(x):
    return x + 2


@mistake("double", name="squares instead", hints=hints("squaring"))
def squares(x):
    return x * x


@mistake("double", name="gives float64 always", hints=hints("dtype"))
def always_float64(x):
    return (x * 2).astype(np.float64)


@mistake("size", name="forgets the one", hints=hints("one"))
def forgets_the_one(n, k):
    return size(n, k) - 1


@mistake("size", name="divides a list", hints=hints("a list"))
def divides_a_list(n, k):
    return [n] / k
'''
RIGHT = '''"""Adding it to itself."""


def double(x):
    return x + x
'''
HIDDEN = """

@criterion("long")
def test_another_long_array():
    call(double, np.arange(3.0, 3003.0)).agrees()


@criterion("double")
def test_float32_again():
    call(double, np.array([1.25, 7.5], dtype=np.float32)).agrees()
"""


def submission(tiny_course: Any, name: str, code: str) -> None:
    """Replace functions of the solution in the student's file."""
    tiny_course.solve()
    with tiny_course.file(name).open("a") as file:
        file.write("\n\n" + code)


@pytest.fixture
def course(tiny_course: Any) -> Any:
    """The tiny course with known mistakes."""
    (tiny_course.stage("first") / "mistakes.py").write_text(MISTAKES)
    right = tiny_course.stage("first") / "right"
    right.mkdir()
    (right / "adding.py").write_text(RIGHT)
    with (tiny_course.stage("first") / "checks/hidden/test_first_hidden.py").open("a") as file:
        file.write(HIDDEN)
    return tiny_course


def names(done: Any, criterion: str) -> list[str]:
    """Return the mistakes that the checks of a criterion were named."""
    return [m["id"] for c in done.criteria[criterion]["checks"] for m in c["mistakes"]]


def test_a_known_mistake_is_named_with_its_first_hint(course: Any, grader: Any) -> None:
    submission(course, "first", "def double(values):\n    return 2 + values\n")
    done = grader.check("first", cwd=course.root)
    assert set(names(done, "first.double")) == {"t01.first.adds-two"}
    assert "Looks like: double adds two instead" in done.stdout
    assert "Hint 1 of 3: Look at adding." in done.stdout
    assert "grader hint first" in done.stdout
    assert "Of adding" not in done.stdout


def test_what_is_still_to_be_written_uses_no_attempts_up(course: Any, grader: Any) -> None:
    stub = course.file("first").read_text()
    task = 'raise NotImplementedError("t01.first: size")'
    course.file("first").write_text(stub.replace(task, "return n - k"))
    few = "import sys; from grader import cli, naming; naming.ATTEMPTS = 10; sys.exit(cli.main())"
    done = grader.run([sys.executable, "-c", few, "check", "first"], cwd=course.root)
    assert "Looks like: size forgets the one" in done.stdout


@pytest.mark.parametrize(
    ("kind", "phase", "searched"),
    [
        (NotImplementedError, "call", False),  # this task or an earlier one's
        (AttributeError, "missing", False),
        (SyntaxError, "load", False),
        (AttributeError, "call", True),
        (ValueError, "argument", True),
    ],
)
def test_only_what_a_call_did_has_a_mistake_behind_it(
    kind: type[Exception], phase: str, searched: bool
) -> None:
    error = student_error(kind.__name__, "t01.first: size", kind, phase)
    assert (failure_of(error) is not None) is searched


def test_what_nothing_explains_leaves_attempts_for_other_checks(tiny_course: Any) -> None:
    stage = Course.find(tiny_course.root).units[0].stages[0]
    functions = ["half", "half", "half", "size"]
    known = [Mistake(str(i), stage, name, "", (), None) for i, name in enumerate(functions)]
    right, wrong = Failure("mismatch", "is wrong"), Failure("mismatch", "is wrong otherwise")
    records = [
        Record("unknown", lambda: None, lambda: double(), False, wrong),  # noqa: F821  # a name
        Record("known", lambda: None, lambda: size(), False, right),  # noqa: F821
    ]
    named = name_failures(records, known, lambda m, record: Attempted(False, right), attempts=3)
    assert named == [(), (known[3],)]


def test_a_repeated_check_ends_where_the_students_check_had_ended(tiny_course: Any) -> None:
    solutions = Course.find(tiny_course.root).units[0].solutions()
    local = Local(LiveReference(solutions), most=2)
    first = RemoteModule("stages.t01_tiny.first.first", lambda: local)
    assert [first.size(5, 3), first.size(5, 4)] == [3, 2]
    with pytest.raises(Ended, match="more calls"):
        first.size(5, 5)


def test_hints_come_one_at_a_time_and_end(course: Any, grader: Any) -> None:
    submission(course, "first", "def double(values):\n    return 2 + values\n")
    grader.check("first", cwd=course.root)
    second, third, last = (grader("hint", "first", cwd=course.root).stdout for _ in range(3))
    assert "Hint 2 of 3: Of adding, 2 becomes 4." in second
    assert "Hint 3" not in second
    assert "Hint 3 of 3: adding grows." in third
    assert "all the hints" in last
    grader.check("first", cwd=course.root)
    assert "all the hints" in grader("hint", "first", cwd=course.root).stdout
    course.solve()
    grader.check("first", cwd=course.root)
    assert "no known mistake is named" in grader("hint", "first", cwd=course.root).stdout


def test_general_hints_stand_in_where_nothing_was_named(course: Any, grader: Any) -> None:
    toml = course.stage("first") / "stage.toml"
    toml.write_text('hints = ["Begin with double.", "Then size."]\n' + toml.read_text())
    said = grader("hint", "first", cwd=course.root).stdout
    assert "Hint 1 of 2: Begin with double." in said
    assert "Then size" not in said
    assert "Then size." in grader("hint", cwd=course.root).stdout


def test_a_damaged_memory_of_hints_is_no_obstacle(course: Any, grader: Any) -> None:
    folder = course.root / ".grader"
    folder.mkdir()
    (folder / "seen.json").write_text("{ half")
    assert grader("hint", "first", cwd=course.root).code == 0
    assert json.loads((folder / "seen.json").read_text())


def test_an_unknown_mistake_is_not_named(course: Any, grader: Any) -> None:
    submission(course, "first", "def double(x):\n    return x * 3\n")
    done = grader.check("first", cwd=course.root)
    assert done.outcomes["first.double"] == "failed"
    assert names(done, "first.double") == []
    assert "Looks like" not in done.stdout
    assert "first difference at index" in done.stdout


def test_a_wrong_exception_is_named_too(course: Any, grader: Any) -> None:
    submission(course, "first", "def size(n, k):\n    return [n] / k\n")
    done = grader.check("first", cwd=course.root)
    assert set(names(done, "first.size")) == {"t01.first.divides-a-list"}


def test_what_one_check_cannot_tell_apart_another_does(course: Any, grader: Any) -> None:
    also = """

@mistake("double", name="adds two to what is not small", hints=hints("2.75"))
def adds_two_to_the_large(x):
    return np.where(x > 2.75, x + 2, 2 * x).astype(x.dtype)
"""
    (course.stage("first") / "mistakes.py").write_text(MISTAKES + also)
    wrong = (
        "import numpy as np\n"
        "def double(x):\n"
        "    return np.where(x > 2.75, 2 + x, x + x).astype(x.dtype)\n"
    )
    submission(course, "first", wrong)
    done = grader.check("first", cwd=course.root)
    assert set(names(done, "first.double")) == {"t01.first.adds-two-to-the-large"}


def test_mistakes_that_nothing_tells_apart_are_all_listed(course: Any, grader: Any) -> None:
    twin = """

@mistake("double", name="adds one twice", hints=hints("one"), same_as=("adds-two",))
def adds_one_twice(x):
    return x + 1 + 1
"""
    (course.stage("first") / "mistakes.py").write_text(MISTAKES + twin)
    submission(course, "first", "def double(values):\n    return 2 + values\n")
    done = grader.check("first", cwd=course.root)
    assert {"t01.first.adds-two", "t01.first.adds-one-twice"} == set(names(done, "first.double"))
    assert "Looks like one of these:" in done.stdout
    assert "- double adds one twice" in done.stdout


def test_a_mistake_is_traced_to_the_stage_that_it_belongs_to(course: Any, grader: Any) -> None:
    submission(course, "first", "def double(values):\n    return 2 + values\n")
    done = grader.check("second", "--quick", cwd=course.root)
    assert done.criteria["second.quadruple"]["outcome"] == "blocked"
    assert set(names(done, "second.quadruple")) == {"t01.first.adds-two"}
    assert "grader hint first" in done.stdout


@pytest.mark.parametrize("own", [True, False])
def test_a_check_may_know_that_no_earlier_stage_is_to_blame(
    course: Any, grader: Any, own: bool
) -> None:
    submission(course, "first", "def double(values):\n    return 2 + values\n")
    checks = course.stage("second") / "checks" / "test_second.py"
    given = "call(quadruple, np.array([2.0, 3.0, 5.0])).gives([8, 12, 20])"
    asked = f"require(quadruple(np.array([3.0]))[0] == 12, 'it must be 12', own={own})"
    text = checks.read_text(encoding="utf-8")
    assert given in text
    checks.write_text(text.replace(given, asked), encoding="utf-8")
    done = grader.check("second", "--quick", cwd=course.root)
    outcome = done.criteria["second.quadruple"]["outcome"]
    assert outcome == ("failed" if own else "blocked")


@pytest.mark.parametrize(
    "sure", ["require(False, 'no', own=True)", "call(Tally, begin=3).result()"]
)
def test_what_nobody_else_is_asked_about_clears_nobody(
    course: Any, grader: Any, sure: str
) -> None:
    submission(course, "first", "def double(x):\n    return x * (3 if x.max() == 60 else 2)\n")
    course.solve(["second"])
    checks = course.stage("second") / "checks" / "test_second.py"
    given = "call(quadruple, np.array([2.0, 3.0, 5.0])).gives([8, 12, 20])"
    large = """

@criterion("quadruple")
def test_sixty():
    require(quadruple(np.array([60.0]))[0] == 240, "it must be 240")
"""
    text = checks.read_text(encoding="utf-8").replace(given, sure) + large
    checks.write_text(text, encoding="utf-8")
    done = grader.check("--quick", cwd=course.root)
    assert done.outcomes["first.double"] == "passed"
    found = {c["name"]: c["outcome"] for c in done.criteria["second.quadruple"]["checks"]}
    assert (found["test_a_row_of_three"], found["test_sixty"]) == ("failed", "blocked")


def test_a_mistake_of_a_stage_that_is_right_is_not_named(course: Any, grader: Any) -> None:
    course.solve(["first"])
    submission(course, "second", "def quadruple(x):\n    return x + 4\n")  # as adds-two would
    done = grader.check("second", "--quick", cwd=course.root)
    assert done.criteria["second.quadruple"]["outcome"] == "failed"
    assert names(done, "second.quadruple") == []


def test_a_mistake_that_another_check_contradicts_is_not_named(course: Any, grader: Any) -> None:
    wrong = "def double(x):\n    return x + 2 if x.ndim == 2 else x * 2\n"
    submission(course, "first", wrong)
    done = grader.check("first", cwd=course.root)
    assert done.outcomes["first.double"] == "failed"
    assert names(done, "first.double") == []


def test_a_right_answer_is_never_named(course: Any, grader: Any) -> None:
    submission(course, "first", RIGHT)
    done = grader.check(cwd=course.root)
    assert done.code == 0
    assert not any(names(done, criterion) for criterion in done.criteria)


# --- code rules -------------------------------------------------------------------------------
def test_a_forbidden_name_is_a_line_of_its_own_and_costs_the_stage(
    course: Any, grader: Any
) -> None:
    toml = course.stage("first") / "stage.toml"
    toml.write_text('forbid = ["math.fsum", "decimal"]\n' + toml.read_text())
    submission(course, "first", "import math as m\ntotal = m.fsum\n")
    done = grader.check("first", cwd=course.root)
    assert done.code == 1
    assert "uses math.fsum, which this stage asks you to write" in done.stdout
    assert "total = m.fsum" in done.stdout
    assert done.report["stages"][0]["earned"] == 0
    assert done.outcomes["first.double"] == "passed"
    course.solve()
    assert grader.check("first", cwd=course.root).code == 0


# --- grader verify ----------------------------------------------------------------------------
def test_a_sound_course_is_proved(course: Any, grader: Any) -> None:
    done = grader("verify", "first", cwd=course.root)
    assert done.code == 0, done.stdout
    assert "5 mistakes: 5 failed by open checks" in " ".join(done.stdout.split())
    assert "1 of 1 right answers accepted" in " ".join(done.stdout.split())


ADDITIONS = {
    "right passes the open checks": """
@mistake("double", name="is right", hints=hints("x"))
def right(x):
    return x + x
""",
    "twin is called adds-two, twin": """
@mistake("double", name="adds 2", hints=hints("x"))
def twin(x):
    return x + 2
""",
    "holds a line of the solution": """
@mistake("double", name="adds 3", hints=("return n - k + 1", "b", "c"))
def adds_three(x):
    return x + 3
""",
    "off passes the open checks": """
@mistake("size", name="is off in the dark", hints=hints("x"))
def off(n, k):
    return size(n, k) if n == 5 else 0
""",
}


@pytest.mark.parametrize("problem", ADDITIONS)
def test_a_mistake_that_does_not_hold_is_said(course: Any, grader: Any, problem: str) -> None:
    with (course.stage("first") / "mistakes.py").open("a") as file:
        file.write("\n" + ADDITIONS[problem])
    done = grader("verify", "first", cwd=course.root)
    assert done.code == 1
    assert problem in " ".join(done.stdout.split()), done.stdout


def test_a_right_answer_that_is_refused_is_said(course: Any, grader: Any) -> None:
    wrong = course.stage("first") / "right" / "wrong.py"
    wrong.write_text("def double(x):\n    return x + x + 1\n")
    done = grader("verify", "first", cwd=course.root)
    assert done.code == 1
    assert "right/wrong.py is refused: double:" in " ".join(done.stdout.split())


def test_a_criterion_without_a_hidden_check_is_said(course: Any, grader: Any) -> None:
    hidden = course.stage("first") / "checks/hidden/test_first_hidden.py"
    hidden.write_text(hidden.read_text().replace('"long"', '"size"'))
    done = grader("verify", "first", cwd=course.root)
    assert done.code == 1
    assert "long has no hidden check" in done.stdout


# Two runs of about the same length, side by side: together they take a minute.
HALVES = (["lenet"], ["padding", "im2col", "conv", "pooling"])


@pytest.fixture(scope="module")
def proofs() -> Any:
    """What ``grader verify`` says of the stages of this course."""
    root = Path(__file__).resolve().parent.parent
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "grader", "verify", *half],
            cwd=root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for half in HALVES
    ]
    try:
        return [(run.communicate()[0], run.returncode) for run in runs]
    finally:
        for run in runs:
            run.kill()


@pytest.mark.timeout(900)  # all mistakes of the course, beside other tests
@pytest.mark.parametrize("half", range(len(HALVES)), ids=["+".join(half) for half in HALVES])
def test_the_checks_of_this_course_are_proved(proofs: Any, half: int) -> None:
    said, code = proofs[half]
    assert code == 0, said
    assert all(f"s13.{stage} " in said for stage in HALVES[half])
