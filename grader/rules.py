"""Code rules: which names a file uses that its stage does not allow.

Found by the syntax tree, before the file is run, in the worker: a file that is made to
crash a parser crashes there. Aliases, ``getattr``, ``vars`` and ``importlib`` are seen through
where their names are spelled plainly.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def forbidden_uses(
    source: bytes | str, forbid: Sequence[str], path: str = "<unknown>"
) -> list[tuple[int, str]]:
    r"""Return the line and full name of each forbidden use, at most one a line.

    Parameters
    ----------
    source : bytes or str
        A Python file.
    forbid : sequence of str
        Dotted names; what lies under a name is forbidden with it.
    path : str
        Where a syntax error is said to be.

    Raises
    ------
    SyntaxError, ValueError
        It is no Python file.

    Examples
    --------
    >>> forbidden_uses("from scipy import signal as s\ns.convolve2d", ["scipy"])
    [(1, 'scipy.signal'), (2, 'scipy.signal.convolve2d')]
    """
    nodes = list(ast.walk(ast.parse(source, path)))
    names = _Names(nodes)
    below = tuple(f"{name}." for name in forbid)
    found: dict[int, str] = {}
    for node in nodes:
        for dotted in names.meant_by(node):
            if dotted in forbid or dotted.startswith(below):
                line = getattr(node, "lineno", 0)
                found[line] = max(found.get(line, ""), dotted, key=len)
    return sorted(found.items())


_NAMING = (ast.Name, ast.Attribute, ast.Call, ast.Subscript)


class _Names:
    """What the names of a file stand for, wherever in the file they are bound."""

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self._aliases: dict[str, str] = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._aliases[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    self._aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        # A second name for something: ``pool = scipy.ndimage``, ``conv = getattr(pool, "x")``.
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, meant = node.targets[0], self._dotted(node.value)
                if isinstance(target, ast.Name) and meant and target.id not in self._aliases:
                    self._aliases[target.id] = meant

    def meant_by(self, node: ast.AST) -> Iterator[str]:
        """Yield the full names that a node imports or mentions."""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, _NAMING):
            meant = self._dotted(node)
            if meant:
                yield meant

    def _dotted(self, node: ast.expr) -> str:
        """Return what an expression names, ``""`` if it names nothing imported."""
        if isinstance(node, ast.Name):
            return self._aliases.get(node.id, "")
        if isinstance(node, ast.Attribute):
            before = self._dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            before = self._namespace(node.value)
            return f"{before}.{node.slice.value!s}" if before else ""
        return ""

    def _namespace(self, node: ast.expr) -> str:
        """Return whose names a dictionary holds: ``vars(np)`` or ``np.__dict__``."""
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return self._dotted(node.value)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            return self._dotted(node.args[0]) if node.func.id == "vars" else ""
        return ""

    def _called(self, node: ast.Call) -> str:
        function = node.func
        texts = [
            a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        plain = function.id if isinstance(function, ast.Name) else ""
        if texts and (
            plain == "__import__" or self._dotted(function) == "importlib.import_module"
        ):
            return texts[0]
        if texts and plain == "getattr":
            before = self._dotted(node.args[0])
            return f"{before}.{texts[0]}" if before else ""
        return ""
