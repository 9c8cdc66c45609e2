"""What the file lacks of what a cell's functions need: said below the cell."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Container, Iterator

from grader.lost import lost_changes
from grader.pieces import definitions, parse
from grader.uses import UNPARSABLE

_HOW = "What a function needs, helpers too, belongs in its %%stage cell."


def on_missing(code: str, file: str, path: str, elsewhere: Container[str]) -> list[str]:
    """Return lines about names that a file uses and nothing in it binds.

    Parameters
    ----------
    code : str
        What of the file is looked at.
    file, path : str
        The whole file, and how it is called.
    elsewhere : container of str
        The notebook's names: what other cells have defined.
    """
    names = missing(code, file)
    said = []
    if known := [name for name in names if name in elsewhere]:
        said.append(f"{path} lacks {', '.join(known)}, known from another cell or an earlier run.")
    if unknown := [name for name in names if name not in elsewhere]:
        said.append(f"{path} lacks {', '.join(unknown)}, which no cell has defined so far.")
    return [*said, _HOW] if said else []


def on_trials(cell: str, stub: str, path: str) -> list[str]:
    """Return lines about trials of a cell that may change what its functions use."""
    try:
        lost = lost_changes(cell, definitions(stub))
    except RecursionError:  # thousands of elif: not worth a thought
        return []
    names = dict.fromkeys(name for changed in lost.values() for name in changed)
    if not lost:
        return []
    return [
        f"Only run here, and not written: {', '.join(lost)}.",
        f"If this changes {', '.join(names)}, {path} does not see it.",
        "Assign the value instead: what assigns is written, what calls is a trial.",
    ]


def missing(code: str, file: str) -> list[str]:
    r"""Return the names that code uses, and neither a file nor Python has.

    Examples
    --------
    >>> missing("def f(x):\\n    return half(x) + len(x)", "def f(x): ...")
    ['half']
    """
    tree = parse(file)
    if tree is None or any(isinstance(n, ast.alias) and n.name == "*" for n in ast.walk(tree)):
        return []
    try:
        used = _symbols(code)
        there = _symbols(file)
    except UNPARSABLE:
        return []
    known = {*dir(builtins)} | {s.get_name() for top, s in there if _binds(s, top=top)}
    names = {s.get_name() for top, s in used if _reads(s, top=top)} - known
    return sorted(name for name in names if not name[:2] == name[-2:] == "__")


def _symbols(text: str) -> list[tuple[bool, symtable.Symbol]]:
    """Return all names of a text, and whether they stand at its top level."""
    top = symtable.symtable(text, "<cell>", "exec")
    return [(table is top, symbol) for table in _tables(top) for symbol in table.get_symbols()]


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _binds(symbol: symtable.Symbol, *, top: bool) -> bool:
    bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    return bound and (top or symbol.is_declared_global())


def _reads(symbol: symtable.Symbol, *, top: bool) -> bool:
    return symbol.is_referenced() and (top or symbol.is_global())
