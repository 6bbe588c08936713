"""Mutations of the library, drawn by a seed: no person chooses what is changed.

Each operator is applied wherever it can be, and of each module some are drawn. A mutation is a
change of the text at one expression or statement, so that all that stands before it keeps its
line.
"""

from __future__ import annotations

import ast
import copy
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.fault import Fault
from benchmarks.faults.operators import DELETED, ways

STAGES = ("statistics", "analysis", "counting", "cleaning", "disclosure", "showing")
SEED = 20180401
ONE_IN = 120
"""Beside the first of each module, one mutation is drawn of so many that are possible."""

LONGEST = 90


@dataclass(frozen=True)
class Candidate:
    """One possible change of a module.

    Attributes
    ----------
    function
        In which it is, or "module".
    anchor
        The expression or statement whose text is written anew.
    place, way
        Which of the nodes of the anchor is changed, and in which of the ways that there are.
    number
        Among those of the same function and operator, so that it has a name that lasts.
    """

    function: str
    statement: ast.stmt
    anchor: ast.expr | ast.stmt
    place: int
    way: int
    operator: str
    number: int

    @property
    def key(self) -> str:
        """Its name within the module."""
        return f"{self.function}:{self.operator}:{self.number}"

    def text(self) -> str:
        """Give the anchor's new text."""
        if self.place < 0:
            return "pass"
        fresh = copy.deepcopy(self.anchor)
        list(ways(list(ast.walk(fresh))[self.place]))[self.way][1]()
        return ast.unparse(fresh)


def sampled(
    root: Path, stages: Sequence[str] = STAGES, *, seed: int = SEED, one_in: int = ONE_IN
) -> list[Fault]:
    """Draw mutations of every module of the stages; the first of each module come first.

    An operator is drawn before a place for it, so that there are not mostly changes of words,
    of which a program has most.
    """
    drawn: list[tuple[int, float, Fault]] = []
    for stage in stages:
        for path in sorted((root / "lmm" / stage).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            source = path.read_text("utf-8")
            left = candidates(source)
            wanted = 1 + len(left) // one_in if left else 0
            draw = random.Random(f"{seed} {name}")
            chosen = 0
            while left and chosen < wanted:
                operator = draw.choice(sorted({each.operator for each in left}))
                one = draw.choice([each for each in left if each.operator == operator])
                left.remove(one)
                if fault := mutation(source, name, one):
                    drawn.append((chosen, draw.random(), fault))
                    chosen += 1
    return [fault for *_, fault in sorted(drawn, key=lambda each: each[:2])]


def all_of(root: Path, operator: str) -> list[Fault]:
    """Give every mutation by one operator, to go through a kind of fault from end to end."""
    found = []
    for stage in STAGES:
        for path in sorted((root / "lmm" / stage).rglob("*.py")):
            name, source = path.relative_to(root).as_posix(), path.read_text("utf-8")
            made = (
                mutation(source, name, each)
                for each in candidates(source)
                if each.operator == operator
            )
            found += [fault for fault in made if fault]
    return found


def mutation(source: str, name: str, chosen: Candidate) -> Fault | None:
    """Make a change of a module; None if it gives no other program, or none at all."""
    try:
        new = chosen.text()
        text = _spliced(source, chosen.anchor, new)
        if ast.dump(ast.parse(text)) == ast.dump(ast.parse(source)):
            return None
    except (SyntaxError, ValueError):  # what Python 3.11 cannot write, or not read
        return None
    old = ast.get_source_segment(source, chosen.anchor) or ""
    return Fault(
        id=f"{name}:{chosen.key}",
        kind=f"mutation in {name.split('/')[1]}",
        place=f"{name}:{chosen.anchor.lineno}",
        what=f"{chosen.operator}: {_shown(old)} → {_shown(new)}",
        plant=lambda _: {name: text.encode("utf-8")},
        lines=_header(chosen.statement),
        generated=True,
    )


def candidates(source: str) -> list[Candidate]:
    """List every change that may be made of a module."""
    found: list[Candidate] = []
    seen: Counter[tuple[str, str]] = Counter()
    for function, statement in _statements(ast.parse(source).body, ""):
        for anchor, place, way, operator in _changes(statement):
            within = function or "module"
            seen[within, operator] += 1
            number = seen[within, operator]
            found.append(Candidate(within, statement, anchor, place, way, operator, number))
    return found


def _changes(statement: ast.stmt) -> Iterator[tuple[ast.expr | ast.stmt, int, int, str]]:
    if isinstance(statement, DELETED):
        yield statement, -1, 0, "statement deleted"
    for anchor in _expressions(statement):
        inner = ast.walk(anchor) if isinstance(anchor, ast.JoinedStr) else [anchor]
        for place, node in enumerate(inner):
            for way, (operator, _) in enumerate(ways(node)):
                yield anchor, place, way, operator


def _statements(body: list[ast.stmt], function: str) -> Iterator[tuple[str, ast.stmt]]:
    """Give the statements of a block and of the blocks in it, each with its function's name."""
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom) or _is_words(statement):
            continue
        name = getattr(statement, "name", "")
        inner = ".".join(filter(None, (function, name)))
        yield (inner if name else function), statement
        for field in ("body", "orelse", "finalbody"):
            yield from _statements(getattr(statement, field, []), inner)
        for handler in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from _statements(handler.body, inner)


def _is_words(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring, or for the type checker or the importer alone."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


def _expressions(statement: ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """Give what can be written anew of a statement: its expressions; of a text with values, all.

    What is inside such a text has no place of its own in Python 3.11.
    """
    if isinstance(statement, ast.Return | ast.AugAssign):
        yield statement
    waiting = [child for child in ast.iter_child_nodes(statement) if _runs(child)]
    if isinstance(statement, ast.AnnAssign):
        waiting = [statement.value] if statement.value else []
    if isinstance(statement, ast.FunctionDef):
        waiting = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.expr):
            yield node
        if not isinstance(node, ast.JoinedStr):
            waiting += [child for child in ast.iter_child_nodes(node) if _runs(child)]


def _runs(node: ast.AST) -> bool:
    """Whether a part of a statement is an expression, or holds some; a pattern stays."""
    return isinstance(node, ast.expr | ast.keyword | ast.comprehension | ast.withitem)


def _spliced(source: str, anchor: ast.expr | ast.stmt, new: str) -> str:
    """Write a new text in the place of a node, in brackets that keep its parts together."""
    assert anchor.end_lineno is not None
    assert anchor.end_col_offset is not None
    lines = source.encode("utf-8").splitlines(keepends=True)
    before = b"".join(lines[: anchor.lineno - 1]) + lines[anchor.lineno - 1][: anchor.col_offset]
    after = lines[anchor.end_lineno - 1][anchor.end_col_offset :] + b"".join(
        lines[anchor.end_lineno :]
    )
    bare = isinstance(anchor, ast.stmt | ast.Constant)
    return (before + (new if bare else f"({new})").encode("utf-8") + after).decode("utf-8")


def _header(statement: ast.stmt) -> tuple[int, int]:
    """Give the lines of a statement, without those of the statements in it."""
    inner = [each.lineno for _, each in _statements(getattr(statement, "body", []), "")]
    last = max(statement.lineno, min(inner) - 1) if inner else statement.end_lineno
    return statement.lineno, last or statement.lineno


def _shown(code: str) -> str:
    text = " ".join(code.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
