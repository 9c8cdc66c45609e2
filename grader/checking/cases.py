"""Cases for checks that state what holds for any window, stride or frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def cases(
    count: int, low: Sequence[int], high: Sequence[int], *, seed: int
) -> list[tuple[int, ...]]:
    """Draw whole numbers; the smallest case comes first.

    Parameters
    ----------
    count : int
        How many cases.
    low, high : sequence of int
        The least and the largest that each number of a case can be.
    seed : int
        Of the generator; the same cases come in every run.

    Returns
    -------
    list of tuple of int
        By their sums: where several fail, a student sees one that is easy to follow by hand.

    Examples
    --------
    >>> cases(3, low=[1, 1], high=[9, 2], seed=0)
    [(3, 1), (5, 2), (8, 2)]
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(low, high, size=(count, len(low)), endpoint=True).tolist()
    return sorted(map(tuple, drawn), key=lambda case: (sum(case), case))
