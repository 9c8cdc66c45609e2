"""How a check failed, reduced to what tells one failure from another.

A known mistake explains a failure if it fails the same check in the same way. Both are
compared in this form, whether the mistake was tried just now or when the course was
handed out.
"""

from __future__ import annotations

import msgspec

from grader.sketch import Sketch, alike


class Failure(msgspec.Struct, frozen=True, array_like=True):
    """One failure of a check.

    Parameters
    ----------
    kind : str
        ``mismatch``, or the name of the exception that the code under test raised.
    text : str
        The sentence, or the exception's message without what differs from run to run.
    call : str
        The call that went wrong.
    index : tuple of int or None
        The first index of a difference.
    got, expected : Sketch or None
        What came, and what should have come.
    """

    kind: str
    text: str
    call: str = ""
    index: tuple[int, ...] | None = None
    got: Sketch | None = None
    expected: Sketch | None = None


def same_failure(student: Failure | None, mistaken: Failure | None) -> bool:
    """Whether two runs of one check went alike, to the last digit."""
    if student is None or mistaken is None:
        return student is mistaken
    # The sentence holds numbers to the last digit; where the values are at hand, they are
    # compared as values.
    told_alike = student.text == mistaken.text or (
        student.got is not None and mistaken.expected is not None
    )
    return (
        told_alike
        and (student.kind, student.call, student.index)
        == (mistaken.kind, mistaken.call, mistaken.index)
        and _both_alike(student.got, mistaken.got)
        and _both_alike(student.expected, mistaken.expected)
    )


def _both_alike(a: Sketch | None, b: Sketch | None) -> bool:
    if a is None or b is None:
        return a is b
    return alike(a, b)
