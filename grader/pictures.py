"""The pictures of the lessons, drawn by the course's own code.

A stage may have ``pictures/draw.py``. Its ``PICTURES`` maps the name of each picture to a
function that draws it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from grader.course import Course
from grader.errors import CourseError, UsageError
from grader.svg import picture_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DRAWN_BY = re.compile(r"<!-- Drawn with matplotlib (\S+) by ")


class Picture(Protocol):
    """What a drawing function returns."""

    @property
    def figure(self) -> Figure:
        """Paths and lines of text, 72 dots an inch."""

    @property
    def title(self) -> str:
        """What is shown, in a few words."""

    @property
    def description(self) -> str:
        """What somebody who does not see the picture needs to know."""

    @property
    def colours(self) -> Mapping[str, tuple[str, str]]:
        """Every colour by its name: as it is drawn, and what it is on a dark page."""


def pictures(course: Course) -> Iterator[tuple[Path, str]]:
    """Return every picture's file with the text that it should have.

    Raises
    ------
    CourseError
        A picture cannot be drawn.
    UsageError
        There is no matplotlib, or another one than drew what is there.
    """
    for unit in course.units:
        for stage in unit.stages:
            source = stage.folder / "pictures" / "draw.py"
            if source.is_file():
                yield from _drawn(source, source.relative_to(course.root).as_posix())


def _drawn(source: Path, shown: str) -> Iterator[tuple[Path, str]]:
    version = _version(source.parent)
    for name, draw in _functions(source).items():
        try:
            text = _text(name, draw, f"Drawn with matplotlib {version} by {shown}")
        except Exception as error:
            why = error if isinstance(error, CourseError) else repr(error)
            raise CourseError(f"{source}: {name}: {why}") from error
        yield source.parent / f"{name}.svg", text


def _functions(source: Path) -> Mapping[str, Callable[[], Picture]]:
    module: dict[str, Any] = {"__name__": source.stem, "__file__": str(source)}
    try:
        exec(compile(source.read_bytes(), source, "exec"), module)
        functions: Mapping[str, Callable[[], Picture]] = module["PICTURES"]
    except Exception as error:
        raise CourseError(f"{source} does not load: {error!r}") from error
    return functions


def _version(folder: Path) -> str:
    """Return the version of matplotlib, which must be the one that drew what is there."""
    files = sorted(folder.glob("*.svg"))
    matches = (_DRAWN_BY.match(path.read_text("utf-8", errors="replace")) for path in files)
    wanted = [match[1] for match in matches if match]
    try:
        import matplotlib
    except ImportError as error:
        which = f"matplotlib=={wanted[0]}" if wanted else "matplotlib"
        raise UsageError(
            f"the pictures in {folder}\nare drawn with matplotlib, which is not installed here.\n"
            f'Run: uv sync, or pip install "{which}"'
        ) from error
    here: str = matplotlib.__version__
    other = next((version for version in wanted if version != here), None)
    if other:
        raise UsageError(
            f"the pictures in {folder}\nwere drawn with matplotlib {other}; here is {here}, "
            "which may draw a little differently.\n"
            f'Run: uv sync, or pip install "matplotlib=={other}"\n'
            "To draw all of them with the new one, delete them first."
        )
    return here


def _text(name: str, draw: Callable[[], Picture], remark: str) -> str:
    import matplotlib

    file = io.StringIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # whatever this machine's matplotlibrc says
        matplotlib.rcParams["svg.fonttype"] = "none"
        picture = draw()
        picture.figure.savefig(file, format="svg")
    return picture_text(
        file.getvalue(), name, picture.title, picture.description, picture.colours, remark
    )
