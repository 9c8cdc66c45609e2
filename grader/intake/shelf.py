"""What lies side by side in the download of a class: a folder, or a zip of it."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, cast

from grader.errors import UsageError, in_words
from grader.intake import bounds
from grader.intake.archive import DAMAGED, Packed, name_of, open_zip
from grader.intake.files import DiskFile, Folder, Loose
from grader.intake.names import Refused, is_ignored, is_leftover, tidy


@dataclass(frozen=True)
class Item:
    """One file or folder of the download.

    A symbolic link is neither: `is_odd`.
    """

    name: str
    place: Folder | Loose | Packed
    is_folder: bool = False
    is_odd: bool = False


class Shelf(Protocol):
    """The items of a download, by name.

    What is hidden, as its name begins with a dot, is kept apart: it may be a student's.
    """

    items: list[Item]
    hidden: list[Item]

    def inside(self, item: Item) -> Shelf:
        """Return what lies in one of its folders."""

    def open(self, name: str) -> IO[bytes] | None:
        """Return one of its files, None if there is none."""


def open_shelf(path: Path) -> Shelf:
    """Return what lies in a folder or a zip file.

    Raises
    ------
    UsageError
        It is neither, or cannot be read.
    """
    if path.is_dir():
        return DiskShelf(path)
    if not os.path.lexists(path):
        raise UsageError(
            f"{path}:\nthere is nothing of that name. Name the download of the class."
        )
    if path.suffix.lower() != ".zip" or not path.is_file():
        raise UsageError(
            f"{path}:\nit is neither a folder nor a .zip. Name the download of the class."
        )
    try:
        archive = open_zip(cast(IO[bytes], _Reopened(path)), bounds.PACKED_DIRECTORY_BYTES)
    except OSError as error:
        raise UsageError(in_words(error)) from error
    except Refused as error:
        raise UsageError(
            f"{path} cannot be opened: {error}.\n"
            "Download it again, or unpack it yourself and name the folder."
        ) from error
    return PackedShelf(archive, [(name_of(info), info) for info in archive.infolist()])


class DiskShelf:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            with os.scandir(folder) as entries:
                found = [_item(entry) for entry in entries if not is_leftover(entry.name)]
        except OSError as error:
            raise UsageError(f"{folder} cannot be read: {error.strerror}") from error
        self.items, self.hidden = _parted_hidden(found)

    def inside(self, item: Item) -> Shelf:
        """Return what lies in one of its folders."""
        return DiskShelf(self._folder / item.name)

    def open(self, name: str) -> IO[bytes] | None:
        """Return one of its files, None if there is none."""
        if not any(i.name == name and not i.is_folder and not i.is_odd for i in self.items):
            return None
        try:
            return DiskFile(name, str(self._folder / name)).open(bounds.METADATA_BYTES)
        except Refused as refused:
            raise UsageError(f"{self._folder}: {refused}") from refused


def _item(entry: os.DirEntry[str]) -> Item:
    if entry.is_dir(follow_symlinks=False):
        return Item(entry.name, Folder(Path(entry.path)), is_folder=True)
    odd = not entry.is_file(follow_symlinks=False)
    return Item(entry.name, Loose(DiskFile(entry.name, entry.path)), is_odd=odd)


def _parted_hidden(found: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """Return the items that are seen, and the hidden ones; .. is refused where it is read."""
    items, hidden = list[Item](), list[Item]()
    for item in sorted(found, key=lambda item: item.name):
        (hidden if is_ignored(item.name) and item.name != ".." else items).append(item)
    return items, hidden


class PackedShelf:
    """A zip file as a platform packs it: the files of students, or their zips."""

    def __init__(
        self, archive: zipfile.ZipFile, members: Iterable[tuple[str, zipfile.ZipInfo]]
    ) -> None:
        self._archive = archive
        self._members: dict[str, list[tuple[str, zipfile.ZipInfo]]] = {}
        folders = set[str]()
        for name, info in members:
            top, rest = _parted(name)
            if rest != name and is_leftover(top):
                continue
            if rest or name.endswith("/"):
                folders.add(top)
            inside = self._members.setdefault(top, [])
            if len(inside) <= bounds.FILES and (rest or not name.endswith("/")):
                inside.append((rest or name, info))
        self.items, self.hidden = _parted_hidden(
            Item(top, Packed(archive, tuple(found)), top in folders, _has_link(found))
            for top, found in self._members.items()
        )

    def inside(self, item: Item) -> Shelf:
        """Return what lies in one of its folders."""
        return PackedShelf(self._archive, self._members[item.name])

    def open(self, name: str) -> IO[bytes] | None:
        """Return one of its files, None if there is none."""
        for _, info in self._members.get(name, [])[:1]:
            try:
                return self._archive.open(info)
            except DAMAGED as error:
                raise UsageError(f"{name} in the zip cannot be read: {error}") from error
        return None


def _parted(name: str) -> tuple[str, str]:
    """Return the first part of a member's name and the rest; an unsafe name keeps both."""
    name = name.removeprefix("./")
    top, _, rest = name.partition("/")
    try:
        return (tidy(top), rest) if top else ("", name)
    except Refused:
        return top, name


def _has_link(members: list[tuple[str, zipfile.ZipInfo]]) -> bool:
    return any(stat.S_ISLNK(info.external_attr >> 16) for _, info in members[:1])


class _Reopened(io.RawIOBase):
    """A file that each process opens for itself, so that a fork shares no position."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._process = 0
        self._file: IO[bytes]

    def _own(self) -> IO[bytes]:
        if self._process != os.getpid():
            self._file, self._process = self._path.open("rb"), os.getpid()
        return self._file

    def seekable(self) -> bool:
        """Say that it has positions."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position."""
        return self._own().seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._own().tell()

    def read(self, size: int | None = -1) -> bytes:
        """Read at the position."""
        return self._own().read(-1 if size is None else size)
