"""What a module does with a story of calls, and where a mutant departs from the solution."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from types import ModuleType
from typing import Any

import numpy as np

from grader.calls import observe
from grader.checking.compare import describe, difference

Story = Callable[["Transcript", np.random.Generator], None]

# What the course documents; a solution that raises anything else was asked for nothing.
_REFUSALS = (TypeError, ValueError, RuntimeError)
# Refusals whose text counts: the course promises both numbers.
_WITH_NUMBERS = re.compile(r"does not fit the padded|has .* channels, but|W holds|labels must be")


@dataclass(frozen=True)
class Refusal:
    """An error: its kind, and the numbers of its text where the course promises them."""

    kind: str
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Record:
    """One call or one value of a story.

    Parameters
    ----------
    name : str
        Of the function, or of the value.
    args, kwargs : sequence, mapping
        Of the call.
    found : object
        What came: the value, and the arguments that were changed or shared; or the refusal.
    specified : bool
        Whether the course says what must come.
    """

    name: str
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    found: Any
    specified: bool = True

    def __str__(self) -> str:
        parts = [*map(_shown, self.args), *(f"{k}={_shown(v)}" for k, v in self.kwargs.items())]
        return f"{self.name}({', '.join(parts)})" if parts else self.name


class Transcript:
    """Tells a story to a module and keeps what came.

    Parameters
    ----------
    module : module
        The solution of a stage, or a mutant of it.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.records: list[Record] = []

    def call(self, function: str | Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function or class of the module, or a method; None if it refuses."""
        name = function if isinstance(function, str) else function.__qualname__
        try:
            found = getattr(self.module, function) if isinstance(function, str) else function
            seen = observe(found, args, kwargs)
        except Exception as error:
            known = isinstance(error, _REFUSALS)
            self.records.append(Record(name, args, kwargs, _refusal(error), known))
            return None
        found = {
            "the result": _kept(seen.value),
            "the arguments changed": seen.changed,
            "the arguments shared": seen.shared,
        }
        self.records.append(Record(name, args, kwargs, found))
        return seen.value

    def note(self, name: str, value: Any) -> None:
        """Keep a value that the story came across."""
        self.records.append(Record(name, (), {}, _kept(value)))


def tell(story: Story, module: ModuleType, seed: int, *, strict: bool = False) -> list[Record]:
    """Tell one story, drawn from `seed`, to one module.

    A story in which a mutant's result cannot be used ends there; with `strict` it raises.
    """
    transcript = Transcript(module)
    try:
        with np.errstate(all="ignore"):
            story(transcript, np.random.default_rng(seed))
    except Exception as error:
        if strict:
            raise
        transcript.note("the end of the story", _refusal(error))
    return transcript.records


def departure(got: Sequence[Record], right: Sequence[Record]) -> str | None:
    """Return where a mutant's transcript departs from the solution's, or None."""
    for mine, theirs in zip_longest(got, right):
        if theirs is not None and not theirs.specified:
            return None
        if mine is None or theirs is None or mine.name != theirs.name:
            return f"{theirs or mine}: the story takes another way, {mine and mine.found}"
        what = _unlike(mine.found, theirs.found)
        if what:
            return f"{theirs}: {what}"
    return None


def _unlike(mine: Any, theirs: Any) -> str | None:
    """Return how two findings differ."""
    if not isinstance(mine, Refusal) and not isinstance(theirs, Refusal):
        found = difference(mine, theirs)
        return f"{found.part} {found.what}".strip() if found else None
    if not isinstance(mine, Refusal):
        return f"is accepted instead of refused with a {theirs.kind}"
    if not isinstance(theirs, Refusal):
        return f"is refused with a {mine.kind}"
    if mine.kind != theirs.kind:
        return f"is refused with a {mine.kind} instead of a {theirs.kind}"
    lacking = sorted(theirs.numbers - mine.numbers)
    return f"the message lacks {', '.join(lacking)}" if lacking else None


def _refusal(error: Exception) -> Refusal:
    kinds = (kind.__name__ for kind in _REFUSALS if isinstance(error, kind))
    text = str(error)
    numbers = re.findall("[0-9]+", text) if _WITH_NUMBERS.search(text) else ()
    return Refusal(next(kinds, type(error).__name__), frozenset(numbers))


def _kept(value: Any) -> Any:
    """Return a value as later calls cannot change it; an object by its type."""
    if isinstance(value, list | tuple):
        return type(value)(map(_kept, value))
    if isinstance(value, dict):
        return {key: _kept(item) for key, item in value.items()}
    if value is None or isinstance(
        value, Refusal | bool | int | float | str | np.generic | np.ndarray
    ):
        return copy.deepcopy(value)
    return f"object of type {type(value).__name__}"


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size <= 4:
        return f"{value.dtype} {value.tolist()}"
    return describe(value)
