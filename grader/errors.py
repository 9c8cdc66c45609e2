"""The errors of the grader.

::

    Exception
    ├── GraderError          a message for a person; the command ends with exit code 2
    │   ├── UsageError       wrong use: an unknown stage, a folder that is no course
    │   └── CourseError      the course itself is broken: file, key, expected form
    ├── NotRecorded          no answer was recorded for these arguments
    ├── ProtocolError        a frame that the wire does not accept
    └── StudentError         an exception of the student's code, as it crossed the wire
    BaseException
    └── Ended                the student's program is gone: too slow, crashed, cut off

`Ended` is a `BaseException`, so that neither a check's ``except Exception`` nor a
property-based search can go on with a program that no longer exists.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Frame:
    """One line of a student's traceback.

    Parameters
    ----------
    path : str
        The file, as the student knows it.
    line : int
        Counted from 1.
    function : str
        The function that the line belongs to.
    text : str
        The line itself.
    """

    path: str
    line: int
    function: str
    text: str


class GraderError(Exception):
    """A message for a person; no traceback is shown."""


class UsageError(GraderError):
    """A command was used in a way that it does not offer."""


class CourseError(GraderError):
    """A file of the course is unreadable or contradicts itself."""


class ProtocolError(Exception):
    """A frame that is too large, malformed, or not expected now."""


def in_words(error: OSError) -> str:
    """Return what the system refused as a sentence: where, why, and what to do.

    Examples
    --------
    >>> in_words(FileNotFoundError(errno.ENOENT, "No such file or directory", "times.csv"))
    'times.csv: there is no such file or folder.'
    """
    place = error.filename if isinstance(error.filename, str) else ""
    folder, name = os.path.split(place)
    if name.startswith(".new-"):  # a file that was about to be written there
        place = folder
    why = _REASONS.get(error.errno or 0) or f"{error.strerror or error}."
    if error.errno == errno.ENOTDIR and (file := _file_in(place)):
        why = f"{file} is a file, not a folder. Move it away, or use another path."
    return f"{place}: {why}" if place else why[:1].upper() + why[1:]


def _file_in(path: str) -> str:
    """Return the part of a path that is a file, empty if there is none."""
    while path and not os.path.lexists(path):
        path = os.path.dirname(path)
    return path if os.path.isfile(path) else ""


_MAY_NOT = "you may not read or write there. Change its permissions, or use a place of yours."
_FULL = "the disk is full. Free some space and run the command again; what is finished is kept."
_REASONS = {
    errno.EACCES: _MAY_NOT,
    errno.EPERM: _MAY_NOT,
    errno.EROFS: "nothing can be written to that disk. Use a place where you may write.",
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.ENOENT: "there is no such file or folder.",
    errno.ENOTDIR: "a part of that path is a file, not a folder.",
    errno.EEXIST: "there is something of that name already. Move it away, or use another path.",
    errno.EISDIR: "that is a folder, not a file.",
    errno.ENAMETOOLONG: "that name is too long for the disk.",
    errno.EMFILE: "too many files are open. Use fewer --jobs, or raise the limit: ulimit -n.",
}


class StudentError(Exception):
    """What the student's code raised.

    It is always raised as a subclass that is also the builtin type which the student's
    code raised (or the nearest builtin base of it), so ``except ValueError`` works.
    """

    kind: str = "Exception"
    phase: str = "call"
    frames: tuple[Frame, ...] = ()
    signature: str = ""
    evidence: Any = None  # what a check can add: the call that it made


class NotRecorded(LookupError):
    """The reference was asked for something that it was never asked while it was recorded."""


class Ended(BaseException):
    """The student's program has ended and can answer no more calls.

    Parameters
    ----------
    cause : str
        One sentence for the student, with the limit or the signal named.
    """

    evidence: Any = None

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause
