"""The grades of a class: one file a student, as ``grader grade`` leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.grades import Grade, from_json

RESULTS = "results"
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


def read_grades(folder: Path) -> tuple[Iterator[Grade], list[Unreadable]]:
    """Return the grades of a class in the order of their keys, and what cannot be read.

    One grade is in memory at a time, as long as the caller keeps none. The list is filled
    while the grades are read: look at it when the iterator has come to its end.

    Parameters
    ----------
    folder : Path
        What ``grader grade --out`` wrote: ``<folder>/results/<key>.json``.

    Raises
    ------
    UsageError
        `folder` holds no results.
    """
    results = folder / RESULTS
    if not results.is_dir():
        raise UsageError(
            f"{folder} holds no grades: there is no folder {results}.\n"
            "Name the folder that was given to: grader grade SUBMISSIONS --out"
        )
    unreadable: list[Unreadable] = []
    return _read(results, unreadable), unreadable


def _read(results: Path, unreadable: list[Unreadable]) -> Iterator[Grade]:
    files = (f for f in results.iterdir() if f.suffix == ".json" and f.name[0] != ".")
    for path in sorted(files, key=lambda file: file.stem):
        try:
            grade = _grade(path)
        except OSError as error:
            unreadable.append(Unreadable(path, error.strerror or str(error)))
        except ValueError as error:
            unreadable.append(Unreadable(path, str(error)))
        else:
            yield grade


def _grade(path: Path) -> Grade:
    with path.open("rb") as file:
        text = file.read(MAX_BYTES + 1)
    if len(text) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES >> 20} MB, which no grade is")
    grade = from_json(text)
    if grade.student.key != path.stem:  # a copy would be a second row of the same student
        raise ValueError(f"holds the grade of {grade.student.key!r}, not of {path.stem!r}")
    return grade
