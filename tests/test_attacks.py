"""What an attack on the grader found once, and must not find again."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def append(tiny_course: Any, stage: str, code: str) -> None:
    """Put code below the solution in a student's file."""
    tiny_course.solve()
    with tiny_course.file(stage).open("a") as file:
        file.write("\n\n" + code)


@pytest.mark.parametrize("name", ["unittest", "gzip", "queue", "hypothesis", "numpy", "grader"])
def test_a_file_beside_the_course_is_not_imported_into_the_checker(
    tiny_course: Any, grader: Any, name: str
) -> None:
    tiny_course.solve()
    marker = tiny_course.root / "imported"
    (tiny_course.root / f"{name}.py").write_text(
        f"open({str(marker)!r}, 'w').close()\nraise RuntimeError('not me')\n"
    )
    installed = [str(Path(sys.executable).with_name("grader")), "check", "--quick"]
    done = grader.run(installed, cwd=tiny_course.root)
    assert done.code == 0, done.stdout + done.stderr
    assert not marker.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the zygote is Linux's")
@pytest.mark.parametrize("level", ["none", "L1", "L2"])
def test_a_folder_of_endless_depth_costs_one_check(
    tiny_course: Any, grader: Any, level: str, own_tmp: Path
) -> None:
    deep = (
        "def size(n, k):\n"
        "    import os\n"
        "    for _ in range(1500):\n"
        "        os.mkdir('d')\n"
        "        os.chdir('d')\n"
        "    os.symlink('/usr', 'usr') if hasattr(os, 'symlink') else None\n"
        "    os._exit(0)\n"
    )
    append(tiny_course, "first", deep)
    done = grader.check("first", "--sandbox", level, cwd=tiny_course.root)
    assert done.outcomes["first.double"] == "passed", done.stdout + done.stderr
    assert done.outcomes["first.size"] == "failed"
    assert not list(own_tmp.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_in_the_place_of_a_file_is_said(tiny_course: Any, grader: Any) -> None:
    tiny_course.solve()
    tiny_course.file("first").unlink()
    os.mkfifo(tiny_course.file("first"))
    done = grader.check("first", cwd=tiny_course.root)
    assert done.code == 1
    assert "is no ordinary file" in done.stdout


def test_options_for_pytest_elsewhere_do_not_reach_the_checks(
    tiny_course: Any, grader: Any
) -> None:
    tiny_course.solve()
    done = grader.check(
        cwd=tiny_course.root, PYTEST_ADDOPTS="-k nothing --cov=x", PYTEST_PLUGINS="no_such"
    )
    assert done.code == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="streams are closed by a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&-", "<&- 2>&-"])
def test_closed_streams_are_no_obstacle(tiny_course: Any, closed: str) -> None:
    tiny_course.solve()
    line = f"{sys.executable} -m grader check --quick {closed}"
    done = subprocess.run(["sh", "-c", line], cwd=tiny_course.root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_a_named_tuple_is_a_tuple(tiny_course: Any, grader: Any) -> None:
    code = (
        "import collections\n"
        "Pair = collections.namedtuple('Pair', 'a b')\n"
        "def quadruple(x):\n"
        "    return Pair(x + x, x + 1)\n"
    )
    append(tiny_course, "second", code)
    done = grader.check("second", "--quick", cwd=tiny_course.root)
    decisive = done.criteria["second.quadruple"]["checks"][0]["evidence"]["what"]
    assert "a tuple of 2" in decisive


def test_a_mistake_that_only_a_used_program_makes_is_not_blamed_on_another_stage(
    tiny_course: Any, grader: Any
) -> None:
    stale = (
        "_seen = {}\n"
        "_right = quadruple\n"
        "def quadruple(x):\n"
        "    return _seen.setdefault('any', _right(x))\n"
    )
    append(tiny_course, "second", stale)
    done = grader.check("second", "--quick", cwd=tiny_course.root)
    assert done.outcomes["second.quadruple"] == "failed"


def test_a_refusal_of_a_lent_stage_crosses_as_it_is(tiny_course: Any, grader: Any) -> None:
    # `first` accepts what it must refuse; `second` relies on the refusal and is blocked by it.
    append(tiny_course, "first", "def size(n, k):\n    return 0\n")
    second = tiny_course.stage("second")
    (second / "checks" / "test_relies.py").write_text(
        "from grader.checking import call, criterion\n"
        "from stages.t01_tiny.second.second import places\n\n\n"
        "@criterion('quadruple')\n"
        "def test_relies():\n"
        "    call(places, 3, 4).refused('k', '4')\n"
    )
    code = (
        "from stages.t01_tiny.first.first import size\n\n\n"
        "def places(n, k):\n"
        "    return size(n, k)\n"
    )
    for name in ("solution.py", "second.py"):
        with (second / name).open("a") as file:
            file.write("\n\n" + code)
    done = grader.check("second", "--quick", cwd=tiny_course.root)
    assert done.outcomes["second.quadruple"] == "blocked", done.stdout


def test_a_task_of_no_stage_blocks_nothing(tiny_course: Any, grader: Any) -> None:
    append(
        tiny_course, "first", "def size(n, k):\n    raise NotImplementedError('to.do: later')\n"
    )
    assert grader.check("first", cwd=tiny_course.root).outcomes["first.size"] == "failed"
