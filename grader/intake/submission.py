"""One student's hand-in: where it lies, and what it holds once it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO

from grader.course import Stage, Unit
from grader.grades import Student
from grader.intake import bounds
from grader.intake.archive import opened
from grader.intake.choice import MadeWith, choose
from grader.intake.files import File, Place
from grader.intake.names import Refused, digest_of


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Parameters
    ----------
    student : Student
    sources : mapping of str to bytes
        The text of each stage that was handed in, by the stage's name: ``padding``.
    refused : str
        Why nothing of it can be read; then `sources` is empty.
    notes : tuple of str
        What a grader should know: a file that was passed over, a stage that is missing.
    submitted : str
        ISO 8601 with the offset from UTC, as the learning platform tells it; ``""`` if it
        does not.
    digest : str
        SHA-256 of what was handed in: as long as it stays the same, so does the grade.
    made_with : MadeWith
        What `grader submit` says of the edition.
    """

    student: Student
    sources: Mapping[str, bytes] = field(default_factory=dict)
    refused: str = ""
    notes: tuple[str, ...] = ()
    submitted: str = ""
    digest: str = ""
    made_with: MadeWith = field(default_factory=MadeWith)


def _digest(sources: Mapping[str, bytes], refused: str) -> str:
    total = hashlib.sha256()
    for name, text in sorted(sources.items()):
        total.update(f"{name} {len(text)}\n".encode())
        total.update(text)
    total.update(f"refused: {refused}".encode("utf-8", "backslashreplace"))
    return total.hexdigest()


@dataclass(frozen=True)
class Entry:
    """A student's hand-in that was found, and not yet read.

    Parameters
    ----------
    student : Student
    places : tuple of Place
        Where the parts of it lie.
    notes : tuple of str
        What the platform tells beside the files.
    submitted : str
        As `Submission.submitted`.
    refused : str
        Why it need not be read at all.
    origin : str
        What the download calls it; no other entry's is the same.
    """

    student: Student
    places: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    submitted: str = ""
    refused: str = ""
    origin: str = ""

    @property
    def named(self) -> str:
        """What stands for `origin` from one run to the next."""
        return digest_of(self.origin)

    def read(self, unit: Unit, graded: Collection[Stage] | None = None) -> Submission:
        """Read what was handed in for the stages of `unit`, now and into memory.

        Whatever a student did, the outcome is a submission; at worst it is refused.

        Parameters
        ----------
        unit : Unit
        graded : collection of Stage, optional
            The stages that notes are wanted about, if not all.

        Raises
        ------
        CourseError
            The course has no stub of a stage that a notebook or several files are for.
        """
        wanted = unit.stages if graded is None else graded
        sources, refused, notes, made_with = {}, self.refused, self.notes, MadeWith()
        if not refused:
            try:
                with ExitStack() as stack:
                    choice = choose(self._files(stack), unit, wanted)
                sources, notes = choice.sources, (*notes, *choice.notes)
                made_with = choice.made_with
            except Refused as problem:
                refused = str(problem)
        digest = _digest(sources, refused)
        return Submission(self.student, sources, refused, notes, self.submitted, digest, made_with)

    def _files(self, stack: ExitStack) -> list[File]:
        """Return the files of all places, with those in zips; zips in zips stay closed."""
        files = [file for place in self.places for file in place.files(stack)]
        zips = [file for file in files if file.path.lower().endswith(".zip")]
        if len(zips) > bounds.ARCHIVES:
            raise Refused(f"it holds {len(zips)} zips, more than {bounds.ARCHIVES}")
        alone = len(files) == 1
        loose = [file for file in files if file not in zips]
        for archive in zips:
            inside = opened(archive, stack)
            loose += inside if alone else [_Within(archive.path, file) for file in inside]
        return loose


@dataclass(frozen=True)
class _Within:
    """A file in a zip that lies beside other files."""

    archive: str
    file: File

    @property
    def path(self) -> str:
        return f"{self.archive}/{self.file.path}"

    def read(self, limit: int) -> bytes:
        return self.file.read(limit)

    def open(self, limit: int) -> BinaryIO:
        return self.file.open(limit)
