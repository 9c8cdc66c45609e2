"""Where on a tape of recorded answers a check is, and what things are called there.

A recording is made and replayed where a student's program would stand: a check's proxies
send it calls. A function without a state is recorded by its arguments. Objects have a
state, which every step can change; so what is done to objects is recorded as a path from
the beginning of the check.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grader import wire
from grader.calls import Observed
from grader.errors import NotRecorded
from grader.recording import Answer, Packed, Problem, Recording, signature, unpack
from grader.remote import RemoteFunction, RemoteModule, RemoteObject
from grader.sketch import Floats, Sketch, alike

PROXIES = (RemoteFunction, RemoteObject)


class RecordedModule(RemoteModule):
    """A module of the reference whose functions a recording knows."""

    def __init__(self, name: str, session: Callable[[], Any], names: Mapping[str, Any]) -> None:
        super().__init__(name, session)
        self.__dict__["__grader_names__"] = names

    def __getattr__(self, name: str) -> RemoteFunction:
        names = self.__dict__["__grader_names__"]
        if name not in names:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        function = super().__getattr__(name)
        parameters = names[name]
        if parameters is not None:
            function.__signature__ = signature(parameters)  # type: ignore[attr-defined]  # for inspect
        return function


class Tape:
    """What recording and replaying have in common: where on the tape a check is."""

    ended = ""

    def __init__(self) -> None:
        self.recording = Recording()
        self._state = 0
        self._modules: dict[str, RecordedModule] = {}

    def rewind(self, recording: Recording) -> None:
        """A check begins: there are no objects yet."""
        self.recording, self._state = recording, 0

    def allow(self, seconds: float, limit: str = "") -> None:
        """Give the reference time; it needs none."""

    def close(self) -> None:
        """End nothing: there is no process."""

    def forget(self, identifier: int) -> None:
        """Objects are forgotten when the next check begins."""

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call a function, class or method of the reference."""
        return Observed(self._do("call", function, "", list(args), dict(kwargs)))

    def get(self, target: Any, name: str) -> Any:
        """Read an attribute of an object."""
        return self._do("get", target, name, [], {})

    def set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute of an object."""
        self._do("set", target, name, [value], {})

    def _do(
        self, what: str, target: Any, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        raise NotImplementedError

    def _find(self, value: Any) -> Any:
        """Return the proxy for an object."""
        if not isinstance(value, wire.Handle):
            raise NotRecorded(f"no {type(value).__name__} was recorded")
        if value.callable:
            return RemoteFunction(lambda: self, value, value.kind)
        return type(value.kind, (RemoteObject,), {})(self, value)


def label(obj: Any) -> str:
    """Return what an object is called on the tape."""
    if isinstance(obj, PROXIES):
        value: Any = obj.__grader_value__
        is_name = isinstance(value, wire.Named)
        return f"{value.module}.{value.name}" if is_name else f"#{value.id}"
    return "callback" if callable(obj) else type(obj).__name__


def flat(value: Any) -> Iterator[Any]:
    """Walk what is inside lists, tuples and dictionaries."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from flat(item)
    else:
        yield value


def has_objects(value: Any) -> bool:
    """Whether something with a state, or a callback, is among the arguments."""
    return any(callable(v) or isinstance(v, RemoteObject) for v in flat(value))


def matching(answers: Sequence[Answer], floats: tuple[Floats, ...]) -> Answer | None:
    """Return the answer for these arguments, up to rounding."""
    wanted = Sketch("", floats)
    return next((a for a in answers if alike(Sketch("", a.floats), wanted)), None)


def unwrapped(result: Packed | Problem, find: Callable[[Any], Any]) -> Any:
    """Return what was recorded as an answer, or raise it."""
    if isinstance(result, Problem):
        raise getattr(builtins, result.kind)(result.message)
    return unpack(result, find)
