"""Reads a TOML file into a form, with an error that names file, key and expected form."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.errors import GraderError

F = TypeVar("F", bound=msgspec.Struct)


def read_settings(path: Path, form: type[F], wrong: type[GraderError]) -> F:
    """Read a TOML file.

    Raises
    ------
    GraderError
        A `wrong`, with the file, the key and the expected form.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise wrong(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(f"{path}: not a TOML file: {error}") from error
    try:
        return msgspec.convert(tree, form)
    except msgspec.ValidationError as error:
        problem, _, key = str(error).partition(" - at `$")
        where = re.sub(r"^\.|`$", "", key) or "top level"
        raise wrong(f"{path}: {where}: {problem}") from error
