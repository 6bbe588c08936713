"""The index by which a reader searches a site without a server."""

from __future__ import annotations

import json
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
    """Give the sections of a report, and its tables and figures."""
    for section in report.sections:
        yield Entry(
            f"{report.href}#{section.place}", report.title, section.heading, _words(section)
        )
        for block in section.blocks:
            if block.kind in ("table", "figure"):
                yield _numbered(report, section, block)


def _words(section: Section) -> str:
    prose = [block.markdown for block in section.of_kind("prose")]
    answers = [sentence for block in section.of_kind("answer") for sentence in block.sentences]
    return " ".join([*answers, *prose])


def _numbered(report: Report, section: Section, block: Any) -> Entry:
    words = block.title if block.kind == "table" else block.alt
    heading = f"{block.number}. {block.title if block.kind == 'table' else section.heading}"
    return Entry(f"{report.href}#{block.place}", report.title, heading, words)


def script_of(entries: Iterable[Entry], mark: str) -> str:
    """Write the index as a script, which a page may load from a disk, as it may not load data."""
    data = json.dumps([astuple(entry) for entry in entries], ensure_ascii=False)
    return f"// {mark or 'Made from released counts'}\nwindow.SEARCHED = {data};\n"
