"""The ways in which a node of a program can be wrong, each by name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

Way = tuple[str, Callable[[], None]]
"""What the change is called, and what makes it in the node."""

SWAPPED: dict[type[ast.AST], tuple[str, type[ast.AST]]] = {
    ast.Lt: ("boundary", ast.LtE),
    ast.LtE: ("boundary", ast.Lt),
    ast.Gt: ("boundary", ast.GtE),
    ast.GtE: ("boundary", ast.Gt),
    ast.Eq: ("comparison", ast.NotEq),
    ast.NotEq: ("comparison", ast.Eq),
    ast.In: ("comparison", ast.NotIn),
    ast.NotIn: ("comparison", ast.In),
    ast.Is: ("comparison", ast.IsNot),
    ast.IsNot: ("comparison", ast.Is),
    ast.Add: ("arithmetic", ast.Sub),
    ast.Sub: ("arithmetic", ast.Add),
    ast.Mult: ("arithmetic", ast.Div),
    ast.Div: ("arithmetic", ast.Mult),
    ast.FloorDiv: ("arithmetic", ast.Div),
    ast.Mod: ("arithmetic", ast.Mult),
    ast.Pow: ("arithmetic", ast.Mult),
    ast.BitAnd: ("boolean", ast.BitOr),
    ast.BitOr: ("boolean", ast.BitAnd),
    ast.And: ("boolean", ast.Or),
    ast.Or: ("boolean", ast.And),
}

_PAIRS = ("min max", "any all", "head tail", "ffill bfill", "first last", "floor ceil",
          "idxmin idxmax", "cummin cummax", "lt le", "gt ge")  # fmt: skip
CALLED = {
    one: other
    for pair in map(str.split, _PAIRS)
    for one, other in (pair, reversed(pair))  # type: ignore[misc]
}
DELETED = (ast.Expr, ast.AugAssign, ast.Raise, ast.Continue)


def ways(node: ast.AST) -> Iterator[Way]:
    """Give each way of changing a node; one of them is to be made in one copy."""
    for operator in (_operators, _constants, _calls, _branches):
        yield from operator(node)


def _operators(node: ast.AST) -> Iterator[Way]:
    match node:
        case ast.Compare(ops=ops):
            for n, each in enumerate(ops):
                name, other = SWAPPED[type(each)]
                yield name, lambda n=n, other=other: ops.__setitem__(n, other())  # type: ignore[misc]
        case ast.BinOp(op=each) | ast.BoolOp(op=each) | ast.AugAssign(op=each):
            if type(each) in SWAPPED:
                name, other = SWAPPED[type(each)]
                yield name, lambda: setattr(node, "op", other())
        case ast.UnaryOp(op=ast.Not() | ast.Invert() as each, operand=inner):
            yield "boolean", lambda: setattr(node, "operand", ast.UnaryOp(each, inner))
        case ast.UnaryOp(op=ast.USub()):
            yield "arithmetic", lambda: setattr(node, "op", ast.UAdd())


def _constants(node: ast.AST) -> Iterator[Way]:
    match node:
        case ast.Constant(value=bool(value)):
            yield "constant", lambda: setattr(node, "value", not value)
        case ast.Constant(value=int(value)):
            yield "constant", lambda: setattr(node, "value", value + 1)
        case ast.Constant(value=float(value)):
            yield "constant", lambda: setattr(node, "value", value * 1.1 + (value == 0))
        case ast.Constant(value=str(value)) if value:
            last = "x" if value[-1] != "x" else "y"
            yield "text", lambda: setattr(node, "value", value[:-1] + last)
        case ast.FormattedValue(format_spec=ast.JoinedStr()):
            yield "format", lambda: setattr(node, "format_spec", None)


def _calls(node: ast.AST) -> Iterator[Way]:
    if not isinstance(node, ast.Call):
        return
    match node.func:
        case ast.Name(id=name) if name in CALLED:
            yield "call", lambda: setattr(node.func, "id", CALLED[name])
        case ast.Attribute(attr=name) if name in CALLED:
            yield "call", lambda: setattr(node.func, "attr", CALLED[name])
        case ast.Name(id="sorted"):
            back = ast.keyword("reverse", ast.Constant(value=True))
            kept = [word for word in node.keywords if word.arg != "reverse"]
            new = kept if len(kept) < len(node.keywords) else [*kept, back]
            yield "direction", lambda: setattr(node, "keywords", new)
    if node.keywords:
        yield "argument left out", lambda: node.keywords.__delitem__(-1)


def _branches(node: ast.AST) -> Iterator[Way]:
    match node:
        case ast.IfExp(body=one, orelse=other):
            yield "branch", lambda: (setattr(node, "body", other), setattr(node, "orelse", one))[0]
        case ast.Return(value=ast.AST() as value) if not (
            isinstance(value, ast.Constant) and value.value is None
        ):
            yield "return", lambda: setattr(node, "value", ast.Constant(value=None))
