"""What was released and what is going to be: ``.grader/releases.json``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from grader.atomic import write_atomically
from grader.errors import UsageError
from grader.lock import private_folder

FILE = Path(".grader", "releases.json")
VERSION = 1
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stage: when it was published, or when it is going to be.

    ``edition`` is that of the secret at that time: a code from another secret would open
    nothing that the class has.
    """

    at: _Moment
    edition: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}$")]
    published: bool = False
    zone: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    releases: dict[str, Entry]


class _AnyVersion(msgspec.Struct, frozen=True):
    version: int


def read_ledger(root: Path) -> dict[str, Entry]:
    """Return the entry of each stage that has one.

    Raises
    ------
    UsageError
        The file is damaged, and a copy of it was made; or it is of a newer version.
    """
    path = root / FILE
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    try:
        version = msgspec.json.decode(data, type=_AnyVersion).version
        if version == VERSION:
            return msgspec.json.decode(data, type=_File).releases
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UsageError(_damaged(path, data, error)) from error
    raise UsageError(
        f"{path}: version {version}, and this grader reads {VERSION}.\n"
        "Use the grader that wrote it, or a newer one."
    )


def write_ledger(root: Path, entries: Mapping[str, Entry]) -> None:
    """Replace the file. To be called under the lock, after `read_ledger`."""
    private_folder(root)
    tree = msgspec.json.encode(_File(VERSION, dict(sorted(entries.items()))))
    write_atomically(root / FILE, msgspec.json.format(tree, indent=2) + b"\n")


def _damaged(path: Path, data: bytes, error: Exception) -> str:
    # Named by what is in it: running into the same damage twice makes one copy.
    copy = path.with_name(f"releases.damaged-{hashlib.sha256(data).hexdigest()[:8]}.json")
    write_atomically(copy, data)
    return (
        f"{path} is damaged: {error}\n"
        f"A copy is kept as {copy.name}. Mend the file, or remove it and schedule anew:\n"
        "what was published is still in solutions/, and codes come from the secret alone."
    )
