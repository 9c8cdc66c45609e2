"""Links of a text that moves to another folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

# What is code is no link: a fenced block, or a span between as many backticks.
_CODE = re.compile(
    r"(^[ \t]*(```+|~~~+).*?^[ \t]*\2[`~]*[ \t]*$|(`+)(?!`).*?(?<!`)\3(?!`))", re.M | re.S
)
_LINK = re.compile(
    r"(?P<before>\]\(\s*<?|^\[[^\]]+\]:\s+|\b(?:src|srcset|href)=\")(?P<target>[^\s)>\"]+)", re.M
)
_ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/#]")


def relocated(text: str, old: str, new: str, moved: Mapping[str, str]) -> str:
    r"""Return Markdown whose relative links lead to the same places from another folder.

    Parameters
    ----------
    old, new : str
        The folders, from the root of the course.
    moved : mapping
        Files in whose place others are shown, both from the root.

    Examples
    --------
    >>> relocated("![A frame](pictures/a.svg)", "stages/s1/one", "notebooks", {})
    '![A frame](../stages/s1/one/pictures/a.svg)'
    """

    def replaced(link: re.Match[str]) -> str:
        target = link["target"]
        if _ELSEWHERE.match(target):
            return link[0]
        path, mark, place = target.partition("#")
        there = posixpath.normpath(posixpath.join(old, path))
        return link["before"] + posixpath.relpath(moved.get(there, there), new) + mark + place

    found, done = [], 0
    for code in _CODE.finditer(text):
        found += [_LINK.sub(replaced, text[done : code.start()]), code[0]]
        done = code.end()
    return "".join(found) + _LINK.sub(replaced, text[done:])
