"""Calls of a student's functions, and what a check requires of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.calls import Observed, changes, copied, observe, undisturbed
from grader.checking.checks import fail, reference_for
from grader.checking.compare import difference
from grader.checking.judged import Judged, may_wait, require_of, settle
from grader.checking.show import arrays, call_text, shown
from grader.errors import CourseError, Ended, StudentError
from grader.posted import PostedCall
from grader.results import Evidence

_REFUSALS = (TypeError, ValueError)


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Call:
    """Prepare ``function(*args, **kwargs)``; the methods of the result run and judge it.

    Examples
    --------
    >>> def double(x): return 2 * x
    >>> call(double, np.array([1, 2])).gives([2, 4]).value
    array([2, 4])
    """
    return Call(function, args, kwargs)


@dataclass(frozen=True)
class Call:
    """A call of a student's function, not made yet."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def agrees(self, *, rtol: float | None = None, dtype: bool = True) -> Judged:
        """Require the reference's result for the same arguments.

        Returns
        -------
        Judged
            Its `value` is the student's result. A mismatch is raised when that is asked for,
            or at the end of the check.

        Raises
        ------
        Mismatch
            Kind, shape, dtype or values differ, an argument was changed, or the result
            shares memory with one.
        """
        right = reference_for(self.function)
        with undisturbed():
            expected = right(*copied(self.args), **copied(self.kwargs))
        ahead = self._sent()
        return require_of(lambda: self._judge(ahead, expected, rtol, dtype), ahead)

    def gives(self, expected: Any, *, rtol: float | None = None, dtype: bool = True) -> Judged:
        """Require a value that is written in the check; see `agrees` for what is returned.

        Nested lists of numbers stand for an array whose dtype does not matter.
        """
        if isinstance(expected, list) and _is_numeric(expected):
            expected, dtype = np.array(expected), False
        ahead = self._sent()
        return require_of(lambda: self._judge(ahead, expected, rtol, dtype), ahead)

    def result(self) -> Any:
        """Make the call; require only that it leaves its arguments alone."""
        return require_of(lambda: self._run(None, shared=False).value, None).value

    def refused(self, *texts: str, kinds: tuple[type[Exception], ...] = _REFUSALS) -> None:
        """Require an exception of `kinds` whose message has each of `texts`."""
        ahead = self._sent()
        require_of(lambda: self._judge_refused(ahead, texts, kinds), ahead)

    def _judge_refused(
        self, ahead: PostedCall | None, texts: tuple[str, ...], kinds: tuple[type[Exception], ...]
    ) -> None:
        try:
            observed = self._run(ahead, shared=False, expected=kinds)
        except kinds as error:
            if isinstance(error, StudentError) and (error.phase != "call" or error.signature):
                raise  # the call did not even reach the function
            self._judge_refusal(str(error), texts)
            return
        wanted = " or ".join(kind.__name__ for kind in kinds)
        evidence = replace(self._evidence(), got=shown(observed.value))
        fail(f"must be refused with a {wanted}, and was accepted", evidence, got=observed.value)

    def _judge_refusal(self, message: str, texts: tuple[str, ...]) -> None:
        missing = next((text for text in texts if text not in message), None)
        if not message.strip():
            fail("is refused without a message that says what is wrong", self._evidence())
        if missing:
            fail(f"is refused, but its message {message!r} lacks {missing!r}", self._evidence())

    def _judge(
        self, ahead: PostedCall | None, expected: Any, rtol: float | None, dtype: bool
    ) -> Any:
        observed = self._run(ahead, shared=True)
        found = difference(observed.value, expected, rtol=rtol, dtype=dtype)
        if found:
            what = f"the result{found.part} {found.what}"
            fail(what, self._evidence(), found, observed.value)
        return observed.value

    def _sent(self) -> PostedCall | None:
        """Send the call ahead, if it goes to another process and may be judged later."""
        post: Callable[..., PostedCall | None] | None = getattr(type(self.function), "post", None)
        return post(self.function, self.args, self.kwargs, settle) if post and may_wait() else None

    def _run(
        self,
        ahead: PostedCall | None,
        *,
        shared: bool,
        expected: tuple[type[Exception], ...] = (),
    ) -> Observed:
        try:
            observed = ahead.observed() if ahead else self._made()
        except (StudentError, Ended) as error:
            if not isinstance(error, expected) or getattr(error, "phase", "call") != "call":
                error.evidence = self._evidence()
            raise
        if observed.changed:
            name = self._label(observed.changed[0])
            fail(changes(name), self._evidence())
        if shared and observed.shared:
            name = self._label(observed.shared[0])
            what = f"returns an array that shares memory with its argument {name}"
            fail(what, self._evidence())
        return observed

    def _made(self) -> Observed:
        """Make the call now."""
        watched: Callable[..., Observed] | None = getattr(self.function, "observe", None)
        if watched is not None:  # a proxy, which sees what the call does where it runs
            return watched(self.args, self.kwargs)
        return observe(self.function, self.args, self.kwargs)

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


@functools.lru_cache(maxsize=1024)
def _signature_of(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _is_numeric(value: Any) -> bool:
    """Whether nested lists hold numbers alone: an array, as one writes it by hand."""
    if isinstance(value, list):
        return all(map(_is_numeric, value))
    return isinstance(value, int | float) and not isinstance(value, bool)
