"""The counts that notebooks are handed: released by a run, or counted again behind the gate."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from lmm.cleaning.contract import typed
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.cleaning.save import RECORDS_COLUMN, save_table, unguarded
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.showing.labels import mark
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.setting import Setting
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of

DECLARED = ("targets", "published_figures")
"""Tables that describe nobody and are handed on with the counts."""


def load_counts(period_start: str, period_end: str, event_date: str, confidence: float) -> Counts:
    """Load the released counts of the enclosing study for the period of the parameters.

    Within a run they are those of the run. Otherwise, where the clean tables are at hand, they
    are counted from them and pass the gate; where they are not, as in what a service has
    published, the counts that were released with it are read.

    Parameters
    ----------
    period_start, period_end, event_date, confidence
        As in the notebooks' parameters cell; see `lmm.study.parameters.Parameters`.

    Raises
    ------
    StudyError
        If a parameter is wrong, or only counts of other parameters were released.
    """
    study = read_study()
    given = {
        "period_start": period_start,
        "period_end": period_end,
        "event_date": event_date,
        "confidence": confidence,
    }
    parameters = Parameters.of(study, given)
    if study.is_staged or not (study.processed / "courses.csv").is_file():
        return read_counts(study, parameters)
    return release(count(Records.within(read_clean(study), study, parameters))).counts


def write_counts(counts: Counts) -> None:
    """Keep released counts, with what they were counted for, in ``outputs/counts``."""
    study = counts.study
    folder = study.outputs / "counts"
    save_table(counts.tidy(), folder / "counts.csv", study)
    for name in DECLARED:
        save_table(getattr(counts, name), folder / f"{name}.csv", study)
    of = {"records": mark(study) or "real", **counts.parameters.as_text()}
    text = json.dumps(of, indent=2) + "\n"
    (folder / "parameters.json").write_text(text, encoding="utf-8")


def read_counts(study: Study, parameters: Parameters) -> Counts:
    """Read what `write_counts` has kept.

    Raises
    ------
    StudyError
        If nothing was, or it was for other parameters.
    """
    folder = study.outputs / "counts"
    if not (folder / "counts.csv").is_file():
        raise StudyError(
            f"{folder / 'counts.csv'}: there are neither clean tables nor released counts yet; "
            "`lmm run` makes both"
        )
    of = json.loads((folder / "parameters.json").read_text("utf-8"))
    counted = ("period_start", "period_end", "event_date")
    if differing := [n for n in counted if of[n] != parameters.as_text()[n]]:
        was = ", ".join(f"{name}={of[name]}" for name in differing)
        raise StudyError(
            f"{folder / 'counts.csv'}: the counts were released for {was}; for another period "
            "the clean tables are needed, which are not here"
        )
    contract = tables_of(study)
    declared = {
        name: typed(_text(folder / f"{name}.csv"), contract[name].columns) for name in DECLARED
    }
    setting = Setting(study, parameters, declared["targets"], declared["published_figures"])
    return Counts.of_tidy(_text(folder / "counts.csv"), setting)


def _text(path: Path) -> pd.DataFrame:
    text = pd.read_csv(path, dtype="str", keep_default_na=False).map(unguarded)
    return text.drop(columns=RECORDS_COLUMN)
