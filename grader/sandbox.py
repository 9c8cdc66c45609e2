"""Starts workers, and confines them as well as this machine can.

Levels: ``L2`` is L1 inside bubblewrap; ``L1`` is resource limits, Landlock and seccomp
that a worker puts on itself; ``none`` is a process of its own with time limits.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader import confine
from grader.errors import Ended, GraderError
from grader.launch import START_SECONDS, ForkLauncher, SpawnLauncher
from grader.results import Sandbox as SandboxResult

if TYPE_CHECKING:
    from grader import wire
    from grader.session import Session

LEVELS = ("none", "L1", "L2")
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

    def settle(self) -> SandboxResult:
        """Find out with a first worker what works here, and stay with that level.

        What goes wrong later is an error and no reason to go on with less.
        """
        self.session([], 512).close()
        self._untried = []
        return self.result

    def _begin(self) -> None:
        """Launch the best level that was not tried yet; do not wait for it."""
        while self._untried:
            self._level = self._untried.pop(0)
            try:
                linux = sys.platform == "linux"
                self._launcher = ForkLauncher(self._level) if linux else SpawnLauncher()
                return
            except OSError as error:  # no bubblewrap where it was thought to be
                self._notes.append(f"{self._level} does not work here: {error}")
        raise GraderError("no process for student code starts here\n" + "\n".join(self._notes))

    def session(
        self, sources: Sequence[wire.Source], memory_mb: int, elsewhere: Sequence[str] = ()
    ) -> Session:
        """Start a fresh worker for `sources`; modules named `elsewhere` are to be lent to it.

        A level that turns out not to work is left for the next lower one, and a note.
        """
        # Here and not above: NumPy is imported while the zygote imports it too.
        from grader import wire
        from grader.session import Session

        confined = self._level != "none"
        start = wire.Start(list(sources), list(elsewhere), confined, memory_mb << 20)
        try:
            ours, process = self._launcher.start()
            session = Session(wire.Channel(ours, wire.Reply), process, START_SECONDS)
            session.start(start)
        except (OSError, GraderError, Ended) as error:
            self._launcher.close()
            self._notes.append(f"{self._level} does not work here: {error or 'no answer'}")
            self._begin()
            return self.session(sources, memory_mb, elsewhere)
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
