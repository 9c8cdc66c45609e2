"""The notebooks of a course: one for each stage, and one for each lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.course import Course, Stage
from grader.errors import CourseError
from grader.lesson.book import book_text
from grader.lesson.cells import Cell, lab_cells, stage_cells
from grader.lesson.links import relocated

FOLDER = "notebooks"
LABS = f"{FOLDER}/labs"


def notebook_of(course: Course, stage: Stage) -> Path:
    """Return where the notebook of a stage is: ``notebooks/1_padding.ipynb``."""
    unit = next(unit for unit in course.units if unit.id == stage.unit)
    names = [each.name for each in unit.stages]
    number = str(names.index(stage.name) + 1).zfill(len(str(len(names))))
    return course.root / FOLDER / f"{number}_{stage.name}.ipynb"


def notebooks(course: Course, stubs: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield every notebook with the text that it should have.

    Parameters
    ----------
    stubs : mapping
        What a student starts from, by the id of the stage.

    Raises
    ------
    CourseError
        A lesson cannot be read, or two notebooks would have one name.
    """
    sources: dict[Path, Path] = {}
    for path, source, cells in _all(course, stubs):
        if path in sources:
            raise CourseError(f"{source} and {sources[path]} would both become {path.name}")
        sources[path] = source
        yield path, book_text(cells)


def _all(course: Course, stubs: Mapping[str, str]) -> Iterator[tuple[Path, Path, list[Cell]]]:
    stages = [stage for unit in course.units for stage in unit.stages]
    labs = [lab for unit in course.units for lab in sorted(unit.folder.glob("labs/*.md"))]
    # A link to another lesson or lab leads to its notebook.
    moved = {
        _inside(course, _lesson(stage)): _inside(course, notebook_of(course, stage))
        for stage in stages
    } | {_inside(course, lab): f"{LABS}/{lab.stem}.ipynb" for lab in labs}
    for stage in stages:
        if _lesson(stage).is_file():
            yield (
                notebook_of(course, stage),
                _lesson(stage),
                stage_cells(
                    _moved(course, _lesson(stage), FOLDER, moved),
                    stubs[stage.id],
                    stage=stage.id,
                    module=stage.module,
                    file=_inside(course, stage.file),
                    slow=any(criterion.slow for criterion in stage.about.criteria),
                ),
            )
    for lab in labs:
        text = _moved(course, lab, LABS, moved)
        yield course.root / LABS / f"{lab.stem}.ipynb", lab, lab_cells(text)


def _lesson(stage: Stage) -> Path:
    return stage.folder / "README.md"


def _moved(course: Course, path: Path, folder: str, moved: Mapping[str, str]) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{path}: cannot be read: {error}") from error
    return relocated(text, _inside(course, path.parent), folder, moved)


def _inside(course: Course, path: Path) -> str:
    return path.relative_to(course.root).as_posix()
