"""What a student's code prints, on its way to the checker."""

from __future__ import annotations

import codecs
import io
from typing import Any

from grader import wire

PRINTED_LIMIT = 64 << 10


class Printer(io.TextIOBase):
    """Sends what is printed to the checker, line by line and up to a limit."""

    def __init__(self, channel: wire.Channel) -> None:
        self._channel = channel
        self._text = ""
        self._sent = 0
        self.buffer = PrintedBytes(self)

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain value in the base class
        """Say that every letter may be written."""
        return "utf-8"

    def reconfigure(self, **_: Any) -> None:
        """Take any wish; there is nothing to set."""

    def writable(self) -> bool:
        """Say that text may be written."""
        return True

    def write(self, text: str) -> int:
        """Keep text until a line is whole."""
        if self._sent <= PRINTED_LIMIT:
            self._text += str(text)
            if "\n" in text or len(self._text) > 4096:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what was kept."""
        if not self._text:
            return
        text, self._text = sendable(self._text), ""
        room = PRINTED_LIMIT + 1 - self._sent
        for start in range(0, min(len(text), room), 1 << 16):
            self._channel.send(wire.Printed(text[start : min(start + (1 << 16), room)]))
        self._sent += len(text)

    def renew(self) -> None:
        """Begin a new call with a new limit."""
        self.flush()
        self._sent = 0


class PrintedBytes(io.BufferedIOBase):
    """Takes bytes, as ``sys.stdout.buffer`` does, and prints them as text."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        # A letter of several bytes may come in several parts.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self) -> bool:
        """Say that bytes may be written."""
        return True

    def write(self, data: Any) -> int:
        """Print bytes; more than is ever shown is not even decoded."""
        view = memoryview(data)
        self._printer.write(self._decoder.decode(view.cast("B")[: 4 * PRINTED_LIMIT + 4]))
        return view.nbytes

    def flush(self) -> None:
        """Send what was kept."""
        self._printer.flush()

    def close(self) -> None:
        """Stay open: a wrapper around it closes it when it is forgotten."""
        self.flush()


def sendable(text: str) -> str:
    """Replace what UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode()
