"""The hand-outs of a run, made from its notebooks as executed and from its tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from lmm.cleaning.save import read_saved
from lmm.publish.handouts.pdf import can_be_made, report_pdf, summary_pdf
from lmm.publish.handouts.summary import READ_AGAIN, Summary
from lmm.publish.handouts.word import summary_docx
from lmm.publish.handouts.workbook import Sheet, workbook
from lmm.publish.report import Report, Table
from lmm.showing.labels import mark, period_in_words
from lmm.showing.wording import titled
from lmm.study.parameters import Parameters
from lmm.study.problems import visible
from lmm.study.study import Study

REPORTS = Path("reports")
"""Where the reports are as PDF, among the outputs."""


def write_handouts(study: Study, reports: Sequence[Report], summary: Summary) -> None:
    """Write ``summary.docx``, ``tables.xlsx``, and with typst ``summary.pdf``."""
    outputs = study.outputs
    (outputs / "summary.docx").write_bytes(summary_docx(summary, outputs / "figures"))
    about = (f"{summary.title}. Tables, {summary.period}", (summary.mark,))
    (outputs / "tables.xlsx").write_bytes(workbook(*about, list(_sheets(study, reports))))
    if can_be_made():
        (outputs / "summary.pdf").write_bytes(summary_pdf(summary))


def write_report(study: Study, report: Report, parameters: Parameters) -> None:
    """Write a report of a run as PDF, with typst."""
    if can_be_made():
        folder = study.outputs / REPORTS
        folder.mkdir(exist_ok=True)
        made = report_pdf(report, study, period_in_words(parameters))
        (folder / f"{report.name}.pdf").write_bytes(made)


def _sheets(study: Study, reports: Sequence[Report]) -> Iterator[Sheet]:
    """Give every table of the run as it is kept, under the title that its report gives it."""
    shown: dict[str, tuple[Report, Table]] = {
        table.name: (report, table) for report in reports for table in report.of_kind("table")
    }
    drawn = {
        name: figure.planned
        for report in reports
        for figure in report.of_kind("figure")
        for name in figure.of
    }
    for path in sorted((study.outputs / "tables").glob("*.csv")):
        table = read_saved(path, study, READ_AGAIN)
        title, where, planned = titled(path.stem), "", drawn.get(path.stem, "")
        if path.stem in shown:
            report, known = shown[path.stem]
            title, where = visible(known.title), f"{report.name}, {known.number}"
            planned = known.planned
        yield Sheet(path.stem, title, (where, mark(study), _basis(table), planned), table)


def _basis(table: pd.DataFrame) -> str:
    """Say what the results of a table rest on."""
    if "basis" not in table:
        return ""
    return f"Rests on: {', '.join(sorted(set(filter(None, table['basis']))))}."
