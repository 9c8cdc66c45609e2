"""What notebooks remember of a course: when each function was last the same in cell and file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.atomic import write_atomically
from grader.lock import private_folder
from grader.notebook.views import Synced

NAME = "notebook.json"
VERSION = 1
_MOST_EARLIER = 50
_MOST_BYTES = 4 * 2**20


class Remembered(msgspec.Struct, frozen=True):
    """The last time, and digests of what the cell held the times before."""

    last: Synced
    earlier: tuple[str, ...] = ()

    def next(self, now: Synced) -> Remembered:
        """Return what is remembered once the views were the same again."""
        before = dict.fromkeys((*self.earlier, self.last.cell))
        before.pop(now.cell, None)
        return Remembered(now, tuple(before)[-_MOST_EARLIER:])


class Memory(msgspec.Struct, frozen=True):
    """The form of ``.grader/notebook.json``: by stage, then by function."""

    version: int = VERSION
    stages: dict[str, dict[str, Remembered]] = {}


def read_memory(root: Path) -> Memory:
    """Return what is remembered; nothing if the file is missing, damaged or of another version."""
    try:
        with (root / ".grader" / NAME).open("rb") as file:
            found = msgspec.json.decode(file.read(_MOST_BYTES), type=Memory)
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return Memory()
    return found if found.version == VERSION else Memory()


def write_memory(root: Path, memory: Memory) -> None:
    """Remember. Raises OSError where nothing can be written."""
    data = msgspec.json.format(msgspec.json.encode(memory), indent=1)
    write_atomically(private_folder(root) / NAME, data + b"\n")


def with_synced(memory: Memory, stage: str, name: str, now: Synced) -> Memory:
    """Return a memory in which a function's views are the same now."""
    of_stage = memory.stages.get(stage, {})
    before = of_stage.get(name)
    entry = before.next(now) if before else Remembered(now)
    return Memory(VERSION, memory.stages | {stage: of_stage | {name: entry}})
