"""What is known about two submissions that share much: frozen data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """Lines of two files that say the same.

    Parameters
    ----------
    first, second : (int, int)
        The first and last line in each file, counted from 1.
    tokens : int
        How many words and signs match there.
    """

    first: tuple[int, int]
    second: tuple[int, int]
    tokens: int


@dataclass(frozen=True)
class Pair:
    """Two submissions that share unusually much in one stage.

    Parameters
    ----------
    first, second : str
        The students' keys, in alphabetical order.
    stage : str
        Its id.
    share : float
        How much of the shorter one's own writing the longer one has too, from 0 to 1; what
        is rare in the class counts, what many wrote counts little.
    usual : float
        The same number for the pair in the middle of this class.
    lines : tuple of Passage
        Where, the longest first.
    """

    first: str
    second: str
    stage: str
    share: float
    usual: float
    lines: tuple[Passage, ...]
