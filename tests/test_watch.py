"""``grader watch`` in a real terminal, and where there is none."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX terminal")
needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
PATIENCE = 60.0
WRONG = "return x * 3"


class Terminal:
    """A terminal with ``grader watch`` in it."""

    def __init__(self, course: Path, socket: Path) -> None:
        self._tmux = ["tmux", "-S", str(socket)]
        unwanted = ("NO_COLOR", "TMUX", "COLUMNS", "LINES")
        self._environment = {k: v for k, v in os.environ.items() if k not in unwanted}
        self._do("new-session", "-d", "-x", "80", "-y", "30", "-c", str(course), "sh")
        command = shlex.join([sys.executable, "-m", "grader", "watch"])
        self.type(f"{command}; echo ended with $?")

    def _do(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments], env=self._environment, capture_output=True, check=True
        )
        return done.stdout.decode()

    def screen(self, *options: str) -> str:
        """Return what is on the screen."""
        return self._do("capture-pane", "-p", *options)

    def press(self, key: str) -> None:
        """Press a key."""
        self._do("send-keys", key)

    def type(self, line: str) -> None:
        """Type a line."""
        self._do("send-keys", line, "Enter")

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self._do("resize-window", "-x", str(width), "-y", str(height))

    def wait(self, shows: Callable[[str], bool]) -> str:
        """Wait until the screen shows what it should."""
        give_up = time.monotonic() + PATIENCE
        while not shows(screen := self.screen()):
            assert time.monotonic() < give_up, screen
            time.sleep(0.1)
        return screen

    def close(self) -> None:
        """End it."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True)


@pytest.fixture
def terminal(tiny_course, tmp_path) -> Iterator[Terminal]:
    """``grader watch`` in the tiny course."""
    opened = Terminal(tiny_course.root, tmp_path / "tmux")
    yield opened
    opened.close()


def has(*texts: str) -> Callable[[str], bool]:
    return lambda screen: all(text in screen for text in texts)


def save(path: Path, text: str) -> None:
    """Save as editors do: a new file takes the place of the old one."""
    new = path.with_name(f".{path.name}.swp")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


@needs_tmux
def test_a_day_of_a_student(tiny_course, terminal):
    file = tiny_course.file("first")
    right = (tiny_course.stage("first") / "solution.py").read_text(encoding="utf-8")
    terminal.wait(has("> · first", "Next task: t01.first", "double is still to be written"))

    save(file, right.replace("return x * 2", WRONG))
    screen = terminal.wait(has("> ✗ first", "First to fix: t01.first"))
    assert "expected" in screen and "first was saved." in screen

    terminal.resize(60, 20)
    screen = terminal.wait(lambda screen: "First to fix" in screen and "q quit" in screen)
    assert max(map(len, screen.splitlines())) <= 60

    # What is slow is checked by itself once the rest passes; then comes the next stage.
    save(file, right)
    terminal.wait(has("✓ first", "6/6", "> · second", "first is done. Now: second"))

    terminal.press("n")
    terminal.wait(has("> ✓ first"))

    file.unlink()
    terminal.wait(has("> ✗ first", "there is no stages/t01_tiny/first/first.py"))

    save(file, "def double(x:\n")
    terminal.wait(has("> ✗ first", "SyntaxError"))

    terminal.press("o")
    terminal.wait(has(".grader/verdict.html"))
    assert "SyntaxError" in (tiny_course.root / ".grader" / "verdict.html").read_text("utf-8")

    terminal.press("q")
    screen = terminal.wait(has("ended with 0"))
    assert "First to fix" not in screen  # what was on the screen before is back


@needs_tmux
def test_it_comes_back_from_the_background(tiny_course, terminal):
    tiny_course.solve()
    terminal.wait(has("✓ first", "✓ second"))
    terminal.press("C-z")
    terminal.wait(has("ended with 1"))
    terminal.type("fg")
    terminal.wait(has("q quit"))
    terminal.press("q")
    terminal.wait(lambda screen: "q quit" not in screen)


@needs_tmux
def test_a_save_in_the_middle_of_a_run_drops_it(tiny_course, terminal):
    file = tiny_course.file("first")
    right = (tiny_course.stage("first") / "solution.py").read_text(encoding="utf-8")
    terminal.wait(has("> · first", "Next task"))
    slow = right.replace("return x * 2", "import time; time.sleep(1.5); return x * 2")
    save(file, slow)
    terminal.wait(has("checking"))
    save(file, right)
    began = time.monotonic()
    terminal.wait(has("✓ first", "6/6"))
    assert time.monotonic() - began < PATIENCE / 2
    terminal.press("C-c")
    terminal.wait(has("ended with 130"))


def test_without_a_terminal_each_verdict_is_printed(tiny_course, grader, tmp_path):
    out, left = tmp_path / "out.txt", tmp_path / "left.json"
    command = grader.watched(grader.command("watch", "first"), left)
    with out.open("w") as file:
        process = subprocess.Popen(
            command,
            cwd=tiny_course.root,
            env=grader.environment({}),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    printed = wait_for(out, "Next task: t01.first")
    assert "\033" not in printed
    tiny_course.solve(["first"])
    wait_for(out, "first is done. Now: second")
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    if sys.platform == "linux":
        assert left.read_text() == "[]"


@pytest.mark.parametrize("done", [True, False])
def test_it_begins_at_the_first_stage_that_is_not_done(tiny_course, grader, done):
    tiny_course.solve(["first"])
    if not done:
        file = tiny_course.file("first")
        save(file, file.read_text(encoding="utf-8").replace("return x * 2", WRONG))
    grader("check", "first", cwd=tiny_course.root)
    process = subprocess.Popen(
        grader.command("watch"), cwd=tiny_course.root, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert first.startswith("second" if done else "first")


def wait_for(path: Path, text: str) -> str:
    give_up = time.monotonic() + PATIENCE
    while text not in (found := path.read_text(encoding="utf-8")):
        assert time.monotonic() < give_up, found
        time.sleep(0.1)
    return found


@pytest.fixture
def printed(tiny_course, grader, tmp_path) -> Iterator[Path]:
    """``grader watch first`` where there is no terminal: the file that it prints to."""
    out = tmp_path / "out.txt"
    with out.open("w") as file:
        process = subprocess.Popen(
            grader.command("watch", "first"),
            cwd=tiny_course.root,
            env=grader.environment({}),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    yield out
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130


def test_what_has_ended_is_begun_anew(tiny_course, printed):
    checks = tiny_course.stage("first") / "checks" / "test_first.py"
    right = checks.read_text(encoding="utf-8")
    wait_for(printed, "Next task: t01.first")
    save(checks, right + "def (\n")
    wait_for(printed, "test_first.py does not load")
    printed.write_text("")
    save(tiny_course.file("first"), "x = 1\n")  # no old verdict stays as if it were new
    wait_for(printed, "test_first.py does not load")
    save(checks, right)
    wait_for(printed, "First to fix: t01.first")


@pytest.fixture
def elsewhere(tiny_course, tmp_path) -> Path:
    """The file of the first stage in another folder, and a link in its place."""
    kept = tmp_path / "notes" / "mine.py"
    kept.parent.mkdir()
    tiny_course.file("first").rename(kept)
    tiny_course.file("first").symlink_to(kept)
    return kept


def test_what_is_gone_was_not_saved(tiny_course, printed):
    wait_for(printed, "Next task: t01.first")
    tiny_course.file("first").unlink()
    assert "was saved" not in wait_for(printed, "first was deleted.")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tiny_course, printed):
    wait_for(printed, "Next task: t01.first")
    tiny_course.file("first").unlink()
    os.mkfifo(tiny_course.file("first"))
    wait_for(printed, "first was deleted.")
    tiny_course.file("first").unlink()
    save(tiny_course.file("first"), "x = 1\n")
    wait_for(printed, "first was saved.")


def test_a_folder_that_is_moved_is_noticed(tiny_course, printed):
    wait_for(printed, "Next task: t01.first")
    folder = tiny_course.stage("second")
    folder.rename(folder.with_name("away"))
    wait_for(printed, "second was deleted.")


def test_a_file_behind_a_link_is_watched(elsewhere, printed):
    wait_for(printed, "Next task: t01.first")
    save(elsewhere, "def double(x:\n")
    wait_for(printed, "first was saved.")
    wait_for(printed, "SyntaxError")
