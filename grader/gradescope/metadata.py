"""``submission_metadata.json``: who handed in, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from grader.grades import Late, Student
from grader.late import Policy, penalty

_MOST = 16 << 20


class _User(msgspec.Struct, frozen=True):
    name: str | None = None
    email: str | None = None
    id: int | str | None = None
    sid: str | None = None


class Metadata(msgspec.Struct, frozen=True):
    """What we read of it; Gradescope writes more."""

    id: int | str | None = None
    created_at: str | None = None
    users: list[_User] = []
    assignment: dict[str, Any] = {}

    @property
    def students(self) -> tuple[Student, ...]:
        """Who handed in: several, if it was a group."""
        key = f"submission_{self.id}" if self.id is not None else "submission"
        return tuple(
            Student(key, u.name or "", u.email or "", str(u.sid or u.id or "")) for u in self.users
        ) or (Student(key),)

    def late(self, policy: Policy) -> Late | None:
        """Return the penalty: of a group the smallest, as one of them may have an extension."""
        found = [penalty(policy, student, self.created_at or "") for student in self.students]
        known = [late for late in found if late]
        return min(known, key=lambda late: late.percent) if len(known) == len(found) else None


def read_metadata(path: Path) -> tuple[Metadata, str]:
    """Return what the file says, and a note if it says nothing that can be read."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST), type=Metadata), ""
    except (OSError, msgspec.MsgspecError, RecursionError) as error:
        return Metadata(), f"who handed in, and when, is not known: {error}"
