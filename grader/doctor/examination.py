"""Everything that is looked at, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Iterator

from grader.course import Course, Unit
from grader.doctor.files import course_files, namesakes, own_files
from grader.doctor.machine import notebooks, numpy, packages, python, sandbox, writing
from grader.doctor.project import read_project
from grader.errors import CourseError
from grader.findings import Finding


def examine(course: Course) -> Iterator[Finding]:
    """Look at the machine, then at the files of a course."""
    project = read_project(course.root)
    yield python(project)
    yield from packages(project)
    yield numpy(course.root)
    yield from notebooks(project)
    yield sandbox()
    units = _readable(course)
    yield from writing(course.root, [stage.folder for unit in units for stage in unit.stages])
    yield from course_files(course)
    if units:
        yield from own_files(course)
        yield from namesakes(course, project)


def _readable(course: Course) -> tuple[Unit, ...]:
    try:
        return course.units
    except CourseError:  # which of its files is to blame is told with the others
        return ()
