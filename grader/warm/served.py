"""Our side of a warm process."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from grader import wire
from grader.errors import ProtocolError
from grader.launched import Launched
from grader.warm.messages import CAP, Answer, Fault, Setup, Wanted

ENTRY = "grader.warm.process"


class Warm:
    """A warm process, and the thread that hears it.

    Parameters
    ----------
    setup : Setup
    hear : callable
        Told each answer, and whose it is, in a thread of its own.
    launched : Launched, optional
        The process, if it was started before anything was known.

    Attributes
    ----------
    is_gone : bool
        Whether it answers no more.
    """

    def __init__(
        self, setup: Setup, hear: Callable[[Warm, Any], None], launched: Launched | None = None
    ) -> None:
        self._launched = launched or Launched(ENTRY)
        self._channel = wire.Channel(self._launched.socket, Answer, CAP)
        self._channel.send(setup)
        self._hear = hear
        self._over = False
        self.is_gone = False

    def listen(self) -> None:
        """Begin to hear it, in a thread."""
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, wanted: Wanted) -> None:
        """Give an order; it waits in the socket until the process is warm."""
        with contextlib.suppress(OSError):  # the thread hears that it is gone, and says so
            self._channel.send(wanted)

    def end(self) -> None:
        """End it with all that it started."""
        self._over = True
        self._launched.kill()

    def _listen(self) -> None:
        """Pass on what it says, until it is gone."""
        try:
            while True:
                answer, _ = self._channel.receive()
                self.is_gone = isinstance(answer, Fault)
                self._hear(self, answer)
        except (EOFError, OSError, ProtocolError):
            pass
        self._launched.kill()
        self._launched.process.wait()
        has_said_why, self.is_gone = self.is_gone, True
        if not (self._over or has_said_why):
            self._hear(self, Fault(f"the checking process ended: {self._last_words()}"))
        self._launched.discard()

    def _last_words(self) -> str:
        self._launched.said.seek(0)
        lines = self._launched.said.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else f"status {self._launched.process.returncode}"
