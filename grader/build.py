"""What is generated from sources: the stubs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.course import Course
from grader.errors import CourseError
from grader.stub import make_stub


def generated(course: Course) -> Iterator[tuple[Path, str]]:
    """Return every generated file with the text that it should have.

    Raises
    ------
    CourseError
        A source is missing or its marks do not match.
    """
    for unit in course.units:
        for stage in unit.stages:
            try:
                solution = stage.solution.read_text(encoding="utf-8")
            except OSError as error:
                raise CourseError(f"{stage.solution}: {error.strerror}") from error
            shown = stage.solution.relative_to(course.root).as_posix()
            yield stage.file, make_stub(solution, stage.id, shown)


def outdated(course: Course) -> list[Path]:
    """Return the generated files that differ from their sources."""
    return [path for path, text in generated(course) if _current(path) != text]


def build(course: Course) -> list[Path]:
    """Write what is outdated; return it."""
    written = []
    for path, text in list(generated(course)):
        if _current(path) != text:
            write_atomically(path, text)
            written.append(path)
    return written


def _current(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write a file so that a reader sees the old text or the new, never a part.

    Where a symbolic link points is what is written; a pipe or a device is written to.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path = path.resolve()
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(0o644)
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink()
            raise
