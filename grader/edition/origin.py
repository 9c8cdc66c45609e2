"""Which edition a submission was made with, and whether that is one of this course."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.course import Course, Stage
from grader.edition.fit import editions_of
from grader.edition.secret import FILE, VARIABLE, Keys, read_secret
from grader.errors import GraderError
from grader.pristine import pristine

_ID = re.compile(r"[0-9a-f]{8}")  # what else a manifest may say is no edition's name


@dataclass(frozen=True)
class Own:
    """What a course knows of the editions that are made of it.

    Parameters
    ----------
    ids : frozenset of str
        Their names, as far as this copy of the course can tell.
    handed : mapping of str to str
        By a stage's id, what `handed` says of it today.
    """

    ids: frozenset[str] = frozenset()
    handed: Mapping[str, str] = field(default_factory=dict)

    def notes(self, edition: str, handed: Mapping[str, str]) -> Iterator[str]:
        """Note what a submission says of its edition, if it is not as this course has it.

        Where this copy of the course, or the submission, cannot tell, there is nothing to note.
        """
        if self.ids and _ID.fullmatch(edition) and edition not in self.ids:
            known = " and ".join(sorted(self.ids))
            what = f"made with edition {edition}, of which nothing is known here; known is {known}"
            yield f"{what}. Its stubs and checks may differ from this course's"
        elif other := [name for name, now in self.handed.items() if handed.get(name, now) != now]:
            what = "the stub or the open checks differ from this course's"
            yield f"made with another build of the edition: {what} in {', '.join(other)}"


def own(course: Course, stages: Sequence[Stage]) -> Own:
    """Return what a course knows of its editions, with regard to `stages`."""
    known = set[str]()
    with contextlib.suppress(GraderError, OSError):
        editions = editions_of(course)
        known |= {editions.built, *editions.coded}
    with contextlib.suppress(GraderError, OSError):
        if VARIABLE in os.environ or os.path.lexists(course.root / FILE):
            known.add(Keys(read_secret(course.root).value).edition_id)
    today = dict[str, str]()
    with contextlib.suppress(GraderError, OSError):
        today = {stage.id: handed(stage) for stage in stages}
    return Own(frozenset(known - {""}), today)


def handed(stage: Stage) -> str:
    """Return one digest of a stage's stub and open checks, as an edition hands them out.

    Line ends do not count: git converts them on some machines.

    Raises
    ------
    CourseError
        The stub cannot be made.
    """
    digest = hashlib.sha256(pristine(stage).encode())
    for path in sorted(stage.folder.glob("checks/test_*.py")):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name} {hashlib.sha256(text).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
