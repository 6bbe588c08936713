"""Published figures that the records cannot answer are not held against them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from malformed import both, make, swap

from lmm.analysis.claims import compare
from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.records import Records
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

FIGURE = (
    "  published_figures:\n    rows:\n      - {figure: FIGURE, meaning: x, printed: PRINTED, "
    "decimals: DECIMALS, window_start: 2020-01-01, window_end: 2020-12-31, source: y}"
)


def compared(folder: Path, figure: str, printed: str, decimals: str = "0") -> pd.Series[str]:
    content = FIGURE.replace("FIGURE", figure).replace("PRINTED", printed)
    content = content.replace("DECIMALS", decimals)
    both(swap("study.yaml", "  published_figures: absent", content))(folder)
    study = read_study(folder)
    tables = clean_all(read_raw(study), study).tables
    return compare(Records.within(tables, study, Parameters.of(study))).iloc[0]


@pytest.mark.parametrize(
    ("printed", "decimals", "status"),
    [("50%", "0", "reproduced"), ("50.00%", "~", "reproduced"), ("50%", "~", "reproduced"),
     ("50.0%", "1", "reproduced"), ("50%", "2", "differs")],
)  # fmt: skip
def test_decimals_that_are_not_given_are_those_printed(
    tmp_path: Path, printed: str, decimals: str, status: str
) -> None:
    row = compared(make(tmp_path / "study"), "satisfaction", printed, decimals)
    assert row["status"] == status


def test_continuity_needs_the_labels_that_it_is_about(tmp_path: Path) -> None:
    row = compared(make(tmp_path / "study"), "continuity", "did not stay open")
    assert row["status"] == "not comparable"
    assert row["note"] == "the labels of mode in study.yaml have no 'telephone'"


def test_continuity_is_compared_where_there_are_such_labels(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    swap("study.yaml", "online: []}", "online: [], telephone: []}")(folder)
    row = compared(folder, "continuity", '"did not stay open, did not move"')
    assert row["status"] == "reproduced"
