"""Sessions that record what the reference answers, and that answer from a recording.

Both stand where a student's program would: a check's proxies send them calls. A function
without a state is recorded by its arguments. Objects have a state, which every step can
change; so what is done to objects is recorded as a path from the beginning of the check.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import ModuleType
from typing import Any

from grader import wire
from grader.calls import Observed
from grader.errors import CourseError, NotRecorded
from grader.local import LocalObject, inside
from grader.recording import Answer, Packed, Problem, Recording, pack, signature, unpack
from grader.reference import LiveReference
from grader.remote import RemoteFunction, RemoteModule, RemoteObject
from grader.sketch import Floats, Sketch, alike, sketch

_PROXIES = (RemoteFunction, RemoteObject)
# What stages ask of each other is only good for telling whose fault a failure is: the small
# cases of the checks do, whole networks would fill the recording.
_NOTED = 4 << 10


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


class _Tape:
    """What recording and replaying have in common: where on the tape a check is."""

    ended = ""

    def __init__(self) -> None:
        self.recording = Recording()
        self._state = 0
        self._modules: dict[str, RecordedModule] = {}

    def begin(self, recording: Recording) -> None:
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


def _label(obj: Any) -> str:
    """Return what an object is called on the tape."""
    if isinstance(obj, _PROXIES):
        value: Any = obj.__grader_value__
        is_name = isinstance(value, wire.Named)
        return f"{value.module}.{value.name}" if is_name else f"#{value.id}"
    return "callback" if callable(obj) else type(obj).__name__


def _flat(value: Any) -> Iterator[Any]:
    """Walk what is inside lists, tuples and dictionaries."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def _has_objects(value: Any) -> bool:
    """Whether something with a state, or a callback, is among the arguments."""
    return any(callable(v) or isinstance(v, RemoteObject) for v in _flat(value))


def _found(answers: Sequence[Answer], floats: tuple[Floats, ...]) -> Answer | None:
    """Return the answer for these arguments, up to rounding."""
    wanted = Sketch("", floats)
    return next((a for a in answers if alike(Sketch("", a.floats), wanted)), None)


class Recorder(_Tape):
    """Answers from the live reference, and keeps every answer.

    Parameters
    ----------
    reference : LiveReference
    """

    def __init__(self, reference: LiveReference) -> None:
        super().__init__()
        self.reference = reference
        self._objects: dict[int, Any] = {}

    def begin(self, recording: Recording) -> None:
        """Forget the objects of the last check."""
        super().begin(recording)
        self._objects = {}

    def module(self, name: str) -> ModuleType:
        """Return a module whose use is recorded."""
        if name not in self._modules:
            names = self.reference.public_names(name)
            self._modules[name] = RecordedModule(name, lambda: self, names)
        self.recording.modules.setdefault(name, self._modules[name].__dict__["__grader_names__"])
        return self._modules[name]

    def note(self, function: Any, args: Sequence[Any], kwargs: dict[str, Any], value: Any) -> None:
        """Keep a call that the reference made by itself, from one stage to another."""
        if _has_objects([*args, kwargs]):
            return
        drawn = sketch([list(args), kwargs], _label)
        name = f"call {function.__module__}.{function.__qualname__}"
        answers = self._answers(f"{name} {drawn.form}")
        try:
            result = pack(value, _refuse)
        except wire.Unsendable:
            return
        if len(result.blob) <= _NOTED and _found(answers, drawn.floats) is None:
            answers.append(Answer(drawn.floats, result, [], 0))

    def _do(
        self, what: str, target: Any, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        if any(isinstance(arg, LocalObject) for arg in _flat([args, kwargs])):
            raise CourseError(
                f"a check hands the student's object to the reference's {_label(target)}; "
                "take it from the side that the story is told with: see grader.checking.beside"
            )
        heard: list[tuple[int, Packed]] = []
        drawn = sketch([args, kwargs], _label)
        watched = [_watched(i, a, heard) for i, a in enumerate([*args, *kwargs.values()])]
        mine = [self._inside(value) for value in watched]
        named = dict(zip(kwargs, mine[len(args) :], strict=True))
        result: Packed | Problem
        value: Any = None
        try:
            value = self._act(what, target, name, mine[: len(args)], named)
            before = len(self._objects)
            result = pack(value, self._keep)
            plain = len(self._objects) == before
        except Exception as error:
            result, plain = Problem(_builtin(error), str(error)), True
        plain = plain and not _has_objects([*args, kwargs])
        plain = plain and isinstance(getattr(target, "__grader_value__", None), wire.Named)
        called = f"{what} {_label(target)} {name}".strip()
        if plain:
            loose = sketch([args, kwargs], _label, widths=False).form
            self.recording.widths.setdefault(f"{called} {loose}", f"{called} {drawn.form}")
        self._store(f"{called} {drawn.form}", drawn.floats, result, heard, plain)
        return _given(result, self._find)

    def _act(
        self, what: str, target: Any, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        real = self._real(target)
        if what == "call":
            return real(*args, **kwargs)
        return getattr(real, name) if what == "get" else setattr(real, name, *args)

    def _real(self, proxy: Any) -> Any:
        value = proxy.__grader_value__
        if isinstance(value, wire.Handle):
            return self._objects[value.id]
        return getattr(self.reference.module(value.module), value.name)

    def _inside(self, value: Any) -> Any:
        if isinstance(value, _PROXIES):
            return self._real(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self._inside, value))
        return inside(value)

    def _keep(self, obj: Any) -> wire.Value:
        """Number an object; one that is known already keeps its number."""
        known = next((n for n, other in self._objects.items() if other is obj), None)
        number = len(self._objects) + 1 if known is None else known
        self._objects[number] = obj
        is_function = callable(obj) and hasattr(obj, "__qualname__")
        kind = obj.__qualname__ if is_function else type(obj).__name__
        return wire.Handle(number, kind, is_function)

    def _answers(self, key: str) -> list[Answer]:
        return self.recording.calls.setdefault(key, [])

    def _store(
        self,
        key: str,
        floats: tuple[Floats, ...],
        result: Packed | Problem,
        heard: list[tuple[int, Packed]],
        plain: bool,
    ) -> None:
        steps = self.recording.steps
        answers = self._answers(key) if plain else steps[self._state].setdefault(key, [])
        answer = _found(answers, floats)
        if answer is None:
            if not plain:
                steps.append({})
            answer = Answer(floats, result, heard, 0 if plain else len(steps) - 1)
            answers.append(answer)
        if not plain:
            self._state = answer.after


class Replayer(_Tape):
    """Answers from a recording.

    Parameters
    ----------
    others : sequence of Recording
        Where functions without a state are looked up too: the unit's other stages.
    """

    def __init__(self, others: Sequence[Recording]) -> None:
        super().__init__()
        self._others = others

    def module(self, name: str) -> ModuleType:
        """Return a module of the reference as it was recorded."""
        if name not in self._modules:
            known = (r.modules for r in chain([self.recording], self._others))
            names = next((modules[name] for modules in known if name in modules), {})
            self._modules[name] = RecordedModule(name, lambda: self, names)
        return self._modules[name]

    def _do(
        self, what: str, target: Any, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        drawn = sketch([args, kwargs], _label)
        called = f"{what} {_label(target)} {name}".strip()
        key = f"{called} {drawn.form}"
        answer = (
            self._step(key, drawn.floats)
            or self._plain(key, drawn.floats)
            or self._of_another_width(called, args, kwargs)
        )
        if answer is None:
            raise NotRecorded(f"{_label(target).rpartition('.')[2]} {name}".strip())
        given = [*args, *kwargs.values()]
        for which, packed in answer.heard:
            given[which](*unpack(packed, self._find))
        return _given(answer.result, self._find)

    def _step(self, key: str, floats: tuple[Floats, ...]) -> Answer | None:
        found = _found(self.recording.steps[self._state].get(key, ()), floats)
        if found is not None:
            self._state = found.after
        return found

    def _of_another_width(
        self, called: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Answer | None:
        """Return the answer for the same whole numbers: a student's indices may be int32."""
        loose = sketch([args, kwargs], _label, widths=False)
        tables = (r.widths for r in chain([self.recording], self._others))
        keys = filter(None, (table.get(f"{called} {loose.form}") for table in tables))
        return next(filter(None, (self._plain(key, loose.floats) for key in keys)), None)

    def _plain(self, key: str, floats: tuple[Floats, ...]) -> Answer | None:
        tables = (r.calls for r in chain([self.recording], self._others))
        return next(filter(None, (_found(t.get(key, ()), floats) for t in tables)), None)


def _watched(which: int, argument: Any, heard: list[tuple[int, Packed]]) -> Any:
    """Return an argument; a callback keeps what it is told."""
    if not callable(argument) or isinstance(argument, _PROXIES):
        return argument

    def listening(*args: Any) -> Any:
        heard.append((which, pack(args, _refuse)))
        return argument(*args)

    return listening


def _refuse(obj: Any) -> wire.Value:
    raise wire.Unsendable(f"a {type(obj).__name__} is not recorded")


def _builtin(error: Exception) -> str:
    return next(b.__name__ for b in type(error).__mro__ if b.__module__ == "builtins")


def _given(result: Packed | Problem, find: Callable[[Any], Any]) -> Any:
    if isinstance(result, Problem):
        raise getattr(builtins, result.kind)(result.message)
    return unpack(result, find)
