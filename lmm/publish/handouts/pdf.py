"""The hand-outs as PDF: tagged, for readers of the screen and of paper, the same bytes each time.

typst lays them out from the templates beside this file. All that a study says is handed to it as
data, so that no word of it can be markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lmm.publish.handouts.layout import report_data, summary_data
from lmm.publish.handouts.summary import Summary
from lmm.publish.report import Report
from lmm.study.study import Study

TEMPLATES = Path(__file__).parent / "templates"

BOX = "\u25a1"
"""Stands for a letter that the font lacks, as in the figures."""


def can_be_made() -> bool:
    """Whether typst is installed, which the PDFs need and nothing else does."""
    return find_spec("typst") is not None


def not_made() -> str:
    """Say which hand-outs a run does not make here, and what would; nothing if it makes all."""
    if can_be_made():
        return ""
    needed = [each.partition(";")[0].strip() for each in metadata.requires("lmm") or []]
    typst = next(each for each in needed if each.startswith("typst"))
    return f"No summary.pdf and no reports/*.pdf without typst: pip install '{typst}'"


def summary_pdf(summary: Summary) -> bytes:
    """Lay out the summary on two pages."""
    return _compiled("summary.typ", summary_data(summary))


def report_pdf(report: Report, study: Study, period: str) -> bytes:
    """Lay out a report, without its code and its long tables."""
    return _compiled("report.typ", report_data(report, study, period))


def _compiled(template: str, data: Mapping[str, Any]) -> bytes:
    import typst  # noqa: PLC0415

    fonts, known = _fonts()
    text = json.dumps(data, ensure_ascii=False)
    drawn = "".join(letter if ord(letter) in known else BOX for letter in text)
    made: bytes = typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=[fonts],
        ignore_system_fonts=True,
        sys_inputs={"data": drawn},
        pdf_standards=["ua-1"],
    )
    return made


@cache
def _fonts() -> tuple[Path, frozenset[int]]:
    """Give the folder of the fonts that come with matplotlib, and the letters of the first."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    folder = Path(mpl.get_data_path(), "fonts", "ttf")
    return folder, frozenset(FT2Font(str(folder / "DejaVuSans.ttf")).get_charmap())
