"""Small literal reports, for what is made of them."""

from __future__ import annotations

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lmm.publish.report import Report, report_of

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90pt" height="40pt"><path d="M0 9h90" '
    'stroke="black"/><text x="5" y="30" style="font: 9px \'DejaVu Sans\'">drawn</text></svg>'
)
TABLE = (
    '<table id="table-a"><caption>Table 1. A. <span class="common">Rests on: assumed.</span>'
    '</caption><thead><tr><th>Who</th><th class="number">n</th></tr></thead><tbody>'
    '<tr class="group"><th colspan="2">All #[of] them</th></tr>'
    '<tr><th>a &amp; b</th><td class="number">1</td></tr></tbody>'
    "<tfoot><tr><td><ol><li>$x$ = @y</li></ol></td></tr></tfoot></table>"
)
FIGURE = {"is": "figure", "name": "a", "number": "Figure 1", "of": ["a"], "drawn_by": "x.y",
          "caption": "A drawn", "first_page": True}  # fmt: skip


def shown(what: dict[str, Any], **data: str) -> Any:
    """Give an output as a page displays it."""
    kinds = {"plain": "text/plain", "html": "text/html", "svg": "image/svg+xml"}
    named = {kinds[kind]: text for kind, text in data.items()}
    return new_output("display_data", named, metadata={"lmm": what})


def report(
    findings: int = 1, figures: int = 1, *more: str, long: bool = False, answer: str = "Finding"
) -> Report:
    """Give a report with so many findings and figures for the first page, and more Markdown."""
    answered = {"is": "answer", "of": "a", "rests_on": "assumed", "first_page": True}
    table = {"is": "table", "name": "a", "number": "Table 1", "title": "A", "long": long}
    outputs = [
        shown({"is": "note"}, plain="Synthetic.\nMore."),
        *(shown(answered, plain=f"{answer} {n}.\nMore of it.") for n in range(findings)),
        shown(table, html=TABLE, plain="A"),
        *(shown(FIGURE, svg=SVG, plain="A line.") for _ in range(figures)),
    ]
    cells = [
        new_markdown_cell("# Own\n\nFirst.\n\n## What was done\n\n**Question.** What?"),
        new_code_cell("page.table(a)", outputs=outputs),
        *map(new_markdown_cell, more),
    ]
    return report_of(new_notebook(cells=cells), "1-own")
