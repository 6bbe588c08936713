"""What HTML, templates and citation files say in words, passage by passage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import yaml

from lmm.review.html import words_of

HIDDEN = "\ufffc"
"""Stands for a letter that is no prose."""

READ_ALOUD = {"alt", "title", "aria-label", "aria-description", "label", "placeholder", "summary"}
"""Attributes of HTML that are words for a reader."""

SENTENCES = {"message", "title", "abstract", "notes", "keywords"}
"""Fields of a citation file that are words for a reader."""


@dataclass(frozen=True)
class Passage:
    """A paragraph, heading, row of a table, or what else is read in one go.

    Attributes
    ----------
    line
        Line on which it begins; in a notebook, of the cell.
    text
        Its words, white space as one blank; a row of a table has its cells parted by " | ".
    prose
        The same, letter by letter, with `HIDDEN` where code or a formula stands.
    cell
        Number of the cell of a notebook, from 1; 0 in other documents.
    """

    line: int
    text: str
    prose: str
    cell: int = 0

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return f"cell {self.cell}: line {self.line}" if self.cell else f"line {self.line}"


def passage(line: int, parts: Iterable[tuple[str, bool]]) -> Passage:
    """Join parts, each with whether it is prose; characters that nobody sees are left out."""
    text, prose = "", ""
    for words, is_prose in parts:
        for letter in re.sub(r"[\u00ad\u200b-\u200f\u2060\ufeff]", "", words):
            if letter.isspace():
                if text[-1:] != " ":
                    text, prose = f"{text} ", f"{prose} "
            else:
                text, prose = text + letter, prose + (letter if is_prose else HIDDEN)
    return Passage(line, text, prose)


def of_html(text: str) -> list[Passage]:
    """Take the text of HTML."""
    return [passage(each.line, [(each.text, True)]) for each in words_of(text, READ_ALOUD)]


def of_template(text: str) -> list[Passage]:
    """Take the words of a template of HTML: its text, and the literals in what it computes."""
    found: list[Passage] = []

    def away(part: re.Match[str]) -> str:
        line = text.count("\n", 0, part.start()) + 1
        if not re.match(r"\{#|\{%-?\s*(?:extends|import|include)\b", part[0]):
            for literal in re.findall(r"\"([^\"]*)\"|'([^']*)'", part[0]):
                found.extend(replace(each, line=line) for each in of_html("".join(literal)))
        return re.sub(r"[^\n]", "\u2063", part[0])

    bare = re.sub(r"\{[{%#].*?[}%#]\}", away, text, flags=re.DOTALL)
    return [*of_html(bare.replace("\u2063", "")), *found]


def of_typst(text: str) -> list[Passage]:
    """Take the words of a template of Typst: its literals and what stands in brackets."""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        words = re.sub(r"(^|\s)//.*", "", line)
        found += [
            passage(number, [(a or b, True)])
            for a, b in re.findall(r"\"([^\"#][^\"]*)\"|\[([^\[\]]*)\]", words)
        ]
    return found


def of_citation(text: str) -> list[Passage]:
    """Take the sentences of a citation file; its other fields are data."""
    return [
        passage(part.start_mark.line + 1, [(part.value, True)])
        for key, value in _fields(yaml.compose(text))
        if key in SENTENCES
        for part in (value.value if isinstance(value, yaml.SequenceNode) else [value])
    ]


def _fields(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    """Give the fields of a YAML text, those within others too."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.value, value
            yield from _fields(value)
    elif isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _fields(part)
