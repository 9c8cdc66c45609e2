"""What is generated from sources: stubs, pictures, recordings of a terminal, notebooks."""

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
        A source is missing, its marks do not match, or a picture cannot be made.
    UsageError
        What draws the pictures is not installed.
    """
    # Here and not above: the rest of this module is used everywhere.
    from grader.lesson.notebooks import notebooks
    from grader.pictures import pictures
    from grader.transcript import transcripts

    stubs = {}
    for unit in course.units:
        for stage in unit.stages:
            try:
                solution = stage.solution.read_text(encoding="utf-8")
            except OSError as error:
                raise CourseError(f"{stage.solution}: {error.strerror}") from error
            shown = stage.solution.relative_to(course.root).as_posix()
            stubs[stage.id] = make_stub(solution, stage.id, shown)
            yield stage.file, stubs[stage.id]
    yield from pictures(course)
    yield from transcripts(course, stubs)
    yield from notebooks(course, stubs)


def outdated(course: Course) -> list[Path]:
    """Return the generated files that differ from their sources."""
    return [path for path, text in generated(course) if _current(path) != text]


def build(course: Course) -> list[Path]:
    """Write what is outdated; return it."""
    written = []
    for path, text in list(generated(course)):
        if _current(path) != text:
            path.parent.mkdir(parents=True, exist_ok=True)
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

    Raises
    ------
    OSError
        It cannot be written; its name is that of `path`.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, data: bytes) -> None:
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    file = tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False)  # noqa: SIM115
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).chmod(mode)
        os.replace(file.name, path)  # Windows renames no file that is open
    except BaseException:
        Path(file.name).unlink()
        raise
