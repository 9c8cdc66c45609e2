"""All mutants of a solution: each differs from it in one small change.

No mutation library does what is wanted here. mutmut and cosmic-ray drive a whole test
command for each mutant on disk, which costs seconds where a check as a callable costs a
millisecond; they cannot put the mutant in the student's place, tell an equivalent mutant
by a differential fuzz, or change axes, slices, memory orders and height for width.
mutatest, which has an interface for programs, is no longer kept up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

from operators import replacements

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Mutant:
    """One change of one definition of a solution.

    Parameters
    ----------
    function : str
        Where it is: ``pad2d``, ``Conv2D.forward``.
    line : int
        Of the statement, in the solution.
    before, after : str
        The statement, or the first line of a compound one.
    source : str
        The whole changed definition.
    """

    function: str
    line: int
    before: str
    after: str
    source: str

    @property
    def definition(self) -> str:
        """The name in the module that the mutant replaces."""
        return self.function.partition(".")[0]

    @property
    def key(self) -> str:
        """What names the mutant wherever its lines move."""
        return f"{self.function}: {self.before} -> {self.after}"

    @property
    def code(self) -> CodeType:
        """The changed definition, compiled."""
        return compile(self.source, f"<mutant of {self.function}>", "exec")


def mutants_of(solution: str) -> list[Mutant]:
    """Return all mutants of a solution, each once, in the order of its lines.

    Examples
    --------
    >>> for mutant in mutants_of("def last(x): return x - 1"):
    ...     print(mutant.after)
    pass
    return x + 1
    return x
    return 1
    return 1 - x
    return x - 2
    return x - 0
    """
    tree = ast.parse(solution)
    _strip_docstrings(tree)
    found: dict[str, Mutant] = {}
    for definition in tree.body:
        if isinstance(definition, Definition):
            known = {ast.unparse(definition)}
            for mutant in _mutants(definition):
                if mutant.source not in known:
                    found.setdefault(mutant.source, mutant)
    return list(found.values())


@dataclass(frozen=True)
class _Site:
    """A node and its place: ``parent.field``, or ``parent.field[index]`` of a list."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    function: str
    names: frozenset[str]

    def put(self, node: ast.AST) -> None:
        """Let `node` stand there."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _mutants(definition: Definition) -> Iterator[Mutant]:
    # All sites are found first: while they change, the tree cannot be walked.
    for site in list(_sites(definition, definition, definition.name, frozenset())):
        before = _first_line(site.statement)
        for new in replacements(site.node, site.parent, site.names):
            site.put(new)
            whole = new if site.node is site.statement else site.statement
            after, source = _first_line(whole), ast.unparse(definition)
            site.put(site.node)
            yield Mutant(site.function, site.statement.lineno, before, after, source)


def _sites(
    parent: ast.AST, statement: ast.stmt, function: str, names: frozenset[str]
) -> Iterator[_Site]:
    """Walk all nodes below `parent`."""
    if isinstance(parent, ast.FunctionDef):
        names = frozenset(_names_in(parent))
    for field, value in ast.iter_fields(parent):
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(node, ast.AST):
                around = node if isinstance(node, ast.stmt) else statement
                name = f"{function}.{node.name}" if isinstance(node, ast.FunctionDef) else function
                yield _Site(node, parent, field, index, around, name, names)
                yield from _sites(node, around, name, names)


def _names_in(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _first_line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]


def _strip_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, Definition) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
