"""The CSV that Moodle imports, into the gradebook or as an assignment's grading worksheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.grades import Grade, Standing, Student
from grader.render.feedback import feedback, mark_cell
from grader.render.people import contradiction, doubt, folded, words
from grader.render.sheet import Notes, Roster, Sheet, harmless, points_text

COLUMNS = {"email": "Email address", "id": "ID number"}
_MOST = 2000
_WORDS = ("Full name", "First name", "Last name", "Online text", "Feedback comments")


@dataclass(frozen=True)
class _Row:
    """What stays of a grade."""

    student: Student
    mark: float
    possible: int
    cell: str  # empty if nothing was graded
    feedback: str


def _row(grade: Grade, notes: Notes) -> _Row:
    # That something of ours broke is for the instructor, who sees to it before the import.
    text = "" if grade.standing is Standing.BROKEN else _cell(feedback(grade))
    cell = mark_cell(grade, notes)
    return _Row(grade.student, grade.mark, grade.possible, cell, text)


def moodle_csv(
    grades: Iterable[Grade], match: str = "email", roster: Roster | None = None
) -> Sheet:
    """Return the grades of a class as Moodle imports them.

    Parameters
    ----------
    grades : iterable of Grade
    match : str
        ``email`` or ``id``: what Moodle is to know the students by. Only a number that came
        with an e-mail address counts as an ID number.
    roster : Roster, optional
        The grading worksheet of the assignment; its columns are kept.

    Raises
    ------
    UsageError
        The roster is no grading worksheet.
    """
    notes = Notes()
    found = [_row(grade, notes) for grade in grades]
    if roster is None:
        return notes.sheet([[COLUMNS[match], "Grade", "Feedback"], *_plain(found, match, notes)])
    return notes.sheet(_worksheet(found, roster, notes))


def _cell(text: str) -> str:
    """One line that Moodle shows as it stands: its feedback is HTML, where < begins a tag."""
    text = " ".join(text.replace("<", "‹").replace(">", "›").split())
    return harmless(text if len(text) <= _MOST else text[: _MOST - 4] + " ...")


def _plain(rows: Iterable[_Row], match: str, notes: Notes) -> Iterator[list[str]]:
    taken = set[str]()
    for row in rows:
        student = row.student
        # A number that comes with an e-mail is the school's own, as Gradescope tells it. Others
        # are of a folder's name: to Moodle or Canvas they mean something else.
        own = student.id if student.email else ""
        name = student.email if match == "email" else own
        if folded(name) in taken:
            notes.missing.append(f"{student.called}: {name} has another grade already")
        elif name:
            taken.add(folded(name))
            yield [name, row.cell, row.feedback]
        elif row.cell:
            notes.missing.append(f"{student.called}: {_unknown(student, match)}")


def _unknown(student: Student, match: str) -> str:
    """Return why Moodle could not know a student, and what to do."""
    if match == "email":
        why = "no e-mail address is known"
    else:
        why = f"{student.id} is no known ID number" if student.id else "no ID number is known"
    return f"{why}; use --roster WORKSHEET"


# --- with a grading worksheet -------------------------------------------------------------
def _worksheet(rows: Sequence[_Row], roster: Roster, notes: Notes) -> list[list[str]]:
    """Return the worksheet with its grades and feedback filled in."""
    identifier, grade = roster.column("Identifier"), roster.column("Grade")
    if identifier is None or grade is None:
        raise UsageError(
            "the roster is no grading worksheet: Identifier and Grade are missing.\n"
            "In Moodle: the assignment, Submissions, Download grading worksheet, with your\n"
            "language set to English."
        )
    comments = roster.column("Feedback comments")
    if comments is None:
        notes.remarks.append("there is no column Feedback comments: switch it on in Moodle")
    finder = _Finder(roster, identifier)
    filled = [_kept(roster, row) for row in roster.rows]
    graded: set[int] = set()
    # Whom an address leads to a row comes first: a number may be that of two people.
    for row in sorted(
        (r for r in rows if r.cell), key=lambda r: finder.by_mail(r.student) is None
    ):
        place, wrong = finder.place(row.student)
        problem = wrong or _problem(roster, row, place, graded)
        if problem:
            notes.missing.append(f"{row.student.called}: {problem}")
            continue
        graded.add(place)
        filled[place][grade] = row.cell
        if comments is not None:
            filled[place][comments] = row.feedback
        if remark := doubt(row.student, finder.name(place)):
            notes.remarks.append(remark)
    told = {*graded, *(finder.place(row.student)[0] for row in rows if not row.cell)}
    without = [
        f"{row[identifier]} {finder.name(i)}".strip()
        for i, row in enumerate(roster.rows)
        if i not in told
    ]
    notes.remarks.extend(f"{name}: no grade, the row stays as it is" for name in without)
    notes.remarks.extend(_points_differ(rows, roster))
    return [list(roster.header), *filled]


def _problem(roster: Roster, row: _Row, place: int, graded: set[int]) -> str:
    """Return why a grade cannot go where it belongs, or nothing."""
    theirs = roster.rows[place]
    if place in graded:
        return f"{theirs[roster.column('Identifier') or 0]} has another grade already"
    changeable = roster.column("Grade can be changed")
    if changeable is not None and theirs[changeable].strip().casefold() == "no":
        return "Moodle says that the grade cannot be changed"
    limit = _limit(roster, theirs)
    if limit is not None and row.mark > limit:
        return f"{row.cell} points are more than Moodle's maximum grade of {points_text(limit)}"
    return ""


def _limit(roster: Roster, row: Sequence[str]) -> float | None:
    """Return what Moodle gives at most, if it says so."""
    most = roster.column("Maximum grade")
    try:
        return float(row[most].replace(",", ".")) if most is not None else None
    except ValueError:
        return None


def _points_differ(rows: Sequence[_Row], roster: Roster) -> Iterator[str]:
    """Say so when Moodle gives other points for the assignment than the course."""
    points = {row.possible for row in rows}
    for limit in dict.fromkeys(_limit(roster, row) for row in roster.rows):
        if limit is not None and len(points) == 1 and limit not in points:
            ours = points_text(points.pop())
            yield f"Moodle's maximum grade is {points_text(limit)}, the grades are out of {ours}"
            return


class _Finder:
    """Finds the rows of students, by e-mail first."""

    def __init__(self, roster: Roster, identifier: int) -> None:
        self._rows = roster.rows
        self._email, self._name = roster.column("Email address"), roster.column("Full name")
        self._numbers, self._mails = dict[str, int](), dict[str, int]()
        for i, row in enumerate(self._rows):
            self._numbers.setdefault(_digits(row[identifier]), i)
            self._mails.setdefault(self._cell(i, self._email), i)
        self._names = {words(self.name(i)) for i in range(len(self._rows))}

    def name(self, place: int) -> str:
        """Return the name in a row, empty if it is not told."""
        return "" if self._name is None else self._rows[place][self._name].strip()

    def by_mail(self, student: Student) -> int | None:
        """Return the row that has a student's e-mail, or a key that is one."""
        names = (folded(student.email), folded(student.key))
        return next((self._mails[n] for n in names if n and n in self._mails), None)

    def place(self, student: Student) -> tuple[int, str]:
        """Return the row of a student, or -1 and why there is none.

        Moodle tells a name with each number: one without is another platform's.
        """
        place = self.by_mail(student)
        if place is not None:
            return place, ""
        place = self._numbers.get(student.id) if student.id and student.name else None
        if place is None:
            return -1, "not in the worksheet"
        emails = (self._cell(place, self._email),)
        has = contradiction(student, self.name(place), emails, self._names)
        who = self.name(place) or f"participant {student.id}"
        return (
            (-1, f"not given to {who}, who has the same number, but {has}") if has else (place, "")
        )

    def _cell(self, place: int, column: int | None) -> str:
        return "" if column is None else folded(self._rows[place][column])


def _digits(text: str) -> str:
    """Return the number at the end of ``Participant 123456``."""
    found = re.search(r"\d+\s*$", text)
    return found[0].strip() if found else ""


def _kept(roster: Roster, row: Sequence[str]) -> list[str]:
    """Words are made harmless; the rest must be what Moodle wrote, or it takes no grades."""
    texts = {roster.column(name) for name in _WORDS}
    return [harmless(cell) if i in texts else cell for i, cell in enumerate(row)]
