"""The files of a course: those that it came with, and a student's own."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from grader.course import Course, Stage
from grader.doctor.project import Project
from grader.edition.about import changed_files, edition_of, missing, restore
from grader.errors import GraderError
from grader.findings import Finding, good, note, wrong
from grader.submit import look

# Lessons and notebooks are there to be written in, and no verdict depends on them.
_FREE = {".md", ".ipynb"}
_LISTED = 5


def course_files(course: Course) -> Iterator[Finding]:
    """Say which files are not as the edition had them."""
    try:
        edition = edition_of(course)
        changed = changed_files(course)
        gone = missing(course.root, changed)
        edited = [n for n in changed if n not in gone and Path(n).suffix not in _FREE]
        if not (gone or edited):
            course.units  # noqa: B018  # they can be read
    except GraderError as error:
        what, _, fix = str(error).replace(f"{course.root}{os.sep}", "").partition("\n")
        yield wrong("course", what, fix or "Get that file again from where the course came from.")
        return
    if edition is None:
        yield good("course", "the author's own, with no list of files to compare it with")
        return
    if not (gone or edited):
        yield good("course", f"edition {edition.edition}, its files are as they were handed out")
    if gone:
        yield wrong("course", f"incomplete, without {_listed(gone)}", _back(gone))
    if edited:
        what = f"changed since it was handed out: {_listed(edited)}"
        yield wrong("course", what, _back(edited))


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _back(names: Sequence[str]) -> str:
    return f"{restore(len(names))} Your own stay as they are."


def own_files(course: Course) -> Iterator[Finding]:
    """Say which of a student's files cannot be read as Python."""
    stages = [stage for unit in course.units for stage in unit.stages]
    found = [finding for stage in stages for finding in _own_file(course, stage)]
    yield from found
    if not found:
        yield good("your files", f"all {len(stages)} are Python")


def _own_file(course: Course, stage: Stage) -> Iterator[Finding]:
    shown = stage.file.relative_to(course.root).as_posix()
    anew = f"grader reset {stage.name}"
    try:
        (looked,) = look(course, [stage])
    except GraderError as error:
        yield wrong(
            "your files",
            str(error).replace(":\n", ": "),
            f"Move it away, and make a stub:\n  {anew}",
        )
        return
    if looked.source is None:
        yield wrong("your files", f"there is no {shown}", f"To have a stub:\n  {anew}")
    elif looked.problem:
        line = f", line {looked.problem.line}" if looked.problem.line else ""
        yield wrong("your files", f"{shown}{line}: {looked.what}", _mend(looked.what, anew))
    elif looked.source.startswith(codecs.BOM_UTF8):
        fix = "It works. To please every other tool, save it as UTF-8 without one."
        yield note("your files", f"{shown} begins with a byte order mark", fix)


def _mend(what: str, anew: str) -> str:
    if any(word in what for word in ("codec", "encoding", "null bytes", "UTF-8")):
        return "Save it as UTF-8."
    return f"Mend it. To begin with a stub again, and keep what stands there:\n  {anew}"


def namesakes(course: Course, project: Project) -> Iterator[Finding]:
    """Say which files are taken for a module of Python's or of a package."""
    folders = {course.root: {"grader", "stages"}, course.root / "stages": set[str]()}
    for unit in course.units:
        folders[unit.folder] = set()
        folders |= {stage.folder: {stage.name, "solution", "mistakes"} for stage in unit.stages}
    modules = {each.name.replace("-", "_").lower() for each in project.packages}
    modules |= sys.stdlib_module_names | {"numpy", "pytest", "grader", "stages"}
    for folder, own in folders.items():
        for path in _named(folder, modules - own):
            shown = path.relative_to(course.root).as_posix()
            yield wrong(
                "names",
                f"{shown} is named like a module: a notebook, pytest or Python itself may "
                f"import it in place of {path.stem}",
                f"Rename it, say to my_{path.name}",
            )


def _named(folder: Path, modules: Collection[str]) -> list[Path]:
    """Return what of a folder Python would import under one of these names."""
    found = []
    for path in sorted(folder.iterdir()):
        is_module = path.suffix == ".py" or (path / "__init__.py").is_file()
        if is_module and path.stem in modules:
            found.append(path)
    return found
