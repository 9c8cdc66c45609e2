"""Golden submissions, one an outcome, through the real command line.

A folder of `golden` holds the files that a student handed in, and `expected.json`: the
criteria and points, the exit code, words that the printed report must have and words that
it must not have. A stage without a file there keeps its stub, unless it is listed under
``solved`` (the reference stands there) or ``removed``.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(file.parent.name for file in GOLDEN.glob("*/expected.json"))
# Half of them wait for a time limit or for another process.
AT_ONCE = 3


def expectation(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / name / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory, grader_in, tiny_course_in) -> Iterator[dict[str, Future[Any]]]:
    """Start the submissions that were asked for, a few at once."""

    def run(name: str) -> Any:
        scratch = tmp_path_factory.mktemp(name, numbered=False)
        expected, course = expectation(name), tiny_course_in(scratch / "course")
        course.solve(expected.get("solved", ()))
        for stage in expected.get("removed", ()):
            course.file(stage).unlink()
        for file in (GOLDEN / name).glob("*.py"):
            shutil.copyfile(file, course.file(file.stem))
        arguments = (*expected.get("options", ()), *expected.get("stages", ()))
        return grader_in(scratch).check(*arguments, cwd=course.root)

    here = [item for item in request.session.items if item.path == request.path]
    chosen = [getattr(item, "callspec", None) for item in here]
    names = [c.params["name"] for c in chosen if c and c.params.get("name") in NAMES]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(run, name) for name in names}


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_submission_gets_its_outcome(name, runs):
    expected, run = expectation(name), runs[name].result()
    seen = f"{run.stdout}\n{run.stderr}"

    assert run.report, seen
    assert run.outcomes == expected["criteria"], seen
    assert sum(stage["earned"] for stage in run.report["stages"]) == expected["points"]
    assert run.code == expected["exit"], seen
    check_who_blocks(run, expected)
    check_words(run, expected)
    check_the_form_of_the_output(run)
    assert run.left == (), "these processes outlived the run"


def check_who_blocks(run, expected) -> None:
    """Each blocked criterion names the stage in the way."""
    blockers = {
        check["blocked_by"]
        for criterion in run.criteria.values()
        for check in criterion["checks"]
        if check["outcome"] == "blocked"
    }
    assert blockers == ({expected["blocked_by"]} if "blocked_by" in expected else set())


def check_words(run, expected) -> None:
    """The report names the cause; what a criterion's evidence says is in the JSON."""
    printed = " ".join(run.stdout.split())
    assert [words for words in expected["says"] if words.strip() not in printed] == [], run.stdout
    never = ["Traceback", "grader/", "site-packages", *expected.get("never", ())]
    assert [words for words in never if words in run.stdout] == [], run.stdout
    for name, words in expected.get("evidence", {}).items():
        told = [check["evidence"] for check in run.criteria[name]["checks"] if check["evidence"]]
        assert words in json.dumps(told, ensure_ascii=False)


def check_the_form_of_the_output(run) -> None:
    """At most 80 columns and a screenful, no escape code, nothing of ours on stderr."""
    lines = run.stdout.split("\n")
    assert [line for line in lines if len(line.expandtabs()) > 80] == []
    assert len(lines) <= 60, run.stdout
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", run.stdout)
    assert run.stderr == ""


def test_every_golden_folder_says_what_it_is_about_and_is_complete():
    folders = [folder.name for folder in GOLDEN.iterdir() if list(folder.glob("*.py"))]
    assert set(folders) <= set(NAMES)
    assert [name for name in NAMES if not expectation(name)["about"]] == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process adopt orphans")
def test_a_process_that_outlives_a_run_would_be_noticed(grader, tmp_path):
    daemon = "import os, time; os.fork() or (os.setsid(), os.fork() or time.sleep(60))"
    run = grader.run([sys.executable, "-c", daemon], cwd=tmp_path, patience=0.2)
    assert ["time.sleep(60)" in process for process in run.left] == [True]


KILLED_ONCE = '''
TRIES = []


@criterion("size")
def test_killed_from_outside():
    """The program is killed in the first try, as by a machine that runs short of memory."""
    import os

    TRIES.append(1)
    if len(TRIES) == 1:
        os.kill(size.__grader_session__()._exchange._process._pid, 9)
    call(size, 5, 3).gives(3)
'''


@pytest.mark.skipif(sys.platform != "linux", reason="finds the worker as Linux numbers it")
def test_a_program_that_is_killed_from_outside_is_tried_again(grader, tiny_course):
    tiny_course.solve()
    checks = tiny_course.stage("first") / "checks" / "test_first.py"
    checks.write_text(checks.read_text() + KILLED_ONCE)
    done = grader.check("first", "--sandbox", "none", cwd=tiny_course.root)
    assert done.outcomes["first.size"] == "passed", done.stdout
