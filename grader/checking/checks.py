"""What check files are written with.

Every comparison ends in one place, `_fail`, so that every failure of the course reads
alike: the call, what was expected, what came, the first index where they differ.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, NoReturn, Protocol

import numpy as np
import pytest

from grader.calls import Observed, changes, copied, observe, undisturbed
from grader.checking.compare import Difference, difference
from grader.checking.show import arrays, call_text, shown
from grader.errors import CourseError, Ended, StudentError
from grader.render.evidence import evidence_text
from grader.results import Evidence

Story = Callable[..., dict[str, Any]]
_REFUSALS = (TypeError, ValueError)
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


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    """Prepare ``function(*args, **kwargs)``; the methods of the result run and judge it.

    Examples
    --------
    >>> def double(x): return 2 * x
    >>> call(double, np.array([1, 2])).gives([2, 4])
    array([2, 4])
    """
    return Call(function, args, kwargs)


@dataclass(frozen=True)
class Call:
    """A call of a student's function, not made yet."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def agrees(self, *, rtol: float | None = None, dtype: bool = True) -> Any:
        """Require the reference's result for the same arguments, and return the student's.

        Raises
        ------
        Mismatch
            Kind, shape, dtype or values differ, an argument was changed, or the result
            shares memory with one.
        """
        right = reference_for(self.function)
        with undisturbed():
            expected = right(*copied(self.args), **copied(self.kwargs))
        return self._judge(expected, rtol, dtype)

    def gives(self, expected: Any, *, rtol: float | None = None, dtype: bool = True) -> Any:
        """Require a value that is written in the check, and return the student's.

        Nested lists of numbers stand for an array whose dtype does not matter.
        """
        if isinstance(expected, list) and _is_numeric(expected):
            return self._judge(np.array(expected), rtol, dtype=False)
        return self._judge(expected, rtol, dtype)

    def result(self) -> Any:
        """Make the call; require only that it leaves its arguments alone."""
        return self._run(shared=False).value

    def refused(self, *texts: str, kinds: tuple[type[Exception], ...] = _REFUSALS) -> None:
        """Require an exception of `kinds` whose message has each of `texts`."""
        try:
            observed = self._run(shared=False, expected=kinds)
        except kinds as error:
            if isinstance(error, StudentError) and (error.phase != "call" or error.signature):
                raise  # the call did not even reach the function
            self._judge_refusal(str(error), texts)
            return
        wanted = " or ".join(kind.__name__ for kind in kinds)
        evidence = replace(self._evidence(), got=shown(observed.value))
        _fail(f"must be refused with a {wanted}, and was accepted", evidence, got=observed.value)

    def _judge_refusal(self, message: str, texts: tuple[str, ...]) -> None:
        missing = next((text for text in texts if text not in message), None)
        if not message.strip():
            _fail("is refused without a message that says what is wrong", self._evidence())
        if missing:
            _fail(f"is refused, but its message {message!r} lacks {missing!r}", self._evidence())

    def _judge(self, expected: Any, rtol: float | None, dtype: bool) -> Any:
        observed = self._run(shared=True)
        found = difference(observed.value, expected, rtol=rtol, dtype=dtype)
        if found:
            what = f"the result{found.part} {found.what}"
            _fail(what, self._evidence(), found, observed.value)
        return observed.value

    def _run(self, *, shared: bool, expected: tuple[type[Exception], ...] = ()) -> Observed:
        try:
            watched: Callable[..., Observed] | None = getattr(self.function, "observe", None)
            if watched is not None:  # a proxy, which sees what the call does where it runs
                observed = watched(self.args, self.kwargs)
            else:
                observed = observe(self.function, self.args, self.kwargs)
        except (StudentError, Ended) as error:
            if not isinstance(error, expected) or getattr(error, "phase", "call") != "call":
                error.evidence = self._evidence()
            raise
        if observed.changed:
            name = self._label(observed.changed[0])
            _fail(changes(name), self._evidence())
        if shared and observed.shared:
            name = self._label(observed.shared[0])
            what = f"returns an array that shares memory with its argument {name}"
            _fail(what, self._evidence())
        return observed

    def _label(self, path: str) -> str:
        """``"0[1]"`` as the parameter's name, ``"x[1]"``."""
        position, bracket, rest = path.partition("[")
        signature = self._signature()
        if position.isdigit() and signature is not None:
            names = list(signature.parameters)
            position = names[int(position)] if int(position) < len(names) else position
        return position + bracket + rest

    def _signature(self) -> inspect.Signature | None:
        try:
            return _signature_of(reference_for(self.function))
        except (LookupError, AttributeError, TypeError, ValueError, CourseError):
            return None  # a method of an object, say

    def _name(self) -> str:
        return str(getattr(self.function, "__name__", self.function)).removesuffix(".__call__")

    def _evidence(self) -> Evidence:
        signature = self._signature()
        text = call_text(self._name(), signature, self.args, self.kwargs)
        return Evidence("", text, arrays(signature, self.args, self.kwargs))


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
        _fail("changes its input in place", evidence)
    for name, value in expected.items():
        found = difference(observed.value[name], value, rtol=rtol)
        if found:
            _fail(f"{name}{found.part} {found.what}", evidence, found, observed.value)
    return observed.value


def same(got: Any, expected: Any, what: str, *, rtol: float | None = None) -> None:
    """Require that two derived values are equal; `what` names them in the failure."""
    found = difference(got, expected, rtol=rtol, dtype=False)
    if found:
        _fail(f"{what}: {found.part} {found.what}".replace(":  ", ": "), Evidence(""), found, got)


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


@functools.lru_cache(maxsize=1024)
def _signature_of(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


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


def _is_numeric(value: Any) -> bool:
    """Whether nested lists hold numbers alone: an array, as one writes it by hand."""
    if isinstance(value, list):
        return all(map(_is_numeric, value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fail(
    what: str, evidence: Evidence = _NONE, found: Difference | None = None, got: Any = None
) -> NoReturn:
    if found is not None:
        index = found.index
        evidence = replace(
            evidence,
            expected=shown(found.expected, index),
            got=shown(found.got, index),
            index=index,
        )
    raise Mismatch(replace(evidence, what=what), got, found.expected if found else None)
