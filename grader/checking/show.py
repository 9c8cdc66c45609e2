"""Values and calls, prepared for showing."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.checking.compare import describe
from grader.results import Shown

_WHOLE = 36  # an array of at most so many entries is shown whole
_UNNAMED = "array"  # what an argument is called whose parameter is not known
_WINDOW = 6  # of a larger one, so many rows and columns around the difference


def shown(value: Any, index: tuple[int, ...] | None = None) -> Shown:
    """Return `value` in a form for showing; of a large array the part around `index`."""
    if type(value) is not np.ndarray or value.dtype.kind not in "biuf":
        return Shown(describe(value))
    if value.size <= _WHOLE:
        ranges = tuple((0, n) for n in value.shape)
    elif index is None or len(index) != value.ndim:
        return Shown(describe(value), str(value.dtype), value.shape)
    else:
        ranges = _window(value.shape, index)
    part = value[tuple(slice(*r) for r in ranges)]
    numbers = tuple(v if math.isfinite(v) else str(v) for v in part.ravel().tolist())
    return Shown(describe(value), str(value.dtype), value.shape, numbers, ranges)


def _window(shape: tuple[int, ...], index: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return the ranges of a small window over the two longest axes, fixed on the others."""
    longest = sorted(range(len(shape)), key=lambda axis: -shape[axis])[:2]
    ranges = []
    for axis, (n, i) in enumerate(zip(shape, index, strict=True)):
        size = _WINDOW if axis in longest else 1
        start = max(0, min(i - size // 2, n - size))
        ranges.append((start, min(n, start + size)))
    return tuple(ranges)


def call_text(
    name: str, signature: inspect.Signature | None, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> str:
    """Return a call as one would type it, arrays by the names of their parameters.

    Examples
    --------
    >>> def pad2d(x, padding): ...
    >>> call_text("pad2d", inspect.signature(pad2d), [np.zeros((2, 2)), 1], {})
    'pad2d(x, padding=1)'
    """
    named = _named(signature, args, kwargs)
    parts = []
    for parameter, value in named.items():
        text = _inline(value)
        if text is None:
            parts.append(parameter)
        else:
            parts.append(text if parameter.startswith(_UNNAMED) else f"{parameter}={text}")
    return f"{name}({', '.join(parts)})"


def arrays(
    signature: inspect.Signature | None, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[tuple[str, Shown], ...]:
    """Return the arrays of a call with their parameters' names."""
    named = _named(signature, args, kwargs)
    return tuple((k, shown(v)) for k, v in named.items() if isinstance(v, np.ndarray))


def _named(
    signature: inspect.Signature | None, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    if signature is not None:
        try:
            return dict(signature.bind(*args, **kwargs).arguments)
        except TypeError:  # a call that is wrong on purpose
            pass
    return {f"{_UNNAMED}{i}": arg for i, arg in enumerate(args, start=1)} | dict(kwargs)


def _inline(value: Any) -> str | None:
    """Short values as they are typed, None for what only a name can stand for."""
    if isinstance(value, np.random.Generator):
        return "default_rng(...)"
    if isinstance(value, Callable) and not isinstance(value, np.ndarray):  # type: ignore[arg-type]  # it is a class
        return getattr(value, "__name__", "...")
    if isinstance(value, bool | int | float | str | tuple | list | np.generic) or value is None:
        text = describe(value)
        return None if text.startswith("a ") else text
    return None
