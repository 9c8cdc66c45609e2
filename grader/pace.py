"""How long a function may take that has never come back."""

from __future__ import annotations

from collections import Counter

# Of a check's limit: after one call that did not return, after two, after more.
_SHARES = (1.0, 0.25, 0.05, 0.025)
# Seconds that every call is given, if the limit has as many: what is short of them may be
# the machine's doing.
_LEAST = 0.25


class Pace:
    """What calls of a stage's functions are given, by how their calls ended so far.

    Code that hangs everywhere would cost its limit in every check. So a function gets less
    with each call from which it did not return in time. It has all again as soon as it
    returns once: what is slow, or hangs on some input alone, loses nothing.

    Attributes
    ----------
    seconds : float
        The limit of the check that runs.
    ahead : bool
        Whether calls may be made before those that come first were judged.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ahead = True
        self._lost: Counter[str] = Counter()
        self._returned: set[str] = set()

    def grant(self, function: str) -> tuple[float, str]:
        """Return the seconds for a call, and what limit that is in words, if it is a lesser one.

        Examples
        --------
        >>> pace = Pace(10)
        >>> pace.lost("pad2d")
        >>> pace.grant("pad2d")
        (2.5, 'the 2.5 s that pad2d gets after calls that did not return')
        >>> pace.returned("pad2d")
        >>> pace.grant("pad2d")
        (10.0, '')
        """
        lost = 0 if function in self._returned else self._lost[function]
        share = self.seconds * _SHARES[min(lost, len(_SHARES) - 1)]
        seconds = max(share, min(self.seconds, _LEAST))
        if not lost:
            return seconds, ""
        return seconds, f"the {seconds:g} s that {function} gets after calls that did not return"

    def lost(self, function: str) -> None:
        """A call did not return in time."""
        self._lost[function] += 1

    def returned(self, function: str) -> None:
        """A call returned. One that raises says nothing: it may refuse what it has not begun."""
        self._returned.add(function)
