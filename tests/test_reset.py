"""``grader reset``: a stub again, and nothing lost."""

import subprocess

import pytest

from grader.cli import main
from grader.kept import is_kept


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


def kept_files(course, name: str) -> list[bytes]:
    return sorted(f.read_bytes() for f in course.stage(name).iterdir() if is_kept(f.name))


def test_reset_makes_a_stub_and_keeps_what_stood_there(here, capfd):
    stub = here.file("first").read_bytes()
    for mine in (b"mine = 1\n", b"mine = 2\r\n"):  # twice in one minute, too
        here.file("first").write_bytes(mine)
        assert main(["reset", "first", "--yes"]) == 0
        out = capfd.readouterr().out
        assert here.file("first").read_bytes() == stub
        kept = here.root / out.split("is kept: ")[1].strip()
        assert kept.read_bytes() == mine
        assert kept.parent == here.stage("first") and kept.suffix == ".py"
    assert kept_files(here, "first") == [b"mine = 1\n", b"mine = 2\r\n"]


@pytest.mark.parametrize("change", [b"\n", b"\r\n"], ids=["as it was", "saved on Windows"])
def test_an_untouched_file_needs_no_reset(here, capfd, change):
    untouched = b"\xef\xbb\xbf" * (change != b"\n") + here.file("first").read_bytes()
    here.file("first").write_bytes(untouched.replace(b"\n", change))
    before = here.file("first").read_bytes()
    assert main(["reset", "first"]) == 0
    assert "is a stub already: there is nothing to do" in capfd.readouterr().out
    assert here.file("first").read_bytes() == before
    assert kept_files(here, "first") == []


def test_a_missing_file_is_made_anew_without_a_question(here, capfd):
    stub = here.file("first").read_bytes()
    here.file("first").unlink()
    assert main(["reset", "t01.first"]) == 0
    assert here.file("first").read_bytes() == stub
    assert capfd.readouterr().out == "stages/t01_tiny/first/first.py is a stub.\n"


def test_a_folder_in_the_place_of_the_file_makes_room(here):
    stub = here.file("first").read_bytes()
    here.file("first").unlink()
    here.file("first").mkdir()
    (here.file("first") / "mine.txt").write_text("mine")
    assert main(["reset", "first", "--yes"]) == 0
    assert here.file("first").read_bytes() == stub
    assert [f.read_text() for f in here.stage("first").glob("*/mine.txt")] == ["mine"]


def test_reset_asks_first(here, grader, capfd):
    here.file("first").write_text("mine\n")
    refused = grader("reset", "first", cwd=here.root)
    assert refused.code == 2 and "add --yes" in refused.stderr
    for answer, code in (("n\n", 1), ("\n", 1), ("y\n", 0)):
        assert here.file("first").read_text() == "mine\n"
        assert asked(grader, here, answer) == code
    assert kept_files(here, "first") == [b"mine\n"]


def asked(grader, course, answer: str) -> int:
    """Answer the question of a reset on a terminal; return the exit code."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        grader.command("reset", "first"), cwd=course.root, stdin=theirs, stdout=subprocess.PIPE
    )
    with open(ours, "wb", 0) as keys, open(theirs, "rb", 0):
        keys.write(answer.encode())
        out, _ = process.communicate(timeout=30)
    assert b"Make stages/t01_tiny/first/first.py a stub again?" in out
    assert (b"Nothing was changed." in out) is (process.returncode == 1)
    return process.returncode


def test_one_stage_is_reset_at_a_time(here, capfd):
    assert main(["reset", "t01", "--yes"]) == 2
    assert "t01 is 2 stages" in capfd.readouterr().err


def test_without_a_stub_nothing_is_reset(here, capfd):
    (here.stage("first") / "solution.py").unlink()
    here.file("first").write_text("mine\n")
    assert main(["reset", "first", "--yes"]) == 2
    assert "the stub cannot be made" in capfd.readouterr().err
    assert here.file("first").read_text() == "mine\n"
    assert kept_files(here, "first") == []
