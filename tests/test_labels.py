"""The synthetic mark, and synthetic records that are taken for real ones."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import get_args

import pytest
from cleaning_helpers import HOME, STUDY, study_with

from lmm.showing.labels import BASIS, SYNTHETIC, check_records_kind, mark, synthetic_fingerprints
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
