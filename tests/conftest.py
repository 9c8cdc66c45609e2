"""What the tests share: a course of two tiny stages, the real command line, the solutions."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader.cores import available_cores
from grader.course import Course
from grader.reference import LiveReference

# NumPy reads it when it is imported. As in the workers: threads would wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Commands find compiled files, as a user's do; some images of containers keep none.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

HERE = Path(__file__).parent
LONGEST = 300  # seconds for one test, with what it sets up
# Courses and submissions for the tests: their checks are no tests of ours.
collect_ignore = ["tiny_course", "golden", "hostile"]


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run the whole suite in several processes, and a part that is named in one."""
    if getattr(config.option, "timeout", 0) is None:  # what hangs is named, and the rest goes on
        config.option.timeout = LONGEST
    option, whole = config.option, config.args_source is config.ArgsSource.TESTPATHS
    if hasattr(config, "workerinput"):  # one of those that are started here
        return
    if whole and not option.usepdb and getattr(option, "numprocesses", 0) is None:
        option.numprocesses = available_cores() + 1  # many tests wait more than they work
        option.dist = "loadfile"  # what a file sets up is set up once
        option.loadscopereorder = False


_ENVIRONMENT = {"PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore"}
_UNWANTED = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LINES", "PYTEST_ADDOPTS")

# Runs a command and tells which processes outlive it. Orphans come to this process, which
# adopts them, so that no two runs are mistaken for each other.
_WATCH = r"""
import ctypes, json, os, signal, subprocess, sys, time
adopt_orphans = 36
ctypes.CDLL(None).prctl(adopt_orphans, 1, 0, 0, 0)
signal.signal(signal.SIGINT, lambda *_: None)
code = subprocess.Popen(sys.argv[3:]).wait()
give_up, left = time.monotonic() + float(sys.argv[2]), {}
while True:
    try:
        pid, _ = os.waitpid(-1, 0 if left else os.WNOHANG)
    except ChildProcessError:
        break
    if pid or left:
        continue
    if time.monotonic() < give_up:
        time.sleep(0.005)
        continue
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        for child in map(int, file.read().split()):
            with open(f"/proc/{child}/cmdline") as line:
                left[child] = line.read().replace("\0", " ")
            os.kill(child, signal.SIGKILL)
with open(sys.argv[1], "w") as file:
    json.dump(list(left.values()), file)
sys.exit(code if code >= 0 else 128 - code)
"""


@dataclass(frozen=True)
class Finished:
    """What a command of the grader did.

    `left` lists the processes that were still there seconds after it had ended; it is
    empty where the system is not Linux.
    """

    code: int
    stdout: str
    stderr: str
    left: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def criteria(self) -> dict[str, dict[str, Any]]:
        """The criteria of the JSON report, as ``stage.criterion``."""
        return {
            f"{stage['id'].rpartition('.')[2]}.{criterion['id']}": criterion
            for stage in self.report["stages"]
            for criterion in stage["criteria"]
        }

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each criterion."""
        return {name: criterion["outcome"] for name, criterion in self.criteria.items()}


class Grader:
    """The command line of the grader, in a process of its own."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def command(self, *arguments: str) -> list[str]:
        """Return the command of a run."""
        return [sys.executable, "-m", "grader", *arguments]

    def watched(self, command: Sequence[str], left: Path, patience: float = 3) -> list[str]:
        """Return `command`, wrapped so that what outlives it is listed in the file `left`."""
        if sys.platform != "linux":
            return list(command)
        watch = [sys.executable, "-I", "-S", "-c", _WATCH, str(left), str(patience)]
        return [*watch, *command]

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Return our own environment without what changes a report."""
        ours = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
        return ours | _ENVIRONMENT | dict(extra)

    def __call__(self, *arguments: str, cwd: Path, **environment: str) -> Finished:
        """Run one command of the grader to its end."""
        return self.run(self.command(*arguments), cwd=cwd, **environment)

    def run(
        self, command: Sequence[str], *, cwd: Path, patience: float = 3, **environment: str
    ) -> Finished:
        """Run any command to its end, and what it leaves behind too."""
        to = self.scratch / "left.json"
        done = subprocess.run(
            self.watched(command, to, patience),
            cwd=cwd,
            env=self.environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        left = json.loads(to.read_text()) if to.exists() else []
        out, err = (text.decode(errors="backslashreplace") for text in (done.stdout, done.stderr))
        return Finished(done.returncode, out, err, tuple(left))

    def check(self, *arguments: str, cwd: Path, **environment: str) -> Finished:
        """Run ``grader check`` for its printed report and its JSON report at once."""
        to = self.scratch / "report.json"
        done = self("check", "--json", str(to), *arguments, cwd=cwd, **environment)
        report = json.loads(to.read_text(encoding="utf-8")) if to.exists() else {}
        return Finished(done.code, done.stdout, done.stderr, done.left, report)


class TinyCourse:
    """A course of the two stages ``t01.first`` and ``t01.second``, in a folder of its own."""

    def __init__(self, root: Path) -> None:
        shutil.copytree(
            HERE / "tiny_course", root, ignore=shutil.ignore_patterns("__pycache__", ".*")
        )
        self.root = root
        self.unit = root / "stages" / "t01_tiny"

    def stage(self, name: str) -> Path:
        """Return the folder of a stage."""
        return self.unit / name

    def file(self, name: str) -> Path:
        """Return the student's file of a stage."""
        return self.unit / name / f"{name}.py"

    def solve(self, names: Sequence[str] = ("first", "second")) -> None:
        """Put the reference in the place of the student's files."""
        for name in names:
            shutil.copyfile(self.stage(name) / "solution.py", self.file(name))


@pytest.fixture
def own_tmp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder for temporary files of one test alone: others run beside it."""
    folder = Path(tempfile.mkdtemp(prefix="tests-"))
    folder.chmod(0o1777)  # started by root, workers are another user's
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tiny_course(tmp_path: Path) -> TinyCourse:
    """The tiny course with its stubs, in a folder of its own."""
    return TinyCourse(tmp_path / "course")


@pytest.fixture
def grader(tmp_path: Path) -> Grader:
    """Runs the grader's command line as a user does."""
    return Grader(tmp_path)


@pytest.fixture(scope="session")
def grader_in() -> type[Grader]:
    """Runs the command line with a scratch folder that the test chooses."""
    return Grader


@pytest.fixture(scope="session")
def tiny_course_in() -> type[TinyCourse]:
    """Makes a tiny course in a folder that the test chooses."""
    return TinyCourse


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless browser: one for all tests, which is what starting it costs."""
    binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    driver = shutil.which("chromedriver")
    if not (binary and driver):
        pytest.skip("needs chromium and chromedriver, and one is not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture(scope="module")
def solutions() -> Iterator[dict[str, ModuleType]]:
    """The solutions under the names that lessons and walk-throughs import them by."""
    names = Course.find(HERE).units[0].solutions()
    before = {name: sys.modules.pop(name, None) for name in names}
    reference = LiveReference(names)
    sys.modules.update({name: reference.module(name) for name in names})
    yield {name: sys.modules[name] for name in names}
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
