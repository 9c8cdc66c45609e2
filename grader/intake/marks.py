"""What the first line of a notebook's cell says: which stage it is for, however it is spelt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.course import Stage, Unit
from grader.intake.cells import defined_in
from grader.pieces import definitions

_SAID = re.compile(r"[ \t]*(?:#[# \t]*)?%{1,3}[ \t]*stages?\b(?P<rest>.*)", re.IGNORECASE)
_EXACT = re.compile(r"%%stage[ \t]+(?P<stage>\S+)")
# IPython's commands that run the rest of a cell, a mark at its head included.
_AROUND = re.compile(r"%%(time|timeit|capture|prun)\b.*")
_BETWEEN = re.compile(r"[^\w-]+")

# The functions and classes that each stage asks for, by its name.
Asked = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Mark:
    """What a cell says about itself.

    Parameters
    ----------
    line : str
        The line, as it stands there; empty if it is a tag of the cell.
    stage : str
        The name of the stage that is meant; empty if that cannot be told.
    functions : tuple of str
        What it names besides the stage.
    exact : bool
        Whether it is spelt as it should be.
    code : str
        The cell with that line left empty.
    """

    line: str
    stage: str
    functions: tuple[str, ...]
    exact: bool
    code: str


def asked_for(stubs: Mapping[str, str]) -> Asked:
    """Return what stages ask for, given their stubs: what is private is nobody's task."""
    return {
        stage: tuple(name for name in definitions(stub) if not name.startswith("_"))
        for stage, stub in stubs.items()
    }


def read_mark(text: str, unit: Unit, asked: Asked) -> Mark | None:
    """Return what the first line of a cell says about its stage, if it says anything.

    Blank lines, comments and IPython's commands around a cell, such as ``%%time``, may stand
    before it. What is misspelt is understood if only one stage can be meant, by the line or by
    what the cell defines.
    """
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if found := _SAID.fullmatch(line):
            code = "\n".join([*lines[:i], "", *lines[i + 1 :]])
            first = not any(each.strip() and not _AROUND.fullmatch(each) for each in lines[:i])
            if line.strip().startswith("%stage ") and not defined_in(code):
                return None  # the notebooks' command that loads a function
            return _mark(line.strip(), found["rest"], code, unit, asked, first=first)
        if line.strip() and not line.lstrip().startswith("#") and not _AROUND.fullmatch(line):
            return None
    return None


def _mark(line: str, rest: str, code: str, unit: Unit, asked: Asked, *, first: bool) -> Mark:
    words = rest.partition("#")[0].partition(" --")[0].split()
    exact = _EXACT.match(line) if first else None
    stage = _stage(exact["stage"], unit.stages) if exact else ""
    if stage:
        return Mark(line, stage, _names(words[1:]), True, code)
    stage = meant(words, code, asked)
    names = list(_names(words))
    if stage in names:  # a function may be called as its stage is
        names.remove(stage)
    functions = tuple(name for name in names if name in asked.get(stage, ()))
    return Mark(line, stage, functions, False, code)


def _stage(said: str, stages: Iterable[Stage]) -> str:
    return next((s.name for s in stages if said in (s.id, s.name)), "")


def _names(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for word in words for part in _BETWEEN.split(word) if part)


def meant(words: Sequence[str], code: str, asked: Asked) -> str:
    """Return the stage that the words of a mark mean, empty if that is not clear.

    Examples
    --------
    >>> meant(["s13.paddin", "pad2d"], "", {"padding": ["pad2d"], "conv": ["conv2d"]})
    'padding'
    """
    known = {stage.lower(): stage for stage in asked}
    first = [name.lower() for name in _names(words[:1])]
    said = {known[name] for name in first if name in known}
    if len(said) == 1:
        return said.pop()
    near = {n for name in first for n in difflib.get_close_matches(name, known, cutoff=0.75)}
    names = {*_names(words), *defined_in(code)}
    found = {known[name] for name in near}
    found |= {stage for stage, tasks in asked.items() if not names.isdisjoint(tasks)}
    return found.pop() if len(found) == 1 else ""
