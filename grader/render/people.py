"""Whether a grade and a row of a roster are one person's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from grader.grades import Student


def folded(text: str) -> str:
    """Return a text as it is compared: capitals and blanks around it do not matter."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def words(name: str) -> frozenset[str]:
    """Return the words of a name; accents and their order do not matter.

    Examples
    --------
    >>> words("Doe, Zoë") == words("Zoe Doe")
    True
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return frozenset(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def contradiction(
    student: Student, name: str, emails: Iterable[str], names: Collection[frozenset[str]]
) -> str:
    """Return what tells that a row with the same number is another's, or nothing.

    What is not known on both sides tells nothing. One number means different things to
    different platforms, so that it may well be that of two people.

    Parameters
    ----------
    student : Student
    name : str
        As the row has it.
    emails : iterable of str
        What of the row may be an e-mail address.
    names : collection of frozenset of str
        The `words` of all names of the roster.
    """
    known = {folded(email) for email in emails if "@" in email}
    if student.email and known and folded(student.email) not in known:
        return "another e-mail address"
    mine, theirs = words(student.name), words(name)
    other = mine and theirs and (mine.isdisjoint(theirs) or (mine != theirs and mine in names))
    return "another name" if other else ""


def doubt(student: Student, name: str) -> str:
    """Return the remark that a row has another name than who gets its grade, or nothing."""
    mine, theirs = words(student.name), words(name)
    if not mine or not theirs or mine <= theirs or theirs <= mine:
        return ""
    return f"{student.key}: {student.name} is {name} in the roster; the same person?"
