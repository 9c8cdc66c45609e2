"""Blocks of ``>>>`` examples, as code that is run."""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterable
from dataclasses import dataclass

from grader.pieces import names_bound, parse

_PARSER = doctest.DocTestParser()
_DIRECTIVE = re.compile(r"[ \t]*#\s*doctest:.*")


@dataclass(frozen=True)
class Example:
    """One statement of a block.

    Parameters
    ----------
    code : str
        Without prompts and output.
    shows, fails : bool
        Whether a value is printed after it, and whether it ends in an exception.
    """

    code: str
    shows: bool
    fails: bool

    @property
    def binds(self) -> set[str]:
        """The names that exist after it."""
        tree = parse(self.code) or ast.Module([], [])
        nodes = ast.walk(tree)
        stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        return stored | {name for node in tree.body for name in names_bound(node)}

    @property
    def uses(self) -> set[str]:
        """The names that it reads."""
        nodes = ast.walk(parse(self.code) or ast.Module([], []))
        return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}

    def imports(self, module: str) -> bool:
        """Whether it imports a module or something of it."""
        for node in ast.walk(parse(self.code) or ast.Module([], [])):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            if any(f"{name}.".startswith(f"{module}.") for name in names):
                return True
        return False


def examples(block: str) -> list[Example]:
    """Return the examples of a block; none if it has no prompts or they are malformed."""
    try:
        found = _PARSER.get_examples(block)
    except ValueError:
        return []
    return [_example(each) for each in found]


def _example(found: doctest.Example) -> Example:
    code = _DIRECTIVE.sub("", found.source.rstrip("\n"))
    return Example(code, bool(found.want.strip()), found.exc_msg is not None)


def cell_codes(found: Iterable[Example]) -> list[tuple[str, bool]]:
    r"""Return examples as the code of cells, and whether each ends in an exception.

    A cell shows the value of its last line; the values before it are shown by ``display``.

    Examples
    --------
    >>> cell_codes(examples(">>> a = 1\n>>> a + 1\n2\n>>> a + 2\n3\n"))
    [('a = 1\ndisplay(a + 1)\na + 2', False)]
    """
    cells: list[tuple[str, bool]] = []
    waiting: list[Example] = []
    for each in found:
        waiting.append(each)
        if each.fails:
            cells.append((_joined(waiting), True))
            waiting = []
    return [*cells, (_joined(waiting), False)] if waiting else cells


def _joined(found: list[Example]) -> str:
    *before, last = found
    return "\n".join(
        [*(_displayed(each) if each.shows else each.code for each in before), last.code]
    )


def _displayed(example: Example) -> str:
    """Return an expression so that its value is shown; what prints is left as it is."""
    tree = parse(example.code)
    node = tree.body[0] if tree else None
    if not isinstance(node, ast.Expr) or _prints(node.value):
        return example.code
    value = ast.get_source_segment(example.code, node.value) or ""
    before, _, after = example.code.partition(value)
    return f"{before}display({value}){after}"


def _prints(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )
