"""The instructor's pages."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from grader.cli.app import cli, tell, tell_of_run
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.gradebook import Unreadable
    from grader.grades import Grade

T = TypeVar("T")
_PATIENCE = 2.0  # seconds without a progress bar
_LISTED = 10
_HEAD = 4096  # characters in which a page says who made it


@cli.command()
@click.argument("grades", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Default: GRADES/pages."
)
@click.option("--title", metavar="TEXT", help="Of the class page.")
@click.option(
    "--show-hidden",
    is_flag=True,
    help="Show the inputs of hidden checks too: for your own eyes.",
)
def report(grades: Path, out: Path | None, title: str | None, show_hidden: bool) -> int:
    """Write a page for the class, and one for each student.

    GRADES is what `grader grade` wrote. Each page is one file that needs nothing else.

    \b
    Examples:
      grader report grades
      grader report grades --title "Convolution, autumn" --out pages
    """  # noqa: D301  # click wants the character
    from grader.atomic import write_atomically
    from grader.gradebook import read_grades
    from grader.render.html import class_page

    found, unreadable = read_grades(grades)
    folder = out or grades / "pages"
    class_file = folder / "class.html"
    _require_pages(folder)
    _require_ours(class_file)
    pages = _Pages(folder / "students", show_hidden, unreadable)
    page = class_page(
        pages.written(_progress(found, _count(grades))),
        title or f"The class of {grades.resolve().name}",
        unread=((each.path.name, each.why) for each in unreadable),
    )
    write_atomically(class_file, page)
    click.echo(f"written: {class_file}")
    click.echo(f"written: {pages.count} in {folder / 'students'}")
    pages.tell_of_older()
    for each in unreadable:
        tell(f"no page: {each.path}: {each.why}")
    tell_of_run(grades, damaged=bool(unreadable))
    if not pages.count:
        tell("There is no grade to show. First run: grader grade")
    return 0 if pages.count and not unreadable else 1


class _Pages:
    """Writes the students' pages while their grades go by."""

    def __init__(self, folder: Path, show_hidden: bool, refused: list[Unreadable]) -> None:
        _make(folder)
        self._folder = folder
        self._show_hidden = show_hidden
        self._refused = refused
        self._older = {path.stem for path in folder.glob("*.html")}
        self.count = 0

    def written(self, grades: Iterable[Grade]) -> Iterator[Grade]:
        """Write the page of each grade, and hand the grade on."""
        from grader.atomic import write_atomically
        from grader.gradebook import Unreadable
        from grader.render.html import student_page

        for grade in grades:
            to = self._folder / f"{grade.student.key}.html"
            if not _names_a_file(grade.student.key):
                why = "its key cannot name a page; grade that submission again"
                self._refused.append(Unreadable(to.with_suffix(".json"), why))
                continue
            _require_ours(to)
            write_atomically(to, student_page(grade, show_hidden=self._show_hidden))
            self._older.discard(grade.student.key)
            self.count += 1
            yield grade

    def tell_of_older(self) -> None:
        """Name the pages that are there and were not written now."""
        if older := sorted(self._older):
            more = f" and {len(older) - _LISTED} more" if len(older) > _LISTED else ""
            names = ", ".join(older[:_LISTED]) + more
            tell(f"Pages of an earlier report, which stay until you remove them: {names}")


def _names_a_file(key: str) -> bool:
    """Whether a key is a file's name and nothing more, whoever wrote it."""
    return key.isprintable() and key[:1] not in ("", ".") and not set(key) & set("/\\:")


def _require_pages(folder: Path) -> None:
    """Refuse to put pages among other things, such as hand-ins."""
    ours = {"class.html", "students"}
    if not folder.is_dir() or (folder / "class.html").exists():
        return
    if any(path.name not in ours for path in folder.iterdir()):
        raise UsageError(
            f"{folder} holds other things than pages.\n"
            "Name a new folder, or one that an earlier report has filled."
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}. Choose another --out"
        ) from error


def _require_ours(path: Path) -> None:
    """Refuse to write over a file that no run of this command made."""
    from grader.render.html import is_ours

    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise UsageError(f"{path} is no ordinary file. Move it away, or choose another --out")
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            if not is_ours(file.read(_HEAD)):
                raise UsageError(
                    f"{path} was not written by grader report, and is left as it is.\n"
                    "Move it away, or choose another --out"
                )


def _count(grades: Path) -> int:
    return sum(1 for file in (grades / "results").iterdir() if file.suffix == ".json")


def _progress(items: Iterable[T], total: int) -> Iterator[T]:
    """Show how far it has come where somebody looks on and it takes its time."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("pages"), BarColumn(20), MofNCompleteColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task = progress.add_task("pages", total=total)
    started = time.monotonic()
    try:
        for item in items:
            if not progress.live.is_started and time.monotonic() - started > _PATIENCE:
                progress.start()
            progress.advance(task)
            yield item
    finally:
        progress.stop()
