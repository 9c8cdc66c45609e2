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
