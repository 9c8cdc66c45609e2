"""The same on other inputs."""

import numpy as np

from grader.checking import call, criterion
from stages.t01_tiny.first.first import double, size


@criterion("double")
def test_a_row():
    """A row of five is doubled."""
    call(double, np.random.default_rng(0).normal(size=(1, 5))).agrees()


@criterion("size")
def test_a_window_that_does_not_fit():
    """A window of 4 has no place in 3."""
    call(size, 7, 2).gives(6)
    call(size, 3, 4).refused("k")
