"""Reading a class's hand-ins, as students and learning platforms lay them out.

Everything here is untrusted: nothing is run, unpacked to disk, or followed out of its
folder, and what is read has bounds.
"""

from __future__ import annotations

from pathlib import Path

from grader.intake.layouts import Layout, Survey, survey
from grader.intake.submission import Entry, Submission

__all__ = ["Entry", "Layout", "Submission", "Survey", "find", "layout_of", "survey"]


def find(folder: Path) -> list[Entry]:
    """Return the hand-ins in a folder or a zip, one for each student, by key.

    Names and what the platform tells are looked at; `Entry.read` opens a hand-in.

    Raises
    ------
    UsageError
        There are none, or `folder` cannot be read.
    """
    return list(survey(folder).entries)


def layout_of(folder: Path) -> str:
    """Return where a download comes from: ``canvas``, ``moodle``, ``gradescope``...

    Raises
    ------
    UsageError
        As `find`.
    """
    return str(survey(folder).layout)
