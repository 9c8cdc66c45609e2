"""A lesson's Markdown, cut into the parts that a notebook treats differently."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})\s*(\w*)")


@dataclass(frozen=True)
class Heading:
    """A heading: its level, its words, and its line as it stands."""

    level: int
    words: str
    text: str


@dataclass(frozen=True)
class Text:
    """Lines that stay as they are: prose, lists, tables, blocks of other languages."""

    text: str


@dataclass(frozen=True)
class Python:
    """A fenced block of Python: what stands in it, and the block as it stands."""

    body: str
    text: str


@dataclass(frozen=True)
class Comment:
    """An HTML comment that begins a line: what stands in it."""

    body: str


Part = Heading | Text | Python | Comment


def parts(markdown: str) -> Iterator[Part]:
    r"""Yield the parts of a text in order.

    Examples
    --------
    >>> list(parts("## Idea\nText.\n<!-- table -->\n"))
    [Heading(level=2, words='Idea', text='## Idea'), Text(text='Text.'), Comment(body='table')]
    """
    prose: list[str] = []
    for found in _parts(markdown.split("\n")):
        if isinstance(found, str):
            prose.append(found)
            continue
        yield from _text(prose)
        prose = []
        yield found
    yield from _text(prose)


def _text(lines: list[str]) -> Iterator[Text]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield Text(text)


def _parts(lines: list[str]) -> Iterator[Part | str]:
    """Yield the parts, and each line of prose as it is."""
    i = 0
    while i < len(lines):
        line, start = lines[i], i
        i += 1
        if fence := _FENCE.match(line):
            i = _end_of_fence(lines, i, fence[2])
            text = "\n".join(lines[start:i])
            is_python = fence[3] == "python" and not fence[1]
            # In a list a block stays where it is: taken out, it would end the list.
            yield Python("\n".join(lines[start + 1 : i - 1]), text) if is_python else text
        elif line.startswith("<!--"):
            while "-->" not in "\n".join(lines[start:i]) and i < len(lines):
                i += 1
            body, _, rest = "\n".join(lines[start:i])[4:].partition("-->")
            yield Comment(body.strip())
            yield rest
        elif heading := _HEADING.match(line):
            yield Heading(len(heading[1]), heading[2].strip(), line)
        else:
            yield line


def _end_of_fence(lines: list[str], i: int, fence: str) -> int:
    while i < len(lines) and not _closes(lines[i], fence):
        i += 1
    return min(i + 1, len(lines))


def _closes(line: str, fence: str) -> bool:
    line = line.strip()
    return line.startswith(fence) and not line.strip(fence[0])
