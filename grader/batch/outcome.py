"""What a run came to, read back from its journal one grade at a time."""

from __future__ import annotations

from collections.abc import Iterable

from grader.batch.journal import Journal
from grader.render.grading import Change, Tally, changes


def tally(journal: Journal, keys: Iterable[str]) -> Tally:
    """Count over the grades of the students `keys`."""
    found = Tally()
    for key in sorted(keys):
        if (grade := journal.read(key)) is not None:
            found.add(grade)
    return found


def regraded(journal: Journal, keys: Iterable[str], label: str) -> list[Change]:
    """Return what a regrading changed, by student."""
    found: list[Change] = []
    for key in sorted(keys):
        before, after = journal.kept(key, label), journal.read(key)
        if before is not None and after is not None:
            found += changes(before, after)
    return found
