"""Notebooks: which of their cells belong to which stage."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from grader.course import Stage, Unit
from grader.intake import bounds
from grader.intake.names import Refused, shown
from grader.pristine import pristine
from grader.splice import parse, put

_MARK = re.compile(r"%%stage[ \t]+(\S+)[^\n]*(?:\n|$)")
_MAGIC = re.compile(r"^(?=[%!])", re.MULTILINE)


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""
    metadata: dict[str, Any] = {}


class _Notebook(msgspec.Struct):
    nbformat: int
    cells: list[_Cell]


def marked_cells(content: bytes, path: str, unit: Unit) -> dict[str, tuple[str, ...]]:
    """Return the cells that a notebook has for each stage, by the stage's name.

    A cell belongs to a stage by its first line, ``%%stage s13.padding pad2d``, or by a tag,
    ``s13.padding`` or ``stage:s13.padding``.

    Raises
    ------
    Refused
        It is no notebook, or holds too much code for a stage.
    """
    try:
        cells = msgspec.json.decode(content, type=_Notebook).cells
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem = "it may be damaged, or saved by a version of long ago"
        raise Refused(f"{shown(path)} is no notebook: {problem}") from error
    found: dict[str, list[str]] = {}
    for cell in cells:
        if cell.cell_type == "code":
            text = cell.source if isinstance(cell.source, str) else "".join(cell.source)
            for stage, code in _marked(text, cell.metadata.get("tags"), unit):
                found.setdefault(stage.name, []).append(code)
    for name, codes in found.items():
        if sum(map(len, codes)) > bounds.NOTEBOOK_CODE_BYTES:
            size = bounds.NOTEBOOK_CODE_BYTES // bounds.KB
            raise Refused(f"{shown(path)} has more than {size} KB of code for {name}")
    return {name: tuple(codes) for name, codes in found.items()}


def _marked(text: str, tags: Any, unit: Unit) -> list[tuple[Stage, str]]:
    """Return the stages that a cell is marked for, and its code."""
    mark = _MARK.match(text)
    names = {mark[1]} if mark else set()
    if isinstance(tags, list):
        names |= {tag.removeprefix("stage:") for tag in tags if isinstance(tag, str)}
    code = text[mark.end() :] if mark else text
    named = [(stage, {stage.id, stage.name} if mark else {stage.id}) for stage in unit.stages]
    return [(stage, code) for stage, known in named if not names.isdisjoint(known)]


def module_of(cells: tuple[str, ...], stage: Stage) -> bytes:
    """Return the text of a stage's file: its stub, with the cells of a notebook put in.

    A later cell wins. What is no valid Python comes last, where it does not hide the rest.
    """
    valid, broken = list[str](), list[str]()
    for cell in cells:
        is_python = parse(cell) is not None
        ready = cell if is_python else _MAGIC.sub("# ", cell)  # IPython's own commands
        right = is_python or parse(ready) is not None
        (valid if right else broken).append(ready.strip("\n"))
    text = put(pristine(stage), "\n\n\n".join(valid))
    text = put(text, "\n\n\n".join(broken)) if broken else text
    return text.encode("utf-8", "replace")
