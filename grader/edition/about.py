"""What an edition says of itself: ``edition/edition.json``, and the sealed files beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec

from grader.edition.sealed import MOST_BYTES
from grader.errors import CourseError, UsageError

FILE = Path("edition", "edition.json")
SEALED = "sealed.bin"
VERSION = 1
_MOST_BYTES = 2**20


class About(msgspec.Struct, frozen=True):
    """What every reader of an edition needs; the file may say more."""

    version: int
    edition: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}$")]
    # The SHA-256 of each file as it was handed out, without the students' own.
    files: dict[str, str] = {}


def read_about(root: Path) -> About | None:
    """Return what the edition in this folder is; None for the author's own.

    Raises
    ------
    CourseError
        The file is damaged.
    UsageError
        It is of a newer version.
    """
    path = root / FILE
    try:
        with path.open("rb") as file:
            about = msgspec.json.decode(file.read(_MOST_BYTES), type=About)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CourseError(f"{path}: cannot be read: {error}\nGet the course again.") from error
    if about.version > VERSION:
        raise UsageError(
            f"{path}: version {about.version}, and this grader reads up to {VERSION}.\n"
            "Get a newer grader."
        )
    return about


def sealed_file(root: Path, stage_id: str) -> Path:
    """Return where the sealed file of a stage lies."""
    return root / "edition" / stage_id / SEALED


def read_sealed(path: Path) -> bytes:
    """Return a sealed file.

    Raises
    ------
    UsageError
        It is missing, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        what = "the sealed file is missing"
    except OSError as error:
        what = f"the sealed file cannot be read: {error.strerror}"
    raise UsageError(
        f"{path}: {what}.\nGet the course again from where it came from. Nothing was written."
    )


def changed_files(root: Path) -> list[str]:
    """Return the files of an edition that are not as they were handed out.

    The students' own files are not among those that it looks at.

    Raises
    ------
    CourseError
        The list of files is damaged.
    """
    about = read_about(root)
    listed = about.files if about else {}
    return [name for name, digest in listed.items() if _digest(root / name) != digest]


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
