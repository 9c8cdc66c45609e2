"""Whether a module means what a cell means, and the cell as one block where it does not."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.pieces import Piece, apart, names_bound, parse, pieces_of
from grader.uses import Definition, loaded, mentions

_Import = ast.Import | ast.ImportFrom


@dataclass(frozen=True)
class _Fact:
    """What a statement does when the module is loaded."""

    piece: Piece
    reads: frozenset[str]  # in the functions that it calls too

    @cached_property
    def dump(self) -> tuple[str, ...]:
        return tuple(map(ast.dump, self.piece.nodes))

    @cached_property
    def binds(self) -> frozenset[str]:
        return frozenset(self.piece.binds)

    @cached_property
    def is_import(self) -> bool:
        return all(isinstance(node, _Import) for node in self.piece.nodes)

    @cached_property
    def sure(self) -> frozenset[str]:
        """The names that it binds whatever happens, and anew."""
        return frozenset(name for node in self.piece.nodes for name in _bound_anew(node))


def kept_once(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the statements of a cell without those that a later one makes void."""
    facts = _facts(pieces)
    kept: list[_Fact] = []
    needed: set[str] = set()  # read later, and not bound before that
    anew: set[str] = set()  # bound later
    for fact in reversed(facts):
        void = not fact.is_import and fact.sure == fact.binds and fact.binds <= anew
        if void and needed.isdisjoint(fact.binds):
            continue
        needed = (needed - fact.sure) | fact.reads
        anew |= fact.sure
        kept.append(fact)
    last: dict[str, tuple[str, ...]] = {}
    once: list[Piece] = []
    for fact in reversed(kept):
        if not fact.is_import or any(last.get(name) != fact.dump for name in fact.binds):
            once.append(fact.piece)
        last |= dict.fromkeys(fact.binds, fact.dump)
    return once


def agrees(module: Sequence[Piece], cell: Sequence[Piece], before: Sequence[Piece] = ()) -> bool:
    """Whether a module does with the names of a cell what the cell does.

    Each statement of the cell stands in it, behind what it builds on; nothing else binds
    these names later, and nothing is left of what the cell replaces.

    Parameters
    ----------
    module, cell : sequence of Piece
    before : sequence of Piece
        The module before the cell was put into it.
    """
    there, here = _facts(module), _facts(cell)
    at = _places(there, here)
    if at is None or not _in_order(here, at):
        return False
    first: dict[str, int] = {}
    for fact, place in zip(here, at, strict=True):
        for name in fact.binds:
            first[name] = min(place, first.get(name, place))
    taken, imported = set(at), {n for fact in here if fact.is_import for n in fact.binds}
    sure = _sure(here) - imported
    others = [(i, fact) for i, fact in enumerate(there) if i not in taken]
    for i, fact in others:
        if fact.binds and not fact.is_import and fact.binds <= sure:
            return False
        if any(i > first.get(name, i) for name in fact.binds):
            return False
    earliest: dict[str, int] = {}
    for i, fact in enumerate(there):
        for name in fact.binds:
            earliest.setdefault(name, i)
    mine = {fact.dump for fact in here}
    foreign = {name for _, fact in others for name in fact.binds}
    foreign |= {n for fact in _facts(before) if fact.dump not in mine for n in fact.binds}
    return all(
        earliest.get(name, len(there)) < place
        for names, place in zip(_outer(here), at, strict=True)
        for name in names & foreign
    )


def together(source: str, module: Sequence[Piece], cell: Sequence[Piece]) -> str:
    """Return a module in which the statements of a cell stand as one block.

    It takes the place of the first that it replaces, or comes after the last that it needs.

    Parameters
    ----------
    source : str
    module : sequence of Piece
        Of `source`. Imports that are not at odds with others are there already.
    cell : sequence of Piece
    """
    there, here = _facts(module), _facts(cell)
    block = [fact for fact in here if not fact.is_import or _at_odds(fact, there, here)]
    mine, sure = {fact.dump for fact in block}, _sure(block)
    names = frozenset[str]().union(*(fact.binds for fact in block))
    needs = frozenset[str]().union(*_outer(block))
    gone = [fact.dump in mine or bool(fact.binds and fact.binds <= sure) for fact in there]
    place = next((i for i, it_goes in enumerate(gone) if it_goes), -1)
    if place < 0:
        first = (i for i, fact in enumerate(there) if fact.piece.definition)
        place = next(first, len(there))
    met: set[str] = set()
    for i, fact in enumerate(there):
        if not gone[i]:
            if not fact.binds.isdisjoint(names) or not (fact.binds & needs) <= met:
                place = max(place, i + 1)
            met |= fact.binds
    cut = there[place].piece.comment if place < len(there) else source.count("\n") + 1
    drop = [fact.piece for fact, it_goes in zip(there, gone, strict=True) if it_goes]
    lines = source.split("\n")
    parts = (
        _without(lines[:cut], [p for p in drop if p.comment < cut], 0),
        "\n".join(apart([fact.piece for fact in block])),
        _without(lines[cut:], [p for p in drop if p.comment >= cut], cut),
    )
    return "\n\n\n".join(filter(None, (part.strip("\n") for part in parts))) + "\n"


def without(source: str, names: Iterable[str], cell: Sequence[Piece]) -> str:
    """Return a module without some names that nothing but a cell's statements may use."""
    unwanted = set(names)
    tree = parse(source) if unwanted else None
    pieces = pieces_of(tree, source, unwanted) if tree else []
    mine = {fact.dump for fact in _facts(cell)}
    facts = _facts(pieces)
    drop = [f.piece for f in facts if f.binds and f.binds <= unwanted and f.dump not in mine]
    rest = [f.piece for f in facts if f.dump not in mine and f.piece not in drop]
    used = {name for piece in rest for node in piece.nodes for name in mentions(node)}
    drop = [piece for piece in drop if used.isdisjoint(piece.binds)]
    return _without(source.split("\n"), drop, 0).strip("\n") + "\n" if drop else source


def _facts(pieces: Sequence[Piece]) -> list[_Fact]:
    """Return what statements do, each function's part included where it may be called."""
    inside: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        for node in piece.nodes:
            if isinstance(node, Definition):
                inside[node.name] |= mentions(node)
    facts = []
    for piece in pieces:
        reads = {name for node in piece.nodes for name in loaded(node)}
        waiting = [name for name in reads if name in inside]
        while waiting:
            new = inside[waiting.pop()] - reads
            reads |= new
            waiting += [name for name in new if name in inside]
        facts.append(_Fact(piece, frozenset(reads)))
    return facts


def _bound_anew(node: ast.stmt) -> Iterable[str]:
    if isinstance(node, Definition | _Import):
        return names_bound(node)
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign) and node.value:
        targets = [node.target]
    return [
        n.id
        for target in targets
        for n in ast.walk(target)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]


def _outer(cell: Sequence[_Fact]) -> list[frozenset[str]]:
    """Return what each statement reads that none before it binds."""
    bound: set[str] = set()
    found = []
    for fact in cell:
        found.append(fact.reads - bound)
        bound |= fact.binds
    return found


def _sure(cell: Sequence[_Fact]) -> frozenset[str]:
    """Return the names that a cell binds anew, whatever they were."""
    sure = set[str]().union(*(fact.sure for fact in cell))
    for fact, outer in zip(cell, _outer(cell), strict=True):
        sure -= outer & fact.binds
    return frozenset(sure)


def _places(module: Sequence[_Fact], cell: Sequence[_Fact]) -> list[int] | None:
    """Return where each statement of a cell stands in a module, None if one does not."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for i, fact in enumerate(module):
        places[fact.dump].append(i)
    count = Counter(fact.dump for fact in cell)
    if any(len(places[dump]) < n for dump, n in count.items()):
        return None
    left = {dump: iter(places[dump][-n:]) for dump, n in count.items()}
    return [next(left[fact.dump]) for fact in cell]


def _in_order(cell: Sequence[_Fact], at: Sequence[int]) -> bool:
    """Whether what binds a name and what reads it stand as they do in the cell."""
    binders: dict[str, list[int]] = defaultdict(list)
    for i, fact in enumerate(cell):
        for name in fact.binds:
            binders[name].append(i)
    for name in binders:
        places = [at[i] for i in binders[name]]
        if places != sorted(places):
            return False
    for i, fact in enumerate(cell):
        for name in fact.reads & binders.keys():
            who = binders[name]
            k = bisect_left(who, i)
            if k and at[who[k - 1]] > at[i]:
                return False
            behind = k + (k < len(who) and who[k] == i)
            if behind < len(who) and at[who[behind]] < at[i]:
                return False
    return True


def _at_odds(fact: _Fact, module: Sequence[_Fact], cell: Sequence[_Fact]) -> bool:
    """Whether an import binds what another statement binds behind it, or elsewhere in the cell."""
    if any(f.dump != fact.dump and not f.binds.isdisjoint(fact.binds) for f in cell):
        return True
    place = max((i for i, f in enumerate(module) if f.dump == fact.dump), default=len(module))
    return any(not f.binds.isdisjoint(fact.binds) for f in module[place + 1 :])


def _without(lines: list[str], drop: Sequence[Piece], start: int) -> str:
    """Return lines without some statements; of the gaps around each the wider one stays."""
    left: list[str] = []
    done = 0
    for piece in drop:
        left += lines[done : piece.comment - start]
        done = piece.end - start
        while done < len(lines) and not lines[done].strip() and left and not left[-1].strip():
            gap_behind = next((i for i in range(done, len(lines)) if lines[i].strip()), len(lines))
            gap_before = len(left) - len("\n".join(left).rstrip().split("\n"))
            if gap_behind - done > gap_before:
                left = left[: len(left) - gap_before]
                break
            done = gap_behind
    return "\n".join(left + lines[done:])
