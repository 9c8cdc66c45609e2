"""The CSV that Moodle imports, into the gradebook or as an assignment's grading worksheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.errors import UsageError
from grader.grades import Grade
from grader.render.feedback import feedback, is_markable
from grader.render.sheet import Notes, Roster, Sheet, harmless, points_text

COLUMNS = {"email": "Email address", "id": "ID number"}
_MOST = 2000
_WORDS = ("Full name", "First name", "Last name", "Online text", "Feedback comments")


@dataclass(frozen=True)
class _Row:
    """What stays of a grade."""

    key: str
    email: str
    id: str
    mark: float
    feedback: str

    @property
    def cell(self) -> str:
        return points_text(self.mark)


def moodle_csv(
    grades: Iterable[Grade], match: str = "email", roster: Roster | None = None
) -> Sheet:
    """Return the grades of a class as Moodle imports them.

    Parameters
    ----------
    grades : iterable of Grade
    match : str
        ``email`` or ``id``: what Moodle is to know the students by.
    roster : Roster, optional
        The grading worksheet of the assignment; its columns are kept.

    Raises
    ------
    UsageError
        The roster is no grading worksheet.
    """
    notes = Notes()
    found = [
        _Row(g.student.key, g.student.email, g.student.id, g.mark, _cell(feedback(g)))
        for g in grades
        if is_markable(g, notes)
    ]
    if roster is None:
        return notes.sheet([[COLUMNS[match], "Grade", "Feedback"], *_plain(found, match, notes)])
    return notes.sheet(_worksheet(found, roster, notes))


def _cell(text: str) -> str:
    """One line that Moodle shows as it stands: its feedback is HTML, where < begins a tag."""
    text = " ".join(text.replace("<", "‹").replace(">", "›").split())
    return harmless(text if len(text) <= _MOST else text[: _MOST - 4] + " ...")


def _plain(rows: Iterable[_Row], match: str, notes: Notes) -> Iterator[list[str]]:
    for row in rows:
        name = row.email if match == "email" else row.id
        if not name:
            other = "id" if match == "email" else "email"
            what = "e-mail address" if match == "email" else "id number"
            notes.missing.append(f"{row.key}: no {what} is known; use --match {other} or --roster")
            continue
        yield [name, row.cell, row.feedback]


# --- with a grading worksheet -------------------------------------------------------------
def _worksheet(rows: Sequence[_Row], roster: Roster, notes: Notes) -> list[list[str]]:
    """Return the worksheet with its grades and feedback filled in."""
    identifier, grade = roster.column("Identifier"), roster.column("Grade")
    if identifier is None or grade is None:
        raise UsageError(
            "the roster is no grading worksheet: the columns Identifier and Grade are missing.\n"
            "In Moodle: the assignment, Submissions, Download grading worksheet, with your\n"
            "language set to English."
        )
    comments = roster.column("Feedback comments")
    if comments is None:
        notes.remarks.append("there is no column Feedback comments: switch it on in Moodle")
    places = _places(roster, identifier)
    filled = [_kept(roster, row) for row in roster.rows]
    graded: set[int] = set()
    for row in rows:
        names = (f"#{_digits(row.id)}", row.email.casefold(), row.key.casefold())
        place = next((places[name] for name in names if name in places), None)
        problem = _problem(roster, row, place, graded)
        if place is None or problem:
            notes.missing.append(f"{row.key}: {problem}")
            continue
        graded.add(place)
        filled[place][grade] = row.cell
        if comments is not None:
            filled[place][comments] = row.feedback
    without = [row[identifier] for i, row in enumerate(roster.rows) if i not in graded]
    notes.remarks.extend(f"{name}: no grade, the row stays as it is" for name in without)
    return [list(roster.header), *filled]


def _problem(roster: Roster, row: _Row, place: int | None, graded: set[int]) -> str:
    """Return why a grade cannot go where it belongs, or nothing."""
    if place is None:
        return "not in the worksheet"
    theirs = roster.rows[place]
    if place in graded:
        return f"{theirs[roster.column('Identifier') or 0]} has another grade already"
    changeable = roster.column("Grade can be changed")
    if changeable is not None and theirs[changeable].strip().casefold() == "no":
        return "Moodle says that the grade cannot be changed"
    most = roster.column("Maximum grade")
    try:
        limit = float(theirs[most].replace(",", ".")) if most is not None else None
    except ValueError:
        limit = None
    if limit is not None and row.mark > limit:
        return f"{row.cell} points are more than Moodle's maximum grade of {points_text(limit)}"
    return ""


def _places(roster: Roster, identifier: int) -> dict[str, int]:
    """Return the rows by participant number and by e-mail; a number is written ``#123``."""
    email = roster.column("Email address")
    places: dict[str, int] = {}
    for i, row in enumerate(roster.rows):
        if digits := _digits(row[identifier]):
            places.setdefault(f"#{digits}", i)
        if email is not None and row[email].strip():
            places.setdefault(row[email].strip().casefold(), i)
    return places


def _digits(text: str) -> str:
    """Return the number at the end of ``Participant 123456``, or of the number itself."""
    found = re.search(r"\d+\s*$", text)
    return found[0].strip() if found else ""


def _kept(roster: Roster, row: Sequence[str]) -> list[str]:
    """Words are made harmless; the rest must be what Moodle wrote, or it takes no grades."""
    words = {roster.column(name) for name in _WORDS}
    return [harmless(cell) if i in words else cell for i, cell in enumerate(row)]
