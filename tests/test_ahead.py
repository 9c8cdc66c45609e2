"""Calls that go ahead to the student's process, and are judged later, in their order."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import wire
from grader.checking import Mismatch, call, require
from grader.checking.judged import in_order
from grader.checking.timing import timed
from grader.errors import CourseError, Ended, StudentError
from grader.pace import Pace
from grader.remote import RemoteModule
from grader.sandbox import Sandbox

NAME = "stages.u.ahead.ahead"
STUDENT = b"""
import os
import time

CALLS = []


def act(how, x):
    print(f"{how} {x}")
    CALLS.append(x)
    if how == "raises":
        raise ValueError(f"no {x}")
    if how == "dies":
        os._exit(3)
    if how == "hangs":
        time.sleep(60)
    if how == "slow":
        time.sleep(0.1)
    return x + 1 if how == "wrong" else x


def made():
    return len(CALLS)


def double(x):
    return [2 * n for n in x] if isinstance(x, list) else 2 * x


def throws(kind):
    raise getattr(__import__("builtins"), kind)("of its own")


class Thing:
    @property
    def hangs(self):
        time.sleep(60)


def told(callback):
    return callback(3)
"""


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as found:
        yield found


@pytest.fixture
def session(sandbox):
    found = sandbox.session([wire.Source(NAME, "ahead.py", STUDENT)], 512)
    found.allow(20)
    yield found
    found.close()


@pytest.fixture
def student(session):
    return RemoteModule(NAME, lambda: session)


def requires(student, hows, start=0):
    """Require of each call that it returns what it was given."""
    for x, how in enumerate(hows, start):
        if how == "refused":
            call(student.act, "raises", x).refused(f"no {x}")
        else:
            call(student.act, how, x).gives(x)


def failure_of(check):
    try:
        check()
    except (Mismatch, StudentError, Ended) as error:
        return error
    return None


# --- what is judged ------------------------------------------------------------------------
HOWS = st.lists(st.sampled_from(["right", "right", "refused", "wrong", "raises"]), max_size=40)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HOWS)
def test_a_check_fails_as_if_each_call_were_judged_at_once(session, hows):
    student = RemoteModule(NAME, lambda: session)

    def ahead():
        with in_order():
            requires(student, hows)

    session.calls = 0
    now, calls = failure_of(lambda: requires(student, hows)), session.calls
    later = failure_of(ahead)
    assert type(later) is type(now)
    assert str(later) == str(now)
    assert session.calls == 2 * calls
    assert getattr(later, "evidence", None) == getattr(now, "evidence", None)


def test_calls_go_out_before_they_are_judged(student):
    with in_order():
        call(student.act, "wrong", 1).gives(2)
        call(student.act, "wrong", 2).gives(3)
        assert student.made() == 2


@pytest.mark.parametrize("how", ["wrong", "raises"])
def test_an_earlier_call_comes_before_what_else_is_wrong(student, how):
    with pytest.raises((Mismatch, StudentError), match=r"7|no 7"), in_order():
        requires(student, [how], start=7)
        require(False, "another failure")
    with pytest.raises((Mismatch, StudentError), match=r"7|no 7"), in_order():
        requires(student, [how], start=7)
        student.act("raises", 8)
    with pytest.raises((Mismatch, StudentError), match=r"7|no 7"), in_order():
        requires(student, [how], start=7)
        student.act("dies", 8)


def test_what_a_check_raises_itself_is_raised_where_no_call_failed(student):
    with pytest.raises(Mismatch, match="another failure"), in_order():
        requires(student, ["right"])
        require(False, "another failure")


def test_a_fault_of_the_course_comes_first(student):
    with pytest.raises(CourseError, match="ours"), in_order():
        requires(student, ["wrong"])
        raise CourseError("ours")


def test_a_value_is_judged_when_it_is_asked_for(student):
    with in_order():
        first = call(student.act, "right", 3).gives(3)
        assert call(student.act, "right", 4).gives(4).value == 4
        assert first.value == 3
        assert call(student.act, "right", 5).result() == 5
        with pytest.raises(Mismatch):
            call(student.act, "wrong", 6).gives(6).value  # noqa: B018  # which judges


@pytest.mark.parametrize(
    "use",
    [
        lambda judged: judged == 3,
        lambda judged: judged != 3,
        lambda judged: np.arange(3) == judged,
        bool,
        len,
        list,
        lambda judged: judged[0],
        np.asarray,
    ],
)
def test_what_is_returned_is_not_taken_for_the_value(student, use):
    with pytest.raises(TypeError, match=r"\.value"), in_order():
        use(call(student.act, "right", 3).gives(3))


# --- the worker meanwhile ------------------------------------------------------------------
def test_a_program_that_ends_is_blamed_for_the_call_that_ended_it(session, student):
    hows = ["right"] * 5 + ["dies"] + ["right"] * 5
    with pytest.raises(Ended, match="exit status 3") as caught, in_order():
        requires(student, hows)
    assert caught.value.evidence.call == "act('dies', 5)"
    assert session.ended


def test_what_hangs_after_a_failure_changes_nothing_about_it(session, student):
    session.allow(0.5)
    with pytest.raises(Mismatch), in_order():
        requires(student, ["wrong", "hangs", "hangs", "right"])
    assert session.ended
    assert session.left > 0.3  # what nobody asked for is not counted


def test_after_a_failure_nothing_goes_ahead(session, student):
    session.pace = Pace(8)
    for most in (4, 1, 1):
        before = student.made()
        with pytest.raises(Mismatch), in_order():
            requires(student, ["wrong", "right", "right", "right"])
        assert student.made() - before == most


def test_what_is_asked_of_an_object_comes_after_the_calls_before_it(session, student):
    session.allow(5)
    with in_order():
        thing = call(student.Thing).result()
        with pytest.raises(Mismatch):
            call(student.act, "wrong", 1).gives(1)
            thing.hangs  # noqa: B018  # which nobody would see
    assert not session.ended


def test_any_exception_is_the_students(student):
    for kind in ("StopIteration", "GeneratorExit", "SystemExit", "KeyboardInterrupt"):
        with pytest.raises(StudentError) as caught, in_order():
            call(student.throws, kind).gives(1)
        assert caught.value.kind == kind
        assert caught.value.evidence.call == f"throws({kind!r})"


def test_who_hangs_ahead_of_another_is_the_one_that_gets_less_time(session, student):
    session.pace = Pace(0.25)
    session.allow(0.25)
    with pytest.raises(Ended, match="longer"), in_order():
        requires(student, ["hangs"])
        student.made()
    session.pace.seconds = 8
    assert session.pace.grant("act")[0] < session.pace.grant("made")[0] == 8


def test_a_program_lives_on_after_a_failure(session, student):
    with pytest.raises(Mismatch), in_order():
        requires(student, ["wrong", *["right"] * 10])
    assert not session.ended
    with in_order():
        requires(student, ["right"] * 30)


def test_only_what_was_judged_is_told_to_have_been_printed(session, student):
    with pytest.raises(Mismatch), in_order():
        requires(student, ["right", "wrong", "right", "right"])
    assert session.take_printed() == "right 0\nwrong 1\n"


def test_time_is_counted_while_it_is_waited_for(session, student):
    session.allow(0.25)
    with pytest.raises(Ended, match=r"longer than the limit of 0\.25 s"), in_order():
        requires(student, ["slow"] * 12)


def test_more_than_fits_the_connection(student):
    x = np.arange(300_000.0)
    with in_order():
        for _ in range(20):
            call(student.double, x).gives(2 * x)
        for _ in range(100):
            call(student.double, x[:2_000]).gives(2 * x[:2_000])
            call(student.double, list(range(9_000))).result()


def test_a_callback_is_answered_between_calls_that_went_ahead(student):
    with in_order():
        requires(student, ["right"] * 3)
        call(student.told, lambda x: 2 * x).gives(6)
        requires(student, ["right"] * 3)


def test_time_that_others_took_is_not_measured(student):
    with in_order():
        requires(student, ["slow"] * 5)
        seconds, made = timed(student.made)
    assert made == 5
    assert seconds < 0.1
