"""Where a cell and the student's file meet: one function at a time, nothing lost."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.course import Course, Stage
from grader.errors import GraderError, UsageError
from grader.lock import locked
from grader.notebook.backups import back_up
from grader.notebook.memory import read_memory, with_synced, write_memory
from grader.notebook.source import Source, read_source
from grader.notebook.views import Newer, Synced, cell_digest, in_file, newer, same, synced
from grader.pieces import definitions, excerpt, fault
from grader.pristine import pristine
from grader.splice import names_in, put

_ATTEMPTS = 5


@dataclass(frozen=True)
class Settled:
    """What became of a cell and the file.

    Parameters
    ----------
    newer : Newer
        Which of them was taken; of a conflict neither.
    there : str
        What the file has of the function now.
    file : str
        All of the file.
    kept : Path or None
        A copy of what was replaced, if that was more than the stub.
    created : bool
        Whether the file was missing and was made anew.
    untouched : bool
        Whether the function is still as it was handed out.
    stale : bool
        Whether the file was taken since the cell held an earlier version.
    surprising : bool
        Whether the cell took the place of what the file had given, and no cell had run yet.
    """

    newer: Newer
    there: str
    file: str
    kept: Path | None = None
    created: bool = False
    untouched: bool = False
    stale: bool = False
    surprising: bool = False


class Desk:
    """The functions of one course, as one notebook works on them.

    Parameters
    ----------
    course : Course
    """

    def __init__(self, course: Course) -> None:
        self.course = course
        # What this notebook's cells held last: another notebook may know another version.
        self._mine: dict[tuple[str, str], Synced] = {}
        self._held: dict[tuple[str, str], set[str]] = {}  # digests of all that they held
        # What the file gave last and no cell has run yet: the cell may still show the text
        # before it, since a page that is loaded anew forgets what was put into it.
        self._given: set[tuple[str, str]] = set()

    def stage(self, selector: str) -> Stage:
        """Return the one stage that is meant. Raises UsageError for none or several."""
        _, chosen = self.course.select([selector])
        if len(chosen) > 1:
            raise UsageError(f"{selector} is several stages; name one, such as {chosen[0].id}.")
        return chosen[0]

    def source(self, stage: Stage) -> Source:
        """Read a student's file. Raises GraderError if it is no Python in UTF-8."""
        shown = stage.file.relative_to(self.course.root).as_posix()
        source = read_source(stage.file, shown, pristine(stage))
        if wrong := fault(source.text):
            raise GraderError(
                f"{shown} is no valid Python: line {wrong.lineno}: {wrong.msg}.\n"
                "Mend it there first; nothing was changed."
            )
        return source

    def _require_known(self, stage: Stage, name: str, source: Source) -> None:
        """Refuse a function that neither the stub nor the student's file has."""
        known = [n for text in (pristine(stage), source.text) for n in definitions(text)]
        if name in known:
            return
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        guess = f"\nDid you mean {near[0]!r}?" if near else ""
        told = ", ".join(dict.fromkeys(known))
        raise UsageError(f"{stage.id} has no function {name!r}.{guess}\nIt has: {told}.")

    def settle(self, stage: Stage, name: str, cell: str, keep: str, now: datetime) -> Settled:
        """Bring a cell and the file together.

        Parameters
        ----------
        name : str
            The function or class.
        cell : str
            The cell's code, which is valid Python.
        keep : str
            ``cell`` or ``file`` to take that one whatever the other holds, else empty.

        Raises
        ------
        GraderError
            The file cannot be read or written, or does not have the function.
        """
        try:
            with locked(self.course.root):
                for _ in range(_ATTEMPTS):
                    source = self.source(stage)
                    self._require_known(stage, name, source)
                    if keep != "file":
                        _require_defined(name, cell)
                    if settled := self._settled(stage, name, cell, keep, now, source):
                        return settled
        except OSError as error:
            raise GraderError(
                f"{error}. Nothing was changed; your code is in the cell."
            ) from error
        raise GraderError(f"{source.shown} changes all the time. Nothing was written.")

    def _settled(
        self, stage: Stage, name: str, cell: str, keep: str, now: datetime, source: Source
    ) -> Settled | None:
        """Settle once; None if somebody else wrote the file meanwhile."""
        root, stub, given = self.course.root, pristine(stage), (stage.id, name) in self._given
        last, old = self._last(stage, name, cell)
        gone = self._gone(stage, name, cell, last)
        which = newer(name, cell, source.text, stub, last, outdated=old, gone=gone)
        which = {"cell": Newer.CELL, "file": Newer.FILE}.get(keep, which)
        there, text, kept = in_file(name, cell, source.text), source.text, None
        if which is Newer.BOTH:
            return Settled(which, there, text)
        if which is Newer.FILE:
            if not there:
                raise UsageError(f"{source.shown} has no {name}, so the file cannot be kept.")
            replaced, cell = cell, there
            if not same(replaced, in_file(name, replaced, stub)):
                kept = back_up(root, stage.id, f"{name}-cell", replaced.encode(), now)
        if which is Newer.CELL:
            text = put(source.text, cell, gone)
            if wrong := fault(text):
                raise UsageError(f"with this cell {source.shown} would be no Python: {wrong.msg}.")
            if source.data is not None and not same(source.text, stub):
                kept = back_up(root, stage.id, stage.name, source.data, now)
        if text != source.text or source.data is None:
            if not source.is_current():
                return None
            source.write(text)
        self._remember(stage, name, synced(name, cell, text), given=which is Newer.FILE)
        there = in_file(name, cell, text)
        untouched = same(there, in_file(name, cell, stub))
        return Settled(
            which,
            there,
            text,
            kept,
            source.data is None,
            untouched,
            stale=old and which is Newer.FILE,
            surprising=given and which is Newer.CELL,
        )

    def _last(self, stage: Stage, name: str, cell: str) -> tuple[Synced | None, bool]:
        """Return when the views were last the same, and whether the cell is older than that."""
        key, digest = (stage.id, name), cell_digest(cell)
        entry = read_memory(self.course.root).stages.get(stage.id, {}).get(name)
        last = self._mine.get(key) or (entry.last if entry else None)
        if last is None or digest == last.cell or (key in self._mine and key not in self._given):
            return last, False
        known = {entry.last.cell, *entry.earlier} if entry else set()
        return last, digest in known | self._held.get(key, set())

    def _gone(self, stage: Stage, name: str, cell: str, last: Synced | None) -> set[str]:
        """Return the helpers that a cell had when the views were the same, and has no more.

        What the stub has, or the cell of another function, is none of them.
        """
        entries = read_memory(self.course.root).stages.get(stage.id, {})
        others = [entry.last.names for other, entry in entries.items() if other != name]
        before = set(last.names if last else ()).difference(names_in(cell), *others)
        return {name for name in before if not excerpt(pristine(stage), [name])}

    def _hold(self, stage: Stage, name: str, now: Synced, *, given: bool) -> None:
        key = stage.id, name
        self._mine[key] = now
        self._held.setdefault(key, set()).add(now.cell)
        (self._given.add if given else self._given.discard)(key)

    def _remember(self, stage: Stage, name: str, now: Synced, *, given: bool) -> None:
        self._hold(stage, name, now, given=given)
        memory = read_memory(self.course.root)
        entry = memory.stages.get(stage.id, {}).get(name)
        if entry is None or entry.last != now:
            write_memory(self.course.root, with_synced(memory, stage.id, name, now))

    def load(self, stage: Stage, name: str) -> str:
        """Return the file's version of a function, for a cell.

        Raises
        ------
        GraderError
            The file cannot be read, or does not have the function.
        """
        source = self.source(stage)
        self._require_known(stage, name, source)
        there = in_file(name, "", source.text)
        if not there:
            raise UsageError(f"{source.shown} has no {name}.")
        self._hold(stage, name, synced(name, there, source.text), given=True)
        return there


def _require_defined(name: str, cell: str) -> None:
    """Refuse a cell that does not define the function that it is for."""
    if name not in names_in(cell):
        others = ", ".join(names_in(cell)) or "nothing"
        raise UsageError(
            f"this cell is for {name}, but it defines {others}. Nothing was written.\n"
            "Mend the name in the first line, or that of the function."
        )
