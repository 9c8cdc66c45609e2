"""A trusted process of ours that was started, and does not know yet what it is for.

It imports what checking needs, which takes longer than all that a command does before the
first check: so the command starts its processes first. This module imports nothing of the
grader's own.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_STARTED: weakref.WeakSet[Launched] = weakref.WeakSet()


class Launched:
    """A process that serves the other end of `socket` once it is warm.

    Parameters
    ----------
    entry : str
        The module whose ``main`` is called there with the socket.
    """

    def __init__(self, entry: str) -> None:
        self.socket, theirs = socket.socketpair()
        self.said: Any = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process
        home = str(Path(__file__).resolve().parents[1])
        # -P: a student's numpy.py in the folder that we are in must not be imported.
        code = (
            f"import gc, sys; gc.disable(); sys.path.append({home!r}); "
            "from grader.launched import handed; "
            f"from {entry} import main; main(handed({theirs.fileno()}))"
        )
        # Windows hands a socket over as a description of itself, on standard input.
        windows = os.name == "nt"
        inherit: dict[str, Any] = {} if windows else {"pass_fds": [theirs.fileno()]}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", code],
                stdin=subprocess.PIPE if windows else subprocess.DEVNULL,
                stdout=self.said,
                stderr=self.said,
                # One thread each: there is one process a core, and sums come out as in a worker.
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=not windows,
                **inherit,
            )
            _STARTED.add(self)
            if self.process.stdin:
                share: Any = theirs
                self.process.stdin.write(share.share(self.process.pid))
                self.process.stdin.close()

    def kill(self) -> None:
        """End it and its group; its zygote ends with its connection, and the workers with it."""
        if self.process.poll() is not None:
            return
        if os.name == "nt":
            self.process.kill()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def discard(self) -> None:
        """End it, unused."""
        self.kill()
        self.process.wait()
        self.socket.close()
        self.said.close()


def kill_all() -> None:
    """End every process that was launched here: this one ends at once, and tells nobody."""
    for launched in list(_STARTED):
        launched.kill()


def handed(descriptor: int) -> socket.socket:
    """Return, in such a process, the socket that it was started with."""
    from_share: Any = getattr(socket, "fromshare", None)
    if from_share:
        return from_share(sys.stdin.buffer.read())  # type: ignore[no-any-return]  # a socket
    return socket.socket(fileno=descriptor)


class Warming:
    """Processes that get warm while the command finds out what is to be done.

    Parameters
    ----------
    entry : str
        See `Launched`.
    count : int
        How many; none where processes cannot be forked.
    """

    def __init__(self, entry: str, count: int) -> None:
        self._waiting = [Launched(entry) for _ in range(count if os.name != "nt" else 0)]

    def __enter__(self) -> Warming:
        return self

    def __exit__(self, *_: object) -> None:
        for launched in self:
            launched.discard()

    def __iter__(self) -> Iterator[Launched]:
        """Hand them out, one after the other; who takes one ends it."""
        while self._waiting:
            yield self._waiting.pop()
