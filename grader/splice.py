"""Putting the code of a notebook cell into a module. Text in, text out."""

from __future__ import annotations

import ast
import contextlib
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

BROKEN = "# The cell below is no valid Python. Nothing in this file runs until it is."

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Block = ast.If | ast.Try | ast.TryStar | ast.With
# What parsing a hostile text may raise besides SyntaxError: NUL bytes, nesting without end.
_UNPARSABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def put(source: str, code: str) -> str:
    r'''Return a module in which the definitions of a cell stand in place of its own.

    A function or class of `code` takes the place of the one of the same name. Helpers,
    imports and constants that these need go in before the first function. What a cell only
    tries out (calls, plots, loops) is left out: it would run whenever the module is loaded.

    Parameters
    ----------
    source : str
        The module: a stub, or what an earlier call returned.
    code : str
        The cell. If it is no valid Python it is added at the end as it is, so that loading
        the module shows the syntax error; the next call takes it out again.

    Examples
    --------
    >>> stub = '"""Sums."""\n\n\ndef add(a, b):\n    raise NotImplementedError\n'
    >>> print(put(stub, "import math\n\ndef add(a, b):\n    return math.fsum([a, b])\n"))
    """Sums."""
    <BLANKLINE>
    <BLANKLINE>
    import math
    <BLANKLINE>
    <BLANKLINE>
    def add(a, b):
        return math.fsum([a, b])
    <BLANKLINE>
    '''
    source, code = _plain(source).partition(BROKEN)[0], _plain(code)
    old, new = parse(source), parse(code)
    if old is not None and new is not None:
        with contextlib.suppress(RecursionError):  # thousands of elif: not worth a thought
            return _spliced(_Module(source, _pieces(old, source)), new, code)
    return f"{source.rstrip()}\n\n\n{BROKEN}\n{code.strip()}\n"


def _spliced(into: _Module, tree: ast.Module, code: str) -> str:
    wanted = _Wanted(code, tree)
    for piece in _pieces(tree, code):
        if piece in wanted or into.binds(piece):
            into.put(piece)
    return into.text()


def parse(text: str) -> ast.Module | None:
    """Return the syntax tree of a text, None if it is no valid Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string is the student's affair
        try:
            return ast.parse(_plain(text))
        except _UNPARSABLE:
            return None


def _plain(text: str) -> str:
    """Return a text with the line ends that `ast` counts by, and without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class _Piece:
    """One top-level statement with its decorators, and the comments that belong to it.

    Statements that share a line are one piece. Lines are counted from 0, `end` is behind.
    """

    nodes: tuple[ast.stmt, ...]
    comment: int  # where the comments above it begin
    start: int
    end: int
    lines: tuple[str, ...]  # comments included

    @property
    def definition(self) -> str:
        """The name of the function or class that it is, if it is one."""
        node = self.nodes[0]
        return node.name if isinstance(node, _Definition) else ""

    @property
    def binds(self) -> tuple[str, ...]:
        """The names that exist after it."""
        return tuple(dict.fromkeys(name for node in self.nodes for name in _bound(node)))


def _pieces(tree: ast.Module, text: str) -> list[_Piece]:
    lines = text.split("\n")
    groups: list[tuple[list[ast.stmt], int, int]] = []
    for node in tree.body:
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) - 1
        end = node.end_lineno or node.lineno
        if groups and start < groups[-1][2]:
            nodes, first, last = groups.pop()
            groups.append(([*nodes, node], first, max(last, end)))
        else:
            groups.append(([node], start, end))
    found, floor = [], 0
    for i, (nodes, start, end) in enumerate(groups):
        comment = start
        while comment > floor and lines[comment - 1].startswith("#"):
            comment -= 1
        ceiling = groups[i + 1][1] if i + 1 < len(groups) else len(lines)
        floor = end = _with_comments_below(lines, end, ceiling)
        found.append(_Piece(tuple(nodes), comment, start, end, tuple(lines[comment:end])))
    return found


def _with_comments_below(lines: list[str], end: int, ceiling: int) -> int:
    """Return where a statement ends when indented comments after it count as its own."""
    for i in range(end, ceiling):
        line = lines[i]
        if line.strip() and not (line[0] in " \t" and line.strip().startswith("#")):
            break
        if line.strip():
            end = i + 1
    return end


def _bound(node: ast.stmt) -> Iterator[str]:
    """Return the names that a statement binds at the top level."""
    if isinstance(node, _Definition):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)
    elif isinstance(node, _Block):
        for child in ast.iter_child_nodes(node):
            children = child.body if isinstance(child, ast.ExceptHandler) else [child]
            for inner in children:
                if isinstance(inner, ast.stmt):
                    yield from _bound(inner)
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))


class _Module:
    """The module that is changed: its pieces, and what becomes of them."""

    def __init__(self, source: str, pieces: list[_Piece]) -> None:
        self._lines = source.rstrip("\n").split("\n")
        self._pieces = pieces
        self._slots = {_slot(piece): piece for piece in pieces if piece.binds}
        self._defines = {piece.definition for piece in pieces} - {""}
        self._replaced: dict[int, tuple[int, int, tuple[str, ...]]] = {}
        self._top: dict[tuple[str, ...], _Piece] = {}
        self._helpers: dict[tuple[str, ...], _Piece] = {}
        self._tail: dict[tuple[str, ...], _Piece] = {}

    def binds(self, piece: _Piece) -> bool:
        """Whether a piece binds anew what is bound here."""
        return _slot(piece) in self._slots or not self._defines.isdisjoint(piece.binds)

    def put(self, piece: _Piece) -> None:
        """Put a piece in the place of the one that binds the same, or where it can work.

        That is before the first function, or at the end if it uses what is defined here.
        """
        mine = self._slots.get(_slot(piece))
        if mine:
            start = mine.comment if piece.comment < piece.start else mine.start
            self._replaced[mine.start] = (start, mine.end, piece.lines)
            return
        uses = set(piece.binds).union(*map(_loaded, piece.nodes))
        where = self._helpers if self._defines.isdisjoint(uses) else self._tail
        where = self._top if _is_future(piece.nodes[0]) else where
        key = _slot(piece) if piece.definition else (str(piece.start),)
        where.pop(key, None)  # the later definition wins
        where[key] = piece

    def text(self) -> str:
        """Return the module as it is now."""
        first = next((p.comment for p in self._pieces if p.definition), len(self._lines))
        places = (self._after_docstring(), first, len(self._lines))
        changes = [(start, end, 0, lines) for start, end, lines in self._replaced.values()]
        for rank, pieces in enumerate((self._top, self._helpers, self._tail)):
            if pieces:
                new = _block(list(pieces.values()), last=places[rank] == len(self._lines))
                changes.append((places[rank], places[rank], rank, new))
        text: list[str] = []
        done = 0
        for start, end, _, lines in sorted(changes):
            text += self._lines[done:start]
            done = max(done, end)
            if start == end:  # what is new brings its own blank lines
                while text and not text[-1].strip():
                    text.pop()
                while done < len(self._lines) and not self._lines[done].strip():
                    done += 1
            text += lines
        text += self._lines[done:]
        return "\n".join(text).strip("\n") + "\n"

    def _after_docstring(self) -> int:
        """Return where ``from __future__`` has to stand."""
        first = self._pieces[0] if self._pieces else None
        if first is None:
            return len(self._lines)
        return first.end if _is_text(first.nodes[0]) else first.comment


def _block(pieces: list[_Piece], *, last: bool) -> tuple[str, ...]:
    """Return the lines of new pieces, set apart from what is around them."""
    lines: list[str] = ["", ""]
    for i, piece in enumerate(pieces):
        apart = i and (piece.definition or pieces[i - 1].definition)
        lines += [*(["", ""] if apart else []), *piece.lines]
    return (*lines, *([] if last else ["", ""]))


def _slot(piece: _Piece) -> tuple[str, ...]:
    """Return what two pieces have in common of which one can stand in the other's place."""
    if all(isinstance(node, ast.Import | ast.ImportFrom) for node in piece.nodes):
        return ("import", *map(ast.dump, piece.nodes))
    return ("definition" if piece.definition else "value", *piece.binds)


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


class _Wanted:
    """Which names of a cell its functions and classes need."""

    def __init__(self, code: str, tree: ast.Module) -> None:
        self._everything = not any(isinstance(node, _Definition) for node in tree.body)
        self._names = _globals(code) if not self._everything else set()
        for node in tree.body:
            if isinstance(node, _Definition):
                self._names |= _loaded(node)
        for node in reversed(tree.body):
            if not isinstance(node, _Definition) and self._names & set(_bound(node)):
                self._names |= _loaded(node)

    def __contains__(self, piece: _Piece) -> bool:
        """Whether a piece is more than a trial. A cell without functions is all wanted."""
        names = piece.binds
        return bool(names) and (
            bool(piece.definition)
            or self._everything
            or "*" in names
            or _is_future(piece.nodes[0])
            or not self._names.isdisjoint(names)
        )


def _loaded(node: ast.AST) -> set[str]:
    """Return the names that a statement reads at the top level: not those inside functions."""
    if isinstance(node, ast.ClassDef):
        outer: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        outer = [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]
    else:
        outer = [node]
    inner = (n for part in outer for n in ast.walk(part))
    return {n.id for n in inner if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _globals(code: str) -> set[str]:
    """Return the global names that the functions and classes of a text use."""
    try:
        waiting = symtable.symtable(code, "<cell>", "exec").get_children()
    except _UNPARSABLE:  # parses, yet cannot be compiled: a return outside a function, say
        return {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
    names: set[str] = set()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        names |= {s.get_name() for s in table.get_symbols() if s.is_global()}
    return names
