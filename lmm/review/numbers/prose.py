"""What Markdown says in words: its prose, without code, formulas and targets of links."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from lmm.review.numbers.passages import Passage, of_html, passage

LAYOUT = {"width", "height", "maxdepth", "style", "class", "name", "target", "align", "all"}
"""Options of directives that are no words."""

LANGUAGES = {"diff", "json", "pycon", "python", "sh", "yaml"}
"""Languages of blocks of code; a block in another one is taken for words."""

CODE = re.compile(r"[_=:{}\[\]<>\\$\"#|@*?~`]|[^\W\d]\d|\w/\w*[^\W\d]|\.\w*[^\W\d]|--")
"""What is in code and in no sentence; words and numbers that are only set as code are prose."""


def of_markdown(markdown: str, keys: Collection[str] = ()) -> list[Passage]:
    """Take the prose of Markdown.

    Parameters
    ----------
    keys
        Of the references that may be cited, as ``{cite:p}`wilson1927```.
    """
    import mistune  # noqa: PLC0415

    parse = mistune.create_markdown(renderer=None, plugins=["table", "footnotes", "math"])
    tokens = parse(markdown)
    return list(_Reading(markdown, keys).blocks(tokens))  # type: ignore[arg-type]


class _Reading:
    """Goes through the tokens of a Markdown text, and through the text along with them."""

    def __init__(self, source: str, keys: Collection[str]) -> None:
        self._source, self._keys, self._at = source, keys, 0

    @property
    def _line(self) -> int:
        return self._source.count("\n", 0, self._at) + 1

    def _pass(self, words: str) -> None:
        first = words.strip().split("\n", maxsplit=1)[0]
        found = self._source.find(first, self._at, self._at + 4000) if first else -1
        self._at = found + len(first) if found >= 0 else self._at

    def blocks(self, tokens: Iterable[dict[str, Any]]) -> Iterator[Passage]:
        for token in tokens:
            kind = token["type"]
            if kind == "block_code":
                yield from self._code(token)
            elif kind == "block_html":
                self._pass(token["raw"])
                yield from _moved(of_html(token["raw"]), self._line - 1)
            elif kind == "block_math":
                yield self._joined([token])
            elif kind in ("paragraph", "block_text", "heading"):
                yield from self._inline(token["children"])
            elif kind in ("table_head", "table_row"):
                yield from self._row(token["children"])
            else:
                yield from self.blocks(token.get("children", ()))

    def _row(self, cells: list[dict[str, Any]]) -> Iterator[Passage]:
        between = {"type": "text", "raw": " | "}
        joined: list[dict[str, Any]] = []
        for cell in cells:
            joined += [*([between] if joined else []), *cell["children"]]
        yield from self._inline(joined)

    def _inline(self, tokens: list[dict[str, Any]]) -> Iterator[Passage]:
        yield self._joined(tokens)
        for title in _titles(tokens):
            yield passage(self._line, [(title, True)])

    def _joined(self, tokens: list[dict[str, Any]]) -> Passage:
        parts: list[tuple[str, bool]] = []
        line = 0
        for token in _leaves(tokens):
            words = _words(token)
            self._pass(words)
            line = line or self._line
            cited = "".join(said for said, _ in parts[-1:]).endswith(("{cite:p}", "{cite:t}"))
            if token["type"] in ("inline_math", "block_math"):
                parts += _of_formula(words)
            else:
                parts.append((words, _is_prose(token, self._keys if cited else ())))
        return passage(line or self._line, parts)

    def _code(self, token: dict[str, Any]) -> Iterator[Passage]:
        raw, info = token["raw"], token.get("attrs", {}).get("info", "") or ""
        self._pass(info or raw)
        line = self._line if info else self._line - 1
        self._pass(raw)
        directive = re.fullmatch(r"\{([\w-]+)\}\s*(.*)", info.strip())
        if directive and directive[1] == "math":
            yield replace(self._joined([{"type": "block_math", "raw": raw}]), line=line)
        elif directive and directive[1] == "raw":
            yield from _moved(of_html(raw), line)
        elif directive:
            yield from self._directive(directive[2], raw, line)
        else:
            yield from _moved(_in_code(raw, info.strip()), line)

    def _directive(self, title: str, body: str, line: int) -> Iterator[Passage]:
        """Read a directive of MyST: its title, its options that are words, and its text."""
        yield passage(line, [(title, not re.fullmatch(r"[\w./-]+\.\w+", title))])
        lines = body.split("\n")
        for number, each in enumerate(lines):
            option = re.fullmatch(r":([\w-]+):\s*(.*)", each)
            if option:
                lines[number] = ""
                if option[1] not in LAYOUT:
                    yield passage(line + number + 1, [(option[2], True)])
        yield from _moved(of_markdown("\n".join(lines), self._keys), line)


def _moved(passages: Iterable[Passage], lines: int) -> Iterator[Passage]:
    for each in passages:
        yield replace(each, line=each.line + lines)


def _leaves(tokens: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for token in tokens:
        if "children" in token:
            yield from _leaves(token["children"])
        else:
            yield token


def _words(token: dict[str, Any]) -> str:
    if token["type"] in ("softbreak", "linebreak"):
        return "\n"
    raw = str(token.get("raw", ""))
    return html.unescape(raw) if token["type"] == "text" else raw


def _titles(tokens: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Give the titles of links and pictures, and the words of attributes in inline HTML."""
    for token in tokens:
        if title := token.get("attrs", {}).get("title"):
            yield str(title)
        if token["type"] == "inline_html":
            yield from (each.text for each in of_html(token["raw"]))
        yield from _titles(token.get("children", ()))


def _is_prose(token: dict[str, Any], citable: Collection[str]) -> bool:
    kind, raw = token["type"], str(token.get("raw", ""))
    if kind == "codespan":
        if citable:
            return not all(key.strip() in citable for key in raw.split(","))
        return not CODE.search(raw)
    return kind not in ("inline_html", "footnote_ref")


def _of_formula(formula: str) -> list[tuple[str, bool]]:
    """Part a formula: numbers of several digits are read like those of a sentence.

    Single digits mostly belong to the form: exponents, indices, halves. What is set as a formula
    and is none, such as 301 of 304, is prose altogether.
    """
    if not re.search(r"[\\^_=]|(?<![^\W\d_])[^\W\d_](?![^\W\d_])", formula):
        return [(formula, True)]
    pieces = re.split(r"((?<!frac)(?<![\w.])(?:\d*\.\d+|\d{2,})(?![\w.]))", formula)
    return [(piece, n % 2 == 1) for n, piece in enumerate(pieces)]


def _in_code(code: str, language: str) -> Iterator[Passage]:
    """Take the comments of code, and all of a block that is in no language of a program."""
    for number, line in enumerate(code.split("\n"), 1):
        comment = re.search(r"(?:^|\s)#\s+(.*)", line)
        words = (comment[1] if comment else "") if language in LANGUAGES else line
        if words.strip():
            yield passage(number, [(words, True)])


def of_notebook(text: str, keys: Collection[str] = ()) -> list[Passage]:
    """Take the prose of a notebook: its Markdown, and the words in its code, such as titles."""
    from lmm.publish.formats import nbformat  # noqa: PLC0415

    notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return [
        replace(each, cell=number)
        for number, cell in enumerate(notebook.cells, 1)
        for each in (
            _of_python(cell.source) if cell.cell_type == "code" else of_markdown(cell.source, keys)
        )
    ]


def _of_python(code: str) -> Iterator[Passage]:
    """Take the comments of code, and its literals that are words."""
    yield from _in_code(code, "python")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield passage(node.lineno, [(node.value, True)])
