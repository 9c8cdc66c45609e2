"""Names that students and platforms chose: shown, judged, and made into keys."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from grader.intake import bounds

_IGNORED = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}
# Hidden things that nobody hands in, though they lie beside hand-ins.
_TOOLS = {
    *(".ds_store", ".localized", ".directory", ".trashes", ".fseventsd", ".spotlight-v100"),
    *(".git", ".github", ".gitignore", ".gitattributes", ".ipynb_checkpoints", ".venv"),
    *(".vscode", ".idea", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
}
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


def is_leftover(name: str) -> bool:
    """Whether a name is of what systems and tools leave behind: surely no student's."""
    return name.startswith("._") or name.lower() in _IGNORED | _TOOLS


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
        return "has a backslash; rename it, or pack it again with another program"
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
    return f"{slug or 'student'}-{digest_of(text)[:8]}"


def digest_of(name: str) -> str:
    """Return what stands for a name, whatever characters it has."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()


def unique(wanted: Sequence[tuple[str, str]], known: Mapping[str, str]) -> list[str]:
    """Return keys of which no two are the same, in upper case or lower.

    Parameters
    ----------
    wanted : sequence of (str, str)
        A key, and the full name that tells it apart from equal ones. A name that is its key,
        in lower case, has it; other names of that key get a part of their digest.
    known : mapping of str to str
        By `digest_of` a full name, the key that it had before: whoever joins or leaves the
        class moves nobody's.
    """
    kept = _kept([full for _, full in wanted], known)
    held = {name.casefold() for name in kept.values()}
    counts = Counter(name.casefold() for name, _ in wanted)
    taken = held | set(counts)
    found = []
    for name, full in wanted:
        free = kept.get(full, name)
        alone = counts[name.casefold()] == 1 or full == name == name.casefold()
        if full not in kept and (name.casefold() in held or not alone):
            digest = digest_of(full)
            lengths = range(6, len(digest))
            free = next(
                f for n in lengths if (f := f"{name}-{digest[:n]}").casefold() not in taken
            )
        taken.add(free.casefold())
        found.append(free)
    return found


def _kept(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of before; of two who had the same at different times, one keeps it."""
    kept: dict[str, str] = {}
    held = set[str]()
    for full in names:
        key = known.get(digest_of(full))
        if key and key.casefold() not in held:
            kept[full] = key
            held.add(key.casefold())
    return kept
