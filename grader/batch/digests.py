"""What a grade depends on: the course, and the options of a run, each as one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from grader import __version__
from grader.course import Course, Unit

_NO_MATTER = (".md", ".ipynb", ".pyc")
_CACHES = ("__pycache__", "right")


def course_files(course: Course, unit: Unit) -> Iterator[Path]:
    """Yield the files that a verdict on `unit` can depend on, in a fixed order.

    Left out: what students write, lessons, other units, caches.
    """
    written = {stage.file for stage in unit.stages}
    others = {other.folder for other in course.units if other is not unit}
    top = course.root / "stages"
    for path in sorted(top.rglob("*")):
        inside = path.relative_to(top).parts
        if any(part in _CACHES or part.startswith(".") for part in inside):
            continue
        if path in written or path.suffix in _NO_MATTER or not path.is_file():
            continue
        if not any(folder in path.parents for folder in others):
            yield path


def course_digest(course: Course, unit: Unit) -> str:
    """Return a digest of the course's files for `unit`, and of the grader's version."""
    digest = hashlib.sha256(f"grader {__version__}\n".encode())
    for path in course_files(course, unit):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(course.root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def options_digest(options: Any) -> str:
    """Return a digest of options: any data that has a JSON form."""
    return hashlib.sha256(msgspec.json.encode(options, order="sorted")).hexdigest()
