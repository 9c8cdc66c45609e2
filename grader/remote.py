"""The student's modules as the checks see them: proxies for what lives in a worker.

A check calls ``pad2d(x, 1)`` as if the function were its own. Here the call becomes a
message, and the answer a value, a handle to an object that stays in the worker, or the
student's exception.
"""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn, Protocol

from grader import wire
from grader.calls import Observed
from grader.errors import Ended, Frame, GraderError, ProtocolError, StudentError

PRINTED_LIMIT = 64 << 10
_CUT = "\n[... the rest of the output was dropped: over 64 KB]\n"


class Process(Protocol):
    """The operating system's side of a worker."""

    def end(self, *, wait: bool) -> str:
        """End it and all that it started; say in words how it had ended by itself."""


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

    Attributes
    ----------
    left : float
        Seconds that the student's code may still take. The clock runs only while we wait.
    """

    def __init__(self, channel: wire.Channel, process: Process, seconds: float) -> None:
        self._channel = channel
        self._process = process
        self._kept: dict[int, Any] = {}
        self._modules: dict[str, ModuleType] = {}
        self._forgotten: list[int] = []
        self._printed: list[str] = []
        self._printed_size = 0
        self._limit = self.left = seconds
        self.ended = ""

    def start(self, message: wire.Start) -> list[str]:
        """Send the first message; return what the worker says about its confinement."""
        reply, _ = self._exchange(message, [])
        if isinstance(reply, wire.Ready):
            return reply.notes
        why = reply.message if isinstance(reply, wire.Raised) else "it did not say why"
        raise GraderError(f"a worker could not be started: {why}")

    def allow(self, seconds: float) -> None:
        """Give the student's code `seconds` from now on."""
        self._limit = self.left = seconds

    def take_printed(self) -> str:
        """Return what the student's code printed since the last time."""
        text = "".join(self._printed)
        self._printed, self._printed_size = [], 0
        return text

    def close(self) -> None:
        """End the worker."""
        if not self.ended:
            self.ended = "the check is over"
            self._channel.close()
            self._process.end(wait=False)

    # --- requests ---------------------------------------------------------------------
    def lend(self, modules: Mapping[str, ModuleType]) -> None:
        """Let the worker use the functions and classes of `modules`, by calls alone."""
        self._modules.update(modules)

    def load(self, module: str) -> None:
        """Import a module of the student's."""
        self._request(wire.Load(module), [])

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call a function, class or method of the student's."""
        out = wire.Outgoing(self._keep)
        forget, self._forgotten = self._forgotten, []
        message = wire.Call(
            out.value(function),
            wire.List([out.value(arg) for arg in args]),
            wire.Dict(list(kwargs), [out.value(arg) for arg in kwargs.values()]),
            forget,
        )
        return self._request(message, out.blobs)

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

    # --- the conversation -------------------------------------------------------------
    def _request(self, message: Any, blobs: list[memoryview]) -> Observed:
        reply, blob = self._exchange(message, blobs)
        if isinstance(reply, wire.Raised):
            _raise(reply)
        if not isinstance(reply, wire.Returned):
            self._broke("an answer to no question")
        try:
            value = wire.Incoming(blob, self._find).value(reply.value)
        except ProtocolError as error:
            self._broke(str(error))
        return Observed(value, tuple(reply.changed[:20]), tuple(reply.shared[:20]))

    def _exchange(self, message: Any, blobs: list[memoryview]) -> tuple[Any, memoryview]:
        """Send a request; serve what the worker prints and asks until it answers."""
        if self.ended:
            raise Ended(self.ended)
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
            self._end(f"took longer than the limit of {self._limit:g} s", wait=False)
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
        incoming = wire.Incoming(blob, self._find)
        target = self._asked(ask.target)
        args, kwargs = incoming.value(ask.args), incoming.value(ask.kwargs)
        out = wire.Outgoing(self._keep)
        try:
            answer = wire.Answer(out.value(_use(ask, target, args, kwargs)))
        except (TypeError, AttributeError, StudentError):  # a use that it is not made for
            answer = wire.Answer(None, failed=True)
        self._channel.send(answer, out.blobs, deadline)

    def _asked(self, value: wire.Value) -> Any:
        """Find what the worker may use: what it was handed, and modules lent to it."""
        if isinstance(value, wire.Kept) and value.id in self._kept:
            return self._kept[value.id]
        if isinstance(value, wire.Named) and value.module in self._modules:
            return getattr(self._modules[value.module], value.name)
        raise ProtocolError("a use of something that does not exist")

    def _print(self, text: str) -> None:
        room = PRINTED_LIMIT - self._printed_size
        if room > 0:
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
            return obj.__grader_value__
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


def _use(ask: wire.Ask, target: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Do with `target` what a worker asks for; attributes only of what lives in a worker."""
    if ask.operation == "call":
        return target(*args, **kwargs)
    if not isinstance(target, RemoteObject) or ask.name.startswith("_"):
        raise AttributeError(ask.name)
    return (
        getattr(target, ask.name) if ask.operation == "get" else setattr(target, ask.name, *args)
    )


class RemoteFunction:
    """A function, class or method of the student's.

    Parameters
    ----------
    session : callable
        Returns the session to use; it changes when a worker had to be replaced.
    value : wire.Named or wire.Handle
        What it is on the wire.
    qualname : str
        Its dotted name inside the module.
    """

    def __init__(
        self, session: Callable[[], Session], value: wire.Named | wire.Handle, qualname: str
    ) -> None:
        self.__grader_session__ = session
        self.__grader_value__ = value
        self.__qualname__ = qualname
        self.__name__ = qualname.rpartition(".")[2]
        self.__module__ = value.module if isinstance(value, wire.Named) else ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        observed = self.observe(args, kwargs)
        if observed.changed:
            which = observed.changed[0]
            raise _student_error(
                "ValueError",
                f"{self.__name__} changes its argument {which} in place",
                ValueError,
                phase="argument",
            )
        return observed.value

    def observe(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call it, and tell what the call did to its arguments."""
        return self.__grader_session__().call(self, args, kwargs)


class RemoteObject:
    """An object of the student's that stays in the worker, a layer say."""

    __slots__ = ("__grader_session__", "__grader_value__")

    def __init__(self, session: Session, handle: wire.Handle) -> None:
        object.__setattr__(self, "__grader_session__", lambda: session)
        object.__setattr__(self, "__grader_value__", handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__grader_session__().get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__grader_session__().set(self, name, value)

    def __del__(self) -> None:
        self.__grader_session__().forget(self.__grader_value__.id)


class RemoteModule(ModuleType):
    """A module of the student's: each of its names is a proxy, resolved when it is used."""

    def __init__(self, name: str, session: Callable[[], Session]) -> None:
        super().__init__(name)
        self.__dict__["__grader_session__"] = session

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return RemoteFunction(self.__grader_session__, wire.Named(self.__name__, name), name)


def _raise(reply: wire.Raised) -> NoReturn:
    kinds = reply.kinds[:20] or ["Exception"]
    bases = (getattr(builtins, kind, None) for kind in kinds)
    base = next(
        (b for b in bases if isinstance(b, type) and issubclass(b, Exception)), RuntimeError
    )
    frames = tuple(Frame(f.path, f.line, f.function, f.text) for f in reply.lines[:20])
    raise _student_error(
        kinds[0][:80], reply.message[:4000], base, reply.phase, frames, reply.signature[:300]
    )


def _student_error(
    kind: str,
    message: str,
    base: type[Exception],
    phase: str = "call",
    frames: tuple[Frame, ...] = (),
    signature: str = "",
) -> StudentError:
    """Make an exception that is a `StudentError` and a `base` at once."""
    both = type(kind, (StudentError, base), {"__str__": lambda self: self.args[0]})
    try:
        error: StudentError = both(message)
    except TypeError:  # a UnicodeDecodeError, say, demands arguments of its own
        error = both.__new__(both)
    error.args = (message,)
    error.kind, error.phase, error.frames, error.signature = kind, phase, frames, signature
    return error
