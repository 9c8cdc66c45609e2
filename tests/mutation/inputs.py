"""Seeded random arguments: images, sizes and frames in every form that the course takes.

Each function draws one argument. Now and then it is one that must be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Draw = np.random.Generator

DTYPES = ("float64", "float32", "int64", "uint8")
FLOATS = DTYPES[:2]
_REFUSED_SIZES = (
    0,
    -1,
    2.0,
    True,
    None,
    "3",
    (1, 2, 3),
    (1,),
    (2, 0),
    (-1, 2),
    (1.5, 2),
    (2, None),
)
_REFUSED_SIDES = (-1, 0.5, None, "1", True, (1,), (1, 2, 3), (-1, 0), (0, -2), ((1, 2), (0, -1)))


def chance(rng: Draw, probability: float) -> bool:
    """Return True with the probability given."""
    return bool(rng.random() < probability)


def one_of(rng: Draw, choices: Sequence[Any]) -> Any:
    """Return one of several values, itself and not NumPy's copy of it."""
    return choices[int(rng.integers(len(choices)))]


def numbers(rng: Draw, shape: Sequence[int], dtypes: Sequence[str] = DTYPES) -> Array:
    """Return an array: integers, few values with many ties, or floats.

    The floats are eighths, so that sums and products are exact in any order.
    """
    dtype = np.dtype(one_of(rng, dtypes))
    if dtype.kind in "iu":
        high = one_of(rng, (3, 200))
        values = rng.integers(0 if dtype.kind == "u" else -high, high, shape)
    elif chance(rng, 0.3):
        values = rng.integers(-2, 3, shape)
    else:
        values = rng.integers(-40, 41, shape) / 8 + one_of(rng, (0, -5))
    return laid_out(rng, np.asarray(values).astype(dtype))


def laid_out(rng: Draw, array: Array) -> Array:
    """Return an equal array in some memory order."""
    way = rng.integers(5)
    if way == 0:
        return np.asfortranarray(array)
    if way == 1 and array.ndim > 1:
        return np.repeat(array, 2, axis=1)[:, ::2]
    if way == 2 and array.ndim:
        return array[::-1].copy()[::-1]
    return array


def images(rng: Draw, channels: int | None = None, dtypes: Sequence[str] = DTYPES) -> Array:
    """Return a batch of small rectangular images."""
    N, H, W, C = (int(rng.integers(low, high)) for low, high in ((1, 4), (1, 8), (1, 8), (1, 4)))
    return numbers(rng, (N, H, W, channels or C), dtypes)


def no_images(rng: Draw, x: Array) -> Any:
    """Return something like `x` that is no batch of images."""
    complex_x = x.astype(complex)
    return one_of(rng, (x[0], x[..., None], x.tolist(), complex_x, x > 0, None, x.astype(object)))


def size(rng: Draw, high: int = 4) -> Any:
    """Return a size of 1 to `high` for each axis, in some form."""
    a, b = (int(n) for n in rng.integers(1, high + 1, 2))
    return one_of(rng, (a, np.int64(a), (a, b), (a, b), [a, b], (np.int32(a), b)))


def size_or_wrong(rng: Draw, high: int = 4, wrong: float = 0.06) -> Any:
    """Return a size, or something that must be refused."""
    return one_of(rng, _REFUSED_SIZES) if chance(rng, wrong) else size(rng, high)


def sides(rng: Draw, wrong: float = 0.06) -> Any:
    """Return a frame in some form, or something that must be refused."""
    if chance(rng, wrong):
        return one_of(rng, _REFUSED_SIDES)
    a, b, c, d = (int(n) for n in rng.integers(0, 4, 4))
    return one_of(
        rng, (0, a, np.int64(a), (a, b), [a, b], ((a, b), (c, d)), ((a, b), (c, d)), (a, (b, c)))
    )


def optional(rng: Draw, **arguments: Any) -> dict[str, Any]:
    """Return some of the arguments: who is left out has its default."""
    return {name: value for name, value in arguments.items() if chance(rng, 0.8)}


def pair(value: Any) -> tuple[int, int]:
    """Return a size as (height, width)."""
    return tuple(value) if isinstance(value, tuple | list) else (value, value)
