"""The synthetic mark, and synthetic records that are taken for real ones."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import get_args

import pytest
from cleaning_helpers import HOME, STUDY, study_with

from lmm.cleaning.fingerprints import check_records_kind, synthetic_fingerprints
from lmm.disclosure.profiles import protection
from lmm.showing.labels import (
    BASIS,
    SYNTHETIC,
    mark,
    parts_in_words,
)
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.setting import Basis
from lmm.study.study import RecordsKind, Study

RECORDS = (
    "courses.csv",
    "course_attendance.csv",
    "feedback_forms.csv",
    "consultations.csv",
    "families.csv",
    "family_contacts.csv",
)


def problem(file: str) -> str:
    return (
        f"{file}: these are this compendium's synthetic records, but study.yaml declares real "
        "ones; replace the file, or declare records: synthetic"
    )


@pytest.fixture
def real(tmp_path: Path) -> Study:
    """Give a study that declares real records and has no files yet."""
    study = study_with(tmp_path)
    study.raw.mkdir(parents=True)
    return study.model_copy(update={"records": RecordsKind.REAL})


def test_results_of_synthetic_records_are_marked(real: Study) -> None:
    assert mark(STUDY) == SYNTHETIC == "SYNTHETIC records: they describe nobody"
    assert mark(real) == ""


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2018-04-01", "2020-03-31", ""),
        (
            "2018-04-01",
            "2021-01-31",
            "Contract year 2020/21 is covered from 1 April 2020 to 31 January 2021 only.",
        ),
        (
            "2018-04-02",
            "2020-03-30",
            "Contract year 2018/19 is covered from 2 April 2018 to 31 March 2019 only. "
            "Contract year 2019/20 is covered from 1 April 2019 to 30 March 2020 only.",
        ),
        (
            "2019-05-01",
            "2019-05-01",
            "Contract year 2019/20 is covered from 1 May 2019 to 1 May 2019 only.",
        ),
    ],
)
def test_parts_of_contract_years_are_said(start: str, end: str, said: str) -> None:
    period = Parameters.of(STUDY, {"period_start": start, "period_end": end})
    assert parts_in_words(STUDY, period) == said


def test_a_year_from_january_has_its_own_days() -> None:
    study = STUDY.model_copy(update={"contract_year_starts": 1})
    period = Parameters.of(study, {"period_start": "2019-01-01", "period_end": "2020-12-30"})
    assert parts_in_words(study, period) == (
        "Contract year 2020 is covered from 1 January 2020 to 30 December 2020 only."
    )


def test_how_counts_are_protected_is_said_of_each_kind(real: Study) -> None:
    assert protection(STUDY) == "Counts are shown exactly, which only synthetic records allow."
    protected = real.model_copy(update={"disclosure": "opensafely"})
    assert protection(protected).startswith("Counts of 1 to 7 are suppressed")
    assert protection(protected).endswith("Rounded counts need not add up.")


def test_every_basis_has_its_words() -> None:
    assert tuple(BASIS) == get_args(Basis)
    assert all("synthetic" in BASIS[basis] for basis in ("published", "assumed"))
    assert "synthetic" not in BASIS["recorded"]


def test_the_fingerprints_are_of_every_file_of_records() -> None:
    stored = synthetic_fingerprints()
    assert tuple(stored) == RECORDS
    for name, digest in stored.items():
        assert digest == hashlib.sha256((HOME / "data/raw" / name).read_bytes()).hexdigest()


def test_synthetic_records_may_be_declared_synthetic() -> None:
    check_records_kind(STUDY)


def test_synthetic_records_declared_real_are_refused(real: Study) -> None:
    for name in (*RECORDS, "targets.csv", "published_figures.csv"):
        shutil.copy(HOME / "data/raw" / name, real.raw)
    with pytest.raises(StudyError) as caught:
        check_records_kind(real)
    assert caught.value.problems == tuple(problem(name) for name in RECORDS)


def test_a_synthetic_file_is_known_under_any_name(real: Study) -> None:
    shutil.copy(HOME / "data/raw/families.csv", real.raw / "consultations.csv")
    with pytest.raises(StudyError) as caught:
        check_records_kind(real)
    assert caught.value.problems == (problem("consultations.csv"),)


def test_other_files_may_be_declared_real(real: Study) -> None:
    check_records_kind(real)  # none there yet: reading them says so
    for name in RECORDS:
        content = (HOME / "data/raw" / name).read_bytes()
        (real.raw / name).write_bytes(content + b"\n")
    check_records_kind(real)
