"""Zip files: looked into and read in memory, never unpacked.

What `zipfile` believes of an archive (sizes, types, names) is a claim and judged here.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, BinaryIO, cast

from grader.intake import bounds
from grader.intake.files import File, require_regular, too_large
from grader.intake.names import Refused, is_ignored, require_distinct, shown, tidy

_ENCRYPTED, _UTF8 = 0x1, 0x800
# What `zipfile` and its helpers raise for archives that are cut, forged or exotic.
DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Limited(io.RawIOBase):
    """A file of which no more than a bound can be read in one go.

    `zipfile` reads a table of contents in one go, as long as the archive claims it to be.
    """

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit

    def seekable(self) -> bool:
        """Say that it has positions."""
        return True

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def read(self, size: int | None = -1) -> bytes:
        """Read, but refuse to read too much."""
        wanted = self._limit + 1 if size is None or size < 0 else size
        if wanted > self._limit + 1:
            raise Refused("its table of contents is too long; hand in your own files alone")
        content = self._file.read(wanted)
        if len(content) > self._limit:
            raise Refused("its table of contents is too long; hand in your own files alone")
        return content


def open_zip(file: IO[bytes], limit: int) -> zipfile.ZipFile:
    """Return an archive whose table of contents has been read.

    Raises
    ------
    Refused
        It is no zip file, cut off, or its table of contents is longer than `limit`.
    """
    try:
        return zipfile.ZipFile(cast(IO[bytes], Limited(file, limit)))
    except UnicodeDecodeError as error:
        raise Refused("a name in it is not UTF-8") from error
    except DAMAGED as error:
        raise Refused("it is no zip file, or cut off") from error


def name_of(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; bytes that are no UTF-8 come as surrogates.

    Archives made on a Mac have UTF-8 names without the flag that says so.
    """
    if info.flag_bits & _UTF8 or info.orig_filename.isascii():
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return info.orig_filename


@dataclass(frozen=True)
class Member:
    """A file in an archive."""

    path: str
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, limit: int) -> bytes:
        """Return all of it, or refuse it if it has more than `limit` bytes."""
        if self.info.file_size > limit:
            raise too_large(self.path, limit)
        try:
            with self.archive.open(self.info) as file:
                content = file.read(limit + 1)
        except DAMAGED as error:
            raise Refused(f"{shown(self.path)} is damaged: the zip is cut or forged") from error
        if len(content) > limit or len(content) != self.info.file_size:
            raise Refused(f"{shown(self.path)} is not as long as the zip says")
        return content

    def open(self, limit: int) -> BinaryIO:
        """Return it for reading here and there, unless it has more than `limit` bytes."""
        return io.BytesIO(self.read(limit))


@dataclass(frozen=True)
class Packed:
    """Members of an archive, under the names that they have in one hand-in."""

    archive: zipfile.ZipFile
    members: tuple[tuple[str, zipfile.ZipInfo], ...]

    def files(self, stack: ExitStack) -> list[File]:
        """Return the files among them, by name.

        Raises
        ------
        Refused
            A name, a type, a size or a method of packing is not one of an honest hand-in.
        """
        if len(self.members) > bounds.FILES:
            raise Refused(
                f"it holds {len(self.members):,} files, more than {bounds.FILES:,}; "
                "hand in your own files alone"
            )
        named = [(tidy(name), info) for name, info in self.members]
        kept = [(p, info) for p, info in named if p and not is_ignored(p) and _is_file(p, info)]
        require_distinct(path for path, _ in kept)
        for path, info in kept:
            _require_honest(path, info)
        if sum(info.file_size for _, info in kept) > bounds.UNPACKED_BYTES:
            size = bounds.UNPACKED_BYTES // bounds.MB
            raise Refused(f"it would unpack to more than {size} MB; hand in your own files alone")
        found: list[File] = [Member(path, self.archive, info) for path, info in kept]
        return sorted(found, key=lambda file: file.path)

    def renamed(self, name: str) -> Packed:
        """Return its one file under the name that its student gave to it."""
        return Packed(self.archive, tuple((name, info) for _, info in self.members))


def _is_file(path: str, info: zipfile.ZipInfo) -> bool:
    """Whether a member is a file; refuse links, pipes and devices."""
    mode = info.external_attr >> 16
    if info.orig_filename.endswith(("/", "\\")) or stat.S_ISDIR(mode):
        return False
    if stat.S_IFMT(mode):
        require_regular(mode, path)
    return True


def _require_honest(path: str, info: zipfile.ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise Refused(f"{shown(path)} is locked with a password")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"{shown(path)} is packed in an unusual way; make an ordinary zip")
    if info.file_size > max(bounds.RATIO_FROM, bounds.RATIO * info.compress_size):
        raise Refused(f"{shown(path)} would unpack to {info.file_size // bounds.MB:,} MB: a bomb")


def opened(file: File, stack: ExitStack) -> list[File]:
    """Return the files in a student's zip.

    Raises
    ------
    Refused
        It is no archive of an honest hand-in, or too large.
    """
    try:
        content = stack.enter_context(file.open(bounds.ARCHIVE_BYTES))
        archive = open_zip(content, bounds.DIRECTORY_BYTES)
        # Some programs for Windows write a backslash between folders.
        members = tuple((name_of(i).replace("\\", "/"), i) for i in archive.infolist())
        return Packed(archive, members).files(stack)
    except Refused as refused:
        raise Refused(f"{shown(file.path)}: {refused}") from refused
