"""Which names the statements of a module read, and which they bind in passing."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
# What parsing a hostile text may raise besides SyntaxError: NUL bytes, nesting without end.
UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
_Later = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_NAMELESS = ("lambda", "listcomp", "setcomp", "dictcomp", "genexpr")


def loaded(node: ast.AST) -> set[str]:
    """Return the names that a statement reads when it runs: not those inside functions."""
    names: set[str] = set()
    for part in _now(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load | ast.Del):
            names.add(part.id)
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            names.add(part.target.id)
    return names


def mentions(node: ast.AST) -> set[str]:
    """Return the names that a statement reads, now or when a function in it is called."""
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }


def globals_used(tree: ast.Module, text: str) -> set[str]:
    """Return the global names that the functions and classes of a parsed text use.

    What is nameless, as a lambda, belongs to the statement that it stands in.
    """
    try:
        tables = symtable.symtable(text, "<cell>", "exec").get_children()
    except UNPARSABLE:  # parses, yet cannot be compiled: a return outside a function, say
        return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    spans = [lines_of(node) for node in tree.body if isinstance(node, Definition)]
    waiting = [
        table
        for table in tables
        if table.get_name() not in _NAMELESS
        or any(start < table.get_lineno() <= end for start, end in spans)
    ]
    names: set[str] = set()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        names |= {s.get_name() for s in table.get_symbols() if s.is_global()}
    return names


def lines_of(node: ast.stmt) -> tuple[int, int]:
    """Return where a statement starts, counted from 0, and the line behind its end."""
    decorators = getattr(node, "decorator_list", ())
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
    return start, node.end_lineno or node.lineno


def bound_in_passing(node: ast.stmt) -> set[str]:
    """Return what a statement leaves behind beside its purpose.

    What a loop counts with, what ``with`` and ``case`` name, and ``(n := 3)``. A trial may
    leave as much, so these names count only where something uses them.
    """
    if isinstance(node, Definition):
        return set()
    return {name for part in _now(node) for name in _passing(part)}


def _passing(part: ast.AST) -> Iterable[str]:
    match part:
        case ast.NamedExpr(target=target) | ast.For(target=target):
            return _stored(target)
        case ast.withitem(optional_vars=ast.AST() as target):
            return _stored(target)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
    return ()


def _now(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run when it does."""
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        yield part
        inner = ast.iter_child_nodes(part)
        if isinstance(part, _Later):
            body = part.body if isinstance(part.body, list) else [part.body]
            inner = (child for child in inner if child not in body)
        waiting += inner


def _stored(target: ast.AST) -> set[str]:
    return {
        n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def counted(node: ast.AST) -> set[str]:
    """Return what the comprehensions of a statement count with."""
    parts = (part for part in ast.walk(node) if isinstance(part, ast.comprehension))
    return {name for part in parts for name in _stored(part.target)}
