"""How learning platforms lay out a class: who handed in which of the files."""

from __future__ import annotations

import enum
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import UsageError
from grader.grades import Student
from grader.intake.choice import is_other_archive
from grader.intake.files import Folder, Place
from grader.intake.gradescope import FILE, Handed, read_metadata
from grader.intake.names import key, legible, listed, shown, unique
from grader.intake.shelf import Item, PackedShelf, Shelf, open_shelf
from grader.intake.submission import Entry

# Canvas: doejane_LATE_12345_67890_padding.py, doejane_12345_text.html, anon_x7Yz1_67890_a.py
_CANVAS = re.compile(
    r"(?P<who>\w+?)(?P<late>_LATE)?_(?P<id>\d+)_(?:\d+_(?P<file>.+)|(?P<typed>(text|link)\.html))",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<who>anon_(?P<id>[A-Za-z0-9]+))"
    r"_(?:\d+_(?P<file>.+)|(?P<typed>(text|link)\.html))"
)
# Moodle: "Jane Doe_123456_assignsubmission_file_", a folder or the beginning of a file's name.
_MOODLE = re.compile(
    r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?"
)
_GRADESCOPE = re.compile(r"submission_\d+")


class Layout(enum.StrEnum):
    """Where a download comes from."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    GRADESCOPE = "gradescope"
    BY_STUDENT = "by student"  # a folder, zip or notebook each, named after the student


@dataclass(frozen=True)
class Survey:
    """What lies in the download of a class."""

    layout: Layout
    entries: tuple[Entry, ...]
    passed_over: tuple[str, ...] = ()  # files beside the hand-ins


def survey(path: Path, known: Mapping[str, str] | None = None) -> Survey:
    """Return the hand-ins in a folder or a zip, one for each student, by key.

    Names and what the platform tells are looked at, no hand-in is opened.

    Parameters
    ----------
    path : Path
    known : mapping of str to str, optional
        By `Entry.named`, the keys that students had before, and keep.

    Raises
    ------
    UsageError
        There are none, or `path` cannot be read.
    """
    shelf = _class_in(open_shelf(path))
    layout = _layout(shelf)
    found, over = _READERS[layout](shelf)
    if not found:
        hint = _single(shelf)
        raise UsageError(
            f"there are no hand-ins in {path}{f' ({listed(over)})' if over else ''}.\n{hint}"
        )
    return Survey(layout, tuple(_with_unique_keys(found, known or {})), tuple(over))


def _single(shelf: Shelf) -> str:
    if any(item.name.lower() == "stages" for item in shelf.items):
        return "It looks like one hand-in: put it into a folder that holds a folder a student."
    return (
        "Expected a folder, a zip or a notebook for each student, or what Canvas, Moodle or "
        "Gradescope lets you download."
    )


def _class_in(shelf: Shelf) -> Shelf:
    """Return a shelf, or the one folder in it if that is what holds the class.

    A folder on disk is named by the instructor, and means what it says unless a platform's
    names stand below it; a zip often has all in one folder.
    """
    if len(shelf.items) != 1 or not shelf.items[0].is_folder or _platform(shelf):
        return shelf
    inner = shelf.inside(shelf.items[0])
    names = [item.name.lower() for item in inner.items]
    one_student = "stages" in names or any(name.endswith(".py") for name in names)
    several = sum(i.is_folder or i.name.lower().endswith(".zip") for i in inner.items) > 1
    by_student = isinstance(shelf, PackedShelf) and several and not one_student
    return inner if by_student or _platform(inner) else shelf


def _platform(shelf: Shelf) -> Layout | None:
    """Return the platform that gives such names, if one does."""
    items = shelf.items
    files = [item for item in items if not item.is_folder]
    if any(item.name == FILE for item in files) or (
        items and all(i.is_folder and _GRADESCOPE.fullmatch(i.name) for i in items)
    ):
        return Layout.GRADESCOPE
    if any(_MOODLE.fullmatch(item.name) for item in items):
        return Layout.MOODLE
    if files and sum(_canvas(item.name) is not None for item in files) * 2 >= len(items):
        return Layout.CANVAS
    return None


def _layout(shelf: Shelf) -> Layout:
    return _platform(shelf) or Layout.BY_STUDENT


def _canvas(name: str) -> re.Match[str] | None:
    name = unicodedata.normalize("NFC", name)  # an accent of its own is no letter
    return _ANONYMOUS.fullmatch(name) or _CANVAS.fullmatch(name)


_Found = tuple[list[Entry], list[str]]


def _names(items: Iterable[Item]) -> list[str]:
    return [item.name for item in items]


def _from_canvas(shelf: Shelf) -> _Found:
    groups: dict[tuple[str, str], list[tuple[re.Match[str], Item]]] = {}
    over = _names(shelf.hidden)
    for item in shelf.items:
        match = None if item.is_folder else _canvas(item.name)
        if match:
            groups.setdefault((match["who"], match["id"]), []).append((match, item))
        else:
            over.append(item.name)
    return [_canvas_entry(who, number, found) for (who, number), found in groups.items()], over


def _canvas_entry(who: str, number: str, found: list[tuple[re.Match[str], Item]]) -> Entry:
    name = who if who.endswith(f"_{number}") else f"{who}_{number}"
    late = "Canvas marks it as late; when it came in is not known from its name"
    places: list[Place] = []
    for match, item in found:
        if match["file"] and not isinstance(item.place, Folder):
            places.append(item.place.renamed(match["file"]))
    return Entry(
        Student(key(name), id=number),
        tuple(places),
        (late,) if any(match["late"] for match, _ in found) else (),
        refused="" if places else "only a text or a link was handed in, no file",
        origin=name,
    )


def _from_moodle(shelf: Shelf) -> _Found:
    groups: dict[tuple[str, str], list[tuple[re.Match[str], Item]]] = {}
    over = []
    for item in [*shelf.items, *shelf.hidden]:  # a name may begin with a dot
        if match := _MOODLE.fullmatch(item.name):
            groups.setdefault((match["who"], match["id"]), []).append((match, item))
        else:
            over.append(item.name)
    return [_moodle_entry(who, number, found) for (who, number), found in groups.items()], over


def _moodle_entry(who: str, number: str, found: list[tuple[re.Match[str], Item]]) -> Entry:
    places: list[Place] = []
    typed = []
    for match, item in found:
        if match["kind"].lower() != "file":
            typed.append(match["kind"])
        elif match["file"] and not isinstance(item.place, Folder) and not item.is_folder:
            places.append(item.place.renamed(match["file"]))
        else:
            places.append(item.place)
    return Entry(
        Student(key(f"{who}_{number}"), legible(who), id=number),
        tuple(places),
        tuple(f"passed over: what was handed in as {kind}" for kind in dict.fromkeys(typed)),
        refused="" if places else "only a text was handed in, no file",
        origin=f"{who}_{number}",
    )


def _from_gradescope(shelf: Shelf) -> _Found:
    file = shelf.open(FILE)
    told: dict[str, Handed] = {}
    if file:
        with file:
            told = read_metadata(file)
    entries, over = list[Entry](), _names(shelf.hidden)
    for item in shelf.items:
        if item.name in told or _GRADESCOPE.fullmatch(item.name):
            entries += _gradescope_entries(item, told.pop(item.name, Handed()))
        elif item.name != FILE:
            over.append(item.name)
    missing = "the export tells of it, but has no folder {}"
    for name, handed in told.items():
        entries += [
            replace(entry, places=(), refused=missing.format(shown(name)))
            for entry in _gradescope_entries(Item(name, Folder(Path())), handed)
        ]
    return entries, over


def _gradescope_entries(item: Item, handed: Handed) -> Iterator[Entry]:
    """Return one entry for each who handed in together: all of them get the grade."""
    for person in handed.people or [{}]:
        name, email, number = (person.get(k, "") for k in ("name", "email", "sid"))
        others = [
            p.get("name", "") or p.get("email", "") for p in handed.people if p is not person
        ]
        login = email.partition("@")[0]
        wanted = "_".join(filter(None, (name, number or login or item.name)))
        notes = (f"handed in together with {listed(others)}",) if others else ()
        student = Student(key(wanted), name, email, number)
        origin = f"{wanted} {email} {item.name}"
        yield Entry(student, (item.place,), notes, handed.submitted, origin=origin)


def _by_student(shelf: Shelf) -> _Found:
    entries, over = list[Entry](), _names(shelf.hidden)
    stray = any(item.name.lower() == "stages" for item in shelf.items)
    for item in shelf.items:
        name = _student_name(item)
        if name is None or stray:
            over.append(item.name)
        else:
            spelt = legible(name) if key(name) != name else ""
            entries.append(Entry(Student(key(name), spelt), (item.place,), origin=item.name))
    return entries, over


def _student_name(item: Item) -> str | None:
    """Return whose item it is, None if it is no hand-in."""
    if item.is_folder or item.is_odd:
        return item.name
    lower = item.name.lower()
    if is_other_archive(lower):
        return re.sub(r"(\.tar)?\.[^.]+$", "", item.name, flags=re.IGNORECASE)
    return item.name.rpartition(".")[0] if lower.endswith((".zip", ".ipynb")) else None


def _with_unique_keys(entries: Iterable[Entry], known: Mapping[str, str]) -> list[Entry]:
    ordered = sorted(entries, key=lambda e: e.origin)
    wanted = [entry.student.key for entry in ordered]
    counts = Counter(name.casefold() for name in wanted)
    keys = unique([(entry.student.key, entry.origin) for entry in ordered], known)
    found = [
        replace(
            entry,
            student=replace(entry.student, key=mine),
            notes=(*entry.notes, *_namesakes(name, mine, counts[name.casefold()])),
        )
        for entry, name, mine in zip(ordered, wanted, keys, strict=True)
    ]
    return sorted(found, key=lambda entry: entry.student.key)


def _namesakes(wanted: str, key: str, count: int) -> Iterator[str]:
    """Note a key that is not what the student's name would make."""
    if key != wanted and count > 1:
        yield f"another hand-in has the name {wanted} as well"


_READERS = {
    Layout.CANVAS: _from_canvas,
    Layout.MOODLE: _from_moodle,
    Layout.GRADESCOPE: _from_gradescope,
    Layout.BY_STUDENT: _by_student,
}
