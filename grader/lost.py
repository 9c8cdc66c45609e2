"""What a cell loses when it becomes part of a module: statements taken for trials."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from grader.pieces import Changes, flat, names_bound, parse, pieces_of
from grader.splice import names_in, trials
from grader.uses import Definition


def lost_changes(code: str, tasks: Collection[str] = ()) -> dict[str, list[str]]:
    r"""Return what `put` leaves out though it may change values that it keeps, and these.

    Parameters
    ----------
    code : str
    tasks : collection of str
        Functions that are called for a trial alone.

    Examples
    --------
    >>> code = "T = {}\ndef at(x):\n    return T[x]\nprint(T)\ndel T[0]\n"
    >>> lost_changes(code)
    {'del T[0]': ['T']}
    """
    tree, left = parse(code), trials(code)
    out = parse(left)
    if tree is None or out is None:
        return {}
    changes = Changes(tree)
    values = changes.values & set(names_in(code))
    by = {
        node.name: {*changes.by(node.body), *(n for s in flat(node.body) for n in names_bound(s))}
        for node in tree.body
        if isinstance(node, Definition) and node.name not in tasks
    }
    lost: dict[str, list[str]] = {}
    for piece in pieces_of(out, left):
        if not piece.binds:
            names = {name for node in flat(piece.nodes) for name in _may_change(node, by)}
            if found := sorted(names & values):
                lost[piece.lines[piece.start - piece.comment].strip()] = found
    return lost


def _may_change(node: ast.stmt, by: Mapping[str, set[str]]) -> set[str]:
    """Return the names that a statement may change, given those that functions do."""
    if not isinstance(node, ast.Expr | ast.Delete):
        return set()
    call = node.value if isinstance(node, ast.Expr) else None
    called = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
    if called in ("print", "display") or (call and not isinstance(call, ast.Call)):
        return set()
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | by.get(called, set())
