"""What may happen to a student any day, and must cost them nothing.

Elsewhere: a hang that is interrupted and folders of any name (`test_cli`), line endings and
byte order marks (the golden folders, `test_doctor`, `test_submit`), code that plants files
(`test_hostile`).
"""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.atomic import write_atomically
from grader.cli import main
from grader.kept import is_kept
from grader.logbook import read_progress

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="it takes tools of Linux")
MINE = "mine = 1\n"


@pytest.fixture
def here(tiny_course, monkeypatch):
    """Stand in the tiny course's folder."""
    monkeypatch.chdir(tiny_course.root)
    return tiny_course


def require_whole(root: Path) -> None:
    """Fail if a file is half written, or left over from writing one."""
    assert list(root.rglob(".new-*")) == []
    for path in (root / ".grader").glob("*.json"):
        msgspec.json.decode(path.read_bytes())
    read_progress(root, datetime.now(UTC))


# --- Ctrl-C -----------------------------------------------------------------------------------
# Python imports this when it starts; it interrupts its own process at one event, as Ctrl-C does.
INTERRUPT = """
import os, sys
def hook(event, args):
    if f"{event} {args[0] if args else ''} {args[1] if len(args) > 1 else ''}".find(WHEN) >= 0:
        os.kill(os.getpid(), 2)
WHEN = os.environ.get("INTERRUPT_AT", "")
if WHEN and "grader" in sys.orig_argv:
    sys.addaudithook(hook)
"""
MOMENTS = {
    "the first of our own imports": "import grader.cli",
    "a library of the command line": "import click.core",
    "when the sandbox is started": "subprocess.Popen",
    "while NumPy is imported": "import numpy.linalg",
    "while pytest is imported": "import _pytest.fixtures",
    "when a worker is started": "socket.sendmsg",
    "before a file takes the place of another": "os.rename",
    "in the middle of the report's writing": "tempfile.mkstemp",
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_at_any_moment_stops_and_leaves_nothing(tiny_course, grader, tmp_path, moment):
    if MOMENTS[moment].startswith("socket.") and sys.platform != "linux":
        pytest.skip("elsewhere a worker is no fork that a socket is sent to")
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(INTERRUPT)
    done = grader.run(
        grader.command("check", "first", "--quick"),
        cwd=tiny_course.root,
        PYTHONPATH=str(tmp_path / "hook"),
        INTERRUPT_AT=MOMENTS[moment],
    )
    assert (done.code, done.stderr.strip(), done.left) == (130, "Stopped.", ())
    require_whole(tiny_course.root)


@LINUX
def test_an_end_in_the_middle_of_an_import_ends_what_was_launched(tiny_course, grader, tmp_path):
    slow = (
        'import time\nif "-P" in sys.orig_argv:  # the processes that check\n    time.sleep(9)\n'
    )
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(INTERRUPT + slow)
    done = grader.run(
        grader.command("check", "--quick"),
        cwd=tiny_course.root,
        PYTHONPATH=str(tmp_path / "hook"),
        INTERRUPT_AT="warm/__pycache__/team",
    )
    assert (done.code, done.stderr.strip(), done.left) == (130, "Stopped.", ())


LOSES = """
import os, signal, sys, weakref
def hook(event, args):
    if f"{event} {args[0] if args else ''}".find(WHEN) >= 0 and not HOOKED:
        HOOKED.append(event)
        class Nothing: pass
        nothing = Nothing()
        last_call = weakref.ref(nothing, lambda _: signal.raise_signal(signal.SIGINT))
        del nothing
HOOKED = []
WHEN = os.environ["INTERRUPT_AT"]
if "grader" in sys.orig_argv:
    sys.addaudithook(hook)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
@pytest.mark.parametrize(
    ("command", "moment"),
    [("watch", ".grader/.new-"), ("watch", "import watchfiles"), ("check", "import numpy.linalg")],
)
def test_no_ctrl_c_is_lost(tiny_course, grader, tmp_path, command, moment):
    """Python drops an exception in a callback, and a signal's handler runs wherever it comes."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(LOSES)
    done = grader(
        command, cwd=tiny_course.root, PYTHONPATH=str(tmp_path / "hook"), INTERRUPT_AT=moment
    )
    assert (done.code, done.stderr.strip(), done.left) == (130, "Stopped.", ())
    require_whole(tiny_course.root)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to ignore")
def test_who_was_told_to_ignore_ctrl_c_does(tiny_course, grader, tmp_path):
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(INTERRUPT)
    ignoring = (
        "import os, signal, sys; signal.signal(2, signal.SIG_IGN); os.execv(*eval(sys.argv[1]))"
    )
    command = grader.command("list")
    done = grader.run(
        [sys.executable, "-c", ignoring, repr((command[0], command))],
        cwd=tiny_course.root,
        PYTHONPATH=str(tmp_path / "hook"),
        INTERRUPT_AT="import click.core",
    )
    assert done.code == 0 and "t01.first" in done.stdout


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_reset_that_is_interrupted_keeps_the_old_file_and_no_part(here, monkeypatch, step):
    here.file("first").write_text(MINE)
    steps = iter([None, KeyboardInterrupt])
    real = getattr(os, step)

    def interrupted(*arguments: Any) -> None:
        if error := next(steps):
            raise error
        real(*arguments)

    monkeypatch.setattr(os, step, interrupted)
    assert main(["reset", "first", "--yes"]) == 130
    assert here.file("first").read_text() == MINE
    assert [f.read_text() for f in here.stage("first").iterdir() if is_kept(f.name)] == [MINE]
    require_whole(here.root)


# --- processes that something ends ------------------------------------------------------------
@LINUX
def test_when_what_starts_workers_is_ended_it_is_said(tiny_course, grader):
    tiny_course.solve()
    # Without a sandbox the code itself can do what memory that runs out does to any level.
    file = tiny_course.file("first")
    ended = "import os; os.kill(os.getppid(), 9); os.read(os.pipe()[0], 1)"
    file.write_text(file.read_text().replace("return x * 2", ended))
    done = grader("check", "first", "--sandbox", "none", cwd=tiny_course.root)
    assert (done.code, done.stdout, done.left) == (2, "", ())
    assert done.stderr == (
        "grader: the process that starts workers ended: exit status -9\n"
        "It was ended from outside, or memory ran out: that says nothing about the code.\n"
        "Check it again.\n"
    )


# --- a full disk ------------------------------------------------------------------------------
@LINUX
@pytest.mark.parametrize(
    "arguments", [["list"], ["--help"], ["check", "first", "--quick"]], ids=" ".join
)
def test_an_output_that_takes_nothing_more_is_one_message(tiny_course, grader, arguments):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            grader.command(*arguments),
            cwd=tiny_course.root,
            env=grader.environment({}),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 2
    said = done.stderr.decode()
    assert said.startswith("grader: The disk is full. Free some space")


@pytest.mark.skipif(sys.platform == "win32", reason="sh is a part of Unix")
@pytest.mark.parametrize("command", ["check first --quick", "progress", "list", "doctor"])
def test_a_closed_output_is_no_error(tiny_course, grader, command):
    closed = f'"{sys.executable}" -m grader {command} >&-'
    done = grader.run(["sh", "-c", closed], cwd=tiny_course.root)
    assert done.code == (1 if command.startswith("check") else 0)
    assert done.stderr == ""


# Runs commands on a disk of its own that is full, and which vanishes with the last process.
ON_A_FULL_DISK = """
mount -t tmpfs -o size=600k tmpfs "$2" || exit 99
cp -r "$1/." "$2" && cd "$2" && mkdir .grader && shift 2
dd if=/dev/zero of=fill bs=4k 2>/dev/null
for command in "check first --quick --html page" "check first --quick" "progress" \\
        "reset first --yes" "submit"; do
    echo "$command:"; "$@" -m grader $command 2>&1; echo "code $?"
done
cat stages/t01_tiny/first/first.py; find . -name '.new-*'; ls stages/t01_tiny/first .grader
"""


@LINUX
def test_on_a_full_disk_there_is_a_verdict_and_nothing_is_lost(tiny_course, grader, tmp_path):
    tiny_course.file("first").write_text(MINE)
    (tmp_path / "disk").mkdir()
    apart = ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", ON_A_FULL_DISK, "-"]
    if not shutil.which("unshare"):
        pytest.skip("no unshare here")
    done = grader.run(
        [*apart, str(tiny_course.root), str(tmp_path / "disk"), sys.executable], cwd=tmp_path
    )
    if done.code in (1, 99):
        pytest.skip(f"no disk of our own: {done.stderr.strip()}")
    paged, rest = done.stdout.split("check first --quick:\n")
    assert "0 of 5 points" in paged and "page: the disk is full. Free some space" in paged
    assert paged.endswith("code 2\n")
    checked, rest = rest.split("progress:\n")
    assert "0 of 5 points" in checked and checked.endswith("code 1\n")
    assert "will not know this run:\n  " in checked and "he disk is full" in checked
    shown, rest = rest.split("reset first --yes:\n")
    assert "0 of 11 points" in shown and shown.endswith("code 0\n")
    reset, rest = rest.split("submit:\n")
    assert "he disk is full. Free some space" in " ".join(reset.split())
    assert reset.endswith("code 2\n")
    submitted, files = rest.split("code 2\n")
    assert submitted.startswith("grader: submission.zip: the disk is full. Free some space")
    assert files.splitlines()[0] == MINE.strip()
    names = files.split()
    assert [name for name in names if ".new-" in name or "submission" in name] == []
    assert [name for name in names if is_kept(name)] == []


def test_a_write_that_fails_names_the_file_and_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, "new")
    assert (caught.value.errno, caught.value.filename) == (28, str(path))
    assert [f.name for f in tmp_path.iterdir()] == ["report.json"]
    assert path.read_text() == "old"


def test_ctrl_c_at_the_end_of_a_write_is_no_failed_write(tmp_path, monkeypatch):
    path, replace = tmp_path / "report.json", os.replace

    def interrupted(*names: Any) -> None:
        replace(*names)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, "new")
    assert path.read_text() == "new"


# --- a folder that is not ours to write to ----------------------------------------------------
@pytest.fixture
def as_a_guest(grader):
    """Runs commands as somebody whom the modes of files bind: for root they are no obstacle."""
    if sys.platform == "win32":
        pytest.skip("Windows has no modes")
    bound = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("modes do not bind root, and there is no setpriv here")
        bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    return lambda course, *arguments: grader.run(
        [*bound, *grader.command(*arguments)], cwd=course.root
    )


def test_in_a_folder_that_cannot_be_written_everything_else_works(tiny_course, as_a_guest):
    folders = [tiny_course.root, *(p for p in tiny_course.root.rglob("*") if p.is_dir())]
    tiny_course.file("first").write_text(MINE)
    for folder in folders:
        folder.chmod(0o555)
    try:
        done = as_a_guest(tiny_course, "check", "first", "--quick")
        assert (done.code, done.left) == (1, ())
        assert "0 of 5 points" in done.stdout
        assert f"not know this run:\n  {tiny_course.root}/.grader: you may not" in done.stderr
        done = as_a_guest(tiny_course, "reset", "first", "--yes")
        said = "you may not read or write there. Change its permissions, or use a place of yours."
        assert done.code == 2 and said in " ".join(done.stderr.split())
        assert tiny_course.file("first").read_text() == MINE
        done = as_a_guest(tiny_course, "doctor")
        assert done.code == 1 and str(tiny_course.stage("second")) in done.stdout
        done = as_a_guest(tiny_course, "hint", "first")
        assert done.code == 0 and "grader check first" in done.stdout
    finally:
        for folder in folders:
            folder.chmod(0o755)


# --- the surroundings -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "home", [None, "/nonexistent/home"], ids=["none", "one that is not there"]
)
def test_no_home_is_needed(tiny_course, grader, home):
    tiny_course.solve()
    environment = grader.environment({"HOME": home} if home else {})
    for name in ("HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH") if home is None else ():
        environment.pop(name, None)
    done = subprocess.run(
        grader.command("check", "--quick"),
        cwd=tiny_course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "9 of 9 points" in done.stdout


NAMESAKES = "numpy random signal enum typing json click msgspec pytest hypothesis".split()


@pytest.mark.parametrize("where", ["root", "stage"])
def test_files_named_like_modules_are_never_imported(tiny_course, grader, where):
    tiny_course.solve()
    folder = tiny_course.root if where == "root" else tiny_course.stage("first")
    for name in [*NAMESAKES, "sitecustomize", "conftest"]:
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    done = grader("check", "--quick", cwd=folder)
    assert (done.code, done.stderr) == (0, "")
    assert "9 of 9 points" in done.stdout


def test_the_program_is_not_taken_for_a_file_of_its_name(tiny_course, grader):
    program = Path(sys.executable).with_name("grader")
    if not program.exists():
        pytest.skip("it is not installed as a program")
    (tiny_course.root / "grader.py").write_text("raise SystemExit('the wrong module')\n")
    done = grader.run([str(program), "list"], cwd=tiny_course.root)
    assert (done.code, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["two  words", "größe π"])
def test_a_students_day_goes_well_in_a_folder_of_any_name(
    tmp_path, tiny_course_in, monkeypatch, capfd, name
):
    course = tiny_course_in(tmp_path / name)
    monkeypatch.chdir(course.root)
    course.file("first").write_text(MINE)
    assert main(["reset", "first", "--yes"]) == 0
    assert main(["progress"]) == 0
    assert main(["doctor"]) == 0
    assert main(["submit"]) == 0
    out, err = capfd.readouterr()
    assert "All is well." in out and "submission.zip" in out
    assert err == ""
