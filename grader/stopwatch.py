"""How long something was waited for."""

from __future__ import annotations

import time


class Stopwatch:
    """Adds up the seconds of ``with`` blocks; one inside another counts once.

    Examples
    --------
    >>> watch = Stopwatch()
    >>> with watch, watch:
    ...     pass
    >>> watch.seconds < 1
    True
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def __enter__(self) -> None:
        if not self._depth:
            self._began = time.monotonic()
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self.seconds += time.monotonic() - self._began
