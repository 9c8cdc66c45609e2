"""The conversation with one worker: the student's functions and objects, and their use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, Protocol

from grader import wire
from grader.asked import LENT, Use, answer_to
from grader.calls import Observed
from grader.errors import Ended, GraderError, ProtocolError, StudentError
from grader.exchange import Exchange, Process, Reply
from grader.pace import Pace
from grader.posted import PostedCall
from grader.remote import (
    Conversation,
    RemoteFunction,
    RemoteModule,
    RemoteObject,
    raise_as_student,
)
from grader.stopwatch import Stopwatch

# A callback of ours is told numbers, and may keep them.
CALLBACK_LIMIT = 64 << 10


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
        self._exchange = Exchange(channel, process, seconds, self._answer, waiting or Stopwatch())
        self._kept: dict[int, Any] = {}
        self._modules: dict[str, ModuleType] = {}
        self._lender: Lender | None = None
        self._forgotten: list[int] = []
        self._posted: deque[PostedCall] = deque()
        self._first = True
        self.pace: Pace | None = None
        self.calls = 0

    @property
    def left(self) -> float:
        """Seconds that the student's code may still take."""
        return self._exchange.left

    @property
    def ended(self) -> str:
        """Why the worker is gone, or nothing."""
        return self._exchange.ended

    def start(self, message: wire.Start) -> list[str]:
        """Send the first message; return what the worker says about its confinement."""
        reply, _ = self._exchange.ask(message, [])
        if isinstance(reply, wire.Ready):
            return reply.notes
        why = reply.message if isinstance(reply, wire.Raised) else "it did not say why"
        raise GraderError(f"a worker could not be started: {why}")

    def allow(self, seconds: float, limit: str = "") -> None:
        """Give the student's code `seconds` from now on; `limit` says in words what that is."""
        self._exchange.left = seconds
        self._exchange.limit = limit or f"the limit of {seconds:g} s"
        self._first = True
        if self._lender:
            self._lender.allow(seconds, limit)

    def take_printed(self) -> str:
        """Return what the student's code printed since the last time."""
        return self._exchange.take_printed()

    def worked(self) -> float | None:
        """Return the seconds of processor time that the worker has used, if that is known."""
        self._catch_up()
        return self._exchange.worked()

    def close(self) -> None:
        """End the worker, and the one that it borrows from."""
        if self._lender:
            self._lender.close()
        self._exchange.close()

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
        self._catch_up()
        message, blobs = self._message(function, args, kwargs)
        message.forget.extend(self._forgotten)
        self._forgotten, self._first = [], False
        self.calls += isinstance(message.function, wire.Named)
        return self._paced(function.__qualname__[:80], lambda: self._request(message, blobs))

    def post(
        self,
        function: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        due: Callable[[], None],
    ) -> PostedCall | None:
        """Send a call ahead; None where it has to be made when its result is needed.

        A worker that may ask us for something while it is at work must find nothing but
        answers.
        """
        if self._lender or self._kept or not (self.pace is None or self.pace.ahead):
            return None
        try:
            message, blobs = self._message(function, args, kwargs)
        except (Ended, wire.Unsendable):  # said where the call is made
            return None
        message.forget.extend(self._forgotten)
        if self._kept or not self._exchange.post(message, blobs):
            return None
        self._forgotten, self._first = [], False
        counts = isinstance(message.function, wire.Named)
        posted = PostedCall(self, function.__qualname__[:80], due, counts=counts)
        self._posted.append(posted)
        return posted

    def take(self, posted: PostedCall) -> Observed:
        """Wait for what a posted call returned and did, and raise what it raised."""
        while posted.outcome is None:
            self._hear()
        self.calls += posted.counts
        if isinstance(posted.outcome, BaseException):
            raise posted.outcome
        return posted.outcome

    def drop(self) -> None:
        """Hear what nobody asks for any more.

        Nothing goes ahead from then on: what comes after a failure is not to be called, for
        the sake of functions that keep something, or take long.
        """
        if self.pace:
            self.pace.ahead = False
        with self._exchange.aside():
            while self._posted:
                self._hear()

    def _catch_up(self) -> None:
        """Have what was posted judged: the next answer is to be that to the next question."""
        if self._posted:
            self._posted[-1].due()
        while self._posted:
            self._hear()

    def _hear(self) -> None:
        posted = self._posted.popleft()
        try:
            posted.outcome = self._paced(
                posted.name, lambda: self._observed(self._exchange.next())
            )
        except (StudentError, Ended) as error:
            posted.outcome = error

    def _message(
        self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[wire.Call, list[memoryview]]:
        out = wire.Outgoing(self._keep)
        message = wire.Call(
            self._keep(function),
            wire.List([out.value(arg) for arg in args]),
            wire.Dict(list(kwargs), [out.value(arg) for arg in kwargs.values()]),
            [],
            self._first,
        )
        return message, out.blobs

    def _paced(self, name: str, request: Callable[[], Observed]) -> Observed:
        """Make a call within what its function is given."""
        exchange = self._exchange
        if self.pace is None or exchange.ended:
            return request()
        seconds, words = self.pace.grant(name)
        saved = max(0.0, exchange.left - seconds) if words else 0.0
        limit, exchange.limit = exchange.limit, words if saved else exchange.limit
        exchange.left -= saved
        try:
            observed = request()
        except Ended:
            if exchange.left <= 0:
                self.pace.lost(name)
            raise
        finally:
            exchange.left, exchange.limit = exchange.left + saved, limit
        self.pace.returned(name)
        return observed

    def get(self, target: Any, name: str) -> Any:
        """Read an attribute of an object in the worker."""
        self._catch_up()
        out = wire.Outgoing(self._keep)
        return self._request(wire.Get(out.value(target), name), out.blobs).value

    def set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute of an object in the worker."""
        self._catch_up()
        out = wire.Outgoing(self._keep)
        self._request(wire.Set(out.value(target), name, out.value(value)), out.blobs)

    def forget(self, identifier: int) -> None:
        """Let the worker drop an object, with the next call."""
        self._forgotten.append(identifier)

    # --- the conversation -------------------------------------------------------------
    def _request(self, message: Any, blobs: list[memoryview]) -> Observed:
        return self._observed(self._exchange.ask(message, blobs))

    def _observed(self, heard: Reply) -> Observed:
        reply, blob = heard
        if isinstance(reply, wire.Raised):
            raise_as_student(reply)
        if not isinstance(reply, wire.Returned):
            self._exchange.broke("an answer to no question")
        try:
            value = wire.Incoming(blob, self._find).value(reply.value)
        except ProtocolError as error:
            self._exchange.broke(str(error))
        return Observed(value, _names(reply.changed), _names(reply.shared))

    def _answer(self, ask: wire.Ask, blob: memoryview) -> tuple[wire.Answer, list[memoryview]]:
        out = wire.Outgoing(self._keep)
        return answer_to(ask, lambda: self._unpacked(ask, blob), out.value), out.blobs

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
    if not claimed:
        return ()
    return tuple(name[:80] for name in claimed[:20])
