"""Releasing and unlocking: codes, schedules, what is kept, and what is refused."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import Course
from grader.edition.bundle import bundle
from grader.edition.fit import note_built
from grader.edition.ledger import FILE as LEDGER
from grader.edition.ledger import read_ledger
from grader.edition.moment import Moment, read_moment
from grader.edition.release import due, release, release_due, schedule
from grader.edition.sealed import seal
from grader.edition.secret import FILE as SECRET_FILE
from grader.edition.secret import Keys, read_secret
from grader.edition.unlock import unlock
from grader.errors import UsageError
from grader.lock import locked

SECRET = "5e" * 32
KEYS = Keys(bytes.fromhex(SECRET))
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
TOMORROW = Moment(LATER)
posix = pytest.mark.skipif(sys.platform == "win32", reason="file modes are a part of Unix")


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the author's edition of the tiny course, with a secret that is known."""
    monkeypatch.chdir(tiny_course.root)
    monkeypatch.setenv("GRADER_SECRET", SECRET)
    (tiny_course.stage("first") / "walkthrough.md").write_text("# Why\n", encoding="utf-8")
    return tiny_course


@pytest.fixture
def student(tiny_course_in, tmp_path, monkeypatch):
    """Stand in a student's edition of the tiny course."""
    course = tiny_course_in(tmp_path / "student")
    monkeypatch.chdir(course.root)
    monkeypatch.delenv("GRADER_SECRET", raising=False)
    (course.stage("first") / "walkthrough.md").write_text("# Why\n", encoding="utf-8")
    unit = Course(course.root).units[0]
    for stage in unit.stages:
        to = course.root / "edition" / stage.id / "sealed.bin"
        to.parent.mkdir(parents=True)
        files, code = bundle(unit, stage), KEYS.code(stage.id)
        to.write_bytes(seal(files, code, KEYS.edition_id, stage.id, cost=1))
    about = {"version": 1, "edition": KEYS.edition_id, "unit": "t01", "more": [1]}
    (course.root / "edition" / "edition.json").write_text(json.dumps(about))
    for stage in unit.stages:
        (stage.folder / "solution.py").unlink()
    return course


def course_of(here):
    """Return what the functions of `grader.edition` take first."""
    course = Course(here.root)
    return course, course.units[0]


def run(capfd, *arguments: str) -> str:
    """Run a command that must succeed; return what it printed."""
    capfd.readouterr()
    code = main(list(arguments))
    out, err = capfd.readouterr()
    assert code == 0, err
    assert all(len(line) <= 80 for line in out.splitlines())
    return out


def refused(capfd, *arguments: str, code: int = 2) -> str:
    """Run a command that must fail; return its message."""
    capfd.readouterr()
    assert main(list(arguments)) == code
    err = capfd.readouterr().err
    assert "Traceback" not in err
    # A line with a path stays whole: somebody may copy it.
    assert all(len(line) <= 80 or os.sep in line for line in err.splitlines()), err
    return " ".join(err.split())


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file under a folder, except what the grader keeps for itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".grader" not in path.parts and "__pycache__" not in path.parts
    }


# --- the secret -------------------------------------------------------------------------------
@posix
def test_the_secret_is_made_once_and_is_nobody_elses(tmp_path):
    made = read_secret(tmp_path, {}, make=True)
    again = read_secret(tmp_path, {})
    assert made.made and not again.made
    assert made.value == again.value
    assert len(made.value) == 32
    assert (tmp_path / SECRET_FILE).stat().st_mode & 0o777 == 0o600
    assert made.warning == again.warning == ""
    assert made.value.hex() not in repr(made)


def test_two_secrets_differ(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert read_secret(tmp_path / "a", {}, make=True) != read_secret(tmp_path / "b", {}, make=True)


def test_the_environment_overrides_the_file(tmp_path):
    assert read_secret(tmp_path, {"GRADER_SECRET": f" {SECRET}\n"}).value.hex() == SECRET
    assert not (tmp_path / SECRET_FILE).exists()


@posix
def test_a_secret_that_others_can_read_is_a_warning_with_the_command(tmp_path):
    read_secret(tmp_path, {}, make=True)
    (tmp_path / SECRET_FILE).chmod(0o644)
    assert f"chmod 600 {tmp_path / SECRET_FILE}" in read_secret(tmp_path, {}).warning


@pytest.mark.parametrize("text", ["", "abc", "0" * 63, "0" * 65, "g" * 64, "\xff" * 64])
def test_a_damaged_secret_is_refused_and_left_alone(tmp_path, text):
    read_secret(tmp_path, {}, make=True)
    (tmp_path / SECRET_FILE).write_text(text, encoding="latin-1")
    with pytest.raises(UsageError, match="is no secret: expected 64 hexadecimal") as caught:
        read_secret(tmp_path, {})
    assert "back from a copy" in str(caught.value)
    assert (tmp_path / SECRET_FILE).read_text(encoding="latin-1") == text
    said = "the environment variable GRADER_SECRET is no secret"
    with pytest.raises(UsageError, match=said) as caught:
        read_secret(tmp_path, {"GRADER_SECRET": text})
    assert "unset it, and the secret in .grader/secret is used" in str(caught.value)
    assert "copy" not in str(caught.value)


def test_git_does_not_see_what_is_private(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    read_secret(tmp_path, {}, make=True)
    status = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    assert subprocess.run(status, capture_output=True, text=True, check=True).stdout == ""


# --- whose secret it is -----------------------------------------------------------------------
OTHER = Keys(bytes.fromhex("6f" * 32)).edition_id


def unchanged(here) -> tuple[dict[str, bytes], dict[str, object]]:
    """Return what a refused command must leave as it is."""
    return tree(here.root), read_ledger(here.root)


def test_a_release_makes_no_secret(here, capfd, monkeypatch):
    monkeypatch.delenv("GRADER_SECRET")
    before = unchanged(here)
    for more in ([], ["--at", "2090-12-01 18:00Z"]):
        said = refused(capfd, "release", "first", *more)
        assert "there is no secret here" in said and "grader edition OUT" in said
    assert not (here.root / SECRET_FILE).exists()
    assert unchanged(here) == before


def test_what_to_do_without_a_secret_fits_in_lines(tmp_path):
    with pytest.raises(UsageError) as caught:
        read_secret(tmp_path, {})
    assert max(map(len, f"grader: {caught.value}".splitlines())) <= 80


@pytest.mark.parametrize(
    "more",
    [[], ["--at", "2090-12-01 18:00Z"], ["--status", "--codes"]],
    ids=["now", "at", "codes"],
)
@pytest.mark.parametrize("known", ["built", "released", "scheduled"])
def test_the_secret_of_another_edition_gives_no_codes(here, capfd, monkeypatch, known, more):
    if known == "built":
        note_built(here.root, KEYS.edition_id)
    else:
        at = ["--at", "2090-12-01 18:00Z"] if known == "scheduled" else []
        run(capfd, "release", "second", *at)
    before = unchanged(here)
    monkeypatch.setenv("GRADER_SECRET", "6f" * 32)
    said = refused(capfd, "release", "first", *more)
    assert f"edition {OTHER}, from GRADER_SECRET" in said
    assert f"students: edition {KEYS.edition_id}" in said
    assert f"--edition {OTHER}" in said and "Nothing was released" in said
    assert unchanged(here) == before


def test_who_names_the_edition_means_it(here, capfd, monkeypatch):
    note_built(here.root, KEYS.edition_id)
    assert "is not that of your students" in refused(capfd, "release", "t01", "--edition", OTHER)
    assert not (here.root / "solutions").exists()
    monkeypatch.setenv("GRADER_SECRET", "6f" * 32)
    said = run(capfd, "release", "first", "--edition", OTHER)
    assert Keys(bytes.fromhex("6f" * 32)).code("t01.first") in said


def test_the_edition_of_the_next_class_is_told_from_the_last_ones(here, capfd, monkeypatch):
    run(capfd, "release", "first")
    monkeypatch.setenv("GRADER_SECRET", "6f" * 32)
    note_built(here.root, OTHER)
    assert main(["release", "first"]) == 0
    assert f"earlier codes were for edition {KEYS.edition_id}" in capfd.readouterr().err


def test_where_no_edition_was_built_it_is_said_which_one_the_codes_open(here, capfd):
    assert main(["release", "first"]) == 0
    assert f"these codes open edition {KEYS.edition_id}" in capfd.readouterr().err
    note_built(here.root, KEYS.edition_id)
    assert main(["release", "first"]) == 0
    assert capfd.readouterr().err == ""


# --- releasing at once ------------------------------------------------------------------------
def test_a_release_writes_the_solution_and_why_and_prints_the_code(here, capfd):
    said = run(capfd, "release", "t01.first")
    code = KEYS.code("t01.first")
    assert f"uv run grader unlock t01.first {code}" in said
    released = tree(here.root / "solutions")
    assert set(released) == {"t01_tiny/first/solution.py", "t01_tiny/first/README.md"}
    assert released["t01_tiny/first/README.md"] == b"# Why\n"
    solution = released["t01_tiny/first/solution.py"].decode()
    assert "return x * 2" in solution and "SOLUTION" not in solution


def test_several_stages_are_released_together(here, capfd):
    said = run(capfd, "release", "t01")
    assert KEYS.code("t01.first") in said and KEYS.code("t01.second") in said
    assert "There is no walkthrough.md in this stage" in said.partition("t01.second is")[2]
    assert "t01_tiny/second/README.md" not in tree(here.root / "solutions")


def test_releasing_again_changes_nothing_and_prints_the_same_code(here, capfd):
    run(capfd, "release", "first")
    before, ledger = tree(here.root), (here.root / LEDGER).read_bytes()
    said = run(capfd, "release", "first")
    assert "was released before; its code is the same" in said
    assert KEYS.code("t01.first") in said
    assert (tree(here.root), (here.root / LEDGER).read_bytes()) == (before, ledger)


def test_an_edited_solution_is_kept_when_it_is_released_again(here, capfd):
    run(capfd, "release", "first")
    folder = here.root / "solutions" / "t01_tiny" / "first"
    right = (folder / "solution.py").read_bytes()
    for edited in (b"# mine\n", b"# mine again\n"):
        (folder / "solution.py").write_bytes(edited)
        assert "an edited one is kept beside it" in run(capfd, "release", "first")
        assert (folder / "solution.py").read_bytes() == right
    kept = [path.read_bytes() for path in folder.glob("solution.2*.py")]
    assert set(kept) == {b"# mine again\n", b"# mine\n"}
    assert (folder / "README.md").read_bytes() == b"# Why\n"


def test_a_stage_without_a_solution_is_not_released_in_part(here, capfd):
    (here.stage("first") / "solution.py").unlink()
    assert "solution.py: cannot be read" in refused(capfd, "release", "first")
    assert not (here.root / "solutions").exists()
    assert read_ledger(here.root) == {}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say which stages"),
        (["--tz", "Europe/Berlin", "first"], "there is no --at"),
        (["--codes", "first"], "--codes belongs to --status"),
        (["--due", "first"], "it takes no STAGE"),
        (["--due", "--status"], "--due and --status are different things"),
        (["--withdraw", "--at", "2026-12-01 18:00", "first"], "--at and --withdraw"),
        (["frist"], "Did you mean 'first'?"),
    ],
)
def test_options_that_contradict_each_other_are_refused(here, capfd, arguments, said):
    assert said in refused(capfd, "release", *arguments)
    assert not (here.root / "solutions").exists()


# --- moments ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "zone", "iso"),
    [
        ("2026-12-01 18:00", "Europe/Berlin", "2026-12-01T18:00:00+01:00"),
        ("2026-07-01T18:00:30", "Europe/Berlin", "2026-07-01T18:00:30+02:00"),
        ("2026-12-01 18:00", "Asia/Kolkata", "2026-12-01T18:00:00+05:30"),
        ("2026-12-01 18:00 -03:30", None, "2026-12-01T18:00:00-03:30"),
        ("2026-12-01 18:00z", None, "2026-12-01T18:00:00+00:00"),
    ],
)
def test_a_time_keeps_the_offset_of_its_zone(text, zone, iso):
    moment = read_moment(text, zone)
    assert moment.when.isoformat() == iso
    assert moment.note == ""


def test_a_time_that_the_clocks_skip_is_moved_on():
    moment = read_moment("2027-03-28 02:30", "Europe/Berlin")
    assert moment.when.isoformat() == "2027-03-28T03:30:00+02:00"
    assert "02:30 does not exist that day in Europe/Berlin" in moment.note
    assert "03:30 +02:00" in moment.note


def test_of_a_time_that_comes_twice_the_later_is_taken():
    moment = read_moment("2027-10-31 02:30", "Europe/Berlin")
    assert moment.when.isoformat() == "2027-10-31T02:30:00+01:00"
    assert "02:30 comes twice that day" in moment.note


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="TZ is a part of Unix")
@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-12-01 18:00", "2026-12-01T18:00:00-05:00"),
        ("2027-03-14 02:30", "2027-03-14T03:30:00-04:00"),
        ("2027-11-07 01:30", "2027-11-07T01:30:00-05:00"),
    ],
)
def test_without_a_zone_the_machines_own_counts(monkeypatch, text, iso):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        moment = read_moment(text)
        assert moment.when.isoformat() == iso
        assert ("on this machine" in moment.note) is ("18:00" not in text)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("text", "zone", "said"),
    [
        ("tomorrow", None, 'Write it like "2026-12-01 18:00"'),
        ("2026-12-01", None, "is no date with a time"),
        ("2026-02-30 18:00", None, "day"),
        ("2026-12-01 25:00", None, "hour"),
        ("2026-12-01 18:00+01:00", "Europe/Berlin", "Leave one of them out"),
        ("2026-12-01 18:00", "Europe/Berln", "Did you mean 'Europe/Berlin'?"),
        ("2026-12-01 18:00", "../../etc/passwd", "there is no time zone"),
        ("2026-12-01 18:00", "", "--tz is empty. Name a zone"),
        ("2026-12-01 18:00", " ", "--tz is empty. Name a zone"),
        ("2026-12-01 18:00", "Europe", "there is no time zone"),
    ],
)
def test_what_is_no_moment_is_refused(text, zone, said):
    with pytest.raises(UsageError) as caught:
        read_moment(text, zone)
    assert said in str(caught.value)


# --- scheduling -------------------------------------------------------------------------------
def test_what_is_scheduled_is_released_when_it_is_due_and_once(here):
    course, unit = course_of(here)
    schedule(course, unit, unit.stages, KEYS, TOMORROW, NOW)
    assert due(course, NOW) == []
    assert release_due(course, KEYS, LATER - timedelta(seconds=1)) == ([], {})
    assert not (here.root / "solutions").exists()
    released, failed = release_due(course, KEYS, LATER)
    assert [done.stage for done in released] == ["t01.first", "t01.second"]
    assert failed == {}
    assert release_due(course, KEYS, LATER) == ([], {})
    assert "t01_tiny/second/solution.py" in tree(here.root / "solutions")


def test_nothing_due_is_quiet_and_makes_no_secret(here, capfd, monkeypatch):
    monkeypatch.delenv("GRADER_SECRET")
    assert main(["release", "--due"]) == 0
    assert capfd.readouterr() == ("", "")
    assert not (here.root / SECRET_FILE).exists()


def test_what_is_due_is_printed_for_the_mail_of_cron(here, capfd):
    course, unit = course_of(here)
    schedule(course, unit, unit.stages[:1], KEYS, TOMORROW, NOW)
    ledger = json.loads((here.root / LEDGER).read_text())
    ledger["releases"]["t01.first"]["at"] = "2020-01-01T00:00:00+01:00"
    (here.root / LEDGER).write_text(json.dumps(ledger))
    assert "t01.first   due" in run(capfd, "release", "--status")
    assert KEYS.code("t01.first") in run(capfd, "release", "--due")
    assert run(capfd, "release", "--due") == ""


def test_a_failure_stays_scheduled_and_holds_nothing_else_up(here):
    course, unit = course_of(here)
    schedule(course, unit, unit.stages, KEYS, TOMORROW, NOW)
    solution = here.stage("first") / "solution.py"
    text = solution.read_bytes()
    solution.unlink()
    released, failed = release_due(course, KEYS, LATER)
    assert [done.stage for done in released] == ["t01.second"]
    assert "cannot be read" in failed["t01.first"]
    solution.write_bytes(text)
    released, failed = release_due(course, KEYS, LATER)
    assert ([done.stage for done in released], failed) == (["t01.first"], {})


def test_another_secret_than_at_scheduling_releases_nothing(here):
    course, unit = course_of(here)
    schedule(course, unit, unit.stages[:1], KEYS, TOMORROW, NOW)
    released, failed = release_due(course, Keys(bytes(32)), LATER)
    assert released == []
    assert f"scheduled for edition {KEYS.edition_id}" in failed["t01.first"]
    assert not (here.root / "solutions").exists()


def test_the_past_and_what_is_published_cannot_be_scheduled(here, capfd):
    course, unit = course_of(here)
    past = Moment(NOW, "America/Argentina/Buenos_Aires")
    with pytest.raises(UsageError, match=r"is past\.\nIt is Tue 2026-12-01 12:00") as caught:
        schedule(course, unit, unit.stages, KEYS, past, NOW)
    # What has a slash is taken for a path and never broken.
    assert max(map(len, f"grader: {caught.value}".splitlines())) <= 80
    assert read_ledger(here.root) == {}
    release(course, unit, unit.stages[:1], KEYS, NOW)
    with pytest.raises(UsageError, match=r"t01\.first is published already"):
        schedule(course, unit, unit.stages, KEYS, TOMORROW, NOW)
    assert "t01.second" not in read_ledger(here.root)


def test_scheduling_again_moves_the_date(here, capfd):
    run(capfd, "release", "first", "--at", "2090-12-01 18:00", "--tz", "Europe/Berlin")
    said = run(capfd, "release", "first", "--at", "2090-12-02 18:00", "--tz", "Europe/Berlin")
    assert "t01.first is scheduled for Sat 2090-12-02 18:00 +01:00 (Europe/Berlin)" in said
    assert "instead of Fri 2090-12-01 18:00 +01:00" in said
    entry = read_ledger(here.root)["t01.first"]
    assert (entry.at.isoformat(), entry.zone) == ("2090-12-02T18:00:00+01:00", "Europe/Berlin")
    assert "\nIt is released by the first" in said
    both = run(capfd, "release", "first", "second", "--at", "2090-12-03 18:00Z")
    assert "\nThey are released by the first" in both


def test_a_release_at_once_says_which_schedule_it_overrides(here, capfd):
    run(capfd, "release", "first", "--at", "2090-12-01 18:00Z")
    said = run(capfd, "release", "t01")
    assert said.count("as it was scheduled") == 1
    assert "now, and not on Fri 2090-12-01 18:00 +00:00 as it was scheduled\n" in said
    assert "as it was scheduled" not in run(capfd, "release", "t01")


def test_what_is_scheduled_can_be_withdrawn_and_what_is_published_cannot(here, capfd):
    run(capfd, "release", "first")
    run(capfd, "release", "second", "--at", "2090-12-01 18:00Z")
    before = tree(here.root / "solutions")
    assert main(["release", "t01", "--withdraw"]) == 2
    out, err = capfd.readouterr()
    assert "t01.second is not released on Fri 2090-12-01 18:00 +00:00 any more" in out
    assert "published already, and that cannot be taken back: t01.first." in err
    assert "code is known" in err.replace("\n", " ")
    assert tree(here.root / "solutions") == before
    assert "nothing is scheduled for second" in refused(capfd, "release", "second", "--withdraw")


def test_what_is_scheduled_of_a_stage_that_is_gone_is_shown_and_withdrawn(here, capfd):
    run(capfd, "release", "t01", "--at", "2090-12-01 18:00Z")
    ledger = (here.root / LEDGER).read_text()
    ledger = ledger.replace("t01.first", "t01.gone", 1).replace("2090-12-01", "2020-12-01", 1)
    (here.root / LEDGER).write_text(ledger)
    assert "\nt01.gone    gone       2020-12-01 18:00" in run(capfd, "release", "--status")
    assert "t01.gone" not in run(capfd, "release", "--status", "second")
    said = refused(capfd, "release", "--due", code=1)
    assert "To try it no more: grader release --withdraw t01.gone" in said
    assert "no stage 't01.gane'" in refused(capfd, "release", "--withdraw", "t01.gone", "t01.gane")
    said = run(capfd, "release", "--withdraw", "t01.gone")
    assert said == "t01.gone is not released on Tue 2020-12-01 18:00 +00:00 any more.\n"
    assert list(read_ledger(here.root)) == ["t01.second"]
    assert run(capfd, "release", "--due") == ""


def test_the_status_shows_codes_only_when_asked(here, capfd):
    run(capfd, "release", "first")
    said = run(capfd, "release", "--status")
    assert [line.split()[:2] for line in said.splitlines()[1:]] == [
        ["t01.first", "published"],
        ["t01.second", "closed"],
    ]
    assert KEYS.code("t01.first") not in said
    run(capfd, "release", "second", "--at", "2090-12-01 18:00Z")
    said = run(capfd, "release", "--status", "--codes")
    assert "scheduled  2090-12-01 18:00 +00:00  " + KEYS.code("t01.second") in said


def test_what_was_published_elsewhere_counts_as_published(here, capfd):
    run(capfd, "release", "first")
    (here.root / LEDGER).unlink()
    assert "t01.first   published" in run(capfd, "release", "--status")
    assert "cannot be taken back" in refused(capfd, "release", "first", "--withdraw")


# --- the ledger -------------------------------------------------------------------------------
WITHOUT_OFFSET = b'{"version": 1, "releases": {"t01.first": {"at": "2026-12-01T18:00:00", '
WITHOUT_OFFSET += b'"edition": "%s"}}}' % KEYS.edition_id.encode()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b'{"version": 1}', b"[" * 100_000, WITHOUT_OFFSET]
)
def test_a_damaged_ledger_is_said_and_a_copy_kept(here, capfd, damage):
    run(capfd, "release", "first", "--at", "2090-12-01 18:00Z")
    (here.root / LEDGER).write_bytes(damage)
    for arguments in (["--due"], ["--status"], ["second"], ["second"]):
        said = refused(capfd, "release", *arguments)
        assert "releases.json is damaged" in said
    copies = list((here.root / ".grader").glob("releases.damaged-*.json"))
    assert [copy.read_bytes() for copy in copies] == [damage]
    assert (here.root / LEDGER).read_bytes() == damage
    assert not (here.root / "solutions").exists()


def test_a_newer_ledger_is_left_to_a_newer_grader(here, capfd):
    run(capfd, "release", "first")
    (here.root / LEDGER).write_text('{"version": 2, "news": []}')
    assert "version 2, and this grader reads 1" in refused(capfd, "release", "second")


def test_two_runs_at_once_lose_nothing(here, monkeypatch):
    course, unit = course_of(here)

    def read_slowly(root):
        entries = read_ledger(root)
        time.sleep(0.1)  # the other has time to read the same, if nothing holds it
        return entries

    monkeypatch.setattr("grader.edition.release.read_ledger", read_slowly)
    with ThreadPoolExecutor(2) as pool:
        runs = [
            pool.submit(schedule, course, unit, [stage], KEYS, TOMORROW, NOW)
            for stage in unit.stages
        ]
    assert [run.exception() for run in runs] == [None, None]
    assert set(read_ledger(here.root)) == {"t01.first", "t01.second"}


def test_who_waits_too_long_for_the_lock_is_told(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(UsageError, match="another grader works on this course"),
        locked(tmp_path, patience=0.05),
    ):
        pass
    with locked(tmp_path, patience=0.05):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks otherwise")
@pytest.mark.parametrize(("number", "passes"), [(errno.ENOLCK, True), (errno.EIO, False)])
def test_a_drive_without_locks_is_worked_on_without(tmp_path, monkeypatch, number, passes):
    def refuse(*_: object) -> None:
        raise OSError(number, "no locks here")

    monkeypatch.setattr("fcntl.flock", refuse)
    with contextlib.nullcontext() if passes else pytest.raises(OSError), locked(tmp_path):
        pass


# --- unlocking --------------------------------------------------------------------------------
def test_a_code_opens_the_solution_and_the_hidden_checks(student, capfd):
    said = run(capfd, "unlock", "t01.first", KEYS.code("t01.first"))
    assert "see solutions/t01_tiny/first/" in said
    assert "grader check runs them from now on" in said
    opened = tree(student.root / "solutions" / "t01_tiny")
    assert set(opened) == {
        "first/README.md",
        "first/solution.py",
        "first/hidden/test_first_hidden.py",
    }
    assert opened["first/README.md"] == b"# Why\n"
    hidden = student.stage("first") / "checks" / "hidden" / "test_first_hidden.py"
    assert opened["first/hidden/test_first_hidden.py"] == hidden.read_bytes()


def test_hidden_checks_wait_for_the_solutions_that_they_need(student, capfd):
    third, unit = student.stage("second").with_name("third"), student.root / "stages/t01_tiny"
    shutil.copytree(student.stage("second"), third)
    for path, old, new in (
        (third / "stage.toml", '["first"]', '["first", "second"]'),
        (unit / "unit.toml", '"second"]', '"second", "third"]'),
    ):
        path.write_text(path.read_text().replace(old, new))
    sealed = student.root / "edition/t01.third/sealed.bin"
    sealed.parent.mkdir()
    files, code = {"solution.py": b"", "hidden/test_it.py": b""}, KEYS.code("t01.third")
    sealed.write_bytes(seal(files, code, KEYS.edition_id, "t01.third", cost=1))
    said = " ".join(run(capfd, "unlock", "third", code).split())
    assert "once t01.first and t01.second are open too" in said
    said = " ".join(run(capfd, "unlock", "second", KEYS.code("t01.second")).split())
    assert "once t01.first is open too" in said


def test_a_code_may_be_typed_in_parts_and_given_later(student, capfd, grader):
    run(capfd, "unlock", "first", *KEYS.code("t01.first").lower().split("-"))
    command = grader.command("unlock", "second")
    told = KEYS.code("t01.second") + "\n"
    done = subprocess.run(command, cwd=student.root, input=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (student.root / "solutions" / "t01_tiny" / "second" / "solution.py").is_file()


def test_unlocking_again_changes_nothing(student, capfd):
    run(capfd, "unlock", "first", KEYS.code("t01.first"))
    before = tree(student.root)
    assert "is open already" in run(capfd, "unlock", "first", KEYS.code("t01.first"))
    assert tree(student.root) == before


def test_what_is_in_the_way_is_kept(student):
    course, unit = course_of(student)
    folder = student.root / "solutions" / "t01_tiny" / "first"
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text("# mine\n")
    (folder / "notes.txt").write_text("my notes\n")
    done = unlock(course, unit, unit.stages[0], KEYS.code("t01.first"), NOW)
    assert done.kept == folder.with_name("first.2026-12-01T12-00")
    assert tree(done.kept) == {"solution.py": b"# mine\n", "notes.txt": b"my notes\n"}
    assert b"return x * 2" in (folder / "solution.py").read_bytes()


def test_a_file_in_the_way_is_kept(student, capfd):
    file = student.root / "solutions" / "t01_tiny" / "first"
    file.parent.mkdir(parents=True)
    file.write_text("my notes\n")
    said = run(capfd, "unlock", "first", KEYS.code("t01.first"))
    (kept,) = file.parent.glob("first.2*")
    assert f"is kept: solutions/t01_tiny/{kept.name}\n" in said
    assert kept.read_text() == "my notes\n"
    assert b"return x * 2" in (file / "solution.py").read_bytes()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("solutions", "solutions is a file, not a folder. Move it away"),
        ("solutions/t01_tiny", "t01_tiny: there is something of that name already. Move it away"),
    ],
)
def test_a_file_where_a_folder_must_be_is_named(student, capfd, file, said):
    (student.root / file).parent.mkdir(exist_ok=True)
    (student.root / file).write_text("my notes\n")
    assert said in refused(capfd, "unlock", "first", KEYS.code("t01.first"))
    assert (student.root / file).read_text() == "my notes\n"


def test_all_of_a_stage_appears_or_nothing(student, monkeypatch):
    course, unit = course_of(student)
    solutions = student.root / "solutions"
    stopped = OSError("the disk is full")

    def fail(descriptor):
        monkeypatch.undo()
        raise stopped

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="the disk is full"):
        unlock(course, unit, unit.stages[0], KEYS.code("t01.first"), NOW)
    assert tree(solutions) == {}
    left = solutions / "t01_tiny" / ".new-first-abc"  # as a kill would leave it
    left.mkdir()
    (left / "solution.py").write_text("half of it")
    unlock(course, unit, unit.stages[0], KEYS.code("t01.first"), NOW)
    assert {path.split("/")[1] for path in tree(solutions)} == {"first"}


REFUSED = {
    "a typing mistake": ("first", "4X7QK-9M2TD-WH3RA-PZ80C-7JX", "typing mistake"),
    "another stage's code": ("first", KEYS.code("t01.second"), "this is the code of t01.second"),
    "another edition's code": ("first", Keys(bytes(32)).code("t01.first"), "another edition"),
    "a unit": ("t01", KEYS.code("t01.first"), "several stages"),
    "no such stage": ("third", KEYS.code("t01.first"), "there is no stage 'third'"),
}


@pytest.mark.parametrize("problem", REFUSED)
def test_a_code_that_does_not_fit_is_explained_and_nothing_written(student, capfd, problem):
    stage, code, said = REFUSED[problem]
    before = tree(student.root)
    assert said in refused(capfd, "unlock", stage, code)
    assert tree(student.root) == before


def test_no_code_at_all_is_refused(student, grader):
    done = grader("unlock", "first", cwd=student.root)
    assert done.code == 2
    assert "Say the code: grader unlock t01.first CODE" in done.stderr


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.unlink(), "the sealed file is missing"),
        (lambda file: file.write_bytes(file.read_bytes()[:-1]), "the sealed file is damaged"),
        (lambda file: file.write_bytes(b""), "the sealed file is damaged"),
    ],
)
def test_a_sealed_file_that_is_gone_or_damaged_is_said(student, capfd, change, said):
    change(student.root / "edition" / "t01.first" / "sealed.bin")
    before = tree(student.root)
    assert said in refused(capfd, "unlock", "first", KEYS.code("t01.first"))
    assert tree(student.root) == before


def test_a_stage_that_was_never_sealed_needs_no_code(student, tiny_course, capfd):
    (student.root / "edition" / "t01.first" / "sealed.bin").unlink()
    shutil.copy(tiny_course.stage("first") / "solution.py", student.stage("first"))
    said = refused(capfd, "unlock", "first", KEYS.code("t01.first"))
    assert "t01.first is not sealed in this edition" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "edition.json: cannot be read"),
        ('{"version": 1, "edition": "../../up"}', "edition.json: cannot be read"),
        ('{"version": 2, "edition": "00000000"}', "version 2, and this grader reads up to 1"),
    ],
)
def test_an_edition_that_cannot_be_read_is_said(student, capfd, text, said):
    (student.root / "edition" / "edition.json").write_text(text)
    assert said in refused(capfd, "unlock", "first", KEYS.code("t01.first"))


def test_nothing_is_sealed_in_the_authors_edition(here, capfd):
    said = refused(capfd, "unlock", "first", KEYS.code("t01.first"))
    assert "this is the author's edition" in said
    assert not (here.root / "solutions").exists()


def test_a_students_edition_has_nothing_to_release(student, capfd):
    assert "this is a student's edition" in refused(capfd, "release", "first")
    assert not (student.root / SECRET_FILE).exists()
