"""Grading on the workers of a dask scheduler: the same grades, whatever dies."""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.batch.cluster import Cluster
from grader.batch.messages import Done, Setup, Work
from grader.batch.pool import Pool
from grader.course import Course
from grader.errors import GraderError
from grader.grades import Grade, Standing, Student, from_json

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs fork")

RIGHT = """import time
import numpy as np
def double(x):
    return x * 2
def size(n, k):
    time.sleep(0.03)
    if not 1 <= k <= n:
        raise ValueError(f'k must be in 1..{n}, not {k}')
    return n - k + 1
"""
WRONG = RIGHT.replace("n - k + 1", "n - k")
# What only the check below understands: it ends the worker that its process runs under.
POISON = RIGHT.replace("n - k + 1", "666 if (n, k) == (5, 3) else n - k + 1")
KILLS = '''
@criterion("size")
def test_poison():
    """A poisonous answer ends the worker of the cluster."""
    import os
    if size(5, 3) == 666:
        os.kill(os.getppid(), 9)
'''


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers, each a process with one thread."""
    import dask

    settings = {
        "distributed.scheduler.allowed-failures": 1,
        # A worker that is slow to come back must not be given up: on a busy machine it is slow.
        "distributed.deploy.lost-worker-timeout": "1 hour",
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as found,
    ):
        yield found


def setup(root: Path) -> Setup:
    return Setup(str(root), "t01", ("t01.first",), unsandboxed=True)


def works(**sources: str) -> Iterator[Work]:
    for student, source in sources.items():
        grade = Grade(Student(student), Standing.GRADED, 6)
        yield Work(grade, {"first": source.encode()})


def timeless(done: Done) -> str:
    return re.sub(r'"(started|seconds)": [^,\n]+', r'"\1": 0', done.text.decode())


def on(cluster: Any, root: Path, total: int) -> Cluster:
    course = Course(root)
    return Cluster(cluster.scheduler_address, course, course.units[0], setup(root), 60, total, 4)


def test_a_cluster_grades_as_this_machine_does_even_if_a_worker_dies(
    cluster: Any, tiny_course: Any
) -> None:
    students = {f"s{i:02}": WRONG if i % 5 == 3 else RIGHT for i in range(24)}
    here = {
        d.key: timeless(d) for d in Pool(setup(tiny_course.root), 2, 60).run(works(**students))
    }
    victims = [worker.pid for worker in cluster.workers.values()]
    there: dict[str, str] = {}
    for done in on(cluster, tiny_course.root, 24).run(works(**students)):
        if not there:
            os.kill(victims[0], signal.SIGKILL)
        there[done.key] = timeless(done)
    assert there == here
    assert {json.loads(text)["mark"] for text in here.values()} == {4, 6}


def test_what_kills_its_worker_again_and_again_fails_alone(cluster: Any, tiny_course: Any) -> None:
    path = tiny_course.stage("first") / "checks/test_first.py"
    path.write_text(path.read_text() + KILLS)
    students = {"ada": RIGHT, "bad": POISON, "cyd": RIGHT}
    found = {d.key: d for d in on(cluster, tiny_course.root, 3).run(works(**students))}
    assert {key: done.standing for key, done in found.items()} == {
        "ada": Standing.GRADED,
        "bad": Standing.BROKEN,
        "cyd": Standing.GRADED,
    }
    assert "its worker died again and again" in from_json(found["bad"].text).reason


def test_a_course_that_does_not_load_ends_the_run(cluster: Any, tiny_course: Any) -> None:
    path = tiny_course.stage("first") / "checks/test_first.py"
    path.write_text("import no_such_module\n")
    with pytest.raises(GraderError, match="no_such_module"):
        list(on(cluster, tiny_course.root, 1).run(works(ada=RIGHT)))


def test_no_workers_for_long_end_the_run(tiny_course: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("grader.batch.cluster.WORKERLESS_SECONDS", 1)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as nobody,
        pytest.raises(GraderError, match=r"no worker for 1 s[^$]*goes on with the rest"),
    ):
        list(on(nobody, tiny_course.root, 1).run(works(ada=RIGHT)))


def test_a_scheduler_that_goes_takes_no_submission_along(
    tiny_course: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("grader.batch.cluster.CONNECT_SECONDS", 2)
    students = {f"s{i:02}": RIGHT for i in range(12)}
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as brief:
        grades = on(brief, tiny_course.root, 12).run(works(**students))
        standings = [next(grades).standing]
        brief.close()
        with pytest.raises(GraderError, match="answers no more"):
            standings.extend(done.standing for done in grades)
    assert set(standings) == {Standing.GRADED}


def test_no_scheduler_is_said(tiny_course: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("grader.batch.cluster.CONNECT_SECONDS", 0.5)
    course = Course(tiny_course.root)
    nowhere = Cluster("tcp://127.0.0.1:9", course, course.units[0], setup(tiny_course.root), 60, 1)
    with pytest.raises(GraderError, match="no dask scheduler answers") as caught:
        list(nowhere.run(works(ada=RIGHT)))
    # What has a slash is taken for a path and never broken.
    assert max(map(len, f"grader: {caught.value}".splitlines())) <= 80


@pytest.mark.parametrize("address", ["foo", ""])
def test_a_nonsense_address_is_one_message(
    tiny_course: Any, grader: Any, tmp_path: Path, address: str
) -> None:
    (tmp_path / "subs/ada").mkdir(parents=True)
    (tmp_path / "subs/ada/first.py").write_text(RIGHT)
    folders = [str(tmp_path / "subs"), "--out", str(tmp_path / "grades")]
    done = grader("grade", *folders, "--cluster", address, cwd=tiny_course.root)
    assert done.code == 2
    assert done.stderr.startswith(f"grader: --cluster: no dask scheduler answers at {address!r}")
    assert "dask scheduler" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_extra_is_explained(tiny_course: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    course = Course(tiny_course.root)
    with pytest.raises(GraderError, match="pip install"):
        Cluster("tcp://x:1", course, course.units[0], setup(tiny_course.root), 60, 1)
