"""The small changes that make a mutant: what may stand in the place of a syntax node.

`replacements` knows one node at a time and nothing of the course, but for the names that
come in pairs: height and width, maximum and minimum.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

Nodes = Iterator[ast.AST]

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.FloorDiv),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.MatMult: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
_ONE_SIDED = (ast.Sub, ast.Div, ast.FloorDiv, ast.MatMult, ast.Mod, ast.Pow)
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
# Names that one can take for one another; of a function's own names, or of attributes.
_TWINS = (
    "H W, KH KW, SH SW, OH OW, oh ow, i j, height width, top left, bottom right, top bottom, "
    "left right, rows columns, rows KH, columns KW, C_in C_out, N C, W b, grad_W grad_b, "
    "x padded, out rival, out col, start step, step steps, loss hits, size step, N K, "
    "in_features out_features, in_channels out_channels, stride padding, pool_size stride"
)
_ATTRIBUTE_TWINS = (
    "W b, grad_W grad_b, stride padding, pool_size stride, max min, maximum minimum, "
    "argmax argmin, sum mean, zeros ones, float32 float64, forward backward, "
    "floating integer, conv2d_forward conv2d_naive"
)


def _twins(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for a, b in (pair.split() for pair in text.split(", ")):
        found[a] = (*found.get(a, ()), b)
        found[b] = (*found.get(b, ()), a)
    return found


_NAMES, _ATTRIBUTES = _twins(_TWINS), _twins(_ATTRIBUTE_TWINS)


def replacements(node: ast.AST, parent: ast.AST, names: frozenset[str]) -> Nodes:
    """Return what may stand in the place of `node`.

    Parameters
    ----------
    node, parent : ast.AST
        The node, and the one that holds it.
    names : frozenset of str
        The names of the function around it.

    Examples
    --------
    >>> node = ast.parse("a < b", mode="eval").body
    >>> [ast.unparse(new) for new in replacements(node, node, frozenset())]
    ['a <= b', 'a >= b', 'a > b']
    """
    if isinstance(node, ast.stmt):
        yield from _dropped(node, parent)
    if isinstance(parent, ast.Raise):
        return  # another type of exception would be another contract
    if isinstance(node, ast.Name):
        yield from _twin_names(node, names)
    elif isinstance(node, ast.Constant):
        yield from _constants(node, parent)
    else:
        yield from _CHANGES.get(type(node), _nothing)(node)


def _nothing(node: Any) -> Nodes:
    yield from ()


def _with(node: Any, **fields: Any) -> Any:
    """Return `node` with some of its fields changed."""
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})


def _number(value: int) -> ast.expr:
    return ast.Constant(value)


def _moved(node: ast.expr, by: int) -> ast.expr:
    """Return an expression for `by` more."""
    operator = ast.Add() if by > 0 else ast.Sub()
    return ast.BinOp(left=node, op=operator, right=_number(abs(by)))


def _neighbours_swapped(items: list[Any]) -> Iterator[list[Any]]:
    for i in range(len(items) - 1):
        yield [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


# --- statements -------------------------------------------------------------------------------
def _dropped(node: ast.stmt, parent: ast.AST) -> Nodes:
    if not isinstance(node, ast.Pass | ast.FunctionDef | ast.ClassDef):
        yield ast.Pass()


def _augmented(node: ast.AugAssign) -> Nodes:
    yield ast.Assign(targets=[node.target], value=node.value, lineno=0)
    for other in _OPERATORS.get(type(node.op), ()):
        yield _with(node, op=other())


def _conditional(node: ast.If) -> Nodes:
    yield _with(node, test=ast.UnaryOp(op=ast.Not(), operand=node.test))
    yield _with(node, test=ast.Constant(True))


# --- operators --------------------------------------------------------------------------------
def _binary(node: ast.BinOp) -> Nodes:
    for other in _OPERATORS.get(type(node.op), ()):
        yield _with(node, op=other())
    yield node.left
    yield node.right
    if isinstance(node.op, _ONE_SIDED):
        yield _with(node, left=node.right, right=node.left)


def _comparison(node: ast.Compare) -> Nodes:
    for other in _COMPARISONS.get(type(node.ops[0]), ()):
        yield _with(node, ops=[other(), *node.ops[1:]])


def _boolean(node: ast.BoolOp) -> Nodes:
    yield _with(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())
    yield from node.values


def _unary(node: ast.UnaryOp) -> Nodes:
    yield node.operand


def _branches(node: ast.IfExp) -> Nodes:
    yield _with(node, body=node.orelse, orelse=node.body)
    yield node.body
    yield node.orelse


# --- values -----------------------------------------------------------------------------------
def _constants(node: ast.Constant, parent: ast.AST) -> Nodes:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str) and not isinstance(parent, ast.JoinedStr):
        yield ast.Constant(value + "?")
    elif value is None and isinstance(parent, ast.arguments):
        yield _number(1)


def _twin_names(node: ast.Name, names: frozenset[str]) -> Nodes:
    if isinstance(node.ctx, ast.Load):
        for twin in _NAMES.get(node.id, ()):
            if twin in names:
                yield _with(node, id=twin)


def _attribute(node: ast.Attribute) -> Nodes:
    if isinstance(node.ctx, ast.Load):
        if node.attr == "T":
            yield node.value
        for twin in _ATTRIBUTES.get(node.attr, ()):
            yield _with(node, attr=twin)


def _sequence(node: ast.Tuple | ast.List) -> Nodes:
    for items in _neighbours_swapped(node.elts):
        yield _with(node, elts=items)
    if isinstance(node, ast.List):
        for i in range(len(node.elts)):
            yield _with(node, elts=node.elts[:i] + node.elts[i + 1 :])


def _slice(node: ast.Slice) -> Nodes:
    for field in ("lower", "upper", "step"):
        if getattr(node, field) is not None:
            yield _with(node, **{field: None})
    for field, otherwise in (("lower", 1), ("upper", -1)):
        bound = getattr(node, field)
        if bound is None:
            yield _with(node, **{field: _number(otherwise)})
        else:
            for by in (1, -1):
                yield _with(node, **{field: _moved(bound, by)})


# --- calls ------------------------------------------------------------------------------------
def _call(node: ast.Call) -> Nodes:
    for items in _neighbours_swapped(node.args):
        yield _with(node, args=items)
    if len(node.args) > 1:
        yield _with(node, args=node.args[:-1])
    for i in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:i] + node.keywords[i + 1 :])
    yield from _unwrapped(node)
    yield from _shortened(node)


def _unwrapped(node: ast.Call) -> Nodes:
    """Without the call: its first argument, or the object whose method it is."""
    if node.args:
        yield node.args[0]
    if isinstance(node.func, ast.Attribute):
        yield node.func.value
        if node.func.attr in ("reshape", "ravel"):
            order = ast.keyword(arg="order", value=ast.Constant("F"))
            yield _with(node, keywords=[*node.keywords, order])


def _shortened(node: ast.Call) -> Nodes:
    """A range that starts too late or ends too early."""
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        last = min(1, len(node.args) - 1)
        yield _with(node, args=[*node.args[:last], _moved(node.args[last], -1), *node.args[2:]])
        if len(node.args) == 1:
            yield _with(node, args=[_number(1), *node.args])


_CHANGES: dict[type[ast.AST], Callable[[Any], Nodes]] = {
    ast.AugAssign: _augmented,
    ast.If: _conditional,
    ast.BinOp: _binary,
    ast.Compare: _comparison,
    ast.BoolOp: _boolean,
    ast.UnaryOp: _unary,
    ast.IfExp: _branches,
    ast.Attribute: _attribute,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Slice: _slice,
    ast.Call: _call,
}
