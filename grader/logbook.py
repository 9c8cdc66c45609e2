"""What checks leave behind for a student's next command, in ``.grader/``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from grader.atomic import write_atomically
from grader.course import Course, Stage, Unit
from grader.errors import UsageError
from grader.kept import keep
from grader.lock import locked
from grader.progress import (
    VERSION,
    Goal,
    Overview,
    Progress,
    StageProgress,
    StageRecord,
    UnitProgress,
    after,
)
from grader.results import RULES, Report
from grader.seen import (
    Seen,
    after_report,
    one_more,
    read_last,
    read_seen,
    write_last,
    write_seen,
)

FILE = Path(".grader", "progress.json")


def remember(root: Path, report: Report, now: datetime, last: Report | None = None) -> str:
    """Keep a report for ``grader hint``, ``grader submit`` and ``grader progress``.

    Parameters
    ----------
    root : Path
        The course's folder.
    report : Report
        What was checked just now.
    now : datetime
        With an offset.
    last : Report, optional
        What goes with a submission, if it is more than that.

    Returns
    -------
    str
        The name of the file where a damaged record was kept; else nothing.

    Raises
    ------
    OSError
        Nothing can be written there.
    UsageError
        Another grader does not let go of the lock, or wrote a newer form.
    """
    with locked(root):
        write_seen(root, after_report(read_seen(root), report))
        try:
            before = _read(root)
            progress = before if before is not None else _begin_anew(root, now)
        finally:  # not before: who begins anew begins with the report of then
            write_last(root, last or report)
        _write(root, after(progress, report, now))
        return progress.kept if before is None else ""


def hint_was_read(root: Path, stage: str, seen: Seen) -> None:
    """Keep that one more hint was read of what was seen of a stage.

    Raises
    ------
    OSError
        Nothing can be written there.
    UsageError
        Another grader does not let go of the lock.
    """
    with locked(root):
        write_seen(root, read_seen(root) | {stage: one_more(seen)})


def read_progress(root: Path, now: datetime) -> Progress:
    """Return how far a student is.

    A damaged record is kept under another name, and begun anew from the last report.

    Raises
    ------
    UsageError
        It is of a newer version.
    """
    progress = _read(root)
    if progress is not None:
        return progress
    try:
        with locked(root):
            progress = _read(root)
            if progress is None:
                progress = _begin_anew(root, now)
                _write(root, progress)
            return progress
    except OSError:  # it stays where it is
        return _from_last(root, now, kept=FILE.name)


def overview(course: Course, progress: Progress) -> Overview:
    """Return every stage of a course, and how far it is."""
    units = tuple(_unit(unit, progress) for unit in course.units)
    return Overview(units, progress.streak, progress.longest, progress.kept)


# --- the file -------------------------------------------------------------------------------
def _read(root: Path) -> Progress | None:
    """Return what the file says; None if it is damaged."""
    try:
        data = (root / FILE).read_bytes()
    except FileNotFoundError:
        return Progress()
    except IsADirectoryError:
        return None
    try:
        version = msgspec.json.decode(data, type=_AnyVersion).version
        if version == VERSION:
            return msgspec.json.decode(data, type=Progress)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    raise UsageError(
        f"{root / FILE}: version {version}, and this grader reads {VERSION}.\n"
        "Use the grader that wrote it, or a newer one."
    )


def _write(root: Path, progress: Progress) -> None:
    write_atomically(root / FILE, msgspec.json.format(msgspec.json.encode(progress)) + b"\n")


def _begin_anew(root: Path, now: datetime) -> Progress:
    kept = keep(root / FILE, now.astimezone())
    return _from_last(root, now, kept.name if kept else "")


def _from_last(root: Path, now: datetime, kept: str) -> Progress:
    last, progress = read_last(root), Progress(kept=kept)
    # What passes is known; whether that was a streak is not.
    return replace(after(progress, last, now), streak=0, longest=0) if last else progress


class _AnyVersion(msgspec.Struct, frozen=True):
    version: int


# --- the course beside it -------------------------------------------------------------------
def _unit(unit: Unit, progress: Progress) -> UnitProgress:
    stages = (_stage(stage, progress.stages.get(stage.id)) for stage in unit.stages)
    return UnitProgress(unit.id, unit.about.title, tuple(stages))


def _stage(stage: Stage, known: StageRecord | None) -> StageProgress:
    record = known or StageRecord()
    goals = []
    for c in stage.about.criteria:
        found = record.criteria.get(c.id)
        outcome, since = (found.outcome, found.since) if found else (None, None)
        goals.append(Goal(c.id, c.sentence, c.points, outcome, since))
    return StageProgress(
        stage.id,
        stage.about.title,
        (stage.folder / "README.md").relative_to(stage.root).as_posix(),
        stage.about.minutes,
        tuple(goals),
        record.seconds,
        record.checked is not None and _is_newer(stage.file, record.checked),
        RULES in record.criteria,
    )


def _is_newer(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime > moment.timestamp()
    except OSError:
        return True
