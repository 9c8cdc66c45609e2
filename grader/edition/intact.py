"""Whether what judges in a student's edition is as it was handed out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.course import Course, Stage, Unit
from grader.edition.about import (
    differing,
    edition_of,
    is_authors,
    missing,
    opened_files,
    restore,
    sealed_file,
)
from grader.errors import CourseError

_LESSON = {".md", ".svg", ".png", ".ipynb"}
_MOST_NAMES = 3


@dataclass(frozen=True)
class Intact:
    """What was found.

    Parameters
    ----------
    lost : dict of str to str
        For each stage that cannot be judged, by its id, why not.
    notes : tuple of str
        What else a reader of the verdicts should know.
    """

    lost: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def examine(course: Course, unit: Unit) -> Intact:
    """Compare what judges a unit with the digests that came with it.

    The author's edition has no digests: its files change every day.

    Notes
    -----
    Reads the recordings, the checks and the grader: 5 MB, in about 20 ms.
    """
    if is_authors(course):
        return Intact()
    digests, notes = _digests(course)
    judges = {name: d for name, d in digests.items() if _is_judge(course, unit, name)}
    changed = set(differing(course.root, judges))
    blamed = {stage.id: _blamed(course, unit, stage, digests, changed) for stage in unit.stages}
    others = changed.difference(*blamed.values())
    if others:
        notes.append(
            f"Changed or missing since the course was handed out: {_listed(others)}. Your "
            "instructor's grader has the original, and may say otherwise. "
            f"{restore(len(others))}"
        )
    strange = {_name(course, s.solution) for s in unit.stages if s.solution.is_file()} - {*digests}
    if strange and not notes:
        notes.append(f"{_listed(strange)}: no code has opened it here, so it may be any solution.")
    return Intact(
        {name: _why(course, unit, found) for name, found in blamed.items() if found}, tuple(notes)
    )


def _digests(course: Course) -> tuple[dict[str, str], list[str]]:
    """Return the known digest of each file, and what to say if those of the course are gone."""
    opened = {
        name: digest
        for name, digest in opened_files(course.root).items()
        if (course.root / name).parent.is_dir()  # who removes a solution wants to be without
    }
    try:
        about = edition_of(course)
    except CourseError as error:
        unknown = "Until then nobody can tell whether checks and answers are as handed out."
        return opened, [f"{' '.join(str(error).split())} {unknown}"]
    return (about.files if about else {}) | opened, []


def _is_judge(course: Course, unit: Unit, name: str) -> bool:
    """Whether a verdict on the unit depends on a file."""
    top, _, rest = name.partition("/")
    first, *inner = rest.split("/")
    if PurePosixPath(name).suffix in _LESSON:
        return False
    if top != "stages" or first not in {each.folder.name for each in course.units}:
        return top in ("grader", "edition", "solutions", "stages")
    own = first == unit.folder.name
    return own and (len(inner) == 1 or inner[0] in {stage.name for stage in unit.stages})


def _blamed(
    course: Course,
    unit: Unit,
    stage: Stage,
    digests: Collection[str],
    changed: Collection[str],
) -> set[str]:
    """Return the files that say what is right in a stage, and are not as they should be."""
    chain = (*stage.needed, stage)
    answers = (_answers(course, unit, each, digests) for each in chain if each.is_sealed)
    issued = {stage.stub, *answers}
    opened = {p for each in chain if not each.is_sealed for p in (each.solution, each.mistakes)}
    given = {p for name in changed if (p := course.root / name).parent == unit.folder}
    modules = {path for path in given if path.suffix == ".py"}
    lost = {_name(course, path) for path in issued if not path.is_file()}
    checks = {n for n in changed if (course.root / n).parent == stage.folder / "checks"}
    lost |= {*missing(course.root, checks)}  # nobody knows which criteria they were for
    return lost | {_name(course, path) for path in issued | opened | modules}.intersection(changed)


def _answers(course: Course, unit: Unit, stage: Stage, digests: Collection[str]) -> Path:
    """Return what an edition judges a stage by without a code: in an open one, the solution."""
    recording, solution = unit.recordings()[stage.id], stage.released / "solution.py"
    was_open = _name(course, recording) not in digests and _name(course, solution) in digests
    return solution if was_open else recording


def _why(course: Course, unit: Unit, names: Collection[str]) -> str:
    closed = [
        stage.id
        for stage in unit.stages
        if _name(course, stage.released) in {name.rpartition("/")[0] for name in names}
        and sealed_file(course.root, stage.id).is_file()
    ]
    again = f"To have it as it was: grader unlock {closed[0]} CODE" if closed else ""
    gone = missing(course.root, names)
    edited = {*names}.difference(gone)
    are = [
        f"{_listed(each)} {'is' if len(each) == 1 else 'are'} {how}"
        for each, how in ((gone, "missing"), (edited, "not as handed out"))
        if each
    ]
    what = f"{' and '.join(are)}, so nobody can tell here what is right."
    return f"{what} {again or restore(len(names))}"


def _listed(names: Collection[str]) -> str:
    shown = sorted(names)[:_MOST_NAMES]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _name(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()
