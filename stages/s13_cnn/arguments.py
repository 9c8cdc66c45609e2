"""Argument checks that are given: every stage calls them, none of them is the lesson.

They accept what the course accepts, return it in one form, and refuse the rest:
`TypeError` for the wrong kind of thing, `ValueError` for a wrong value.
"""

import numpy as np


def as_pair(value, name, minimum=1):
    """Return `value` as (height, width): one integer counts for both.

    Parameters
    ----------
    value : int or (int, int)
        The argument. NumPy's integers are welcome, `True` and `False` are not.
    name : str
        What to call it in the error message.
    minimum : int, default 1
        The smallest value allowed.

    Returns
    -------
    pair : (int, int)
        Plain Python integers.

    Raises
    ------
    TypeError
        If something in `value` is not an integer.
    ValueError
        If there are not two of them, or one is smaller than `minimum`.

    Examples
    --------
    >>> as_pair(3, "kernel_size")
    (3, 3)
    >>> as_pair((3, 2), "kernel_size")
    (3, 2)
    >>> as_pair(0, "stride")
    Traceback (most recent call last):
    ValueError: stride must be at least 1, but it is 0
    """
    pair = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{name} must be one integer or two, (height, width), not {value!r}")
    if not all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in pair):
        raise TypeError(f"{name} must be an integer or a pair of integers, not {value!r}")
    if min(pair) < minimum:
        raise ValueError(f"{name} must be at least {minimum}, but it is {value!r}")

    return int(pair[0]), int(pair[1])


def as_sides(padding):
    """Return `padding` as ((top, bottom), (left, right)).

    Parameters
    ----------
    padding : int, (int, int) or ((int, int), (int, int))
        The same on every side; or one number for each axis, (height, width); or one number
        for each side.

    Returns
    -------
    sides : ((int, int), (int, int))
        Plain Python integers, ((top, bottom), (left, right)).

    Raises
    ------
    TypeError
        If something in `padding` is not an integer.
    ValueError
        If there are not one, two or two times two of them, or one is negative.

    Examples
    --------
    >>> as_sides(1)
    ((1, 1), (1, 1))
    >>> as_sides((1, 2))
    ((1, 1), (2, 2))
    >>> as_sides(((0, 1), (2, 3)))
    ((0, 1), (2, 3))
    """
    axes = tuple(padding) if isinstance(padding, tuple | list) else (padding, padding)
    if len(axes) != 2:
        raise ValueError(
            "padding must be one integer, (height, width) or ((top, bottom), (left, right)), "
            f"not {padding!r}"
        )

    return as_pair(axes[0], "padding", minimum=0), as_pair(axes[1], "padding", minimum=0)


def require_images(x, name="x"):
    """Refuse anything but a 4-D array of numbers.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C)
        The argument.
    name : str, default "x"
        What to call it in the error message.

    Raises
    ------
    TypeError
        If `x` is not a NumPy array, or does not hold integers or floats.
    ValueError
        If `x` does not have four axes.

    Examples
    --------
    >>> require_images(np.zeros((2, 5, 4, 3)))
    >>> require_images(np.zeros((5, 4)))
    Traceback (most recent call last):
    ValueError: x must have 4 axes, but its shape is (5, 4)
    """
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, not {type(x).__name__}")
    if x.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold integers or floats, not {x.dtype}")
    if x.ndim != 4:
        raise ValueError(f"{name} must have 4 axes, but its shape is {x.shape}")
