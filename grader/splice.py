"""Putting the code of a notebook cell into a module. Text in, text out."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Collection

from grader.block import agrees, kept_once, together, without
from grader.pieces import Piece, apart, parse, pieces_of, plain
from grader.uses import Definition, globals_used, loaded, mentions

__all__ = ["BROKEN", "names_in", "parse", "put", "trials"]

BROKEN = "# The cell below is no valid Python. Nothing in this file runs until it is."


def put(source: str, code: str, gone: Collection[str] = ()) -> str:
    r'''Return a module in which the definitions of a cell stand in place of its own.

    A function or class of `code` takes the place of the one of the same name. Helpers,
    imports and constants that these need go in before the first function. What a cell only
    tries out (calls, plots, loops) is left out: it would run whenever the module is loaded.

    The module then does with the cell's names what the cell does. Where statements in each
    other's places are not enough for that, those of the cell stand together as one block.

    Parameters
    ----------
    source : str
        The module: a stub, or what an earlier call returned.
    code : str
        The cell. If it is no valid Python it is added at the end as it is, so that loading
        the module shows the syntax error; the next call takes it out again.
    gone : collection of str
        Names that the cell had once. They go unless other statements of the module use them.

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
    source, code = plain(source).partition(BROKEN)[0], plain(code)
    old, new = parse(source), parse(code)
    if old is not None and new is not None:
        with contextlib.suppress(RecursionError):  # thousands of elif: not worth a thought
            return _spliced(source, old, _kept(new, code, source, old), gone)
    return f"{source.rstrip()}\n\n\n{BROKEN}\n{code.strip()}\n"


def _kept(tree: ast.Module, code: str, source: str, old: ast.Module) -> list[Piece]:
    """Return the statements of a cell that are more than a trial."""
    there = (p for p in pieces_of(old, source) if _slot(p)[0] != "import")
    bound = {name for piece in there for name in piece.binds}
    wanted = _Wanted(code, tree, bound)
    return kept_once([piece for piece in pieces_of(tree, code, bound) if piece in wanted])


def _spliced(source: str, old: ast.Module, cell: list[Piece], gone: Collection[str]) -> str:
    names = {name for piece in cell for name in piece.binds}
    before = pieces_of(old, source, names)
    text = _with(source, before, cell)
    if not agrees(_pieces(text, names), cell, before):
        text = _with(source, before, [p for p in cell if _slot(p)[0] == "import"])
        text = together(text, _pieces(text, names), cell)
    return without(text, gone, cell)


def _with(source: str, pieces: list[Piece], new: list[Piece]) -> str:
    into = _Module(source, pieces)
    for piece in new:
        into.put(piece)
    return into.text()


def _pieces(text: str, needed: Collection[str]) -> list[Piece]:
    tree = parse(text)
    return pieces_of(tree, text, needed) if tree else []


def names_in(code: str, *, imports: bool = False) -> tuple[str, ...]:
    """Return the functions, classes and values that `put` would take from a cell.

    None if it is no valid Python. Imports are only counted if they are asked for: several
    cells may need the same.
    """
    tree, code = parse(code), plain(code)
    if tree is None:
        return ()
    wanted = _Wanted(code, tree)
    own = [p for p in pieces_of(tree, code) if p in wanted]
    own = own if imports else [p for p in own if _slot(p)[0] != "import"]
    return tuple(dict.fromkeys(name for piece in own for name in piece.binds))


def trials(code: str) -> str:
    r"""Return what `put` leaves out of a cell, each line where it stands.

    Examples
    --------
    >>> trials("def add(a, b):\n    return a + b\n\nprint(add(1, 2))\n")
    '\n\n\nprint(add(1, 2))'
    """
    tree, code = parse(code), plain(code)
    if tree is None:
        return ""
    wanted = _Wanted(code, tree)
    lines: list[str] = []
    for piece in pieces_of(tree, code):
        if piece not in wanted:
            lines += [""] * (piece.start - len(lines))
            lines += piece.lines[piece.start - piece.comment :]
    return "\n".join(lines)


class _Module:
    """The module that is changed: its pieces, and what becomes of them."""

    def __init__(self, source: str, pieces: list[Piece]) -> None:
        self._lines = source.rstrip("\n").split("\n")
        self._pieces = pieces
        self._slots = {_slot(piece): piece for piece in pieces if piece.binds}
        self._defines = {piece.definition for piece in pieces} - {""}
        self._replaced: dict[int, tuple[int, int, tuple[str, ...]]] = {}
        self._top: dict[tuple[str, ...], Piece] = {}
        self._helpers: dict[tuple[str, ...], Piece] = {}
        self._tail: dict[tuple[str, ...], Piece] = {}

    def put(self, piece: Piece) -> None:
        """Put a piece in the place of the one that binds the same, or where it can work.

        That is before the first function, or at the end if it uses what is defined here.
        """
        mine = self._slots.get(_slot(piece))
        if mine:
            start = mine.comment if piece.comment < piece.start else mine.start
            self._replaced[mine.start] = (start, mine.end, piece.lines)
            return
        uses = set(piece.binds).union(*map(loaded, piece.nodes))
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
                gap = [] if places[rank] == len(self._lines) else ["", ""]
                new = ("", "", *apart(list(pieces.values())), *gap)
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


def _slot(piece: Piece) -> tuple[str, ...]:
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
    """Which names of a cell its functions and classes need, or are bound in a module."""

    def __init__(self, code: str, tree: ast.Module, bound: Collection[str] = ()) -> None:
        self._everything = not any(isinstance(node, Definition) for node in tree.body)
        self._names = globals_used(tree, code) | set(bound) if not self._everything else set()
        for node in tree.body:
            if isinstance(node, Definition):
                self._names |= {node.name} | loaded(node)
        pieces = [piece for piece in pieces_of(tree, code, bound) if not piece.definition]
        before = -1
        while before < len(self._names):  # a name may be needed above where it is bound last
            before = len(self._names)
            for piece in reversed(pieces):
                if self._names & set(piece.binds):
                    for node in piece.nodes:
                        self._names |= loaded(node) | mentions(node)

    def __contains__(self, piece: Piece) -> bool:
        """Whether a piece is more than a trial. A cell without functions is all wanted."""
        names = piece.binds
        return bool(names) and (
            bool(piece.definition)
            or self._everything
            or "*" in names
            or _is_future(piece.nodes[0])
            or not self._names.isdisjoint(names)
        )
