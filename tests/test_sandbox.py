"""Code that tries to break out of its worker, at every level that this machine offers."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader import confine, wire
from grader.errors import Ended, StudentError
from grader.launch import SpawnLauncher
from grader.remote import RemoteModule
from grader.sandbox import Sandbox
from grader.session import Session

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere a worker is a process with time limits alone"
)

ROOT = Path(__file__).resolve().parent.parent
MODULE = "stages.evil.evil.evil"
ATTACKS = b"""
import ctypes, os, signal, socket, subprocess, sys, time
import numpy as np


def well(x):
    return x + 1


def read(path):
    with open(path) as file:
        return file.read(20)


def listing(path):
    return os.listdir(path)


def write(path):
    with open(path, "w") as file:
        file.write("gotcha")
    return "written"


def write_own_folder():
    with open("notes.txt", "w") as file:
        file.write("mine")
    return open("notes.txt").read()


def connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return "connected"


def forks(count):
    made = 0
    for _ in range(count):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
    return made


def allocate(gigabytes):
    return float(np.ones(gigabytes << 27).sum())


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    return "killed"


def trace(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, None, None) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return "traced"


def scribble():
    for fd in range(3, 256):
        try:
            os.write(fd, b"\\xff" * 64)
        except OSError:
            pass
    return "scribbled"


def close_everything():
    os.closerange(0, 256)
    return "closed"


def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    return "left behind"


def stubborn():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pass


def shell():
    return subprocess.run(["/bin/echo", "hi"], capture_output=True, text=True).stdout


def fill_disk(megabytes):
    with open("big", "wb") as file:
        for _ in range(megabytes):
            file.write(bytes(1 << 20))
    return "filled"
"""


def levels() -> list[str]:
    """Return what this machine offers."""
    if {"Landlock", "seccomp", "Linux"} & set(confine.supported()):
        return ["none"]
    return ["none", "L1", "L2"] if shutil.which("bwrap") else ["none", "L1"]


CONFINED = [level for level in levels() if level != "none"]


class Prison:
    """One sandbox, and a module of attacks in it."""

    def __init__(self, level: str) -> None:
        self.sandbox = Sandbox(level)
        self.session: Session = self.fresh()
        self.evil = RemoteModule(MODULE, lambda: self.session)

    def fresh(self) -> Session:
        source = wire.Source(MODULE, "stages/evil/evil/evil.py", ATTACKS)
        return self.sandbox.session([source], 2048)

    def attempt(self, name: str, *args: object, seconds: float = 5) -> str:
        """Return what an attack returned, or the words of its failure."""
        if self.session.ended:
            self.session = self.fresh()
        self.session.allow(seconds)
        try:
            return str(getattr(self.evil, name)(*args))
        except (StudentError, Ended) as error:
            return f"refused: {getattr(error, 'kind', 'Ended')}: {error}"


@pytest.fixture(params=levels())
def prison(request: pytest.FixtureRequest) -> Iterator[Prison]:
    made = Prison(request.param)
    if made.sandbox.result.level != request.param:
        pytest.skip(f"{request.param} does not start here: {made.sandbox.result.notes}")
    yield made
    made.session.close()
    made.sandbox.close()


@pytest.fixture(params=CONFINED)
def confined(request: pytest.FixtureRequest) -> Iterator[Prison]:
    made = Prison(request.param)
    yield made
    made.session.close()
    made.sandbox.close()


def descendants(of: int = 0) -> set[int]:
    """Return every process that descends from one, by default from this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.name)] = int(fields[1])
    of = of or os.getpid()
    found = {of}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {of}


def sleepers() -> set[int]:
    """Return the zygotes and workers on this machine; those of tests beside this one too."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if b"grader.zygote" in command:
            found.add(int(entry.name))
    return found


def test_the_best_level_is_chosen_and_said() -> None:
    with Sandbox() as sandbox:
        sandbox.session([], 512).close()
        assert sandbox.result.level == levels()[-1]


def test_a_level_that_has_worked_stays() -> None:
    before = descendants()
    with Sandbox() as sandbox:
        sandbox.session([], 512).close()
        said = sandbox.result
        for pid in descendants() - before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        sandbox.session([], 512).close()
        assert sandbox.result == said


def test_right_code_works_at_every_level(prison: Prison) -> None:
    assert (prison.evil.well(np.arange(3.0)) == [1, 2, 3]).all()
    assert prison.attempt("write_own_folder") == "mine"


@pytest.mark.parametrize(
    "path", ["stages/s13_cnn/padding/solution.py", "pyproject.toml", "stages/s13_cnn/unit.toml"]
)
def test_the_course_cannot_be_read(confined: Prison, path: str) -> None:
    assert (ROOT / path).is_file()
    assert confined.attempt("read", str(ROOT / path)).startswith("refused")
    assert confined.attempt("listing", str(ROOT / "stages")).startswith("refused")


def test_a_hidden_check_cannot_be_read(confined: Prison) -> None:
    hidden = next((ROOT / "stages").glob("*/*/checks/hidden/test_*.py"))
    assert confined.attempt("read", str(hidden)).startswith("refused")


def test_nothing_outside_its_folder_can_be_written(confined: Prison, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    target = tmp_path / "planted"
    assert confined.attempt("write", str(target)).startswith("refused")
    assert not target.exists()
    for place in ("/dev/shm/planted", "/var/tmp/planted"):
        assert confined.attempt("write", place).startswith("refused")
        assert not Path(place).exists()


def test_a_listener_on_this_machine_cannot_be_reached(confined: Prison) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reached = threading.Event()

        def accept() -> None:
            server.settimeout(3)
            try:
                server.accept()
                reached.set()
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        assert confined.attempt("connect", port).startswith("refused")
        assert not reached.wait(0.1)


def test_the_listener_test_would_notice_a_connection() -> None:
    prison = Prison("none")
    with prison.sandbox, socket.create_server(("127.0.0.1", 0)) as server:
        assert prison.attempt("connect", server.getsockname()[1]) == "connected"
        prison.session.close()


def test_300_forks_stay_few(prison: Prison) -> None:
    made = prison.attempt("forks", 300)
    if prison.sandbox.result.level == "none":
        assert int(made) < 100
    else:
        assert made == "0"


def test_8_gigabytes_are_not_to_be_had(prison: Prison) -> None:
    assert "MemoryError" in prison.attempt("allocate", 8)
    assert prison.attempt("well", 1) == "2"


def test_the_checker_cannot_be_killed_or_traced(confined: Prison) -> None:
    for attack in ("kill", "trace"):
        assert confined.attempt(attack, os.getpid()).startswith("refused")
        assert confined.attempt(attack, os.getppid()).startswith("refused")


def test_the_checkers_memory_and_environment_stay_closed(confined: Prison) -> None:
    for name in ("mem", "environ", "maps"):
        assert confined.attempt("read", f"/proc/{os.getpid()}/{name}").startswith("refused")


def test_no_program_can_be_started(confined: Prison) -> None:
    assert confined.attempt("shell").startswith("refused")


def test_its_own_folder_takes_no_large_file(prison: Prison) -> None:
    assert prison.attempt("fill_disk", 64).startswith("refused")


@pytest.mark.parametrize("attack", ["scribble", "close_everything"])
def test_spoilt_descriptors_cost_one_call(prison: Prison, attack: str) -> None:
    said = prison.attempt(attack)
    assert "connection" in said or "ended" in said or "crashed" in said
    assert prison.attempt("well", 1) == "2"


def test_a_stubborn_loop_ends_at_its_limit(prison: Prison) -> None:
    start = time.monotonic()
    assert "longer than the limit of 0.5 s" in prison.attempt("stubborn", seconds=0.5)
    assert time.monotonic() - start < 3
    assert prison.attempt("well", 1) == "2"


def test_a_daemon_does_not_outlive_its_worker(prison: Prison) -> None:
    before = descendants()
    said = prison.attempt("daemon")
    if prison.sandbox.result.level == "none":
        assert said == "left behind"
        assert len(descendants()) > len(before)
    else:
        assert said.startswith("refused")
    prison.session.close()
    assert len(descendants()) < len(before)  # not even the worker


def test_no_process_and_no_folder_is_left(own_tmp: Path) -> None:
    before, mine = descendants(), set[int]()
    for level in levels():
        prison = Prison(level)
        for attack in ("daemon", "write_own_folder"):
            prison.attempt(attack)
        # L2 has a /tmp of its own, which ends with it.
        assert list(own_tmp.glob("grader-*")) or level == "L2"
        prison.attempt("forks", 10)
        mine |= descendants() & sleepers() - before
        prison.session.close()
        prison.sandbox.close()
    assert descendants() == before
    assert mine
    ended(mine)
    assert not list(own_tmp.glob("grader-*"))


def ended(pids: set[int]) -> None:
    """Wait until these zygotes and workers are gone."""
    give_up = time.monotonic() + 60
    while pids := pids & sleepers():
        assert time.monotonic() < give_up, pids
        time.sleep(0.1)


def test_a_checker_that_is_killed_takes_its_workers_along() -> None:
    code = f"""
import sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]
from test_sandbox import Prison, levels
prison = Prison(sys.argv[1])
prison.attempt("write_own_folder")
print("ready", flush=True)
prison.attempt("stubborn", seconds=60)
"""
    for level in levels():
        checker = subprocess.Popen([sys.executable, "-c", code, level], stdout=subprocess.PIPE)
        assert checker.stdout is not None
        assert checker.stdout.readline() == b"ready\n"
        started = descendants(checker.pid) & sleepers()
        assert started
        checker.kill()
        checker.wait()
        checker.stdout.close()
        ended(started)


def test_a_worker_that_was_not_forked_serves_as_well(own_tmp: Path) -> None:
    # What macOS and Windows use; here it shows that nothing but the launching differs.
    ours, process = SpawnLauncher().start()
    session = Session(wire.Channel(ours, wire.Reply), process, 20)
    source = wire.Source(MODULE, "stages/evil/evil/evil.py", ATTACKS)
    assert session.start(wire.Start([source], [], False, 2 << 30)) == []
    session.allow(5)
    evil = RemoteModule(MODULE, lambda: session)
    assert (evil.well(np.arange(3.0)) == [1, 2, 3]).all()
    assert evil.write_own_folder() == "mine"
    assert list(own_tmp.glob("grader-*/notes.txt"))
    session.allow(0.3)
    with pytest.raises(Ended, match=r"longer than the limit of 0\.3 s"):
        evil.stubborn()
    session.close()
    assert not list(own_tmp.glob("grader-*"))
