"""A session that answers from a recording."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from types import ModuleType
from typing import Any

from grader.errors import NotRecorded
from grader.recording import Answer, Recording, unpack
from grader.sketch import Floats, sketch
from grader.tape import RecordedModule, Tape, label, matching, unwrapped


class Replayer(Tape):
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
        drawn = sketch([args, kwargs], label)
        called = f"{what} {label(target)} {name}".strip()
        key = f"{called} {drawn.form}"
        answer = (
            self._step(key, drawn.floats)
            or self._plain(key, drawn.floats)
            or self._of_another_width(called, args, kwargs)
        )
        if answer is None:
            raise NotRecorded(f"{label(target).rpartition('.')[2]} {name}".strip())
        given = [*args, *kwargs.values()]
        for which, packed in answer.heard:
            given[which](*unpack(packed, self._find))
        return unwrapped(answer.result, self._find)

    def _step(self, key: str, floats: tuple[Floats, ...]) -> Answer | None:
        found = matching(self.recording.steps[self._state].get(key, ()), floats)
        if found is not None:
            self._state = found.after
        return found

    def _of_another_width(
        self, called: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Answer | None:
        """Return the answer for the same whole numbers: a student's indices may be int32."""
        loose = sketch([args, kwargs], label, widths=False)
        tables = (r.widths for r in chain([self.recording], self._others))
        keys = filter(None, (table.get(f"{called} {loose.form}") for table in tables))
        return next(filter(None, (self._plain(key, loose.floats) for key in keys)), None)

    def _plain(self, key: str, floats: tuple[Floats, ...]) -> Answer | None:
        tables = (r.calls for r in chain([self.recording], self._others))
        return next(filter(None, (matching(t.get(key, ()), floats) for t in tables)), None)
