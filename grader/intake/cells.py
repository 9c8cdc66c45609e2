"""A stage's file, made of the cells of a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.course import Stage
from grader.intake.magics import without_magics
from grader.intake.names import listed, shown
from grader.lost import lost_changes
from grader.pieces import definitions, fault, parse, plain
from grader.pristine import pristine
from grader.splice import put

_DEFINED = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)

_FUNCTION = """\
def {name}(*arguments, **keywords):
    raise SyntaxError({why!r})
"""
_CLASS = """\
class {name}:
    def __init__(self, *arguments, **keywords):
        raise SyntaxError({why!r})
"""


@dataclass(frozen=True)
class Cell:
    """A cell that is meant for a stage.

    Parameters
    ----------
    number : int
        Its place in the notebook, from 1.
    code : str
        What it holds; the line that marks it is left empty.
    functions : tuple of str
        The functions that it is for, as far as it says.
    exact : bool
        Whether its mark is spelt as it should be.
    """

    number: int = field(compare=False)
    code: str
    functions: tuple[str, ...] = ()
    exact: bool = True

    @property
    def defines(self) -> tuple[str, ...]:
        """The functions and classes in it, valid Python or not."""
        return defined_in(self.code)

    def tasks(self, stub: str) -> list[str]:
        """Return what it is for, of what the stage asks for."""
        names = dict.fromkeys((*self.functions, *self.defines))
        return [name for name in names if name in definitions(stub)]


def defined_in(code: str) -> tuple[str, ...]:
    """Return the names of the functions and classes of a text, valid Python or not."""
    return tuple(dict.fromkeys(_DEFINED.findall(code)))


def module_of(cells: Sequence[Cell], stage: Stage, path: str) -> tuple[bytes, list[str]]:
    """Return the text of a stage's file: its stub, with cells put in; and notes on these.

    A later cell wins. One that is no valid Python is left out: what it defines, and no other
    cell, raises its error; the rest of the stage goes on.

    Parameters
    ----------
    cells : sequence of Cell
    stage : Stage
    path : str
        Of the notebook, for the notes.
    """
    stub = pristine(stage)
    codes = [_python(cell.code) for cell in cells]
    text = put(stub, _joined(codes))
    if fault(text) is None:
        return _encoded(text), _lost(_joined(codes), stub, path)
    looked = [(cell, code, _flaw(stub, code)) for cell, code in zip(cells, codes, strict=True)]
    elsewhere = {name for cell, _, why in looked if not why for name in cell.defines}
    stand_ins, notes = list[str](), list[str]()
    for cell, _, why in looked:
        if why:
            said = f"cell {cell.number} of {shown(path)} is no valid Python: {why}"
            lost = [name for name in cell.tasks(stub) if name not in elsewhere]
            stand_ins += [_stand_in(name, stub, said) for name in lost]
            cost = f"; {', '.join(lost)} cannot pass" if lost else ""
            notes.append(f"{said}. It is left out{cost}")
    right = _joined(c for _, c, why in looked if not why)
    text = put(put(stub, _joined(stand_ins)), right)
    return _encoded(text), [*notes, *_lost(right, stub, path)]


def _lost(code: str, stub: str, path: str) -> list[str]:
    """Return a note on what is left out like a trial, and may be more, if there is such."""
    try:
        lost = lost_changes(code, definitions(stub))
    except RecursionError:  # thousands of elif: not worth a thought
        return []
    names = list(dict.fromkeys(name for changed in lost.values() for name in changed))
    what = f"it may change {listed(names)}, which functions use"
    return [f"{shown(path)}: left out: {listed(list(lost))}; {what}"] if lost else []


def _python(code: str) -> str:
    """Return a cell without IPython's own commands, if it is no Python as it is."""
    if parse(code) is not None:
        return code.rstrip("\n")
    ready = without_magics(plain(code))
    return (code if parse(ready) is None else ready).rstrip("\n")


def _flaw(stub: str, code: str) -> str:
    """Return why a cell cannot be part of a stage's file, empty if it can."""
    # The line must be the student's: what IPython runs there itself is no fault.
    if parse(code) is None and (found := fault(without_magics(plain(code)))):
        return f"{found.msg}, line {found.lineno}" if found.lineno else found.msg
    found = fault(put(stub, code))  # a line of the file means nothing to who wrote the cell
    return found.msg if found else ""


def _stand_in(name: str, stub: str, why: str) -> str:
    """Return a function or class that says why it is not the student's own."""
    is_class = definitions(stub).get(name)
    return (_CLASS if is_class else _FUNCTION).format(name=name, why=why)


def _joined(codes: Iterable[str]) -> str:
    return "\n\n\n".join(codes)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
