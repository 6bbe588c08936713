"""The library's own code: which definitions a result comes from, and whether they have changed."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

PARTS = ("study", "cleaning", "counting", "disclosure", "statistics", "analysis", "showing",
         "publish")  # fmt: skip
"""The folders whose code makes results."""

OF_EVERY_RESULT = ("study", "cleaning", "counting", "disclosure")
"""Those whose code makes the counts, so that any of it concerns every result."""

Name = tuple[str, str]
"""A module, and what is defined in it: ``("lmm.analysis.targets", "achievement")``."""

BODY = ""
"""Stands for the statements of a module that define nothing."""


@dataclass(frozen=True)
class Module:
    """What a module defines, and what it takes from others, by the name that it has here."""

    definitions: Mapping[str, list[ast.stmt]]
    imports: Mapping[str, Name]


@dataclass(frozen=True)
class Library:
    """The text of each module of the library that makes results, by its name."""

    texts: Mapping[str, str]
    _read: dict[str, Module] = field(default_factory=dict, compare=False)

    def whole(self) -> dict[str, str]:
        """Give the digest of each module as it is written."""
        return {name: _digest(text) for name, text in self.texts.items()}

    def module(self, name: str) -> Module:
        """Take a module apart."""
        if name not in self._read:
            self._read[name] = _taken_apart(self.texts[name])
        return self._read[name]

    def digests(self, name: str) -> dict[str, str]:
        """Give the digest of each definition of a module: of what it does, not of its layout."""
        definitions = self.module(name).definitions if name in self.texts else {}
        return {each: _digest("".join(map(shape, nodes))) for each, nodes in definitions.items()}

    def reached(self, begun: Iterable[Name]) -> set[Name]:
        """Give the definitions that are used, in turn, by what is named."""
        waiting = [found for each in begun for found in self._found(*each)]
        seen: set[Name] = set()
        while waiting:
            if (each := waiting.pop()) in seen:
                continue
            seen.add(each)
            waiting += [(each[0], BODY)] * (BODY in self.module(each[0]).definitions)
            waiting += self._used(*each)
        return seen

    def _used(self, module: str, name: str) -> list[Name]:
        known = self.module(module)
        nodes = [n for each in known.definitions[name] for n in ast.walk(each)]
        names = {n.id for n in nodes if isinstance(n, ast.Name)}
        found = [(module, each) for each in names & known.definitions.keys()]
        for each in names & known.imports.keys():
            found += self._found(*known.imports[each])
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                of, what = known.imports.get(node.value.id, ("", ""))
                found += self._found(f"{of}.{what}", node.attr)
        return found

    def _found(self, module: str, name: str) -> list[Name]:
        """Find where a name is defined, through the modules that only pass it on."""
        if module not in self.texts:
            return []
        known = self.module(module)
        if name in known.definitions:
            return [(module, name)]
        return self._found(*known.imports[name]) if name in known.imports else []

    def words(self, of: Iterable[Name]) -> set[str]:
        """Give the attributes that definitions ask for, and the names of theirs."""
        nodes = [n for m, d in of for each in self.module(m).definitions[d] for n in ast.walk(each)]
        return {node.attr for node in nodes if isinstance(node, ast.Attribute)}


@cache
def this_library() -> Library:
    """Read the library as it is installed here."""
    home = Path(str(resources.files("lmm")))
    paths = sorted(path for part in PARTS for path in (home / part).rglob("*.py"))
    return Library({_name(path, home): path.read_text(encoding="utf-8") for path in paths})


def _name(path: Path, home: Path) -> str:
    parts = path.relative_to(home.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def concerns_every_result(module: str) -> bool:
    """Whether a module makes counts, from which every result is made."""
    return module.split(".")[1] in OF_EVERY_RESULT


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


def _taken_apart(text: str) -> Module:
    definitions: dict[str, list[ast.stmt]] = {}
    imports: dict[str, Name] = {}
    for node in ast.parse(text).body:
        for inside in ast.walk(node):
            if isinstance(inside, ast.ImportFrom) and inside.module:
                names = {each.asname or each.name: each.name for each in inside.names}
                imports |= {here: (inside.module, there) for here, there in names.items()}
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_words(node):
            continue
        for name in _defined(node):
            definitions.setdefault(name, []).append(node)
    return Module(definitions, imports)


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
