"""A session that answers from the live reference, and keeps every answer."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from grader import wire
from grader.calls import undisturbed
from grader.errors import CourseError
from grader.local import LocalObject, inside
from grader.recording import Answer, Packed, Problem, Recording, pack
from grader.reference import LiveReference
from grader.sketch import Floats, sketch
from grader.tape import (
    PROXIES,
    RecordedModule,
    Tape,
    flat,
    has_objects,
    label,
    matching,
    unwrapped,
)

# What stages ask of each other is only good for telling whose fault a failure is: the small
# cases of the checks do, whole networks would fill the recording.
_NOTED = 4 << 10


class Recorder(Tape):
    """Answers from the live reference, and keeps every answer.

    Parameters
    ----------
    reference : LiveReference
    recording : Recording
        Where to.
    """

    def __init__(self, reference: LiveReference, recording: Recording) -> None:
        super().__init__()
        self.reference = reference
        self.recording = recording
        self._objects: dict[int, Any] = {}

    def begin(self, stage: str) -> None:
        """A check begins: forget the objects of the last one."""
        self.rewind(self.recording)
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
        if has_objects([*args, kwargs]):
            return
        drawn = sketch([list(args), kwargs], label)
        name = f"call {function.__module__}.{function.__qualname__}"
        answers = self._answers(f"{name} {drawn.form}")
        try:
            result = pack(value, _refuse)
        except wire.Unsendable:
            return
        if len(result.blob) <= _NOTED and matching(answers, drawn.floats) is None:
            answers.append(Answer(drawn.floats, result, [], 0))

    def _do(
        self, what: str, target: Any, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        if any(isinstance(arg, LocalObject) for arg in flat([args, kwargs])):
            raise CourseError(
                f"a check hands the student's object to the reference's {label(target)}; "
                "take it from the side that the story is told with: see grader.checking.beside"
            )
        drawn = sketch([args, kwargs], label)
        called = f"{what} {label(target)} {name}".strip()
        key = f"{called} {drawn.form}"
        stateless = isinstance(getattr(target, "__grader_value__", None), wire.Named)
        stateless = stateless and not has_objects([*args, kwargs])
        known = matching(self.recording.calls.get(key, ()), drawn.floats) if stateless else None
        if known is not None:  # what students will be answered, and sooner
            self._note_widths(called, args, kwargs, key)
            return unwrapped(known.result, self._find)
        heard: list[tuple[int, Packed]] = []
        watched = [_watched(i, a, heard) for i, a in enumerate([*args, *kwargs.values()])]
        mine = [self._inside(value) for value in watched]
        named = dict(zip(kwargs, mine[len(args) :], strict=True))
        result: Packed | Problem
        try:
            value = self._act(what, target, name, mine[: len(args)], named)
            before = len(self._objects)
            result = pack(value, self._keep)
            plain = stateless and len(self._objects) == before
        except Exception as error:
            result, plain = Problem(_builtin(error), str(error)), stateless
        if plain:
            self._note_widths(called, args, kwargs, key)
        self._store(key, drawn.floats, result, heard, plain)
        return unwrapped(result, self._find)

    def _note_widths(self, called: str, args: list[Any], kwargs: dict[str, Any], key: str) -> None:
        loose = sketch([args, kwargs], label, widths=False).form
        self.recording.widths.setdefault(f"{called} {loose}", key)

    def _act(
        self, what: str, target: Any, name: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        real = self._real(target)
        with undisturbed():
            if what == "call":
                return real(*args, **kwargs)
            return getattr(real, name) if what == "get" else setattr(real, name, *args)

    def _real(self, proxy: Any) -> Any:
        value = proxy.__grader_value__
        if isinstance(value, wire.Handle):
            return self._objects[value.id]
        return getattr(self.reference.module(value.module), value.name)

    def _inside(self, value: Any) -> Any:
        if isinstance(value, PROXIES):
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
        answer = matching(answers, floats)
        if answer is None:
            if not plain:
                steps.append({})
            answer = Answer(floats, result, heard, 0 if plain else len(steps) - 1)
            answers.append(answer)
        if not plain:
            self._state = answer.after


def _watched(which: int, argument: Any, heard: list[tuple[int, Packed]]) -> Any:
    """Return an argument; a callback keeps what it is told."""
    if not callable(argument) or isinstance(argument, PROXIES):
        return argument

    def listening(*args: Any) -> Any:
        heard.append((which, pack(args, _refuse)))
        return argument(*args)

    return listening


def _refuse(obj: Any) -> wire.Value:
    raise wire.Unsendable(f"a {type(obj).__name__} is not recorded")


def _builtin(error: Exception) -> str:
    return next(b.__name__ for b in type(error).__mro__ if b.__module__ == "builtins")
