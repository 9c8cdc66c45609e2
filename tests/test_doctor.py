"""What ``grader doctor`` looks at, and what it says."""

import hashlib
import json
import sys

import pytest

from grader import confine
from grader.cli import main
from grader.course import Course
from grader.doctor import machine
from grader.doctor.files import course_files, namesakes, own_files
from grader.doctor.project import Project, read_project
from grader.findings import State

UNIT = "stages/t01_tiny"
FIRST = f"{UNIT}/first"
PYPROJECT = """
[project]
requires-python = ">=3.11"
dependencies = ["numpy>=1.26", "nonexistent-thing>=2", "click>=999", "other; python_version<'3'"]

[project.optional-dependencies]
notebooks = ["nonexistent-notebook"]
"""
INTACT = "good: edition 0123abcd, its files are as they were handed out"
EDITION = {"version": 1, "edition": "0123abcd"}


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


def told(findings) -> list[str]:
    """All that is said of findings, each of which must be shown with what to do."""
    findings = list(findings)
    assert all(bool(f.fix) is (f.state is not State.GOOD) for f in findings)
    return [f"{f.state.value}: {f.found}" for f in findings]


# --- the whole of it --------------------------------------------------------------------------
def test_where_all_is_well_it_says_so(here, capfd):
    assert main(["doctor"]) == 0
    out = capfd.readouterr().out
    assert out.endswith("\nAll is well.\n")
    assert "Python" in out and "NumPy" in out and "sandbox" in out
    assert max(map(len, out.splitlines())) <= 80
    assert not list(here.root.glob("*/.new-*"))


def test_each_finding_says_what_to_do(here, capfd):
    (here.root / "pyproject.toml").write_text(PYPROJECT)
    (here.root / "numpy.py").touch()
    here.file("first").write_text("def size(n, k)\n    return 1\n")
    here.file("second").unlink()
    assert main(["doctor", "--json", "-"]) == 1
    tree = json.loads(capfd.readouterr().out)
    assert tree["version"] == 1
    wrong = {f["found"]: f["fix"] for f in tree["findings"] if f["state"] == "wrong"}
    assert tree["wrong"] == len(wrong) == 5
    words = {
        "nonexistent-thing>=2 is not installed": "uv sync",
        "click is": "uv sync",
        "first.py, line 1: expected ':'": "grader reset first",
        "there is no stages/t01_tiny/second/second.py": "grader reset second",
        "numpy.py is named like a module": "my_numpy.py",
    }
    for found, fix in words.items():
        assert [fix in wrong[text] for text in wrong if found in text] == [True], found
    notes = [f["found"] for f in tree["findings"] if f["state"] == "note"]
    assert "nonexistent-notebook is not installed" in notes


def test_a_course_file_that_is_broken_is_a_finding_among_others(here, capfd):
    (here.unit / "unit.toml").write_text("id = 1")
    assert main(["doctor", "--json", "-"]) == 1
    found = json.loads(capfd.readouterr().out)["findings"]
    assert {f["about"] for f in found} >= {"Python", "sandbox", "writing", "course"}
    assert ["unit.toml" in f["found"] for f in found if f["state"] == "wrong"] == [True]


# --- the machine ------------------------------------------------------------------------------
def test_an_old_python_is_told_what_is_asked_for():
    finding = machine.python(Project(python=">=4"))
    assert finding.state is State.WRONG
    assert ">=4 is asked for" in finding.found


@pytest.mark.parametrize("text", ["[project", "[project]\ndependencies = ['!']\n", ""])
def test_a_project_that_says_nothing_asks_for_nothing(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    assert read_project(tmp_path) == Project()


@pytest.mark.parametrize("ends", ["raise ImportError('no such library')", "import os; os.abort()"])
def test_a_numpy_that_cannot_be_imported_is_wrong(tmp_path, monkeypatch, ends):
    (tmp_path / "numpy.py").write_text(ends)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    finding = machine.numpy(tmp_path)
    assert finding.state is State.WRONG
    assert ("no such library" in finding.found) or ("status" in finding.found)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no sandbox to lack")
def test_why_there_is_no_better_sandbox_is_said(monkeypatch):
    monkeypatch.setattr("grader.sandbox.shutil.which", lambda name: None)
    finding = machine.sandbox()
    if finding.found.startswith("none"):
        pytest.skip(finding.found)
    assert (finding.state, finding.found[:2]) == (State.NOTE, "L1")
    assert "apt install bubblewrap" in finding.fix
    monkeypatch.setattr(confine, "supported", lambda: ["Landlock"])
    finding = machine.sandbox()
    assert (finding.state, finding.found[:4]) == (State.NOTE, "none")
    assert "without a sandbox" in finding.found


def test_a_place_that_takes_no_file_is_named(tmp_path):
    (tmp_path / ".grader").write_text("a file, where a folder should be")
    missing = [tmp_path / "missing", tmp_path / "gone"]
    said = told(machine.writing(tmp_path, missing))
    assert [line.startswith("wrong: ") for line in said] == [True, True]
    assert said[0].splitlines()[1:] == [str(tmp_path / ".grader")]
    assert said[1].splitlines()[1:] == [str(path) for path in missing]


# --- the files --------------------------------------------------------------------------------
def edition(root, **extra: str) -> None:
    files = [f"{UNIT}/given.py", f"{FIRST}/README.md"]
    digests = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in files}
    (root / "edition").mkdir()
    (root / "edition" / "edition.json").write_text(
        json.dumps(EDITION | {"files": digests | extra})
    )


def test_the_files_of_an_edition_are_compared_with_what_was_handed_out(here):
    assert told(course_files(Course(here.root)))[0].startswith("good: the author's own")
    edition(here.root)
    assert told(course_files(Course(here.root))) == [INTACT]
    (here.unit / "first" / "README.md").write_text("my notes")
    here.file("first").write_text("my answer")
    assert told(course_files(Course(here.root))) == [INTACT]
    (here.unit / "first" / "README.md").unlink()
    (said,) = told(course_files(Course(here.root)))
    assert said == f"wrong: incomplete, without {FIRST}/README.md"
    (here.unit / "first" / "README.md").write_text("my notes")
    (here.unit / "given.py").write_text("changed")
    (said,) = told(course_files(Course(here.root)))
    assert said == "wrong: changed since it was handed out: stages/t01_tiny/given.py"


def test_what_is_missing_is_told_from_what_was_changed(here):
    edition(here.root, **{"edition/t01.first/sealed.bin": "0", f"{FIRST}/stage.toml": "0"})
    (here.unit / "given.py").unlink()
    gone, changed = told(course_files(Course(here.root)))
    assert gone == f"wrong: incomplete, without {UNIT}/given.py, edition/t01.first/sealed.bin"
    assert changed == f"wrong: changed since it was handed out: {FIRST}/stage.toml"


@pytest.mark.parametrize("name", ["first/stage.toml", "unit.toml"])
def test_a_course_that_cannot_be_read_names_what_is_missing(here, capfd, monkeypatch, name):
    edition(here.root, **{f"{UNIT}/{name}": "0"})
    (here.unit / name).unlink()
    monkeypatch.chdir(here.unit)
    assert main(["doctor"]) == 1
    said = " ".join(capfd.readouterr().out.split())
    assert f"incomplete, without {UNIT}/{name} Get the course again" in said
    assert "1 of 5 needs mending" in said
    assert main(["check"]) == 2
    assert "handed out: grader doctor" in capfd.readouterr().err


def test_an_edition_that_does_not_say_which_it_is_is_not_the_authors(here):
    (here.root / "edition" / "t01.first").mkdir(parents=True)
    (said,) = told(course_files(Course(here.root)))
    assert said == "wrong: edition/edition.json is missing: this copy of the course is incomplete."


def test_of_many_changed_files_some_are_named(here):
    edition(here.root, **{f"f{i}.py": "0" for i in range(9)})
    (said,) = told(course_files(Course(here.root)))
    assert said.endswith("f0.py, f1.py, f2.py, f3.py, f4.py, and 4 more")


def test_a_damaged_list_of_files_is_said(here):
    (here.root / "edition").mkdir()
    (here.root / "edition" / "edition.json").write_text("{")
    (said,) = told(course_files(Course(here.root)))
    assert said.startswith("wrong: ") and "edition.json: cannot be read" in said


SOURCES = {
    "Windows line endings": (b"x = 1\r\ny = 2\r\n", "good", "all 2 are Python"),
    "a mark": (b"\xef\xbb\xbfx = 1\n", "note", "begins with a byte order mark"),
    "UTF-16": ("x = 1\n".encode("utf-16"), "wrong", "first.py: it is UTF-16, not UTF-8"),
    "Latin-1": ("x = 'größe'\n".encode("latin-1"), "wrong", "can't decode byte"),
    "zeros": (bytes(20), "wrong", "null bytes"),
    "too large": (b"#" * (2**20 + 1), "wrong", "larger than 1 MB"),
    "half written": (b"def f(:\n", "wrong", "line 1: invalid syntax"),
}


@pytest.mark.parametrize("case", SOURCES)
def test_a_file_is_looked_at_as_an_editor_saved_it(here, case):
    source, state, words = SOURCES[case]
    here.file("first").write_bytes(source)
    (said,) = told(own_files(Course(here.root)))
    assert said.startswith(f"{state}: ")
    assert words in said


def test_a_folder_in_the_place_of_a_file_is_said(here):
    here.file("first").unlink()
    here.file("first").mkdir()
    (said,) = told(own_files(Course(here.root)))
    assert "no ordinary file" in said


def test_what_python_would_take_for_a_module_is_named_wherever_it_lies(here):
    course = Course(here.root)
    assert told(namesakes(course, Project())) == []
    (here.root / "random").mkdir()  # no package: Python passes it over
    (here.root / "my_numpy.py").touch()
    assert told(namesakes(course, Project())) == []
    for folder in (here.root, here.root / "stages", here.unit, here.stage("first")):
        (folder / "random.py").touch()
        (folder / "typing").mkdir()
        (folder / "typing" / "__init__.py").touch()
    (here.stage("second") / "grader.py").touch()
    said = told(namesakes(course, Project()))
    assert [line.split()[1] for line in said] == [
        "random.py",
        "typing",
        "stages/random.py",
        "stages/typing",
        "stages/t01_tiny/random.py",
        "stages/t01_tiny/typing",
        "stages/t01_tiny/first/random.py",
        "stages/t01_tiny/first/typing",
        "stages/t01_tiny/second/grader.py",
    ]
