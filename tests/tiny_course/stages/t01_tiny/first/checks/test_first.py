"""Doubling, and places for a window."""

import numpy as np

from grader.checking import call, criterion
from stages.t01_tiny.first.first import double, size


@criterion("double")
def test_two_by_two():
    """A 2x2 array is doubled."""
    call(double, np.array([[3.0, 5.0], [7.0, 9.0]])).gives([[6, 10], [14, 18]])


@criterion("double")
def test_float32_stays_float32():
    """An array of float32 stays one."""
    call(double, np.array([2.5, 3.5, 4.5], dtype=np.float32)).agrees()


@criterion("size")
def test_three_places():
    """A window of 3 has three places in 5."""
    call(size, 5, 3).gives(3)


@criterion("long")
def test_a_long_array():
    """An array of 4000 entries is doubled."""
    call(double, np.arange(2.0, 4002.0)).agrees()
