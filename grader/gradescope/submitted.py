"""From the files of a submission to its grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch.messages import Setup, Work
from grader.batch.station import Station, patience
from grader.course import Course, Stage, Unit
from grader.grades import Grade, Standing, Student, from_json
from grader.gradescope.settings import Settings
from grader.intake import Entry
from grader.intake.files import Folder


def grade_folder(
    course: Course, settings: Settings, folder: Path, level: str, student: Student
) -> Grade:
    """Check the files of one submission, as ``grader grade`` does.

    Parameters
    ----------
    course : Course
    settings : Settings
    folder : Path
        Where the files are.
    level : str
        The sandbox level to insist on.
    student : Student

    Raises
    ------
    GraderError
        The course is broken, or nothing can be graded on this machine.
    """
    unit, stages = course.select(settings.stages)
    possible = sum(c.points for stage in stages for c in stage.about.criteria)
    submission = Entry(student, (Folder(folder),)).read(unit, stages)
    grade = Grade(student, Standing.GRADED, possible, notes=tuple(submission.notes))
    if submission.refused:
        return replace(grade, standing=Standing.REFUSED, reason=submission.refused)
    station = Station(_setup(course, unit, stages, settings, level), patience(stages, follow=True))
    try:
        station.open()
        return from_json(station.grade(Work(grade, dict(submission.sources))).text)
    finally:
        station.close()


def _setup(
    course: Course, unit: Unit, stages: Sequence[Stage], settings: Settings, level: str
) -> Setup:
    return Setup(
        root=str(course.root),
        unit=unit.id,
        stages=tuple(stage.id for stage in stages),
        level=level,
        unsandboxed=level == "none",
        follow=settings.follow_through,
    )
