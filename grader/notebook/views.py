"""A function in a cell and in the student's file: which of the two views is newer."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Collection

import msgspec

from grader.pieces import excerpt, plain
from grader.splice import names_in, put


class Newer(enum.Enum):
    """Which view holds what the other lacks."""

    NEITHER = enum.auto()  # they are the same
    CELL = enum.auto()
    FILE = enum.auto()
    BOTH = enum.auto()  # a conflict: each was changed


class Synced(msgspec.Struct, frozen=True):
    """What a cell and the file held when they were last the same.

    Parameters
    ----------
    names : tuple of str
        What the cell defines: its function, and the helpers and values beside it.
    cell, file : str
        Digests of these in the cell and in the file, which may have comments of its own.
    """

    names: tuple[str, ...]
    cell: str
    file: str


def synced(name: str, cell: str, file: str) -> Synced:
    """Return what is to be remembered of two views that are the same."""
    names = _names(name, cell)
    return Synced(names, cell_digest(cell), _digest(excerpt(file, names)))


def newer(
    name: str,
    cell: str,
    file: str,
    stub: str,
    last: Synced | None,
    *,
    outdated: bool = False,
    gone: Collection[str] = (),
) -> Newer:
    r"""Decide between two views of a function.

    Parameters
    ----------
    name : str
        The function or class.
    cell, file, stub : str
        The texts: of the cell, of the whole file, and of the file as it was handed out.
    last : Synced or None
        What they held when they were last the same, if that is known.
    outdated : bool
        Whether the cell is known to hold an earlier version of the file's.
    gone : collection of str
        Names that the cell had when they were the same, and has no more.

    Examples
    --------
    >>> stub = 'def one():\n    raise NotImplementedError'
    >>> newer("one", "def one():\n    return 1", stub, stub, None)
    <Newer.CELL: 2>
    """
    names = _names(name, cell)
    if same(put(file, cell, gone), file):
        return Newer.NEITHER
    if not excerpt(file, [name]) or same(excerpt(file, names), excerpt(stub, names)):
        return Newer.CELL
    if same(excerpt(cell, names), excerpt(stub, names)):
        return Newer.FILE
    file_changed = last is None or _file_changed(cell, file, stub, names, last)
    cell_changed = not outdated and (last is None or cell_digest(cell) != last.cell)
    if file_changed and cell_changed:
        return Newer.BOTH
    return Newer.FILE if file_changed or outdated else Newer.CELL


def in_file(name: str, cell: str, file: str) -> str:
    """Return what the file has of a function and of what the cell defines beside it."""
    return excerpt(file, _names(name, cell))


def same(one: str, other: str) -> bool:
    """Whether two texts are the same code: line ends, blanks at them and a mark do not count."""
    return _bare(one) == _bare(other)


def cell_digest(cell: str) -> str:
    """Return a digest of what a cell would put into the file."""
    return _digest(excerpt(cell, names_in(cell)))


def _file_changed(cell: str, file: str, stub: str, names: Collection[str], last: Synced) -> bool:
    if _digest(excerpt(file, last.names)) != last.file:
        return True
    # What the cell defines now for the first time may stand in the file, by another cell.
    for name in set(names) - set(last.names):
        mine, there = excerpt(cell, [name]), excerpt(file, [name])
        if there and not same(mine, there) and not same(there, excerpt(stub, [name])):
            return True
    return False


def _names(name: str, cell: str) -> tuple[str, ...]:
    return tuple(sorted({name, *names_in(cell)}))


def _digest(code: str) -> str:
    return hashlib.sha256(_bare(code).encode("utf-8", "replace")).hexdigest()[:32]


def _bare(text: str) -> str:
    return "\n".join(line.rstrip() for line in plain(text).split("\n")).strip("\n")
