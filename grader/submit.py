"""Handing in: the student's files and a manifest, in one zip file."""

from __future__ import annotations

import ast
import codecs
import hashlib
import io
import re
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from grader import __version__
from grader.atomic import write_atomically
from grader.course import Course, Stage, Unit
from grader.edition.about import edition_of
from grader.errors import Frame, GraderError, UsageError
from grader.kept import keep
from grader.results import plain
from grader.seen import LAST, read_last

VERSION = 1
AUTHOR = "author"
UNKNOWN = "unknown"  # an edition that does not say which one it is
MOST_BYTES = 2**20  # of one file; a stage takes some 20 KB
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # where zip files begin to count


@dataclass(frozen=True)
class Looked:
    """What a look at a student's file found; nothing of it was run.

    Parameters
    ----------
    stage : Stage
        Whose file it is.
    source : bytes or None
        What is in it; None if there is none.
    problem : Frame or None
        Where it stops being Python.
    what : str
        What is wrong there.
    tasks : tuple of str
        The functions that still raise the stub's error.
    """

    stage: Stage
    source: bytes | None
    problem: Frame | None = None
    what: str = ""
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """What lies in a submission: ``manifest.json``."""

    version: int
    edition: str
    unit: str
    stages: dict[str, str]
    made: str
    grader: str
    report: dict[str, Any] | None
    handed: dict[str, str]


@dataclass(frozen=True)
class Submission:
    """A zip file, before it is written."""

    data: bytes
    names: tuple[str, ...]
    manifest: Manifest


def look(course: Course, stages: Sequence[Stage]) -> list[Looked]:
    """Look through the files of `stages`.

    Raises
    ------
    UsageError
        A file is far too large, or cannot be read.
    """
    return [_look(course, stage) for stage in stages]


def pack(course: Course, unit: Unit, looked: Sequence[Looked], now: datetime) -> Submission:
    """Make the zip file: the same bytes for the same files, report and time.

    Raises
    ------
    UsageError
        None of the stages has a file.
    """
    report = read_last(course.root)
    files = {
        _relative(course, each.stage): each.source for each in looked if each.source is not None
    }
    if not files:
        raise UsageError("there is no file to hand in: " + ", ".join(x.stage.id for x in looked))
    edition, handed = _edition(course)
    digests = {
        e.stage.id: hashlib.sha256(e.source).hexdigest() for e in looked if e.source is not None
    }
    manifest = Manifest(
        VERSION,
        edition,
        unit.id,
        digests,
        now.isoformat(timespec="seconds"),
        __version__,
        plain(report) if report else None,
        {stage: handed[stage] for stage in digests if stage in handed},
    )
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    names = (*files, "manifest.json")
    return Submission(_zip(files | {"manifest.json": text + b"\n"}), names, manifest)


def require_place(course: Course, to: Path) -> None:
    """Refuse a place where a zip file does not belong, before anything is made.

    Raises
    ------
    UsageError
        Its name is no zip file's, or something else than a zip file is there.
    """
    if to.suffix != ".zip":
        raise UsageError(f"--out {to}:\nname a file that ends in .zip, such as submission.zip")
    if to.exists() and not to.is_file():
        raise UsageError(f"--out {to}:\nthere is something that is no ordinary file")


def write(submission: Submission, to: Path, now: datetime) -> Path | None:
    """Write the zip file; return where the one before it is kept."""
    kept = keep(to, now)
    write_atomically(to, submission.data)
    return kept


def changed_since_report(course: Course, looked: Sequence[Looked]) -> list[str]:
    """Return the stages whose file is newer than the last report."""
    try:
        then = (course.root / LAST).stat().st_mtime
        there = [e.stage for e in looked if e.source is not None]
        return [stage.id for stage in there if stage.file.stat().st_mtime > then]
    except OSError:
        return []


def _edition(course: Course) -> tuple[str, dict[str, str]]:
    """Return the name of the edition, and what it says of the stages that were handed out.

    A copy that is incomplete can be handed in all the same.
    """
    try:
        about = edition_of(course)
    except GraderError:
        return UNKNOWN, {}
    return (about.edition, about.handed) if about else (AUTHOR, {})


def _look(course: Course, stage: Stage) -> Looked:
    shown = _relative(course, stage)
    if stage.file.exists() and not stage.file.is_file():
        raise UsageError(f"{shown}:\nit is no ordinary file; put your answers into one")
    try:
        with stage.file.open("rb") as file:
            source = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return Looked(stage, None)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror}") from error
    if len(source) > MOST_BYTES:
        raise UsageError(f"{shown}: larger than {MOST_BYTES // 2**20} MB, which no answer needs")
    if source.startswith(_UTF_16):
        return Looked(stage, source, Frame(shown, 0, "", ""), "it is UTF-16, not UTF-8")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a strange escape in a string is no obstacle
            tree = ast.parse(source, shown)
    except SyntaxError as error:
        return Looked(stage, source, _where(shown, source, error), error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        what = "nested too deeply" if not isinstance(error, ValueError) else str(error)
        return Looked(stage, source, Frame(shown, 0, "", ""), what)
    return Looked(stage, source, tasks=_tasks(tree, stage))


def _where(shown: str, source: bytes, error: SyntaxError) -> Frame:
    number = error.lineno or 0
    lines = re.split(rb"\r\n|\r|\n", source)
    line = lines[number - 1] if 0 < number <= len(lines) else (error.text or "").encode()
    return Frame(shown, number, "", line.removeprefix(b"\xef\xbb\xbf").decode(errors="replace"))


def _tasks(tree: ast.Module, stage: Stage) -> tuple[str, ...]:
    """Return what the stub's errors in a file name: ``s13.padding: pad2d`` is ``pad2d``."""
    found = [
        node.exc.args[0].value.partition(": ")
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id == "NotImplementedError"
        and node.exc.args
        and isinstance(node.exc.args[0], ast.Constant)
        and isinstance(node.exc.args[0].value, str)
    ]
    return tuple(task for owner, _, task in found if owner == stage.id)


def _relative(course: Course, stage: Stage) -> str:
    return stage.file.relative_to(course.root).as_posix()


def _zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system = 3  # Unix, on every system: the same bytes
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()
