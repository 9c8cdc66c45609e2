"""Twice as much, again."""

from stages.t01_tiny.first.first import double


def quadruple(x):
    """Return four times `x`, by doubling twice."""
    ### BEGIN SOLUTION
    return double(double(x))
    ### END SOLUTION


class Tally:
    """Counts what it was told.

    Parameters
    ----------
    start : int
        Where counting begins.
    """

    def __init__(self, start=0):
        ### BEGIN SOLUTION
        self.count = start
        ### END SOLUTION

    def add(self, amount, on_change=None):
        """Add `amount`, call ``on_change(count)``, and return the count."""
        ### BEGIN SOLUTION
        self.count += amount
        if on_change is not None:
            on_change(self.count)
        return self.count
        ### END SOLUTION

    def grow(self, x, steps):
        """Return `x`, doubled `steps` times, and count the steps."""
        ### BEGIN SOLUTION
        for _ in range(steps):
            x = double(x)
        self.count += steps
        return x
        ### END SOLUTION
