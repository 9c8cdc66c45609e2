"""The student's modules as the checks see them: proxies for what lives in a worker.

A check calls ``pad2d(x, 1)`` as if the function were its own. Here the call becomes a
message, and the answer a value, a handle to an object that stays in the worker, or the
student's exception.
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn, Protocol, TypeGuard

from grader import wire
from grader.calls import Observed, changes
from grader.errors import Frame, StudentError


class Conversation(Protocol):
    """What a proxy needs of a session."""

    def call(self, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call a function, class or method of the student's."""

    def get(self, target: Any, name: str) -> Any:
        """Read an attribute of an object in the worker."""

    def set(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute of an object in the worker."""

    def forget(self, identifier: int) -> None:
        """Let the worker drop an object."""


class RemoteFunction:
    """A function, class or method of the student's.

    Parameters
    ----------
    session : callable
        Returns the session to use; it changes when a worker had to be replaced.
    value : wire.Named or wire.Handle
        What it is on the wire.
    qualname : str
        Its dotted name inside the module.
    """

    def __init__(
        self, session: Callable[[], Conversation], value: wire.Named | wire.Handle, qualname: str
    ) -> None:
        self.__grader_session__ = session
        self.__grader_value__ = value
        self.__qualname__ = qualname
        self.__name__ = qualname.rpartition(".")[2]
        self.__module__ = value.module if isinstance(value, wire.Named) else ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it, and insist that it leaves its arguments alone."""
        observed = self.observe(args, kwargs)
        if observed.changed:
            raise argument_changed(self.__name__, observed.changed[0])
        return observed.value

    def observe(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Observed:
        """Call it, and tell what the call did to its arguments."""
        return self.__grader_session__().call(self, args, kwargs)

    def post(self, args: Sequence[Any], kwargs: Mapping[str, Any], due: Callable[[], None]) -> Any:
        """Send the call ahead, if the session can; return what waits for its result, or None.

        `due` is called before anything else is asked of the session: what was sent ahead is
        to be judged first.
        """
        post = getattr(self.__grader_session__(), "post", None)
        return post(self, args, kwargs, due) if post else None


class RemoteObject:
    """An object of the student's that stays in the worker, a layer say."""

    __slots__ = ("__grader_session__", "__grader_value__")

    def __init__(self, session: Conversation, handle: wire.Handle) -> None:
        object.__setattr__(self, "__grader_session__", lambda: session)
        object.__setattr__(self, "__grader_value__", handle)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.__grader_session__().get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.__grader_session__().set(self, name, value)

    def __del__(self) -> None:
        self.__grader_session__().forget(self.__grader_value__.id)


class RemoteModule(ModuleType):
    """A module of the student's: each of its names is a proxy, resolved when it is used."""

    def __init__(self, name: str, session: Callable[[], Conversation]) -> None:
        super().__init__(name)
        self.__dict__["__grader_session__"] = session

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return RemoteFunction(self.__grader_session__, wire.Named(self.__name__, name), name)


def raise_as_student(reply: wire.Raised) -> NoReturn:
    """Raise here what the student's code raised there."""
    # The public name: NumPy raises an _ArrayMemoryError, which is a MemoryError.
    kinds = [kind for kind in reply.kinds[:20] if not kind.startswith("_")] or ["Exception"]
    bases = (getattr(builtins, kind, None) for kind in kinds)
    base = next((b for b in bases if _is_plain_exception(b)), RuntimeError)
    frames = tuple(
        Frame(f.path[:200], f.line, f.function[:200], f.text[:200]) for f in reply.lines[:20]
    )
    raise student_error(
        kinds[0][:80], reply.message[:4000], base, reply.phase, frames, reply.signature[:300]
    )


def _is_plain_exception(found: Any) -> TypeGuard[type[Exception]]:
    if not isinstance(found, type) or not issubclass(found, Exception):
        return False
    return not issubclass(found, BaseExceptionGroup)  # it cannot be made without its parts


def argument_changed(function: str, argument: str) -> StudentError:
    """Return the error of a call that changed its argument."""
    message = f"{function} {changes(argument)}"
    return student_error("ValueError", message, ValueError, phase="argument")


def as_student_error(error: Exception) -> StudentError:
    """Return an exception of our own code as if a student's had raised it."""
    base = next(b for b in type(error).__mro__ if b.__module__ == "builtins")
    return student_error(type(error).__name__, str(error), base)


def student_error(
    kind: str,
    message: str,
    base: type[Exception],
    phase: str = "call",
    frames: tuple[Frame, ...] = (),
    signature: str = "",
) -> StudentError:
    """Make an exception that is a `StudentError` and a `base` at once."""
    both = _error_type(kind, base)  # type: ignore[arg-type]  # a class is hashable
    try:
        error: StudentError = both(message)
    except TypeError:  # a UnicodeDecodeError, say, demands arguments of its own
        error = both.__new__(both)
    error.args = (message,)
    error.kind, error.phase, error.frames, error.signature = kind, phase, frames, signature
    return error


@functools.lru_cache(maxsize=256)
def _error_type(kind: str, base: type[Exception]) -> type[StudentError]:
    """Return the type of an error, the same for each kind."""
    name = kind if kind.isidentifier() else "Exception"
    return type(name, (StudentError, base), {"__str__": lambda self: self.args[0]})
