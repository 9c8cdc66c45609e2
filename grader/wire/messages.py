"""The messages of the wire, and the forms that values take in them."""

from __future__ import annotations

from typing import Literal

import msgspec


class Array(msgspec.Struct, tag="array", frozen=True):
    """An array's form; its bytes lie at ``offset`` behind the structure.

    ``order`` lists the axes from the slowest to the fastest in memory, and ``gaps`` says
    that the original was a slice of a larger array: a function that assumes one layout
    must meet the others.
    """

    dtype: str
    shape: tuple[int, ...]
    offset: int
    order: tuple[int, ...] = ()
    gaps: bool = False
    scalar: bool = False


class List(msgspec.Struct, tag="list", frozen=True):
    items: list[Value]


class Tuple(msgspec.Struct, tag="tuple", frozen=True):
    items: list[Value]


class Dict(msgspec.Struct, tag="dict", frozen=True):
    keys: list[Value]
    values: list[Value]


class BigInt(msgspec.Struct, tag="int", frozen=True):
    """An integer beyond 64 bits, as its decimal digits."""

    digits: str


class Generator(msgspec.Struct, tag="generator", frozen=True):
    """A `numpy.random.Generator` over PCG64: its state, and what its children come from."""

    state: str
    increment: str
    buffered: int | None
    entropy: list[str] = []
    spawn_key: list[int] = []
    spawned: int = 0


class Named(msgspec.Struct, tag="named", frozen=True):
    """Something that a course module defines: ``conv2d_forward`` of ``...conv.conv``."""

    module: str
    name: str


class Handle(msgspec.Struct, tag="handle", frozen=True):
    """An object that stays in the worker."""

    id: int
    kind: str = ""
    callable: bool = False


class Kept(msgspec.Struct, tag="kept", frozen=True):
    """Something that stays in the checker: a callback, say."""

    id: int


Value = (
    None | bool | int | float | str
    | Array | List | Tuple | Dict | BigInt | Generator | Named | Handle | Kept
)  # fmt: skip


class Source(msgspec.Struct, frozen=True):
    """One module of the course, as the worker is to run it."""

    module: str
    path: str
    code: bytes


class Start(msgspec.Struct, tag="start", frozen=True):
    """The first message to a worker: what to run, and how confined."""

    sources: list[Source]
    elsewhere: list[str]  # modules of the course that live behind the checker
    confined: bool
    memory_bytes: int


class Load(msgspec.Struct, tag="load", frozen=True):
    module: str


class Inspect(msgspec.Struct, tag="inspect", frozen=True):
    """Look through a module for names that it may not use, without running it."""

    module: str
    forbid: list[str]


class Call(msgspec.Struct, tag="call", frozen=True):
    function: Value
    args: List
    kwargs: Dict
    forget: list[int]
    first: bool = False  # of a check


class Get(msgspec.Struct, tag="get", frozen=True):
    object: Value
    name: str


class Set(msgspec.Struct, tag="set", frozen=True):
    object: Value
    name: str
    value: Value


class Answer(msgspec.Struct, tag="answer", frozen=True):
    """What came of a use; when it raised, the builtin type of the exception and its message."""

    value: Value
    raised: str = ""
    message: str = ""


class Ready(msgspec.Struct, tag="ready", frozen=True):
    notes: list[str]


class Returned(msgspec.Struct, tag="returned", frozen=True):
    value: Value
    changed: list[str] = []
    shared: list[str] = []


class Line(msgspec.Struct, frozen=True):
    path: str
    line: int
    function: str
    text: str


class Raised(msgspec.Struct, tag="raised", frozen=True):
    """An exception: its type and base types by name, its message, the student's lines."""

    kinds: list[str]
    message: str
    lines: list[Line]
    phase: str
    signature: str = ""


class Printed(msgspec.Struct, tag="printed", frozen=True):
    text: str


class Ask(msgspec.Struct, tag="ask", frozen=True):
    """The worker uses something that is not its own: calls it, or reads or sets `name`."""

    target: Value
    name: str
    args: List
    kwargs: Dict
    operation: Literal["call", "get", "set"] = "call"


Request = Start | Load | Inspect | Call | Get | Set | Answer
Reply = Ready | Returned | Raised | Printed | Ask
Message = Request | Reply
