"""The autograder for Gradescope: its zip, unpacked and run as in a container."""

import datetime
import io
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import jsonschema
import pytest

from grader import confine
from grader.cli import main
from grader.errors import GraderError
from grader.gradescope import run
from grader.gradescope.metadata import read_metadata
from grader.late import Policy

ROOT = Path(__file__).resolve().parent.parent
GRADESCOPE = json.loads((ROOT / "tests" / "expected" / "gradescope.schema.json").read_text())
METADATA = {
    "id": 42,
    "created_at": "2026-12-02T12:00:00.000000-08:00",
    "assignment": {"due_date": "2026-12-01T18:00:00.000000-08:00", "total_points": "6.0"},
    "users": [{"email": "jane@example.edu", "id": 1234, "name": "Jane Doe"}],
    "previous_submissions": [],
}
WRONG = "def double(x):\n    return x + x + 1\n\n\ndef size(n, k):\n    return n\n"
HOSTILE = """
import json, os, signal, sys
print("SCORE 100")
for place in ({results!r}, "results.json", "/tmp/results.json"):
    try:
        open(place, "w").write(json.dumps({{"score": 100}}))
    except OSError:
        pass
try:
    os.kill(os.getppid(), signal.SIGKILL)
except OSError:
    pass
os._exit(0)
"""


class Container:
    """A folder laid out as Gradescope lays out ``/autograder``."""

    def __init__(self, root, archive):
        self.root = root
        self.results = root / "results" / "results.json"
        for folder in ("source", "submission", "results"):
            (root / folder).mkdir(parents=True)
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            for info in content.infolist():
                path = Path(content.extract(info, root / "source"))
                path.chmod((info.external_attr >> 16) & 0o777)
        self.write("submission_metadata.json", json.dumps(METADATA))

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, python=sys.executable):
        """Run the autograder; return what it leaves for Gradescope."""
        environment = os.environ | {
            "AUTOGRADER_ROOT": str(self.root),
            "AUTOGRADER_PYTHON": python,
            "PYTHONPATH": str(self.root / "source"),  # and not the repository
        }
        done = subprocess.run(
            [self.root / "source" / "run_autograder"],
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(self.results.read_text())
        jsonschema.validate(found, GRADESCOPE)
        assert list(self.results.parent.iterdir()) == [self.results]
        return found


def packed(course, out, *options):
    """Make an autograder from the course in a folder, by the command."""
    before = Path.cwd()
    os.chdir(course)
    try:
        arguments = ["export", "--to", "gradescope-autograder", "--out", str(out), *options]
        assert main(arguments) == 0
    finally:
        os.chdir(before)
    return out.read_bytes()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, tiny_course_in):
    """The tiny course with what a repository has around one, secrets included."""
    root = tmp_path_factory.mktemp("tiny") / "course"
    tiny_course_in(root)
    for name in ("pyproject.toml", "README.md"):
        shutil.copyfile(ROOT / name, root / name)
    for name in (".grader/secret", ".git/config", "stages/.cache/x", "stages/t01_tiny/a.pyc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("TOP SECRET")
    return root


@pytest.fixture(scope="module")
def archive(tiny, tmp_path_factory):
    """An autograder for the stage ``first``."""
    return packed(tiny, tmp_path_factory.mktemp("zip") / "a.zip", "--stage", "first")


@pytest.fixture
def container(archive, tmp_path):
    return Container(tmp_path / "autograder", archive)


# --- the zip ------------------------------------------------------------------------------
def test_the_scripts_lie_at_the_root_and_may_be_executed(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        for name in ("setup.sh", "run_autograder"):
            info = content.getinfo(name)
            assert info.create_system == 3
            assert (info.external_attr >> 16) & 0o777 == 0o755
            text = content.read(name).decode()
            assert text.startswith("#!/usr/bin/env bash\n")
            assert "set -euo pipefail" in text
            assert "\r" not in text
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def test_the_zip_has_the_course_with_its_answers_and_no_secrets(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        names = content.namelist()
        everything = b"".join(content.read(name) for name in names)
    assert {"pyproject.toml", "README.md", "grader/cli/__init__.py"} <= set(names)
    assert "stages/t01_tiny/first/solution.py" in names
    assert "stages/t01_tiny/first/checks/hidden/test_first_hidden.py" in names
    assert b"TOP SECRET" not in everything
    assert not [n for n in names if "__pycache__" in n or "/." in n or n.startswith((".", "/"))]
    assert len(names) == len(set(names))


def test_the_same_course_gives_the_same_zip(tiny, archive, tmp_path):
    again = packed(tiny, tmp_path / "b.zip", "--stage", "first")
    assert again == archive


def test_the_setup_asks_for_the_python_that_the_project_needs(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as content:
        setup = content.read("setup.sh").decode()
        project = tomllib.loads(content.read("pyproject.toml").decode())["project"]
    oldest = project["requires-python"].removeprefix(">=")
    assert f"({oldest.replace('.', ', ')})" in setup
    assert f"needs Python {oldest}" in setup


def test_no_autograder_without_the_answers(tiny, tmp_path, tiny_course_in, capsys, monkeypatch):
    course = tiny_course_in(tmp_path / "course")
    (course.stage("first") / "solution.py").unlink()
    monkeypatch.chdir(course.root)
    out = tmp_path / "a.zip"
    assert main(["export", "--to", "gradescope-autograder", "--out", str(out)]) == 2
    assert "author's" in capsys.readouterr().err
    assert not out.exists()


# --- a submission -------------------------------------------------------------------------
def test_a_right_submission_of_the_real_course(tmp_path):
    content = packed(ROOT, tmp_path / "a.zip", "--stage", "padding")
    container = Container(tmp_path / "autograder", content)
    solution = ROOT / "stages" / "s13_cnn" / "padding" / "solution.py"
    shutil.copyfile(solution, container.root / "submission" / "padding.py")
    found = container.run()
    assert (found["score"], found["extra_data"]["possible"]) == (10, 10)
    assert found["extra_data"]["sandbox"] in ("L1", "L2")
    assert [test["status"] for test in found["tests"]] == ["passed"] * 5


def test_a_wrong_submission_gets_evidence_and_its_hidden_checks_later(container):
    container.write("submission/first.py", WRONG)
    found = container.run()
    assert found["score"] == 0
    visible = [test for test in found["tests"] if test["visibility"] == "visible"]
    hidden = [test for test in found["tests"] if test["visibility"] != "visible"]
    assert [test["max_score"] for test in visible] == [3, 2, 1]
    assert "double(" in visible[0]["output"]
    assert {test["visibility"] for test in hidden} == {"after_published"}
    assert all("hidden" in test["tags"] for test in hidden)


def test_a_file_deep_in_the_submission_is_found(container, tiny):
    solution = (tiny / "stages/t01_tiny/first/solution.py").read_text()
    container.write("submission/my work/stages/first.py", solution)
    assert container.run()["score"] == 6


def test_an_empty_submission_is_told_what_is_missing(container):
    found = container.run()
    assert found["score"] == 0
    assert "nothing was handed in" in found["output"]
    container.write("submission/essay.txt", "It was late.")
    found = container.run()
    assert found["score"] == 0
    assert "first.py" in found["output"]


def test_a_hostile_submission_writes_no_result(container):
    container.write("submission/first.py", HOSTILE.format(results=str(container.results)))
    found = container.run()
    assert found["score"] == 0
    assert found["extra_data"]["standing"] == "graded"


def test_links_are_not_followed(container, tiny):
    solution = container.root / "source/stages/t01_tiny/first/solution.py"
    (container.root / "submission" / "first.py").symlink_to(solution)
    assert container.run()["score"] == 0


@pytest.mark.parametrize("text", ["", "[", '{"users": 3}', '{"id": 7, "users": [{"id": []}]}'])
def test_metadata_that_cannot_be_read_is_a_note(tmp_path, text):
    path = tmp_path / "submission_metadata.json"
    path.write_text(text)
    found, note = read_metadata(path)
    assert [student.key for student in found.students] == ["submission"]
    assert "not known" in note


def test_without_metadata_there_are_points_all_the_same(container, tiny):
    solution = tiny / "stages/t01_tiny/first/solution.py"
    shutil.copyfile(solution, container.root / "submission" / "first.py")
    (container.root / "submission_metadata.json").unlink()
    found = container.run()
    assert found["score"] == 6
    assert "Note: who handed in, and when, is not known" in found["output"]


def test_of_a_group_the_smallest_penalty_counts(tmp_path):
    path = tmp_path / "submission_metadata.json"
    users = [{"email": "jane@example.edu"}, {"email": "ron@example.edu"}]
    path.write_text(json.dumps(METADATA | {"users": users}))
    found, note = read_metadata(path)
    assert note == ""
    due = datetime.datetime.fromisoformat("2026-12-01T18:00:00-08:00")
    assert found.late(Policy(due, 10)).percent == 10
    extended = {"ron@example.edu": due + datetime.timedelta(days=7)}
    assert found.late(Policy(due, 10, extensions=extended)) is None


def test_lateness_counts_when_the_instructor_chose_so(tiny, tmp_path):
    late = tmp_path / "late.toml"
    late.write_text("due = 2026-12-01T18:00:00-08:00\npercent_per_day = 50\n")
    content = packed(tiny, tmp_path / "a.zip", "--stage", "first", "--late", str(late))
    container = Container(tmp_path / "autograder", content)
    solution = tiny / "stages/t01_tiny/first/solution.py"
    shutil.copyfile(solution, container.root / "submission" / "first.py")
    found = container.run()
    assert found["score"] == 3
    assert "50 % of 6 points are taken off: 1 day late" in found["output"]


# --- when something of ours breaks ----------------------------------------------------------
@pytest.mark.parametrize(
    "damage",
    ["source/autograder.json", "source/stages/t01_tiny/unit.toml", "source/grader/results.py"],
)
def test_what_is_broken_of_ours_leaves_a_result_that_says_so(container, damage):
    container.write("submission/first.py", WRONG)
    container.write("results/results.json", '{"score": 99}')
    container.write(damage, "]")
    found = container.run()
    assert found["score"] == 0
    assert "the grader's fault, not yours" in found["output"]


def test_without_python_there_is_a_result_too(container):
    container.write("results/results.json", '{"score": 99}')
    found = container.run(python="/no/such/python")
    assert found["score"] == 0
    assert "Tell your instructor" in found["output"]


class NoSandbox:
    """Stands for a container in which nothing confines."""

    def __init__(self, level):
        self.level = level

    def __enter__(self):
        if self.level != "none":
            raise GraderError("not here")
        return self

    def __exit__(self, *_):
        pass

    def settle(self):
        return self


def test_without_a_sandbox_nothing_is_graded_unless_that_is_allowed(container, monkeypatch):
    monkeypatch.setattr(run, "Sandbox", NoSandbox)
    monkeypatch.delenv(run.ALLOW, raising=False)
    container.write("submission/first.py", WRONG)
    assert run.main(["--root", str(container.root)]) == 1
    found = json.loads(container.results.read_text())
    jsonschema.validate(found, GRADESCOPE)
    assert "no sandbox works" in found["output"]
    assert run.ALLOW in found["output"]
    monkeypatch.setenv(run.ALLOW, "1")
    assert run.main(["--root", str(container.root)]) == 0
    found = json.loads(container.results.read_text())
    assert found["extra_data"]["sandbox"] == "none"
    assert "without a sandbox" in found["output"]


def test_an_interruption_leaves_a_result(container, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "best_level", interrupt)
    assert run.main(["--root", str(container.root)]) == 1
    assert "the grader's fault" in json.loads(container.results.read_text())["output"]


@pytest.mark.skipif("Landlock" in confine.supported(), reason="this kernel confines nobody")
def test_the_container_is_tried_when_its_image_is_built(container, capfd):
    assert run.main(["--root", str(container.root), "--self-test"]) == 0
    assert "t01.first" in capfd.readouterr().out
    container.write("source/autograder.json", '{"stages": ["nothing"]}')
    assert run.main(["--root", str(container.root), "--self-test"]) == 1
