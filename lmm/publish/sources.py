"""Where the code of a figure is: the file of the library, the line, and the text."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]


def checkout() -> Path | None:
    """Give the checkout that the library runs from; None for an installed copy."""
    home = LIBRARY.parent
    return home if (home / "pyproject.toml").is_file() else None


@dataclass(frozen=True)
class Source:
    """A function: its file as a reader finds it, its first line, and its text."""

    file: str
    line: int
    text: str


def source_of(name: str) -> Source | None:
    """Find a function of the library by its full name; None if it is another's."""
    module, _, function = name.rpartition(".")
    return _functions(module).get(function)


@cache
def _functions(module: str) -> dict[str, Source]:
    """Read the functions of a module, without importing it: a page needs no plotting library."""
    first, *parts = module.split(".")
    path = LIBRARY.joinpath(*parts).with_suffix(".py")
    if first != LIBRARY.name or not path.is_file():
        return {}
    text = path.read_text("utf-8")
    lines = text.split("\n")
    return {
        node.name: Source(
            f"{LIBRARY.name}/{'/'.join(parts)}.py",
            node.lineno,
            "\n".join(lines[node.lineno - 1 : node.end_lineno]),
        )
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }
