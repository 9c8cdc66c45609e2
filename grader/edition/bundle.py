"""What is sealed of a stage: its solution, walk-through, mistakes and hidden checks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from grader.course import Stage, Unit
from grader.errors import CourseError
from grader.stub import clean

WALKTHROUGH = "walkthrough.md"
_PART = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(10))}


def bundle(unit: Unit, stage: Stage) -> dict[str, bytes]:
    """Return the files of a stage that a student gets with its code, by relative name.

    ``solution.py`` without its marks, ``mistakes.py``, ``hidden/test_*.py`` and, where
    they exist, ``walkthrough.md`` and the modules beside the hidden checks.

    Raises
    ------
    CourseError
        There is no solution, or a file cannot be read.
    """
    files = {"solution.py": solution_text(stage).encode()}
    for name in (WALKTHROUGH, "mistakes.py"):
        if (stage.folder / name).is_file():
            files[name] = _read(stage.folder / name)
    hidden = stage.folder / "checks" / "hidden"
    for path in sorted(hidden.glob("*.py")):
        files[f"hidden/{path.name}"] = _read(path)
    return files


def solution_text(stage: Stage) -> str:
    """Return the solution of a stage as a student reads it: without the answer's marks."""
    return clean(_text(stage.solution))


def walkthrough_text(stage: Stage) -> str | None:
    """Return the walk-through of a stage, if there is one."""
    path = stage.folder / WALKTHROUGH
    return _text(path) if path.is_file() else None


def unsafe_names(names: Iterable[str]) -> list[str]:
    """Return the names that no file below a folder may have, on any system.

    A name that leads out of the folder, that Windows cannot write, or that another of the
    names would collide with.

    Examples
    --------
    >>> unsafe_names(["hidden/test_a.py", "../../.bashrc", "/etc/passwd", "a/nul", "A", "a"])
    ['../../.bashrc', '/etc/passwd', 'a/nul', 'a']
    """
    found, seen, folders = [], set[str](), set[str]()
    for name in names:
        folded = name.casefold()
        inside = {str(p) for p in PurePosixPath(folded).parents} - {"."}
        if not _is_plain(folded) or folded in seen | folders or inside & seen:
            found.append(name)
        else:
            seen.add(folded)
            folders |= inside
    return found


def _is_plain(name: str) -> bool:
    parts = name.split("/")
    return len(name) <= 200 and all(
        _PART.fullmatch(part) and part.split(".")[0] not in _RESERVED for part in parts
    )


def _text(path: Path) -> str:
    try:
        return _read(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CourseError(f"{path}: not UTF-8 text: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from error
