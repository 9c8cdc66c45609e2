"""The CSV that Canvas imports into its gradebook."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.grades import Grade, Student
from grader.render.feedback import is_markable
from grader.render.sheet import Notes, Roster, Sheet, harmless, points_text

HEADER: tuple[str, ...] = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_WITH_ID = re.compile(r"\S.*\((\d+)\)")


@dataclass(frozen=True)
class _Mark:
    """What stays of a grade: a class of grades does not fit into memory."""

    student: Student
    cell: str
    possible: int


def canvas_csv(grades: Iterable[Grade], assignment: str, roster: Roster | None = None) -> Sheet:
    """Return the grades of a class as Canvas imports them.

    Parameters
    ----------
    grades : iterable of Grade
    assignment : str
        The column's title, with Canvas's id: ``Convolution (1234)``.
    roster : Roster, optional
        A gradebook exported from Canvas; rows and ids are taken from it.

    Raises
    ------
    UsageError
        The title has no id, or the roster is no gradebook.
    """
    require_id(assignment)
    notes = Notes()
    marks = [
        _Mark(grade.student, points_text(grade.mark), grade.possible)
        for grade in grades
        if is_markable(grade, notes)
    ]
    points = _possible(marks, notes)
    if roster is None:
        header, rows = HEADER, list(_plain_rows(marks, notes))
    else:
        header, rows = _roster_rows(marks, roster, notes)
        notes.remarks.extend(_points_differ(roster, assignment, points))
    points_row = ["    Points Possible", *[""] * (len(header) - 1), points]
    return notes.sheet([[*header, harmless(assignment.strip())], points_row, *rows])


def require_id(assignment: str) -> None:
    """Refuse a title that Canvas would make a new assignment of.

    Raises
    ------
    UsageError
        There is no id at its end.
    """
    if not _WITH_ID.fullmatch(assignment.strip()):
        raise UsageError(
            f"the assignment {assignment!r} has no id, as in 'Convolution (1234)'.\n"
            "Canvas finds a column by the number in brackets; without it the import makes a\n"
            "new assignment. The number is the last part of the assignment's address, and\n"
            "stands in the column's title when you export the gradebook."
        )


def _possible(marks: Sequence[_Mark], notes: Notes) -> str:
    """Return what the assignment is worth: the most that any grade is out of."""
    found = sorted({mark.possible for mark in marks})
    if len(found) > 1:
        notes.remarks.append(f"not all grades are out of the same points: {found}")
    return str(found[-1]) if found else ""


def _plain_rows(marks: Iterable[_Mark], notes: Notes) -> Iterator[list[str]]:
    for mark in marks:
        student = mark.student
        if not student.id and not student.name:
            notes.missing.append(f"{student.key}: neither id nor name is known; use --roster")
            continue
        yield [harmless(student.name or student.key), student.id, "", "", "", mark.cell]


# --- with a roster ------------------------------------------------------------------------
def _roster_rows(
    marks: Sequence[_Mark], roster: Roster, notes: Notes
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the gradebook's own columns and rows, with the grades at their ends."""
    if roster.column("ID") is None or roster.column("Section") is None:
        raise UsageError(
            "the roster is no gradebook of Canvas: the columns ID and Section are missing.\n"
            "In Canvas: Grades, Export, Export Entire Gradebook."
        )
    width = (roster.column("Section") or 0) + 1
    rows = [row for row in roster.rows if _is_student(roster, row)]
    cells = _matched(marks, roster, rows, notes)
    without = [_name(roster, row) for i, row in enumerate(rows) if i not in cells]
    notes.remarks.extend(f"{name}: no grade, the cell stays empty" for name in without)
    words = {roster.column("Student"), roster.column("LastName"), roster.column("FirstName")}
    table = []
    for i, row in enumerate(rows):
        own = [harmless(c) if j in words else c for j, c in enumerate(row[:width])]
        table.append([*own, cells.get(i, "")])
    return roster.header[:width], table


def _matched(
    marks: Sequence[_Mark], roster: Roster, rows: Sequence[Sequence[str]], notes: Notes
) -> dict[int, str]:
    """Return the grade for each row that has one; the surest way of matching goes first."""
    cells: dict[int, str] = {}
    left = list(marks)
    for way, ours in enumerate((_ids, _logins, _names)):
        index = _index(rows, roster, way)
        rest = []
        for mark in left:
            found = {row for key in ours(mark.student) for row in index.get(key, ())}
            if len(found) != 1:
                rest.append(mark)
                continue
            (row,) = found
            if row in cells:
                taken = _name(roster, rows[row])
                notes.missing.append(f"{mark.student.key}: {taken} has another grade already")
                continue
            cells[row] = mark.cell
            if ours is _names:
                notes.remarks.append(f"{mark.student.key}: found by name alone")
        left = rest
    notes.missing.extend(f"{m.student.key}: not in the roster, or not only once" for m in left)
    return cells


def _index(rows: Sequence[Sequence[str]], roster: Roster, way: int) -> dict[str, list[int]]:
    """Return the rows by what they are known as: the id, the login, the name."""
    columns = (("ID",), ("SIS Login ID", "SIS User ID", "Email", "Email Address"), ())[way]
    places = [p for p in (roster.column(name) for name in columns) if p is not None]
    index: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if way < 2:
            keys = {_folded(row[place]) for place in places}
        else:
            keys = {_sorted_words(_name(roster, row))}
        for key in keys - {""}:
            index.setdefault(key, []).append(i)
    return index


def _ids(student: Student) -> set[str]:
    return {_folded(student.id)} - {""}


def _logins(student: Student) -> set[str]:
    """The e-mail, its part before the @, the id, the key: each may be a school's login."""
    email = _folded(student.email)
    return {email, email.partition("@")[0], _folded(student.id), _folded(student.key)} - {""}


def _names(student: Student) -> set[str]:
    return {_sorted_words(student.name)} - {""}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _sorted_words(name: str) -> str:
    """``Doe, Jane`` and ``Jane Doe`` are one name."""
    return " ".join(sorted(_folded(name).replace(",", " ").split()))


def _name(roster: Roster, row: Sequence[str]) -> str:
    one, last, first = (roster.column(n) for n in ("Student", "LastName", "FirstName"))
    parts = [row[i] for i in ((one,) if one is not None else (last, first)) if i is not None]
    return ", ".join(part.strip() for part in parts)


def _is_student(roster: Roster, row: Sequence[str]) -> bool:
    """Tell a student's row from those of points and of posting policies: they have no id."""
    id_column = roster.column("ID")
    return bool(id_column is not None and row[id_column].strip() and _name(roster, row))


def _points_differ(roster: Roster, assignment: str, points: str) -> Iterator[str]:
    """Say so when Canvas gives other points for the assignment than the course."""
    wanted = _WITH_ID.fullmatch(assignment.strip())
    column = next(
        (
            i
            for i, title in enumerate(roster.header)
            if wanted and (has := _WITH_ID.fullmatch(title.strip())) and has[1] == wanted[1]
        ),
        None,
    )
    if column is None:
        yield f"the roster has no column {assignment!r}: is the id right?"
        return
    row = next((r for r in roster.rows if "Points Possible" in r[0]), None)
    theirs = row[column].strip().replace(",", ".").removesuffix(".0") if row else ""
    if theirs and points and theirs.removesuffix(".00") != points:
        yield f"Canvas has {theirs} points for the assignment, the grades are out of {points}"
