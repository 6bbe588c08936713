"""Markdown -> HTML that can be read on a narrow screen and with a keyboard."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from markupsafe import Markup


def slug(heading: str) -> str:
    """Make an anchor of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"


@cache
def parser() -> Callable[[str], str]:
    """Give what renders Markdown; raw HTML in it is shown as text."""
    import mistune  # noqa: PLC0415
    from mistune.plugins.math import math  # noqa: PLC0415
    from mistune.plugins.table import table  # noqa: PLC0415

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **_: Any) -> str:
            name, *others = text.split(" / ")
            place = slug(re.sub("<[^>]*>", "", name))
            also = f" <small>{', '.join(others)}</small>" if others else ""
            return f'<h{level} id="{place}">{name}{also}{anchor(place)}</h{level}>\n'

        def paragraph(self, text: str) -> str:
            if re.fullmatch("<img [^>]*>", text.strip()):
                return f'<div class="scroll" {scrolls("Figure")}>{text}</div>\n'
            return super().paragraph(text)

        def block_code(self, code: str, info: str | None = None) -> str:
            if info == "{math}":
                return f'<div class="formula" {scrolls("Formula")}>{formula(code, "block")}</div>\n'
            return f"<pre {scrolls('Code')}><code>{html.escape(code)}</code></pre>\n"

    renderer = Renderer(escape=True)
    markdown = mistune.create_markdown(renderer=renderer, plugins=[table, math])
    renderer.register("inline_math", _inline)  # in place of the plugin's, which needs a script
    renderer.register("table", _table)
    return lambda text: str(markdown(text))


def scrolls(name: str) -> str:
    """Give what a box that may scroll sideways needs: a keyboard reaches it, and it has a name."""
    return f'tabindex="0" role="group" aria-label="{name}"'


def _inline(_: object, text: str) -> str:
    return formula(text, "inline")


def _table(_: object, text: str) -> str:
    """Write a table as those of results are: on a narrow screen a row becomes a block."""
    text = text.replace('style="text-align:right"', 'class="number"')
    rows = re.findall(r"<tr>(.*?)</tr>", text, flags=re.DOTALL)
    head, *body = [re.findall(r"<t[hd]([^>]*)>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    labels = [html.escape(re.sub("<[^>]*>", "", words)) for _, words in head]
    top = "".join(_heading_cell("col", style, words) for style, words in head)
    lines = (
        _heading_cell("row", *row[0])
        + "".join(
            f'<td role="cell" data-label="{label}"{style}>{words}</td>'
            for label, (style, words) in zip(labels[1:], row[1:], strict=True)
        )
        for row in body
    )
    listed = "\n".join(f'<tr role="row">{line}</tr>' for line in lines)
    return (
        f'<div class="table" {scrolls("Table")}><table role="table" class="result">'
        f'<thead role="rowgroup"><tr role="row">{top}</tr></thead>\n'
        f'<tbody role="rowgroup">{listed}</tbody></table></div>\n'
    )


def _heading_cell(scope: str, style: str, words: str) -> str:
    """Head a column or a row; what has no words heads nothing."""
    if not words:
        return f'<td role="cell"{style}></td>'
    kind = "columnheader" if scope == "col" else "rowheader"
    return f'<th role="{kind}" scope="{scope}"{style}>{words}</th>'


def anchor(place: str) -> Markup:
    """Give the link to a heading, which can be copied."""
    return Markup('<a class="anchor" href="#{0}" aria-label="Link to this section">#</a>').format(
        place
    )


@cache
def formula(text: str, display: str) -> str:
    """Give a formula as MathML, for which a browser needs no script."""
    from latex2mathml.converter import convert  # noqa: PLC0415

    return str(convert(text, display=display))
