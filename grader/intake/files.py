"""The files of a hand-in, on disk: found without following links, read without waiting."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from grader.intake import bounds
from grader.intake.names import Refused, is_ignored, require_distinct, shown, tidy

# A pipe must not block the grader, a link must not lead it elsewhere.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


class File(Protocol):
    """One file of a hand-in."""

    @property
    def path(self) -> str:
        """Where it lies in the hand-in, with ``/`` between the parts."""

    def read(self, limit: int) -> bytes:
        """Return all of it, or refuse it if it has more than `limit` bytes."""

    def open(self, limit: int) -> BinaryIO:
        """Return it for reading here and there, unless it has more than `limit` bytes."""


class Place(Protocol):
    """Where (a part of) a hand-in lies."""

    def files(self, stack: ExitStack) -> list[File]:
        """Return the files there; `stack` closes what they need."""


@dataclass(frozen=True)
class DiskFile:
    """A file in a folder."""

    path: str
    place: str

    def read(self, limit: int) -> bytes:
        """Return all of it, or refuse it if it has more than `limit` bytes."""
        try:
            with self.open(limit) as file:
                content = file.read(limit + 1)
        except OSError as error:
            raise Refused(f"{shown(self.path)} cannot be read: {error.strerror}") from error
        if len(content) > limit:  # it has grown since
            raise too_large(self.path, limit)
        return content

    def open(self, limit: int) -> BinaryIO:
        """Return it for reading here and there, unless it has more than `limit` bytes."""
        try:
            descriptor = os.open(self.place, _FLAGS)
            try:
                about = os.fstat(descriptor)
                require_regular(about.st_mode, self.path)
                if about.st_size > limit:
                    raise too_large(self.path, limit)
                return os.fdopen(descriptor, "rb")
            except BaseException:
                os.close(descriptor)
                raise
        except OSError as error:
            raise Refused(f"{shown(self.path)} cannot be read: {error.strerror}") from error


def too_large(path: str, limit: int) -> Refused:
    """Return the refusal of a file that has more than `limit` bytes."""
    size = f"{limit // bounds.MB} MB" if limit >= bounds.MB else f"{limit // bounds.KB} KB"
    return Refused(f"{shown(path)} is larger than {size}")


def require_regular(mode: int, path: str) -> None:
    """Refuse what is no ordinary file."""
    if stat.S_ISLNK(mode):
        raise Refused(f"{shown(path)} is a symbolic link; hand in the file itself")
    if not stat.S_ISREG(mode):
        raise Refused(f"{shown(path)} is no ordinary file (a pipe, a socket or a device)")


@dataclass(frozen=True)
class Loose:
    """One file that a platform has put beside those of other students."""

    file: DiskFile

    def files(self, stack: ExitStack) -> list[File]:
        """Return the file, if it is one."""
        try:
            mode = os.lstat(self.file.place).st_mode
        except OSError as error:
            problem = f"{shown(self.file.path)} cannot be read: {error.strerror}"
            raise Refused(problem) from error
        require_regular(mode, self.file.path)
        tidy(self.file.path)
        return [self.file]

    def renamed(self, name: str) -> Loose:
        """Return the file under the name that its student gave to it."""
        return Loose(DiskFile(name, self.file.place))


@dataclass(frozen=True)
class Folder:
    """A student's folder."""

    place: Path

    def files(self, stack: ExitStack) -> list[File]:
        """Return the files in it and below, by name."""
        found: list[File] = []
        for file in self._walk():
            found.append(file)
            if len(found) > bounds.FILES:
                raise Refused(f"it holds more than {bounds.FILES:,} files; hand in yours alone")
        require_distinct(file.path for file in found)
        return sorted(found, key=lambda file: file.path)

    def _walk(self) -> Iterator[DiskFile]:
        waiting = [("", str(self.place))]
        folders = 0
        while waiting:
            inside, folder = waiting.pop()
            folders += 1
            if folders > bounds.FOLDERS:
                raise Refused(f"it holds more than {bounds.FOLDERS:,} folders")
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        path = inside + entry.name
                        if is_ignored(entry.name):
                            continue
                        tidy(path)
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append((f"{path}/", entry.path))
                            continue
                        require_regular(entry.stat(follow_symlinks=False).st_mode, path)
                        yield DiskFile(path, entry.path)
            except OSError as error:
                where = shown(inside) if inside else "it"
                raise Refused(f"{where} cannot be read: {error.strerror}") from error
