"""The counts of the study and of parts of it, exact and released, each made once for all tests."""

from __future__ import annotations

from dataclasses import replace
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


def study_of(disclosure: str) -> Study:
    study = STUDY.model_copy(update={"disclosure": disclosure})
    study._folder = ROOT
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
def counts_of(disclosure: str, share: float = 1.0, seed: int = 1) -> Counts:
    """Give the exact counts of `records_of`."""
    return count(records_of(disclosure, share, seed))


@cache
def released_of(disclosure: str, share: float = 1.0, seed: int = 1) -> Released:
    """Give what the gate lets through of `counts_of`."""
    return release(records_of(disclosure, share, seed))
