"""Tables as CSV: quoted, and harmless when a spreadsheet opens them.

A spreadsheet runs a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end
as a formula. Where a cell holds what a student or the platform wrote in words, a name or
feedback, `harmless` puts an apostrophe before such a beginning; spreadsheets take the
cell as text then. Numbers, ids and e-mail addresses are what an import matches by, so
they stay exactly as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.errors import UsageError

# The last four are the wide forms, which some spreadsheets take for the plain ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


@dataclass(frozen=True)
class Sheet:
    """A finished table, and what a person should know about it.

    Parameters
    ----------
    text : str
        The CSV.
    missing : tuple of str
        Grades that are not in the table, with the reason: somebody has to do something.
    empty : tuple of str
        Whose cell is empty since nothing of theirs was graded, with the reason.
    remarks : tuple of str
        What is as it should be and still worth a look.
    """

    text: str
    missing: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notes:
    """What is noticed while a table is made: see `Sheet`."""

    missing: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def sheet(self, rows: Iterable[Sequence[str]]) -> Sheet:
        """Return the table with these notes."""
        found = (tuple(lines) for lines in (self.missing, self.empty, self.remarks))
        return Sheet(csv_text(rows), *found)


@dataclass(frozen=True)
class Roster:
    """A table that was exported from a learning platform.

    Parameters
    ----------
    header : tuple of str
    rows : tuple of tuple of str
        Each as long as the header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, *names: str) -> int | None:
        """Return the first column with one of these names; capitals do not matter."""
        titles = [title.strip().casefold() for title in self.header]
        found = (titles.index(name.casefold()) for name in names if name.casefold() in titles)
        return next(found, None)


def harmless(text: str) -> str:
    """Return text that no spreadsheet runs as a formula, without control characters.

    Examples
    --------
    >>> print(harmless("=SUM(A1:A9)"), harmless("Jane Doe"))
    '=SUM(A1:A9) Jane Doe
    """
    text = text.translate(_CONTROLS).encode("utf-8", "replace").decode()
    begins = text if text.startswith(_FORMULA) else text.lstrip()
    return f"'{text}" if begins.startswith(_FORMULA) else text


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8", "replace").decode()


def read_roster(text: str, name: str) -> Roster:
    """Read a table that a platform exported, with commas or semicolons.

    Parameters
    ----------
    text : str
    name : str
        What to call it in an error.

    Raises
    ------
    UsageError
        It is no table.
    """
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        table = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise UsageError(f"{name}: not a CSV file: {error}") from error
    if not table:
        raise UsageError(f"{name}: the table is empty; export it again from the platform")
    header, *rows = table
    width = len(header)
    padded = (tuple([*row, *[""] * width][:width]) for row in rows)
    return Roster(tuple(header), tuple(padded))


def points_text(points: float) -> str:
    """Return points without digits that say nothing.

    Examples
    --------
    >>> points_text(12.0), points_text(7.5)
    ('12', '7.5')
    """
    return f"{points:.2f}".rstrip("0").rstrip(".")
