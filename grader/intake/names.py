"""Names that students and platforms chose: shown, judged, and made into keys."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from grader.intake import bounds

_IGNORED = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Refused(Exception):
    """Nothing of a hand-in can be read; the message says why, to a person."""


def shown(name: str) -> str:
    r"""Return a name as a message may have it: printable, quoted if odd, not too long.

    Examples
    --------
    >>> shown("a/padding.py"), shown("evil\x1b[2J.py")
    ('a/padding.py', "'evil\\x1b[2J.py'")
    """
    limit = bounds.SHOWN_CHARACTERS
    if len(name) > limit:
        name = f"{name[: limit // 2]}...{name[-limit // 3 :]}"
    return name if name.isprintable() and name == name.strip() and name else repr(name)


def listed(names: Sequence[str]) -> str:
    """Return some names for a message, and how many more there are."""
    few = ", ".join(map(shown, names[: bounds.SHOWN_NAMES]))
    more = len(names) - bounds.SHOWN_NAMES
    return f"{few} and {more:,} more" if more > 0 else few


def legible(text: str) -> str:
    """Return a text of a platform on one line, without what does not print."""
    spaced = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return spaced[: bounds.METADATA_VALUE]


def is_ignored(path: str) -> bool:
    """Whether a path is what systems and tools leave behind, or hidden."""
    return any(part.startswith(".") or part.lower() in _IGNORED for part in path.split("/"))


def tidy(path: str) -> str:
    """Return a path of an archive as a plain relative one.

    Raises
    ------
    Refused
        It leads somewhere else, or is no name that a person gives to a file.
    """
    if problem := _problem(path):
        raise Refused(f"the name {shown(path)} {problem}")
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def _problem(path: str) -> str:
    if len(path) > bounds.PATH_CHARACTERS:
        return f"is longer than {bounds.PATH_CHARACTERS} characters"
    if any("\ud800" <= c <= "\udfff" for c in path):
        return "is not UTF-8"
    if any(unicodedata.category(c) == "Cc" for c in path):
        return "has control characters"
    if "\\" in path:
        return "has a backslash"
    if path.startswith("/"):
        return "is an absolute path"
    if re.match(r"[A-Za-z]:", path):
        return "begins with a drive letter"
    if ".." in path.split("/"):
        return "leads out of the hand-in (..)"
    if path.count("/") > bounds.DEPTH:
        return f"lies more than {bounds.DEPTH} folders deep"
    return ""


def require_distinct(paths: Iterable[str]) -> None:
    """Refuse paths that are the same file on some system.

    Raises
    ------
    Refused
        Two are equal, or differ in case or in the form of their accents alone.
    """
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(unicodedata.normalize("NFC", path).casefold(), path)
        if other is not path:
            same = "twice" if other == path else f"beside {shown(other)}"
            raise Refused(f"{shown(path)} is in it {same}; it is not clear which one counts")


def key(text: str) -> str:
    """Return a name that is fit to name a file anywhere.

    Examples
    --------
    >>> key("Jörg Müller_12"), key("../../etc")
    ('Jorg_Muller_12', 'etc')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9.-]+", "_", plain).strip("._-")[:60].rstrip("._-")
    lost = [c for c in text if c.isalpha() and not unicodedata.normalize("NFKD", c)[0].isascii()]
    if slug and not lost:
        return f"_{slug}" if _RESERVED.match(slug) else slug
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{slug or 'student'}-{digest}"


def unique(keys: Iterable[str]) -> list[str]:
    """Return keys of which no two are the same, in upper case or lower: ``ann``, ``ann-2``."""
    wanted = list(keys)
    taken = {k.casefold() for k in wanted}
    seen: set[str] = set()
    found = []
    for name in wanted:
        number, free = 2, name
        while free.casefold() in seen or (number > 2 and free.casefold() in taken):
            free, number = f"{name}-{number}", number + 1
        seen.add(free.casefold())
        found.append(free)
    return found
