"""The file that a student starts from, in whichever edition."""

from __future__ import annotations

import codecs
from functools import lru_cache

from grader.course import Stage
from grader.errors import CourseError
from grader.stub import make_stub

_made = lru_cache(maxsize=256)(make_stub)


def pristine(stage: Stage) -> str:
    """Return the stub of a stage, whatever the student has made of it since.

    A student's edition has no solutions; it keeps the stubs as they were handed out.

    Raises
    ------
    CourseError
        Neither can be read.
    """
    try:
        if stage.stub.is_file():
            return stage.stub.read_text(encoding="utf-8")
        solution = stage.solution.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{stage.folder}: the stub cannot be made: {error}") from error
    return _made(solution, stage.id, "/".join(stage.solution.parts[-4:]))


def is_pristine(stage: Stage, source: bytes) -> bool:
    """Whether a student's file is as it was given out, whatever editor saved it since.

    Raises
    ------
    CourseError
        See `pristine`.
    """
    text = source.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    return text == pristine(stage).encode()
