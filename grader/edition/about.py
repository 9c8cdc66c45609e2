"""What an edition says of itself: ``edition/edition.json``, and the sealed files beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from grader.atomic import write_atomically
from grader.course import EDITION, Course
from grader.edition.sealed import MOST_BYTES
from grader.errors import CourseError, UsageError

FILE = EDITION
SEALED = "sealed.bin"
OPENED = "opened.json"
VERSION = 1
_MOST_BYTES = 2**20


class About(msgspec.Struct, frozen=True):
    """What every reader of an edition needs; the file may say more."""

    version: int
    edition: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}$")]
    open: bool = False  # whether nothing of it is sealed
    # The SHA-256 of each file as it was handed out, without the students' own.
    files: dict[str, str] = {}
    # By a stage's id, which stub and which open checks it was handed out with.
    handed: dict[str, str] = {}


def is_authors(course: Course) -> bool:
    """Whether a course is the author's own, in which everything lies open.

    Of a student's edition something is left, whatever was deleted: see `Unit.is_edition`.
    """
    return not ((course.root / FILE).exists() or any(unit.is_edition for unit in course.units))


def require_author(course: Course) -> None:
    """Refuse a student's edition.

    Raises
    ------
    UsageError
        It has neither solutions nor hidden checks to work with.
    """
    if not is_authors(course):
        raise UsageError(
            "this is a student's edition, and the command needs the author's course.\n"
            "What your instructor has released opens with: grader unlock STAGE CODE"
        )


def edition_of(course: Course) -> About | None:
    """Return which edition a course is; None for the author's own.

    Raises
    ------
    CourseError
        It does not say which one: the file is missing or damaged.
    UsageError
        The file is of a newer version.
    """
    if is_authors(course):
        return None
    name = FILE.as_posix()
    try:
        with (course.root / FILE).open("rb") as file:
            about = msgspec.json.decode(file.read(_MOST_BYTES), type=About)
    except FileNotFoundError:
        raise CourseError(
            f"{name} is missing: this copy of the course is incomplete.\n{restore()}"
        ) from None
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise CourseError(f"{name}: cannot be read: {error}.\n{restore()}") from error
    if about.version > VERSION:
        raise UsageError(
            f"{name}: version {about.version}, and this grader reads up to {VERSION}.\n"
            "Get a newer grader."
        )
    return about


def restore(count: int = 1) -> str:
    """Return how to have so many files of an edition as they were handed out."""
    files = "this file" if count == 1 else "these files"
    return f"Get the course again into another folder, and copy {files} from there."


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


def changed_files(course: Course) -> list[str]:
    """Return the files of an edition that are not as they were handed out, or not there.

    The students' own files are not among those that it looks at.

    Raises
    ------
    CourseError, UsageError
        See `edition_of`.
    """
    about = edition_of(course)
    return differing(course.root, about.files if about else {})


def missing(root: Path, names: Iterable[str]) -> list[str]:
    """Return those of some files that are not there."""
    return [name for name in names if not (root / name).is_file()]


def differing(root: Path, digests: Mapping[str, str]) -> list[str]:
    """Return the files whose SHA-256 is another, or that are not there.

    Line ends do not count: git converts them on some machines.
    """
    return [name for name, digest in digests.items() if not _has(root / name, digest)]


def note_opened(root: Path, stage_id: str, files: Mapping[str, bytes]) -> None:
    """Remember the digests of what a code has opened, by the names of the files."""
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    path = sealed_file(root, stage_id).with_name(OPENED)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(digests), indent=1) + b"\n")


def opened_files(root: Path) -> dict[str, str]:
    """Return the digests of all that codes have opened; what is damaged says nothing."""
    found: dict[str, str] = {}
    for path in sorted(root.glob(f"edition/*/{OPENED}")):
        try:
            found |= msgspec.json.decode(path.read_bytes()[:_MOST_BYTES], type=dict[str, str])
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
            continue
    return found


def _has(path: Path, digest: str) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    if hashlib.sha256(data).hexdigest() == digest:
        return True
    return hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest() == digest
