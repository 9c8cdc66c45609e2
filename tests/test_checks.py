"""What check files are written with, against a reference of two small functions."""

import types

import numpy as np
import pytest

from grader.checking import (
    Mismatch,
    agrees,
    call,
    central_difference,
    checks,
    criterion,
    progress,
    require,
    same,
    settled,
)
from grader.course import Course
from grader.errors import CourseError, Ended, StudentError
from grader.render.evidence import evidence_text
from grader.results import Outcome
from grader.runner import check as run_checks
from grader.sandbox import Sandbox

MODULE = "stages.u.scaling.scaling"


# --- the reference, and students ----------------------------------------------------------
def scale(x, factor=2):
    if factor == 0:
        raise ValueError(f"factor must not be 0, but it is {factor}")
    return x * factor


class Counter:
    def __init__(self, start):
        self.value = start

    def add(self, n):
        self.value += n
        return self.value


def _module(**names):
    module = types.ModuleType(MODULE)
    for name, value in names.items():
        value.__module__ = MODULE
        value.__qualname__ = value.__name__ = name
        setattr(module, name, value)
    return module


class FakeReference:
    def module(self, name):
        if name != MODULE:
            raise CourseError(f"there is no reference for {name}")
        return _module(scale=scale, Counter=Counter)


@pytest.fixture(autouse=True)
def fake_reference():
    token = checks.reference.set(FakeReference())
    yield
    checks.reference.reset(token)


def student(function):
    """Return `function` as a student's answer for `scale`."""
    return _module(scale=function).scale


@pytest.fixture
def x():
    return np.arange(2.0, 14.0).reshape(3, 4)


def mismatch(make):
    """Return the evidence of the mismatch that `make` runs into."""
    with pytest.raises(Mismatch) as caught:
        make()
    return caught.value.evidence


# --- agrees -------------------------------------------------------------------------------
def test_a_right_answer_agrees_and_is_returned(x):
    out = call(student(lambda x, factor=2: factor * x), x, factor=3).agrees().value
    assert out.tolist() == (3 * x).tolist()


def test_a_wrong_answer_shows_call_expected_got_and_first_differing_index(x):
    def wrong(x, factor=2):
        out = x * factor
        out[1, 2:] += 1
        return out

    evidence = mismatch(lambda: call(student(wrong), x, factor=3).agrees())

    assert evidence.call == "scale(x, factor=3)"
    assert evidence.what == "the result has wrong values: 2 of 12 entries"
    assert evidence.index == (1, 2)
    assert evidence.expected.values[6] == 24.0
    assert evidence.got.values[6] == 25.0
    assert [name for name, _ in evidence.arguments] == ["x"]


def test_the_text_of_a_failure_has_all_of_its_evidence(x):
    with pytest.raises(Mismatch) as caught:
        call(student(lambda x, factor=2: x + 1), x[:1, :2]).agrees()
    assert str(caught.value).splitlines() == [
        "",
        "scale(x): the result has wrong values: 2 of 2 entries",
        "with x = float64 array, shape (1, 2)",
        "  2  3",
        "first difference at index [0, 0]",
        "expected = float64 array, shape (1, 2)",
        "  4  6",
        "got = float64 array, shape (1, 2)",
        "  3  4",
    ]


def test_another_kind_shape_or_dtype_does_not_agree(x):
    for wrong, words in [
        (
            lambda x: (x[:1] * 2).tolist(),
            "the result is [[4.0, 6.0, 8.0, 10.0]] instead of an array",
        ),
        (lambda x: x[1:] * 2, "the result has shape (2, 4) instead of (3, 4)"),
        (lambda x: (x * 2).astype(np.float32), "the result has dtype float32 instead of float64"),
    ]:
        assert mismatch(lambda wrong=wrong: call(student(wrong), x).agrees()).what == words


def test_the_dtype_may_be_let_go_and_the_tolerance_widened(x):
    call(student(lambda x: (x * 2).astype(np.float32)), x).agrees(dtype=False)
    call(student(lambda x: x * 2.01), x).agrees(rtol=0.1)


def test_a_changed_argument_is_named(x):
    def spoils(x, factor=2):
        x *= factor
        return x.copy()

    evidence = mismatch(lambda: call(student(spoils), x).agrees())
    assert evidence.what == "changes its argument x in place"
    assert evidence.call == "scale(x)"


def test_shared_memory_is_named(x):
    evidence = mismatch(lambda: call(student(lambda x: x[1:]), x).agrees())
    assert evidence.what == "returns an array that shares memory with its argument x"


def test_the_reference_never_sees_the_students_arguments(x):
    given = []
    reference = student(lambda x, factor=2: given.append(x) or x * factor)
    checks.reference.set(types.SimpleNamespace(module=lambda name: _module(scale=reference)))
    call(student(lambda x: x * 2), x).agrees()
    assert given[0] is not x and not np.shares_memory(given[0], x)


def test_a_function_without_a_reference_is_a_fault_of_the_course(x):
    def unknown(x):
        return x

    unknown.__module__ = "stages.u.other.other"
    with pytest.raises(CourseError, match=r"no reference for stages\.u\.other\.other"):
        call(unknown, x).agrees()


# --- gives, result, refused ---------------------------------------------------------------
def test_a_value_written_in_the_check_is_compared_without_its_dtype():
    call(student(lambda x: x * 2), np.array([[1.0, 2.0]])).gives([[2, 4]])
    call(student(lambda n: (n, [1, "a"])), 3).gives((3, [1, "a"]))
    evidence = mismatch(lambda: call(student(lambda x: x), 3).gives(4))
    assert evidence.what == "the result is 3 instead of 4"
    assert (evidence.got.text, evidence.expected.text) == ("3", "4")


def test_a_list_of_text_stands_for_itself():
    call(student(lambda: ["a", "b"])).gives(["a", "b"])


def test_a_method_of_an_object_is_checked_as_well():
    counter = Counter(3)
    call(counter.add, 2).gives(5)
    method = types.SimpleNamespace(add=lambda n: n)
    method.add.__module__ = ""
    assert "instead of 5" in mismatch(lambda: call(method.add, 2).gives(5)).what


def test_the_result_may_be_had_without_judging_it(x):
    assert call(student(lambda x: x), x).result() is x
    what = mismatch(lambda: call(student(lambda x: x.fill(0)), x).result()).what
    assert what == "changes its argument x in place"


def test_a_refusal_with_the_right_words_passes(x):
    call(student(scale), x, factor=0).refused("factor", "0")


def test_what_is_accepted_though_it_must_be_refused_is_shown(x):
    evidence = mismatch(lambda: call(student(lambda x, factor=2: 7), x, factor=0).refused())
    assert evidence.what == "must be refused with a TypeError or ValueError, and was accepted"
    assert (evidence.call, evidence.got.text) == ("scale(x, factor=0)", "7")


def _raises(error):
    def refuses(x, factor=2):
        raise error

    return student(refuses)


def test_a_refusal_needs_a_message_with_the_right_words(x):
    without = mismatch(lambda: call(_raises(ValueError(" ")), x).refused())
    assert without.what == "is refused without a message that says what is wrong"
    other = mismatch(lambda: call(_raises(ValueError("no")), x).refused("factor"))
    assert other.what == "is refused, but its message 'no' lacks 'factor'"


def test_another_error_is_no_refusal(x):
    with pytest.raises(KeyError):
        call(_raises(KeyError("no")), x).refused()
    call(_raises(KeyError("no")), x).refused("no", kinds=(KeyError,))


def test_a_student_whose_file_does_not_load_has_refused_nothing(x):
    class Unloadable(StudentError, ValueError):
        phase = "load"

    with pytest.raises(Unloadable):
        call(_raises(Unloadable("no")), x).refused()


@pytest.mark.parametrize("error", [StudentError("no"), Ended("took too long")])
def test_what_ends_a_call_carries_the_call(error, x):
    with pytest.raises(type(error)) as caught:
        call(_raises(error), x, 5).agrees()
    assert caught.value.evidence.call == "scale(x, factor=5)"


# --- stories ------------------------------------------------------------------------------
def story(module, x):
    """Count from three."""
    counter = module.Counter(3)
    return {"first": counter.add(2), "twice": module.scale(x), "then": counter.add(1)}


class Forgetful(Counter):
    def add(self, n):
        return 5


def test_a_story_that_goes_as_with_the_reference_is_returned(x):
    told = agrees(
        story, _module(scale=student(lambda x: 2 * x), Counter=type("C", (Counter,), {})), x
    )
    assert (told["first"], told["then"]) == (5, 6)


def test_a_story_that_goes_otherwise_says_where(x):
    wrong = _module(scale=student(scale), Counter=type("C", (Forgetful,), {}))
    evidence = mismatch(lambda: agrees(story, wrong, x))
    assert evidence.call == "Count from three."
    assert evidence.what == "then is 5 instead of 6"
    assert [name for name, _ in evidence.arguments] == ["x"]


def test_a_story_that_spoils_its_input_fails(x):
    def spoils(x):
        x += 1
        return (x - 1) * 2

    wrong = _module(scale=student(spoils), Counter=type("C", (Counter,), {}))
    assert mismatch(lambda: agrees(story, wrong, x)).what == "changes its input in place"


# --- same, require ------------------------------------------------------------------------
def test_equal_derived_values_pass_and_others_are_named(x):
    same(x.sum(), x.T.sum(), "the sum")
    same(x.astype(np.float32), x, "the array")
    evidence = mismatch(lambda: same(x + np.eye(3, 4), x, "the sum of gradients"))
    assert evidence.what == "the sum of gradients: has wrong values: 3 of 12 entries"
    assert evidence.index == (0, 0)
    assert mismatch(lambda: same((1, x), (1, -x), "both")).what.startswith("both: [1] has wrong")


def test_a_property_is_required():
    require(np.bool_(True), "never seen")
    assert mismatch(lambda: require(3 > 4, "3 must exceed 4")).what == "3 must exceed 4"


# --- numerical gradients ------------------------------------------------------------------
def cube(x):
    return x**3 + x.sum()


def cube_backward(x, grad_out):
    return 3 * x**2 * grad_out + grad_out.sum()


@pytest.fixture
def gradients():
    rng = np.random.default_rng(11)
    return rng.normal(size=(2, 3)), rng.normal(size=(2, 3))


def test_the_numerical_gradient_is_the_derivative(gradients):
    x, grad_out = gradients
    numerical = central_difference(cube, x, grad_out)
    same(cube_backward(x, grad_out), numerical, "the gradient", rtol=1e-6)


def test_entries_that_do_not_know_of_each_other_are_moved_in_one_call(gradients):
    x, grad_out = gradients
    calls = []
    for axis, function in [(0, lambda x: x[:, ::-1] ** 3), (1, lambda x: x[::-1] * 2), (-1, abs)]:
        calls.clear()
        whole = central_difference(
            lambda x, function=function: calls.append(x) or function(x), x, grad_out, axis=axis
        )
        assert len(calls) == 1
        same(whole, central_difference(function, x, grad_out), "the gradient", rtol=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x, g: 3 * x**2 * g,
        lambda x, g: 3 * x**2 + g.sum(),
        lambda x, g: 2 * x**2 * g + g.sum(),
        lambda x, g: -cube_backward(x, g),
        lambda x, g: cube_backward(x, g) * (1 + 1e-4),
        lambda x, g: cube_backward(x, g) + 1e-4 * np.eye(2, 3),
    ],
)
def test_a_wrong_gradient_is_told_apart_from_the_numerical_one(wrong, gradients):
    x, grad_out = gradients
    numerical = central_difference(cube, x, grad_out)
    evidence = mismatch(lambda: same(wrong(x, grad_out), numerical, "the gradient", rtol=1e-6))
    assert evidence.index == (0, 0)


def test_the_input_of_a_numerical_gradient_stays_as_it_was(gradients):
    x, grad_out = gradients
    before = x.copy()
    central_difference(lambda x: x.__imul__(2), x, grad_out)
    assert np.array_equal(x, before)


@pytest.mark.parametrize("out", [None, np.ones(3), [[1.0] * 3] * 2])
def test_a_function_that_gives_no_fitting_array_has_no_gradient(out, gradients):
    x, grad_out = gradients
    evidence = mismatch(lambda: central_difference(lambda x: out, x, grad_out))
    assert evidence.what.endswith("instead of an array of shape (2, 3)")
    evidence = mismatch(lambda: central_difference(lambda x: out, x, grad_out, axis=1))
    assert evidence.what.endswith("instead of an array of shape (2, 36)")


# --- time ---------------------------------------------------------------------------------
def rounds(clear, work):
    """Count the runs that `settled` makes of a function."""
    runs = []
    value = settled(lambda seconds: seconds, clear, (lambda x: work(runs.append(x)), [x_of(3)]))
    return value, runs


def x_of(size):
    return np.zeros(size, dtype=np.float32)


def test_what_is_clear_is_run_in_one_round_on_numbers_that_nobody_foresees():
    value, runs = rounds(lambda seconds: True, lambda _: sum(range(10_000)))
    assert value > 0 and len(runs) == 3
    assert len({tuple(x) for x in runs}) == 3
    assert {(x.shape, x.dtype.name) for x in runs} == {((3,), "float32")}


def test_what_is_not_clear_is_run_until_three_rounds_were_alike():
    _, runs = rounds(lambda seconds: False, lambda _: sum(range(100_000)))
    assert len(runs) >= 9


def test_what_was_timed_is_judged():
    judged = []
    settled(lambda s: s, lambda s: True, (np.sum, [x_of(2)], lambda *seen: judged.append(seen)))
    assert all(result == np.sum(x) for result, x in judged) and len(judged) == 3


# --- the rest -----------------------------------------------------------------------------
def test_progress_goes_to_whoever_listens():
    heard = []
    token = checks.on_progress.set(lambda *what: heard.append(what))
    progress(1, 2, "epoch 1")
    checks.on_progress.reset(token)
    progress(2, 2, "epoch 2")
    assert heard == [(1, 2, "epoch 1")]


def test_a_criterion_is_a_mark_that_pytest_knows():
    @criterion("frame")
    def check():
        pass

    assert [(mark.name, mark.args) for mark in check.pytestmark] == [("criterion", ("frame",))]


def test_the_text_of_evidence_places_an_excerpt():
    large = np.zeros((20, 30))
    with pytest.raises(Mismatch) as caught:
        same(large + np.eye(20, 30), large, "the sum")
    assert "got = float64 array, shape (20, 30), here [0:6, 0:6]" in evidence_text(
        caught.value.evidence
    )


# --- a check that cannot be judged --------------------------------------------------------
BROKEN_CHECK = """
from grader.checking import call, criterion
from stages.t01_tiny.first.first import double

@criterion("size")
def test_broken():
    {body}
"""


def run_broken_check(tiny_course, body):
    tiny_course.solve()
    folder = tiny_course.stage("first") / "checks"
    (folder / "test_zz.py").write_text(BROKEN_CHECK.format(body=body))
    course = Course(tiny_course.root)
    unit, stages = course.select(["first"])
    with Sandbox("none") as sandbox:
        return run_checks(course, unit, stages, sandbox, quick=True)


def test_a_check_without_a_reference_is_never_passed_over(tiny_course):
    body = "double.__module__ = 'stages.gone'; call(double, 1).agrees()"
    with pytest.raises(CourseError, match=r"no reference for stages\.gone"):
        run_broken_check(tiny_course, body)


def test_a_check_that_fails_by_itself_is_broken_and_not_the_students_fault(tiny_course):
    report = run_broken_check(tiny_course, "1 // 0")
    outcomes = {c.id: c.outcome for c in report.stages[0].criteria}
    assert outcomes == {"double": Outcome.PASSED, "size": Outcome.BROKEN}
    assert report.exit_code == 2
