"""Whether a secret is that of the edition which students have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from grader.atomic import write_atomically
from grader.course import Course
from grader.edition.ledger import read_ledger
from grader.edition.secret import FILE as SECRET
from grader.edition.secret import VARIABLE, Keys, Secret
from grader.errors import UsageError
from grader.lock import private_folder

FILE = Path(".grader", "built")
_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class Editions:
    """What this copy of the course knows of the editions that were made of it.

    Parameters
    ----------
    built : str
        The one that was built last; empty if none was.
    coded : tuple of str
        Those that codes were given out for, the latest last.
    """

    built: str
    coded: tuple[str, ...]

    @property
    def in_use(self) -> set[str]:
        """Those that a code may be meant for: the last built, and the last with a code."""
        return {edition for edition in (self.built, *self.coded[-1:]) if edition}


def editions_of(course: Course) -> Editions:
    """Return what is known of the editions of a course."""
    by_time = sorted(read_ledger(course.root).values(), key=lambda entry: entry.at)
    return Editions(_built(course.root), tuple(dict.fromkeys(e.edition for e in by_time)))


def note_built(root: Path, edition_id: str) -> None:
    """Remember which edition was built last."""
    private_folder(root)
    write_atomically(root / FILE, edition_id + "\n")


def require_fit(course: Course, secret: Secret, meant: str | None = None) -> Editions:
    """Refuse a secret whose codes would open nothing that students have.

    Parameters
    ----------
    meant : str, optional
        The edition that somebody names, whichever is in use.

    Raises
    ------
    UsageError
        The secret is that of another edition.
    """
    here, known = Keys(secret.value).edition_id, editions_of(course)
    wanted = {meant} if meant else known.in_use
    if not wanted or here in wanted:
        return known
    raise UsageError(
        f"the secret here is not that of your students' edition:\n"
        f"  secret:   edition {here}, from {secret.origin}\n"
        f"  students: edition {' or '.join(sorted(wanted))}, {_evidence(known, meant)}\n"
        "Its codes would open nothing that they have. Nothing was released.\n"
        f"Put the secret of {' or '.join(sorted(wanted))} into {SECRET.as_posix()} or"
        f" {VARIABLE}." + ("" if meant else f"\nIf you mean the other, name it: --edition {here}")
    )


def _evidence(known: Editions, meant: str | None) -> str:
    if meant:
        return "as --edition says"
    return "built here last" if known.built else "for which codes were given out"


def _built(root: Path) -> str:
    try:
        found = _ID.match((root / FILE).read_bytes()[:100].decode("ascii", "replace"))
    except OSError:
        return ""
    return found[0] if found else ""
