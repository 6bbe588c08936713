"""The hand-outs hold what the reports and tables say, can be read by all, and come out the same."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest
from docx.oxml.ns import qn
from handed import SVG, TABLE, report
from PIL import Image
from pypdf import PdfReader
from test_summary import COMPARED, rated, study, summary

from lmm.cleaning.save import save_table
from lmm.publish.handouts import pdf
from lmm.publish.handouts.layout import report_data
from lmm.publish.handouts.pdf import report_pdf, summary_pdf
from lmm.publish.handouts.result_table import readable_of
from lmm.publish.handouts.summary import Summary
from lmm.publish.handouts.word import summary_docx
from lmm.publish.handouts.workbook import Sheet, unique_names, workbook
from lmm.publish.handouts.write import write_handouts, write_report
from lmm.showing.labels import SYNTHETIC
from lmm.showing.tables import Column, Group
from lmm.study.parameters import Parameters
from lmm.study.study import Study

__all__ = ["study"]

HOSTILE = (
    '#set page(width: 1pt) $x_1$ *b* _i_ `c` <l> @r \\ "q" [b] {c} // /* ~ -- \u0633\U0001f600'
)
"""What would be markup, and letters that the font has and has not."""


def words(made: bytes) -> str:
    """Give the text of a PDF without white space, which readers set in other ways."""
    pages = PdfReader(io.BytesIO(made)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def bare(text: str) -> str:
    return "".join(text.split())


def full(study: Study, findings: int = 2, figures: int = 2) -> Summary:
    """Give a summary with all of its parts."""
    table = rated(("staff", "2019/20", "green", "met"), ("staff", "2018/19", "red", "not met"))
    save_table(table, study.outputs / "tables/targets_achieved.csv", study)
    return summary(study, report(findings, figures), compared=COMPARED)


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    """Give a folder with the PNG of the figure."""
    Image.new("RGB", (90, 40), "white").save(tmp_path / "a.png")
    return tmp_path


# --- PDF ---------------------------------------------------------------------------------------


def test_the_summary_has_two_pages_that_say_all_of_it(study: Study) -> None:
    made = full(study)
    text = words(summary_pdf(made))
    said = [
        made.title, made.period, *(each.sentence for each in made.findings), "not met",
        *(each.caption for each in made.pictures), *made.limits,
        *(each.heading for each in made.sure), *(each.text for each in made.sure),
        "courses held", "differs", "Source: A paper, 2021.", made.years, "1 of 2", "2 of 2",
    ]  # fmt: skip
    assert [each for each in said if bare(each) not in text] == []
    assert text.count(bare(SYNTHETIC)) == 2


@pytest.mark.parametrize(("findings", "figures"), [(0, 0), (1, 1), (8, 4)])
def test_the_summary_has_two_pages_whatever_there_is(
    study: Study, findings: int, figures: int
) -> None:
    made = full(study, findings, figures)
    if findings == 8:
        long = tuple(replace(each, sentence="Many words. " * 30) for each in made.findings)
        made = replace(made, findings=long, published=made.published * 12)
    assert len(PdfReader(io.BytesIO(summary_pdf(made))).pages) == 2


def test_a_report_says_what_its_notebook_shows_and_not_its_code(study: Study) -> None:
    text = words(report_pdf(report(), study, "1 April 2018 to 31 January 2021"))
    said = ["Own", "First.", "What was done", "Synthetic.", "Finding 0.", "More of it.", "Table 1",
            "Rests on: assumed.", "All #[of] them", "a & b", "$x$ = @y", "Figure 1", "A drawn",
            "drawn", SYNTHETIC]  # fmt: skip
    assert [each for each in said if bare(each) not in text] == []
    assert "page.table" not in text


def test_a_report_has_no_comments_and_cites_in_words(study: Study) -> None:
    made = report(1, 1, "<!-- for authors -->As {cite:t}`wilson1927` has it.")
    text = words(report_pdf(made, study, ""))
    assert bare("As Wilson (1927) has it.") in text
    assert "authors" not in text


def test_a_long_table_is_left_to_the_workbook(study: Study) -> None:
    text = words(report_pdf(report(long=True), study, ""))
    assert bare("It is long, and is in tables.xlsx: a.") in text
    assert bare("a & b") not in text


def test_a_pdf_is_tagged_for_readers_of_the_screen(study: Study) -> None:
    for made in (summary_pdf(full(study)), report_pdf(report(), study, "")):
        read = PdfReader(io.BytesIO(made))
        root: Any = read.trailer["/Root"]
        assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-GB", True)
        packet = root["/Metadata"].get_data().decode("utf-8")
        assert "<pdfuaid:part>1</pdfuaid:part>" in packet
        assert SYNTHETIC in packet
        assert read.metadata is not None
        assert read.metadata.creation_date is None
    assert [each.title for each in read.outline] == ["What was done"]  # type: ignore[union-attr]


def test_a_pdf_has_the_same_bytes_each_time(study: Study) -> None:
    made, read = full(study), report()
    first = summary_pdf(made), report_pdf(read, study, "")
    time.sleep(1.1)
    assert (summary_pdf(made), report_pdf(read, study, "")) == first


def test_nothing_of_a_study_is_markup(study: Study) -> None:
    read = report(1, 1, HOSTILE, f"### {HOSTILE}\n\n- {HOSTILE}", answer=HOSTILE)
    made = report_pdf(replace(read, title=HOSTILE), study.model_copy(), HOSTILE)
    shown = HOSTILE.replace("\U0001f600", pdf.BOX)
    assert words(made).count(bare(shown[:40])) >= 3
    found = replace(full(study), title=HOSTILE, limits=(HOSTILE,), remarks=(HOSTILE,))
    assert bare(shown[:40]) in words(summary_pdf(found))


def test_markdown_of_a_notebook_is_laid_out(study: Study) -> None:
    markdown = (
        "## More\n\n### Deeper\n\n1. one\n2. two **bold** *slanted*\n\n> said\n\n---\n\n"
        "| a | b |\n|---|---|\n| c | d |\n\n```\ncode\n```\n\n![a drawing](x.png) "
        "<b>raw</b> [far](https://example.org) end"
    )
    text = words(report_pdf(report(1, 1, markdown), study, ""))
    for each in ("Deeper", "two bold slanted", "said", "code", "a drawing", "raw", "far end"):
        assert bare(each) in text, each


@pytest.mark.parametrize(
    ("markdown", "left"),
    [
        ("Said. [More](../docs/methods.md#x)", ["Said. "]),
        ("Said. [More](../docs/a.md), and [more](../docs/b.md)", ["Said. "]),
        ("Said. [More](https://example.org)", ["Said. ", "link"]),
        ("[Methods](../docs/methods.md) has the formulas.", ["link", " has the formulas."]),
    ],
)
def test_links_beside_the_notebook_are_left_out_at_the_end(
    study: Study, markdown: str, left: list[str]
) -> None:
    sections = report_data(report(0, 0, markdown), study, "")["sections"]
    (paragraph,) = (token for token in sections[-1]["parts"][-1]["tokens"])
    assert [each.get("raw", each["type"]) for each in paragraph["children"]] == left


def test_a_table_is_read_back_as_it_was_written() -> None:
    (table,) = report().of_kind("table")
    read = readable_of(table)
    assert read.columns == (Column("Who", is_number=False), Column("n", is_number=True))
    assert read.groups == (Group("All #[of] them", (("a & b", "1"),)),)
    assert (read.common, read.notes) == ("Rests on: assumed.", ("$x$ = @y",))


def test_no_column_of_a_wide_table_runs_into_another(study: Study) -> None:
    cells = "<td>some words that are laid out in lines</td>" * 8
    cells += f'<td class="number">{"0" * 24}</td>' * 2
    heads = "<th>head</th>" * 8 + '<th class="number">n</th>' * 2
    html = f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"
    read = report()
    blocks = [
        replace(each, html=html) if getattr(each, "html", "") == TABLE else each
        for each in read.sections[0].blocks
    ]
    wide = replace(read, sections=(replace(read.sections[0], blocks=blocks),))
    rows: dict[float, list[float]] = {}

    def note(operator: bytes, _: Any, cm: list[float], tm: list[float]) -> None:
        if operator in (b"Tj", b"TJ"):
            rows.setdefault(cm[5] + tm[5] * cm[3], []).append(cm[4] + tm[4] * cm[0])

    for page in PdfReader(io.BytesIO(report_pdf(wide, study, ""))).pages:
        page.extract_text(visitor_operand_before=note)
    *_, before, last = [sorted(row) for row in rows.values() if len(row) == 10][1]
    right = 595 - 57  # where the last column ends, to the right of which is the margin
    assert last - before > right - last


# --- Word --------------------------------------------------------------------------------------


def test_the_word_file_has_headings_captions_and_alternative_texts(
    study: Study, figures: Path
) -> None:
    made = full(study)
    paper = docx.Document(io.BytesIO(summary_docx(made, figures)))
    styles: dict[str, list[str]] = {}
    for paragraph in paper.paragraphs:
        assert paragraph.style is not None
        styles.setdefault(str(paragraph.style.name), []).append(paragraph.text)
    assert styles["Title"] == ["Little Minds Matter"]
    assert styles["Heading 1"] == [
        "What was found", "Targets", "Published figures", "In figures", "How sure is this?",
        "What it cannot show",
    ]  # fmt: skip
    assert styles["Caption"][-2:] == ["Figure 1. A drawn", "Figure 2. A drawn"]
    for finding in made.findings:
        assert any(finding.sentence in text for text in styles["List Bullet"])
    assert [shape._inline.docPr.get("descr") for shape in paper.inline_shapes] == ["A line."] * 2
    for table in paper.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert rows[1] == ["Staff trained (people)", "not met", "met"]
    fills = [each.get(qn("w:fill")) for each in paper.tables[0]._tbl.iter(qn("w:shd"))]
    assert fills == ["E58A8A", "A6DBC9"]
    assert paper.sections[0].header.paragraphs[0].text == SYNTHETIC
    assert SYNTHETIC in (paper.core_properties.comments or "")


def test_the_word_file_of_a_study_without_anything_is_shorter(study: Study, figures: Path) -> None:
    made = full(study, 0, 0)
    made = replace(made, targets=None, published=(), mark="", title="Long " * 99)
    paper = docx.Document(io.BytesIO(summary_docx(made, figures)))
    headings = [p.text for p in paper.paragraphs if p.style and p.style.name == "Heading 1"]
    assert headings == ["How sure is this?", "What it cannot show"]


# --- the workbook ------------------------------------------------------------------------------

RISKY = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]


def loaded(*sheets: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook("Tables", (SYNTHETIC,), sheets)))


def test_numbers_are_numbers_and_words_are_words() -> None:
    table = pd.DataFrame(
        {"who": ["a", "007"], "n": ["12", "suppressed"], "share": ["0.5", "-1e-05"]}
    )
    book = loaded(Sheet("a", "About a", (SYNTHETIC, "Rests on: assumed."), table))
    assert book.sheetnames == ["Contents", "a"]
    rows = [[cell.value for cell in row] for row in book["a"].iter_rows()]
    assert [row[0] for row in rows[:3]] == ["About a", SYNTHETIC, "Rests on: assumed."]
    assert rows[3:] == [["who", "n", "share"], ["a", 12, 0.5], ["007", "suppressed", -1e-05]]
    assert book["a"].freeze_panes == "B5"
    assert book["Contents"]["A3"].hyperlink.location == "'a'!A1"


def test_no_cell_is_a_formula() -> None:
    table = pd.DataFrame({"=head": RISKY})
    book = loaded(Sheet("a", "=title", ("@said",), table))
    for sheet in book:
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
    assert book["a"]["A1"].quotePrefix
    assert [book["a"].cell(row, 1).value for row in range(4, 8)] == RISKY[:4]


def test_names_of_sheets_are_short_and_differ() -> None:
    long = "satisfaction_by_group_and_by_mode"
    names = unique_names([long, f"{long}_again", "Contents", "a/b"], taken=("contents",))
    assert list(names.values()) == [long[:31], f"{long[:29]}~2", "Contents~2", "a_b"]


# --- all of them -------------------------------------------------------------------------------


def handed(study: Study, *, findings: int = 1) -> dict[str, bytes]:
    """Write the hand-outs of a study, and give them by name."""
    made, outputs = full(study, findings), study.outputs
    (outputs / "figures").mkdir(exist_ok=True)
    Image.new("RGB", (90, 40), "white").save(outputs / "figures/a.png")
    table = pd.DataFrame({"who": ["=x"], "n": [1], "basis": ["assumed"]})
    save_table(table, outputs / "tables/a.csv", study)
    write_report(study, report(findings), Parameters.of(study))
    write_handouts(study, [report(findings)], made)
    return {
        path.relative_to(outputs).as_posix(): path.read_bytes()
        for path in sorted(outputs.rglob("*.*"))
        if path.suffix in (".pdf", ".docx", ".xlsx")
    }


def test_all_hand_outs_are_made_and_are_the_same_each_time(
    study: Study, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = handed(study)
    assert list(first) == ["reports/1-own.pdf", "summary.docx", "summary.pdf", "tables.xlsx"]
    time.sleep(2.1)  # archives know of every other second
    monkeypatch.setenv("LMM_STAGE", str(tmp_path / ".stage-again"))
    assert handed(study) == first
    for name in ("summary.docx", "tables.xlsx"):
        with zipfile.ZipFile(io.BytesIO(first[name])) as archive:
            assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_the_workbook_has_each_table_with_its_title_and_what_it_rests_on(study: Study) -> None:
    book = openpyxl.load_workbook(io.BytesIO(handed(study)["tables.xlsx"]))
    assert book.sheetnames == ["Contents", "a", "targets_achieved"]
    rows = [row[0].value for row in book["a"].iter_rows()]
    assert rows == ["A", "1-own, Table 1", SYNTHETIC, "Rests on: assumed.", "who", "=x"]


def test_without_typst_the_others_are_made_and_it_is_said(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pdf.not_made() == ""
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    assert list(handed(study)) == ["summary.docx", "tables.xlsx"]
    said = pdf.not_made()
    assert "summary.pdf" in said
    assert "reports/*.pdf" in said
    assert "pip install 'typst<0.16,>=0.15'" in said


def test_typst_is_not_asked_for_a_drawing_without_an_alternative_text(study: Study) -> None:
    made = full(study)
    with pytest.raises(Exception, match="alt"):
        pdf._compiled(
            "summary.typ",
            {**pdf.summary_data(made), "pictures": [{"svg": SVG, "alt": None, "caption": "x"}]},
        )
