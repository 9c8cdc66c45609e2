"""The CSV that Canvas imports into its gradebook."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from grader.errors import UsageError
from grader.grades import Grade, Student
from grader.render.feedback import mark_cell
from grader.render.people import contradiction, doubt, folded, words
from grader.render.sheet import Notes, Roster, Sheet, harmless

HEADER: tuple[str, ...] = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_WITH_ID = re.compile(r"\S.*\((\d+)\)")


@dataclass(frozen=True)
class _Mark:
    """What stays of a grade: a class of grades does not fit into memory."""

    student: Student
    cell: str  # empty if nothing was graded
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
    marks = [_Mark(g.student, mark_cell(g, notes), g.possible) for g in grades]
    points = _possible(marks, notes)
    if roster is None:
        header, rows = HEADER, list(_plain_rows(marks, notes))
    else:
        header, rows = _roster_rows(marks, roster, assignment, notes)
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


def require_assignment(assignment: str | None, roster: Roster | None) -> str:
    """Return the title that somebody gave, or say which ones the roster has.

    Raises
    ------
    UsageError
        None was given, or it has no id.
    """
    if assignment is not None:
        require_id(assignment)
        return assignment
    titles = [title.strip() for title in roster.header] if roster else []
    known = [title for title in titles if _WITH_ID.fullmatch(title)]
    raise UsageError(
        "which assignment? Say its title, with the id. "
        + ("The roster has:" if known else "For instance:")
        + "".join(f"\n--assignment {quote(t)}" for t in known or ["Convolution (1234)"])
    )


def _possible(marks: Sequence[_Mark], notes: Notes) -> str:
    """Return what the assignment is worth: the most that any grade is out of."""
    found = sorted({mark.possible for mark in marks})
    if len(found) > 1:
        notes.remarks.append(f"not all grades are out of the same points: {found}")
    return str(found[-1]) if found else ""


def _plain_rows(marks: Iterable[_Mark], notes: Notes) -> Iterator[list[str]]:
    unknown = 0
    for mark in marks:
        student = mark.student
        if not student.id and not student.name:
            if mark.cell:
                notes.missing.append(
                    f"{student.called}: neither id nor name is known; use --roster"
                )
            continue
        # Canvas tells no name and no e-mail with its ID: a number with these is another's.
        own = "" if student.name or student.email else student.id
        unknown += not own
        yield [harmless(student.name or student.key), own, "", "", "", mark.cell]
    if unknown:
        notes.remarks.append(f"{unknown} rows have a name and no Canvas ID; better use --roster")


# --- with a roster ------------------------------------------------------------------------
def _roster_rows(
    marks: Sequence[_Mark], roster: Roster, assignment: str, notes: Notes
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the gradebook's own columns and rows, with the grades at their ends."""
    if roster.column("ID") is None or roster.column("Section") is None:
        raise UsageError(
            "the roster is no gradebook of Canvas: it has no columns ID and Section.\n"
            "In Canvas: Grades, Export, Export Entire Gradebook."
        )
    width = (roster.column("Section") or 0) + 1
    rows = [row for row in roster.rows if _is_student(roster, row)]
    cells = _matched([mark for mark in marks if mark.cell], roster, rows, notes)
    told = _matched([mark for mark in marks if not mark.cell], roster, rows, Notes())
    without = {i: _name(roster, row) for i, row in enumerate(rows) if i not in {*cells, *told}}
    notes.remarks.extend(f"{name}: no grade, the cell stays as it is" for name in without.values())
    column = _column(roster, assignment)
    words = {roster.column("Student"), roster.column("LastName"), roster.column("FirstName")}
    table = []
    for i, row in enumerate(rows):
        own = [harmless(c) if j in words else c for j, c in enumerate(row[:width])]
        stays = row[column] if column is not None and i in without else ""
        table.append([*own, cells.get(i, stays)])
    return roster.header[:width], table


def _matched(
    marks: Sequence[_Mark], roster: Roster, rows: Sequence[Sequence[str]], notes: Notes
) -> dict[int, str]:
    """Return the grade for each row that has one; the surest way of matching goes first."""
    cells: dict[int, str] = {}
    left, why = list(marks), dict[str, str]()
    everyone = {words(_name(roster, row)) for row in rows}
    for ours, titles in _WAYS:
        index = _index(rows, roster, titles)
        rest = []
        for mark in left:
            student = mark.student
            found = {row for key in ours(student) for row in index.get(key, ())}
            if ours in (_ids, _logins):
                for row in tuple(found):
                    if wrong := _wrong(student, roster, rows[row], everyone):
                        found.remove(row)
                        why[student.key] = wrong
            if len(found) != 1:
                rest.append(mark)
                continue
            (row,) = found
            taken = _name(roster, rows[row])
            if row in cells:
                notes.missing.append(f"{student.called}: {taken} has another grade already")
                continue
            cells[row] = mark.cell
            if ours is _names:
                told = filter(None, ("found by name alone", why.get(student.key)))
                notes.remarks.append(f"{student.called}: {'; '.join(told)}")
            elif remark := doubt(student, taken):
                notes.remarks.append(remark)
        left = rest
    nowhere = "not in the roster, or not only once"
    notes.missing.extend(f"{m.student.called}: {why.get(m.student.key, nowhere)}" for m in left)
    return cells


def _wrong(
    student: Student, roster: Roster, row: Sequence[str], everyone: Collection[frozenset[str]]
) -> str:
    """Return why a row is another's although its number or login is the student's."""
    places = [p for title in _LOGINS if (p := roster.column(title)) is not None]
    name = _name(roster, row)
    has = contradiction(student, name, (row[place] for place in places), everyone)
    return f"not given to {name}, who has the same number or login, but {has}" if has else ""


def _index(
    rows: Sequence[Sequence[str]], roster: Roster, titles: Sequence[str]
) -> dict[str, list[int]]:
    """Return the rows by what they have in some columns, or by their names."""
    places = [p for title in titles if (p := roster.column(title)) is not None]
    index: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        keys = {folded(row[place]) for place in places}
        for key in (keys if titles else {_sorted_words(_name(roster, row))}) - {""}:
            index.setdefault(key, []).append(i)
    return index


def _mails(student: Student) -> set[str]:
    return {folded(student.email)} - {""}


def _ids(student: Student) -> set[str]:
    return {folded(student.id)} - {""}


def _logins(student: Student) -> set[str]:
    """The e-mail's part before the @, the id, the key: each may be a school's login."""
    login = folded(student.email).partition("@")[0]
    return {login, folded(student.id), folded(student.key)} - {""}


def _names(student: Student) -> set[str]:
    return {_sorted_words(student.name)} - {""}


_LOGINS = ("SIS Login ID", "SIS User ID", "Email", "Email Address")
# What a student is known by, and the columns that may have it: none of them for the name.
_WAYS = ((_mails, _LOGINS), (_ids, ("ID",)), (_logins, _LOGINS), (_names, ()))


def _sorted_words(name: str) -> str:
    """``Doe, Jane`` and ``Jane Doe`` are one name."""
    return " ".join(sorted(folded(name).replace(",", " ").split()))


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
    column = _column(roster, assignment)
    if column is None:
        yield f"the roster has no column {assignment!r}: is the id right?"
        return
    row = next((r for r in roster.rows if "Points Possible" in r[0]), None)
    theirs = row[column].strip().replace(",", ".").removesuffix(".0") if row else ""
    if theirs and points and theirs.removesuffix(".00") != points:
        yield f"Canvas has {theirs} points for the assignment, the grades are out of {points}"


def _column(roster: Roster, assignment: str) -> int | None:
    """Return where the gradebook has the assignment: its title may have changed, its id not."""
    wanted = _WITH_ID.fullmatch(assignment.strip())
    return next(
        (
            i
            for i, title in enumerate(roster.header)
            if wanted and (has := _WITH_ID.fullmatch(title.strip())) and has[1] == wanted[1]
        ),
        None,
    )
