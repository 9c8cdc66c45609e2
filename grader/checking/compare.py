"""Where two values differ: the one comparison behind every check."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

import numpy as np

# Relative to the largest expected magnitude. Right answers that sum in another order
# differ by 1e-15 and 1e-6; a float32 detour inside a float64 answer differs by 1e-7.
_TOLERANCE = {2: 1e-2, 4: 1e-4, 8: 1e-9}


@dataclass(frozen=True)
class Difference:
    """The first difference between two values.

    Parameters
    ----------
    what : str
        It in words, to follow the name of the value: ``has shape (2, 3) instead of (3,)``.
    part : str
        Which part of the value: ``""`` for all of it, ``"[1]"``, ``"['loss']"``.
    expected, got : object
        The two parts that differ.
    index : tuple of int or None
        Where in the arrays.
    """

    what: str
    part: str
    expected: Any
    got: Any
    index: tuple[int, ...] | None = None


def difference(
    got: Any, expected: Any, *, rtol: float | None = None, dtype: bool = True, part: str = ""
) -> Difference | None:
    """Return the first difference of `got` from `expected`, or None.

    Parameters
    ----------
    got, expected : object
        Numbers, arrays, text, None, and tuples, lists and dictionaries of them.
    rtol : float, optional
        Allowed error, relative to the largest expected magnitude; by default 1e-9 for
        float64 and 1e-4 for float32. Integers are compared exactly.
    dtype : bool
        Whether arrays of floats must have the expected dtype.

    Examples
    --------
    >>> difference((1, 2), (1, 3)).what
    'is (1, 2) instead of (1, 3)'
    """
    if isinstance(expected, tuple | list):
        return _sequence(got, expected, rtol, dtype, part)
    if isinstance(expected, dict):
        return _mapping(got, expected, rtol, dtype, part)
    if isinstance(expected, np.ndarray) and expected.ndim:
        return _array(got, expected, rtol, dtype, part)
    if isinstance(expected, numbers.Number | np.generic | np.ndarray):
        return _number(got, expected, rtol, part)
    if type(got) is type(expected) and got == expected:
        return None
    return Difference(f"is {describe(got)} instead of {describe(expected)}", part, expected, got)


def describe(value: Any) -> str:
    """Return a value in one line.

    Examples
    --------
    >>> describe(np.zeros((2, 3)))
    'float64 array, shape (2, 3)'
    """
    if isinstance(value, np.ndarray):
        kind = "array" if type(value) is np.ndarray else type(value).__name__
        return f"{value.dtype} {kind}, shape {value.shape}"
    if isinstance(value, np.generic):
        return f"{value.item()!r}"
    if isinstance(value, list | tuple | dict) and not _is_short(value):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None or isinstance(value, bool | numbers.Number | str | list | tuple | dict):
        text = repr(_plain(value))
        return text if len(text) <= 60 else text[:57] + "..."
    return f"an object of type {type(value).__name__}"


def _plain(value: Any) -> Any:
    """NumPy's scalars inside a short container, as Python's."""
    if isinstance(value, list | tuple):
        return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def _is_short(value: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return len(value) <= 4 and all(
        item is None
        or isinstance(item, bool | numbers.Number | str | np.generic)
        or (isinstance(item, list | tuple) and _is_short(item))
        for item in items
    )


def _sequence(
    got: Any, expected: Any, rtol: float | None, dtype: bool, part: str
) -> Difference | None:
    kind = tuple if isinstance(expected, tuple) else list
    if not isinstance(got, kind):
        what = f"is {describe(got)} instead of a {kind.__name__} of {len(expected)}"
        return Difference(what, part, expected, got)
    if len(got) != len(expected):
        what = f"has {len(got)} entries instead of {len(expected)}"
        return Difference(what, part, expected, got)
    found = (
        difference(g, e, rtol=rtol, dtype=dtype, part=f"{part}[{i}]")
        for i, (g, e) in enumerate(zip(got, expected, strict=True))
    )
    first = next((d for d in found if d), None)
    if first and first.index is None and _is_short(expected) and _is_short(got):
        # A short tuple of numbers is easier to read whole.
        return Difference(
            f"is {describe(got)} instead of {describe(expected)}", part, expected, got
        )
    return first


def _mapping(
    got: Any, expected: dict[Any, Any], rtol: float | None, dtype: bool, part: str
) -> Difference | None:
    if not isinstance(got, dict) or set(got) != set(expected):
        told = f"has the keys {_keys(got)}" if isinstance(got, dict) else f"is {describe(got)}"
        what = f"{told} instead of a dictionary with the keys {_keys(expected)}"
        return Difference(what, part, expected, got)
    found = (
        difference(got[k], expected[k], rtol=rtol, dtype=dtype, part=f"{part}[{k!r}]")
        for k in expected
    )
    return next((d for d in found if d), None)


def _number(got: Any, expected: Any, rtol: float | None, part: str) -> Difference | None:
    if type(got) is type(expected) is int and got == expected:
        return None
    got, expected = _unwrapped(got), _unwrapped(expected)
    wrong = Difference(f"is {describe(got)} instead of {describe(expected)}", part, expected, got)
    want = np.asarray(expected)
    truth = isinstance(got, bool | np.bool_)
    if truth != (want.dtype == np.bool_):
        return wrong
    if not truth and not isinstance(got, numbers.Number):
        return wrong
    if want.dtype.kind in "biu":
        whole = truth or isinstance(got, numbers.Integral)
        return None if whole and np.asarray(got) == want else wrong
    value = np.asarray(got)
    if value.dtype.kind not in "iuf":
        return wrong
    return None if not _differs(value, want, rtol).any() else wrong


def _unwrapped(value: Any) -> Any:
    """An array without axes as the number that it holds."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _keys(mapping: dict[Any, Any]) -> str:
    text = str(sorted(map(str, mapping)))
    return text if len(text) <= 200 else text[:197] + "..."


def _array(
    got: Any, expected: np.ndarray[Any, Any], rtol: float | None, dtype: bool, part: str
) -> Difference | None:
    def different(what: str, index: tuple[int, ...] | None = None) -> Difference:
        return Difference(what, part, expected, got, index)

    if type(got) is not np.ndarray:
        return different(f"is {describe(got)} instead of an array")
    if got.shape != expected.shape:
        return different(f"has shape {got.shape} instead of {expected.shape}")
    floats = expected.dtype.kind == "f"
    if (dtype and floats and got.dtype != expected.dtype) or got.dtype.kind not in "biuf":
        return different(f"has dtype {got.dtype} instead of {expected.dtype}")
    if not floats and got.dtype.kind == "f" and dtype:
        return different(f"has dtype {got.dtype} instead of {expected.dtype}")
    differs = _differs(got, expected, rtol)
    if not differs.any():
        return None
    where = np.argwhere(differs)
    index = tuple(int(i) for i in where[0])
    wrong = f"{len(where)} of {expected.size} entries" if expected.size > 1 else "its one entry"
    return different(f"has wrong values: {wrong}", index)


def _differs(
    got: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], rtol: float | None
) -> np.ndarray[Any, Any]:
    """Entry by entry: further from `expected` than rounding explains."""
    same = np.asarray(got == expected)
    if same.all():
        return ~same
    if expected.dtype.kind in "biu" and got.dtype.kind in "biu":
        return np.asarray(got != expected)
    rtol = _tolerance(got.dtype, expected.dtype) if rtol is None else rtol
    a, b = got.astype(np.float64), expected.astype(np.float64)
    finite = np.abs(b[np.isfinite(b)])
    scale = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    with np.errstate(invalid="ignore"):
        close = np.abs(a - b) <= rtol * scale
    return np.asarray(~(close | (a == b) | (np.isnan(a) & np.isnan(b))))


def _tolerance(got: np.dtype[Any], expected: np.dtype[Any]) -> float:
    """Return what rounding explains: of float32 too where that came, of float16 never so."""
    wanted = expected.itemsize if expected.kind == "f" else 8
    came = max(got.itemsize, 4) if got.kind == "f" else 8
    return _TOLERANCE.get(min(wanted, came), 1e-9)
