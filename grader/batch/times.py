"""When submissions came in, from a table of the instructor's."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import UsageError, in_words
from grader.grades import Student
from grader.late import instant

_WHO = ("student", "key", "email", "id")
_WHEN = ("submitted", "time", "date")


@dataclass(frozen=True)
class _Row:
    """One line of the table: whom it names, and the time, as they are written."""

    name: str
    at: str
    line: int


class Times:
    """The times of a CSV file with the columns ``student`` (key, e-mail or id) and ``submitted``.

    Parameters
    ----------
    path : Path
        The file; each time is ISO 8601 with the offset from UTC.

    Raises
    ------
    UsageError
        With the line, and the expected form.
    """

    def __init__(self, path: Path) -> None:
        self._rows: dict[str, _Row] = {}
        self._path = path
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                self._read(csv.reader(file))
        except OSError as error:
            raise UsageError(f"--times {in_words(error)}") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise UsageError(
                f"--times {path} is no CSV in UTF-8: {error}.\n"
                "Save the table as CSV (UTF-8), with the columns student,submitted."
            ) from error

    def of(self, student: Student) -> str:
        """Return when a student handed in; empty if the table does not say."""
        return next((row.at for row in self._rows_of(student)), "")

    def require_one_each(self, students: Iterable[Student]) -> None:
        """Refuse two rows that name one student, by key and by e-mail, say.

        Raises
        ------
        UsageError
            With both lines.
        """
        for student in students:
            rows = sorted(self._rows_of(student), key=lambda row: row.line)
            if len(rows) > 1:
                both = f"{rows[0].name[:40]!r} and {rows[1].name[:40]!r} name one student"
                raise self._twice(rows[0], rows[1], student.key, f"{both}.")

    def unknown(self, students: Iterable[Student]) -> list[str]:
        """Return who is in the table and none of `students`: a slip of the pen, perhaps."""
        known = {n.casefold() for s in students for n in (s.key, s.email, s.id)}
        return [row.name for name, row in self._rows.items() if name not in known]

    def _rows_of(self, student: Student) -> list[_Row]:
        names = dict.fromkeys(map(str.casefold, (student.key, student.email, student.id)))
        return [self._rows[name] for name in names if name in self._rows]

    def _twice(self, one: _Row, other: _Row, whom: str, why: str) -> UsageError:
        return UsageError(
            f"{self._path}:\nlines {one.line} and {other.line} are both for {whom[:40]!r}.\n"
            f"Leave one of them; {why}"
        )

    def _read(self, rows: Any) -> None:
        header = [name.strip().casefold() for name in next(rows, [])]
        who = next((header.index(name) for name in _WHO if name in header), None)
        when = next((header.index(name) for name in _WHEN if name in header), None)
        if who is None or when is None:
            raise UsageError(f"{self._path}: line 1: expected the columns student,submitted")
        for written in rows:
            if not any(cell.strip() for cell in written):
                continue
            cells = [written[i].strip() if i < len(written) else "" for i in (who, when)]
            if not cells[0] or instant(cells[1]) is None:
                raise UsageError(
                    f"{self._path}:\nline {rows.line_num} is {','.join(written)[:60]!r}.\n"
                    "Expected: a student and a time with its offset from UTC, as in\n"
                    "ada,2026-12-01T18:00:00+01:00"
                )
            row = _Row(cells[0], cells[1], rows.line_num)
            before = self._rows.setdefault(row.name.casefold(), row)
            if before is not row:
                raise self._twice(before, row, row.name, "capitals do not matter.")
