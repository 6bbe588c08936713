"""Exercise 5, a measure of one's own, from its declaration to a notebook that nbval compares."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd
from numpy.random import Generator, default_rng

from lmm.cleaning.clean import clean_files
from lmm.cleaning.records import Records
from lmm.counting.check import check_measures
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.exercises import helpline
from lmm.exercises.exercise import WrongError, wrong
from lmm.exercises.notebook import check_notebook
from lmm.study.declared import STUDY_FILE
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import read_study

MEASURE = "sleep_callers"


def bring(folder: Path) -> None:
    """Write the helpline's calls."""
    _write(helpline.calls(default_rng(5)), folder)


def _write(calls: pd.DataFrame, folder: Path) -> None:
    place = folder / "data" / "raw"
    place.mkdir(parents=True, exist_ok=True)
    calls.to_csv(place / "helpline.csv", index=False)


def check(folder: Path, chance: Generator) -> None:
    """Count other calls by the student's declaration, and run the notebook on them."""
    if not (folder / STUDY_FILE).is_file():
        raise wrong("is not there", "set the exercise up again", file=STUDY_FILE)
    calls = helpline.calls(chance)
    with tempfile.TemporaryDirectory(prefix="lmm-") as name:
        other = Path(name)
        shutil.copy(folder / STUDY_FILE, other)
        _write(calls, other)
        try:
            _check_measure(other, calls)
        except StudyError as error:
            raise WrongError(
                error.problems[0].replace(f"{other}{os.sep}", ""), STUDY_FILE
            ) from None
        check_notebook(folder, other, by_quarter(calls))


def by_quarter(calls: pd.DataFrame) -> list[int]:
    """Count who got through about sleep, each in the quarter of the first such call."""
    asked = calls[(calls["About"] == "sleep") & (calls["Got through"] == "yes")]
    first = asked.drop_duplicates("Caller")["Day"]
    began = pd.to_datetime(first).dt.to_period("Q").dt.start_time.dt.strftime("%Y-%m-%d")
    return [int((began == quarter).sum()) for quarter in helpline.QUARTERS]


def _check_measure(folder: Path, calls: pd.DataFrame) -> None:
    """Count by the declaration, and compare with a count from the calls themselves."""
    counts = _counts(folder)
    if MEASURE not in counts.declared:
        raise wrong(f"declares no measure called {MEASURE}", "put it under measures:",
                    file=STUDY_FILE)  # fmt: skip
    if counts.declared[MEASURE].kind != "count":
        raise wrong(f"{MEASURE} is a {counts.declared[MEASURE].kind}, and a count was asked for",
                    file=STUDY_FILE)  # fmt: skip
    right, found = by_quarter(calls), counts.n(MEASURE)
    if found != sum(right):
        told = _mistake(found, calls)
        raise wrong(f"of new calls {MEASURE} counts {found}, and it should be {sum(right)}{told}",
                    file=STUDY_FILE)  # fmt: skip
    if not counts.has(MEASURE, "quarter"):
        raise wrong(f"{MEASURE} is not counted by quarter", "see `by` of the other measures",
                    file=STUDY_FILE)  # fmt: skip
    table = counts.by(MEASURE, "quarter")
    if table["n"].tolist() != right:
        raise wrong(f"of new calls {MEASURE} counts {table['n'].tolist()} by quarter, and it "
                    f"should be {right}", file=STUDY_FILE)  # fmt: skip


def _counts(folder: Path) -> Counts:
    study = read_study(folder)
    check_measures(study)
    tables = clean_files(study).tables
    return count(Records.within(tables, study, Parameters.of(study)))


def _mistake(found: int | None, calls: pd.DataFrame) -> str:
    """Say what was counted in place of what was asked, where it can be told."""
    sleep, through = calls["About"] == "sleep", calls["Got through"] == "yes"
    known = {
        int((sleep & through).sum()): "it counts calls, and one person may call often",
        calls.loc[sleep, "Caller"].nunique(): "it counts people who never got through",
        calls.loc[through, "Caller"].nunique(): "it counts people who called about other things",
        int(sleep.sum()): "it counts calls, also those that did not get through",
        calls["Caller"].nunique(): "it counts everybody who called",
        len(calls): "it counts all calls",
    }
    return f": {known[found]}" if found in known else ""
