"""When submissions came in, from a table of the instructor's."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.grades import Student
from grader.late import instant

_WHO = ("student", "key", "email", "id")
_WHEN = ("submitted", "time", "date")


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
        self._times: dict[str, str] = {}
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                self._read(path, csv.reader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"{path} cannot be read as CSV: {error}") from error

    def of(self, student: Student) -> str:
        """Return when a student handed in; empty if the table does not say."""
        names = (student.key, student.email, student.id)
        return next(filter(None, (self._times.get(n.casefold(), "") for n in names if n)), "")

    def _read(self, path: Path, rows: Any) -> None:
        header = [name.strip().casefold() for name in next(rows, [])]
        who = next((header.index(name) for name in _WHO if name in header), None)
        when = next((header.index(name) for name in _WHEN if name in header), None)
        if who is None or when is None:
            raise UsageError(f"{path}: line 1: expected the columns student,submitted")
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            cells = [row[i].strip() if i < len(row) else "" for i in (who, when)]
            if not cells[0] or instant(cells[1]) is None:
                raise UsageError(
                    f"{path}: line {rows.line_num}: {','.join(row)!r}; expected a student and a "
                    "time with its offset from UTC, as in ada,2026-12-01T18:00:00+01:00"
                )
            self._times[cells[0].casefold()] = cells[1]
