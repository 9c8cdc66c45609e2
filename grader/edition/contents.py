"""What goes into a student's edition in the clear, and what of the course does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import grader
from grader.course import Course
from grader.edition.bundle import WALKTHROUGH
from grader.errors import CourseError
from grader.pristine import pristine

_LITTER = {"__pycache__", ".ipynb_checkpoints", ".grader", ".pytest_cache", ".hypothesis"}
# What lies open is listed, and not what does not: an editor's copy of a solution may have
# any name. Of what was released nothing is here either: its code opens it in every copy.
_LESSON = {".md", ".svg", ".png"}
_STAGE = {"stage.toml", "__init__.py"}
_FOLDERS = ("notebooks",)
_FILES = ("LICENSE", "solutions/README.md", "docs/pictures/terminal.svg")
# Of pyproject.toml: how the project itself is developed.
_FOR_AUTHORS = re.compile(r"\[+(dependency-groups|tool\.(ruff|mypy|importlinter))\b")
_HEADER = re.compile(r"^\[+[\w.\"-]+\]+\s*$")
_AUTHORS_PART = re.compile(r"<!-- authors -->.*?<!-- /authors -->\n*", re.DOTALL)
_HANDED = Path(__file__).parent / "handed"


def contents(course: Course) -> dict[str, bytes]:
    """Return every file that students get in the clear, by its name in the edition.

    Raises
    ------
    CourseError
        A stub cannot be made, or a file cannot be read.
    """
    files: dict[str, bytes] = {}
    try:
        for name, path in _copied(course.root):
            files[name] = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{error.filename}: cannot be read: {error.strerror}") from error
    for unit in course.units:
        for stage in unit.stages:
            stub = pristine(stage).encode()
            files[stage.file.relative_to(course.root).as_posix()] = stub
            files[stage.stub.relative_to(course.root).as_posix()] = stub
    return files | _written(course.root)


def _copied(root: Path) -> Iterator[tuple[str, Path]]:
    package = Path(grader.__file__).parent
    for path in _files_below(package):
        yield f"grader/{path.relative_to(package).as_posix()}", path
    for folder in ("stages", *_FOLDERS):
        for path in _files_below(root / folder):
            parts = path.relative_to(root).parts
            if parts[0] != "stages" or _is_open(root, parts):
                yield "/".join(parts), path
    for name in _FILES:
        if (root / name).is_file():
            yield name, root / name


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = set(path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and not inner & _LITTER:
            yield path


def _is_open(root: Path, parts: tuple[str, ...]) -> bool:
    """Whether a file below ``stages`` is one that students get."""
    *folders, name = parts
    if name.startswith("."):
        return False
    stage = next((i for i in range(2, len(parts)) if _is_stage(root, parts[:i])), None)
    if stage is None:  # a unit's own files, and data
        return True
    inner = folders[stage:]
    if inner == ["checks"]:
        return name == "__init__.py" or (name.startswith("test_") and name.endswith(".py"))
    lesson = Path(name).suffix in _LESSON and name != WALKTHROUGH and inner in ([], ["pictures"])
    return lesson or (not inner and name in _STAGE)


def _is_stage(root: Path, parts: tuple[str, ...]) -> bool:
    return root.joinpath(*parts, "stage.toml").is_file()


def _written(root: Path) -> dict[str, bytes]:
    """Return the files that students get in another form than authors have."""
    files = {
        ".gitignore": (_HANDED / "gitignore").read_bytes(),
        "tests/test_edition.py": (_HANDED / "test_edition.py").read_bytes(),
    }
    for name, change in (("README.md", _for_students), ("pyproject.toml", _without_development)):
        if (root / name).is_file():
            files[name] = change((root / name).read_text(encoding="utf-8")).encode()
    return files


def _for_students(readme: str) -> str:
    """Return a README without the parts between ``<!-- authors -->`` and its end."""
    return _AUTHORS_PART.sub("", readme)


def _without_development(pyproject: str) -> str:
    """Return a ``pyproject.toml`` without the tables that only the project's authors use."""
    kept, wanted = [], True
    for line in pyproject.splitlines():
        if _HEADER.match(line):
            wanted = not _FOR_AUTHORS.match(line)
        if wanted:
            kept.append(line)
    return "\n".join(kept).rstrip("\n") + "\n"
