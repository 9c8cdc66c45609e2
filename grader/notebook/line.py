"""The first line of a cell: ``%%stage s13.padding pad2d --keep cell``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.errors import UsageError

_KEEP = re.compile(r"\s--keep[ =]\s*(\S+)")
_FORM = "%%stage s13.padding pad2d, and behind it perhaps --keep cell or --keep file"


@dataclass(frozen=True)
class Line:
    """What a cell is for.

    Parameters
    ----------
    stage : str
        As it was written.
    name : str
        The function or class.
    keep : str
        ``cell``, ``file`` or empty.
    """

    stage: str
    name: str
    keep: str = ""


def read_line(text: str) -> Line:
    """Read what stands behind ``%%stage``.

    Raises
    ------
    UsageError
        It is not of this form.

    Examples
    --------
    >>> read_line("s13.padding pad2d --keep file")
    Line(stage='s13.padding', name='pad2d', keep='file')
    """
    found = _KEEP.search(f" {text}")
    words = _KEEP.sub("", f" {text}").split()
    keep = found[1] if found else ""
    if len(words) != 2 or keep not in ("", "cell", "file") or words[1].startswith("-"):
        raise UsageError(
            f"this line is not understood: {text.strip() or 'it says nothing'}\nWrite {_FORM}."
        )
    return Line(words[0], words[1], keep)
