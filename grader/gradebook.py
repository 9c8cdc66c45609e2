"""The grades of a class: one file a student, as ``grader grade`` leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from grader import results
from grader.errors import UsageError, in_words
from grader.grades import Grade, Standing, Student, from_json

RESULTS = "results"
ABOUT = "grading.json"
# Far more than any grade needs; a larger file is something else.
MAX_BYTES = 64 << 20


@dataclass(frozen=True)
class Unreadable:
    """A file that should hold a grade and does not.

    Parameters
    ----------
    path : Path
    why : str
        What is wrong with it, to follow the path and a colon.
    """

    path: Path
    why: str


class Run(msgspec.Struct, frozen=True):
    """What ``grading.json`` tells of the last run, as far as it matters to who reads grades.

    Parameters
    ----------
    gone : tuple of str
        Whose results are there although they are no longer among the submissions.
    finished : bool
        Whether all submissions were graded.
    names : dict
        By key, a digest of what the download called the student.
    """

    gone: tuple[str, ...] = ()
    finished: bool = True
    names: dict[str, str] = {}


def read_run(folder: Path) -> Run:
    """Return what is known of the last run; where nothing is, that nothing is amiss."""
    try:
        return msgspec.json.decode((folder / ABOUT).read_bytes(), type=Run)
    except (OSError, msgspec.MsgspecError):
        return Run()


def read_grades(folder: Path) -> tuple[Iterator[Grade], list[Unreadable]]:
    """Return the grades of a class in the order of their keys, and what cannot be read.

    One grade is in memory at a time, as long as the caller keeps none. The list is filled
    while the grades are read: look at it when the iterator has come to its end. Grades of
    students who are gone from the class are left out: `read_run` names them.

    Parameters
    ----------
    folder : Path
        What ``grader grade --out`` wrote: ``<folder>/results/<key>.json``.

    Raises
    ------
    UsageError
        `folder` holds no results.
    """
    where = folder / RESULTS
    if not where.is_dir():
        raise UsageError(
            f"{folder} holds no grades: there is no folder {where}.\n"
            "Name the folder that was given to: grader grade SUBMISSIONS --out"
        )
    unreadable: list[Unreadable] = []
    return _read(where, set(read_run(folder).gone), unreadable), unreadable


def _read(where: Path, gone: set[str], unreadable: list[Unreadable]) -> Iterator[Grade]:
    there = (f for f in where.iterdir() if f.suffix == ".json" and f.name[0] != ".")
    files = (file for file in there if file.stem not in gone)
    for path in sorted(files, key=lambda file: file.stem):
        try:
            grade = _grade(path)
        except OSError as error:
            unreadable.append(Unreadable(path, error.strerror or str(error)))
        except ValueError as error:
            unreadable.append(Unreadable(path, str(error)))
        else:
            yield grade


def read_one(path: Path) -> Grade:
    """Return the grade in a file, or what a report of ``grader check --json`` would be worth.

    Raises
    ------
    UsageError
        It is neither.
    """
    try:
        text = _text(path)
    except OSError as error:
        raise UsageError(in_words(error)) from error
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error
    try:
        return from_json(text)
    except ValueError as error:
        no_grade = error
    try:
        report = results.from_json(text.decode())
    except ValueError as error:
        raise UsageError(
            f"{path} is neither a grade ({no_grade})\nnor a report ({error}).\n"
            "A grade lies in the results/ of grader grade --out; a report comes from\n"
            "grader check --json."
        ) from error
    possible = sum(stage.points for stage in report.stages)
    return Grade(Student(""), Standing.GRADED, possible, report=report)


def _text(path: Path) -> bytes:
    with path.open("rb") as file:
        text = file.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES >> 20} MB, which no grade is")
    return text


def _grade(path: Path) -> Grade:
    grade = from_json(_text(path))
    if grade.student.key != path.stem:  # a copy would be a second row of the same student
        raise ValueError(f"holds the grade of {grade.student.key!r}, not of {path.stem!r}")
    return grade
