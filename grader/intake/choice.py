"""Which files of a hand-in are the answers to which stages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from grader.course import Stage, Unit
from grader.intake import bounds
from grader.intake.files import File
from grader.intake.names import Refused, listed, shown
from grader.intake.notebook import marked_cells, module_of
from grader.pristine import pristine

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


@dataclass
class Choice:
    """What was chosen from a hand-in."""

    sources: dict[str, bytes] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def choose(files: list[File], unit: Unit) -> Choice:
    """Return the text of each stage that was handed in.

    Raises
    ------
    Refused
        Two files could be meant for one stage, one is too large, or there is none at all.
    """
    choice = Choice()
    used = set[str]()
    for stage in unit.stages:
        if answer := _answer(stage, files, unit):
            path, choice.sources[stage.name] = answer
            used.add(path)
    used |= _add_notebooks(choice, files, unit)
    if not choice.sources:
        raise Refused(_nothing(files, unit))
    used |= _compare_manifest(choice, files, unit)
    missing = [stage.name for stage in unit.stages if stage.name not in choice.sources]
    if missing:
        choice.notes.append("not handed in: " + ", ".join(missing))
    if over := [file.path for file in files if file.path not in used]:
        choice.notes.append(f"passed over: {listed(over)}")
    return choice


def _answer(stage: Stage, files: list[File], unit: Unit) -> tuple[str, bytes] | None:
    """Return the file of a stage: the one at its place in the course, else by its name."""
    place = f"/stages/{unit.folder.name}/{stage.name}/{stage.name}.py".lower()
    found = [file for file in files if f"/{file.path}".lower().endswith(place)]
    if not found:
        elsewhere = re.compile(rf"(^|/)stages/(?!{re.escape(unit.folder.name.lower())}/)[^/]+/")
        base = f"{stage.name}.py".lower()
        named = (f for f in files if unnumbered(f.path)[0].rpartition("/")[2] == base)
        found = [file for file in named if not elsewhere.search(file.path.lower())]
    if len(found) > bounds.CANDIDATES:
        raise Refused(f"{listed([file.path for file in found])} could be meant for {stage.name}")
    texts = {file.path: file.read(bounds.STAGE_BYTES) for file in found}
    path = _only(texts, stage.name)
    return (path, texts[path]) if path is not None else None


def _add_notebooks(choice: Choice, files: list[File], unit: Unit) -> set[str]:
    """Take from notebooks what no file has; return the paths of those that were used."""
    books = [file for file in files if file.path.lower().endswith(".ipynb")]
    stages = {stage.name: stage for stage in unit.stages}
    if not books or not any(_is_open(choice, stage) for stage in unit.stages):
        return set()
    cells = _cells(choice, books, unit)
    used = set[str]()
    for name, found in cells.items():
        stage = stages[name]
        if not _is_open(choice, stage):
            choice.notes.append(f"{name}: the .py file counts, not {listed(list(found))}")
            used |= set(found)
            continue
        path = _only(found, name) or ""
        if name in choice.sources:
            choice.notes.append(f"{name}: the .py file is untouched; {shown(path)} counts")
        choice.sources[name] = module_of(found[path], stage)
        used.add(path)
    return used


def _is_open(choice: Choice, stage: Stage) -> bool:
    """Whether a stage has no file yet, or one that is as it was given out."""
    source = choice.sources.get(stage.name)
    return source is None or source.replace(b"\r\n", b"\n") == pristine(stage).encode()


def _cells(choice: Choice, books: list[File], unit: Unit) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return for each stage, by name, the cells for it in each notebook, by path."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    if len(books) > bounds.NOTEBOOKS:
        raise Refused(f"it holds {len(books)} notebooks, more than {bounds.NOTEBOOKS}")
    for book in books:
        try:
            cells = marked_cells(book.read(bounds.NOTEBOOK_BYTES), book.path, unit)
        except Refused as refused:
            if not choice.sources:
                raise
            choice.notes.append(str(refused))
            continue
        for name, codes in cells.items():
            found.setdefault(name, {})[book.path] = codes
    return {stage.name: found[stage.name] for stage in unit.stages if stage.name in found}


def _nothing(files: list[File], unit: Unit) -> str:
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
    if books:
        return (
            f"no cell of {listed(books)} is marked for a stage; "
            f"the first line of one that is reads: %%stage {first.id}"
        )
    found = listed([file.path for file in files])
    return f"there is no file of any stage, such as {first.name}.py; it holds {found}"


class _Manifest(msgspec.Struct):
    stages: dict[str, str]


def _compare_manifest(choice: Choice, files: list[File], unit: Unit) -> set[str]:
    """Note what was changed after `grader submit` packed it; it has no other effect."""
    named = [file for file in files if file.path.rpartition("/")[2].lower() == "manifest.json"]
    for file in sorted(named, key=lambda file: file.path.count("/"))[:1]:
        try:
            told = msgspec.json.decode(file.read(bounds.MANIFEST_BYTES), type=_Manifest).stages
        except (Refused, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            choice.notes.append(f"{shown(file.path)} is not as `grader submit` writes it")
            continue
        changed = _changed(choice.sources, told, unit)
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
