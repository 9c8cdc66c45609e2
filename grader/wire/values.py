"""Python objects to wire values, and back."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from grader.errors import ProtocolError
from grader.wire.messages import (
    Array,
    BigInt,
    Dict,
    Generator,
    Handle,
    Kept,
    List,
    Named,
    Tuple,
    Value,
)

MAX_ARRAYS = 94 << 20
MAX_DIMENSIONS = 32
MAX_DEPTH = 100
_MAX_DIGITS = 1000
_MOST_SEEDS = 64  # numbers that a generator's children come from
# Keys of equal hash make a dictionary slow to build; honest ones never have so many.
_MAX_EQUAL_HASHES = 100
_NAMES = "|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split()
_DTYPES = {name: np.dtype(name) for name in _NAMES}
_INT64 = range(-(1 << 63), 1 << 63)
# The axes of an array that lies in memory as its shape says, by their number.
_ORDERS = tuple(tuple(range(ndim)) for ndim in range(MAX_DIMENSIONS * 2 + 1))
_UNCHANGED = frozenset((type(None), bool, float))
_PLAIN = frozenset((type(None), bool, int, float, str))


class Unsendable(TypeError):
    """A value that does not fit the wire."""


class Outgoing:
    """Turns Python objects into wire values, and collects the bytes of their arrays.

    Parameters
    ----------
    keep : callable
        ``keep(obj) -> Handle | Kept | Named`` for what has no value form; it may
        raise `Unsendable`.
    """

    def __init__(self, keep: Callable[[object], Value]) -> None:
        self._keep = keep
        self.blobs: list[memoryview] = []
        self.size = 0

    def value(self, obj: Any, depth: int = 0) -> Value:
        """Return the wire value of `obj`, which lies inside `depth` containers."""
        kind = type(obj)
        if kind in _UNCHANGED or (kind is int and obj in _INT64):
            return obj  # type: ignore[no-any-return]  # one of the plain kinds just named
        if kind is np.ndarray and _is_numeric(obj.dtype):
            return self._array(obj)
        if kind is str:
            return _checked_text(obj)
        if kind is int:
            return _big_int_value(obj)
        if isinstance(obj, list):
            return List(self._items(obj, depth))
        if isinstance(obj, tuple):
            return Tuple(self._items(obj, depth))
        if isinstance(obj, dict):
            return Dict(self._items(obj, depth), self._items(obj.values(), depth))
        if isinstance(obj, np.generic) and obj.dtype.str in _DTYPES:
            return self._array(np.asarray(obj), scalar=True)
        if kind is np.random.Generator and type(obj.bit_generator) is np.random.PCG64:
            return _generator_value(obj)
        return self._keep(obj)

    def _items(self, items: Iterable[Any], depth: int) -> list[Value]:
        if depth >= MAX_DEPTH:
            raise Unsendable(f"a value nested deeper than {MAX_DEPTH} levels cannot be sent")
        return [self.value(item, depth + 1) for item in items]

    def _array(self, array: np.ndarray[Any, Any], scalar: bool = False) -> Array:
        if self.size + array.nbytes > MAX_ARRAYS:
            size = f"{array.nbytes / 2**20:,.0f} MB"
            raise Unsendable(f"an array of shape {array.shape} ({size}) is too large to send")
        if array.flags.c_contiguous:
            order, gaps, packed = _ORDERS[array.ndim], False, array
        else:
            strides = array.strides
            order = tuple(sorted(range(array.ndim), key=lambda axis: -abs(strides[axis])))
            inner = array.transpose(order)
            gaps = array.size > 0 and not inner.flags.c_contiguous
            packed = np.ascontiguousarray(inner)
        if not packed.dtype.isnative or sys.byteorder == "big":
            packed = packed.astype(packed.dtype.newbyteorder("<"), copy=False)
        offset, self.size = self.size, self.size + packed.nbytes
        self.blobs.append(packed.reshape(-1).view(np.uint8).data)
        return Array(packed.dtype.str, array.shape, offset, order, gaps, scalar)


class Incoming:
    """Turns the wire values of one frame back into Python objects.

    Parameters
    ----------
    blob : memoryview
        The frame's array bytes.
    find : callable
        ``find(handle_or_callback_or_named) -> object``; raises `ProtocolError` for what
        it does not know.
    """

    def __init__(self, blob: memoryview, find: Callable[[Any], Any]) -> None:
        self._blob = blob
        self._find = find
        self._left = len(blob)

    def value(self, value: Value, depth: int = 0) -> Any:
        """Return the Python object for `value`, which lies inside `depth` containers."""
        if type(value) in _PLAIN:  # most are, and the patterns below are slow to say no
            return value
        match value:
            case List(items):
                return self._items(items, depth)
            case Tuple(items):
                return tuple(self._items(items, depth))
            case Dict(keys, values):
                return _dict(self._items(keys, depth), self._items(values, depth))
            case Array():
                return self._array(value)
            case BigInt(digits):
                return _big_int(digits)
            case Generator():
                return _generator(value)
            case Handle() | Kept() | Named():
                return self._find(value)
        raise ProtocolError(f"a value of kind {type(value).__name__}")

    def _items(self, items: list[Value], depth: int) -> list[Any]:
        if depth >= MAX_DEPTH:
            raise ProtocolError("a value nested too deeply")
        return [i if type(i) in _PLAIN else self.value(i, depth + 1) for i in items]

    def _array(self, form: Array) -> Any:
        dtype = _DTYPES.get(form.dtype)
        if dtype is None:
            raise ProtocolError(f"arrays of dtype {form.dtype[:20]!r} do not cross the wire")
        if len(form.shape) > MAX_DIMENSIONS or min(form.shape, default=0) < 0:
            raise ProtocolError("an impossible shape")
        plain = form.order == _ORDERS[len(form.shape)]
        if not plain and sorted(form.order) != list(range(len(form.shape))):
            raise ProtocolError("an impossible axis order")
        count = math.prod(form.shape)
        nbytes = count * dtype.itemsize
        if form.offset < 0 or form.offset + nbytes > len(self._blob):
            raise ProtocolError("an array beyond the end of its frame")
        # Arrays that lie on top of each other would take more than the frame's size here.
        self._left -= nbytes
        if self._left < 0:
            raise ProtocolError("arrays that overlap")
        flat = np.frombuffer(self._blob, dtype, count, form.offset)
        if form.scalar:
            if form.shape:
                raise ProtocolError("a scalar with a shape")
            return flat[0]
        if plain and not form.gaps and count:
            return flat.reshape(form.shape).copy()
        try:
            packed = _own(flat.reshape([form.shape[axis] for axis in form.order]), form.gaps)
        except (ValueError, OverflowError) as error:  # no entries, and yet an axis of 2**62
            raise ProtocolError("an impossible shape") from error
        return packed.transpose(_inverse(form.order)) if form.order else packed


def _is_numeric(dtype: np.dtype[Any]) -> bool:
    return dtype.str in _DTYPES or dtype.newbyteorder("<").str in _DTYPES


def copied(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return an array as it looks on the other side: its order kept, its gaps remade."""
    out = Outgoing(_nothing_else)
    form = out.value(array)
    whole = Incoming(memoryview(b"".join(map(bytes, out.blobs))), _nothing_else).value(form)
    return np.asarray(whole)


def _inverse(order: Sequence[int]) -> list[int]:
    """Return the axis order that undoes another.

    Examples
    --------
    >>> _inverse((2, 0, 1))
    [1, 2, 0]
    """
    return sorted(range(len(order)), key=order.__getitem__)


def _nothing_else(obj: object) -> Any:
    raise Unsendable(f"a {type(obj).__name__} is no array of numbers")


def _own(array: np.ndarray[Any, Any], gaps: bool) -> np.ndarray[Any, Any]:
    """Copy `array` out of the frame; with `gaps`, into every second entry of a larger one."""
    if not (gaps and array.ndim):
        return array.copy()
    spread = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    spread[..., ::2] = array
    return spread[..., ::2]


def _dict(keys: list[Any], values: list[Any]) -> dict[Any, Any]:
    if len(keys) != len(values):
        raise ProtocolError("a dictionary with more keys than values")
    if not keys:  # most calls have no arguments by name
        return {}
    try:
        equal = Counter(map(hash, keys))
    except TypeError as error:
        raise ProtocolError("a dictionary key that is not hashable") from error
    if max(equal.values()) > _MAX_EQUAL_HASHES:
        raise ProtocolError("a dictionary of keys with equal hashes")
    return dict(zip(keys, values, strict=True))


def _checked_text(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unsendable("text with half a character (a surrogate) cannot be sent") from None
    return text


def _big_int_value(number: int) -> BigInt:
    if number.bit_length() > 3 * _MAX_DIGITS:  # a digit has 3.3 bits
        raise Unsendable(f"an integer of {number.bit_length():,} bits is too large to send")
    return BigInt(str(number))


def _big_int(digits: str) -> int:
    unsigned = digits.removeprefix("-")
    if len(digits) > _MAX_DIGITS or not (unsigned.isascii() and unsigned.isdecimal()):
        raise ProtocolError("a malformed integer")
    return int(digits)


def _generator_value(rng: np.random.Generator) -> Generator:
    state: Any = rng.bit_generator.state
    inner = state["state"]
    buffered = state["uinteger"] if state["has_uint32"] else None
    seed: Any = rng.bit_generator.seed_seq
    numbers = [seed.entropy] if isinstance(seed.entropy, int) else list(seed.entropy or [])
    entropy = [f"{int(number):x}" for number in numbers[:_MOST_SEEDS]]
    return Generator(
        f"{inner['state']:x}",
        f"{inner['inc']:x}",
        buffered,
        entropy,
        [int(number) for number in seed.spawn_key[:_MOST_SEEDS]],
        seed.n_children_spawned,
    )


def _generator(form: Generator) -> np.random.Generator:
    try:
        seed = np.random.SeedSequence(
            [int(number[:32], 16) for number in form.entropy[:_MOST_SEEDS]],
            spawn_key=form.spawn_key[:_MOST_SEEDS],
            n_children_spawned=form.spawned,
        )
        bits = np.random.PCG64(seed)
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": int(form.state[:32], 16), "inc": int(form.increment[:32], 16)},
            "has_uint32": int(form.buffered is not None),
            "uinteger": (form.buffered or 0) & 0xFFFFFFFF,
        }
    except (ValueError, OverflowError) as error:
        raise ProtocolError("a malformed generator state") from error
    return np.random.Generator(bits)
