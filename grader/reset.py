"""A stage's file as it was given out, and what stood there kept beside it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from grader.atomic import write_atomically
from grader.course import Stage
from grader.kept import keep
from grader.pristine import is_pristine, pristine


def is_stub(stage: Stage) -> bool:
    """Whether there is nothing to reset.

    Raises
    ------
    CourseError
        Nobody can tell what the stub is.
    """
    return stage.file.is_file() and is_pristine(stage, stage.file.read_bytes())


def reset(stage: Stage, now: datetime) -> Path | None:
    """Make a stage's file a stub again; return where that of before is kept.

    Raises
    ------
    CourseError
        Nobody can tell what the stub is; nothing was written.
    """
    stub = pristine(stage)
    kept = keep(stage.file, now)
    write_atomically(stage.file, stub)
    return kept
