"""Handing in: what goes into the zip file, what is warned of, and what is refused."""

import hashlib
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

import grader as package
from grader.cli import main
from grader.course import Course
from grader.results import from_json
from grader.submit import look, pack

NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
FIRST = "stages/t01_tiny/first/first.py"
SECOND = "stages/t01_tiny/second/second.py"


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


def run(capfd, *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run a command; return what it printed."""
    capfd.readouterr()
    assert main(list(arguments)) == code
    out, err = capfd.readouterr()
    assert "Traceback" not in err
    assert all(len(line) <= 80 for line in (out + err).splitlines())
    return out, err


def contents(path: str | Path = "submission.zip") -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def manifest(path: str | Path = "submission.zip") -> dict:
    return json.loads(contents(path)["manifest.json"])


# --- what is inside ---------------------------------------------------------------------------
def test_the_zip_holds_the_files_and_a_manifest(here, capfd):
    here.solve()
    out, _ = run(capfd, "submit")
    inside = contents()
    assert list(inside) == [FIRST, SECOND, "manifest.json"]
    for name in (FIRST, SECOND):
        assert inside[name] == (here.root / name).read_bytes()
        assert name in out
    about = manifest()
    made = datetime.fromisoformat(about.pop("made"))
    assert made.tzinfo is not None and abs((datetime.now(UTC) - made).total_seconds()) < 60
    hashes = {
        f"t01.{name}": hashlib.sha256(here.file(name).read_bytes()).hexdigest()
        for name in ("first", "second")
    }
    assert about == {
        "version": 1,
        "edition": "author",
        "unit": "t01",
        "stages": hashes,
        "grader": package.__version__,
        "report": None,
        "handed": {},
    }
    assert f"{Path('submission.zip').stat().st_size / 1024:.1f} KB" in out
    assert "Hand in submission.zip" in out


def test_the_stages_that_are_named_are_handed_in(here, capfd):
    out, _ = run(capfd, "submit", "first", "--out", "week1.zip")
    assert list(contents("week1.zip")) == [FIRST, "manifest.json"]
    assert "Hand in week1.zip" in out
    assert not Path("submission.zip").exists()


def test_an_edition_is_named_in_the_manifest(here, capfd):
    Path("edition").mkdir()
    about = {"version": 1, "edition": "0123abcd", "x": 1, "handed": {"t01.first": "a", "t0": "b"}}
    Path("edition/edition.json").write_text(json.dumps(about))
    run(capfd, "submit")
    assert (manifest()["edition"], manifest()["handed"]) == ("0123abcd", {"t01.first": "a"})


def test_the_same_files_give_the_same_bytes(here):
    course = Course(here.root)
    unit = course.units[0]
    first = pack(course, unit, look(course, unit.stages), NOW)
    for path in here.unit.rglob("*.py"):
        os.utime(path, (1, 1))
    assert pack(course, unit, look(course, unit.stages), NOW).data == first.data
    Path("one.zip").write_bytes(first.data)
    with zipfile.ZipFile("one.zip") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}
    here.solve(["first"])
    assert pack(course, unit, look(course, unit.stages), NOW).data != first.data


def test_the_last_report_goes_with_it_as_the_student_saw_it(here, grader, capfd):
    here.solve(["first"])
    seen = grader.check("first", "--quick", cwd=here.root)
    out, _ = run(capfd, "submit")
    assert manifest()["report"] == seen.report
    assert from_json(json.dumps(manifest()["report"])).stages[0].id == "t01.first"
    assert "Note: there is no report" not in out and "changed since" not in out
    here.file("first").write_text(here.file("first").read_text() + "\n")
    later = here.file("first").stat().st_mtime + 10
    os.utime(here.file("first"), (later, later))
    out, _ = run(capfd, "submit")
    assert "changed since the last check, which goes with it: t01.first" in out
    here.file("first").write_text("")  # what is empty was emptied
    os.utime(here.file("first"), (later, later))
    out, _ = run(capfd, "submit")
    assert "changed since the last check, which goes with it: t01.first" in out


def test_the_check_of_a_solution_is_not_the_students_report(here, grader, capfd):
    grader("check", "first", "--quick", "--solution", cwd=here.root)
    assert not Path(".grader/last.json").exists()
    out, _ = run(capfd, "submit")
    assert manifest()["report"] is None
    assert "Run: grader check" in out


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b'{"version": 99}', b"[" * 50_000])
def test_a_damaged_report_is_left_out(here, capfd, text):
    Path(".grader").mkdir()
    Path(".grader/last.json").write_bytes(text)
    out, _ = run(capfd, "submit")
    assert manifest()["report"] is None
    assert "there is no report of a check in it" in out


# --- what is said about the files -------------------------------------------------------------
def test_what_is_still_to_be_written_is_a_warning(here, capfd):
    here.solve(["second"])
    out, _ = run(capfd, "submit")
    assert "t01.first: still to be written: double, size" in out
    assert "t01.second" not in out.partition("Note:")[2]


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfdef double(x):\r\n    return x + x\r\n",
        b"# -*- coding: latin-1 -*-\nname = 'gr\xfc\xdfe'\n",
        b"pattern = '\\d'\n",
        b"",
    ],
)
def test_python_is_handed_in_as_it_is_whatever_editor_wrote_it(here, capfd, source):
    here.file("first").write_bytes(source)
    _, err = run(capfd, "submit")
    assert contents()[FIRST] == source
    assert err == ""


BROKEN = {
    "no Python": (b"x = 1\ndef double(x)\n    return x\n", 2, "def double(x)"),
    "with Windows line ends": (b"\xef\xbb\xbfx = 1\r\n\r\nif x:\r\nreturn\r\n", 4, "return"),
    "in another encoding": (b"# one\nname = 'gr\xfc\xdfe'\n", 2, "name ="),
    "in UTF-16": ("x = 1\n".encode("utf-16"), None, "it is UTF-16, not UTF-8"),
    "with a null byte": (b"x = 1\0\n", None, "null byte"),
    "nested too deeply": (b"x = " + b"(" * 5000 + b")" * 5000 + b"\n", None, "nest"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_is_no_python_is_shown_and_not_handed_in(here, capfd, kind):
    source, line, said = BROKEN[kind]
    here.file("first").write_bytes(source)
    out, err = run(capfd, "submit", code=1)
    assert out == ""
    assert FIRST in err and said in err
    if line:
        assert f"{FIRST}, line {line}: " in err
    assert "--anyway" in err
    assert not Path("submission.zip").exists()
    run(capfd, "submit", "--anyway")
    assert contents()[FIRST] == source


def test_a_stage_without_a_file_is_a_warning_and_nothing_at_all_is_refused(here, capfd):
    here.file("first").unlink()
    out, _ = run(capfd, "submit")
    assert "t01.first: there is no first.py" in out
    assert list(contents()) == [SECOND, "manifest.json"]
    _, err = run(capfd, "submit", "first", code=2)
    assert "there is no file to hand in: t01.first" in err


def test_a_file_far_too_large_is_refused(here, capfd):
    here.file("first").write_bytes(b"#" * (2**20 + 1))
    _, err = run(capfd, "submit", "--anyway", code=2)
    assert f"{FIRST}: larger than 1 MB" in err


def test_nothing_of_the_students_code_runs(here, capfd):
    here.file("first").write_text("open('ran', 'w')\nraise SystemExit\n")
    run(capfd, "submit")
    assert not Path("ran").exists()


# --- where it goes ----------------------------------------------------------------------------
def test_the_submission_before_is_kept(here, capfd):
    run(capfd, "submit")
    before = Path("submission.zip").read_bytes()
    here.solve()
    for count in (1, 2):
        out, _ = run(capfd, "submit")
        kept = sorted(Path().glob("submission.2*.zip"))
        assert len(kept) == count
        assert "The one before is kept as submission.2" in out
    assert before in [path.read_bytes() for path in kept]
    assert b"return n - k + 1" in contents()[FIRST]


@pytest.mark.parametrize(
    ("out", "said"), [("stages", "is a folder"), ("no/where.zip", "there is no folder no")]
)
def test_a_place_that_cannot_be_written_is_refused(here, capfd, out, said):
    _, err = run(capfd, "submit", "--out", out, code=2)
    assert said in err
    assert "--out" in err


def test_only_a_zip_file_is_written_or_replaced(here, capfd):
    before = Path(FIRST).read_bytes()
    assert "ends in .zip" in run(capfd, "submit", "--out", FIRST, code=2)[1]
    assert Path(FIRST).read_bytes() == before
    os.mkfifo("pipe.zip")
    assert "no ordinary file" in run(capfd, "submit", "--out", "pipe.zip", code=2)[1]


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(here, capfd):
    Path(FIRST).unlink()
    os.mkfifo(FIRST)
    assert "no ordinary file" in run(capfd, "submit", code=2)[1]
