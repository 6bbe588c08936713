"""A table that is many files: cleaned one file at a time, with what cleaning them as one gives."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import hypothesis
import pandas as pd
import pytest
from cleaning_helpers import STUDY, study_with
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from lmm.cleaning import load
from lmm.cleaning.clean import Cleaned, clean_all, clean_files
from lmm.cleaning.ledger import Ledger
from lmm.cleaning.load import read_raw
from lmm.study.problems import StudyError
from lmm.study.study import Study

SPLIT = ("course_attendance", "family_contacts", "families", "feedback_forms")
RAW = {
    name: (STUDY.raw / STUDY.sources[name].files[0]).read_bytes().splitlines(keepends=True)
    for name in SPLIT
}
"""Lines of each file that is split, the heading first."""

cuts = st.fixed_dictionaries(
    {name: st.lists(st.integers(0, len(RAW[name]) - 1), max_size=3) for name in SPLIT}
)


def in_files(folder: Path, at: dict[str, list[int]]) -> Study:
    """Write the study with tables cut into files, each behind so many rows."""
    shutil.rmtree(folder, ignore_errors=True)
    files = {f"tables__{name}__file": [f"{name}-{n}.csv" for n in range(len(each) + 1)]
             for name, each in at.items()}  # fmt: skip
    study = study_with(folder, **files)
    shutil.copytree(STUDY.raw, study.raw)
    for name, where in at.items():
        heading, *rows = RAW[name]
        bounds = [0, *sorted(where), len(rows)]
        for n, (first, last) in enumerate(pairwise(bounds)):
            (study.raw / f"{name}-{n}.csv").write_bytes(b"".join([heading, *rows[first:last]]))
    return study


def assert_same(found: Cleaned, whole: Cleaned) -> None:
    assert_frame_equal(found.log, whole.log)
    assert_frame_equal(found.rejected, whole.rejected)
    assert_frame_equal(found.account, whole.account)
    assert list(found.tables) == list(whole.tables)
    for name, table in whole.tables.items():
        assert_frame_equal(found.tables[name], table)


@pytest.mark.slow
@hypothesis.settings(
    max_examples=5, deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)  # fmt: skip
@hypothesis.given(cuts)
def test_file_by_file_comes_what_comes_of_all_at_once(
    tmp_path: Path, at: dict[str, list[int]]
) -> None:
    study = in_files(tmp_path / "study", at)
    assert_same(clean_files(study), clean_all(read_raw(study), study))


def test_a_table_in_several_files_is_cleaned_as_in_one(tmp_path: Path) -> None:
    study = in_files(tmp_path / "study", {"family_contacts": [200, 300]})
    whole, found = clean_files(STUDY), clean_files(study)
    assert_same(found, clean_all(read_raw(study), study))
    assert_frame_equal(found.log, whole.log)
    for name, table in whole.tables.items():
        assert_frame_equal(found.tables[name].reset_index(drop=True), table.reset_index(drop=True))
    of_contacts = [each.rejected[each.rejected["table"] == "family_contacts"]
                   for each in (whole, found)]  # fmt: skip
    before, left_out = of_contacts
    assert left_out["reason"].tolist() == before["reason"].tolist()
    rows = [line.decode("utf-8") for line in RAW["family_contacts"][1:]]
    parts = dict(zip(left_out["file"].unique(), (rows[:200], rows[200:300], rows[300:]),
                     strict=True))  # fmt: skip
    for row in left_out[left_out["reason"].str.contains("is not among")].itertuples():
        line = parts[row.file][row.line - 2]
        assert row.reason.split()[2] in line.upper().replace(" ", "")


def test_a_row_that_stands_in_two_files_is_kept_once(tmp_path: Path) -> None:
    study = in_files(tmp_path / "study", {"family_contacts": [100]})
    before = clean_files(STUDY)
    kept = before.tables["family_contacts"].index[0]
    second = study.raw / "family_contacts-1.csv"
    second.write_bytes(second.read_bytes() + RAW["family_contacts"][kept - 1])
    more = clean_files(study)
    assert len(more.tables["family_contacts"]) == len(before.tables["family_contacts"])
    last = more.rejected[more.rejected["file"] == "family_contacts-1.csv"].iloc[-1]
    assert last["reason"] == "repeats an earlier row in every column that is read"


def test_what_is_wrong_is_told_of_all_files_at_once(tmp_path: Path) -> None:
    study = in_files(tmp_path / "study", {"family_contacts": [100, 200]})
    for n in (0, 2):
        file = study.raw / f"family_contacts-{n}.csv"
        file.write_bytes(file.read_bytes().replace(b",attended", b",strange", 3))
    told = []
    for clean in (clean_files, lambda study: clean_all(read_raw(study), study)):
        with pytest.raises(StudyError) as caught:
            clean(study)
        told.append(caught.value.problems)
    assert told[0] == told[1]
    assert "6 row(s)" in " ".join(told[0])


def test_the_raw_cells_of_one_file_are_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is read once the raw cells of the one before have been let go of."""
    study = in_files(tmp_path / "study", {"family_contacts": [100, 200, 300]})
    read_part, settled, together = load.read_part, Ledger.settled, Ledger.together
    happened: list[str] = []
    columns: list[int] = []

    def reading(*given: Any) -> pd.DataFrame:
        happened.append(given[2][0])
        return read_part(*given)

    def settling(ledger: Ledger) -> Ledger:
        happened.append("settled")
        return settled(ledger)

    def joining(parts: Sequence[Ledger]) -> Ledger:
        columns.extend(part.raw.shape[1] for part in parts)
        return together(parts)

    monkeypatch.setattr(load, "read_part", reading)
    monkeypatch.setattr(Ledger, "settled", settling)
    monkeypatch.setattr(Ledger, "together", joining)
    clean_files(study)
    first = happened.index("family_contacts-0.csv")
    files = [f"family_contacts-{n}.csv" for n in range(4)]
    assert happened[first : first + 8] == [each for file in files for each in (file, "settled")]
    assert set(columns) == {0}
