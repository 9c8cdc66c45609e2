"""What commands report to programs: ``--json FILE``, or ``-`` for standard output."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader.cli import cli, main
from grader.edition.ledger import Entry, write_ledger
from grader.results import NamedMistake
from grader.seen import Seen, read_seen, write_seen

# What they write is for people, or has a form of its own.
WITHOUT = {"build", "completion", "edition", "export", "release", "report", "reset"}
WITHOUT |= {"submit", "unlock", "watch"}


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


def printed(capfd: Any, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run a command whose whole output is JSON; return that."""
    assert main([*arguments, "--json", "-"]) == code
    tree = json.loads(capfd.readouterr().out)
    assert tree["version"] == 1
    return tree


def test_every_command_that_reports_can_report_to_a_program():
    takes = {n for n, c in cli.commands.items() if "json_to" in [p.name for p in c.params]}
    assert takes == (set(cli.commands) - WITHOUT) | {"release"}


def test_a_file_gets_the_json_and_the_terminal_the_text(here, capfd, tmp_path):
    to = tmp_path / "list.json"
    assert main(["list", "--json", str(to)]) == 0
    assert "t01.first" in capfd.readouterr().out
    assert json.loads(to.read_text()) == printed(capfd, "list")


def test_a_place_that_cannot_be_written_is_refused(here, capfd):
    for arguments in (["list"], ["progress"], ["doctor"], ["verify", "first"]):
        assert main([*arguments, "--json", "nowhere/it.json"]) == 2
        out, err = capfd.readouterr()
        assert out == "" and "there is no folder nowhere" in err


def test_list_tells_what_stages_there_are(here, capfd):
    (unit,) = printed(capfd, "list")["units"]
    first, second = unit["stages"]
    assert (unit["id"], unit["title"]) == ("t01", "A tiny unit")
    assert (first["id"], first["needs"], first["points"]) == ("t01.first", [], 6)
    assert second["needs"] == ["t01.first"]
    assert (here.root / second["file"]).is_file()
    assert [c["id"] for c in first["criteria"]] == ["double", "size", "long"]
    assert [c["slow"] for c in first["criteria"]] == [False, False, True]


def test_hint_tells_the_hints_so_far_and_counts_the_same(here, capfd):
    mistake = NamedMistake("t01.first.thrice", "double", "triples", ("one", "two", "three"))
    write_seen(here.root, {"t01.first": Seen((mistake,), 1)})
    for hints in (["one", "two"], ["one", "two", "three"]):
        tree = printed(capfd, "hint", "first")
        assert tree["mistakes"] == [
            {
                "id": mistake.id,
                "function": "double",
                "name": "triples",
                "hints": hints,
                "of": 3,
            }
        ]
    assert read_seen(here.root)["t01.first"].step == 3
    tree = printed(capfd, "hint", "second")
    assert (tree["stage"], tree["mistakes"]) == ("t01.second", [])
    assert len(tree["general"]["hints"]) <= tree["general"]["of"]


def test_verify_tells_the_proof_of_each_stage(here, capfd):
    (here.stage("first") / "mistakes.py").write_text("from grader.mistakes import mistake\n")
    tree = printed(capfd, "verify", "first", code=1)
    (proof,) = tree["stages"]
    assert (proof["stage"], proof["mistakes"]) == ("t01.first", 0)
    assert proof["problems"] == ["long has no hidden check"]


def test_release_tells_how_stages_stand_and_codes_only_when_asked(here, capfd, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "ab" * 32)
    at = datetime(2026, 12, 1, 18, tzinfo=UTC)
    write_ledger(here.root, {"t01.first": Entry(at, "0123abcd", published=True)})
    first, second = printed(capfd, "release", "--status")["stages"]
    assert (first["id"], first["state"]) == ("t01.first", "published")
    assert datetime.fromisoformat(first["when"]) == at
    assert second == {"id": "t01.second", "state": "closed", "when": None}
    write_ledger(here.root, {})  # codes are of the edition that the secret is of
    tree = printed(capfd, "release", "--status", "--codes", "second")
    assert [s["id"] for s in tree["stages"]] == ["t01.second"]
    assert len(tree["stages"][0]["code"]) > 20
    assert main(["release", "first", "--json", "-"]) == 2
    assert "--json belongs to --status" in capfd.readouterr().err


def hand_in(folder: Path, **files: str) -> None:
    for student, text in files.items():
        (folder / student).mkdir(parents=True)
        (folder / student / "first.py").write_text(text)


def test_similar_tells_the_pairs_and_whom_it_could_not_read(here, capfd, tmp_path):
    mine = "\n".join(
        f"def f{i}(n):\n    y{i} = n * {i} + {i * i}\n    return y{i} % 7" for i in range(12)
    )
    hand_in(tmp_path / "subs", ann=mine, bob=mine, cleo="x = 1\n")
    (tmp_path / "subs" / "dan").mkdir()
    tree = printed(capfd, "similar", str(tmp_path / "subs"), "--html", str(tmp_path / "p.html"))
    (pair,) = tree["pairs"]
    assert (pair["first"], pair["second"], pair["stage"]) == ("ann", "bob", "t01.first")
    assert pair["share"] > 0.9
    assert list(tree["refused"]) == ["dan"]
    assert set(tree["names"]) == {"ann", "bob", "cleo", "dan"}


@pytest.mark.skipif(sys.platform == "win32", reason="grading needs fork")
def test_grade_tells_what_it_came_to(here, grader, tmp_path):
    hand_in(tmp_path / "subs", ann="def double(x):\n    return x * 2\n")
    (tmp_path / "subs" / "dan").mkdir()
    out = str(tmp_path / "grades")
    arguments = ["grade", str(tmp_path / "subs"), "first", "--out", out, "--jobs", "1"]
    done = grader(*arguments, "--json", "-", cwd=here.root)
    tree = json.loads(done.stdout)
    assert done.code == 1
    assert (tree["version"], tree["folder"], tree["submissions"]) == (1, out, 2)
    assert tree["standings"] == {"graded": 1, "refused": 1, "broken": 0}
    assert (tree["median"], tree["possible"]) == (4, 6)
    assert [each["student"] for each in tree["trouble"]] == ["dan"]
    assert (tree["gone"], tree["changed"]) == ([], [])
