"""What an examination of a machine and a course found."""

from __future__ import annotations

import enum
from dataclasses import dataclass

VERSION = 1


class State(enum.StrEnum):
    """How it stands with something."""

    GOOD = "good"
    NOTE = "note"  # it works, and could be better
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    about : str
        In a word or two: ``NumPy``.
    state : State
    found : str
        What there is.
    fix : str
        What to do about it, unless it is good.
    """

    about: str
    state: State
    found: str
    fix: str = ""


def good(about: str, found: str) -> Finding:
    """Return that all is well with something."""
    return Finding(about, State.GOOD, found)


def note(about: str, found: str, fix: str) -> Finding:
    """Return that something could be better."""
    return Finding(about, State.NOTE, found, fix)


def wrong(about: str, found: str, fix: str) -> Finding:
    """Return that something is wrong."""
    return Finding(about, State.WRONG, found, fix)
