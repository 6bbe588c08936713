"""The library's own code: which definitions a result comes from, and whether they have changed."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

PARTS = ("study", "cleaning", "counting", "disclosure", "statistics", "analysis", "showing",
         "publish")  # fmt: skip
"""The folders whose code makes results."""

OF_EVERY_RESULT = ("study", "cleaning", "counting", "disclosure")
"""Those whose code makes the counts, so that any of it concerns every result."""

ONLY_LABELS = (
    "lmm.study.registration", "lmm.study.cells", "lmm.study.library", "lmm.cleaning.first_read",
    "lmm.analysis.terms", "lmm.analysis.deviations", "lmm.analysis.comparison",
    "lmm.showing.planned", "lmm.publish.registered",
)  # fmt: skip
"""Modules that say whether a result was planned, and make none."""

Name = tuple[str, str]
"""A module, and what is defined in it: ``("lmm.analysis.targets", "achievement")``."""

BODY = ""
"""Stands for the statements of a module that define nothing."""


@dataclass(frozen=True)
class Definition:
    """What is defined under one name: its digest, and what it uses.

    Attributes
    ----------
    names
        Every name in it.
    attributes
        Every attribute that is asked for, with the name of what it is asked of, or "".
    """

    digest: str
    names: frozenset[str]
    attributes: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Module:
    """What a module defines, and what it takes from others, by the name that it has here."""

    definitions: Mapping[str, Definition]
    imports: Mapping[str, Name]


@dataclass(frozen=True)
class Library:
    """The text of each module of the library that makes results, by its name."""

    texts: Mapping[str, str]

    def whole(self) -> dict[str, str]:
        """Give the digest of each module as it is written."""
        return {name: _digest(text) for name, text in self.texts.items()}

    def digests(self, name: str) -> dict[str, str]:
        """Give digests of what a module defines and imports: of what it does, not its layout."""
        if name not in self.texts:
            return {}
        known = taken_apart(self.texts[name])
        imported = {here: _digest(".".join(there)) for here, there in known.imports.items()}
        return imported | {each: found.digest for each, found in known.definitions.items()}

    def reached(self, begun: Iterable[Name]) -> set[Name]:
        """Give the definitions that are used, in turn, by what is named."""
        waiting = [found for each in begun for found in self._found(*each)]
        seen: set[Name] = set()
        while waiting:
            if (each := waiting.pop()) not in seen:
                seen.add(each)
                waiting += self._used(*each)
        return seen

    def mentioned(self, reached: Iterable[Name]) -> set[Name]:
        """Give every name that definitions mention, also what is imported or no longer there."""
        return {(m, name) for m, d in reached for name in (d, *self._definition(m, d).names)}

    def asked(self, reached: Iterable[Name]) -> set[str]:
        """Give the attributes that definitions ask for."""
        return {attr for each in reached for _, attr in self._definition(*each).attributes}

    def _definition(self, module: str, name: str) -> Definition:
        return taken_apart(self.texts[module]).definitions[name]

    def _used(self, module: str, name: str) -> Iterator[Name]:
        known, of = taken_apart(self.texts[module]), self._definition(module, name)
        if BODY in known.definitions:
            yield module, BODY
        yield from ((module, each) for each in of.names & known.definitions.keys())
        for each in of.names & known.imports.keys():
            yield from self._found(*known.imports[each])
        for base, attribute in of.attributes:
            if base in known.imports:
                yield from self._found(".".join(known.imports[base]), attribute)

    def _found(self, module: str, name: str) -> list[Name]:
        """Find where a name is defined, through the modules that only pass it on."""
        if module not in self.texts:
            return []
        known = taken_apart(self.texts[module])
        if name in known.definitions:
            return [(module, name)]
        return self._found(*known.imports[name]) if name in known.imports else []


@cache
def this_library() -> Library:
    """Read the library as it is installed here."""
    home = Path(str(resources.files("lmm")))
    paths = sorted(path for part in PARTS for path in (home / part).rglob("*.py"))
    texts = {_name(path, home): path.read_text(encoding="utf-8") for path in paths}
    return Library({name: text for name, text in texts.items() if name not in ONLY_LABELS})


def _name(path: Path, home: Path) -> str:
    parts = path.relative_to(home.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def concerns_every_result(module: str) -> bool:
    """Whether a module makes counts, from which every result is made."""
    return module.split(".")[1] in OF_EVERY_RESULT


# --- one module ----------------------------------------------------------------------------


@cache
def taken_apart(text: str) -> Module:
    """Take the text of a module apart."""
    parts: dict[str, list[ast.stmt]] = {}
    imports: dict[str, Name] = {}
    for node in ast.parse(text).body:
        for inside in ast.walk(node):
            if isinstance(inside, ast.ImportFrom) and inside.module:
                names = {each.asname or each.name: each.name for each in inside.names}
                imports |= {here: (inside.module, there) for here, there in names.items()}
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_words(node):
            continue
        for name in _defined(node):
            parts.setdefault(name, []).append(node)
    return Module({name: _definition(nodes) for name, nodes in parts.items()}, imports)


def _definition(statements: list[ast.stmt]) -> Definition:
    nodes = [node for each in statements for node in ast.walk(each)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    attributes = {
        (node.value.id if isinstance(node.value, ast.Name) else "", node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute)
    }
    digest = _digest("".join(map(shape, statements)))
    return Definition(digest, frozenset(names), frozenset(attributes))


def _is_words(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [n.id for each in targets for n in ast.walk(each) if isinstance(n, ast.Name)]
        return names or [BODY]
    return [BODY]


def shape(node: object) -> str:
    """Write what a piece of code does: the same for every layout, comment and Python."""
    if isinstance(node, list):
        return f"[{','.join(map(shape, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        fields["body"] = fields["body"][1:]
    said = (f"{name}={shape(value)}" for name, value in fields.items() if value not in (None, []))
    return f"{type(node).__name__}({','.join(said)})"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
