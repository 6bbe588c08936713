"""Which documents are read for numerals, and their passages.

``CHANGELOG.md`` is not read, since it tells what was so in its time, nor are the notes beside the
reference values of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from lmm.publish.prose import Reference
from lmm.review.numbers.passages import HIDDEN, Passage, of_citation, of_html, of_template, of_typst
from lmm.review.numbers.prose import of_markdown, of_notebook

DOCUMENTS = (
    "*.md",
    "*.cff",
    ".github/**/*.md",
    "benchmarks/*.md",
    "data/raw/*.md",
    "docs/**/*.md",
    "docs/*.svg",
    "docs/_templates/*.html",
    "examples/**/*.md",
    "examples/**/*.ipynb",
    "notebooks/*.ipynb",
    "lmm/**/*.md",
    "lmm/**/*.ipynb",
    "lmm/**/*.html",
    "lmm/**/*.j2",
    "lmm/**/*.typ",
    "lmm/**/hints/*.txt",
)
"""What is read, by pattern, so that a new document cannot be forgotten."""

PASSED_OVER = {"CHANGELOG.md"}
MADE = {"_build", "outputs", "processed", "internal", "released", ".ipynb_checkpoints"}
"""Folders of what is made: there all is rendered."""

READERS: dict[str, Callable[..., list[Passage]]] = {
    ".md": of_markdown,
    ".txt": of_markdown,
    ".ipynb": of_notebook,
    ".j2": of_template,
    ".html": of_template,
    ".typ": of_typst,
    ".cff": of_citation,
    ".svg": of_html,
}


def documents(root: Path) -> list[Path]:
    """List the documents that are read."""
    found = {path for pattern in DOCUMENTS for path in root.glob(pattern)}
    return sorted(
        path
        for path in found
        if path.name not in PASSED_OVER and not MADE & set(path.relative_to(root).parts)
    )


def passages_of(
    name: str, text: str, references: Mapping[str, Reference], *, has_parts: bool = False
) -> list[Passage]:
    """Take the passages of the text of a document.

    Parameters
    ----------
    has_parts
        Whether what stands between comments ``begin`` and ``end`` is written by a program.
    """
    if has_parts:
        text = _without_generated(text)
    suffix = Path(name).suffix
    read = READERS[suffix]
    if suffix in (".md", ".txt", ".ipynb"):
        read = partial(read, keys=references)
    return [_without_citations(each, references.values()) for each in read(text)]


def _without_generated(text: str) -> str:
    """Leave lines blank that a program writes."""
    part = re.compile(r"<!-- begin (\w+) -->.*?<!-- end \1 -->", re.DOTALL)
    return part.sub(lambda found: "\n" * found[0].count("\n"), text)


def _without_citations(passage: Passage, references: Iterable[Reference]) -> Passage:
    """Hide the years of authors who are in the bibliography: Garwood 1936, Wilson's (1927)."""
    prose = passage.prose
    for each in references:
        if each.year and each.year in prose:
            who = rf"{re.escape(each.cited)}(?:['’]s)?"
            cited = rf"{who}[^()<>;.]{{0,24}}? \(?({each.year})(?![\w%])"
            for found in re.finditer(cited, passage.text):
                begins, ends = found.span(1)
                prose = prose[:begins] + HIDDEN * (ends - begins) + prose[ends:]
    return replace(passage, prose=prose)
