"""Every malformed input gives a clear message or a logged repair, and never a traceback."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import CASES, FILES, Case, make

from lmm.cleaning.clean import clean_all
from lmm.cleaning.load import read_raw
from lmm.cleaning.sources import ENDINGS, read_sheet
from lmm.cleaning.workbooks import OLE
from lmm.publish.check import check
from lmm.publish.check_report import lines
from lmm.study.problems import StudyError
from lmm.study.study import read_study


def said(folder: Path, severity: str) -> list[str]:
    return [line for kind, line in lines(check(folder), full=True) if kind == severity]


def test_there_are_sixty_and_more() -> None:
    assert len(CASES) >= 100


def test_the_study_is_good_before_it_is_spoilt(tmp_path: Path) -> None:
    report = check(make(tmp_path / "study"))
    assert report.findings == [
        f for f in report.findings if f.severity in ("repaired", "worth a look")
    ]
    assert report.can_run


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_malformed_input(name: str, tmp_path: Path) -> None:
    case: Case = CASES[name]
    folder = make(tmp_path / "study")
    case.spoil(folder)
    report = check(folder)
    found_lines = list(lines(report))
    stops, left = (
        [line for kind, line in found_lines if kind == severity]
        for severity in ("stops the run", "left out")
    )
    for found, expected in ((stops, case.stops), (left, case.left_out)):
        assert len(found) == len(expected), found
        for message, part in zip(found, expected, strict=True):
            assert part in message
    everything = "".join([*stops, *left])
    assert "Traceback" not in everything
    assert not [c for c in everything if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
    for finding in report.of("stops the run"):
        of_study = "study.yaml" in (finding.file or finding.why)
        assert of_study or (finding.file and (finding.fix or finding.line)), finding
    if case.stops:
        with pytest.raises(StudyError):
            _cleaned(folder)
    if case.cells:
        table, column = case.cells[0].split(".")
        values = _cleaned(folder)[table][column]
        shown = values.dt.strftime("%Y-%m-%d") if values.dtype.kind == "M" else values
        assert shown.tolist() == case.cells[1]


def _cleaned(folder: Path) -> dict[str, pd.DataFrame]:
    study = read_study(folder)
    return clean_all(read_raw(study), study).tables


def test_all_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    folder = make(tmp_path / "study")
    for name in ("courses.csv", "families.csv", "sessions.csv"):
        (folder / "data/raw" / name).write_bytes(b"")
    assert [message.split(":")[0] for message in said(folder, "stops the run")] == [
        "courses.csv", "sessions.csv", "families.csv",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.binary(max_size=400), ending=st.sampled_from(ENDINGS), head=st.booleans())
def test_any_bytes_are_read_or_refused(
    content: bytes, ending: str, head: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bytes") / f"file{ending}"
    starts = {".xlsx": b"PK\x03\x04", ".parquet": b"PAR1", ".xlsm": OLE}
    path.write_bytes(starts.get(ending, FILES["courses.csv"].encode()) * head + content)
    try:
        sheet = read_sheet(path)
    except StudyError as error:
        assert all(problem.startswith(path.name) for problem in error.problems)
    else:
        assert all(isinstance(cell, str) for row in sheet.rows.values() for cell in row)
