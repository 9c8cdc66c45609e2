"""Recordings of a terminal: commands that are run in a copy of the course, and what they say.

``docs/pictures`` may hold scripts, ``NAME.toml``: which commands to run, and what stands in
the students' files by then. ``NAME.svg`` beside a script shows what came out.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec

from grader.course import Course
from grader.errors import CourseError, UsageError
from grader.settings import read_settings
from grader.splice import put
from grader.window import window

_PROGRAM = "uv run grader "
# The end of a report is about the machine: how long it took there, and in which sandbox.
_OF_THE_MACHINE = re.compile(r"\s+\((?:your files|the solution), \d.*", re.DOTALL)
_PROMPT = "\033[2m$\033[0m "

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Command = Annotated[str, msgspec.Meta(pattern=f"^{_PROGRAM}")]


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is done at a time.

    Parameters
    ----------
    run : list of str
        Commands of the grader, as somebody types them.
    says : str
        A remark that is typed before them.
    solved : str
        A stage whose solution is put into the student's file first.
    but : str
        Functions that stand there in place of the solution's.
    """

    run: Annotated[list[_Command], msgspec.Meta(min_length=1)]
    says: str = ""
    solved: str = ""
    but: str = ""


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The form of a script: what is done, and a text for those who do not see the picture."""

    title: _Text
    description: _Text
    steps: Annotated[list[Step], msgspec.Meta(min_length=1)]


def transcripts(course: Course, stubs: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Return the picture of every recording with the text that it should have.

    Parameters
    ----------
    course : Course
    stubs : mapping of str to str
        What students start from, by the id of the stage.

    Raises
    ------
    CourseError
        A script has another form, or a command in it was used wrongly.
    """
    for path in sorted(course.root.glob("docs/pictures/*.toml")):
        script = read_settings(path, Script, CourseError)
        try:
            printed = _recorded(script, course, stubs)
        except (UsageError, CourseError) as error:
            raise CourseError(f"{path}: {error}") from error
        picture = window(printed, path.stem, script.title, script.description)
        yield path.with_suffix(".svg"), picture


def _recorded(script: Script, course: Course, stubs: Mapping[str, str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy(course, stubs, Path(folder))
        return "\n".join(_lines(script, copy))


def _copy(course: Course, stubs: Mapping[str, str], folder: Path) -> Course:
    """Return a copy of a course in which every task is still to be done."""
    litter = shutil.ignore_patterns("__pycache__")
    shutil.copytree(course.root / "stages", folder / "stages", ignore=litter)
    copy = Course(folder)
    for unit in copy.units:
        for stage in unit.stages:
            stage.file.write_text(stubs[stage.id], encoding="utf-8")
    return copy


def _lines(script: Script, course: Course) -> Iterator[str]:
    """Yield what a terminal shows while the steps are done."""
    for step in script.steps:
        if step.solved:
            _, (stage,) = course.select([step.solved])
            solution = stage.solution.read_text(encoding="utf-8")
            stage.file.write_text(put(solution, step.but), encoding="utf-8")
        if step.says:
            yield f"{_PROMPT}\033[2m{step.says}\033[0m"
        for command in step.run:
            yield f"{_PROMPT}\033[1m{command}\033[0m"
            yield f"{_said(command, course.root)}\n"


def _said(command: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "grader", *shlex.split(command.removeprefix(_PROGRAM))],
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode not in (0, 1):
        raise CourseError(f"{command!r} ended with {done.returncode}.\n{done.stderr.rstrip()}")
    return _OF_THE_MACHINE.sub("", done.stdout.rstrip())


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return ours | {"FORCE_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
