"""What the coordinator and a grading process say to each other.

Both are ours and trust each other; frames are bounded all the same.
"""

from __future__ import annotations

import msgspec

from grader.grades import Grade, Standing

CAP = 64 << 20


class Setup(msgspec.Struct, tag="setup", frozen=True):
    """The first frame: what every submission is checked for, and how.

    Parameters
    ----------
    root : str
        The folder of the course.
    unit : str
        The id of the unit.
    stages : tuple of str
        The ids of the stages to check.
    level : str or None
        The sandbox level to insist on; None for the best that works.
    unsandboxed : bool
        Whether no sandbox at all will do.
    follow : bool
        Whether later stages are checked again with the reference in place of earlier ones.
    """

    root: str
    unit: str
    stages: tuple[str, ...]
    level: str | None = None
    unsandboxed: bool = False
    follow: bool = False


class Work(msgspec.Struct, tag="work", frozen=True):
    """One submission.

    Parameters
    ----------
    grade : Grade
        All that is known before the checks ran. A report in it stays, but for `only`.
    sources : dict
        By the name of a stage, the bytes of its file.
    only : tuple of str or None
        The ids of the stages to check, if not all.
    """

    grade: Grade
    sources: dict[str, bytes]
    only: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """Whose it is."""
        return self.grade.student.key


class Ready(msgspec.Struct, tag="ready", frozen=True):
    """A grading process waits for submissions, and confines them at this level."""

    level: str


class Done(msgspec.Struct, tag="done", frozen=True):
    """One submission has its grade: `text` is its JSON."""

    key: str
    standing: Standing
    text: bytes


class Fault(msgspec.Struct, tag="fault", frozen=True):
    """A grading process cannot go on; when `fatal`, none can."""

    reason: str
    fatal: bool


Order = Setup | Work
Answer = Ready | Done | Fault
