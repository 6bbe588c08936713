"""The index by which a reader searches a site without a server."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from typing import Any

from lmm.publish.report import Report, Section


@dataclass(frozen=True)
class Entry:
    """A place that a search can find: its address, its page, its heading and its words."""

    href: str
    page: str
    heading: str
    text: str


def entries_of(report: Report) -> Iterator[Entry]:
    """Give what stands before the sections of a report, these, and its tables and figures."""
    for section in report.parts:
        heading = section.heading or report.title
        if section.heading or section.blocks:
            place = f"{report.href}#{section.place}"
            yield Entry(place, report.title, heading, _words(section))
        for block in section.blocks:
            if block.kind in ("table", "figure"):
                yield _numbered(report, heading, block)


def _words(section: Section) -> str:
    prose = [_unmarked(block.markdown) for block in section.of_kind("prose")]
    answers = [sentence for block in section.of_kind("answer") for sentence in block.sentences]
    return " ".join([*answers, *prose])


def _unmarked(markdown: str) -> str:
    """Give the words of Markdown without its marks and the targets of its links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown).translate({42: None, 96: None})


def _numbered(report: Report, above: str, block: Any) -> Entry:
    is_table = block.kind == "table"
    heading = f"{block.number}. {block.title if is_table else above}"
    words = bare(block.html) if is_table else block.alt
    return Entry(f"{report.href}#{block.place}", report.title, heading, words)


def entries_in(page: str, href: str, title: str) -> Iterator[Entry]:
    """Give the sections of a page of HTML, as far as they have an anchor."""
    pieces = re.split(r'<h[23] id="([^"]*)">(.*?)</h[23]>', page)
    for place, words, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        yield Entry(f"{href}#{place}", title, bare(words).removesuffix(" #"), bare(body))


def bare(text: str) -> str:
    """Give the words of HTML."""
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", text)).split())


def script_of(entries: Iterable[Entry], mark: str) -> str:
    """Write the index as a script, which a page may load from a disk, as it may not load data."""
    data = json.dumps([astuple(entry) for entry in entries], ensure_ascii=False)
    return f"// {mark or 'Made from released counts'}\nwindow.SEARCHED = {data};\n"
