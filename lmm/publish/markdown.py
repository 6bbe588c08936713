"""Markdown: its headings, and HTML that can be read on a narrow screen and with a keyboard."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple, cast

from markupsafe import Markup


def slug(heading: str) -> str:
    """Make an anchor of a heading."""
    return re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-") or "section"


ON_EVERY_PAGE = ("top", "main", "sought", "found", "told")
"""Anchors that the layout has; the first leads to the top of a page by itself."""


class Places:
    """Gives each heading of a page an anchor of its own."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {*ON_EVERY_PAGE, *taken}

    def of(self, heading: str) -> str:
        """Make an anchor of a heading; of one that is repeated, with a number."""
        place = first = slug(heading)
        number = 1
        while place in self._taken:
            number += 1
            place = f"{first}-{number}"
        self._taken.add(place)
        return place


class Heading(NamedTuple):
    """A heading: its order, its words without marks, and where its lines begin and end."""

    level: int
    words: str
    begins: int
    ends: int


def headings(markdown: str) -> Iterator[Heading]:
    """Give the headings of Markdown that stand in no list or quotation."""
    from mistune.block_parser import BlockParser  # noqa: PLC0415
    from mistune.core import BlockState  # noqa: PLC0415
    from mistune.markdown import Markdown  # noqa: PLC0415

    class Placed(BlockParser):
        """Notes where headings are."""

        def parse_atx_heading(self, m: re.Match[str], state: BlockState) -> int:
            end = super().parse_atx_heading(m, state)
            state.last_token()["attrs"] |= {"begins": m.start(), "ends": end}
            return end

        def parse_setex_heading(self, m: re.Match[str], state: BlockState) -> int | None:
            end = super().parse_setex_heading(m, state)
            token = state.last_token()
            if token and token.get("style") == "setext" and "ends" not in token["attrs"]:
                begins = m.start()
                for _ in token["text"].rstrip("\n").split("\n"):
                    begins = state.src.rfind("\n", 0, begins - 1) + 1
                token["attrs"] |= {"begins": begins, "ends": end}
            return end

    for token in cast("list[dict[str, Any]]", Markdown(block=Placed())(markdown)):
        if token["type"] == "heading":
            attrs = token["attrs"]
            yield Heading(attrs["level"], _bare(token), attrs["begins"], attrs["ends"])


def _bare(token: dict[str, Any]) -> str:
    """Give the words of a part of Markdown."""
    inside = "".join(_bare(child) for child in token.get("children", []))
    return (inside or token.get("raw", "")) if token["type"] != "softbreak" else " "


def parser(places: Places, leads_to: Callable[[str], str]) -> Callable[[str], str]:
    """Give what renders Markdown on one page; raw HTML in it is shown as text.

    Parameters
    ----------
    leads_to
        Where a link leads here; of one that leads nowhere, "", and only its words are left.
    """
    import mistune  # noqa: PLC0415
    from mistune.plugins.math import math  # noqa: PLC0415
    from mistune.plugins.table import table  # noqa: PLC0415

    class Renderer(mistune.HTMLRenderer):
        def heading(self, text: str, level: int, **_: Any) -> str:
            name, *others = text.split(" / ")
            place = places.of(re.sub("<[^>]*>", "", name))
            also = f" <small>{', '.join(others)}</small>" if others else ""
            return f'<h{level} id="{place}">{name}{also}{anchor(place)}</h{level}>\n'

        def link(self, text: str, url: str, title: str | None = None) -> str:
            here = leads_to(url)
            return super().link(text, here, title) if here else text

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
    top = "".join(
        f'<th role="columnheader" scope="col"{style}>{words}</th>' for style, words in head
    )
    lines = (
        f'<th role="rowheader" scope="row"{row[0][0]}>{row[0][1]}</th>'
        + "".join(
            f'<td role="cell" data-label="{label}"{style}>{words}</td>'
            for label, (style, words) in zip(labels[1:], row[1:], strict=True)
        )
        for row in body
    )
    listed = "\n".join(f'<tr role="row">{line}</tr>' for line in lines)
    return without_empty_headings(
        f'<div class="table" {scrolls("Table")}><table role="table" class="result">'
        f'<thead role="rowgroup"><tr role="row">{top}</tr></thead>\n'
        f'<tbody role="rowgroup">{listed}</tbody></table></div>\n'
    )


def without_empty_headings(table: str) -> Markup:
    """Leave no heading of a row or column without words, which would head nothing."""
    return Markup(re.sub(r"<th\b[^>]*></th>", '<td role="cell"></td>', table))


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
