"""``submission_metadata.yml`` of a Gradescope export: who handed in what, and when.

Only the few keys that are needed are read, by their exact indentation. The outputs of
submissions stand in the same file, indented further, and can not pass for them.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from grader.errors import UsageError
from grader.intake import bounds
from grader.intake.names import legible

FILE = "submission_metadata.yml"
_FOLDER = re.compile(r"([^\s#'\":&*-][^:]*):")
_KEY = re.compile(r"  :(\w+):(?: (.*))?")
_PERSON = re.compile(r"(  (?:  )?)- :(\w+):(?: (.*))?")
_MORE = re.compile(r"( +):(\w+):(?: (.*))?")
_UTC = re.compile(r"    utc: (.*)")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(Z|[+-]\d\d:?\d\d)?")


@dataclass
class Handed:
    """One submission of the export: its people, as mappings, and its time."""

    people: list[dict[str, str]] = field(default_factory=list)
    submitted: str = ""


def read_metadata(file: IO[bytes]) -> dict[str, Handed]:
    """Return what the export tells about each of its folders.

    Raises
    ------
    UsageError
        It is larger than any export.
    """
    reader = _Reader()
    for line in _lines(file):
        reader.take(line)
    return reader.found


def _lines(file: IO[bytes]) -> Iterator[str]:
    """Return the lines, of a long one the beginning."""
    size, at_start = 0, True
    while raw := file.readline(bounds.METADATA_LINE):
        size += len(raw)
        if size > bounds.METADATA_BYTES:
            raise UsageError(f"{FILE} is larger than {bounds.METADATA_BYTES // bounds.MB} MB")
        if at_start:
            yield raw.decode("utf-8", "replace").rstrip("\r\n")
        at_start = raw.endswith(b"\n")


class _Reader:
    """Goes through the lines, and knows what it is inside of."""

    def __init__(self) -> None:
        self.found: dict[str, Handed] = {}
        self._handed = Handed()
        self._key = ""
        self._indent = ""
        self._anchors: dict[str, str] = {}

    def take(self, line: str) -> None:
        """Take in one line."""
        if line and line[0] not in " -#":
            self._begin(line)
        elif match := _KEY.fullmatch(line):
            self._key, self._indent = match[1], ""
            self._scalar(match[2])
        elif self._key == "submitters":
            self._person(line)
        elif self._key == "created_at" and (match := _UTC.fullmatch(line)):
            self._handed.submitted = _instant(self._value(match[1]))

    def _begin(self, line: str) -> None:
        match = _FOLDER.fullmatch(line.rstrip())
        self._handed, self._key = Handed(), ""
        if match:
            self._handed = self.found.setdefault(match[1], self._handed)

    def _scalar(self, text: str | None) -> None:
        if self._key == "created_at" and text and not text.startswith("!"):
            self._handed.submitted = _instant(self._value(text))

    def _person(self, line: str) -> None:
        """Take in a line of the list of people, if it is one of its own and not deeper."""
        if (match := _PERSON.fullmatch(line)) and self._indent in ("", match[1]):
            self._indent = match[1]
            self._handed.people.append({match[2]: self._value(match[3] or "")})
        elif (
            (match := _MORE.fullmatch(line))
            and self._indent
            and match[1] == f"{self._indent}  "
            and self._handed.people
        ):
            self._handed.people[-1][match[2]] = self._value(match[3] or "")

    def _value(self, text: str) -> str:
        """Return a scalar: plain, quoted, or one that was named before."""
        anchor = ""
        if match := re.fullmatch(r"&(\w+) (.*)", text):
            anchor, text = match[1], match[2]
        if match := re.fullmatch(r"\*(\w+)", text):
            return self._anchors.get(match[1], "")
        value = legible(_unquoted(text))
        if anchor and len(self._anchors) < 1_000_000:
            self._anchors[anchor] = value
        return value


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(re.sub(r"\\x([0-9A-Fa-f]{2})", r"\\u00\1", text)))
        except ValueError:
            return ""
    return "" if text in ("~", "null", "[]", "{}") or text[:1] in ("!", "|", ">") else text


def _instant(text: str) -> str:
    """Return a time of the export as ISO 8601; without an offset it is UTC, as YAML has it."""
    match = _TIME.fullmatch(text)
    if not match:
        return ""
    offset = "+00:00" if match[3] in (None, "Z") else match[3]
    try:
        return datetime.datetime.fromisoformat(f"{match[1]}T{match[2]}{offset}").isoformat()
    except ValueError:
        return ""
