"""Grading a class: the engine of ``grader grade``."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.batch.messages import Setup, Work
from grader.batch.pool import Pool
from grader.batch.progress import Progress
from grader.batch.times import Times
from grader.errors import UsageError
from grader.grades import Grade, Standing, Student, from_json

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs fork")

FIRST = "import numpy as np\ndef double(x):\n    return x * 2\ndef size(n, k):\n"
SIZE = "    if not 1 <= k <= n:\n        raise ValueError(f'k must be in 1..{n}, not {k}')\n"
RIGHT = FIRST + SIZE + "    return n - k + 1\n"
WRONG_SIZE = FIRST + SIZE + "    return n - k\n"
HANGS = RIGHT + "def size(n, k):\n    while True: pass\n"
DOUBLE_WRONG = RIGHT + "def double(x):\n    return x * 3\n"
SECOND = (Path(__file__).parent / "tiny_course/stages/t01_tiny/second/solution.py").read_text()
OWN_SECOND = SECOND.replace("return double(double(x))", "return double(double(x)) + 0")
# What only a check that a test spoils understands.
POISON = FIRST + SIZE + "    return 666 if (n, k) == (5, 3) else n - k + 1\n"


class Class:
    """A tiny course, submissions to it, and the command that grades them."""

    def __init__(self, course: Any, run: Any, folder: Path) -> None:
        self.course, self._run = course, run
        self.subs, self.grades = folder / "subs", folder / "grades"
        self.subs.mkdir()

    def hand_in(self, student: str, **files: str) -> None:
        folder = self.subs / student
        folder.mkdir(exist_ok=True)
        for stage, text in files.items():
            (folder / f"{stage}.py").write_text(text)
        if not files:
            (folder / "notes.txt").write_text("nothing yet\n")

    def arguments(self, *options: str, out: Path | None = None) -> list[str]:
        jobs = () if "--jobs" in options or "--cluster" in options else ("--jobs", "1")
        return ["grade", str(self.subs), "--out", str(out or self.grades), *jobs, *options]

    def grade(self, *options: str, out: Path | None = None) -> Any:
        return self._run(*self.arguments(*options, out=out), cwd=self.course.root)

    def start(self, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._run.command(*self.arguments(*options)),
            cwd=self.course.root,
            env=self._run.environment({}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def result(self, student: str, out: Path | None = None) -> Grade:
        return from_json(((out or self.grades) / f"results/{student}.json").read_text())

    def spoil(self, check: str) -> None:
        """Add a check to the first stage that knows what to do about a poisonous answer."""
        path = self.course.stage("first") / "checks/test_first.py"
        path.write_text(path.read_text() + check)


@pytest.fixture
def tiny_class(tiny_course: Any, grader: Any, tmp_path: Path) -> Class:
    return Class(tiny_course, grader, tmp_path)


def timeless(text: str) -> str:
    return re.sub(r'"(started|seconds)": [^,\n]+', r'"\1": 0', text)


def contents(folder: Path) -> dict[str, str]:
    files = [p for p in folder.rglob("*") if p.is_file() and p.name != ".lock"]
    return {str(p.relative_to(folder)): timeless(p.read_text()) for p in files}


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


def descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = [Path(t) for t in Path(f"/proc/{pid}/task").iterdir()]
        children = [c for t in threads for c in (t / "children").read_text().split()]
    except OSError:
        return []
    return [int(c) for c in children] + [d for c in children for d in descendants(int(c))]


# --- a class, once through -------------------------------------------------------------------
def test_a_class_gets_its_marks_and_the_rest_goes_on(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.hand_in("bob", first=WRONG_SIZE, second=SECOND)
    tiny_class.hand_in("eve", first="import os\nos._exit(3)\n", second=SECOND)
    tiny_class.hand_in("hal", first=HANGS)
    tiny_class.hand_in("kim", first="def double(x:\n")
    tiny_class.hand_in("lou", second=SECOND)
    tiny_class.hand_in("nil")
    done = tiny_class.grade("--jobs", "2")
    assert done.code == 1, done.stdout + done.stderr
    assert done.left == ()
    students = ("ada", "bob", "eve", "hal", "kim", "lou", "nil")
    marks = {s: tiny_class.result(s).mark for s in students}
    assert marks == {"ada": 11, "bob": 9, "eve": 0, "hal": 4, "kim": 0, "lou": 0, "nil": 0}
    assert {tiny_class.result(s).possible for s in marks} == {11}
    lou = json.loads((tiny_class.grades / "results/lou.json").read_text())
    assert "there is no first.py in what was handed in" in json.dumps(lou)
    assert tiny_class.result("nil").standing is Standing.REFUSED
    assert "7 submissions: 6 graded, 1 refused." in done.stdout
    assert "nil: refused: there is no file of any stage" in done.stdout
    assert "Median mark: 2 of 11." in done.stdout
    assert f"grader report {tiny_class.grades}" in " ".join(done.stdout.split())
    assert all(len(line) <= 80 or "/" in line for line in done.stdout.splitlines())
    about = json.loads((tiny_class.grades / "grading.json").read_text())
    assert about["counts"] == {"submissions": 7, "graded": 6, "refused": 1, "broken": 0}
    assert about["finished"] is True


def test_a_notebook_loses_the_function_of_a_cell_that_is_no_python(tiny_class: Class) -> None:
    double = "# %%stage t01.frist\ndef double(x):\n    return x * 2\n"
    sources = [double, "%%stage t01.first size\ndef size(n, k:\n"]
    cells = [{"cell_type": "code", "source": text, "metadata": {}} for text in sources]
    book = tiny_class.subs / "ada.ipynb"
    book.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    )
    done = tiny_class.grade("first")
    assert done.code == 0, done.stderr
    grade = tiny_class.result("ada")
    assert grade.mark == 4
    text = json.dumps(json.loads((tiny_class.grades / "results/ada.json").read_text()))
    assert "raises SyntaxError: cell 2 of ada.ipynb is no valid Python: '(' was never" in text
    assert [note.partition(":")[0] for note in grade.notes] == [
        "ada.ipynb, cell 1",
        "cell 2 of ada.ipynb is no valid Python",
    ]


def test_one_stage_alone(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    for options in (["--stages", "first"], ["first"]):
        assert tiny_class.grade(*options).code == 0
        assert [s.id for s in tiny_class.result("ada").stages] == ["t01.first"]
        assert tiny_class.result("ada").possible == 6


def test_a_second_run_checks_nothing_again(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.hand_in("bob", first=WRONG_SIZE)
    tiny_class.grade()
    files = [tiny_class.grades / f"results/{s}.json" for s in ("ada", "bob")]
    before = [(f.read_bytes(), f.stat().st_mtime_ns) for f in files]
    assert tiny_class.grade().code == 0
    assert [(f.read_bytes(), f.stat().st_mtime_ns) for f in files] == before

    tiny_class.hand_in("bob", first=RIGHT)
    assert tiny_class.grade().code == 0
    assert files[0].read_bytes() == before[0][0]
    assert tiny_class.result("bob").mark == 6
    kept = list((tiny_class.grades / "previous").glob("bob.*.json"))
    assert [f.read_bytes() for f in kept] == [before[1][0]]


def test_other_options_and_another_course_grade_again(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.grade("first")
    tiny_class.grade()
    assert tiny_class.result("ada").possible == 11
    toml = tiny_class.course.stage("first") / "stage.toml"
    toml.write_text(toml.read_text().replace("points = 3", "points = 5"))
    tiny_class.grade()
    assert (tiny_class.result("ada").mark, tiny_class.result("ada").possible) == (13, 13)
    (tiny_class.course.stage("first") / "README.md").write_text("another lesson\n")
    tiny_class.course.solve()
    (tiny_class.course.stage("first") / "first.2026-11-21T10-31.py").write_text("kept\n")
    before = (tiny_class.grades / "results/ada.json").read_bytes()
    tiny_class.grade()
    assert (tiny_class.grades / "results/ada.json").read_bytes() == before


def test_results_of_who_is_gone_are_named_and_stay(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    tiny_class.hand_in("bob", first=RIGHT)
    tiny_class.grade("first")
    (tiny_class.subs / "bob/first.py").unlink()
    (tiny_class.subs / "bob").rmdir()
    done = tiny_class.grade("first")
    said = " ".join(done.stdout.split())
    assert "No longer among the submissions (1). Their results stay" in said
    assert "left out of reports and exports: bob" in said
    assert tiny_class.result("bob").mark == 6
    assert json.loads((tiny_class.grades / "grading.json").read_text())["gone"] == ["bob"]
    tiny_class.hand_in("bob", first=RIGHT)
    tiny_class.grade("first")
    assert json.loads((tiny_class.grades / "grading.json").read_text())["gone"] == []


def test_who_has_a_grade_keeps_the_key_when_namesakes_join(tiny_class: Class) -> None:
    tiny_class.hand_in("ANN lee", first=RIGHT)
    tiny_class.grade("first")
    before = (tiny_class.grades / "results/ANN_lee.json").read_bytes()
    for name in ("ann_lee", "Ann-Lee", "ANN_lee"):
        tiny_class.hand_in(name, first=DOUBLE_WRONG)
        tiny_class.grade("first")
        assert (tiny_class.grades / "results/ANN_lee.json").read_bytes() == before
    keys = {path.stem for path in (tiny_class.grades / "results").iterdir()}
    assert len({key.casefold() for key in keys}) == 4
    (tiny_class.subs / "ANN lee").rename(tiny_class.subs.parent / "away")
    tiny_class.grade("first")
    assert json.loads((tiny_class.grades / "grading.json").read_text())["gone"] == ["ANN_lee"]
    (tiny_class.subs.parent / "away").rename(tiny_class.subs / "ANN lee")
    tiny_class.grade("first")
    assert (tiny_class.grades / "results/ANN_lee.json").read_bytes() == before
    assert {path.stem for path in (tiny_class.grades / "results").iterdir()} == keys


def test_a_hand_in_made_with_another_edition_is_noted(tiny_class: Class) -> None:
    ours, secret = "c18f0e65", "00" * 32
    for student, edition in (("ada", ours), ("bob", "0123abcd"), ("eve", "author"), ("kim", "?")):
        tiny_class.hand_in(student, first=RIGHT)
        manifest = {"stages": {}, "edition": edition}
        (tiny_class.subs / student / "manifest.json").write_text(json.dumps(manifest))
    tiny_class.grade("first")
    assert not tiny_class.result("bob").notes  # no edition was made here: who knows
    before = contents(tiny_class.grades / "results")
    private = tiny_class.course.root / ".grader"
    private.mkdir()
    (private / "secret").write_text(f"{secret}\n")
    assert tiny_class.grade("first").code == 0
    after = contents(tiny_class.grades / "results")
    assert {name for name in after if after[name] != before[name]} == {"bob.json"}
    (note,) = tiny_class.result("bob").notes
    assert "made with edition 0123abcd" in note and ours in note
    for stray in private.iterdir():
        stray.unlink()
    (private / "built").write_text("0123abcd\n")
    tiny_class.grade("first")
    assert "made with edition c18f0e65" in tiny_class.result("ada").notes[0]
    assert not tiny_class.result("bob").notes


# --- interrupted ------------------------------------------------------------------------------
def test_killed_in_the_middle_it_ends_as_if_nothing_had_happened(
    tiny_class: Class, tmp_path: Path
) -> None:
    for i in range(12):
        tiny_class.hand_in(f"s{i:02}", first=RIGHT if i % 3 else WRONG_SIZE, second=SECOND)
    results = tiny_class.grades / "results"
    run = tiny_class.start("--jobs", "2")
    until(lambda: results.is_dir() and len(list(results.glob("*.json"))) >= 3)
    family = descendants(run.pid)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert family
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in family))
    done = len(list(results.glob("*.json")))
    assert 3 <= done < 12
    assert json.loads((tiny_class.grades / "grading.json").read_text())["finished"] is False
    kept = {f: f.stat().st_mtime_ns for f in results.glob("*.json")}

    assert tiny_class.grade().code == 0
    assert {f: f.stat().st_mtime_ns for f in kept} == kept
    whole = tmp_path / "whole"
    assert tiny_class.grade("--jobs", "1", out=whole).code == 0
    assert contents(tiny_class.grades) == contents(whole)
    assert len(contents(whole)) == 13


def test_an_interrupt_says_how_to_go_on(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    for i in range(4):
        tiny_class.hand_in(f"hal{i}", first=HANGS)
    run = tiny_class.start("first")
    until(lambda: (tiny_class.grades / "results/ada.json").exists())
    family = descendants(run.pid)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=20)
    assert run.returncode == 130, said
    assert "1 of 5 are done and kept. The same command goes on" in said
    assert "Traceback" not in said
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in family))


def test_a_second_run_on_the_same_grades_is_refused(tiny_class: Class) -> None:
    for i in range(2):
        tiny_class.hand_in(f"hal{i}", first=HANGS)
    run = tiny_class.start("first")
    until(lambda: (tiny_class.grades / "grading.json").exists())
    done = tiny_class.grade("first")
    assert done.code == 2
    assert f"(process {run.pid})" in done.stderr
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    (tiny_class.subs / "hal0/first.py").write_text(RIGHT)
    (tiny_class.subs / "hal1/first.py").write_text(RIGHT)
    assert tiny_class.grade("first").code == 0  # the lock of a dead run binds nobody


# --- what goes wrong ----------------------------------------------------------------------------
KILLS = '''
@criterion("size")
def test_poison():
    """A poisonous answer ends the checker."""
    import os
    if size(5, 3) == 666:
        print("these are my last words", flush=True)
        os.kill(os.getpid(), 9)
'''


def test_a_submission_that_kills_its_checker_fails_alone(tiny_class: Class) -> None:
    tiny_class.spoil(KILLS)
    tiny_class.hand_in("ada", first=RIGHT)
    tiny_class.hand_in("bad", first=POISON)
    tiny_class.hand_in("cyd", first=RIGHT)
    done = tiny_class.grade("first")
    assert done.code == 1, done.stderr
    bad = tiny_class.result("bad")
    assert bad.standing is Standing.BROKEN
    assert bad.mark == 0
    assert "SIGKILL" in bad.reason
    assert "these are my last words" in bad.reason
    assert tiny_class.result("ada").mark == tiny_class.result("cyd").mark == 6
    assert "bad: broken: the process that graded it was ended by SIGKILL" in done.stdout
    tiny_class.hand_in("bad", first=RIGHT)
    assert tiny_class.grade("first").code == 0


def work(student: str, source: str) -> Work:
    return Work(Grade(Student(student), Standing.GRADED, 6), {"first": source.encode()})


def test_a_checker_that_hangs_is_ended_and_the_rest_goes_on(tiny_class: Class) -> None:
    tiny_class.spoil(KILLS.replace("os.kill(os.getpid(), 9)", "import time; time.sleep(99)"))
    setup = Setup(str(tiny_class.course.root), "t01", ("t01.first",), unsandboxed=True)
    works = [work("bad", POISON), work("ada", RIGHT)]
    done = {d.key: d for d in Pool(setup, 1, 1.0).run(iter(works))}
    assert done["bad"].standing is Standing.BROKEN
    assert "did not answer within" in from_json(done["bad"].text).reason
    assert from_json(done["ada"].text).mark == 6


def test_a_broken_check_is_our_fault(tiny_class: Class) -> None:
    tiny_class.spoil('\n@criterion("size")\ndef test_no():\n    """It fails."""\n    1 / 0\n')
    tiny_class.hand_in("ada", first=RIGHT)
    done = tiny_class.grade("first")
    assert done.code == 1
    grade = tiny_class.result("ada")
    assert grade.standing is Standing.BROKEN
    assert grade.reason.startswith("t01.first.size: the check itself failed: ZeroDivisionError")


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_course_that_does_not_load_ends_the_run(tiny_class: Class, jobs: str) -> None:
    tiny_class.spoil("\nimport no_such_module\n")
    tiny_class.hand_in("ada", first=RIGHT)
    done = tiny_class.grade("first", "--jobs", jobs)
    assert done.code == 2
    assert "no_such_module" in done.stderr
    assert "Traceback (most recent call last):\n  File" not in done.stderr
    assert not list((tiny_class.grades / "results").iterdir())


def test_an_honest_submission_beside_hostile_ones(tiny_class: Class) -> None:
    forge = (
        "import atexit, os, sys\nimport numpy as np\n"
        "np.array_equal = lambda *a: True\n"
        "for name in ('results', 'grades'):\n"
        "    try:\n        open(os.path.join(sys.path[-1], name), 'w').write('11')\n"
        "    except Exception:\n        pass\n"
        "def double(x):\n    return x * 0\ndef size(n, k):\n    os.kill(os.getppid(), 9)\n"
    )
    flood = RIGHT + "print('x' * 10_000_000)\n"
    fork = RIGHT + "import os\nif os.fork() == 0:\n    import time\n    time.sleep(99)\n"
    for name, source in [("a-forge", forge), ("b-flood", flood), ("c-fork", fork)]:
        tiny_class.hand_in(name, first=source)
    tiny_class.hand_in("d-ada", first=RIGHT)
    done = tiny_class.grade("first", "--jobs", "1")
    assert done.left == ()
    assert tiny_class.result("a-forge").mark == 0
    assert tiny_class.result("b-flood").mark == 6
    assert tiny_class.result("d-ada").mark == 6


# --- wrong use ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["third"], "there is no stage 'third'"),
        (["--stages", ","], "--stages: expected names"),
        (["--times", "times.csv"], "name the penalties with --late"),
        (["first", "--regrade", "second"], "is not among the stages"),
        (["--regrade", "first"], "has no grades yet"),
        (["--quick"], "No such option"),
        (["--cluster", "tcp://127.0.0.1:1", "--jobs", "2"], "--jobs is for this machine"),
    ],
)
def test_wrong_use_is_explained(tiny_class: Class, options: list[str], said: str) -> None:
    (tiny_class.course.root / "times.csv").write_text("student,submitted\n")
    tiny_class.hand_in("ada", first=RIGHT)
    done = tiny_class.grade(*options)
    assert done.code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not tiny_class.grades.exists()


def test_a_folder_with_other_things_is_not_written_to(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    tiny_class.grades.mkdir()
    (tiny_class.grades / "thesis.tex").write_text("mine\n")
    done = tiny_class.grade()
    assert done.code == 2
    assert "holds other things than grades" in done.stderr
    assert os.listdir(tiny_class.grades) == ["thesis.tex"]


@pytest.mark.parametrize("out", ["subs", "subs/grades", "."])
def test_grades_among_the_hand_ins_are_refused(tiny_class: Class, out: str) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    done = tiny_class.grade(out=tiny_class.subs.parent / out)
    assert done.code == 2
    assert "one in the other" in done.stderr and "Name a folder beside" in done.stderr
    assert os.listdir(tiny_class.subs) == ["ada"]


def test_what_the_system_refuses_is_a_sentence(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    (tiny_class.subs.parent / "file").write_text("")
    done = tiny_class.grade(out=tiny_class.subs.parent / "file/grades")
    assert done.code == 2
    assert "file is a file, not a folder. Move it away" in " ".join(done.stderr.split())
    assert "Errno" not in done.stderr


def test_without_a_sandbox_it_is_refused_unless_allowed(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    done = tiny_class.grade("first", "--sandbox", "none")
    assert done.code == 2
    assert done.stderr.startswith("grader: --sandbox none: submissions could do as they like.")
    assert "--allow-unsandboxed" in done.stderr
    done = tiny_class.grade("first", "--sandbox", "none", "--allow-unsandboxed")
    assert done.code == 0
    report = tiny_class.result("ada").report
    assert report is not None and report.sandbox.level == "none"


# --- regrading and follow-through ---------------------------------------------------------------
def test_a_regrading_changes_its_stage_alone_and_says_who_changed(tiny_class: Class) -> None:
    check = tiny_class.course.stage("first") / "checks/test_first.py"
    right = check.read_text()
    check.write_text(right.replace("call(size, 5, 3).gives(3)", "call(size, 5, 3).gives(2)"))
    hidden = tiny_class.course.stage("first") / "checks/hidden/test_first_hidden.py"
    all_hidden = hidden.read_text()
    hidden.write_text('"""None."""\n')
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.hand_in("bob", first=WRONG_SIZE, second=SECOND)
    tiny_class.grade()
    assert tiny_class.result("ada").mark, tiny_class.result("bob").mark == (9, 11)
    before = {s: tiny_class.result(s) for s in ("ada", "bob")}

    check.write_text(right)
    hidden.write_text(all_hidden)
    done = tiny_class.grade("--regrade", "first")
    assert done.code == 0, done.stderr
    table = done.stdout[done.stdout.index("Regraded") :]
    assert re.search(r"ada +t01\.first\.size +failed -> passed +\+2", table)
    assert re.search(r"bob +t01\.first\.size +passed -> failed +-2", table)
    assert table.count("->") == 3
    for student, old in before.items():
        kept = tiny_class.grades / f"previous/{student}.regrade-1.json"
        assert from_json(kept.read_text()) == old
        assert tiny_class.result(student).stages[1] == old.stages[1]
    text = contents(tiny_class.grades)
    assert tiny_class.grade().code == 0  # and then nothing is left to do
    assert contents(tiny_class.grades) == text
    assert "nobody's result changed" in tiny_class.grade("--regrade", "first").stdout
    assert (tiny_class.grades / "previous/ada.regrade-2.json").exists()
    done = tiny_class.grade("--regrade", "first", "--follow-through")
    assert done.code == 2
    assert "follow-through: no then; yes now" in done.stderr
    done = tiny_class.grade("first", "--regrade", "first")
    assert "stages: t01.first, t01.second then; t01.first now" in done.stderr


def test_what_a_regrading_left_out_is_not_taken_for_checked(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.grade()
    for stage, old, new in (("first", "gives(3)", "gives(2)"), ("second", "20]", "21]")):
        path = tiny_class.course.stage(stage) / f"checks/test_{stage}.py"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    tiny_class.grade("--regrade", "second")
    assert [s.outcome for s in tiny_class.result("ada").stages] == ["passed", "failed"]
    tiny_class.grade("--regrade", "second")
    assert tiny_class.grade().code == 0  # the first has changed as well
    assert [s.outcome for s in tiny_class.result("ada").stages] == ["failed", "failed"]


def test_a_regrading_knows_what_the_other_stages_came_to(tiny_class: Class) -> None:
    """The first stage passes its own checks, and is in the way of the second all the same."""
    sly = RIGHT.replace(
        "return x * 2", "return x * (3 if np.size(x) == 3 and np.max(x) == 10 else 2)"
    )
    tiny_class.hand_in("ada", first=sly, second=SECOND)
    tiny_class.grade("--follow-through")
    before = tiny_class.result("ada")
    assert [s.outcome for s in before.stages] == ["passed", "blocked"]
    done = tiny_class.grade("--follow-through", "--regrade", "second")
    assert "nobody's result changed" in done.stdout
    after = tiny_class.result("ada")
    (first,), (again,) = before.followed, after.followed
    assert (after.mark, again.stage.outcome, again.replaced) == (
        before.mark,
        first.stage.outcome,
        first.replaced,
    )


def test_an_interrupted_regrading_goes_on_and_another_begins_anew(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.grade()
    tiny_class.grade("--regrade", "first")
    path = tiny_class.grades / "grading.json"
    about = json.loads(path.read_text())
    unfinished = {"number": 1, "stages": ["t01.first"], "course": about["course"]}
    path.write_text(json.dumps(about | {"regradings": 0, "regrading": unfinished}))
    before = contents(tiny_class.grades / "results")
    tiny_class.grade("--regrade", "first")  # ada was done when it was interrupted
    assert contents(tiny_class.grades / "results") == before
    path.write_text(json.dumps(about | {"regradings": 0, "regrading": unfinished}))
    tiny_class.grade("--regrade", "second")
    assert (tiny_class.result("ada").digests or {})["regrade"] == "regrade-2"


def test_follow_through_gives_what_an_earlier_stage_took(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT, second=SECOND)
    tiny_class.hand_in("bob", first=DOUBLE_WRONG, second=OWN_SECOND)
    tiny_class.hand_in("cyd", first=DOUBLE_WRONG, second=SECOND.replace("x))", "x)) * 2"))
    tiny_class.grade()
    plain = {s: tiny_class.result(s).mark for s in ("ada", "bob", "cyd")}
    done = tiny_class.grade("--follow-through")
    assert "Follow-through: for 1 student" in " ".join(done.stdout.split())
    marks = {s: tiny_class.result(s).mark for s in plain}
    assert marks["ada"] == plain["ada"] == 11
    assert plain["bob"] < marks["bob"] == 2 + 5
    assert plain["cyd"] == marks["cyd"] == 2 + 3
    # The reference in an earlier stage's place mends nothing of theirs.
    assert tiny_class.result("ada").followed == tiny_class.result("cyd").followed == ()
    (followed,) = tiny_class.result("bob").followed
    assert followed.replaced == ("t01.first",)
    assert followed.stage.id == "t01.second"


# --- late penalties ---
def test_a_late_penalty_needs_no_second_check(tiny_class: Class, tmp_path: Path) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    tiny_class.hand_in("bob", first=RIGHT)
    tiny_class.grade("first")
    report = tiny_class.result("ada").report
    late, times = tmp_path / "late.toml", tmp_path / "times.csv"
    late.write_text("due = 2026-12-01T18:00:00+01:00\npercent_per_day = 10\n")
    times.write_text(
        "student,submitted\nADA,2026-12-02T18:30:00+01:00\nzoe,2026-12-02T18:30:00+01:00\n"
    )
    done = tiny_class.grade("first", "--late", str(late), "--times", str(times))
    assert done.code == 0, done.stderr
    ada = tiny_class.result("ada")
    assert (ada.mark, ada.late and ada.late.days) == (4.8, 2)
    assert ada.report == report
    assert "Late: 1 student with a penalty." in done.stdout
    assert done.stderr == "--times: times of nobody here by key, e-mail or id: zoe\n"
    assert "Late penalties taken back: 1" in tiny_class.grade("first").stderr
    assert tiny_class.result("ada").mark == 6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "who,when\n",
        "student,submitted\nada,yesterday\n",
        "student,submitted\nada,2026-12-01\n",
        f"student,submitted\nada,{'2026-12-01 18:00 ' * 9}\n",
    ],
)
def test_a_table_of_times_is_read_with_care(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UsageError, match=r"(?i)expected") as caught:
        Times(tmp_path / "t.csv")
    said = str(caught.value).replace(str(tmp_path), "")
    assert max(map(len, said.splitlines())) <= 80


def test_two_times_of_one_student_are_refused_with_their_lines(tmp_path: Path) -> None:
    one, two = "2026-12-01T18:00:00Z", "2026-12-02T18:00:00Z"
    (tmp_path / "t.csv").write_text(f"student,submitted\na0,{one}\n\nA0,{two}\n")
    with pytest.raises(UsageError, match="lines 2 and 4 are both for 'A0'"):
        Times(tmp_path / "t.csv")


def test_two_times_of_one_student_by_key_and_by_number_are_refused(
    tiny_class: Class, tmp_path: Path
) -> None:
    tiny_class.hand_in("Ada Lee_7_assignsubmission_file_", first=RIGHT)
    one, two = "2026-12-01T18:00:00Z", "2026-12-02T18:00:00Z"
    times, late = tmp_path / "t.csv", tmp_path / "late.toml"
    times.write_text(f"student,submitted\n7,{one}\nADA_lee_7,{two}\n")
    late.write_text(f"due = {one}\npercent_per_day = 10\n")
    done = tiny_class.grade("--late", str(late), "--times", str(times))
    assert done.code == 2 and "lines 2 and 3 are both for 'Ada_Lee_7'" in done.stderr
    assert "'7' and 'ADA_lee_7' name one student" in done.stderr
    assert not list(tiny_class.grades.glob("results/*"))


def test_who_has_no_grade_is_named_as_far_as_a_key_cannot(tiny_class: Class) -> None:
    tiny_class.hand_in("李 雷")
    done = tiny_class.grade("first")
    assert done.code == 1 and " (李 雷): refused: " in done.stdout


# --- the parts ---
def test_progress_without_a_terminal_is_a_line_now_and_then(capsys: Any) -> None:
    with Progress(4, every=0.0) as progress:
        for standing in (Standing.GRADED, Standing.REFUSED, Standing.BROKEN):
            progress.heard(standing, standing is Standing.GRADED)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("3 of 4, ")
    assert last.endswith(" left, 1 refused, 1 broken")


def hurried(course: Any, limits: str, sizes: list[tuple[int, int]]) -> None:
    """Give the tiny course other limits, and more checks of `size`."""
    toml = course.stage("first") / "stage.toml"
    toml.write_text(toml.read_text().replace("seconds = 2", limits))
    check = course.stage("first") / "checks/test_first.py"
    more = (
        f'\n@criterion("size")\ndef test_{i}():\n    """More."""\n'
        f"    call(size, {n}, {k}).gives({n - k + 1})\n"
        for i, (n, k) in enumerate(sizes)
    )
    check.write_text(check.read_text() + "".join(more))


def seconds_of(criterion: dict[str, Any]) -> list[float]:
    return [check["seconds"] for check in criterion["checks"]]


def test_a_function_that_never_returns_gets_less_each_time(tiny_course: Any, grader: Any) -> None:
    hurried(tiny_course, "seconds = 1", [(5, 3)] * 8)
    tiny_course.file("first").write_text(HANGS)
    done = grader.check("first", cwd=tiny_course.root)
    found = done.criteria["first.size"]
    assert "than the limit of 1 s" in json.dumps(found)
    assert "than the 0.25 s that size gets after calls that did not return" in json.dumps(found)
    assert sum(seconds_of(found)) < 4  # ten checks of one second
    assert done.outcomes == {
        "first.double": "passed",
        "first.size": "failed",
        "first.long": "passed",
    }


def test_a_function_that_returns_for_some_input_keeps_its_time(
    tiny_course: Any, grader: Any
) -> None:
    hurried(tiny_course, "seconds = 1\nstage_seconds = 1.5", [(5, 3), (6, 2), (9, 2), (5, 3)] * 2)
    slow = "    import time\n    while n == 5: pass\n    time.sleep(0.6 if n == 9 else 0)\n"
    tiny_course.file("first").write_text(
        RIGHT.replace("def size(n, k):\n", f"def size(n, k):\n{slow}")
    )
    done = grader.check("first", cwd=tiny_course.root)
    found = done.criteria["first.size"]["checks"]
    assert [each["outcome"] for each in found[:5]] == ["failed"] * 2 + ["passed"] * 2 + ["failed"]
    said = json.dumps(done.criteria["first.size"])
    assert "used up the 1.5 s of the stage" in said  # checks that fail share it


def test_a_stage_that_hangs_by_itself_is_not_followed(tiny_class: Class) -> None:
    toml = tiny_class.course.stage("second") / "stage.toml"
    toml.write_text(toml.read_text().replace("seconds = 2", "seconds = 1"))
    hangs = SECOND.replace("return double(double(x))", "while True: pass")
    assert hangs != SECOND
    tiny_class.hand_in("ada", first=DOUBLE_WRONG, second=hangs)
    assert tiny_class.grade("--follow-through").code == 0
    grade = tiny_class.result("ada")
    assert grade.followed == ()
    assert "longer than" in json.dumps(
        json.loads((tiny_class.grades / "results/ada.json").read_text())
    )


def test_a_right_answer_may_be_slow_in_every_check(tiny_course: Any, grader: Any) -> None:
    toml = tiny_course.stage("first") / "stage.toml"
    toml.write_text(toml.read_text().replace("seconds = 2", "seconds = 1\nstage_seconds = 0.2"))
    tiny_course.file("first").write_text(
        RIGHT.replace("def size(n, k):\n", "def size(n, k):\n    import time; time.sleep(0.3)\n")
    )
    assert grader.check("first", cwd=tiny_course.root).code == 0


def test_what_lies_beside_the_hand_ins_is_named(tiny_class: Class) -> None:
    tiny_class.hand_in("ada", first=RIGHT)
    (tiny_class.subs / "stray.txt").write_text("whose is this?\n")
    done = tiny_class.grade("first")
    assert done.code == 0 and "Passed over" in done.stderr and "stray.txt" in done.stderr
