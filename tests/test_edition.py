"""What students get: complete, closed where it must be, and judged as the author's is."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from grader.course import Course
from grader.edition.about import changed_files
from grader.edition.contents import contents
from grader.edition.record import record
from grader.listener import Listener
from grader.recording import dump
from grader.stub import answers, clean

ROOT = Path(__file__).resolve().parent.parent
SECRET = "5a" * 32
MISTAKES = '''"""Known wrong answers."""

from grader.mistakes import mistake


@mistake(
    "double",
    name="adds two instead of doubling",
    hints=("Try 5.", "5 must become 10; yours becomes 7.", "Twice 0 is 0."),
)
def adds_two(x):
    return x + 2


@mistake("double", name="squares", hints=("Try 3.", "3 must become 6, not 9.", "Twice 0 is 0."))
def squares(x):
    return x * x
'''
WRONG = {
    "adds_two": ("return x * 2", "return x + 2"),
    "squares": ("return x * 2", "return x * x"),
}


@pytest.fixture(scope="module")
def editions(tmp_path_factory, tiny_course_in, grader_in):
    """An author's tiny course with known mistakes, and the edition made of it."""
    folder = tmp_path_factory.mktemp("editions")
    course = tiny_course_in(folder / "author")
    (course.stage("first") / "mistakes.py").write_text(MISTAKES)
    (course.stage("first") / "walkthrough.md").write_text("# Why\n\nTwice is plus itself.\n")
    grader = grader_in(folder)
    done = grader("edition", "../students", "--zip", cwd=course.root, GRADER_SECRET=SECRET)
    assert (done.code, done.stderr) == (0, ""), done.stdout + done.stderr
    return course, folder / "students", grader, done


@pytest.fixture
def student(editions, tmp_path):
    """A student's own copy of the edition."""
    return Path(shutil.copytree(editions[1], tmp_path / "mine"))


def own_file(edition, stage="first"):
    return edition / "stages" / "t01_tiny" / stage / f"{stage}.py"


def solve(editions, edition, old="", new=""):
    """Put the solutions in the student's files, with one change in the first."""
    for stage in ("first", "second"):
        solution = clean((editions[0].stage(stage) / "solution.py").read_text())
        own_file(edition, stage).write_text(solution.replace(old, new) if old else solution)


# --- what is in it -------------------------------------------------------------------------
def test_it_says_what_was_made(editions):
    said = editions[3].stdout
    assert "students: edition " in said and "students.zip: the same" in said
    assert "grader release STAGE" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_stubs_lessons_open_checks_and_the_grader_are_there(editions):
    edition = editions[1]
    for name in (
        "stages/t01_tiny/first/first.py",
        "stages/t01_tiny/first/README.md",
        "stages/t01_tiny/first/checks/test_first.py",
        "stages/t01_tiny/given.py",
        "grader/cli/student.py",
        "edition/t01.first/recording.bin",
        "edition/t01.first/sealed.bin",
        "edition/t01.first/stub.py",
        "tests/test_edition.py",
        ".gitignore",
    ):
        assert (edition / name).is_file(), name
    assert "NotImplementedError" in own_file(edition).read_text()


def test_what_tells_answers_is_not_there(editions):
    names = [p.relative_to(editions[1]).as_posix() for p in editions[1].rglob("*")]
    stages = [n for n in names if n.startswith("stages/")]
    assert not [n for n in stages if re.search(r"solution|mistakes|walkthrough|hidden|right", n)]
    assert not [n for n in names if "__pycache__" in n or ".grader" in n.split("/")]


def test_an_editors_copies_and_released_solutions_stay_at_home(editions, tmp_path):
    course, _, grader, _ = editions
    author = Path(shutil.copytree(course.root, tmp_path / "author"))
    first = author / "stages" / "t01_tiny" / "first"
    shutil.copy(first / "solution.py", first / ".solution.py.swp")
    shutil.copy(first / "solution.py", first / "solution_old.py")
    shutil.copy(first / "mistakes.py", first / "mistakes.py.orig")
    hidden = first / "checks" / "hidden" / "test_first_hidden.py"
    shutil.copy(hidden, first / "checks" / "test_first_hidden.py.bak")
    assert grader("release", "t01.first", cwd=author, GRADER_SECRET=SECRET).code == 0
    out = tmp_path / "out"
    assert grader("edition", str(out), cwd=author, GRADER_SECRET=SECRET).code == 0
    names = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    before = {p.relative_to(editions[1]).as_posix() for p in editions[1].rglob("*") if p.is_file()}
    assert names == before


def test_the_zip_holds_the_same_files(editions):
    with zipfile.ZipFile(editions[1].with_suffix(".zip")) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    there = {
        f"students/{p.relative_to(editions[1]).as_posix()}": p.read_bytes()
        for p in editions[1].rglob("*")
        if p.is_file()
    }
    assert files == there


def test_the_same_course_gives_the_same_bytes(editions):
    course, edition, grader, _ = editions
    again = edition.with_name("again")
    shutil.rmtree(course.root / ".grader" / "recordings")  # nothing from the last time
    assert grader("edition", str(again), cwd=course.root, GRADER_SECRET=SECRET).code == 0
    for path in edition.rglob("*"):
        if path.is_file():
            assert (again / path.relative_to(edition)).read_bytes() == path.read_bytes(), path


def test_a_place_that_is_taken_is_left_alone(editions, tmp_path):
    course, _, grader, _ = editions
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("years of work")
    done = grader("edition", str(tmp_path / "taken"), cwd=course.root, GRADER_SECRET=SECRET)
    assert done.code == 2 and "is there already" in done.stderr
    assert [p.name for p in (tmp_path / "taken").iterdir()] == ["thesis.txt"]


def test_an_edition_is_made_of_the_authors_course_alone(editions, student, tmp_path):
    done = editions[2]("edition", str(tmp_path / "new"), cwd=student)
    assert done.code == 2 and not (tmp_path / "new").exists()


def test_a_solution_that_fails_makes_no_edition(editions, tmp_path, tiny_course):
    path = tiny_course.stage("first") / "solution.py"
    path.write_text(path.read_text().replace("x * 2", "x * 3"))
    done = editions[2](
        "edition", str(tmp_path / "new"), cwd=tiny_course.root, GRADER_SECRET=SECRET
    )
    assert done.code == 2 and "the solution fails" in done.stderr, done.stderr
    assert not (tmp_path / "new").exists()


# What students are told on purpose: how a layer is used, how filters are laid out, what a
# step of gradient descent is, and the rule for the gradient of a dense layer, of which one
# wrong answer is the beginning.
TOLD = {
    "layer.forward(x)",
    "out = layer.forward(x)",
    "grad_x = layer.backward(grad_out)",
    "layer.backward(grad_out)",
    "KH, KW, C_in, C_out = shape",
    "grad_x = grad_out",
    "W = W - lr * grad_W",
}


def telling(lines):
    """The lines that say something: long enough, with code in them, and no import."""
    stripped = {line.strip() for line in lines}
    silent = ("#", '"""', "from ", "import ")
    code = re.compile(r"[=(\[].*[\w)\]]")
    return {s for s in stripped if len(s) >= 16 and not s.startswith(silent) and code.search(s)}


def everything(files):
    """All bytes of an edition, what is compressed twice: as it is, and unpacked."""
    for name, data in files.items():
        yield name, data
        if name.endswith((".bin", ".npz")):
            for start in range(min(len(data), 64)):
                try:
                    yield name, zlib.decompress(data[start:])
                except zlib.error:
                    continue


def test_no_answer_of_this_course_lies_open():
    """Every line and every name that only solutions and mistakes have, in all of the edition."""
    course = Course(ROOT)
    files = contents(course)
    secret_lines, secret_names = set(), set()
    for unit in course.units:
        for stage in unit.stages:
            solution = stage.solution.read_text()
            secret_lines |= telling(answers(solution))
            for path in (stage.folder / "mistakes.py", *stage.folder.glob("right/*.py")):
                secret_lines |= telling(path.read_text().splitlines())
                secret_names |= set(re.findall(r"^def (_?\w{8,})\(", path.read_text(), re.M))
            secret_names |= set(
                re.findall(r"^def (_\w{6,})\(", "\n".join(answers(solution)), re.M)
            )
            # The recordings of two stages; all are made by the same code.
            if stage.name in ("padding", "im2col"):
                recording = dump(record(course, unit, stage, Listener()))
                files[f"edition/{stage.id}/recording.bin"] = recording
    given = "\n".join(path.read_text() for path in given_files(course))
    secret_lines = {line for line in secret_lines - TOLD if line not in given}
    secret_names = {name for name in secret_names if name not in given}
    assert len(secret_lines) > 1000 and len(secret_names) > 300
    found = {
        (name, secret)
        for name, data in everything(files)
        for secret in [*secret_lines, *(f"{name}(" for name in secret_names)]
        if secret.encode() in data and re.search(rf"(?<!\w){re.escape(secret)}".encode(), data)
    }
    assert not found, "\n".join(map(str, sorted(found)))


def given_files(course):
    """What students get anyway: stubs and given modules; and the grader, which knows no stage."""
    yield from (ROOT / "grader").rglob("*.py")
    for unit in course.units:
        yield from unit.given().values()
        yield from (stage.file for stage in unit.stages)


# --- verdicts ------------------------------------------------------------------------------
def test_the_stubs_are_all_to_do(editions, student):
    done = editions[2].check(cwd=student)
    assert done.code == 1
    assert set(done.outcomes.values()) == {"todo"}


def test_a_right_answer_passes_every_criterion(editions, student):
    solve(editions, student)
    done = editions[2].check(cwd=student)
    assert (done.code, set(done.outcomes.values())) == (0, {"passed"}), done.stdout


@pytest.mark.parametrize("name", WRONG)
def test_a_known_mistake_is_named_without_its_code(editions, student, name):
    solve(editions, student, *WRONG[name])
    done = editions[2].check("first", cwd=student)
    mistakes = done.criteria["first.double"]["checks"][0]["mistakes"]
    assert [m["id"] for m in mistakes] == [f"t01.first.{name.replace('_', '-')}"]
    assert len(mistakes[0]["hints"]) == 3


@pytest.mark.parametrize(
    "old, new",
    [
        WRONG["adds_two"],
        ("return x * 2", "return x * 2.0"),
        ("return x * 2", "return None"),
        ("return x * 2", "return x[0]"),
        ("return x * 2", "return 1 / 0"),
        ("if not 1 <= k <= n:", "if False:"),
        ("return n - k + 1", "return n - k"),
        ("self.count = start", "self.total = start"),
        ("self.count += amount", "self.count = amount"),
        ("return double(double(x))", "return double(x)"),
    ],
)
def test_the_outcome_is_the_authors(editions, student, tmp_path, old, new):
    """Without its hidden checks the author's edition says the same of the same code."""
    author = Path(shutil.copytree(editions[0].root, tmp_path / "author"))
    for hidden in author.glob("stages/*/*/checks/hidden"):
        shutil.rmtree(hidden)
    outcomes = []
    for edition in (author, student):
        solve(editions, edition, old, new)
        second = own_file(edition, "second")
        second.write_text(second.read_text().replace(old, new))
        outcomes.append(editions[2].check(cwd=edition))
    assert outcomes[0].outcomes == outcomes[1].outcomes, outcomes[1].stdout
    assert outcomes[0].code == outcomes[1].code


def test_an_input_that_was_never_recorded_is_said_to_be_so(editions, student):
    solve(editions, student)
    check = student / "stages" / "t01_tiny" / "first" / "checks" / "test_first.py"
    check.write_text(check.read_text().replace("[2.5, 3.5, 4.5]", "[2.5, 3.5, 4.75]"))
    done = editions[2].check("first", cwd=student)
    assert done.outcomes["first.double"] == "broken" and done.code == 2
    assert "no recorded answer for double" in " ".join(done.stdout.split())
    assert done.outcomes["first.size"] == "passed"


def test_a_recording_of_another_stage_is_an_error(editions, student):
    folder = student / "edition"
    shutil.copy(folder / "t01.second" / "recording.bin", folder / "t01.first" / "recording.bin")
    done = editions[2]("check", "first", cwd=student)
    assert done.code == 2 and "it is of t01.second" in done.stderr
    (folder / "t01.first" / "recording.bin").unlink()
    done = editions[2]("check", "first", cwd=student)
    assert done.code == 2 and "recording.bin" in done.stderr and "Get the course" in done.stderr


def test_a_damaged_recording_is_an_error_and_no_verdict(editions, student):
    solve(editions, student)
    (student / "edition" / "t01.first" / "recording.bin").write_bytes(b"x\x9c damaged")
    done = editions[2]("check", "first", cwd=student)
    assert done.code == 2 and "Get the course again" in done.stderr
    assert "Traceback" not in done.stderr


# --- the two commands of the README, and the way to the solution -----------------------------
def test_the_first_command_says_that_the_machine_is_ready(editions, student):
    own_file(student).write_text("what I wrote does not matter here")
    done = editions[2]("check", "t01", "--solution", cwd=student)
    assert done.code == 0 and "This machine is ready" in done.stdout
    assert "sealed" in done.stdout


def test_the_second_command_passes_and_knows_changed_files(editions, student):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(student), "PYTEST_ADDOPTS": ""}
    run = {"cwd": student, "env": environment, "capture_output": True, "text": True}
    (student / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    done = subprocess.run(command, timeout=60, **run)
    assert done.returncode == 0, done.stdout + done.stderr
    own_file(student).write_text("# my own work is mine to change\n")
    assert changed_files(student) == []
    (student / "stages" / "t01_tiny" / "given.py").write_text("# changed\n")
    assert changed_files(student) == ["stages/t01_tiny/given.py"]


def test_a_released_stage_opens_with_its_hidden_checks(editions, student):
    course, _, grader, _ = editions
    done = grader("release", "t01.first", cwd=course.root, GRADER_SECRET=SECRET)
    assert done.code == 0, done.stderr
    code = re.search(r"\b(?:[0-9A-Z]{5}-){4}[0-9A-Z]{3}\b", done.stdout).group()
    assert grader("unlock", "t01.first", code, cwd=student).code == 0
    assert "x * 2" in (student / "solutions" / "t01_tiny" / "first" / "solution.py").read_text()
    solve(editions, student, "if not 1 <= k <= n:", "if False:")
    checked = grader.check(cwd=student)
    assert checked.outcomes["first.size"] == "failed"  # what only a hidden check tells
    solve(editions, student)
    assert grader.check(cwd=student).code == 0
    ready = grader("check", "t01", "--solution", cwd=student)
    assert ready.code == 0 and "the solution passes" in ready.stdout


def test_a_stage_whose_earlier_ones_are_sealed_is_checked_as_before(editions, student):
    """Its solution would call what is sealed; so recordings go on to answer, open checks only."""
    course, _, grader, _ = editions
    done = grader("release", "t01.second", cwd=course.root, GRADER_SECRET=SECRET)
    code = re.search(r"\b(?:[0-9A-Z]{5}-){4}[0-9A-Z]{3}\b", done.stdout).group()
    opened = grader("unlock", "t01.second", code, cwd=student)
    assert opened.code == 0 and "once t01.first is open too" in opened.stdout
    solve(editions, student)
    checked = grader.check(cwd=student)
    assert (checked.code, set(checked.outcomes.values())) == (0, {"passed"}), checked.stdout
    assert not any(c["hidden"] for v in checked.criteria.values() for c in v["checks"])


def test_an_open_edition_has_nothing_to_unlock(editions, tmp_path):
    course, _, grader, _ = editions
    out = tmp_path / "open"
    assert grader("edition", str(out), "--open", cwd=course.root, GRADER_SECRET=SECRET).code == 0
    assert json.loads((out / "edition" / "edition.json").read_text())["open"] is True
    assert not list(out.rglob("sealed.bin"))
    assert grader.check("--solution", cwd=out).code == 0
    checked = grader.check(cwd=out)
    assert set(checked.outcomes.values()) == {"todo"}
    hidden = [c["hidden"] for v in checked.criteria.values() for c in v["checks"]]
    assert any(hidden)


def test_the_list_of_files_tells_what_was_handed_out(editions):
    listed = json.loads((editions[1] / "edition" / "edition.json").read_text())["files"]
    assert "stages/t01_tiny/first/first.py" not in listed
    path = editions[1] / "stages" / "t01_tiny" / "given.py"
    assert listed["stages/t01_tiny/given.py"] == hashlib.sha256(path.read_bytes()).hexdigest()
