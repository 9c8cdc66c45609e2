"""Gradients by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checking.checks import require
from grader.checking.compare import describe


def central_difference(
    function: Callable[[Any], Any],
    x: np.ndarray,
    grad_out: np.ndarray,
    eps: float = 1e-6,
    *,
    axis: int | None = None,
) -> np.ndarray:
    """Return the numerical gradient of ``sum(function(x) * grad_out)`` by `x`.

    Parameters
    ----------
    function : callable
        From an array shaped like `x` to one shaped like `grad_out`.
    x : ndarray, float64
    grad_out : ndarray
    eps : float
        Half of the step.
    axis : int, optional
        Of `x` and of the result: along it, `function` treats every entry by itself, as it does
        the images of a batch. Then it is called once, with all moved copies side by side.

    Returns
    -------
    ndarray, shape of `x`

    Notes
    -----
    Calls `function` twice for each entry of `x`, or once; the error is about ``eps**2``.

    Examples
    --------
    >>> central_difference(lambda x: x**2, np.array([3.0]), np.array([1.0])).round(6)
    array([6.])
    >>> central_difference(lambda x: x**2, np.array([3.0]), np.array([1.0]), axis=0).round(6)
    array([6.])
    """
    copies = np.repeat(np.asarray(x, dtype=np.float64)[None], 2 * x.size, axis=0)
    steps = copies.reshape(2, x.size, x.size)
    entries = np.arange(x.size)
    steps[0, entries, entries] += eps
    steps[1, entries, entries] -= eps
    if axis is None:
        outs = [_shaped(function(copy), grad_out.shape) for copy in copies]
    else:
        shape = list(grad_out.shape)
        shape[axis] *= len(copies)
        out = _shaped(function(np.concatenate(list(copies), axis)), tuple(shape))
        outs = np.split(out, len(copies), axis)
    high, low = np.reshape([np.sum(out * grad_out) for out in outs], (2, *x.shape))
    return np.asarray((high - low) / (2 * eps))


def _shaped(out: Any, shape: tuple[int, ...]) -> np.ndarray:
    if type(out) is not np.ndarray or out.shape != shape:
        require(False, f"the result is {describe(out)} instead of an array of shape {shape}")
    return np.asarray(out)
