"""The summary as a Word file, for those who have to put it into a paper of their own."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from lmm.publish.handouts.summary import COMPARED, HEADINGS, Picture, Rated, Summary
from lmm.publish.handouts.zipped import FIRST_DAY, without_dates
from lmm.showing.colours import RATING

TEXT_WIDTH = Cm(17)
FONT = "Arial"
LONGEST = 255
"""Letters of a word about a file, of which Word takes no more."""


def summary_docx(summary: Summary, figures: Path) -> bytes:
    """Write the summary as a Word file, the same bytes each time.

    Parameters
    ----------
    figures
        The folder of the figures as PNG, which Word shows in every version.
    """
    paper = Document()
    _set_up(paper, summary)
    paper.add_heading(summary.title, 0)
    paper.add_paragraph(f"Summary, {summary.period}", "Subtitle")
    if summary.years:
        paper.add_paragraph(summary.years)
    if summary.findings:
        paper.add_heading(HEADINGS["findings"], 1)
    for finding in summary.findings:
        paper.add_paragraph(f"{finding.sentence} ({finding.source})", "List Bullet")
    _targets(paper, summary)
    _published(paper, summary)
    _pictures(paper, summary.pictures, figures)
    _sure(paper, summary)
    made = io.BytesIO()
    paper.save(made)
    return without_dates(made.getvalue())


# --- the whole ---------------------------------------------------------------------------------


def _set_up(paper: Paper, summary: Summary) -> None:
    """Set the page, the language, the metadata, and what stands on each page."""
    about, section = paper.core_properties, paper.sections[0]
    about.title = about.author = summary.title[:LONGEST]
    about.subject = summary.period
    about.comments = about.keywords = summary.mark
    about.language = "en-GB"
    about.created = about.modified = dt.datetime(*FIRST_DAY)
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    for name in ("Normal", "Title", "Subtitle", "Heading 1", "Caption"):
        style = paper.styles[name]
        style.font.name, style.font.color.rgb = FONT, RGBColor(0x22, 0x22, 0x22)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for kind in [each for each in fonts.attrib if each.endswith("Theme")]:
            del fonts.attrib[kind]
    paper.styles["Normal"].font.size = Pt(10)
    _speak_english(paper)
    if summary.mark:
        section.header.paragraphs[0].add_run(summary.mark).bold = True
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _field(foot, "PAGE", "1")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES", "1")


def _speak_english(paper: Paper) -> None:
    """Say in which language it is read aloud and spelt."""
    for language in paper.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")


def _field(paragraph: Paragraph, code: str, now: str) -> None:
    """Add a field that Word works out, with what stands there until it has."""
    run = paragraph.add_run()
    for kind in ("begin", "separate", "end"):
        if kind == "separate":
            instruction = OxmlElement("w:instrText")
            instruction.text = f" {code} "
            run._r.append(instruction)
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
        if kind == "separate":
            run.add_text(now)


# --- its parts ---------------------------------------------------------------------------------


def _targets(paper: Paper, summary: Summary) -> None:
    if summary.targets is None:
        return
    paper.add_heading(HEADINGS["targets"], 1)
    _caption(paper, "Table", 1, "Each target by contract year")
    table = _table(paper, ("Target", *summary.targets.years))
    for name, years in summary.targets.rows:
        cells = table.add_row().cells
        cells[0].text = name
        for cell, rated in zip(cells[1:], years, strict=True):
            _rate(cell, rated)


def _rate(cell: _Cell, rated: Rated | None) -> None:
    """Write a verdict on the colour of its rating."""
    if rated is None:
        return
    cell.text = rated.verdict
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", RATING[rated.rating][1:])):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _published(paper: Paper, summary: Summary) -> None:
    if not summary.published:
        return
    paper.add_heading(HEADINGS["published"], 1)
    number = 1 if summary.targets is None else 2
    _caption(paper, "Table", number, "Published figures and what was computed")
    table = _table(paper, COMPARED)
    for each in summary.published:
        words = (each.meaning, each.printed, each.computed, each.status)
        for cell, text in zip(table.add_row().cells, words, strict=True):
            cell.text = text
    for source in summary.sources:
        paper.add_paragraph(f"Source: {source}.")


def _table(paper: Paper, headings: Sequence[str]) -> Table:
    """Begin a table with a row of headings that is repeated on each page."""
    table: Table = paper.add_table(1, len(headings), "Table Grid")
    for cell, heading in zip(table.rows[0].cells, headings, strict=True):
        cell.paragraphs[0].add_run(heading).bold = True
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    return table


def _pictures(paper: Paper, pictures: Sequence[Picture], figures: Path) -> None:
    if not pictures:
        return
    paper.add_heading(HEADINGS["figures"], 1)
    for number, picture in enumerate(pictures, 1):
        paragraph = paper.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        drawn = paragraph.add_run().add_picture(
            str(figures / f"{picture.name}.png"), width=TEXT_WIDTH
        )
        drawn._inline.docPr.set("descr", picture.alt)
        drawn._inline.docPr.set("name", f"Figure {number}")
        _caption(paper, "Figure", number, picture.caption)


def _caption(paper: Paper, kind: str, number: int, words: str) -> None:
    """Write a caption that Word numbers, so that its lists of figures and tables find it."""
    paragraph = paper.add_paragraph(f"{kind} ", "Caption")
    _field(paragraph, f"SEQ {kind} \\* ARABIC", f"{number}")
    paragraph.add_run(f". {words}")
    paragraph.paragraph_format.keep_with_next = kind == "Table"


def _sure(paper: Paper, summary: Summary) -> None:
    if summary.planned:
        paper.add_heading(HEADINGS["planned"], 1)
    for line in summary.planned:
        paper.add_paragraph(line, "List Bullet")
    paper.add_heading(HEADINGS["sure"], 1)
    for heading, text, *_ in summary.sure:
        paragraph = paper.add_paragraph()
        paragraph.add_run(f"{heading}. ").bold = True
        paragraph.add_run(text)
    paper.add_heading(HEADINGS["limits"], 1)
    for limit in summary.limits:
        paper.add_paragraph(limit, "List Bullet")
    for remark in summary.remarks:
        paper.add_paragraph(remark)
