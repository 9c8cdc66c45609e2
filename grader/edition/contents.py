"""What goes into a student's edition in the clear, and what of the course does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import grader
from grader.course import Course
from grader.errors import CourseError
from grader.pristine import pristine

# Of a stage: what would give its answers away.
_SECRET_FILES = {"solution.py", "mistakes.py", "walkthrough.md"}
_SECRET_FOLDERS = {"right", "hidden"}
_LITTER = {"__pycache__", ".ipynb_checkpoints", ".grader", ".pytest_cache", ".hypothesis"}
# Of the repository: what students need beside the stages.
_FOLDERS = ("notebooks", "solutions")
_FILES = ("LICENSE",)
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
            in_stage = parts[0] == "stages" and len(parts) > 3
            if not (in_stage and _tells(parts)):
                yield "/".join(parts), path
    for name in _FILES:
        if (root / name).is_file():
            yield name, root / name


def _files_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = set(path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and not inner & _LITTER:
            yield path


def _tells(parts: tuple[str, ...]) -> bool:
    """Whether a file of a stage would give an answer away."""
    return parts[-1] in _SECRET_FILES or bool(set(parts[:-1]) & _SECRET_FOLDERS)


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
