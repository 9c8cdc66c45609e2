"""Starts workers, and confines them as well as this machine can.

Levels: ``L2`` is L1 inside bubblewrap; ``L1`` is resource limits, Landlock and seccomp
that a worker puts on itself; ``none`` is a process of its own with time limits.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader import confine, wire
from grader.errors import GraderError
from grader.remote import Session
from grader.results import Sandbox as SandboxResult
from grader.zygote import ANSWER, COMMAND, END, FORK, WAIT

LEVELS = ("none", "L1", "L2")
START_SECONDS = 20.0
# Any number that is no account's: it owns nothing.
UNPRIVILEGED_UID = 64113
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    # One thread: Landlock confines the calling thread alone.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
_NO_SANDBOX = (
    "Your code runs without a sandbox here: a process of its own and time limits only. "
    "Run only code that you trust; instructors: grade on Linux."
)


class Sandbox:
    """A place to run students' code in.

    Parameters
    ----------
    level : str, optional
        One of `LEVELS`; by default the best that works here.

    Raises
    ------
    GraderError
        Not even a plain process can be started, or `level` does not work here.
    """

    def __init__(self, level: str | None = None) -> None:
        confine.undumpable()
        self._untried = [level] if level else _candidates()
        self._notes: list[str] = []
        self._begin()

    @property
    def result(self) -> SandboxResult:
        """The level that is used, and what is to be said about it."""
        return SandboxResult(self._level, (*self._notes, *_remarks(self._level)))

    def _begin(self) -> None:
        """Launch the best level that was not tried yet; do not wait for it."""
        if not self._untried:
            raise GraderError("no process for student code starts here\n" + "\n".join(self._notes))
        self._level = self._untried.pop(0)
        self._launcher = ForkLauncher(self._level) if sys.platform == "linux" else SpawnLauncher()

    def session(
        self, sources: Sequence[wire.Source], memory_mb: int, elsewhere: Sequence[str] = ()
    ) -> Session:
        """Start a fresh worker for `sources`; modules named `elsewhere` are to be lent to it.

        A level that turns out not to work is left for the next lower one, and a note.
        """
        try:
            ours, process = self._launcher.start()
        except (OSError, GraderError) as error:
            self._launcher.close()
            self._notes.append(f"{self._level} does not work here: {error or 'no answer'}")
            self._begin()
            return self.session(sources, memory_mb, elsewhere)
        session = Session(wire.Channel(ours, wire.Reply), process, START_SECONDS)
        start = wire.Start(list(sources), list(elsewhere), self._level != "none", memory_mb << 20)
        session.start(start)
        return session

    def close(self) -> None:
        """End every worker."""
        self._launcher.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _candidates() -> list[str]:
    """The levels to try, best first."""
    if sys.platform != "linux":
        return ["none"]
    lacking = confine.supported()
    if any(need in lacking for need in ("seccomp", "Landlock")):
        return ["none"]
    return ["L2", "L1", "none"] if shutil.which("bwrap") else ["L1", "none"]


def _remarks(level: str) -> tuple[str, ...]:
    if level == "none":
        return (_NO_SANDBOX,)
    lacking = confine.supported()
    return (f"this kernel lacks {', '.join(lacking)}",) if lacking else ()


# --- Linux: fork from a warm process -------------------------------------------------------
class ForkLauncher:
    """Workers forked from a zygote, which lives inside bubblewrap at level L2."""

    def __init__(self, level: str) -> None:
        self._control, theirs = socket.socketpair()
        command, options = _zygote_command(level, theirs.fileno())
        self._zygote = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            **options,
        )
        theirs.close()
        self._control.settimeout(START_SECONDS)
        self._warm = False

    def start(self) -> tuple[socket.socket, ForkedProcess]:
        self._await_warmth()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [COMMAND.pack(FORK, 0)], [theirs.fileno()])
            return ours, ForkedProcess(self._answer(), self.command)

    def command(self, letter: bytes, pid: int) -> int:
        """Give an order and return the answer."""
        self._control.sendall(COMMAND.pack(letter, pid))
        return self._answer()

    def close(self) -> None:
        self._control.close()
        try:
            self._zygote.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._zygote.pid, signal.SIGKILL)
            self._zygote.wait()
        if self._zygote.stderr:
            self._zygote.stderr.close()

    def _await_warmth(self) -> None:
        if not self._warm:
            self._answer()
            self._warm = True

    def _answer(self) -> int:
        data = b""
        while len(data) < ANSWER.size:
            part = self._control.recv(ANSWER.size - len(data))
            if not part:
                raise GraderError(self._last_words())
            data += part
        return int(ANSWER.unpack(data)[0])

    def _last_words(self) -> str:
        self._control.close()
        _, said = self._zygote.communicate(timeout=5)
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self._zygote.returncode}"


class ForkedProcess:
    """One worker of a zygote."""

    def __init__(self, pid: int, command: Callable[[bytes, int], int]) -> None:
        self._pid = pid
        self._command = command

    def end(self, *, wait: bool) -> str:
        """End it with all that it started; say how it had ended."""
        return _how_it_ended(self._command(WAIT if wait else END, self._pid))


def _how_it_ended(status: int) -> str:
    if status == 0:
        return "ended the program itself (exit status 0)"
    if status > 0:
        return f"ended the program itself (exit status {status})"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    hints = {
        "SIGSEGV": " (a segmentation fault: a recursion without end, or broken memory)",
        "SIGKILL": " (its connection closed, or memory ran out)",
        "SIGXCPU": " (too much processor time)",
    }
    return f"crashed with {name}{hints.get(name, '')}"


def _zygote_command(level: str, fd: int) -> tuple[list[str], dict[str, Any]]:
    """Return the command that starts a zygote, and options of the process."""
    readable = _readable()
    home = str(Path(__file__).resolve().parent.parent)
    code = (
        f"import sys; sys.path.insert(0, {home!r}); from grader.zygote import main; "
        f"sys.path.remove({home!r}); main({fd}, {readable!r}, {UNPRIVILEGED_UID})"
    )
    python = [sys.executable, "-I", "-c", code]
    return (_bubblewrap(readable) + python if level == "L2" else python), {}


def _readable() -> list[str]:
    """Return the folders that Python, NumPy and msgspec are imported from."""
    found = {sys.prefix, sys.base_prefix, "/usr/lib", "/lib", "/lib64", "/usr/local/lib"}
    found |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    for package in ("numpy", "msgspec"):
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            found.add(str(Path(spec.origin).parent.parent))
    folders = sorted(folder for folder in found if os.path.isdir(folder))
    return [f for f in folders if not any(f.startswith(other + "/") for other in folders)]


def _bubblewrap(readable: Sequence[str]) -> list[str]:
    """Return the bubblewrap command up to the program that it wraps."""
    if os.geteuid() == 0:
        # Root needs no user namespace, and one would keep the uid 0 that limits do not bind.
        privileges = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        namespaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    else:
        privileges = ["--cap-drop", "ALL"]
        namespaces = ["--unshare-all", "--unshare-user", "--disable-userns"]
    links = ["lib", "lib32", "lib64", "bin"]
    system = ["--ro-bind", "/usr", "/usr"]
    for name in links:
        path = Path("/", name)
        if path.is_symlink():
            system += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            system += ["--ro-bind", str(path), str(path)]
    system += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    system += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for folder in [*readable, str(Path(__file__).resolve().parent)]:
        if not folder.startswith(("/usr/", "/lib")):
            # The folders above it are made anew, and must let another uid through.
            above = [str(parent) for parent in reversed(Path(folder).parents)][1:]
            system += [part for name in above for part in ("--perms", "0755", "--dir", name)]
            system += ["--ro-bind", folder, folder]
    end = ["--die-with-parent", "--new-session", "--clearenv"]
    variables = [part for item in _ENVIRONMENT.items() for part in ("--setenv", *item)]
    return ["bwrap", *namespaces, *privileges, *end, *variables, *system]


# --- elsewhere: a new process for each worker ----------------------------------------------
class SpawnLauncher:
    """Workers started afresh, for systems where forking is unsafe or absent."""

    def start(self) -> tuple[socket.socket, SpawnedProcess]:
        ours, theirs = socket.socketpair()
        home = str(Path(__file__).resolve().parent.parent)
        code = f"import sys; sys.path.insert(0, {home!r}); from grader.spawned import main; main()"
        environment = _ENVIRONMENT | {
            name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ
        }
        inherit: dict[str, Any] = {} if os.name == "nt" else {"pass_fds": [theirs.fileno()]}
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=os.name != "nt",
            **inherit,
        )
        assert process.stdin is not None
        process.stdin.write(_shared_socket(theirs, process.pid))
        process.stdin.close()
        theirs.close()
        return ours, SpawnedProcess(process)


def _shared_socket(sock: socket.socket, pid: int) -> bytes:
    """Return what `grader.spawned` needs to open the socket in the process `pid`."""
    if os.name == "nt":
        return bytes(sock.share(pid))  # type: ignore[attr-defined]  # Windows alone has it
    return str(sock.fileno()).encode()


class SpawnedProcess:
    """One worker with a process of its own making."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def end(self, *, wait: bool) -> str:
        """End it and its process group; say how it had ended."""
        if wait:
            try:
                self._process.wait(0.5)
            except subprocess.TimeoutExpired:
                pass
        if os.name != "nt":
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        self._process.kill()
        return _how_it_ended(self._process.wait())
