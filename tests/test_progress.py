"""How far a student has come: what counts, what is kept, and how it is shown."""

import json
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import Course
from grader.kept import is_kept
from grader.logbook import FILE, overview, read_progress, remember
from grader.progress import PAUSE, Progress, after
from grader.render.progress import progress_text
from grader.render.terminal import Terminal
from grader.results import (
    RULES,
    CheckResult,
    CriterionResult,
    Outcome,
    Report,
    Sandbox,
    StageResult,
)
from grader.seen import read_last

NOW = datetime(2026, 11, 21, 10, 31, tzinfo=UTC)
FIRST = ("double", "size", "long")
PASSED, FAILED, TODO, BLOCKED, BROKEN = Outcome


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def report(**stages: dict[str, Outcome]) -> Report:
    """A report of the tiny course: ``report(first={"double": PASSED})``."""
    results = tuple(
        StageResult(
            f"t01.{name}",
            name,
            tuple(
                CriterionResult(id, id, 2, (CheckResult("test", "", False, outcome, 0.0),))
                for id, outcome in criteria.items()
            ),
        )
        for name, criteria in stages.items()
    )
    return Report("t01", "student", results, Sandbox("L1"), NOW.isoformat(), 1.0)


def first(*outcomes: Outcome) -> Report:
    return report(first=dict(zip(FIRST, outcomes, strict=False)))


def followed(*reports: Report, minutes_each: float = 5) -> Progress:
    """The progress after one report after the other."""
    progress = Progress()
    for i, each in enumerate(reports):
        progress = after(progress, each, NOW + i * minutes(minutes_each))
    return progress


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


# --- what a report changes --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("gap", "seconds"),
    [(0.5, 30), (PAUSE, 60 * PAUSE), (PAUSE + 0.1, 0), (60 * 24, 0), (-5, 0)],
    ids=["short", "just no pause", "a pause", "a night", "a clock put back"],
)
def test_time_is_what_lies_between_two_checks_without_pauses(gap, seconds):
    progress = followed(first(TODO), first(FAILED), minutes_each=gap)
    assert progress.stages["t01.first"].seconds == seconds
    # Whatever the clock said, counting goes on from there.
    onward = after(progress, first(PASSED), NOW + minutes(gap + 1))
    assert onward.stages["t01.first"].seconds == seconds + 60


def test_time_counts_for_the_first_stage_that_was_not_done():
    both = report(first={"double": PASSED}, second={"tally": TODO})
    progress = followed(report(first={"double": FAILED}, second={"tally": TODO}), both, both)
    assert progress.stages["t01.first"].seconds == 300
    assert progress.stages["t01.second"].seconds == 300


STREAKS = {
    "nothing yet": ([first(TODO, TODO)], 0, 0),
    "one after the other": ([first(PASSED, TODO), first(PASSED, PASSED)], 2, 2),
    "the same twice": ([first(PASSED), first(PASSED)], 1, 1),
    "one lost": ([first(PASSED, TODO), first(FAILED, PASSED)], 0, 1),
    "erased": ([first(PASSED, PASSED), first(PASSED, TODO)], 0, 2),
    "lost and won again": ([first(PASSED), first(FAILED), first(PASSED)], 1, 1),
    "a failure beside it": ([first(FAILED, PASSED), first(FAILED, PASSED, PASSED)], 2, 2),
    "an earlier stage in the way": ([first(PASSED), first(BLOCKED), first(PASSED)], 1, 1),
    "our own fault": ([first(PASSED), first(BROKEN), first(PASSED, PASSED)], 2, 2),
    "left out": ([first(PASSED, PASSED), first(PASSED)], 2, 2),
}


@pytest.mark.parametrize("case", STREAKS)
def test_the_streak_counts_what_passes_until_something_is_lost(case):
    reports, streak, longest = STREAKS[case]
    progress = followed(*reports)
    assert (progress.streak, progress.longest) == (streak, longest)


def test_what_passed_has_passed_since_then_also_when_it_is_blocked_for_a_while():
    progress = followed(first(TODO), first(PASSED), first(BLOCKED), first(PASSED))
    assert progress.stages["t01.first"].criteria["double"].since == NOW + minutes(5)


def test_what_a_quick_check_leaves_out_stays_as_it_was(here):
    progress = followed(first(PASSED, PASSED, FAILED), first(PASSED, PASSED))
    stage = overview(Course(here.root), progress).units[0].stages[0]
    assert [goal.outcome for goal in stage.goals] == [PASSED, PASSED, FAILED]
    assert stage.outcome is FAILED


def test_a_file_that_breaks_a_code_rule_earns_nothing_until_it_is_mended(here):
    passed = dict.fromkeys(FIRST, PASSED)
    broken = followed(report(first={RULES: FAILED} | passed))
    stage = overview(Course(here.root), broken).units[0].stages[0]
    assert (stage.earned, stage.outcome) == (0, FAILED)
    mended = after(broken, report(first=passed), NOW)
    stage = overview(Course(here.root), mended).units[0].stages[0]
    assert (stage.earned, stage.outcome) == (6, PASSED)


# --- the file ---------------------------------------------------------------------------------
def test_every_check_of_the_students_files_is_remembered_and_no_other(here, grader, capfd):
    here.solve(["first"])
    assert grader("check", "--solution", cwd=here.root).code == 0
    assert not (here.root / FILE).exists()
    assert grader("check", "first", cwd=here.root).code == 0
    assert main(["progress", "--json", "-"]) == 0
    tree = json.loads(capfd.readouterr().out)
    assert tree["version"] == 1
    assert (tree["streak"], tree["longest"], tree["kept"]) == (3, 3, "")
    (unit,) = tree["units"]
    assert (unit["earned"], unit["points"]) == (6, 11)
    assert unit["next"] == {"stage": "t01.second", "criterion": "quadruple"}
    assert [stage["outcome"] for stage in unit["stages"]] == ["passed", "todo"]
    assert {c["outcome"] for c in unit["stages"][0]["criteria"]} == {"passed"}
    assert unit["stages"][1]["criteria"][0]["outcome"] is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
def test_watching_is_remembered_too(here, grader):
    here.solve(["first"])
    process = subprocess.Popen(
        grader.command("watch"), cwd=here.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    give_up = time.monotonic() + 60
    while len(read_progress(here.root, NOW).stages) < 2 and time.monotonic() < give_up:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    stages = read_progress(here.root, NOW).stages
    assert stages["t01.first"].criteria["double"].outcome is PASSED
    assert stages["t01.second"].criteria["tally"].outcome is TODO
    last = read_last(here.root)
    assert last and [stage.id for stage in last.stages] == ["t01.first", "t01.second"]


DAMAGED = {
    "empty": b"",
    "cut off": b'{"stages": {"t01.fir',
    "zeros": bytes(100),
    "another kind": b"[1, 2]",
    "no version": b'{"streak": 3}',
    "a wrong type": b'{"version": 1, "streak": "many"}',
    "an unknown outcome": b'{"version":1,"stages":{"a":{"criteria":{"b":{"outcome":"won"}}}}}',
    "a time without a zone": b'{"version": 1, "checked": "2026-11-21T10:31:00"}',
    "endless seconds": b'{"version": 1, "stages": {"a": {"seconds": 1e300}}}',
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_record_is_kept_and_begun_anew_from_the_last_report(here, capfd, case):
    remember(here.root, first(PASSED, PASSED, TODO), NOW)
    (here.root / FILE).write_bytes(DAMAGED[case])
    for _ in range(2):  # once is enough: then it is whole again
        assert main(["progress"]) == 0
        said = " ".join(capfd.readouterr().out.split())
        (kept,) = [f for f in (here.root / ".grader").iterdir() if is_kept(f.name)]
        assert kept.read_bytes() == DAMAGED[case]
        assert f"damaged and is kept as .grader/{kept.name}" in said
        assert "5 of 11 points, 2 of 6 criteria" in said


def test_a_check_over_a_damaged_record_says_where_it_is_kept(here, grader):
    remember(here.root, report(second={"tally": PASSED}), NOW)
    (here.root / FILE).write_bytes(b"{")
    done = grader("check", "first", "--quick", cwd=here.root)
    (kept,) = [f for f in (here.root / ".grader").iterdir() if is_kept(f.name)]
    assert done.code == 1
    assert f"damaged; it is kept as .grader/{kept.name}" in done.stderr
    stages = read_progress(here.root, NOW).stages
    assert stages["t01.second"].criteria["tally"].outcome is PASSED
    assert stages["t01.first"].criteria["double"].outcome is TODO


def test_the_record_of_a_newer_grader_is_left_alone(here, capfd):
    (here.root / ".grader").mkdir()
    text = b'{"version": 2, "stages": []}'
    (here.root / FILE).write_bytes(text)
    assert main(["progress"]) == 2
    assert "version 2, and this grader reads 1" in capfd.readouterr().err
    with pytest.raises(Exception, match="version 2"):
        remember(here.root, first(PASSED), NOW)
    assert read_last(here.root) == first(PASSED)
    assert (here.root / FILE).read_bytes() == text


def test_two_graders_at_once_lose_nothing(here):
    ids = [f"c{i}" for i in range(12)]
    threads = [
        threading.Thread(target=remember, args=(here.root, report(**{id: {id: PASSED}}), NOW))
        for id in ids
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    progress = read_progress(here.root, NOW)
    assert sorted(progress.stages) == sorted(f"t01.{id}" for id in ids)
    assert progress.streak == 12


# --- how it looks -----------------------------------------------------------------------------
def shown(here, progress: Progress, **terminal: object) -> str:
    return progress_text(overview(Course(here.root), progress), Terminal(**terminal))


@pytest.mark.parametrize("width", [80, 60])
@pytest.mark.parametrize("unicode", [True, False])
def test_it_fits_the_screen(here, width, unicode):
    long = "A title that is a good deal longer than a terminal of sixty columns is wide, größer"
    for name in ("first", "second"):
        path = here.stage(name) / "stage.toml"
        path.write_text(path.read_text().replace("Twice as much", long, 1), encoding="utf-8")
    text = shown(
        here, followed(first(PASSED, FAILED), first(PASSED)), width=width, unicode=unicode
    )
    assert max(map(len, text.splitlines())) <= width
    assert text.isascii() is not unicode
    assert "\033" not in text
    assert "3/6" in text.replace(" ", "")


def test_bars_points_and_what_is_next_are_shown(here):
    text = shown(here, followed(first(PASSED, FAILED, TODO), first(PASSED, FAILED, TODO)))
    row = next(line for line in text.splitlines() if " first " in line)
    assert row.split() == ["✗", "first", "█████░░░░░", "3/6", "5", "min", "Twice", "as", "much"]
    assert "3 of 11 points, 1 of 6 criteria, 5 min of work" in text
    assert "Streak: 1 criterion without losing one, the longest yet." in text
    assert "Next: t01.first, " in text
    assert "grader check first" in text


def test_a_failure_is_next_before_a_task(here):
    text = shown(here, followed(first(TODO, FAILED)))
    unit = overview(Course(here.root), followed(first(TODO, FAILED))).units[0]
    assert unit.next and unit.next.first_open and unit.next.first_open.id == "size"
    assert unit.next.first_open.sentence in " ".join(text.split())


def test_nothing_checked_yet_and_all_done(here):
    assert "Next: t01.first" in shown(here, Progress())
    assert "Streak" not in shown(here, Progress())
    second = dict.fromkeys(("quadruple", "tally", "grow"), PASSED)
    text = shown(here, followed(report(first=dict.fromkeys(FIRST, PASSED), second=second)))
    assert "11 of 11 points" in text
    assert "All of t01 is done." in text
    assert "Next" not in text


def test_a_file_that_was_saved_after_its_check_is_named(here):
    later = datetime.now(UTC) + minutes(1)
    progress = after(Progress(), first(PASSED), later)
    assert "Changed since" not in shown(here, progress)
    assert "Changed since" not in shown(here, Progress())
    here.file("first").unlink()
    assert "Changed since the last check: first. Run: grader check first" in shown(here, progress)


def test_colours_are_for_terminals(here, capfd):
    assert main(["progress"]) == 0
    assert "\033" not in capfd.readouterr().out
    assert "\033[" in shown(here, Progress(), colour=True)


def test_progress_is_read_where_nothing_can_be_written(here, monkeypatch):
    remember(here.root, first(PASSED), NOW)
    (here.root / FILE).write_bytes(b"{")

    def refuse(root: Path) -> None:
        raise PermissionError(13, "Permission denied", str(root))

    monkeypatch.setattr("grader.logbook.locked", refuse)
    progress = read_progress(here.root, NOW)
    assert progress.kept == FILE.name
    assert progress.stages["t01.first"].criteria["double"].outcome is PASSED
    assert (here.root / FILE).read_bytes() == b"{"
