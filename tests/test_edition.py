"""What students get: complete, closed where it must be, and judged as the author's is."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.cli import main
from grader.course import Course
from grader.edition.about import FILE, changed_files
from grader.edition.contents import contents
from grader.edition.fit import editions_of
from grader.edition.intact import Intact, examine
from grader.edition.make import make, write_folder
from grader.edition.release import release
from grader.edition.secret import Keys
from grader.edition.unlock import unlock
from grader.stub import clean

ROOT = Path(__file__).resolve().parent.parent
SECRET = "5a" * 32
KEYS = Keys(bytes.fromhex(SECRET))
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TINY = "stages/t01_tiny"
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
# What lies beside the stages, and whether students get it.
BESIDE = {
    f"{TINY}/labs/plots.py": True,
    f"{TINY}/labs/edges.md": True,
    f"{TINY}/explore/slider.js": True,
    f"{TINY}/first/pictures/rows.svg": True,
    f"{TINY}/first/pictures/draw.py": False,
    "notebooks/first.ipynb": True,
    "notebooks/labs/edges.ipynb": True,
    "notebooks/.ipynb_checkpoints/first-checkpoint.ipynb": False,
}
# A student's answer: the solution with a change in it.
CHANGES = {
    "right": ("", ""),
    "adds two": ("return x * 2", "return x + 2"),
    "squares": ("return x * 2", "return x * x"),
    "floats": ("return x * 2", "return x * 2.0"),
    "nothing": ("return x * 2", "return None"),
    "the first": ("return x * 2", "return x[0]"),
    "an error": ("return x * 2", "return 1 / 0"),
    "never refuses": ("if not 1 <= k <= n:", "if False:"),
    "forgets the one": ("return n - k + 1", "return n - k"),
    "another name": ("self.count = start", "self.total = start"),
    "forgets the count": ("self.count += amount", "self.count = amount"),
    "doubles once": ("return double(double(x))", "return double(x)"),
}
PASSING = ("right", "floats", "never refuses")  # the last is what a hidden check tells
# One process checks several answers, with the grader that lies in its folder.
SEVERAL = """
import json, sys
from pathlib import Path
from grader import wire
from grader.course import Course
from grader.results import plain
from grader.runner import Candidate, check_each, sources
from grader.sandbox import Sandbox
course = Course(Path.cwd())
unit = course.units[0]
candidates, reports = [], []
for answer in json.load(sys.stdin):
    modules = sources(course, unit, solution=False)
    for stage in unit.stages:
        if stage.name in answer:
            shown = stage.file.relative_to(course.root).as_posix()
            modules[stage.module] = wire.Source(stage.module, shown, answer[stage.name].encode())
    candidates.append(Candidate(modules))
with Sandbox() as sandbox:
    check_each(course, unit, unit.stages, sandbox, candidates, reports.append)
print(json.dumps([plain(report) for report in reports], default=list))
"""


@pytest.fixture(scope="module")
def editions(tmp_path_factory, tiny_course_in, grader_in):
    """An author's tiny course with known mistakes, and the edition made of it."""
    folder = tmp_path_factory.mktemp("editions")
    course = tiny_course_in(folder / "author")
    (course.stage("first") / "mistakes.py").write_text(MISTAKES)
    (course.stage("first") / "walkthrough.md").write_text("# Why\n\nTwice is plus itself.\n")
    for name in BESIDE:
        (course.root / name).parent.mkdir(parents=True, exist_ok=True)
        (course.root / name).write_text('{"cells": []}' if name.endswith(".ipynb") else "x\n")
    grader = grader_in(folder)
    done = grader("edition", "../students", "--zip", cwd=course.root, GRADER_SECRET=SECRET)
    assert (done.code, done.stderr) == (0, ""), done.stdout + done.stderr
    return course, folder / "students", grader, done


@pytest.fixture
def student(editions, tmp_path):
    """A student's own copy of the edition."""
    return Path(shutil.copytree(editions[1], tmp_path / "mine"))


@pytest.fixture
def author(editions, tmp_path, monkeypatch):
    """Stand in a copy of the author's course; its recordings are kept from before."""
    copy = Path(shutil.copytree(editions[0].root, tmp_path / "author"))
    monkeypatch.chdir(copy)
    monkeypatch.setenv("GRADER_SECRET", SECRET)
    # The checks of this copy must not find the modules of another course.
    for name in [n for n in sys.modules if n.partition(".")[0] == "stages"]:
        monkeypatch.delitem(sys.modules, name)
    return copy


def made(root, open_=False):
    """Build an edition in this process."""
    return make(Course(root), KEYS, open_=open_, progress=lambda share, text: None)


def own_file(edition, stage="first"):
    return edition / TINY / stage / f"{stage}.py"


def answer(editions, change="right"):
    """Return both files of a student."""
    old, new = CHANGES[change]
    texts = {
        s: clean((editions[0].stage(s) / "solution.py").read_text()) for s in ("first", "second")
    }
    assert any(old in text for text in texts.values())
    return {s: text.replace(old, new) if old else text for s, text in texts.items()}


def solve(editions, edition, change="right"):
    """Put an answer into the student's files."""
    for stage, text in answer(editions, change).items():
        own_file(edition, stage).write_text(text)


def several(root, answers):
    """Return what the edition in a folder says of each answer: criteria by their names."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        input=json.dumps(answers),
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [
        {
            f"{stage['id'].rpartition('.')[2]}.{criterion['id']}": criterion
            for stage in report["stages"]
            for criterion in stage["criteria"]
        }
        for report in json.loads(done.stdout)
    ]


def outcomes(criteria):
    return {name: criterion["outcome"] for name, criterion in criteria.items()}


def names_in(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


# --- what is in it -------------------------------------------------------------------------
def test_it_says_what_was_made(editions):
    said = editions[3].stdout
    assert f"students: edition {KEYS.edition_id}" in said and "students.zip: the same" in said
    assert "grader release STAGE" in said
    assert all(len(line) <= 80 for line in said.splitlines())


def test_stubs_lessons_open_checks_and_the_grader_are_there(editions):
    edition = editions[1]
    for name in (
        f"{TINY}/first/first.py",
        f"{TINY}/first/README.md",
        f"{TINY}/first/checks/test_first.py",
        f"{TINY}/given.py",
        "grader/cli/student.py",
        "edition/t01.first/recording.bin",
        "edition/t01.first/sealed.bin",
        "edition/t01.first/stub.py",
        "tests/test_edition.py",
        ".gitignore",
    ):
        assert (edition / name).is_file(), name
    assert "NotImplementedError" in own_file(edition).read_text()


@pytest.mark.parametrize("name", BESIDE)
def test_labs_pictures_and_notebooks_are_there_without_what_draws(editions, name):
    assert (editions[0].root / name).is_file()
    assert (editions[1] / name).is_file() is BESIDE[name]


def test_what_tells_answers_is_not_there(editions):
    names = names_in(editions[1])
    stages = [n for n in names if n.startswith("stages/")]
    assert not [n for n in stages if re.search(r"solution|mistakes|walkthrough|hidden|right", n)]
    assert not [n for n in names if "__pycache__" in n or ".grader" in n.split("/")]


def test_an_editors_copies_and_released_solutions_stay_at_home(editions, author):
    first = author / TINY / "first"
    shutil.copy(first / "solution.py", first / ".solution.py.swp")
    shutil.copy(first / "solution.py", first / "solution_old.py")
    shutil.copy(first / "mistakes.py", first / "mistakes.py.orig")
    hidden = first / "checks" / "hidden" / "test_first_hidden.py"
    shutil.copy(hidden, first / "checks" / "test_first_hidden.py.bak")
    course = Course(author)
    release(course, course.units[0], course.units[0].stages[:1], KEYS, NOW)
    assert (author / "solutions" / "t01_tiny" / "first" / "solution.py").is_file()
    assert set(made(author)) == names_in(editions[1])


def test_the_students_project_keeps_what_the_course_and_its_notebooks_need():
    theirs, ours = (
        tomllib.loads(text.decode())
        for text in (
            contents(Course(ROOT))["pyproject.toml"],
            (ROOT / "pyproject.toml").read_bytes(),
        )
    )
    assert theirs["project"] == ours["project"]
    assert "notebooks" in theirs["project"]["optional-dependencies"]
    assert "dependency-groups" not in theirs and set(theirs["tool"]) == {"hatch", "pytest"}


def test_the_zip_holds_the_same_files(editions):
    with zipfile.ZipFile(editions[1].with_suffix(".zip")) as archive:
        files = {n: archive.read(n) for n in archive.namelist()}
    assert files == {
        f"students/{n}": (editions[1] / n).read_bytes() for n in names_in(editions[1])
    }


def test_the_same_course_gives_the_same_bytes(editions, author):
    shutil.rmtree(author / ".grader" / "recordings")  # nothing from the last time
    again = made(author)
    assert set(again) == names_in(editions[1])
    for name, data in again.items():
        assert (editions[1] / name).read_bytes() == data, name


def test_the_edition_that_was_built_is_the_one_that_codes_are_for(
    author, tmp_path, monkeypatch, capfd
):
    assert editions_of(Course(author)).in_use == {KEYS.edition_id}
    assert main(["edition", str(tmp_path / "same")]) == 0
    assert capfd.readouterr().err == ""
    monkeypatch.setenv("GRADER_SECRET", "6f" * 32)
    other = Keys(bytes.fromhex("6f" * 32)).edition_id
    assert main(["edition", str(tmp_path / "other")]) == 0
    out, err = (" ".join(text.split()) for text in capfd.readouterr())
    assert f"edition {other}" in out and f"it was edition {KEYS.edition_id}" in err
    assert editions_of(Course(author)).in_use == {other}


def test_an_edition_for_self_study_is_not_what_codes_are_for(author, tmp_path):
    (author / ".grader" / "built").unlink()
    assert main(["edition", str(tmp_path / "open"), "--open"]) == 0
    assert editions_of(Course(author)).in_use == set()


def test_a_place_that_is_taken_is_left_alone(author, tmp_path, capfd):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("years of work")
    assert main(["edition", str(tmp_path / "taken")]) == 2
    assert "is there already" in " ".join(capfd.readouterr().err.split())
    assert names_in(tmp_path / "taken") == {"thesis.txt"}


@pytest.mark.parametrize("out", ["", ".", "/", ".."])
def test_a_place_without_a_name_is_no_new_folder(author, capfd, out):
    assert main(["edition", out]) == 2
    assert "is no new folder. Name one, as in" in capfd.readouterr().err


@pytest.mark.parametrize("gone", ["", "edition/edition.json", "edition"])
def test_whoever_needs_the_authors_course_refuses_a_students_edition(
    student, tmp_path, monkeypatch, capfd, gone
):
    if gone:
        remove(student / gone)
    monkeypatch.chdir(student)
    commands = ["release first", "verify first", "build", "build --check", "similar class"]
    commands += ["grade class --out grades", "export --to gradescope-autograder --out a.zip"]
    for command in (["edition", str(tmp_path / "new")], *map(str.split, commands)):
        assert main(command) == 2
        assert "this is a student's edition" in capfd.readouterr().err
    assert not (tmp_path / "new").exists() and not (student / "solutions" / "t01_tiny").exists()


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_a_solution_that_fails_makes_no_edition(author, tmp_path, capfd):
    path = author / TINY / "first" / "solution.py"
    path.write_text(path.read_text().replace("x * 2", "x * 3"))
    assert main(["edition", str(tmp_path / "new")]) == 2
    assert "the solution fails" in " ".join(capfd.readouterr().err.split())
    assert not (tmp_path / "new").exists()


# --- verdicts ------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def verdicts(editions, tmp_path_factory):
    """What the author's edition without its hidden checks, and the students', say of answers."""
    author = tmp_path_factory.mktemp("verdicts") / "author"
    shutil.copytree(editions[0].root, author, ignore=shutil.ignore_patterns("hidden"))
    answers = [answer(editions, change) for change in CHANGES]
    found = [several(root, answers) for root in (author, editions[1])]
    return {change: pair for change, *pair in zip(CHANGES, *found, strict=True)}


@pytest.mark.parametrize("change", CHANGES)
def test_the_outcome_is_the_authors(verdicts, change):
    there, here = map(outcomes, verdicts[change])
    assert here == there
    assert (set(here.values()) == {"passed"}) is (change in PASSING)


@pytest.mark.parametrize("name", ["adds two", "squares"])
def test_a_known_mistake_is_named_without_its_code(verdicts, name):
    mistakes = verdicts[name][1]["first.double"]["checks"][0]["mistakes"]
    assert [m["id"] for m in mistakes] == [f"t01.first.{name.replace(' ', '-')}"]
    assert len(mistakes[0]["hints"]) == 3


def test_the_stubs_are_all_to_do(editions, student):
    done = editions[2].check(cwd=student)
    assert done.code == 1
    assert set(done.outcomes.values()) == {"todo"}


def test_an_input_that_was_never_recorded_is_said_to_be_so(editions, student):
    solve(editions, student)
    check = student / TINY / "first" / "checks" / "test_first.py"
    check.write_text(check.read_text().replace("[2.5, 3.5, 4.5]", "[2.5, 3.5, 4.75]"))
    done = editions[2].check("first", cwd=student)
    assert done.outcomes["first.double"] == "broken" and done.code == 2
    said = " ".join(done.stdout.split())
    assert "no recorded answer for double" in said
    assert (
        f"Note: Changed or missing since the course was handed out: {TINY}/first/checks/test_first"
        in said
    )
    assert "The note below may say why." in said and "report it" not in said
    assert done.outcomes["first.size"] == "passed"
    assert len(done.report["notes"]) == 1


# Checks that turn the warnings of their own process into errors.
STRICT = """

import contextlib
import warnings

from grader.checking import reference_of
from stages.t01_tiny.first import first


@criterion("double")
def test_strict_about_what_overflows():
    with np.errstate(all="raise"), contextlib.suppress(FloatingPointError):
        reference_of(first).double(np.array([1e308]))


@criterion("double")
def test_what_overflows_is_infinite():
    call(double, np.array([1e308])).agrees()


@criterion("double")
def test_strict_about_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(double, np.array([1e200, 1.5e308])).agrees()
"""


def test_what_a_check_makes_of_warnings_is_no_answer_of_the_reference(editions, author, tmp_path):
    """Students' programs do not hear of it, so neither does what they are compared with."""
    check = author / TINY / "first" / "checks" / "test_first.py"
    check.write_text(check.read_text() + STRICT)
    write_folder(made(author), tmp_path / "students")
    for root in (author, tmp_path / "students"):
        right, squared = several(root, [answer(editions, c) for c in ("right", "squares")])
        assert set(outcomes(right).values()) == {"passed"}
        strict = squared["first.double"]["checks"][-1]
        assert [m["id"] for m in strict["mistakes"]] == ["t01.first.squares"]


# --- is it ready, and the way to the solution (test_readme runs the README's commands) --------
def test_the_first_command_says_that_the_machine_is_ready(editions, student):
    own_file(student).write_text("what I wrote does not matter here")
    done = editions[2]("check", "t01", "--solution", cwd=student)
    assert done.code == 0 and "This machine is ready" in done.stdout
    assert "sealed" in done.stdout and "Note" not in done.stdout


def test_only_what_was_handed_out_counts_as_changed(student):
    own_file(student).write_text("# my own work is mine to change\n")
    (student / "notebooks" / "first.ipynb").write_text("{}")
    assert changed_files(Course(student)) == []
    (student / TINY / "given.py").write_text("# changed\n")
    assert changed_files(Course(student)) == [f"{TINY}/given.py"]


@pytest.mark.parametrize(
    ("change", "arguments", "code"),
    [("right", [], 0), ("another name", [], 1), ("right", ["--solution"], 4)],
)
def test_checks_in_one_process_are_judged_by_recordings_too(
    editions, student, change, arguments, code
):
    """What one does in a debugger: no grader check, and no solution to be had."""
    solve(editions, student, change)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TINY, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(student), "PYTEST_ADDOPTS": ""}
    (student / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n")
    done = subprocess.run(command, cwd=student, env=environment, capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert (
        "passed" in said
        if code < 2
        else "t01.first, t01.second: the solution cannot run here" in said
    )


def opened(root, name):
    """Open a stage of an edition with its code."""
    course = Course(root)
    unit, (stage,) = course.select([name])
    return unlock(course, unit, stage, KEYS.code(stage.id), NOW)


def test_a_released_stage_opens_with_its_hidden_checks(editions, student):
    opened(student, "first")
    assert "x * 2" in (student / "solutions" / "t01_tiny" / "first" / "solution.py").read_text()
    wrong, right = several(student, [answer(editions, c) for c in ("never refuses", "right")])
    assert wrong["first.size"]["outcome"] == "failed"  # what only a hidden check tells
    assert set(outcomes(right).values()) == {"passed"}
    ready = editions[2]("check", "t01", "--solution", cwd=student)
    assert ready.code == 0 and "the solution passes" in ready.stdout


def test_a_stage_whose_earlier_ones_are_sealed_is_checked_as_before(editions, student):
    """Its solution would call what is sealed; so recordings go on to answer, open checks only."""
    opened(student, "second")
    (checked,) = several(student, [answer(editions)])
    assert set(outcomes(checked).values()) == {"passed"}
    assert not any(c["hidden"] for v in checked.values() for c in v["checks"])


# What a check of the second stage does with an object of the first.
SCALE = """

class Scale:
    def __init__(self, by):
        ### BEGIN SOLUTION
        self.by = by
        ### END SOLUTION
"""
SCALED = """

from grader.checking import beside
from stages.t01_tiny.first.first import Scale


@criterion("tally")
def test_counting_by_the_scale():
    def story(module):
        scale = beside(module, Scale)(3)
        return {"count": module.Tally(2).add(scale.by)}

    agrees(story, second)
"""


def test_a_sealed_stage_is_judged_by_its_recording_whatever_else_is_open(
    editions, author, tmp_path
):
    for name, text in (("first/solution.py", SCALE), ("second/checks/test_second.py", SCALED)):
        path = author / TINY / name
        path.write_text(path.read_text() + text)
    write_folder(made(author), tmp_path / "students")
    right = answer(editions)
    right["first"] += clean(SCALE)
    for stage in ("first", "second"):
        opened(tmp_path / "students", stage)
        found = several(tmp_path / "students", [{}, right])
        assert [set(outcomes(each).values()) for each in found] == [{"todo"}, {"passed"}]


def test_an_open_edition_has_nothing_to_unlock(editions, author, tmp_path, monkeypatch, capfd):
    out = tmp_path / "open"
    write_folder(made(author, open_=True), out)
    assert json.loads((out / FILE).read_text())["open"] is True
    assert not list(out.rglob("sealed.bin"))
    assert editions[2].check("--solution", cwd=out).code == 0
    stubs, right = several(out, [{}, answer(editions)])
    assert set(outcomes(stubs).values()) == {"todo"}
    assert set(outcomes(right).values()) == {"passed"}
    assert any(c["hidden"] for v in stubs.values() for c in v["checks"])
    monkeypatch.chdir(out)
    assert main(["unlock", "first", KEYS.code("t01.first")]) == 2
    assert "nothing is sealed in this edition" in capfd.readouterr().err
    remove(out / "solutions" / "t01_tiny" / "first" / "solution.py")
    lost = examined(out).lost
    assert list(lost) == ["t01.first", "t01.second"]
    assert all("solutions/t01_tiny/first/solution.py is missing" in why for why in lost.values())


def test_the_list_of_files_tells_what_was_handed_out(editions):
    listed = json.loads((editions[1] / FILE).read_text())["files"]
    assert f"{TINY}/first/first.py" not in listed
    digest = hashlib.sha256((editions[1] / TINY / "given.py").read_bytes()).hexdigest()
    assert listed[f"{TINY}/given.py"] == digest


# --- what is not as it was handed out --------------------------------------------------------
def examined(root):
    course = Course(root)
    return examine(course, course.units[0])


def edit(path):
    path.write_bytes(path.read_bytes() + b"\n")


def test_an_edition_as_it_was_handed_out_is_intact(editions, student):
    solve(editions, student, "adds two")
    for name in ("README.md", "pictures/rows.svg"):  # what one reads judges nothing
        edit(student / TINY / "first" / name)
    edit(student / TINY / "labs" / "plots.py")
    for path in student.rglob("*.py"):  # git converts line ends where it is told to
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert examined(student) == Intact()


def test_the_authors_course_may_change_every_day(author):
    edit(author / TINY / "given.py")
    assert examined(author) == Intact()


@pytest.mark.parametrize("act", [edit, remove], ids=["changed", "gone"])
@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("edition/t01.first/recording.bin", ["t01.first", "t01.second"]),
        ("edition/t01.second/recording.bin", ["t01.second"]),
        ("edition/t01.second/stub.py", ["t01.second"]),
        (f"{TINY}/given.py", ["t01.first", "t01.second"]),
    ],
)
def test_a_stage_whose_judge_was_changed_is_not_judged(student, act, name, lost):
    act(student / name)
    found = examined(student)
    assert list(found.lost) == lost and found.notes == ()
    what = f"{name} is {'missing' if act is remove else 'not as handed out'}, so nobody can tell"
    assert all(what in why and "Get the course again" in why for why in found.lost.values())


def test_a_stage_without_one_of_its_check_files_is_not_judged(student):
    remove(student / TINY / "first" / "checks" / "test_first.py")
    edit(student / "edition" / "t01.first" / "stub.py")
    (why,) = examined(student).lost.values()
    checks = f"{TINY}/first/checks/test_first.py is missing"
    assert why.startswith(f"{checks} and edition/t01.first/stub.py is not as handed out, so")
    assert why.endswith("copy these files from there.")


@pytest.mark.parametrize(
    "name",
    [
        f"{TINY}/first/checks/test_first.py",
        f"{TINY}/first/stage.toml",
        "edition/t01.first/sealed.bin",
        "grader/verdict.py",
    ],
)
def test_what_else_was_changed_is_said(student, name):
    edit(student / name)
    found = examined(student)
    assert found.lost == {} and len(found.notes) == 1
    assert f"Changed or missing since the course was handed out: {name}" in found.notes[0]


@pytest.mark.parametrize("name", ["solution.py", "mistakes.py"])
def test_a_solution_that_was_changed_since_it_was_opened_judges_nothing(student, name):
    folder = opened(student, "first").folder
    assert examined(student).lost == {}
    edit(folder / name)
    found = examined(student)
    assert list(found.lost) == ["t01.first", "t01.second"]
    assert "grader unlock t01.first CODE" in found.lost["t01.first"]
    assert opened(student, "first").kept is not None
    assert examined(student) == Intact()
    shutil.rmtree(folder)
    assert examined(student) == Intact()


def test_a_solution_from_elsewhere_is_said_to_be_unknown(student):
    folder = student / "solutions" / "t01_tiny" / "first"
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text("def double(x):\n    return x * 3\n")
    (note,) = examined(student).notes
    assert "solutions/t01_tiny/first/solution.py: no code has opened it here" in note


@pytest.mark.parametrize("damage", [None, b"", b"{", b'{"version": 1}'], ids=str)
def test_an_edition_that_does_not_say_which_it_is_is_still_one(
    student, damage, monkeypatch, capfd
):
    (student / FILE).unlink() if damage is None else (student / FILE).write_bytes(damage)
    found = examined(student)
    assert found.lost == {}
    assert "edition.json" in found.notes[0] and "Get the course again" in found.notes[0]
    monkeypatch.chdir(student)
    assert main(["unlock", "first", KEYS.code("t01.first")]) == 2
    assert "Get the course again" in " ".join(capfd.readouterr().err.split())
    assert main(["submit"]) == 0  # what a student wrote can be handed in all the same
    assert "this copy of the course is incomplete" in " ".join(capfd.readouterr().out.split())
    with zipfile.ZipFile("submission.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["edition"] == "unknown"


def test_what_is_handed_in_from_an_older_build_is_noted(editions, student, author, tmp_path):
    grader, subs, out = editions[2], tmp_path / "subs", tmp_path / "grades"
    subs.mkdir()
    solve(editions, student)
    assert grader("submit", "--out", str(subs / "ada.zip"), cwd=student).code == 0
    grade = ("grade", str(subs), "--out", str(out), "--jobs", "1")

    def notes():
        assert grader(*grade, cwd=author).code == 0
        return json.loads((out / "results/ada.json").read_text())["notes"]

    check = author / "stages/t01_tiny/second/checks/test_second.py"
    check.write_bytes(check.read_bytes().replace(b"\n", b"\r\n"))
    (author / "stages/t01_tiny/second/checks/hidden/test_more.py").write_text("")
    assert notes() == []
    check.write_text(check.read_text() + "# corrected\n")
    (note,) = notes()
    assert note.startswith("made with another build of the edition") and "t01.second" in note
    assert "t01.first" not in note


def test_a_damaged_recording_is_no_verdict_and_other_stages_get_theirs(editions, student):
    solve(editions, student)
    (student / "edition" / "t01.second" / "recording.bin").write_bytes(b"x\x9c damaged")
    done = editions[2].check(cwd=student)
    assert done.code == 2 and "Traceback" not in done.stdout + done.stderr
    assert {n.partition(".")[0] for n, o in done.outcomes.items() if o == "broken"} == {"second"}
    assert {n.partition(".")[0] for n, o in done.outcomes.items() if o == "passed"} == {"first"}
    said = " ".join(done.stdout.split())
    assert "edition/t01.second/recording.bin is not as handed out" in said
    assert "copy this file from there" in said and "report it" not in said


def test_an_edition_of_which_nothing_is_left_judges_nothing(editions, student):
    solve(editions, student)
    shutil.rmtree(student / "edition")
    done = editions[2].check(cwd=student)
    assert done.code == 2 and set(done.outcomes.values()) == {"broken"}
    assert "Get the course again" in " ".join(done.stdout.split())
