"""A call that was sent ahead of its turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from grader.calls import Observed
from grader.errors import Ended, StudentError


class Poster(Protocol):
    """Who sent a call, and hears of it."""

    def take(self, posted: PostedCall) -> Observed:
        """Wait for what a posted call returned and did, and raise what it raised."""

    def drop(self) -> None:
        """Hear what nobody asks for any more."""


class PostedCall:
    """A call that was sent ahead; it counts where its outcome is asked for.

    Parameters
    ----------
    poster : Poster
    name : str
        The function's, for what it is given of the time.
    due : callable
        Asks for its outcome, and for those of the calls before it.
    counts : bool
        Whether it is a call of a module's function or class, and no method's.

    Attributes
    ----------
    outcome : Observed, StudentError, Ended or None
        What came of it, once that was heard.
    """

    def __init__(
        self, poster: Poster, name: str, due: Callable[[], None], *, counts: bool
    ) -> None:
        self._poster = poster
        self.due = due
        self.name = name
        self.counts = counts
        self.outcome: Observed | StudentError | Ended | None = None

    def observed(self) -> Observed:
        """Wait for what the call returned and did, and raise what it raised."""
        return self._poster.take(self)

    def drop(self) -> None:
        """Nobody will ask for it, nor for what was sent beside it."""
        self._poster.drop()
