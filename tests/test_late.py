"""Late penalties: the file, the days, and what always holds."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.grades import Student
from grader.late import Policy, due_for, penalty, read_policy, unknown_extensions

ADA = Student("ada_7", "Ada", "Ada@example.edu", "41235")
UTC = datetime.UTC
DUE = datetime.datetime(2026, 12, 1, 18, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
TEXT = """
due = 2026-12-01T18:00:00+01:00
grace_minutes = 30
percent_per_day = 10
cap_percent = 50

[extensions]
"ada@example.edu" = 2026-12-08T18:00:00+01:00
41236 = 2026-12-03T18:00:00+01:00
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "late.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_is_read(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, TEXT))
    assert policy.due == DUE
    assert (policy.grace_minutes, policy.percent_per_day, policy.cap_percent) == (30, 10, 50)
    assert set(policy.extensions) == {"ada@example.edu", "41236"}


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "grading.md").read_text("utf-8")
    policy = read_policy(written(tmp_path, page.partition("```toml\n")[2].partition("```")[0]))
    assert due_for(policy, ADA) > policy.due == DUE
    late = penalty(policy, Student("bob"), "2026-12-08T18:00:00+01:00")
    assert late and (late.days, late.percent) == (7, 50)


def test_grace_and_cap_may_be_left_out(tmp_path: Path) -> None:
    text = "due = 2026-12-01T18:00:00Z\npercent_per_day = 60"
    late = penalty(read_policy(written(tmp_path, text)), ADA, "2026-12-02T18:00:01Z")
    assert late and (late.days, late.percent) == (2, 100)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("due = 2026-12-01T18:00:00\npercent_per_day = 1", ["due", "offset from UTC", "+01:00"]),
        ("due = 2026-12-01\npercent_per_day = 1", ["due", "date, time and offset"]),
        ("due = 'soon'\npercent_per_day = 1", ["due", "date, time and offset"]),
        ("percent_per_day = 1", ["due", "required"]),
        (TEXT.replace("= 10", "= 110"), ["percent_per_day", "100"]),
        (TEXT.replace("= 30", "= -1"), ["grace_minutes", "0"]),
        (TEXT.replace("cap_percent", "cap"), ["cap"]),
        (TEXT.replace('"', ""), ["not a TOML file", '"ada@example.edu"']),
        (TEXT.replace("41236", "a.b"), ["extensions", "in quotes"]),
        (TEXT.replace("03T18:00:00+01:00", "03T18:00:00"), ["extensions", "offset from UTC"]),
        ("[[", ["not a TOML file"]),
    ],
)
def test_a_wrong_file_is_said_to_be_wrong(tmp_path: Path, text: str, words: list[str]) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_policy(path)
    assert str(path) in str(error.value)
    assert [word for word in words if word not in str(error.value)] == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.toml: cannot be read"):
        read_policy(tmp_path / "nowhere.toml")


POLICY = Policy(DUE, 10, 30, 50)


@pytest.mark.parametrize(
    ("submitted", "days"),
    [
        ("2026-12-01T18:00:00+01:00", 0),
        ("2026-12-01T18:30:00+01:00", 0),
        ("2026-12-01T17:30:00+00:00", 0),
        ("2026-12-01T18:30:01+01:00", 1),
        ("2026-12-01T17:30:01Z", 1),
        ("2026-12-02T18:30:00+01:00", 1),
        ("2026-12-02T18:30:01+01:00", 2),
        ("2027-12-01T18:30:00+01:00", 365),
    ],
)
def test_days_begin_after_the_grace(submitted: str, days: int) -> None:
    late = penalty(POLICY, ADA, submitted)
    assert (late.days if late else 0) == days
    assert (late.percent if late else 0) == min(10 * days, 50)


@pytest.mark.parametrize(
    "submitted", ["", "yesterday", "2026-12-24T18:00:00", "2026-13-01T00:00Z"]
)
def test_a_time_that_is_not_known_costs_nothing(submitted: str) -> None:
    assert penalty(POLICY, ADA, submitted) is None


def test_both_times_are_told_with_their_offsets() -> None:
    late = penalty(POLICY, ADA, "2026-12-02T18:00:00Z")
    assert late and late.due == "2026-12-01T18:00:00+01:00"
    assert late.submitted == "2026-12-02T18:00:00+00:00"


@pytest.mark.parametrize("name", ["ada_7", "ada@EXAMPLE.edu", "41235"])
def test_an_extension_is_found_by_key_email_and_id(name: str) -> None:
    later = DUE + datetime.timedelta(days=7)
    policy = Policy(DUE, 10, 30, 50, {name: later, "other": later + datetime.timedelta(days=1)})
    assert due_for(policy, ADA) == later
    assert penalty(policy, ADA, "2026-12-08T18:30:00+01:00") is None
    late = penalty(policy, ADA, "2026-12-08T18:31:00+01:00")
    assert late and (late.days, late.due) == (1, later.isoformat())


def test_an_extension_never_takes_time_away() -> None:
    policy = Policy(DUE, 10, extensions={"ada_7": DUE - datetime.timedelta(days=9)})
    assert due_for(policy, ADA) == DUE


def test_a_nameless_extension_is_nobodys() -> None:
    later = DUE + datetime.timedelta(days=7)
    policy = Policy(DUE, 10, extensions={"": later})
    assert due_for(policy, Student("bob")) == DUE


def test_extensions_of_nobody_are_listed() -> None:
    policy = Policy(DUE, 10, extensions={"41235": DUE, "ada@exmaple.edu": DUE})
    assert unknown_extensions(policy, [ADA, Student("bob")]) == ("ada@exmaple.edu",)


OFFSETS = st.integers(-14 * 60, 14 * 60).map(
    lambda n: datetime.timezone(datetime.timedelta(minutes=n))
)
INSTANTS = st.datetimes(
    datetime.datetime(2, 1, 1), datetime.datetime(9998, 1, 1), timezones=OFFSETS
)
POLICIES = st.builds(Policy, INSTANTS, st.floats(0, 100), st.floats(0, 10_000), st.floats(0, 100))


def percent(policy: Policy, at: datetime.datetime) -> float:
    late = penalty(policy, ADA, at.isoformat())
    return late.percent if late else 0.0


@given(POLICIES, INSTANTS, INSTANTS)
def test_later_never_costs_less(policy: Policy, one: datetime.datetime, two: datetime.datetime):
    early, late = sorted([one, two])
    assert percent(policy, early) <= percent(policy, late)


@given(POLICIES, INSTANTS)
def test_it_never_costs_more_than_the_cap(policy: Policy, at: datetime.datetime) -> None:
    assert 0 <= percent(policy, at) <= policy.cap_percent


@given(POLICIES, st.floats(0, 1), OFFSETS)
def test_nothing_until_the_grace_is_over(
    policy: Policy, part: float, offset: datetime.timezone
) -> None:
    grace = datetime.timedelta(minutes=policy.grace_minutes)
    assert penalty(policy, ADA, (policy.due + part * grace).astimezone(offset).isoformat()) is None


@given(POLICIES, st.integers(1, 400), st.integers(0, 86_399_999_999))
def test_each_day_begun_counts(policy: Policy, days: int, before: int) -> None:
    end = policy.due + datetime.timedelta(minutes=policy.grace_minutes, days=days)
    late = penalty(policy, ADA, (end - datetime.timedelta(microseconds=before)).isoformat())
    assert late and late.days == days
