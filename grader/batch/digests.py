"""What a grade depends on: the course, and the options of a run, each as one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from grader import __version__
from grader.course import Course, Stage, Unit
from grader.kept import is_kept

COURSE = "course"
_NO_MATTER = (".md", ".ipynb", ".pyc", ".svg")
_CACHES = ("__pycache__", "right")


def course_files(course: Course, unit: Unit) -> Iterator[Path]:
    """Yield the files that a verdict on `unit` can depend on, in a fixed order.

    Left out: what students write and copies of it, lessons and their pictures, other units,
    caches.
    """
    written = {stage.file for stage in unit.stages}
    others = {other.folder for other in course.units if other is not unit}
    top = course.root / "stages"
    for path in sorted(top.rglob("*")):
        inside = path.relative_to(top).parts
        if any(part in _CACHES or part.startswith(".") for part in inside):
            continue
        if path in written or is_kept(path.name) or path.suffix in _NO_MATTER:
            continue
        if not path.is_file():
            continue
        if not any(folder in path.parents for folder in others):
            yield path


def course_digest(course: Course, unit: Unit) -> str:
    """Return a digest of the course's files for `unit`, and of the grader's version."""
    return _digest(course, course_files(course, unit))


def course_digests(course: Course, unit: Unit, stages: Sequence[Stage]) -> dict[str, str]:
    """Return a digest of what judges each of `stages` alone, and of all else as ``course``.

    With them goes what a correction of one stage leaves as it was: the verdicts on the others.
    """
    files: dict[str, list[Path]] = {COURSE: [], **{checks_of(stage.id): [] for stage in stages}}
    for path in course_files(course, unit):
        owner = next((stage for stage in unit.stages if _judges_alone(stage, path)), None)
        if owner is None:
            files[COURSE].append(path)
        elif owner in stages:
            files[checks_of(owner.id)].append(path)
    return {name: _digest(course, paths) for name, paths in files.items()}


def checks_of(stage: str) -> str:
    """Return the name of the digest of what judges a stage alone."""
    return f"checks of {stage}"


def _judges_alone(stage: Stage, path: Path) -> bool:
    """Whether a file matters to the verdicts on one stage only."""
    if stage.folder not in path.parents:
        return False
    inside = path.relative_to(stage.folder)
    return inside.parts[0] == "checks" or inside.as_posix() in ("stage.toml", "mistakes.py")


def _digest(course: Course, files: Iterable[Path]) -> str:
    digest = hashlib.sha256(f"grader {__version__}\n".encode())
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(course.root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def options_digest(options: Any) -> str:
    """Return a digest of options: any data that has a JSON form."""
    return hashlib.sha256(msgspec.json.encode(options, order="sorted")).hexdigest()
