"""What a worker asks of the checker: to use what it was handed, or a module lent to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader import wire
from grader.errors import StudentError
from grader.remote import RemoteFunction, RemoteObject

LENT = (RemoteFunction, RemoteObject)


@dataclass(frozen=True)
class Use:
    """What is to be used, and with which arguments."""

    target: Any
    args: list[Any]
    kwargs: dict[str, Any]


def answer_to(
    ask: wire.Ask, unpacked: Callable[[], Use], packed: Callable[[Any], wire.Value]
) -> wire.Answer:
    """Do what a worker asks for, and return what comes of it.

    Parameters
    ----------
    ask : wire.Ask
    unpacked : callable
        Returns what `ask` is about. An AttributeError is the worker's own.
    packed : callable
        Turns a result into what goes on the wire.
    """
    try:
        return wire.Answer(packed(_done(ask, unpacked())))
    except StudentError as error:  # of a lent module: as it would be without lending
        return wire.Answer(None, _builtin_name(error), str(error))
    except AttributeError:
        name = ask.name or getattr(ask.target, "name", "")
        return wire.Answer(None, "AttributeError", f"it has no attribute {name!r}")
    except TypeError:  # a callback that was called as it is not made to be
        return wire.Answer(None, "TypeError", "it does not take these arguments")


def _done(ask: wire.Ask, use: Use) -> Any:
    """Attributes are read and set only of what lives in a worker."""
    if ask.operation == "call":
        return use.target(*use.args, **use.kwargs)
    if not isinstance(use.target, RemoteObject) or ask.name.startswith("_"):
        raise AttributeError(ask.name)
    if ask.operation == "get":
        return getattr(use.target, ask.name)
    return setattr(use.target, ask.name, *use.args)


def _builtin_name(error: StudentError) -> str:
    """Return the name of the builtin type that an exception is."""
    return next(base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins")
