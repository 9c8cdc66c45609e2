"""The commands by which a student opens what was released, and hands in: unlock, submit."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.app import cli, require_writable, say, shown_path
from grader.cli.completion import lone_stage_names, stages_argument

if TYPE_CHECKING:
    from grader.submit import Looked


@cli.command()
@click.argument("stage", shell_complete=lone_stage_names)
@click.argument("code", nargs=-1)
def unlock(stage: str, code: tuple[str, ...]) -> int:
    """Open the solution and the hidden checks of a stage with its code.

    Without a CODE it is asked for.

    \b
    Example:
      grader unlock s13.padding 4X7QK-9M2TD-WH3RA-PZ80C-7JX
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.edition.unlock import require_sealed
    from grader.edition.unlock import unlock as open_stage

    course = Course.find(Path.cwd())
    unit, chosen = course.select([stage])
    if len(chosen) > 1:
        raise click.UsageError(f"{stage} is several stages; each has a code of its own.")
    require_sealed(course)
    typed = " ".join(code) or _ask_for_code(chosen[0].id)
    done = open_stage(course, unit, chosen[0], typed, datetime.now().astimezone())
    where = shown_path(course, done.folder)
    if done.already:
        say(f"{chosen[0].id} is open already: {where}/ holds all of it.")
        return 0
    say(f"{chosen[0].id} is open: see {where}/")
    about = {"README.md": "why the solution is written as it is; read this first"}
    about |= {"solution.py": "the solution", "mistakes.py": "the known mistakes"}
    for name in sorted(name for name in done.files if name in about):
        say(f"  {name:<12} {about[name]}")
    hidden = sum(name.startswith("hidden/test_") for name in done.files)
    if hidden:
        closed = [each.id for each in chosen[0].needed if each.is_sealed]
        say(f"  {'hidden/':<12} the hidden checks; grader check runs them {_since(closed)}")
    if done.kept:
        say(f"What was there before is kept: {shown_path(course, done.kept)}")
    return 0


@cli.command()
@stages_argument
@click.option(
    "--out", default="submission.zip", metavar="FILE", help="Where to; else submission.zip."
)
@click.option("--anyway", is_flag=True, help="Hand in even what is no Python.")
def submit(stages: tuple[str, ...], out: str, anyway: bool) -> int:
    """Make the zip file to hand in.

    \b
    Examples:
      grader submit
      grader submit padding im2col --out week1.zip
    """  # noqa: D301  # click wants the character
    from grader.course import Course
    from grader.submit import UNKNOWN, changed_since_report, look, pack, require_place, write

    course = Course.find(Path.cwd())
    to = Path(out)
    require_writable(to, "--out")
    require_place(course, to)
    unit, chosen = course.select(stages)
    looked = look(course, chosen)
    if _show_problems(looked) and not anyway:
        say("Nothing was written. Mend it, or hand it in as it is with --anyway.", err=True)
        return 1
    now = datetime.now().astimezone()
    submission = pack(course, unit, looked, now)
    kept = write(submission, to, now)
    say(f"{to}  {_size(submission.data)}")
    for name in submission.names:
        say(f"  {name}")
    for line in _unfinished(looked):
        say(f"Note: {line}")
    if submission.manifest.report is None:
        say("Note: there is no report of a check in it. Run: grader check")
    elif newer := changed_since_report(course, looked):
        names = ", ".join(newer)
        say(f"Note: changed since the last check, which goes with it: {names}")
    if submission.manifest.edition == UNKNOWN:
        say("Note: this copy of the course is incomplete (edition/edition.json); get it again.")
    if kept:
        say(f"The one before is kept as {kept.name}")
    say(f"Hand in {to.name} where your course collects submissions, as it is.")
    return 0


def _since(closed: list[str]) -> str:
    """Return from when on hidden checks run that need the solutions of stages still sealed."""
    are = "is" if len(closed) == 1 else "are"
    return f"once {' and '.join(closed)} {are} open too" if closed else "from now on"


def _ask_for_code(stage: str) -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        return str(click.prompt(f"Code of {stage}"))
    typed = sys.stdin.readline(1000).strip() if sys.stdin is not None else ""
    if not typed:
        raise click.UsageError(f"Say the code: grader unlock {stage} CODE")
    return typed


def _show_problems(looked: list[Looked]) -> bool:
    """Show what is no Python; return whether there was any."""
    problems = [(e.problem, e.what) for e in looked if e.problem]
    for where, what in problems:
        line = f", line {where.line}" if where.line else ""
        say(f"{where.path}{line}: {what}", err=True)
        if where.text.strip():
            say(f"    {_printable(where.text.strip())[:74]}", err=True)
    return bool(problems)


def _unfinished(looked: list[Looked]) -> list[str]:
    lines = [f"{e.stage.id}: there is no {e.stage.file.name}" for e in looked if e.source is None]
    for each in looked:
        if each.tasks:
            lines.append(f"{each.stage.id}: still to be written: {', '.join(each.tasks)}")
    return lines


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _size(data: bytes) -> str:
    return f"{len(data) / 1024:.1f} KB"
