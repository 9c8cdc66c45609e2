"""What is recorded of a stage, to stand in for its solution and its mistakes.

A student's edition has neither. While the course is handed out, the open checks run with
the solution and with every known mistake; what the reference answered, and how each
mistake failed, is kept here. Nothing in a recording can be run.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from grader import wire
from grader.errors import CourseError
from grader.failures import Failure
from grader.results import NamedMistake
from grader.sketch import Floats

VERSION = 1
_MOST_BYTES = 256 << 20

# Of a function: each parameter's name, its kind, and whether it has a default.
Parameters = list[tuple[str, int, bool]]


class Packed(msgspec.Struct, frozen=True, array_like=True, tag="value"):
    """A value in the form that crosses the wire, with the bytes of its arrays."""

    value: wire.Value
    blob: bytes


class Problem(msgspec.Struct, frozen=True, array_like=True, tag="error"):
    """An exception that was raised instead of an answer."""

    kind: str
    message: str


class Answer(msgspec.Struct, array_like=True):
    """What the reference did once.

    Parameters
    ----------
    floats : tuple of Floats
        Of its arguments: what their form leaves open.
    result : Packed or Problem
    heard : list
        What it told the callbacks among its arguments: which one, and with what.
    after : int
        The state of its objects afterwards.
    """

    floats: tuple[Floats, ...]
    result: Packed | Problem
    heard: list[tuple[int, Packed]]
    after: int


class Recording(msgspec.Struct, kw_only=True):
    """One stage's recording.

    Parameters
    ----------
    stage : str
        Its id.
    modules : dict
        For each module of the course its public names, functions with their parameters.
    calls : dict
        Answers of functions without a state, by function and form of the arguments.
    steps : list of dict
        For each state that the objects of a check can be in, what can be done next.
    mistakes : list of NamedMistake
        What the known mistakes are called; of which function, with which hints.
    failures : dict
        For each check how each mistake fails it. What is not there passes.
    widths : dict
        For calls with arrays of whole numbers of whatever width, the key among `calls`.
    """

    version: int = VERSION
    stage: str = ""
    modules: dict[str, dict[str, Parameters | None]] = {}
    calls: dict[str, list[Answer]] = {}
    steps: list[dict[str, list[Answer]]] = msgspec.field(default_factory=lambda: [{}])
    mistakes: list[NamedMistake] = []
    failures: dict[str, dict[str, Failure | None]] = {}
    widths: dict[str, str] = {}


def dump(recording: Recording) -> bytes:
    """Return a recording as bytes, the same ones each time."""
    return zlib.compress(msgspec.msgpack.encode(recording, order="deterministic"), 9)


def load(path: Path) -> Recording:
    """Read what `dump` made.

    Raises
    ------
    CourseError
        It is damaged, missing or of another version.
    """
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(path.read_bytes(), _MOST_BYTES)
        if inflate.unconsumed_tail:
            raise zlib.error(f"it is larger than {_MOST_BYTES >> 20} MB")
        recording = msgspec.msgpack.decode(data, type=Recording)
    except (OSError, zlib.error, msgspec.MsgspecError, RecursionError) as error:
        raise CourseError(
            f"{path}: the recorded answers cannot be read: {error}\nGet the course again."
        ) from error
    if recording.version != VERSION:
        raise CourseError(f"{path}: version {recording.version}; this grader reads {VERSION}")
    return recording


def pack(value: Any, keep: Callable[[Any], wire.Value]) -> Packed:
    """Return a value in a form that can be kept."""
    out = wire.Outgoing(keep)
    form = out.value(value)
    return Packed(form, b"".join(out.blobs))


def unpack(packed: Packed, find: Callable[[Any], Any]) -> Any:
    """Return a value that was packed; arrays are new ones each time."""
    return wire.Incoming(memoryview(packed.blob), find).value(packed.value)


def parameters(function: Any) -> Parameters | None:
    """Return what a call of `function` needs to be written down; None for what is no function."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [(p.name, int(p.kind), p.default is not p.empty) for p in found]


def signature(recorded: Parameters) -> inspect.Signature:
    """Return the signature with these parameters; of defaults only that there is one."""
    kinds = {int(kind): kind for kind in inspect._ParameterKind}
    return inspect.Signature(
        [
            inspect.Parameter(name, kinds[kind], default=None if default else inspect._empty)
            for name, kind, default in recorded
        ]
    )


def public_names(module: Mapping[str, Any], name: str) -> dict[str, Parameters | None]:
    """Return what a module of the course defines for others."""
    return {
        key: parameters(value)
        for key, value in module.items()
        if not key.startswith("_") and getattr(value, "__module__", None) == name
    }
