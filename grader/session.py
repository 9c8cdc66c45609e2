"""The conversation with one worker: requests, answers, deadlines, and its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any, NoReturn, Protocol

from grader import wire
from grader.asked import LENT, Use, answer_to
from grader.calls import Observed
from grader.errors import Ended, GraderError, ProtocolError
from grader.pace import Pace
from grader.remote import (
    Conversation,
    RemoteFunction,
    RemoteModule,
    RemoteObject,
    raise_as_student,
)
from grader.stopwatch import Stopwatch

PRINTED_LIMIT = 64 << 10
# A callback of ours is told numbers, and may keep them.
CALLBACK_LIMIT = 64 << 10
_CUT = "\n[... the rest of the output was dropped: over 64 KB]\n"


class Process(Protocol):
    """The operating system's side of a worker."""

    def end(self, *, wait: bool) -> str:
        """End it and all that it started; say in words how it had ended by itself."""

    def worked(self) -> float | None:
        """Return the seconds of processor time that it has used, if the system tells."""


class Lender(Conversation, Protocol):
    """What a worker can borrow modules from: another worker, or a recording."""

    def allow(self, seconds: float, limit: str = "") -> None:
        """Give it `seconds` from now on."""

    def close(self) -> None:
        """End it."""


class Session:
    """The conversation with one worker.

    Parameters
    ----------
    channel : wire.Channel
        Connected to the worker.
    process : Process
        What to end when the worker breaks a rule.
    seconds : float
        What the worker may take to start.
    waiting : Stopwatch, optional
        Runs while we wait for the worker.

    Attributes
    ----------
    left : float
        Seconds that the student's code may still take. The clock runs only while we wait.
    pace : Pace or None
        What single calls are given, where that may be less.
    calls : int
        How often a function or class of a module was called.
    """

    def __init__(
        self,
        channel: wire.Channel,
        process: Process,
        seconds: float,
        waiting: Stopwatch | None = None,
    ) -> None:
        self._channel = channel
        self._waiting = waiting or Stopwatch()
        self._process = process
        self._kept: dict[int, Any] = {}
        self._modules: dict[str, ModuleType] = {}
        self._lender: Lender | None = None
        self._forgotten: list[int] = []
        self._first = True
        self._printed: list[str] = []
        self._printed_size = 0
        self.left = seconds
        self._limit = f"the limit of {seconds:g} s"
        self.ended = ""
        self.pace: Pace | None = None
        self.calls = 0

    def start(self, message: wire.Start) -> list[str]:
        """Send the first message; return what the worker says about its confinement."""
        reply, _ = self._exchange(message, [])
        if isinstance(reply, wire.Ready):
            return reply.notes
        why = reply.message if isinstance(reply, wire.Raised) else "it did not say why"
        raise GraderError(f"a worker could not be started: {why}")

    def allow(self, seconds: float, limit: str = "") -> None:
        """Give the student's code `seconds` from now on; `limit` says in words what that is."""
        self.left = seconds
        self._first = True
        self._limit = limit or f"the limit of {seconds:g} s"
        if self._lender:
            self._lender.allow(seconds, limit)

    def take_printed(self) -> str:
        """Return what the student's code printed since the last time."""
        text = "".join(self._printed)
        self._printed, self._printed_size = [], 0
        return text

    def close(self) -> None:
        """End the worker, and the one that it borrows from."""
        if self._lender:
            self._lender.close()
        if not self.ended:
            self.ended = "the check is over"
            self._channel.close()
            with suppress(GraderError):  # what started it is gone, and it with that
                self._process.end(wait=False)

    # --- requests ---------------------------------------------------------------------
    def borrow(self, modules: Sequence[str], lender: Lender) -> None:
        """Let the worker use `modules` of another one, by calls alone."""
        self._lender = lender
        self._modules.update({name: RemoteModule(name, lambda: lender) for name in modules})

    def load(self, module: str) -> None:
        """Import a module of the student's."""
        self._request(wire.Load(module), [])

    def inspect(self, module: str, forbid: Sequence[str]) -> list[tuple[int, str]]:
        """Return the lines and names of forbidden uses; ask before any code was loaded."""
        found = self._request(wire.Inspect(module, list(forbid)), []).value
        pairs = found if isinstance(found, list) else []
        return [(int(line), str(name)[:120]) for line, name in pairs[:20]]

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call a function, class or method of the student's."""
        out = wire.Outgoing(self._keep)
        forget, self._forgotten = self._forgotten, []
        called = out.value(function)
        self.calls += isinstance(called, wire.Named)
        message = wire.Call(
            called,
            wire.List([out.value(arg) for arg in args]),
            wire.Dict(list(kwargs), [out.value(arg) for arg in kwargs.values()]),
            forget,
            self._first,
        )
        self._first = False
        return self._paced(function.__qualname__[:80], lambda: self._request(message, out.blobs))

    def _paced(self, name: str, request: Callable[[], Observed]) -> Observed:
        """Make a call within what its function is given."""
        if self.pace is None or self.ended:
            return request()
        seconds, words = self.pace.grant(name)
        saved = max(0.0, self.left - seconds) if words else 0.0
        limit, self._limit = self._limit, words if saved else self._limit
        self.left -= saved
        try:
            observed = request()
        except Ended:
            if self.left <= 0:
                self.pace.lost(name)
            raise
        finally:
            self.left, self._limit = self.left + saved, limit
        self.pace.returned(name)
        return observed

    def get(self, target: Any, name: str) -> Any:
        """Read an attribute of an object in the worker."""
        out = wire.Outgoing(self._keep)
        return self._request(wire.Get(out.value(target), name), out.blobs).value

    def set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute of an object in the worker."""
        out = wire.Outgoing(self._keep)
        self._request(wire.Set(out.value(target), name, out.value(value)), out.blobs)

    def forget(self, identifier: int) -> None:
        """Let the worker drop an object, with the next call."""
        self._forgotten.append(identifier)

    def worked(self) -> float | None:
        """Return the seconds of processor time that the worker has used, if that is known."""
        return None if self.ended else self._process.worked()

    # --- the conversation -------------------------------------------------------------
    def _request(self, message: Any, blobs: list[memoryview]) -> Observed:
        reply, blob = self._exchange(message, blobs)
        if isinstance(reply, wire.Raised):
            raise_as_student(reply)
        if not isinstance(reply, wire.Returned):
            self._broke("an answer to no question")
        try:
            value = wire.Incoming(blob, self._find).value(reply.value)
        except ProtocolError as error:
            self._broke(str(error))
        return Observed(value, _names(reply.changed), _names(reply.shared))

    def _exchange(self, message: Any, blobs: list[memoryview]) -> tuple[Any, memoryview]:
        """Send a request; serve what the worker prints and asks until it answers."""
        if self.ended:
            raise Ended(self.ended)
        with self._waiting:
            return self._converse(message, blobs)

    def _converse(self, message: Any, blobs: list[memoryview]) -> tuple[Any, memoryview]:
        start = time.monotonic()
        deadline = start + self.left
        try:
            self._channel.send(message, blobs, deadline)
            while True:
                reply, blob = self._channel.receive(deadline)
                if isinstance(reply, wire.Printed):
                    self._print(reply.text)
                elif isinstance(reply, wire.Ask):
                    self._answer(reply, blob, deadline)
                else:
                    return reply, blob
        except TimeoutError:
            self._end(f"took longer than {self._limit}", wait=False)
        except ProtocolError as error:
            self._broke(str(error))
        except (EOFError, OSError):
            self._end("", wait=True)
        except BaseException:  # a callback of ours failed in mid-conversation
            self.close()
            raise
        finally:
            self.left = max(0.0, self.left - (time.monotonic() - start))

    def _answer(self, ask: wire.Ask, blob: memoryview, deadline: float) -> None:
        out = wire.Outgoing(self._keep)
        answer = answer_to(ask, lambda: self._unpacked(ask, blob), out.value)
        self._channel.send(answer, out.blobs, deadline)

    def _unpacked(self, ask: wire.Ask, blob: memoryview) -> Use:
        target = self._asked(ask.target)
        if len(blob) > CALLBACK_LIMIT and not isinstance(target, LENT):
            raise ProtocolError("a callback was handed more than 64 KB")
        incoming = wire.Incoming(blob, self._find)
        return Use(target, incoming.value(ask.args), incoming.value(ask.kwargs))

    def _asked(self, value: wire.Value) -> Any:
        """Find what the worker may use: what it was handed, and modules lent to it."""
        if isinstance(value, wire.Kept) and value.id in self._kept:
            return self._kept[value.id]
        if isinstance(value, wire.Named) and value.module in self._modules:
            if value.name.startswith("_"):
                raise AttributeError(value.name)
            return getattr(self._modules[value.module], value.name)
        raise ProtocolError("a use of something that does not exist")

    def _print(self, text: str) -> None:
        room = PRINTED_LIMIT - self._printed_size
        if text and room >= 0:  # with no room left at all, the cut is still to be announced
            self._printed.append(text[:room] + (_CUT if len(text) > room else ""))
            self._printed_size += len(text)

    def _broke(self, how: str) -> NoReturn:
        self._end(f"broke the connection to the checker ({how})", wait=False)

    def _end(self, cause: str, *, wait: bool) -> NoReturn:
        self._channel.close()
        status = self._process.end(wait=wait)
        self.ended = cause or status
        raise Ended(self.ended)

    # --- objects ----------------------------------------------------------------------
    def _keep(self, obj: Any) -> wire.Value:
        proxy = isinstance(obj, RemoteFunction | RemoteObject)
        if proxy and obj.__grader_session__() is self:
            return obj.__grader_value__  # type: ignore[no-any-return]  # a proxy's own
        if isinstance(obj, RemoteObject) and obj.__grader_session__().ended:
            raise Ended("an earlier call ended the program that this object lived in")
        if proxy or callable(obj):
            self._kept[id(obj)] = obj
            return wire.Kept(id(obj))
        raise wire.Unsendable(f"a {type(obj).__name__} does not cross to the student's process")

    def _find(self, value: Any) -> Any:
        if isinstance(value, wire.Handle):
            kind = value.kind[:60] if value.kind.isidentifier() else "object"
            if value.callable:
                return RemoteFunction(lambda: self, value, value.kind[:120])
            return type(kind, (RemoteObject,), {})(self, value)
        if isinstance(value, wire.Kept) and value.id in self._kept:
            return self._kept[value.id]
        raise ProtocolError("a reference to nothing")


def _names(claimed: list[str]) -> tuple[str, ...]:
    return tuple(name[:80] for name in claimed[:20])
