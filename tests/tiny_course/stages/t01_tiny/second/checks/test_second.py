"""Doubling twice, and counting."""

import numpy as np

from grader.checking import agrees, call, criterion, require
from stages.t01_tiny.second import second
from stages.t01_tiny.second.second import Tally, quadruple


@criterion("quadruple")
def test_a_row_of_three():
    """Three numbers become four times as large."""
    call(quadruple, np.array([2.0, 3.0, 5.0])).gives([8, 12, 20])


@criterion("tally")
def test_counting_from_three():
    """A tally that starts at 3 and is told 2 and 5."""

    def story(module):
        """t = Tally(3), then t.add(2), then t.add(5)"""
        tally = module.Tally(3)
        return {"first": tally.add(2), "second": tally.add(5), "count": tally.count}

    agrees(story, second)


@criterion("tally")
def test_a_listener():
    """Whoever listens is told the new count."""
    told = []
    Tally(3).add(4, on_change=told.append)
    require(told == [7], f"on_change must be told 7, and was told {told}")


@criterion("grow")
def test_growing_twice():
    """Growing by two steps."""
    tally = Tally()
    call(tally.grow, np.array([2.0, 3.0]), 2).result()
    require(tally.count == 2, f"the count must be 2, not {tally.count}")
