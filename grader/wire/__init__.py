"""The wire between the checker and a worker: frames, messages, values.

A frame is ``length (4 bytes) | length of the structure (4 bytes) | structure | arrays``.
The structure is one message in MessagePack, typed by the classes below and small; the
bytes of all arrays follow it, so that they are copied once on each side. Everything that
arrives from a worker is a claim: sizes are capped before anything is read, types are
checked by msgspec, and a dtype, shape and place of an array are checked before the array
is made. Nothing that arrives is ever executed.
"""

from grader.wire.channel import MAX_FRAME, MAX_STRUCTURE, Channel, decoder
from grader.wire.messages import (
    Answer,
    Array,
    Ask,
    BigInt,
    Call,
    Dict,
    Generator,
    Get,
    Handle,
    Inspect,
    Kept,
    Line,
    List,
    Load,
    Named,
    Printed,
    Raised,
    Ready,
    Reply,
    Request,
    Returned,
    Set,
    Source,
    Start,
    Tuple,
    Value,
)
from grader.wire.values import Incoming, Outgoing, Unsendable, copied

__all__ = [
    "MAX_FRAME",
    "MAX_STRUCTURE",
    "Answer",
    "Array",
    "Ask",
    "BigInt",
    "Call",
    "Channel",
    "Dict",
    "Generator",
    "Get",
    "Handle",
    "Incoming",
    "Inspect",
    "Kept",
    "Line",
    "List",
    "Load",
    "Named",
    "Outgoing",
    "Printed",
    "Raised",
    "Ready",
    "Reply",
    "Request",
    "Returned",
    "Set",
    "Source",
    "Start",
    "Tuple",
    "Unsendable",
    "Value",
    "copied",
    "decoder",
]
