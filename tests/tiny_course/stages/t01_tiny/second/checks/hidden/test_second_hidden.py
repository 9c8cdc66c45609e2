"""The same on other inputs."""

import numpy as np

from grader.checking import agrees, call, criterion
from stages.t01_tiny.second import second
from stages.t01_tiny.second.second import quadruple


@criterion("quadruple")
def test_a_column():
    """A column becomes four times as large."""
    call(quadruple, np.random.default_rng(1).normal(size=(4, 1))).agrees()


@criterion("tally")
def test_a_default_start():
    """A tally that starts where tallies start."""

    def story(module):
        """t = Tally(), then t.add(6)"""
        return {"count": module.Tally().add(6)}

    agrees(story, second)
