"""The student's file as text, and its way back to bytes."""

from __future__ import annotations

import os
import tokenize
from dataclasses import dataclass
from pathlib import Path

from grader.atomic import write_atomically
from grader.errors import GraderError
from grader.pieces import plain

_BOM = "\ufeff"


@dataclass(frozen=True)
class Source:
    """A file of Python.

    Parameters
    ----------
    path : Path
    shown : str
        Its path as a student knows it.
    data : bytes or None
        What is on disk; None if there is no file.
    text : str
        With plain line ends; of a missing file what is to take its place.
    """

    path: Path
    shown: str
    data: bytes | None
    text: str

    def bytes_of(self, text: str) -> bytes:
        """Return a text as bytes with the line ends and the mark that the file has."""
        old = (self.data or b"").decode("utf-8")
        if old.count("\r\n") * 2 > old.count("\n"):
            text = text.replace("\n", "\r\n")
        return (_BOM * old.startswith(_BOM) + text).encode("utf-8", "replace")

    def write(self, text: str) -> None:
        """Write the file anew.

        Raises
        ------
        GraderError
            It cannot be written.
        """
        try:
            if self.data is not None and not os.access(self.path, os.W_OK):
                raise PermissionError(13, "it is write-protected")
            write_atomically(self.path, self.bytes_of(text))
        except OSError as error:
            raise GraderError(
                f"{self.shown} cannot be written: {error.strerror}.\n"
                "Nothing was changed; your code is in the cell."
            ) from error

    def is_current(self) -> bool:
        """Whether the file on disk is still the one that was read."""
        try:
            return self.path.read_bytes() == self.data
        except FileNotFoundError:
            return self.data is None
        except OSError:
            return False


def read_source(path: Path, shown: str, missing: str) -> Source:
    """Read a student's file; one that is missing begins as `missing`.

    Raises
    ------
    GraderError
        It is no file, cannot be read, or is no text in UTF-8.
    """
    if path.exists() and not path.is_file():
        raise GraderError(f"{shown} is no ordinary file; put your answers into one.")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Source(path, shown, None, missing)
    except OSError as error:
        raise GraderError(f"{shown} cannot be read: {error.strerror}.") from error
    try:
        encoding, _ = tokenize.detect_encoding(iter(data.splitlines(keepends=True)).__next__)
        if encoding not in ("utf-8", "utf-8-sig"):
            raise GraderError(f"{shown} is written in {encoding}; save it in UTF-8.")
        return Source(path, shown, data, plain(data.decode("utf-8")))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise GraderError(f"{shown} is no text in UTF-8: {error}. Save it in UTF-8.") from error
