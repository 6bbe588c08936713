"""The counts of the study and of parts of it, exact and released, each made once for all tests."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path

import pandas as pd

from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import Released, release
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

ROOT = Path(__file__).resolve().parents[1]
STUDY = read_study(ROOT)


@cache
def clean_tables() -> dict[str, pd.DataFrame]:
    """Give the study's clean tables."""
    return read_clean(STUDY)


def study_of(disclosure: str, of: Study = STUDY) -> Study:
    study = of.model_copy(update={"disclosure": disclosure})
    study._folder = of.folder
    return study


def having(records: Records, **tables: pd.DataFrame) -> Records:
    """Give the same records with some of their tables replaced."""
    return replace(records, tables={**records.tables, **tables})


@cache
def records_of(disclosure: str, share: float = 1.0, seed: int = 1) -> Records:
    """Give the study's records, or a part of its courses, sessions and families."""
    study = study_of(disclosure)
    whole = Records.within(clean_tables(), study, Parameters.of(study))
    if share == 1:
        return whole
    courses = whole.tables["courses"].sample(frac=share, random_state=seed)
    families = whole.tables["families"].sample(frac=share, random_state=seed)

    def of(frame: pd.DataFrame, column: str, parents: pd.DataFrame) -> pd.DataFrame:
        return frame[frame[column].isin(parents[column])]

    return having(
        whole,
        courses=courses,
        course_attendance=of(whole.tables["course_attendance"], "course_id", courses),
        feedback_forms=of(whole.tables["feedback_forms"], "course_id", courses),
        consultations=whole.tables["consultations"].sample(frac=share, random_state=seed),
        families=families,
        family_contacts=of(whole.tables["family_contacts"], "family_id", families),
    )


@cache
def quarter_of(disclosure: str) -> Records:
    """Give the study's records of three months, of which there are few counts to plan."""
    study = study_of(disclosure)
    of = Parameters.of(study, {"period_start": "2019-10-01", "period_end": "2019-12-31"})
    return records_of(disclosure).within_period(of)


@cache
def counts_of(disclosure: str, share: float = 1.0, seed: int = 1) -> Counts:
    """Give the exact counts of `records_of`."""
    return count(records_of(disclosure, share, seed))


@cache
def released_of(disclosure: str, share: float = 1.0, seed: int = 1) -> Released:
    """Give what the gate lets through of `records_of`; worked out once for all processes."""
    records, path = records_of(disclosure, share, seed), _kept(f"{disclosure} {share} {seed}")
    with path.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not path.is_file():
            found = release(records)
            path.write_bytes(pickle.dumps((found.counts.numbers, found.told)))
        numbers, told = pickle.loads(path.read_bytes())
    return Released(Counts.of(records, numbers), told)


def _kept(name: str) -> Path:
    """Name a file of this run of the tests, which all its processes share; see conftest.py."""
    return Path(os.environ["LMM_TESTS"]) / f"{name}.pickle"
