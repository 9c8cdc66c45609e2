"""Which files of a hand-in are the answers to which stages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from grader.course import Stage, Unit
from grader.intake import bounds
from grader.intake.cells import Cell, module_of
from grader.intake.files import File
from grader.intake.names import Refused, listed, shown
from grader.intake.notebook import Book, read_book
from grader.pristine import is_pristine

# Platforms and browsers number what is handed in again: padding-1.py, padding (1).py.
_NUMBERED = re.compile(r"(?P<stem>.+?)(?:-(?P<a>\d{1,4})| ?\((?P<b>\d{1,4})\))?(?P<end>\.[^.]+)")
T = TypeVar("T")
_OTHER_ARCHIVES = (".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".rar", ".7z")


def is_other_archive(path: str) -> bool:
    """Whether a file is packed, and no zip."""
    return path.lower().endswith(_OTHER_ARCHIVES)


def unnumbered(path: str) -> tuple[str, tuple[int, ...]]:
    """Return a path in lower case without a platform's numbers, and these.

    Examples
    --------
    >>> unnumbered("padding.py"), unnumbered("Padding-2.py"), unnumbered("a/padding (1).py")
    (('padding.py', (0,)), ('padding.py', (2,)), ('a/padding.py', (1,)))
    """
    parts = path.lower().split("/")
    numbers = []
    for i, part in enumerate(parts):
        match = _NUMBERED.fullmatch(part)
        if match and (i == len(parts) - 1 or part.endswith(".zip")):
            parts[i] = match["stem"] + match["end"]
            numbers.append(int(match["a"] or match["b"] or 0))
    return "/".join(parts), tuple(numbers)


def _only(found: Mapping[str, T], what: str) -> str | None:
    """Return the path of the newest, of what was found by path for one purpose.

    Raises
    ------
    Refused
        Two that differ are in different places, or of the same number.
    """
    newest: dict[str, tuple[int, ...]] = {}
    for path in found:
        plain, numbers = unnumbered(path)
        newest[plain] = max(newest.get(plain, numbers), numbers)
    kept = [p for p in found if newest[unnumbered(p)[0]] == unnumbered(p)[1]]
    for other in kept[1:]:
        if found[other] != found[kept[0]]:
            two = f"{shown(kept[0])} and {shown(other)}"
            raise Refused(f"{two} differ, and both could be meant for {what}")
    return kept[0] if kept else None


@dataclass(frozen=True)
class MadeWith:
    """What a manifest says of the edition that a hand-in was made with; anybody can write one.

    Parameters
    ----------
    edition : str
        Its name.
    handed : mapping of str to str
        By a stage's id, a digest of the stub and the checks that it came with.
    """

    edition: str = ""
    handed: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Choice:
    """What was chosen from a hand-in."""

    sources: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    made_with: MadeWith = field(default_factory=MadeWith)


def choose(files: list[File], unit: Unit, graded: Collection[Stage]) -> Choice:
    """Return the text of each stage that was handed in.

    Parameters
    ----------
    files : list of File
    unit : Unit
    graded : collection of Stage
        The stages that notes are wanted about.

    Raises
    ------
    Refused
        Two files could be meant for one stage, one is too large, or there is none at all.
    """
    choice = Choice()
    used = set[str]()
    for stage in unit.stages:
        texts = _answers(stage, files, unit)
        if path := _only(_worked_on(texts, stage), stage.name):
            choice.sources[stage.name] = texts[path]
            others = [each for each in texts if each != path]
            used |= {*texts}
            if others and stage in graded:
                choice.notes.append(f"{stage.name}: {shown(path)} counts, not {listed(others)}")
    used |= _add_notebooks(choice, files, unit, {stage.name for stage in graded})
    if not choice.sources:
        raise Refused(_nothing(files, unit, choice.notes))
    used |= _compare_manifest(choice, files, unit)
    missing = [s.name for s in unit.stages if s in graded and s.name not in choice.sources]
    if missing:
        choice.notes.append("not handed in: " + ", ".join(missing))
    if over := [file.path for file in files if file.path not in used]:
        choice.notes.append(f"passed over: {listed(over)}")
    return choice


def _answers(stage: Stage, files: list[File], unit: Unit) -> dict[str, bytes]:
    """Return the files that may be the answer to a stage, by path.

    That is the one at its place in the course; where none is, or it is as it was given out,
    what has its name, wherever it lies.
    """
    place = f"/stages/{unit.folder.name}/{stage.name}/{stage.name}.py".lower()
    elsewhere = re.compile(rf"(^|/)stages/(?!{re.escape(unit.folder.name.lower())}/)[^/]+/")
    base = f"{stage.name}.py".lower()
    named = [f for f in files if unnumbered(f.path)[0].rpartition("/")[2] == base]
    placed = [f for f in named if f"/{f.path}".lower().endswith(place)]
    strewn = [f for f in named if f not in placed and not elsewhere.search(f.path.lower())]
    texts = _read(placed, stage)
    if strewn and all(is_pristine(stage, text) for text in texts.values()):
        texts |= _read(strewn, stage)
    return texts


def _read(files: list[File], stage: Stage) -> dict[str, bytes]:
    if len(files) > bounds.CANDIDATES:
        raise Refused(f"{listed([file.path for file in files])} could be meant for {stage.name}")
    return {file.path: file.read(bounds.STAGE_BYTES) for file in files}


def _worked_on(texts: Mapping[str, bytes], stage: Stage) -> Mapping[str, bytes]:
    """Return, of several files for a stage, those that are not as they were given out."""
    if len(texts) < 2:
        return texts
    found = {path: text for path, text in texts.items() if not is_pristine(stage, text)}
    return found or dict(list(texts.items())[:1])  # none is worth more than another


def _add_notebooks(
    choice: Choice, files: list[File], unit: Unit, graded: Collection[str]
) -> set[str]:
    """Take from notebooks what no file has; return the paths of those that were used."""
    paths = [file for file in files if file.path.lower().endswith(".ipynb")]
    if not paths or not any(_is_open(choice, stage) for stage in unit.stages):
        return set()
    books = _books(choice, paths, unit)
    used = set[str]()
    for stage in unit.stages:
        notes = [
            text for book in books.values() for name, text in book.notes if name == stage.name
        ]
        if cells := _cells(books, stage.name):
            path, more = _take(choice, stage, cells)
            used |= set(path)
            notes += more
        if stage.name in graded:
            choice.notes += notes
    choice.notes += [text for book in books.values() for name, text in book.notes if not name]
    return used


def _take(
    choice: Choice, stage: Stage, cells: dict[str, tuple[Cell, ...]]
) -> tuple[list[str], list[str]]:
    """Let the cells for a stage be its answer, if they are; return paths used, and notes."""
    name = stage.name
    if not _is_open(choice, stage):
        return list(cells), [f"{name}: the .py file counts, not {listed(list(cells))}"]
    path = _only(cells, name) or ""
    untouched = f"{name}: the .py file is untouched; {shown(path)} counts"
    before = [untouched] if name in choice.sources else []
    choice.sources[name], notes = module_of(cells[path], stage, path)
    return [path], before + notes


def _is_open(choice: Choice, stage: Stage) -> bool:
    """Whether a stage has no file yet, or one that is as it was given out."""
    source = choice.sources.get(stage.name)
    return source is None or is_pristine(stage, source)


def _books(choice: Choice, files: list[File], unit: Unit) -> dict[str, Book]:
    """Return what each notebook holds, by path."""
    if len(files) > bounds.NOTEBOOKS:
        raise Refused(f"it holds {len(files)} notebooks, more than {bounds.NOTEBOOKS}")
    books: dict[str, Book] = {}
    for file in files:
        try:
            books[file.path] = read_book(file.read(bounds.NOTEBOOK_BYTES), file.path, unit)
        except Refused as refused:
            if not choice.sources:
                raise
            choice.notes.append(str(refused))
    return books


def _cells(books: Mapping[str, Book], stage: str) -> dict[str, tuple[Cell, ...]]:
    """Return the cells for a stage by path: of the notebooks that mark some as they should."""
    found = {path: book.cells[stage] for path, book in books.items() if stage in book.cells}
    exact = {path: cells for path, cells in found.items() if any(cell.exact for cell in cells)}
    return exact or found


def _nothing(files: list[File], unit: Unit, notes: Sequence[str]) -> str:
    """Return why there is nothing to grade."""
    packed = [file.path for file in files if is_other_archive(file.path)]
    nested = [file.path for file in files if file.path.lower().endswith(".zip")]
    books = [file.path for file in files if file.path.lower().endswith(".ipynb")]
    first = unit.stages[0]
    if not files:
        return "nothing was handed in"
    if packed:
        return f"{listed(packed)} cannot be opened; hand in a .zip"
    if nested:
        return f"{listed(nested)} is a zip inside a zip; hand in the inner one"
    if books and notes:
        return notes[0]
    if books:
        return (
            f"no cell of {listed(books)} is marked for a stage; "
            f"the first line of one that is reads: %%stage {first.id}"
        )
    found = listed([file.path for file in files])
    return f"there is no file of any stage, such as {first.name}.py; it holds {found}"


class _Manifest(msgspec.Struct):
    stages: dict[str, str]
    edition: str = ""
    handed: dict[str, str] = {}


def _compare_manifest(choice: Choice, files: list[File], unit: Unit) -> set[str]:
    """Note what was changed after `grader submit` packed it, and where; no verdict hears of it."""
    named = [file for file in files if file.path.rpartition("/")[2].lower() == "manifest.json"]
    for file in sorted(named, key=lambda file: file.path.count("/"))[:1]:
        try:
            manifest = msgspec.json.decode(file.read(bounds.MANIFEST_BYTES), type=_Manifest)
        except (Refused, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            choice.notes.append(f"{shown(file.path)} is not as `grader submit` writes it")
            continue
        choice.made_with = MadeWith(manifest.edition, manifest.handed)
        changed = _changed(choice.sources, manifest.stages, unit)
        if changed:
            choice.notes.append("changed after `grader submit` packed it: " + ", ".join(changed))
    return {file.path for file in named}


def _changed(sources: Mapping[str, bytes], told: Mapping[str, str], unit: Unit) -> list[str]:
    hashes = {name: hashlib.sha256(text).hexdigest() for name, text in sources.items()}
    return [
        stage.name
        for stage in unit.stages
        if stage.id in told and hashes.get(stage.name) != told[stage.id].lower()
    ]
