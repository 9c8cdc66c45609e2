"""The README and the instructor's pages: each command is run as it stands there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from runpy import run_path

import pytest

from grader.course import Course
from grader.edition.contents import contents
from grader.edition.secret import Keys

ROOT = Path(__file__).resolve().parent.parent
UNIT = Course(ROOT).units[0]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = ["README.md", "docs/editions.md", "docs/grading.md"]
SECRET = "5a" * 32  # of which docs/editions.md has a code
KEYS = Keys(bytes.fromhex(SECRET))
EDITION = "uv run grader edition ../for-students --zip"  # run once, for all pages
PAST = datetime.now(UTC) > datetime(2026, 12, 1, 17, tzinfo=UTC)
# With which code each command ends, for a student who has begun and for a class of two.
CODES = {
    "uv run grader check s13 --solution": 0,
    "uv run pytest": 0,
    "uv run grader list": 0,
    "uv run grader check": 1,
    "uv run grader watch": 0,
    "uv run grader check conv --quick": 1,
    "uv run grader check conv --profile": 1,
    "uv run grader progress": 0,
    "uv run grader reset conv": 0,
    "uv run grader submit": 0,
    "uv run grader unlock conv CODE": 0,
    "uv run grader hint conv": 0,
    "uv run grader check conv --html conv.html": 1,
    "uv run pytest stages/s13_cnn/conv": 1,
    "uv run grader doctor": 0,
    "uv run grader release s13.padding": 0,
    "uv run grader grade submissions --out grades": 0,
    "uv run grader report grades": 0,
    "uv run grader export grades --help": 0,
    'uv run grader release s13.im2col --at "2026-12-01 18:00" --tz Europe/Berlin': 2 * PAST,
    "uv run grader release --status": 0,
    "uv run grader release --due": 0,
    "uv run grader unlock s13.padding 0Y2G1-SBV1G-FAQ45-HGEP7-AGR": 0,
    "uv run grader grade submissions --out grades padding im2col": 0,
    "uv run grader grade submissions --out grades padding im2col --regrade im2col": 0,
    "uv run grader similar submissions --html similar.html": 0,
}
# What is there afterwards, if a command is for that.
MADE = {
    EDITION: "../for-students.zip",
    "uv run grader reset conv": "stages/s13_cnn/conv/conv.20*.py",
    "uv run grader submit": "submission.zip",
    "uv run grader unlock conv CODE": "solutions/s13_cnn/conv/solution.py",
    "uv run grader check conv --html conv.html": "conv.html",
    "uv run grader release s13.padding": "solutions/s13_cnn/padding/solution.py",
    "uv run grader grade submissions --out grades": "grades/results/ada.json",
    "uv run grader similar submissions --html similar.html": "similar.html",
}
# What somebody types while the command runs.
TYPED = {"uv run grader watch": b"q", "uv run grader reset conv": b"y\n"}
# What needs a network, a browser, other machines or minutes, and what runs it.
CLUSTER = "uv run --extra cluster grader grade submissions --out grades"
ELSEWHERE = {
    "pip install uv": ".ci/run",
    "uv run --extra notebooks jupyter lab notebooks/1_padding.ipynb": "tests/test_jupyterlab.py",
    f"{CLUSTER} --cluster tcp://scheduler:8786": "tests/test_cluster.py",
    "uv run python benchmarks/hostile.py": "tests/test_hostile.py",
}


def commands(text: str) -> Iterator[str]:
    """Yield each command of a page's blocks, without the remark behind it."""
    for language, block in re.findall(r"^```(.*)\n([\s\S]*?)^```$", text, flags=re.M):
        assert language, f"say in which language this is, sh or another:\n{block}"
        for line in block.splitlines() if language in ("sh", "crontab") else ():
            parts = re.sub(r"\s+# .*", "", line).split(" && ")
            yield from parts[language == "crontab" :]  # cron's first part says when and where


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command with the Python of the tests; return its exit code and what it said."""
    module, *arguments = shlex.split(command.removeprefix("uv run "))
    typed = TYPED.get(command, b"")
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**os.environ, "GRADER_SECRET": SECRET, "PYTEST_ADDOPTS": ""},
        stdin=theirs if typed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        said = process.stdout.read(1)  # by now it asks, or listens
        os.write(ours, typed)
        try:
            said += process.communicate(timeout=120)[0]
        finally:
            process.kill()
    for terminal in (ours, theirs):
        os.close(terminal)
    return process.returncode, said.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an author's course, and beside it the edition that was made of it.

    The course has three of the five stages and no known mistakes: to record all takes a minute.
    """
    folder = tmp_path_factory.mktemp("readme")
    author = folder / "author"
    left_out = shutil.ignore_patterns("__pycache__", "mistakes.py", "pooling", "lenet")
    for name in ("stages", "notebooks", "solutions", "docs/pictures"):
        shutil.copytree(ROOT / name, author / name, ignore=left_out)
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, author)
    unit = author / "stages" / "s13_cnn"
    about = (unit / "unit.toml").read_text()
    (unit / "unit.toml").write_text(about.replace(', "pooling", "lenet"', ""))
    for student, source in (("ada", "solution.py"), ("bob", "padding.py")):
        (author / "submissions" / student).mkdir(parents=True)
        shutil.copy(unit / "padding" / source, author / "submissions" / student / "padding.py")
    code, said = run(EDITION, author)
    assert code == 0, said
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="grading needs a sandbox of Linux")
@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_does_what_is_said(
    name: str, handed_out: Path, tmp_path: Path
) -> None:
    shutil.copytree(handed_out, tmp_path, dirs_exist_ok=True)
    author, student = tmp_path / "author", tmp_path / "for-students"
    (student / "stages/s13_cnn/conv/conv.py").write_text("# where I began\n")
    readme = (student / "README.md").read_text("utf-8")
    students = set(commands(readme)) if name == "README.md" else set()
    for command in commands((ROOT / name).read_text("utf-8")):
        here = student if command in students or " unlock " in command else author
        if command in ELSEWHERE:
            continue
        if command != EDITION:
            assert command in CODES, f"{command!r} is new: say in CODES how it ends"
            code, said = run(command.replace("CODE", KEYS.code("s13.conv")), here)
            assert (command, code) == (command, CODES[command]), said
            assert "Traceback (most recent call last)" not in said, said
        assert command not in MADE or list(here.glob(MADE[command])), f"{command!r} made no file"


def test_what_is_known_of_commands_is_about_those_on_the_pages() -> None:
    pages = [(ROOT / name).read_text("utf-8") for name in PAGES]
    there = {command for text in pages for command in commands(text)}
    assert there == {EDITION, *CODES, *ELSEWHERE}
    assert {*MADE, *TYPED} < there


def test_what_is_run_elsewhere_is_there() -> None:
    for command, where in ELSEWHERE.items():
        assert (ROOT / where).is_file(), command
        for word in command.split():
            assert not word.startswith(("notebooks/", "benchmarks/")) or (ROOT / word).is_file()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = set(re.findall(r"--extra (\w+)", " ".join(ELSEWHERE)))
    assert named <= extras["optional-dependencies"].keys()


def test_where_the_pages_point_to_there_is_something() -> None:
    handed = contents(Course(ROOT))
    for name in [*PAGES, "CONTRIBUTING.md"]:
        for target in links((ROOT / name).read_text("utf-8")):
            assert ((ROOT / name).parent / target).exists(), f"{name}: {target}"
    theirs = links(handed["README.md"].decode())
    assert "docs/pictures/terminal.svg" in theirs
    assert [target for target in theirs if target not in handed] == []


def links(text: str) -> list[str]:
    return [t for t in re.findall(r"\]\(([^)#]+)\)", text) if not t.startswith("http")]


# --- its tables -------------------------------------------------------------------------------
def test_the_table_of_stages_says_how_long_each_takes() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\(stages/s13_cnn/\1/README.md\) .* (\d+) \|$", README, re.M)
    assert rows == [(stage.name, str(stage.about.minutes)) for stage in UNIT.stages]


def test_the_table_of_proofs_counts_what_there_is() -> None:
    lives = run_path(str(ROOT / "tests" / "mutation" / "survivors.py"))["KNOWN_SURVIVORS"]
    mistakes, right, mutants = map(
        pairs, re.findall(r"^\| (?:known|right|mutants) .*", README, re.M)
    )
    texts = [stage.mistakes.read_text("utf-8") for stage in UNIT.stages]
    assert mistakes == twice([len(re.findall(r"^@mistake\(", text, re.M)) for text in texts])
    assert right == twice([len([*stage.folder.glob("right/*.py")]) for stage in UNIT.stages])
    alive = [len(lives.get(stage.name, ())) for stage in UNIT.stages]
    assert [made - killed for killed, made in mutants] == [*alive, sum(alive)]
    assert f"The {sum(alive)} that live" in README


def pairs(row: str) -> list[tuple[int, int]]:
    return [(int(some), int(of)) for some, of in re.findall(r"(\d+) of (\d+)", row)]


def twice(counts: list[int]) -> list[tuple[int, int]]:
    """Return what a row says where all went well: so many of so many, and the sums."""
    return [(count, count) for count in [*counts, sum(counts)]]
