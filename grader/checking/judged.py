"""What a check requires of calls, judged in the order in which it was required.

A call of a student's function goes to another process and back. To wait for each answer
before the next call goes out costs more than most calls do. So the calls of a check go ahead
where they can, and are judged when something depends on them: at the end of the check, or
as soon as a value is asked for. What is judged, and in which order, stays the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NoReturn

from grader.errors import GraderError
from grader.posted import PostedCall


class Judged:
    """A requirement on a call; `value` is what the student's function returned.

    Parameters
    ----------
    judge : callable
        Returns the value, or raises.
    ahead : PostedCall or None
        The call, if it was sent already.
    """

    def __init__(self, judge: Callable[[], Any], ahead: PostedCall | None) -> None:
        self._judge = judge
        self._ahead = ahead
        self._value: Any = None

    @property
    def value(self) -> Any:
        """Judge what was required so far, and return what the student's function returned."""
        settle()
        return self._value

    def judge(self) -> None:
        """Judge it.

        Raises
        ------
        Mismatch
            It is not as required.
        """
        self._value = self._judge()

    def drop(self) -> None:
        """Forget about it, unjudged."""
        if self._ahead:
            self._ahead.drop()

    def _misused(self, *_: object) -> NoReturn:
        raise TypeError("what agrees() and gives() return is no result: that is its .value")

    # What a check would do with a result; equality most of all, which would just be wrong.
    __eq__ = __getitem__ = __iter__ = __len__ = __bool__ = __array__ = _misused
    __hash__ = object.__hash__


# What is not judged yet, while a check runs; None where everything is judged at once.
_waiting: ContextVar[list[Judged] | None] = ContextVar("waiting", default=None)


def may_wait() -> bool:
    """Whether what is required now may be judged later."""
    return _waiting.get() is not None


def require_of(judge: Callable[[], Any], ahead: PostedCall | None) -> Judged:
    """Judge a call: later if it was sent ahead, else now, after all that came before it."""
    judged, waiting = Judged(judge, ahead), _waiting.get()
    if ahead and waiting is not None:
        waiting.append(judged)
        return judged
    settle()
    judged.judge()
    return judged


def settle() -> None:
    """Judge what waits, in order; what comes after the first failure is forgotten."""
    waiting = _waiting.get()
    try:
        while waiting:
            waiting.pop(0).judge()
    except (KeyboardInterrupt, GraderError):  # the end of all
        raise
    except BaseException:
        while waiting:
            waiting.pop().drop()
        raise


class in_order:  # used as a statement; a generator could not let StopIteration out
    """Let what a check requires inside be judged later, and all of it by the end.

    What fails first is what is raised, also where what came after it has failed as well.
    """

    def __enter__(self) -> None:
        self._token = _waiting.set([])

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None or not issubclass(kind, (KeyboardInterrupt, GraderError)):
                settle()
        finally:
            _waiting.reset(self._token)
