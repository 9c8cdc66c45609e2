"""Which names of a lesson's examples exist in its notebook."""

from __future__ import annotations

from collections.abc import Sequence

from grader.lesson.examples import Example


class Names:
    """What the cells so far have bound, and what was only shown.

    On the page the examples of a lesson share their names. In the notebook some of them are
    only shown, since the student has not written yet what they call; a later one that is run
    takes from those what it needs.
    """

    def __init__(self) -> None:
        self._shown: list[Example] = []
        self._bound: set[str] = set()

    def needed(self, block: Sequence[Example]) -> list[Example]:
        """Return the shown examples that have to run before a block can."""
        wanted, bound = set[str](), set[str]()
        for each in block:
            wanted |= each.uses - bound
            bound |= each.binds
        found: list[Example] = []
        for each in reversed(self._shown):
            if wanted - self._bound & each.binds:
                found.insert(0, each)
                wanted = (wanted - each.binds) | each.uses
        return found

    def show(self, block: Sequence[Example]) -> None:
        """Note a block that is only shown."""
        self._shown += block
        for each in block:
            self._bound -= each.binds

    def run(self, block: Sequence[Example]) -> None:
        """Note a block that is run."""
        for each in block:
            self._bound |= each.binds
