"""The pages of a run, from small literal notebooks."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from handed import FIGURE, SVG, TABLE, shown
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from pypdf import PdfReader
from test_summary import counts, study, summary

from lmm.publish.handouts.pdf import summary_pdf
from lmm.publish.handouts.summary import COMPARED as PRINTED
from lmm.publish.handouts.summary import HEADINGS
from lmm.publish.ledger import Ledger
from lmm.publish.markdown import without_empty_headings
from lmm.publish.report import report_of
from lmm.publish.search import entries_of
from lmm.publish.site import write_site
from lmm.study.study import Study

__all__ = ["study"]


def pages(study: Study, to: Path, *cells: NotebookNode) -> dict[str, str]:
    """Write the site of one notebook, and give its pages by name."""
    report = report_of(new_notebook(cells=list(cells)), "1-own")
    write_site(study, [report], summary(study, report), to, Ledger(counts(study), [report]))
    return {path.stem: path.read_text("utf-8") for path in to.glob("*.html")}


def test_what_stands_before_the_first_heading_is_listed_and_found(
    study: Study, tmp_path: Path
) -> None:
    what = {"is": "table", "name": "a", "number": "Table 1", "title": "A", "long": False}
    outputs = [shown(what, html=TABLE), shown(FIGURE, svg=SVG, plain="A line.")]
    cells = [new_markdown_cell("# Own\n\nWords."), new_code_cell("show()", outputs=outputs)]
    made = pages(study, tmp_path, *cells)
    assert "Own: 1 table, 1 figure</summary>" in made["index"]
    assert '<a href="1-own.html#table-a">Table 1</a> A (' in made["index"]
    contents = made["1-own"].partition("<main")[0]
    assert re.findall(r'<li><a href="(#.*?)">', contents) == ["#table-a", "#figure-a"]
    found = list(entries_of(report_of(new_notebook(cells=cells), "1-own")))
    assert [(each.href, each.heading) for each in found] == [
        ("1-own.html#top", "Own"),
        ("1-own.html#table-a", "Table 1. A"),
        ("1-own.html#figure-a", "Figure 1. Own"),
    ]
    assert '<h1 id="top">' in made["1-own"]


def test_html_of_an_output_is_no_part_of_a_page(study: Study, tmp_path: Path) -> None:
    data = {"text/html": "<script>alert(1)</script>", "text/plain": "a < b"}
    outputs = [
        new_output("display_data", data),
        new_output("display_data", {"text/html": "<b>", "text/plain": "<a.HTML object>"}),
    ]
    made = pages(study, tmp_path, new_code_cell("show()", outputs=outputs))["1-own"]
    assert "alert(1)" not in made
    assert ">a &lt; b</pre>" in made
    assert ">This is shown in the notebook only.</pre>" in made


def test_the_summary_has_the_same_headings_on_the_page_and_on_paper(
    study: Study, tmp_path: Path
) -> None:
    page = pages(study, tmp_path)["index"]
    text = "".join(
        "".join(page.extract_text().split())
        for page in PdfReader(io.BytesIO(summary_pdf(summary(study)))).pages
    )
    for heading in (HEADINGS["sure"], HEADINGS["limits"], HEADINGS["published"], *PRINTED):
        assert f">{heading}<" in page
        assert "".join(heading.split()) in text


@pytest.mark.parametrize("scope", ["row", "col"])
def test_a_heading_without_words_heads_nothing(scope: str) -> None:
    made = without_empty_headings(f'<th scope="{scope}"></th><th scope="{scope}">a</th>')
    assert made == f'<td role="cell"></td><th scope="{scope}">a</th>'


def test_a_report_of_nothing_has_no_empty_lists(study: Study, tmp_path: Path) -> None:
    made = pages(study, tmp_path)
    assert "1-own: 0 tables, 0 figures</summary>" in made["index"]
    for page in (made["index"], made["1-own"]):
        assert not re.search(r"<([ou]l|nav)[^>]*>\s*</\1>", page)
