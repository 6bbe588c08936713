"""The documents that go with every result: methods, glossary, references, what is protected."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from lmm.publish.prose import Links, in_words, read_references, read_terms

DOCUMENTS = {
    "methods": "Methods",
    "glossary": "Glossary",
    "coverage": "Coverage",
    "disclosure": "Disclosure control",
}
"""Those that have a page on the site of a run, by file, with what they are called there."""


def folder() -> Path:
    """Give the folder of the documents: of an installed copy, or else of the checkout."""
    library = Path(str(resources.files("lmm")))
    return library / "docs" if (library / "docs").is_dir() else library.parent / "docs"


def read_document(name: str) -> str:
    """Read a document as Markdown, as it is meant for readers."""
    path = folder() / f"{name}.md"
    return in_words(path.read_text("utf-8"), links().references, path.name)


@cache
def links() -> Links:
    """Give what the words of a page lead to."""
    return Links(
        read_terms(folder() / "glossary.md"),
        read_references(folder() / "references.bib"),
        {f"{name}.md": f"{name}.html" for name in (*DOCUMENTS, "references")},
    )
