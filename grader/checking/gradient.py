"""Gradients by finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.checking.checks import require
from grader.checking.compare import describe


def central_difference(
    function: Callable[[Any], Any], x: np.ndarray, grad_out: np.ndarray, eps: float = 1e-6
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

    Returns
    -------
    ndarray, shape of `x`

    Notes
    -----
    Calls `function` twice for each entry of `x`; the error is about ``eps**2``.

    Examples
    --------
    >>> central_difference(lambda x: x**2, np.array([3.0]), np.array([1.0])).round(6)
    array([6.])
    """
    gradient = np.zeros_like(x, dtype=np.float64)
    for index in np.ndindex(x.shape):
        high, low = (_value_at(function, x, grad_out, index, step) for step in (eps, -eps))
        gradient[index] = (high - low) / (2 * eps)
    return gradient


def _value_at(
    function: Callable[[Any], Any], x: np.ndarray, grad_out: np.ndarray, index: Any, step: float
) -> float:
    moved = np.array(x, dtype=np.float64)
    moved[index] += step
    out = function(moved)
    if type(out) is not np.ndarray or out.shape != grad_out.shape:
        what = f"the result is {describe(out)} instead of an array of shape {grad_out.shape}"
        require(False, what)
    return float(np.sum(out * grad_out))
