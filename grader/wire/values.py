"""Python objects to wire values, and back."""

from __future__ import annotations

import math
from collections.abc import Callable
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
_DTYPES = frozenset("|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f2 <f4 <f8 <c8 <c16".split())
_INT64 = range(-(1 << 63), 1 << 63)


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

    def value(self, obj: Any) -> Value:
        """Return the wire value of `obj`."""
        kind = type(obj)
        if obj is None or kind in (bool, float, str):
            return obj  # type: ignore[no-any-return]  # one of the plain kinds just named
        if kind is int:
            return obj if obj in _INT64 else BigInt(str(obj))
        if kind is list:
            return List([self.value(item) for item in obj])
        if kind is tuple:
            return Tuple([self.value(item) for item in obj])
        if kind is dict:
            return Dict([self.value(k) for k in obj], [self.value(v) for v in obj.values()])
        if isinstance(obj, np.generic) and obj.dtype.str in _DTYPES:
            return self._array(np.asarray(obj), scalar=True)
        if kind is np.ndarray and obj.dtype.newbyteorder("<").str in _DTYPES:
            return self._array(obj)
        if kind is np.random.Generator and type(obj.bit_generator) is np.random.PCG64:
            return _generator_value(obj)
        return self._keep(obj)

    def _array(self, array: np.ndarray[Any, Any], scalar: bool = False) -> Array:
        if self.size + array.nbytes > MAX_ARRAYS:
            size = f"{array.nbytes / 2**20:,.0f} MB"
            raise Unsendable(f"an array of shape {array.shape} ({size}) is too large to send")
        order = tuple(
            int(axis) for axis in np.argsort([-abs(s) for s in array.strides], kind="stable")
        )
        packed = np.ascontiguousarray(array.transpose(order) if array.ndim else array)
        packed = packed.astype(packed.dtype.newbyteorder("<"), copy=False)
        gaps = array.size > 0 and not array.transpose(order).flags.c_contiguous
        offset, self.size = self.size, self.size + packed.nbytes
        self.blobs.append(packed.reshape(-1).view(np.uint8).data)
        return Array(packed.dtype.str, tuple(array.shape), offset, order, gaps, scalar)


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

    def value(self, value: Value) -> Any:
        """Return the Python object that `value` stands for."""
        match value:
            case List(items):
                return [self.value(item) for item in items]
            case Tuple(items):
                return tuple(self.value(item) for item in items)
            case Dict(keys, values):
                return self._dict(keys, values)
            case Array():
                return self._array(value)
            case BigInt(digits):
                return _big_int(digits)
            case Generator():
                return _generator(value)
            case Handle() | Kept() | Named():
                return self._find(value)
        return value

    def _dict(self, keys: list[Value], values: list[Value]) -> dict[Any, Any]:
        if len(keys) != len(values):
            raise ProtocolError("a dictionary with more keys than values")
        try:
            return dict(zip(map(self.value, keys), map(self.value, values), strict=True))
        except TypeError as error:
            raise ProtocolError("a dictionary key that is not hashable") from error

    def _array(self, form: Array) -> Any:
        if form.dtype not in _DTYPES:
            raise ProtocolError(f"arrays of dtype {form.dtype[:20]!r} do not cross the wire")
        if len(form.shape) > MAX_DIMENSIONS or any(n < 0 for n in form.shape):
            raise ProtocolError("an impossible shape")
        if sorted(form.order) != list(range(len(form.shape))):
            raise ProtocolError("an impossible axis order")
        dtype = np.dtype(form.dtype)
        nbytes = math.prod(form.shape) * dtype.itemsize
        if form.offset < 0 or form.offset + nbytes > len(self._blob):
            raise ProtocolError("an array beyond the end of its frame")
        flat = np.frombuffer(self._blob, dtype, math.prod(form.shape), form.offset)
        if form.scalar:
            if form.shape:
                raise ProtocolError("a scalar with a shape")
            return flat[0]
        packed = _own(flat.reshape([form.shape[axis] for axis in form.order]), form.gaps)
        return packed.transpose(np.argsort(form.order)) if form.order else packed


def _own(array: np.ndarray[Any, Any], gaps: bool) -> np.ndarray[Any, Any]:
    """Copy `array` out of the frame; with `gaps`, into every second entry of a larger one."""
    if not (gaps and array.ndim):
        return array.copy()
    spread = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    spread[..., ::2] = array
    return spread[..., ::2]


def _big_int(digits: str) -> int:
    if len(digits) > 1000 or not digits.lstrip("-").isdecimal():
        raise ProtocolError("a malformed integer")
    return int(digits)


def _generator_value(rng: np.random.Generator) -> Generator:
    state: Any = rng.bit_generator.state
    inner = state["state"]
    buffered = state["uinteger"] if state["has_uint32"] else None
    return Generator(f"{inner['state']:x}", f"{inner['inc']:x}", buffered)


def _generator(form: Generator) -> np.random.Generator:
    bits = np.random.PCG64(0)
    try:
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": int(form.state[:32], 16), "inc": int(form.increment[:32], 16)},
            "has_uint32": int(form.buffered is not None),
            "uinteger": (form.buffered or 0) & 0xFFFFFFFF,
        }
    except (ValueError, OverflowError) as error:
        raise ProtocolError("a malformed generator state") from error
    return np.random.Generator(bits)
