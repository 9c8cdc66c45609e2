"""Known mistakes: wrong answers that have a name and hints.

A stage's ``mistakes.py`` holds them as code, marked with `mistake`. It is loaded beside
the reference: what it imports from the stages are the right versions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

from grader.course import Stage
from grader.errors import CourseError
from grader.reference import LiveReference

HINTS = 3
T = TypeVar("T", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mistake:
    """A wrong version of one function or class.

    Parameters
    ----------
    id : str
        Unique in its stage: ``pads-every-axis``.
    stage : Stage
        Where it belongs.
    function : str
        What it is a wrong version of.
    name : str
        In the student's words, to follow the function's name.
    hints : tuple of str
        Where to look; a counterexample by hand; the invariant.
    wrong : callable
        The wrong code.
    same_as : tuple of str
        Other mistakes that nothing can tell from this one.
    """

    id: str
    stage: Stage
    function: str
    name: str
    hints: tuple[str, ...]
    wrong: Any
    same_as: tuple[str, ...] = ()

    @property
    def full_id(self) -> str:
        """Its name among all mistakes: ``s13.padding.pads-every-axis``."""
        return f"{self.stage.id}.{self.id}"


def mistake(
    function: str, *, name: str, hints: tuple[str, ...], same_as: tuple[str, ...] = ()
) -> Callable[[T], T]:
    """Mark a function or class as a known wrong version of `function`.

    Examples
    --------
    >>> @mistake("pad2d", name="pads nothing", hints=("Where?", "1 + 2 = 3.", "It grows."))
    ... def pads_nothing(x, padding, value=0.0):
    ...     return x.copy()
    """

    def mark(wrong: T) -> T:
        wrong.__mistake__ = (function, name, hints, same_as)  # type: ignore[attr-defined]  # a mark
        return wrong

    return mark


def load_mistakes(stage: Stage, reference: LiveReference) -> tuple[Mistake, ...]:
    """Return the mistakes of a stage, in the order of its file; none without one.

    Raises
    ------
    CourseError
        The file does not load, or a mistake has not the form that is expected.
    """
    path = stage.mistakes
    if not path.is_file():
        return ()
    module = reference.load(f"{stage.module}.mistakes", path)
    marked = [
        (n, v) for n, v in vars(module).items() if "__mistake__" in getattr(v, "__dict__", {})
    ]
    found = tuple(_mistake(stage, name, value) for name, value in marked)
    known = {m.id for m in found}
    for each in found:
        unknown = set(each.same_as) - known
        if unknown or len(each.hints) != HINTS:
            what = f"same_as names {sorted(unknown)}" if unknown else f"{len(each.hints)} hints"
            raise CourseError(f"{path}: {each.id}: {what}; expected {HINTS} hints, known names")
        if not hasattr(reference.module(stage.module), each.function):
            raise CourseError(f"{path}: {each.id}: there is no {each.function} in this stage")
    return found


def _mistake(stage: Stage, name: str, wrong: Any) -> Mistake:
    function, title, hints, same_as = wrong.__dict__["__mistake__"]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    identifier = words.lower().strip("_").replace("_", "-")
    return Mistake(identifier, stage, function, title, tuple(hints), wrong, tuple(same_as))


def with_mistake(reference: LiveReference, made: Mistake) -> LiveReference:
    """Return a reference in which one function or class is the wrong one."""

    def spoil(module: ModuleType) -> None:
        if module.__name__ == made.stage.module:
            setattr(module, made.function, made.wrong)

    return reference.changed(spoil)
