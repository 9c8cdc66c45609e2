"""The top-level statements of a module, each with the comments that belong to it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.uses import (
    UNPARSABLE,
    Definition,
    bound_in_passing,
    counted,
    globals_used,
    lines_of,
    loaded,
    mentions,
)

_Block = ast.If | ast.Try | ast.TryStar | ast.With | ast.Match


def excerpt(source: str, names: Collection[str]) -> str:
    r"""Return the statements of a module that bind any of `names`, as they stand there.

    Examples
    --------
    >>> print(excerpt("# One.\ndef a():\n    return 1\n\n\nb = 2\n", ["a"]))
    # One.
    def a():
        return 1
    """
    tree, source = parse(source), plain(source)
    pieces = pieces_of(tree, source, names) if tree else []
    return "\n".join(apart([p for p in pieces if not set(names).isdisjoint(p.binds)]))


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree of a text, None if it is no valid Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string is the student's affair
        try:
            return ast.parse(plain(text))
        except UNPARSABLE:
            return None


def fault(text: str) -> SyntaxError | None:
    """Return why a text is no valid Python, None if it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(plain(text), "<cell>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error
    except (RecursionError, MemoryError, OverflowError):
        return SyntaxError("it is nested too deeply")
    except ValueError as error:
        return SyntaxError(str(error))
    return None


def definitions(text: str) -> dict[str, bool]:
    """Return the functions and classes of a module by name, and whether each is a class."""
    tree = parse(text)
    found = tree.body if tree else ()
    return {n.name: isinstance(n, ast.ClassDef) for n in found if isinstance(n, Definition)}


def plain(text: str) -> str:
    """Return a text with the line ends that `ast` counts by, and without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Piece:
    """One top-level statement with its decorators, and the comments that belong to it.

    Statements that share a line are one piece. Lines are counted from 0, `end` is behind.
    """

    nodes: tuple[ast.stmt, ...]
    comment: int  # where the comments above it begin
    start: int
    end: int
    lines: tuple[str, ...]  # comments included
    changes: tuple[str, ...] = ()  # names that it binds in passing, or whose values it changes

    @property
    def definition(self) -> str:
        """The name of the function or class that it is, if it is one."""
        node = self.nodes[0]
        return node.name if isinstance(node, Definition) else ""

    @property
    def binds(self) -> tuple[str, ...]:
        """The names that exist after it, or have another value."""
        bound = (name for node in self.nodes for name in names_bound(node))
        return tuple(dict.fromkeys((*bound, *self.changes)))


def pieces_of(tree: ast.Module, text: str, needed: Collection[str] = ()) -> list[Piece]:
    """Return the statements of a parsed text.

    Parameters
    ----------
    tree, text
    needed : collection of str
        Names that are used elsewhere, should a loop leave them behind.
    """
    lines = text.split("\n")
    groups: list[tuple[list[ast.stmt], int, int]] = []
    for node in tree.body:
        start, end = lines_of(node)
        if groups and start < groups[-1][2]:
            nodes, first, last = groups.pop()
            groups.append(([*nodes, node], first, max(last, end)))
        else:
            groups.append(([node], start, end))
    passing = _passing(tree, text, needed)
    changed = Changes(tree, set[str]().union(*passing.values()))
    found, floor = [], 0
    for i, (nodes, start, end) in enumerate(groups):
        comment = start
        while comment > floor and lines[comment - 1].startswith("#"):
            comment -= 1
        ceiling = groups[i + 1][1] if i + 1 < len(groups) else len(lines)
        floor = end = _with_comments_below(lines, end, ceiling)
        changes = (*sorted(set[str]().union(*map(passing.__getitem__, nodes))), *changed.by(nodes))
        found.append(Piece(tuple(nodes), comment, start, end, tuple(lines[comment:end]), changes))
    return found


def _passing(tree: ast.Module, text: str, needed: Collection[str]) -> dict[ast.stmt, set[str]]:
    """Return what each statement binds in passing, of what others use or bind."""
    passing = {node: bound_in_passing(node) for node in tree.body}
    if not any(passing.values()):
        return passing
    used = {*needed, *globals_used(tree, text)}
    used |= {name for node in tree.body for name in names_bound(node)}
    before = -1
    while before < len(used):
        before = len(used)
        for node, names in passing.items():
            if isinstance(node, Definition):
                used |= loaded(node)
            elif names & used or any(names_bound(node)):
                used |= mentions(node) - names - counted(node)
    return {node: names & used for node, names in passing.items()}


def _with_comments_below(lines: list[str], end: int, ceiling: int) -> int:
    """Return where a statement ends when indented comments after it count as its own."""
    for i in range(end, ceiling):
        line = lines[i]
        if line.strip() and not (line[0] in " \t" and line.strip().startswith("#")):
            break
        if line.strip():
            end = i + 1
    return end


def names_bound(node: ast.stmt) -> Iterator[str]:
    """Return the names that a statement binds at the top level."""
    if isinstance(node, Definition):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, _Block | ast.For | ast.While):
        for inner in _inside(node):
            yield from names_bound(inner)
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from _names_set(target)


def _names_set(target: ast.expr) -> Iterator[str]:
    """Return what an assignment binds or changes: of ``TABLE[i] = 3`` the table."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
        yield from _names_set(target.value)
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from _names_set(part)


def _inside(node: ast.stmt) -> Iterator[ast.stmt]:
    """Return the statements in a block, or in a loop."""
    if isinstance(node, ast.For | ast.While):
        yield from (*node.body, *node.orelse)
    elif isinstance(node, _Block):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ExceptHandler | ast.match_case):
                yield from child.body
            elif isinstance(child, ast.stmt):
                yield child


def flat(nodes: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Return statements, and in place of blocks and loops those in them; in no order."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        inner = list(_inside(node))
        waiting += inner
        if not inner:
            yield node


class Changes:
    """Which names of a module have other values after a call: ``MODES.update(full=2)``.

    A method of a value may change it, one of a module or a class is a trial.

    Parameters
    ----------
    tree : ast.Module
        The module.
    passing : collection of str
        Names that its statements bind in passing.
    """

    def __init__(self, tree: ast.Module, passing: Collection[str] = ()) -> None:
        imported, bound = set[str](), set(passing)
        self._defined = set[str]()
        for node in flat(tree.body):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported.update(names_bound(node))
            elif isinstance(node, Definition):
                self._defined.add(node.name)
            else:
                bound.update(names_bound(node))
        self.values = bound - imported - self._defined

    def by(self, nodes: Iterable[ast.stmt]) -> tuple[str, ...]:
        """Return the names that some statements change so."""
        return tuple(dict.fromkeys(name for node in flat(nodes) for name in self._by(node)))

    def _by(self, node: ast.stmt) -> Iterator[str]:
        call = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(call, ast.Call):
            return
        function = call.func
        sets = isinstance(function, ast.Name) and function.id in ("setattr", "delattr")
        part: ast.expr = call.args[0] if sets and call.args else function
        depth = 2 * sets
        while isinstance(part, ast.Attribute | ast.Subscript):
            part, depth = part.value, depth + 1
        name = part.id if isinstance(part, ast.Name) else ""
        if (depth > 0 and name in self.values) or (depth > 1 and name in self._defined):
            yield name


def apart(pieces: Sequence[Piece]) -> list[str]:
    """Return the lines of pieces, with blank lines around functions and classes."""
    lines: list[str] = []
    for i, piece in enumerate(pieces):
        if i and (piece.definition or pieces[i - 1].definition):
            lines += ["", ""]
        lines += piece.lines
    return lines
