"""From the files of a submission to its grade."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from grader.batch.messages import Setup, Work
from grader.batch.station import Station, patience
from grader.course import Course, Stage, Unit
from grader.grades import Grade, Standing, Student, from_json
from grader.gradescope.settings import Settings
from grader.runner import MAX_SOURCE

_MOST_FILES = 2_000


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
    sources, notes = find_sources(folder, unit.stages)
    grade = Grade(student, Standing.GRADED, possible, notes=notes)
    if not sources:
        names = ", ".join(stage.file.name for stage in stages)
        reason = f"none of these files is in it: {names}"
        return replace(grade, standing=Standing.REFUSED, reason=reason)
    station = Station(_setup(course, unit, stages, settings, level), patience(stages, follow=True))
    try:
        station.open()
        return from_json(station.grade(Work(grade, sources)).text)
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


def find_sources(
    folder: Path, stages: Sequence[Stage]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return what was handed in for each stage, by its name, and what is to be said of it."""
    wanted = {stage.file.name: stage.name for stage in stages}
    found: dict[str, bytes] = {}
    notes = []
    for path in _files(folder):
        name = wanted.get(path.name)
        shown = path.relative_to(folder).as_posix()
        if name is None:
            continue
        if name in found:
            notes.append(f"{shown} was passed over: there is another file of that name")
            continue
        with path.open("rb") as file:
            code = file.read(MAX_SOURCE + 1)
        if len(code) > MAX_SOURCE:
            notes.append(f"{shown} was passed over: it is larger than 1 MB")
            continue
        found[name] = code
    return found, tuple(notes)


def _files(folder: Path) -> list[Path]:
    """Return the ordinary files of a submission, the least deep first; links are not followed."""
    found: list[Path] = []
    for parent, folders, files in os.walk(folder):
        folders.sort()
        paths = (Path(parent, file) for file in sorted(files))
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
        if len(found) > _MOST_FILES:
            break
    return sorted(found, key=lambda path: (len(path.parts), str(path)))
