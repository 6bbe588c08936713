"""Templates -> HTML, in which whatever comes from a study is text and never markup."""

from __future__ import annotations

import html
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup


def templates(folder: Path) -> Environment:
    """Give the templates of a folder; a name that a template needs and is not given is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=_escaped,
        undefined=StrictUndefined,
    )


def _escaped(value: object) -> Markup:
    """Escape as the standard library does, with ``&quot;`` for a quotation mark."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value)))


TEMPLATES = templates(Path(__file__).parent / "templates")
"""The table and the note of a page."""
