"""The statements of a notebook that a result comes from, without those of other results."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

SHOWING = ("table", "keep", "figure")
"""The methods of a page that take a result's name."""

ASIDE = (*SHOWING, "open", "text")
"""Methods of a page that change nothing of what another result is."""

HANDED = ("load_counts", "Page")
"""What gives the counts and the page: no statement changes these afterwards."""

Shown = tuple[str, str]
"""A method of a page and the name that it is given: ``("table", "monthly_activity")``."""


@dataclass(frozen=True)
class Behind:
    """What is behind a result: its statements as code, and the numbers of their cells."""

    code: str
    cells: frozenset[int]


def behind(cells: Sequence[str], shown: Collection[Shown], aside: Collection[str]) -> Behind:
    """Find the statements that a result comes from in the cells that ran, from its last one back.

    Parameters
    ----------
    cells
        The source of each, in the order in which they ran; the last one shows the result.
    shown
        By which calls it is shown, and the results that a figure draws.
    aside
        Names that are not followed, because they are compared by themselves: the parameters.

    Notes
    -----
    A name is followed to the statement that binds it, and to those that could alter what it
    stands for. What cannot be told apart is taken in, so that rather too much counts as changed.
    """
    statements = [(n, each) for n, cell in enumerate(cells) for each in _parsed(cell)]
    first = {
        found: i for i, (_, each) in enumerate(statements) for found in _shows(each) & {*shown}
    }
    begun = set(first.values()) or {i for i, (n, _) in enumerate(statements) if n == len(cells) - 1}
    handed = {name for _, each in statements if _hands(each) for name in _bound(each)}
    needed: set[str] = set()
    taken: dict[str, tuple[int, str]] = {}
    for i in range(len(statements) - 1, -1, -1):
        n, each = statements[i]
        altered = _bound(each) | (_altered(each) - handed)
        if i in begun or altered & needed:
            code = _code(each, needed)
            taken.setdefault(code, (n, code))
            needed = ((needed - _bound(each)) if _only_binds(each) else needed) | _loaded(each)
        needed -= {*aside}
    kept = list(taken.values())[::-1]
    return Behind("\n".join(code for _, code in kept), frozenset(n for n, _ in kept))


def same(code: str, other: str) -> bool:
    """Whether two pieces of code are the same, however they are laid out."""
    return code == other or ast.dump(ast.parse(code)) == ast.dump(ast.parse(other))


def _parsed(cell: str) -> list[ast.stmt]:
    try:
        return ast.parse(cell).body
    except SyntaxError:  # it did not run either
        return []


def _shows(statement: ast.stmt) -> set[Shown]:
    """Name what is shown by calls within a statement."""
    return {
        (call.func.attr, each.value)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        if call.func.attr in SHOWING
        for each in (*call.args, *(word.value for word in call.keywords))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def _hands(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func) in HANDED


def _bound(statement: ast.stmt) -> set[str]:
    """Name what a statement binds, wherever within it."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
    return found


def _only_binds(statement: ast.stmt) -> bool:
    """Whether what was bound before is let go: a plain assignment, import or definition."""
    plain = isinstance(statement, ast.Assign) and all(
        isinstance(node, ast.Name | ast.Tuple) for node in statement.targets
    )
    return plain or isinstance(
        statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.AnnAssign
    )


def _altered(statement: ast.stmt) -> set[str]:
    """Name what a statement could alter without binding it anew."""
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found |= _loaded(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            func = node.value.func
            if not (isinstance(func, ast.Attribute) and func.attr in ASIDE):
                found |= _loaded(node)
    return found


def _loaded(node: ast.AST) -> set[str]:
    return {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }


def _code(statement: ast.stmt, needed: Collection[str]) -> str:
    """Write a statement; of an import, what is needed of it."""
    if isinstance(statement, ast.ImportFrom):
        names = [each for each in statement.names if (each.asname or each.name) in needed]
        statement = ast.ImportFrom(statement.module, names, statement.level)
    return ast.unparse(statement)


def calls(code: str) -> Iterator[tuple[str, str]]:
    """Name what code takes from modules: the module, and the name in it; "" for the module."""
    tree = ast.parse(code)
    known: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            known |= {each.asname or each.name: (node.module, each.name) for each in node.names}
        elif isinstance(node, ast.Import):
            known |= {each.asname or each.name: (each.name, "") for each in node.names}
    yield from known.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (place := known.get(ast.unparse(node.value))):
            yield ".".join(filter(None, place)), node.attr
