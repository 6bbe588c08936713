"""What the templates of the PDFs are given: words, numbers and drawings, as JSON has them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import mistune

from lmm.publish.handouts.result_table import readable_of
from lmm.publish.handouts.summary import Summary
from lmm.publish.report import (
    Answer,
    Block,
    Code,
    Figure,
    Note,
    Other,
    Prose,
    Report,
    Section,
    Table,
)
from lmm.showing.labels import mark
from lmm.study.problems import visible
from lmm.study.study import Study

Data = dict[str, Any]

MOST_LINES = 40
"""What a notebook of a service's own prints is cut off after so many lines."""

SHOWN_ELSEWHERE = "This is shown in the notebook only."


def _frame(title: str, subtitle: str, said: str, foot: str) -> Data:
    """Give what every page has; the mark is in the metadata, too."""
    return {
        "title": title,
        "subtitle": subtitle,
        "mark": said,
        "description": ". ".join(filter(None, (subtitle, said))),
        "keywords": [said] if said else [],
        "foot": foot,
    }


def summary_data(summary: Summary) -> Data:
    """Give a summary as its template takes it."""
    from lmm.showing.plots.style import RATING  # noqa: PLC0415

    foot = f"{summary.title}. {summary.subtitle}"
    frame = _frame(summary.title, summary.subtitle, summary.mark, foot)
    return {**asdict(summary), **frame, "colours": RATING}


def report_data(report: Report, study: Study, subtitle: str) -> Data:
    """Give a report as its template takes it."""
    title = visible(report.title)
    frame = _frame(title, subtitle, mark(study), f"{visible(study.service)}. {title}")
    return {**frame, "sections": [_section(part) for part in (report.lead, *report.sections)]}


def _section(section: Section) -> Data:
    parts = [_part(block) for block in section.blocks if not isinstance(block, Code)]
    return {"heading": visible(section.heading.replace("`", "").replace("*", "")), "parts": parts}


def _part(block: Block) -> Data:
    match block:
        case Prose():
            return {"kind": "prose", "tokens": _tokens(block.markdown)}
        case Note():
            return {"kind": "note", "paragraphs": block.paragraphs}
        case Answer():
            return {"kind": "answer", "sentences": block.sentences}
        case Table() if block.is_long:
            words = f"{visible(block.title)}. It is long, and is in tables.xlsx: {block.name}."
            return {"kind": "pointer", "number": block.number, "words": words}
        case Table():
            table = asdict(readable_of(block))
            columns = [
                {"heading": c["heading"], "number": c["is_number"]} for c in table["columns"]
            ]
            about = {"number": block.number, "title": visible(block.title)}
            return {**table, **about, "kind": "table", "columns": columns}
        case Figure():
            drawn = {"svg": block.svg, "alt": visible(block.alt)}
            return {
                "kind": "figure",
                "number": block.number,
                "words": visible(block.caption),
                **drawn,
            }
        case Other():
            return {"kind": "plain", "words": _plain(block)}
    raise TypeError(f"{block}: a report has no such part")


_tokens = mistune.create_markdown(renderer="ast", plugins=["table"])


def _plain(block: Other) -> str:
    """Give what was printed; what is drawn in some other way has no words that could be."""
    lines = [visible(line) for line in block.data.get("text/plain", SHOWN_ELSEWHERE).split("\n")]
    more = ["..."] if len(lines) > MOST_LINES else []
    return "\n".join(lines[:MOST_LINES] + more)
