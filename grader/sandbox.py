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
from grader.stopwatch import Stopwatch

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
        self._refusals: dict[str, str] = {}
        self._waiting = Stopwatch()
        self._begin()

    @property
    def result(self) -> SandboxResult:
        """The level that is used, and what is to be said about it."""
        notes = (note for level, note in self._refusals.items() if level != self._level)
        return SandboxResult(self._level, (*notes, *_remarks(self._level)))

    @property
    def waited(self) -> float:
        """Seconds in which workers were waited for."""
        return self._waiting.seconds

    def settle(self) -> SandboxResult:
        """Find out with a first worker what works here, and stay with that level."""
        self.session([], 512).close()
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
                self._refuse(error)
        reasons = "\n".join(self._refusals.values())
        raise GraderError(f"no process for student code starts here\n{reasons}")

    def _refuse(self, error: BaseException) -> None:
        """Keep why the level that is used does not work."""
        why = str(error) or "no answer"
        self._refusals[self._level] = f"{self._level} does not work here: {why}"

    def session(
        self, sources: Sequence[wire.Source], memory_mb: int, elsewhere: Sequence[str] = ()
    ) -> Session:
        """Start a fresh worker for `sources`; modules named `elsewhere` are to be lent to it.

        A level that turns out not to work is left for the next lower one, and a note. With
        the first that works it stays: what goes wrong later is no reason to go on with less.
        """
        # Here and not above: NumPy is imported while the zygote imports it too.
        from grader import wire
        from grader.session import Session

        confined = self._level != "none"
        start = wire.Start(list(sources), list(elsewhere), confined, memory_mb << 20)
        try:
            with self._waiting:
                ours, process = self._launcher.start()
                channel = wire.Channel(ours, wire.Reply)
                session = Session(channel, process, START_SECONDS, self._waiting)
                session.start(start)
        except (OSError, GraderError, Ended) as error:
            self._launcher.close()
            self._refuse(error)
            self._begin()
            return self.session(sources, memory_mb, elsewhere)
        self._untried = [self._level]
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
