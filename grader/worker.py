"""The process that runs a student's code.

It knows no check and no answer. It confines itself, loads the course's modules from
sources that it was sent, and answers calls until the other side closes.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import itertools
import linecache
import os
import socket
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from grader import confine, wire
from grader.calls import Results
from grader.imports import CourseFinder
from grader.printing import Printer, sendable
from grader.rules import forbidden_uses

_MISSING = object()
_PYTHON = f"checked by Python {sys.version_info.major}.{sys.version_info.minor}"


def serve(sock: socket.socket, readable: Sequence[str], scratch: str) -> None:
    """Answer calls on `sock` until it closes.

    Parameters
    ----------
    sock : socket.socket
        Connected to the checker.
    readable : sequence of str
        Folders that Python and NumPy import from.
    scratch : str
        The one folder that may be written.
    """
    channel = wire.Channel(sock, wire.Request)
    start, _ = channel.receive()
    try:
        notes = _confine(start, readable, scratch)
    except Exception as error:  # ours, and the checker must hear of it
        channel.send(wire.Raised([type(error).__name__], str(error), [], "confine"))
        return
    channel.send(wire.Ready(notes))
    worker = Worker(channel, start.sources, start.elsewhere)
    for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
        setattr(sys, name, worker.printer)
    sys.stdin = open(os.devnull)  # noqa: SIM115  # for as long as we live
    worker.run()


def _confine(start: wire.Start, readable: Sequence[str], scratch: str) -> list[str]:
    """Give up what a student's code does not need; return what could not be given up."""
    confine.limit_resources(confine.Limits(memory_bytes=start.memory_bytes))
    if not start.confined:
        return []
    devices = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"]
    confine.restrict_files([*readable, *devices[1:]], [scratch, devices[0]])
    confine.restrict_calls()
    return list(confine.supported())


class Elsewhere:
    """Something that does not live in this process: a callback, or an earlier stage's layer."""

    def __init__(self, worker: Worker, value: wire.Value) -> None:
        object.__setattr__(self, "_worker", worker)
        object.__setattr__(self, "_value", value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it where it lives."""
        return self._worker.ask("call", self._value, "", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._worker.ask("get", self._value, name, (), {})

    def __setattr__(self, name: str, value: Any) -> None:
        self._worker.ask("set", self._value, name, (value,), {})


class ModuleElsewhere(ModuleType):
    """A stage's module that does not live in this process."""

    worker: Worker

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Elsewhere(self.worker, wire.Named(self.__name__, name))


class Worker:
    """Answers the checker's requests, one at a time."""

    def __init__(
        self, channel: wire.Channel, sources: Sequence[wire.Source], elsewhere: Sequence[str]
    ) -> None:
        self._channel = channel
        self._sources = {source.path: source for source in sources}
        self._objects: dict[int, Any] = {}
        self._results = Results()
        self._numbers = itertools.count(1)
        self.printer = Printer(channel)
        there = {name: ModuleElsewhere(name) for name in elsewhere}
        for module in there.values():
            module.worker = self
        sys.meta_path.insert(0, CourseFinder(sources, there))
        for source in sources:
            lines = [f"{line}\n" for line in source.code.decode("utf-8", "replace").split("\n")]
            linecache.cache[source.path] = (len(source.code), None, lines, source.path)

    def run(self) -> None:
        """Serve until the checker closes the connection."""
        while True:
            try:
                request, blob = self._channel.receive()
            except (EOFError, OSError):
                return
            self._serve(request, blob)

    def _serve(self, request: Any, blob: memoryview) -> None:
        phase = {"value": "load"}
        out = wire.Outgoing(self._keep)
        try:
            self.printer.renew()
            reply: wire.Reply = self._handle(request, wire.Incoming(blob, self._find), out, phase)
            self.printer.flush()
            self._channel.send(reply, out.blobs)
        except BaseException as error:  # also SystemExit: the student's code ends nothing here
            self.printer.flush()
            self._channel.send(self._raised(error, phase["value"]))

    def _handle(
        self, request: Any, incoming: wire.Incoming, out: wire.Outgoing, phase: dict[str, str]
    ) -> wire.Reply:
        match request:
            case wire.Call(function, args, kwargs, forget, first):
                if first:  # what is said of a check is to come from that check alone
                    self._results = Results()
                for identifier in forget:
                    self._objects.pop(identifier, None)
                target = self._resolve(function, incoming, phase)
                phase["value"] = "call"
                return self._call(target, incoming.value(args), incoming.value(kwargs), out)
            case wire.Load(module):
                importlib.import_module(module)
                return wire.Returned(None)
            case wire.Inspect(module, forbid):
                source = next(s for s in self._sources.values() if s.module == module)
                return wire.Returned(out.value(forbidden_uses(source.code, forbid, source.path)))
            case wire.Get(target, name):
                phase["value"] = "call"
                return wire.Returned(out.value(getattr(incoming.value(target), name)))
            case wire.Set(target, name, value):
                phase["value"] = "call"
                setattr(incoming.value(target), name, incoming.value(value))
                return wire.Returned(None)
        raise RuntimeError(f"a request of kind {type(request).__name__}")

    def _call(
        self, function: Callable[..., Any], args: Any, kwargs: Any, out: wire.Outgoing
    ) -> wire.Returned:
        try:
            observed = self._results.observe(function, args, kwargs)
        except TypeError as error:
            error.__grader_function__ = function  # type: ignore[attr-defined]  # for its signature
            raise
        value = out.value(observed.value)
        return wire.Returned(value, list(observed.changed), list(observed.shared))

    def _resolve(self, value: Any, incoming: wire.Incoming, phase: dict[str, str]) -> Any:
        """Find what to call; a missing name is a finding of its own."""
        if not isinstance(value, wire.Named):
            return incoming.value(value)
        module = sys.modules.get(value.module) or importlib.import_module(value.module)
        phase["value"] = "missing"
        found = getattr(module, value.name, _MISSING)
        if found is _MISSING:
            raise AttributeError(f"there is no {value.name} in {module.__file__}")
        if not callable(found):
            raise TypeError(f"{value.name} is not a function: it is {type(found).__name__}")
        return found

    # --- objects ----------------------------------------------------------------------
    def _keep(self, obj: Any) -> wire.Value:
        if type(obj) is Elsewhere:
            return object.__getattribute__(obj, "_value")  # type: ignore[no-any-return]
        # A number of its own for each crossing: the checker forgets proxies one by one, and
        # another proxy of the same object may live on.
        number = next(self._numbers)
        self._objects[number] = obj
        routine = inspect.isroutine(obj) or inspect.isclass(obj)
        name = getattr(obj, "__qualname__", "") if routine else type(obj).__name__
        return wire.Handle(number, str(name)[:120], routine)

    def _find(self, value: Any) -> Any:
        match value:
            case wire.Handle(identifier):
                return self._objects[identifier]
            case wire.Kept():
                return Elsewhere(self, value)
            case wire.Named(module, name):
                return getattr(importlib.import_module(module), name)
        raise TypeError(f"an unknown reference {value!r}")

    def ask(
        self, operation: Any, target: wire.Value, name: str, args: Any, kwargs: Mapping[str, Any]
    ) -> Any:
        """Have the checker use something of its own, and return the outcome."""
        self.printer.flush()
        out = wire.Outgoing(self._keep)
        values = wire.List([out.value(arg) for arg in args])
        named = wire.Dict(list(kwargs), [out.value(arg) for arg in kwargs.values()])
        self._channel.send(wire.Ask(target, name, values, named, operation), out.blobs)
        answer, blob = self._channel.receive()
        if not isinstance(answer, wire.Answer):
            raise TypeError("the checker said something else")
        if answer.raised:
            raise getattr(builtins, answer.raised)(answer.message)
        return wire.Incoming(blob, self._find).value(answer.value)

    # --- exceptions -------------------------------------------------------------------
    def _raised(self, error: BaseException, phase: str) -> wire.Raised:
        kinds = [kind.__name__ for kind in type(error).__mro__ if kind is not object]
        lines = self._lines(error)
        function = getattr(error, "__grader_function__", None)
        signature = "" if lines or function is None else _signature(function)
        return wire.Raised(kinds[:20], _message(error), lines, phase, signature)

    def _lines(self, error: BaseException) -> list[wire.Line]:
        """Return the student's own lines of the traceback, the middle of a long one cut."""
        found = [
            self._line(frame.f_code.co_filename, number, frame.f_code.co_qualname)
            for frame, number in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename in self._sources
        ]
        if isinstance(error, SyntaxError) and error.filename in self._sources:
            found.append(self._line(error.filename, error.lineno or 1, "<module>"))
        return found if len(found) <= 8 else [*found[:3], *found[-4:]]

    def _line(self, path: str, number: int, function: str) -> wire.Line:
        return wire.Line(path, number, function, _source_line(path, number))


def _source_line(path: str, number: int) -> str:
    return sendable(linecache.getline(path, number).strip()[:200])


def _signature(function: Callable[..., Any]) -> str:
    try:
        return sendable(str(inspect.signature(function))[:300])
    except (TypeError, ValueError):
        return ""


def _message(error: BaseException) -> str:
    try:
        text = str(error)
        if isinstance(error, SyntaxError) and error.filename:
            text = f"{error.msg} ({_PYTHON})"  # what is wrong here may be right in a newer one
    except Exception:
        text = "(its message cannot be shown)"
    return sendable(str(text)[:4000])
