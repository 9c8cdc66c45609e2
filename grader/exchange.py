"""Requests to one worker and its replies, within the time that the student's code has."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, Protocol

from grader import wire
from grader.errors import Ended, GraderError, ProtocolError
from grader.stopwatch import Stopwatch

PRINTED_LIMIT = 64 << 10
_CUT = "\n[... the rest of the output was dropped: over 64 KB]\n"
# Requests that are sent before the reply to the first of them is read, at most.
_AHEAD = 16

Reply = tuple[Any, memoryview]


class Process(Protocol):
    """The operating system's side of a worker."""

    def end(self, *, wait: bool) -> str:
        """End it and all that it started; say in words how it had ended by itself."""

    def worked(self) -> float | None:
        """Return the seconds of processor time that it has used, if the system tells."""


class Exchange:
    """Requests to one worker, and its replies.

    Parameters
    ----------
    channel : wire.Channel
        Connected to the worker.
    process : Process
        What to end when the worker breaks a rule.
    seconds : float
        What the worker may take to start.
    serve : callable
        ``serve(ask, blob)`` does what the worker asks for while it is at work, and returns
        the answer with its arrays.
    waiting : Stopwatch
        Runs while we wait for the worker.

    Attributes
    ----------
    left : float
        Seconds that the student's code may still take. The clock runs only while we wait.
    limit : str
        What that was at first, in words.
    ended : str
        Why the worker is gone, or ``""``.
    """

    def __init__(
        self,
        channel: wire.Channel,
        process: Process,
        seconds: float,
        serve: Callable[[wire.Ask, memoryview], tuple[wire.Answer, list[memoryview]]],
        waiting: Stopwatch,
    ) -> None:
        self._channel = channel
        self._process = process
        self._serve = serve
        self._waiting = waiting
        self._under_way: deque[int] = deque()
        self._printed: list[str] = []
        self._printed_size = 0
        self.left = seconds
        self.limit = f"the limit of {seconds:g} s"
        self.ended = ""

    def ask(self, message: Any, blobs: list[memoryview]) -> Reply:
        """Send a request and wait for its reply; serve what the worker prints and asks.

        Raises
        ------
        Ended
            The worker is gone, or is ended for breaking a rule.
        """
        return self._converse(message, blobs)

    def post(self, message: Any, blobs: list[memoryview]) -> bool:
        """Send a request whose reply is read later, if it fits beside those under way.

        What is sent ahead must fit the socket's buffer: nobody reads the worker's replies
        meanwhile, so it may be unable to take more.
        """
        room = self._channel.room - sum(self._under_way)
        if self.ended or self.left <= 0 or len(self._under_way) >= _AHEAD or room <= 0:
            return False
        try:
            size = self._channel.send(message, blobs, time.monotonic() + self.left, room)
        except (OSError, wire.Unsendable):  # what is wrong is said where it is asked for
            return False
        self._under_way.append(size)
        return True

    def next(self) -> Reply:
        """Wait for the reply to the first of the requests under way."""
        self._under_way.popleft()
        return self._converse()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Forget the time that something takes, and what it prints."""
        left, printed, size = self.left, len(self._printed), self._printed_size
        try:
            yield
        finally:
            self.left = left
            del self._printed[printed:]
            self._printed_size = size

    def take_printed(self) -> str:
        """Return what the student's code printed since the last time."""
        text = "".join(self._printed)
        self._printed, self._printed_size = [], 0
        return text

    def worked(self) -> float | None:
        """Return the seconds of processor time that the worker has used, if that is known."""
        return None if self.ended else self._process.worked()

    def close(self) -> None:
        """End the worker."""
        if not self.ended:
            self.ended = "the check is over"
            self._channel.close()
            with suppress(GraderError):  # what started it is gone, and it with that
                self._process.end(wait=False)

    def broke(self, how: str) -> NoReturn:
        """End a worker that broke a rule."""
        self._end(f"broke the connection to the checker ({how})", wait=False)

    def _converse(self, message: Any = None, blobs: Sequence[memoryview] = ()) -> Reply:
        """Send a request, if there is one, and read on until there is a reply."""
        if self.ended:
            raise Ended(self.ended)
        with self._waiting:
            start = time.monotonic()
            deadline = start + self.left
            try:
                if message is not None:
                    self._channel.send(message, blobs, deadline)
                return self._listen(deadline)
            except TimeoutError:
                self._end(f"took longer than {self.limit}", wait=False)
            except ProtocolError as error:
                self.broke(str(error))
            except (EOFError, OSError):
                self._end("", wait=True)
            except BaseException:  # a callback of ours failed in mid-conversation
                self.close()
                raise
            finally:
                self.left = max(0.0, self.left - (time.monotonic() - start))

    def _listen(self, deadline: float) -> Reply:
        while True:
            reply, blob = self._channel.receive(deadline)
            if isinstance(reply, wire.Printed):
                self._print(reply.text)
            elif isinstance(reply, wire.Ask):
                answer, blobs = self._serve(reply, blob)
                self._channel.send(answer, blobs, deadline)
            else:
                return reply, blob

    def _print(self, text: str) -> None:
        room = PRINTED_LIMIT - self._printed_size
        if text and room >= 0:  # with no room left at all, the cut is still to be announced
            self._printed.append(text[:room] + (_CUT if len(text) > room else ""))
            self._printed_size += len(text)

    def _end(self, cause: str, *, wait: bool) -> NoReturn:
        self._channel.close()
        status = self._process.end(wait=wait)
        self.ended = cause or status
        raise Ended(self.ended)
