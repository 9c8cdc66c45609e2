"""Twice as much, again."""

from stages.t01_tiny.first.first import double


def quadruple(x):
    """Return four times `x`, by doubling twice."""
    raise NotImplementedError("t01.second: quadruple")


class Tally:
    """Counts what it was told.

    Parameters
    ----------
    start : int
        Where counting begins.
    """

    def __init__(self, start=0):
        raise NotImplementedError("t01.second: Tally.__init__")

    def add(self, amount, on_change=None):
        """Add `amount`, call ``on_change(count)``, and return the count."""
        raise NotImplementedError("t01.second: Tally.add")

    def grow(self, x, steps):
        """Return `x`, doubled `steps` times, and count the steps."""
        raise NotImplementedError("t01.second: Tally.grow")
