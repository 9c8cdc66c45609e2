"""Makes the zip that an instructor uploads to Gradescope as the autograder."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from grader.course import Course
from grader.edition.about import require_author
from grader.errors import UsageError
from grader.gradescope.settings import NAME, Settings

_HERE = Path(__file__).parent
_SCRIPTS = ("setup.sh", "run_autograder")
_FILES = ("pyproject.toml", "README.md")
# The same course gives the same bytes: a time in the zip would make each one different.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def autograder_zip(course: Course, settings: Settings) -> bytes:
    """Return the zip: the scripts at its root, the course with its answers beside them.

    Raises
    ------
    UsageError
        This is a student's edition; or an answer, or another file, is missing.
    """
    require_author(course)
    _require_answers(course, settings)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in _members(course, settings):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system = 3  # Unix, so that the permission bits mean something
            info.external_attr = (0o100000 | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def _require_answers(course: Course, settings: Settings) -> None:
    _, stages = course.select(settings.stages)
    for stage in stages:
        if not stage.solution.is_file():
            raise UsageError(
                f"{stage.id} has no solution here: an autograder is made from the author's\n"
                "edition. Gradescope shows students no file of it."
            )


def _members(course: Course, settings: Settings) -> Iterator[tuple[str, bytes, int]]:
    """Yield the name, content and permissions of each file."""
    for name in _SCRIPTS:
        yield name, (_HERE / name).read_bytes(), 0o755
    yield NAME, msgspec.json.format(msgspec.json.encode(settings), indent=2), 0o644
    for name in _FILES:
        path = course.root / name
        if not path.is_file():
            raise UsageError(f"{path} is missing, which the autograder needs")
        yield name, path.read_bytes(), 0o644
    yield from _folder(Path(__file__).parent.parent, "grader")
    yield from _folder(course.root / "stages", "stages")


def _folder(folder: Path, name: str) -> Iterator[tuple[str, bytes, int]]:
    """Yield the files of a folder, without caches and without what begins with a dot."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f[0] != "." and f != "__pycache__")
        for file in sorted(files):
            if file[0] != "." and not file.endswith(".pyc"):
                path = Path(parent, file)
                inside = path.relative_to(folder).as_posix()
                yield f"{name}/{inside}", path.read_bytes(), 0o644
