"""A small service whose records are declared real and protected, and what a run makes of it."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pandas as pd
from docx import Document
from malformed import make, swap
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from lmm.publish.run import run
from lmm.study.folder import Audience
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

PARAMETERS = (
    'period_start: str = "2020-01-01"\nperiod_end: str = "2020-12-31"\n'
    'event_date: str = "2020-06-01"\nconfidence: float = 0.95'
)
LOAD = """\
from lmm.analysis import descriptive
from lmm.publish.counts import load_counts
from lmm.showing import plots
from lmm.showing.page import Page

counts = load_counts(period_start, period_end, event_date, confidence)
page = Page(counts)
page.open()"""
SHOW = """\
months = descriptive.monthly_activity(counts)
page.table(months, "months", title="Activity in each month")
page.figure(plots.monthly, "months")"""


def service(folder: Path, *cells: str) -> Path:
    """Write the study, with one notebook that shows its activity, and then has these cells."""
    make(folder)
    swap("study.yaml", "records: synthetic", "records: real  # as Ann Other keeps them")(folder)
    swap("study.yaml", "disclosure: none", "disclosure: opensafely")(folder)
    (folder / "notebooks").mkdir()
    content = new_notebook(
        cells=[
            new_markdown_cell("# Own"),
            new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
            *(new_code_cell(cell) for cell in (LOAD, SHOW, *cells)),
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )
    nbformat.write(content, folder / "notebooks" / "1-own.ipynb")
    return folder


def do_run(folder: Path, audience: Audience = "release", **given: str) -> None:
    """Run the study in this process."""
    study = read_study(folder, audience)
    run(study, Parameters.of(study, given), lambda *_: None)


def content(folder: Path) -> dict[str, bytes]:
    """Give every file of a folder, by its path."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def check_mark(path: Path, mark: str, kind: str) -> None:
    """Hold a file that a run has made to its marks: in what is seen, and in its metadata."""
    match path.suffix:
        case ".csv":
            assert set(pd.read_csv(path, dtype=str)["records"]) <= {kind}, path
        case ".png":
            with Image.open(path) as image:
                assert mark in image.info["Description"], path
        case ".svg":
            text = path.read_text("utf-8")
            assert f">{mark}</text>" in text, path
            assert f"<dc:description>{mark}</dc:description>" in text.replace("\n", ""), path
        case ".html":
            text = path.read_text("utf-8")
            assert re.search(rf'<meta [^>]*content="{mark}"', text), path
            assert f'<p class="mark">{mark}</p>' in text, path
        case ".pdf":
            read = PdfReader(path)
            assert read.metadata is not None
            assert read.metadata["/Keywords"] == mark, path
            for page in read.pages:
                assert mark in page.extract_text(), path
        case ".docx":
            paper = Document(str(path))
            assert paper.sections[0].header.paragraphs[0].text == mark, path
            assert paper.core_properties.keywords == mark, path
        case ".xlsx":
            book = load_workbook(path)
            assert mark in (book.properties.description or ""), path
            for sheet in book:
                assert mark in [row[0].value for row in sheet.iter_rows(max_row=5)], sheet
        case _:
            assert mark in path.read_text("utf-8"), path
