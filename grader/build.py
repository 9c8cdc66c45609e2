"""What is generated from sources: stubs, pictures, recordings of a terminal, notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from grader.atomic import write_atomically
from grader.course import Course
from grader.errors import CourseError
from grader.kept import keep
from grader.stub import has_work, make_stub


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
    """Write what is outdated; return it.

    Where somebody worked in the file of a stage, it is kept beside it, and returned too.
    """
    written: list[Path] = []
    students = {stage.file for unit in course.units for stage in unit.stages}
    for path, text in list(generated(course)):
        current = _current(path)
        if current == text:
            continue
        if current and path in students and has_work(current, text):
            written += filter(None, [keep(path, datetime.now())])
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
        written.append(path)
    return written


def _current(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
