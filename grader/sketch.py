"""A value, reduced to what tells it from another one.

Two runs of one program on two machines agree up to rounding, so a digest of an array's
bytes would tell them apart. A sketch keeps exactly what must be equal (kinds, shapes,
whole numbers, texts) and two random projections of every array of floats, which are
compared with the tolerance of the checks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

# What rounding explains, relative to the length of an array seen as one vector.
_TOLERANCE = {2: 1e-2, 4: 1e-4, 8: 1e-9}
# Sums that cancel leave rounding where a zero belongs.
_FLOOR = 1e-12
_SEEDS = (20, 26)


class Floats(msgspec.Struct, frozen=True, array_like=True):
    """One array of floats: its projections, its length as a vector, and its tolerance."""

    first: float
    second: float
    length: float
    rtol: float


class Sketch(msgspec.Struct, frozen=True, array_like=True):
    """What is left of a value.

    Parameters
    ----------
    form : str
        A digest of all that must be equal.
    floats : tuple of Floats
        One for each float and array of floats, in order.
    """

    form: str
    floats: tuple[Floats, ...]


def alike(a: Sketch, b: Sketch) -> bool:
    """Whether two sketches are of one value, up to rounding.

    Examples
    --------
    >>> alike(sketch(np.array([1.0, 2.0])), sketch(np.array([1.0, 2.0 + 1e-13])))
    True
    >>> alike(sketch(np.array([1.0, 2.0])), sketch(np.array([2.0, 1.0])))
    False
    """
    return a.form == b.form and all(map(_close, a.floats, b.floats))


def _close(a: Floats, b: Floats) -> bool:
    room = _FLOOR + max(a.rtol, b.rtol) * max(a.length, b.length)
    return abs(a.first - b.first) <= room and abs(a.second - b.second) <= room


def sketch(value: Any, name: Callable[[Any], str] | None = None, *, widths: bool = True) -> Sketch:
    """Return the sketch of a value.

    Parameters
    ----------
    value : object
        Numbers, arrays, texts, None, generators, and containers of them.
    name : callable, optional
        Gives a text for what is none of these; by default its type's name.
    widths : bool
        Whether whole numbers in arrays of different widths are different.

    Notes
    -----
    Time in proportion to the size of the arrays.
    """
    pen = _Pen(name or (lambda obj: type(obj).__name__), widths)
    pen.draw(value)
    return Sketch(pen.digest.hexdigest(), tuple(pen.floats))


class _Pen:
    """Walks a value and notes what it meets."""

    def __init__(self, name: Callable[[Any], str], widths: bool) -> None:
        self._name = name
        self._widths = widths
        self.digest = hashlib.blake2b(digest_size=12)
        self.floats: list[Floats] = []

    def draw(self, value: Any) -> None:
        if isinstance(value, np.ndarray):
            self._array(value)
        elif isinstance(value, np.generic):
            self._array(np.asarray(value))
        elif isinstance(value, float):
            self._array(np.asarray(value), "number")
        elif value is None or isinstance(value, bool | int | str):
            self._note(type(value).__name__, repr(value))
        elif isinstance(value, list | tuple):
            self._note("tuple" if isinstance(value, tuple) else "list", str(len(value)))
            for item in value:
                self.draw(item)
        elif isinstance(value, dict):
            self.draw(sorted(map(repr, value)))
            for key in sorted(value, key=repr):
                self.draw(value[key])
        elif isinstance(value, np.random.Generator):
            self._note("generator", repr(value.bit_generator.state))
        else:
            self._note("object", self._name(value))

    def _note(self, *texts: str) -> None:
        for text in texts:
            self.digest.update(f"{len(text)}:{text};".encode("utf-8", "surrogatepass"))

    def _array(self, array: np.ndarray[Any, Any], kind: str = "array") -> None:
        if array.dtype.kind in "iu" and not self._widths:
            array = array.astype(np.int64)
        self._note(kind, array.dtype.str, str(array.shape))
        if array.dtype.kind == "f":
            self._floats(array)
        elif array.dtype.kind == "c":
            self._floats(array.real)
            self._floats(array.imag)
        else:
            self.digest.update(np.ascontiguousarray(array).tobytes())

    def _floats(self, array: np.ndarray[Any, Any]) -> None:
        x = np.ravel(array).astype(np.float64)
        finite = np.isfinite(x)
        if not finite.all():  # where there is no number must be equal, and which kind of none
            strange = np.nan_to_num(np.where(finite, 0, x), nan=3, posinf=1, neginf=2)
            self.digest.update(strange.astype(np.uint8).tobytes())
            x = np.where(finite, x, 0.0)
        with np.errstate(over="ignore", invalid="ignore"):
            first, second = (float(x @ _direction(seed, x.size)) for seed in _SEEDS)
            length = float(np.sqrt(x @ x))
        if not np.isfinite([first, second, length]).all():  # too large to be squared
            self.digest.update(x.tobytes())
            return
        rtol = _TOLERANCE.get(array.dtype.itemsize, 1e-9)
        self.floats.append(Floats(first, second, length, rtol))


_directions: dict[int, np.ndarray[Any, Any]] = {}


def _direction(seed: int, size: int) -> np.ndarray[Any, Any]:
    """Return `size` numbers between -1 and 1, the same on every machine and for every length."""
    known = _directions.get(seed)
    if known is None or known.size < size:
        # A bit generator's raw stream is fixed for good; distributions may change.
        raw = np.random.PCG64(seed).random_raw(max(1 << 12, 1 << size.bit_length()))
        known = _directions[seed] = np.asarray(raw) / float(1 << 63) - 1.0
    return known[:size]
