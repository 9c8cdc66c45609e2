"""What a student saw last: of each stage for `grader hint`, the report for `grader submit`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from grader.atomic import write_atomically
from grader.lock import private_folder
from grader.results import NamedMistake, Outcome, Report, from_json, to_json

FILE = Path(".grader", "seen.json")
LAST = Path(".grader", "last.json")
_MOST_BYTES = 8 * 2**20


@dataclass(frozen=True)
class Seen:
    """The mistakes that were named last in a stage, and how many hints were read.

    Parameters
    ----------
    mistakes : tuple of NamedMistake
        None when no mistake was named.
    step : int
        Hints that were shown.
    """

    mistakes: tuple[NamedMistake, ...] = ()
    step: int = 0


def read_seen(root: Path) -> dict[str, Seen]:
    """Return what was seen of each stage; nothing if the file is missing or damaged."""
    try:
        return msgspec.json.decode((root / FILE).read_bytes(), type=dict[str, Seen])
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def write_seen(root: Path, seen: dict[str, Seen]) -> None:
    """Keep what was seen. Raises OSError where nothing can be written."""
    private_folder(root)
    write_atomically(root / FILE, msgspec.json.encode(seen).decode() + "\n")


def write_last(root: Path, report: Report) -> None:
    """Keep a report as the student's last. Raises OSError where nothing can be written."""
    private_folder(root)
    write_atomically(root / LAST, to_json(report) + "\n")


def read_last(root: Path) -> Report | None:
    """Return the student's last report; None if it is missing, damaged or of another version."""
    try:
        with (root / LAST).open("rb") as file:
            return from_json(file.read(_MOST_BYTES).decode("utf-8"))
    except (OSError, ValueError):
        return None


def after_report(seen: dict[str, Seen], report: Report) -> dict[str, Seen]:
    """Return what has been seen once a report was shown: the first hint of what it named."""
    updated = dict(seen)
    for stage in report.stages:
        wrong = [c.decisive for c in stage.criteria if c.outcome is not Outcome.PASSED]
        named = next((check.mistakes for check in wrong if check and check.mistakes), ())
        before = seen.get(stage.id, Seen())
        if {m.id for m in named} != {m.id for m in before.mistakes}:
            updated[stage.id] = Seen(named, 1 if named else 0)
        elif stage.outcome is Outcome.PASSED:
            updated.pop(stage.id, None)
    return updated


def one_more(seen: Seen) -> Seen:
    """Return what has been seen once one more hint was read."""
    return replace(seen, step=seen.step + 1)
