"""The command that hands grades on to other programs: export."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.app import cli, tell, tell_of_run
from grader.cli.completion import stage_names
from grader.cli.writing import Writer
from grader.errors import UsageError, in_words

if TYPE_CHECKING:
    from grader.grades import Grade
    from grader.render.sheet import Roster, Sheet

AUTOGRADER = "gradescope-autograder"
# Tables of a class, and files of one student with how they end.
_TABLES = ("canvas", "moodle")
_SINGLE = {"gradescope": "json", "classroom50": "json", "classroom": "txt", "junit": "xml"}
_FORMATS = (*_TABLES, *_SINGLE, AUTOGRADER)
# The formats that an option is for.
_ONLY_FOR = {
    "assignment": ("canvas",),
    "roster": _TABLES,
    "match": ("moodle",),
    "hidden_visibility": ("gradescope", AUTOGRADER),
    "github_output": ("classroom",),
    "stages": (AUTOGRADER,),
    "follow_through": (AUTOGRADER,),
    "late": (AUTOGRADER,),
}
# Of a table that went wrong for a whole class the beginning tells enough.
_LISTED = 100


@cli.command()
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option(
    "--to",
    "form",
    required=True,
    metavar="FORMAT",
    type=click.Choice(_FORMATS),
    help=f"One of {', '.join(_FORMATS)}.",
)
@click.option(
    "--out",
    metavar="PATH",
    help="The file to write; a folder when each student gets a file. Else standard output.",
)
@click.option("--force", is_flag=True, help="Replace what is there; else a copy is kept.")
@click.option("--assignment", help="canvas: the column, with its id: 'Convolution (1234)'.")
@click.option(
    "--roster",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="canvas: a gradebook exported from Canvas. moodle: the assignment's grading worksheet. "
    "Its rows are kept and the grades filled in; of Canvas's columns those that it needs.",
)
@click.option(
    "--match",
    type=click.Choice(["email", "id"]),
    default="email",
    metavar="email|id",
    help="moodle, without a roster: know students by e-mail, or by the ID number that Gradescope "
    "tells.",
)
@click.option(
    "--hidden-visibility",
    type=click.Choice(["hidden", "after_due_date", "after_published", "visible"]),
    default="after_published",
    metavar="WHEN",
    help="gradescope, gradescope-autograder: when students see what hidden checks found: "
    "hidden, after_due_date, after_published (if left out) or visible.",
)
@click.option(
    "--github-output", is_flag=True, help="classroom: write result=..., as $GITHUB_OUTPUT wants."
)
@click.option(
    "--stage",
    "stages",
    multiple=True,
    shell_complete=stage_names,
    help="gradescope-autograder: check this stage; repeatable.",
)
@click.option(
    "--follow-through",
    is_flag=True,
    help="gradescope-autograder: check what builds on a failing stage with the reference there.",
)
@click.option(
    "--late",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="gradescope-autograder: a file of late penalties; else Gradescope sees to lateness.",
)
@click.pass_context
def export(
    ctx: click.Context,
    source: Path | None,
    form: str,
    out: str | None,
    force: bool,
    assignment: str | None,
    roster: Path | None,
    match: str,
    hidden_visibility: str,
    github_output: bool,
    stages: tuple[str, ...],
    follow_through: bool,
    late: Path | None,
) -> int:
    """Hand grades on to Canvas, Moodle, Gradescope, Classroom or a build server.

    SOURCE is the folder that `grader grade --out` wrote. For one student it is a file of its
    results/, or a report of `grader check --json`. gradescope-autograder needs none: it makes
    the zip to upload there.

    In a table, who was refused or could not be graded has an empty cell, and is named. The
    exit code is 1 then, and when a grade could not be read or is not in what was written.

    \b
    Examples:
      grader export grades --to canvas --assignment "Conv (1234)" --out canvas.csv
      grader export grades --to moodle --roster worksheet.csv --out moodle.csv
      grader export grades --to gradescope --out results
      grader export report.json --to junit --out junit.xml
      grader export report.json --to classroom --github-output
      grader export --to gradescope-autograder --out autograder.zip
    """  # noqa: D301  # click wants the character
    _require_fitting(ctx, form)
    write = Writer(out, force)
    if form == AUTOGRADER:
        return _autograder(source, write, stages, hidden_visibility, follow_through, late)
    if source is None:
        raise click.UsageError(f"--to {form} needs a SOURCE: the folder of grades, or a report.")
    if form in _TABLES:
        return _table(source, write, form, assignment, roster, match)
    make = _single(form, hidden_visibility, github_output)
    return _each(source, write, form, make) if source.is_dir() else _one(source, write, make)


def _require_fitting(ctx: click.Context, form: str) -> None:
    """Refuse an option that the format would pass over."""
    default = click.core.ParameterSource.DEFAULT
    for parameter in ctx.command.params:
        fitting = _ONLY_FOR.get(parameter.name or "", _FORMATS)
        if form not in fitting and ctx.get_parameter_source(parameter.name or "") is not default:
            only = " and ".join(fitting)
            raise click.UsageError(f"{parameter.opts[0]} is for --to {only}, not for {form}.")


# --- tables of a class --------------------------------------------------------------------
def _table(
    source: Path,
    write: Writer,
    form: str,
    assignment: str | None,
    roster: Path | None,
    match: str,
) -> int:
    from grader.gradebook import read_grades
    from grader.render.canvas import canvas_csv, require_assignment
    from grader.render.moodle import moodle_csv

    if source.is_file():
        raise click.UsageError(f"--to {form} needs a folder of grades; {source} is a file.")
    known = _read_roster(roster) if roster else None
    title = require_assignment(assignment, known) if form == "canvas" else ""
    write.prepare()
    grades, unreadable = read_grades(source)
    sheet: Sheet = (
        canvas_csv(grades, title, known) if form == "canvas" else moodle_csv(grades, match, known)
    )
    write(sheet.text.encode())
    if write.to:
        click.echo(f"written: {write.to}")
    _tell("Not exported:", [*sheet.missing, *(f"{u.path}: {u.why}" for u in unreadable)])
    _tell("Left empty, as nothing was graded:", sheet.empty)
    _tell("To know:", sheet.remarks)
    tell_of_run(source, damaged=bool(unreadable))
    return 1 if sheet.missing or sheet.empty or unreadable else 0


def _read_roster(path: Path) -> Roster:
    from grader.render.sheet import read_roster

    try:
        return read_roster(path.read_bytes().decode("utf-8"), str(path))
    except OSError as error:
        raise UsageError(f"--roster {in_words(error)}") from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"--roster {path}: not UTF-8 text.\nUse the file as the platform exported it; a "
            "spreadsheet that saved it again may\nhave changed its encoding."
        ) from error


# --- files of one student -----------------------------------------------------------------
def _single(form: str, hidden_visibility: str, github_output: bool) -> Callable[[Grade], bytes]:
    """Return what turns one grade into the bytes of a format."""
    from grader.render.classroom import classroom_payload
    from grader.render.classroom50 import classroom50_result
    from grader.render.gradescope import gradescope_results
    from grader.render.junit import junit_xml

    makers: dict[str, Callable[[Grade], bytes]] = {
        "gradescope": lambda grade: _json(gradescope_results(grade, hidden_visibility)),
        "classroom50": lambda grade: _json(classroom50_result(grade, os.environ, _now())),
        "classroom": lambda grade: (
            ("result=" if github_output else "") + classroom_payload(grade) + "\n"
        ).encode(),
        "junit": lambda grade: junit_xml(grade).encode(),
    }
    return makers[form]


def _one(source: Path, write: Writer, make: Callable[[Grade], bytes]) -> int:
    from grader.gradebook import read_one

    write.prepare()
    write(make(read_one(source)))
    return 0


def _each(source: Path, write: Writer, form: str, make: Callable[[Grade], bytes]) -> int:
    from grader.gradebook import read_grades

    if form == "classroom50":
        raise click.UsageError("--to classroom50 is for one submission: name its file.")
    if write.to is None:
        raise click.UsageError(f"--to {form} writes a file for each student: say --out FOLDER.")
    if write.to.exists() and not write.to.is_dir():
        raise click.BadParameter(f"{write.to} is a file, not a folder", param_hint="--out")
    write.to.mkdir(parents=True, exist_ok=True)
    grades, unreadable = read_grades(source)
    count = 0
    for count, grade in enumerate(grades, start=1):  # noqa: B007  # counted
        write.file(write.to / f"{grade.student.key}.{_SINGLE[form]}", make(grade))
    tell(f"{count} files in {write.to}")
    _tell("Not exported:", [f"{u.path}: {u.why}" for u in unreadable])
    tell_of_run(source, damaged=bool(unreadable))
    return 1 if unreadable else 0


# --- the autograder -----------------------------------------------------------------------
def _autograder(
    source: Path | None,
    write: Writer,
    stages: tuple[str, ...],
    hidden_visibility: str,
    follow: bool,
    late: Path | None,
) -> int:
    from grader.course import Course
    from grader.gradescope.pack import autograder_zip
    from grader.gradescope.settings import settings_for

    if source is not None:
        raise click.UsageError(f"--to {AUTOGRADER} takes no SOURCE: it is made from the course.")
    if write.to is None:
        raise click.UsageError(f"--to {AUTOGRADER} needs a file: --out autograder.zip")
    write.prepare()
    course = Course.find(Path.cwd())
    settings = settings_for(course, stages, hidden_visibility, late, follow_through=follow)
    write(autograder_zip(course, settings))
    _, chosen = course.select(settings.stages)
    points = sum(c.points for stage in chosen for c in stage.about.criteria)
    click.echo(f"{write.to}: upload it to Gradescope at Configure Autograder.")
    click.echo(f"Give the assignment {points} points there.")
    return 0


# --- what several formats share -----------------------------------------------------------
def _json(tree: dict[str, Any]) -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(tree), indent=2) + b"\n"


def _now() -> str:
    import datetime

    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tell(head: str, lines: Sequence[str]) -> None:
    """List on standard error what a person should know."""
    more = len(lines) - _LISTED
    if lines:
        shown = [*lines[:_LISTED], *([f"... and {more} more"] if more > 0 else [])]
        tell(head, *(f"  {' '.join(line.split())[:1000]}" for line in shown))
