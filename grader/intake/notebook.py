"""Notebooks: which of their cells belong to which stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from grader.course import Unit
from grader.intake import bounds
from grader.intake.cells import Cell, defined_in
from grader.intake.marks import Asked, Mark, asked_for, meant, read_mark
from grader.intake.names import Refused, shown
from grader.pristine import pristine


class _Written(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""
    metadata: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)

    @property
    def tags(self) -> Any:
        return (self.metadata or {}).get("tags")


class _Notebook(msgspec.Struct):
    nbformat: int
    cells: list[_Written]


@dataclass
class Book:
    """What a notebook holds.

    Parameters
    ----------
    cells : dict
        By the name of a stage, the cells for it: those that count more come later.
    notes : list of (str, str)
        What a grader should know, after the name of the stage that it is about, if one is.
    """

    cells: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)


def read_book(content: bytes, path: str, unit: Unit) -> Book:
    """Return the cells that a notebook has for each stage, and notes on what is not as expected.

    A cell belongs to a stage by its first line, ``%%stage s13.padding pad2d``, or by a tag,
    ``s13.padding`` or ``stage:s13.padding``.

    Raises
    ------
    Refused
        It is no notebook, or holds too much code for a stage.
    """
    try:
        written = msgspec.json.decode(content, type=_Notebook).cells
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem = "it may be damaged, or saved by a version of long ago"
        raise Refused(f"{shown(path)} is no notebook: {problem}") from error
    reader = _Reader(path, unit)
    for number, cell in enumerate(written, start=1):
        if cell.cell_type == "code":
            reader.take(number, cell.text, cell.tags)
        else:
            reader.take_prose(number, cell.text)
    return reader.book()


class _Reader:
    """Goes through the cells of a notebook."""

    def __init__(self, path: str, unit: Unit) -> None:
        self._path = path
        self._unit = unit
        self._asked: Asked = asked_for({s.name: pristine(s) for s in unit.stages})
        self._ids = {stage.name: stage.id for stage in unit.stages}
        self._cells: dict[str, list[Cell]] = {}
        self._notes: list[tuple[str, str]] = []
        self._unmarked: list[tuple[int, str]] = []

    def take(self, number: int, text: str, tags: Any) -> None:
        """Take in one cell of code."""
        mark = read_mark(text, self._unit, self._asked)
        marks = [mark] if mark else []
        tagged = self._tagged(tags, mark.code if mark else text)
        marks += [each for each in tagged if not mark or each.stage != mark.stage]
        for each in marks:
            self._note(number, each)
            if each.stage:
                cell = Cell(number, each.code, each.functions, each.exact)
                self._cells.setdefault(each.stage, []).append(cell)
        if not marks:
            self._unmarked.append((number, text))

    def take_prose(self, number: int, text: str) -> None:
        """Note a cell that has become text by a slip of the hand."""
        mark = read_mark(text, self._unit, self._asked)
        if mark and mark.exact and defined_in(mark.code):
            what = f"cell {number} is not read: {shown(mark.line)} stands in a cell of text"
            self._notes.append((mark.stage, f"{shown(self._path)}, {what}; make it one of code"))

    def book(self) -> Book:
        """Return what was found."""
        for name, cells in self._cells.items():
            if sum(len(cell.code) for cell in cells) > bounds.NOTEBOOK_CODE_BYTES:
                size = bounds.NOTEBOOK_CODE_BYTES // bounds.KB
                raise Refused(f"{shown(self._path)} has more than {size} KB of code for {name}")
        self._note_unmarked()
        # A later cell wins; but one that was switched off with a # loses to one that was not.
        ordered = {n: tuple(sorted(c, key=lambda c: c.exact)) for n, c in self._cells.items()}
        more = len(self._notes) - bounds.NOTEBOOK_NOTES
        if more > 0:
            self._notes[bounds.NOTEBOOK_NOTES :] = [
                ("", f"{shown(self._path)}: {more} more notes")
            ]
        return Book(ordered, self._notes)

    def _tagged(self, tags: Any, code: str) -> Iterator[Mark]:
        """Yield what the tags of a cell say about its stage; other tags may stand there too."""
        prefixes = ("stage:", f"{self._unit.id}.")
        names = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
        for tag in dict.fromkeys(names):
            said = tag.removeprefix("stage:")
            stage = next((s.name for s in self._unit.stages if s.id == said), "")
            near = meant([said], code, self._asked) if tag.lower().startswith(prefixes) else ""
            if stage:
                yield Mark("", stage, (), True, code)
            elif near or said != tag:
                yield Mark(tag, near, (), False, code)

    def _note(self, number: int, mark: Mark) -> None:
        """Note what is odd about a mark."""
        stage, line = mark.stage, shown(mark.line)
        here = f"{shown(self._path)}, cell {number}"
        if not stage:
            ids = ", ".join(self._ids.values())
            what = f"its mark {line} fits no stage; expected %%stage and one of {ids}"
            self._notes.append(("", f"{here} is not read: {what}"))
        elif not mark.exact:
            wanted = self._mark_for(stage, mark.functions or defined_in(mark.code))
            self._notes.append((stage, f"{here}: its mark {line} was taken for {wanted}"))
        elif mark.functions and not set(mark.functions) & set(self._asked[stage]):
            tasks = ", ".join(self._asked[stage])
            what = f"its mark {line} names no function of {self._ids[stage]}, which has {tasks}"
            self._notes.append((stage, f"{here}: {what}"))

    def _note_unmarked(self) -> None:
        """Note what a cell without a mark defines, and no cell with one, and what is missing."""
        read = {
            stage: {name for cell in cells for name in defined_in(cell.code)}
            for stage, cells in self._cells.items()
        }
        unread = set[str]()
        for number, text in reversed(self._unmarked):
            for name, stage in _owners(self._asked, defined_in(text)).items():
                if name not in read.get(stage, ()) and name not in unread:
                    unread.add(name)
                    here = f"{shown(self._path)}, cell {number} is not read"
                    wanted = self._mark_for(stage, (name,))
                    what = f"it defines {name}, but its first line is not {wanted}"
                    self._notes.append((stage, f"{here}: {what}"))
        for stage, names in read.items():
            if missing := [t for t in self._asked[stage] if t not in names | unread]:
                what = f"no cell for {self._ids[stage]} defines {', '.join(missing)}"
                self._notes.append((stage, f"{shown(self._path)}: {what}"))

    def _mark_for(self, stage: str, names: Sequence[str]) -> str:
        """Return the mark that a cell for some functions of a stage should have."""
        mine = [name for name in names if name in self._asked[stage]]
        return " ".join(["%%stage", self._ids[stage], *mine])


def _owners(asked: Asked, names: Sequence[str]) -> Mapping[str, str]:
    """Return the stage that asks for each of some names, if one does."""
    return {name: stage for name in names for stage, tasks in asked.items() if name in tasks}
