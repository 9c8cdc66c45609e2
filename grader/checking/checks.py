"""What check files are written with.

Every comparison ends in one place, `fail`, so that every failure of the course reads
alike: the call, what was expected, what came, the first index where they differ.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import replace
from types import ModuleType
from typing import Any, NoReturn, Protocol

import numpy as np
import pytest

from grader.calls import copied, observe
from grader.checking.compare import Difference, difference
from grader.checking.show import arrays, shown
from grader.render.evidence import evidence_text
from grader.results import Evidence

Story = Callable[..., dict[str, Any]]
_NONE = Evidence("")
_KEPT = 1 << 20


class Reference(Protocol):
    """Where right answers come from."""

    def module(self, name: str) -> ModuleType:
        """Return the reference's version of a stage's module."""


# A check is a plain function without a parameter for this; the plugin sets it for a run.
reference: ContextVar[Reference] = ContextVar("reference")
on_progress: ContextVar[Callable[[int, int, str], None]] = ContextVar("on_progress")


class Mismatch(AssertionError):
    """A check found a difference; `evidence` shows it, `got` and `expected` are all of it.

    `own` says that no other stage can be to blame.
    """

    def __init__(
        self, evidence: Evidence, got: Any = None, expected: Any = None, *, own: bool = False
    ) -> None:
        super().__init__(evidence.what)
        self.evidence, self.own = evidence, own
        # What is large is not kept: a class of failing checks would fill the memory.
        self.got = got if _size(got) <= _KEPT else None
        self.expected = expected if _size(expected) <= _KEPT else None

    def __str__(self) -> str:
        return "\n" + evidence_text(self.evidence)


def criterion(identifier: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say which success criterion a check stands for."""
    return pytest.mark.criterion(identifier)


def agrees(story: Story, module: ModuleType, *args: Any, rtol: float | None = None) -> Any:
    """Require that `story` goes with the student's module as with the reference's.

    Parameters
    ----------
    story : callable
        ``story(module, *args)`` returns a dictionary of what is to be compared. Its
        docstring is shown as the call.
    module : module
        The student's, as the check file imports it.

    Returns
    -------
    dict
        What the story told with the student's module.
    """
    right = reference.get().module(module.__name__)
    expected = story(right, *copied(args))
    observed = observe(story, (module, *args), {})
    evidence = Evidence("", _summary(story), arrays(inspect.signature(story), (None, *args), {}))
    if observed.changed:
        fail("changes its input in place", evidence)
    for name, value in expected.items():
        found = difference(observed.value[name], value, rtol=rtol)
        if found:
            fail(f"{name}{found.part} {found.what}", evidence, found, observed.value)
    return observed.value


def same(got: Any, expected: Any, what: str, *, rtol: float | None = None) -> None:
    """Require that two derived values are equal; `what` names them in the failure."""
    found = difference(got, expected, rtol=rtol, dtype=False)
    if found:
        fail(f"{what}: {found.part} {found.what}".replace(":  ", ": "), Evidence(""), found, got)


def require(condition: Any, message: str, *, own: bool = False) -> None:
    """Require a property; `message` says what was expected, and what came.

    With `own` a failure is this stage's, whatever earlier stages do: that what is too quick takes
    longer with another stage in another process, say, is no proof against that stage.
    """
    if not bool(condition):
        raise Mismatch(Evidence(message), own=own)


def progress(step: int, steps: int, text: str) -> None:
    """Tell how far a check that trains has come."""
    on_progress.get(_no_progress)(step, steps, text)


def reference_of(module: ModuleType) -> ModuleType:
    """Return the reference's version of a student's module, to compute something anew."""
    return reference.get().module(module.__name__)


def beside(module: ModuleType, function: Callable[..., Any]) -> Any:
    """Return the version of a student's function or class that belongs to `module`.

    A story that needs another stage takes it from the side that it is told with: the
    student's own beside the student's module, the reference's beside the reference.
    """
    right = reference.get()
    return reference_for(function) if right.module(module.__name__) is module else function


def reference_for(function: Callable[..., Any]) -> Any:
    """Return the reference's version of a student's function."""
    found: Any = reference.get().module(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name)
    return found


def _size(value: Any) -> int:
    """Return the bytes of the arrays in a value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    return int(getattr(value, "nbytes", 0)) if isinstance(value, np.ndarray) else 0


def _no_progress(step: int, steps: int, text: str) -> None:
    pass


def _summary(story: Story) -> str:
    return " ".join((story.__doc__ or story.__name__).split())


def fail(
    what: str, evidence: Evidence = _NONE, found: Difference | None = None, got: Any = None
) -> NoReturn:
    """Say what is wrong, with what was found, as every check does.

    Raises
    ------
    Mismatch
        Always.
    """
    if found is not None:
        index = found.index
        evidence = replace(
            evidence,
            expected=shown(found.expected, index),
            got=shown(found.got, index),
            index=index,
        )
    raise Mismatch(replace(evidence, what=what), got, found.expected if found else None)
