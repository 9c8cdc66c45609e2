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

    ### BEGIN SOLUTION
    return x * 2
    ### END SOLUTION


def size(n, k):
    """Return in how many places a window of `k` fits into `n`.

    Examples
    --------
    >>> size(5, 3)
    3
    """
    ### BEGIN SOLUTION
    if not 1 <= k <= n:
        raise ValueError(f"k must be between 1 and n={n}, but it is {k}")
    return n - k + 1
    ### END SOLUTION
