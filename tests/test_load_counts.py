"""What a notebook is handed: counts that have passed the gate, of a run or counted again."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.publish.counts import load_counts
from lmm.publish.run import publish_counts
from lmm.study.folder import STAGE_VARIABLE
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import read_study

WHOLE = ("2018-04-01", "2018-06-30", "2018-05-15", 0.95)


@pytest.fixture
def protected(copy_of_study: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give few protected records of three months, and go to their folder of notebooks."""
    for name in ("courses", "families", "consultations"):
        table = copy_of_study / f"data/processed/{name}.csv"
        lines = table.read_text("utf-8").splitlines(keepends=True)
        table.write_text("".join([lines[0], *lines[1::5]]), "utf-8")
    path = copy_of_study / "study.yaml"
    text = path.read_text("utf-8").replace("disclosure: none ", "disclosure: midpoint6 ")
    text = text.replace("end: 2021-01-31", "end: 2018-06-30").replace(
        "date: 2020-03-23", "date: 2018-05-15"
    )
    path.write_text(text, "utf-8")
    monkeypatch.chdir(copy_of_study / "notebooks")
    return copy_of_study


def publish(folder: Path) -> Counts:
    study = read_study(folder)
    parameters = Parameters.of(study)
    released = release(Records.within(read_clean(study), study, parameters))
    publish_counts(released)
    return released.counts


def test_a_notebook_loads_the_study_around_it(
    copy_of_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy_of_study / "notebooks")
    counts = load_counts("2018-04-01", "2018-06-30", "2018-05-15", 0.9)
    assert counts.study.folder == copy_of_study
    assert counts.n("courses") == 3
    assert counts.parameters.confidence == 0.9
    assert counts.parameters.event_date == dt.date(2018, 5, 15)
    with pytest.raises(StudyError, match=r"^parameter confidence: Input should be less than"):
        load_counts("2018-05-02", "2018-05-03", "2018-05-03", 90)


def test_another_period_is_counted_again_behind_the_gate(protected: Path) -> None:
    counts = load_counts("2018-04-01", "2018-05-31", "2018-05-15", 0.95)
    shown = [n for (of, _), n in counts.numbers.items() if of == "staff" and n]
    assert shown
    assert all(n % 6 == 3 for n in shown)  # the middles of sixes
    assert not any(dict(within).get("day") for (of, within) in counts.numbers if of != "courses")


def test_without_the_clean_tables_the_released_counts_are_read(protected: Path) -> None:
    released = publish(protected)
    shutil.rmtree(protected / "data")
    again = load_counts(*WHOLE)
    assert again.numbers == released.numbers
    assert again.targets.equals(released.targets.reset_index(drop=True))
    with pytest.raises(StudyError, match=r"counts were released for period_start=2018-04-01; for"):
        load_counts("2018-05-01", *WHOLE[1:])


def test_without_either_it_is_said_what_makes_them(protected: Path) -> None:
    shutil.rmtree(protected / "data")
    with pytest.raises(StudyError, match="neither clean tables nor released counts yet"):
        load_counts(*WHOLE)


def test_within_a_run_no_records_are_read(protected: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = publish(protected)
    monkeypatch.setenv(STAGE_VARIABLE, str(protected))
    monkeypatch.setattr("lmm.publish.released.check_counts", pytest.fail)  # the run wrote them
    assert load_counts(*WHOLE).numbers == released.numbers
    with pytest.raises(StudyError, match="the clean tables are not read within a run"):
        read_clean(read_study(protected))
