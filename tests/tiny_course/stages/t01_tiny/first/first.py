"""Twice as much."""

import numpy as np

from stages.t01_tiny.given import require_numbers


def double(x):
    """Return twice `x`.

    Parameters
    ----------
    x : ndarray

    Returns
    -------
    doubled : ndarray, shape and dtype of `x`

    Examples
    --------
    >>> double(np.array([1.5, 2.0]))
    array([3., 4.])
    """
    require_numbers(x)

    raise NotImplementedError("t01.first: double")


def size(n, k):
    """Return in how many places a window of `k` fits into `n`.

    Examples
    --------
    >>> size(5, 3)
    3
    """
    raise NotImplementedError("t01.first: size")
