"""What the templates of the PDFs are given: words, numbers and drawings, as JSON has them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast

import mistune

from lmm.publish.handouts.result_table import readable_of
from lmm.publish.handouts.summary import COMPARED, HEADINGS, Summary
from lmm.publish.report import (
    Answer,
    Code,
    Figure,
    Note,
    Other,
    Prose,
    Report,
    Section,
    Table,
)
from lmm.showing.colours import RATING
from lmm.showing.labels import mark
from lmm.study.problems import visible
from lmm.study.study import Study

Data = dict[str, Any]
Shown = Prose | Note | Answer | Table | Figure | Other

MOST_LINES = 40
"""What a notebook of a service's own prints is cut off after so many lines."""


def summary_data(summary: Summary) -> Data:
    """Give a summary as its template takes it."""
    frame = _frame(summary.title, f"Summary, {summary.period}", summary.mark, summary.title)
    return {
        **asdict(summary),
        **frame,
        "colours": RATING,
        "headings": HEADINGS,
        "compared": COMPARED,
    }


def report_data(report: Report, study: Study, period: str) -> Data:
    """Give a report as its template takes it."""
    service = visible(study.service)
    frame = _frame(visible(report.title), f"{service}, {period}", mark(study), service)
    return {**frame, "sections": [_section(part) for part in report.parts]}


def _frame(title: str, subtitle: str, said: str, service: str) -> Data:
    """Give what every page has; the mark is in the metadata, too."""
    return {
        "title": title,
        "subtitle": subtitle,
        "mark": said,
        "description": ". ".join(filter(None, (subtitle, said))),
        "keywords": [said] if said else [],
        "foot": f"{service}. {title if title != service else subtitle}",
    }


def _section(section: Section) -> Data:
    parts = [_part(block) for block in section.blocks if not isinstance(block, Code)]
    return {"heading": visible(section.heading), "parts": parts}


def _part(block: Shown) -> Data:
    match block:
        case Prose():
            return {"kind": "prose", "tokens": _without_pages(_tokens(block.markdown))}
        case Note():
            return {"kind": "note", "paragraphs": block.paragraphs}
        case Answer():
            return {"kind": "answer", "sentences": block.sentences}
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)
    return {"kind": "plain", "words": _plain(block)}


def _figure(figure: Figure) -> Data:
    """Give a figure; of one that is folded on a page where it is."""
    if figure.is_folded:
        words = f"It is left out here, and is in the folder figures: {figure.name}.svg."
        return {"kind": "pointer", "number": figure.number, "words": words}
    drawn = {"svg": figure.svg, "alt": visible(figure.alt)}
    words = visible(figure.caption)
    return {"kind": "figure", "number": figure.number, "words": words, **drawn}


def _table(table: Table) -> Data:
    """Give a table; of a long one where it is."""
    number, title = table.number, visible(table.title)
    if table.is_long:
        words = f"{title}. It is long, and is in tables.xlsx: {table.name}."
        words = f"{words} {table.planned}".strip()
        return {"kind": "pointer", "number": number, "words": words}
    read = asdict(readable_of(table))
    columns = [{"heading": c["heading"], "number": c["is_number"]} for c in read["columns"]]
    return {**read, "kind": "table", "number": number, "title": title, "columns": columns}


def _tokens(markdown: str) -> list[Data]:
    """Take Markdown apart, as mistune names its parts."""
    parse = mistune.create_markdown(renderer="ast", plugins=["table"])
    return cast("list[Data]", parse(markdown))


def _without_pages(tokens: list[Data]) -> list[Data]:
    """Leave out the links that end a paragraph and lead to a page beside the notebook."""
    for token in tokens:
        inside = token.get("children", [])
        while inside and (_leads_aside(inside[-1]) or _joins(inside)):
            inside.pop()
    return tokens


def _leads_aside(token: Data) -> bool:
    return token["type"] == "link" and "://" not in token["attrs"]["url"]


def _joins(inside: list[Data]) -> bool:
    """Whether a paragraph ends with what only joined two such links."""
    *before, last = inside
    words = last["raw"] if last["type"] == "text" else "no text"
    return bool(before) and _leads_aside(before[-1]) and words.strip(" ,.;") in ("", "and")


def _plain(block: Other) -> str:
    """Give what was printed, as far as it is short."""
    lines = [visible(line) for line in block.words.split("\n")]
    more = ["..."] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)
