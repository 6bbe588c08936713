"""What the templates of the pages do with the parts of a report."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from lmm.publish.documents import links
from lmm.publish.handouts.caveats import Caveat
from lmm.publish.handouts.summary import Published
from lmm.publish.ledger import Ledger, in_words, spans_of
from lmm.publish.markdown import Places, anchor, scrolls, without_empty_headings
from lmm.publish.prose import rendered
from lmm.publish.report import Answer, Block, Figure, Number, Other, Section, Table
from lmm.publish.sources import Source, source_of
from lmm.showing.html import templates
from lmm.study.problems import counted

TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Give the templates of the pages, and what they do with what they are given."""
    made = templates(TEMPLATES)
    made.filters |= {
        "counted": counted,
        "prose": _prose,
        "anchor": anchor,
        "highlighted": _highlighted,
        "in_base64": in_base64,
        "dimensions": _dimensions,
        "linked_answer": _linked_answer,
        "drawn_by": _drawn_by,
        "named": _named,
        "without_empty_headings": without_empty_headings,
        "as_shown": _as_shown,
        "method": _method,
        "asked": in_words,
        "spans": spans_of,
        "computed": _computed,
        "caveat": _caveat,
    }
    return made


def style(name: str) -> Markup:
    """Give a style sheet, behind what all pages have."""
    sheets = [(TEMPLATES / f"{each}.css").read_text(encoding="utf-8") for each in ("base", name)]
    return Markup("".join(sheets))


def _prose(markdown: str, places: Places) -> Markup:
    return rendered(markdown, links(), places)


def _highlighted(code: str) -> Markup:
    from pygments import highlight  # noqa: PLC0415
    from pygments.formatters import HtmlFormatter  # noqa: PLC0415
    from pygments.lexers import PythonLexer  # noqa: PLC0415

    return Markup(highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)))


def in_base64(svg: str) -> str:
    """Write a picture so that a page can hold it."""
    return base64.b64encode(svg.encode("utf-8")).decode("ascii")


def _dimensions(svg: str) -> Markup:
    """Give the natural size of a figure, so that a page does not move while it loads."""
    found = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    if not found:
        return Markup("")
    width, height = (round(float(length) * 96 / 72) for length in found.groups())
    return Markup(' width="{}" height="{}"').format(width, height)


def _linked_answer(answer: Answer, tables: dict[str, Table], ledger: Ledger) -> Markup:
    table = tables.get(answer.of)
    if table is None:
        return Markup.escape(" ".join(answer.sentences))
    numbers = [*answer.numbers, *[()] * (len(answer.sentences) - len(answer.numbers))]
    text = Markup(" ").join(
        with_numbers(sentence, each, answer.of, f"#{table.place}", ledger, is_stop=False)
        for sentence, each in zip(answer.sentences, numbers, strict=True)
    )
    known = Markup('{} <a href="#{}">{}</a>; rests on: {}{}.')
    return known.format(text, table.place, table.number, answer.rests_on, origin(answer.of, ledger))


def origin(result: str, ledger: Ledger) -> Markup:
    """Link to what is said of where the numbers of an answer are from."""
    if result not in ledger.origins:
        return Markup("")
    return Markup('; <a href="origins.html#{}">where its numbers are from</a>').format(result)


def _href(result: str, ledger: Ledger) -> str:
    """Give the place of a result, as seen from the first page."""
    origin = ledger.origins[result]
    return f"{origin.notebook}.html#{origin.place}"


def _computed(published: Published, ledger: Ledger) -> Markup:
    """Link what was computed for a published figure to its table, and say from where in it."""
    entry = ledger.published.get(published.figure)
    if entry is None:
        return Markup.escape(published.computed)
    whole = Number(0, len(published.computed), entry.cells)
    href = _href(entry.result, ledger)
    return with_numbers(published.computed, [whole], entry.result, href, ledger)


def _caveat(caveat: Caveat, ledger: Ledger) -> Markup:
    if caveat.of not in ledger.origins:
        return Markup.escape(caveat.text)
    href = _href(caveat.of, ledger)
    return with_numbers(caveat.text, caveat.numbers, caveat.of, href, ledger)


def with_numbers(
    sentence: str,
    numbers: Sequence[Number],
    result: str,
    href: str,
    ledger: Ledger,
    *,
    is_stop: bool = True,
) -> Markup:
    """Link each number of a sentence, and say on hover and focus where it is from.

    Parameters
    ----------
    is_stop
        Whether the Tab key stops at each; where it does not, a link near by says the same.
    """
    link = Markup(
        '<span class="term number"><a href="{}"{}>{}</a><span role="tooltip">{}</span></span>'
    )
    stop = Markup("" if is_stop else ' tabindex="-1"')
    parts, end = [], 0
    for each in numbers:
        parts.append(Markup.escape(sentence[end : each.begins]))
        said = ledger.told(result, each.cells)
        parts.append(link.format(href, stop, sentence[each.begins : each.ends], said))
        end = each.ends
    return Markup("").join([*parts, Markup.escape(sentence[end:])])


def _named(block: Block) -> str:
    return block.number if isinstance(block, Figure | Table) else ""


def _drawn_by(block: Block) -> Source | None:
    return source_of(block.drawn_by) if isinstance(block, Figure) else None


def _method(section: Section) -> str:
    """Give the section of Methods that a section of a report refers to."""
    prose = " ".join(block.markdown for block in section.of_kind("prose"))
    found = re.search(r"\]\(\.\./docs/methods\.md(#[\w-]+)[ )]", prose)
    return f"methods.html{found[1]}" if found else ""


def _as_shown(block: Other) -> Markup:
    """Show what a notebook shows without a page: as a picture, or else as text.

    Its HTML is nobody's but the notebook's, and may hold a script; so it is no part of a page.
    """
    if "image/svg+xml" in block.data:
        source = f"image/svg+xml;base64,{in_base64(block.data['image/svg+xml'])}"
        return Markup('<img alt="{}" src="data:{}">').format(_alt(block), source)
    if "image/png" in block.data:
        return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(
            _alt(block), block.data["image/png"].replace("\n", "")
        )
    return Markup("<pre {}>{}</pre>").format(Markup(scrolls("Output")), block.words)


def _alt(block: Other) -> str:
    return block.data.get("text/plain") or "A picture that has no description"
