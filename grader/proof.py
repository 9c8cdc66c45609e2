"""What is known about the checks of a stage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """What is known about the checks of one stage.

    Parameters
    ----------
    stage : str
        Its id.
    mistakes, open, hidden, named : int
        How many there are; how many the open checks alone fail, the hidden ones alone,
        and how many are named as themselves.
    right, accepted : int
        Right answers written differently, and how many of them pass unnamed.
    problems : tuple of str
        What does not hold, a sentence each.
    """

    stage: str
    mistakes: int
    open: int
    hidden: int
    named: int
    right: int
    accepted: int
    problems: tuple[str, ...]
