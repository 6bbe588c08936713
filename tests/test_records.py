"""Clean records cut to a period: exposure, contract years, phases and what is not yet known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cleaning_helpers import STUDY, all_typed, study_with, typed_table
from pandas.testing import assert_frame_equal

from lmm.cleaning.contract import Frames
from lmm.cleaning.records import Records
from lmm.study.parameters import Parameters
from lmm.study.setting import calendar, contract_year, open_days
from lmm.study.study import RecordsKind, Study


def records(study: Study = STUDY, tables: Frames | None = None, **given: Any) -> Records:
    return Records.within(tables or all_typed(), study, Parameters.of(study, given))


def days(*dates: str) -> pd.Series[pd.Timestamp]:
    return pd.Series(pd.to_datetime(list(dates))).astype("datetime64[us]")


# --- the calendar ------------------------------------------------------------------------


def test_part_months_count_by_their_days() -> None:
    given = {"period_start": "2019-12-31", "period_end": "2020-02-14"}
    frame = calendar(STUDY, Parameters.of(STUDY, given))
    expected = pd.DataFrame(
        {
            "month": days("2019-12-01", "2020-01-01", "2020-02-01"),
            "days_open": [1, 31, 14],
            "months_open": [1 / 31, 1.0, 14 / 29],
            "contract_year": ["2019/20"] * 3,
        }
    )
    assert_frame_equal(frame, expected, check_dtype=False)
    assert frame.dtypes.astype(str).str.startswith(("datetime64", "int", "float", "str")).all()


def test_a_period_of_one_day() -> None:
    given = {"period_start": "2020-02-29", "period_end": "2020-02-29"}
    frame = calendar(STUDY, Parameters.of(STUDY, given))
    assert frame[["days_open", "months_open"]].to_numpy().tolist() == [[1, 1 / 29]]


def test_the_whole_period_is_every_month_of_it() -> None:
    frame = calendar(STUDY, Parameters.of(STUDY))
    assert len(frame) == 34
    assert (frame["months_open"] == 1).all()
    assert frame["days_open"].sum() == (dt.date(2021, 1, 31) - dt.date(2018, 4, 1)).days + 1
    assert frame["contract_year"].value_counts().to_dict() == {
        "2018/19": 12,
        "2019/20": 12,
        "2020/21": 10,
    }


@pytest.fixture
def closed(tmp_path: Path) -> Study:
    """Give a study closed from 23 March 2020 to 4 May, for two overlapping reasons."""
    closures = [
        {"start": "2020-03-23", "end": "2020-04-20", "reason": "lockdown"},
        {"start": "2020-04-10", "end": "2020-05-04", "reason": "moving"},
    ]
    return study_with(tmp_path, closures=closures)


def test_closed_days_are_no_exposure(closed: Study) -> None:
    given = {"period_start": "2020-03-01", "period_end": "2020-05-31"}
    frame = calendar(closed, Parameters.of(closed, given))
    assert frame["month"].dt.strftime("%Y-%m").tolist() == ["2020-03", "2020-04", "2020-05"]
    assert frame["days_open"].tolist() == [22, 0, 27]
    assert frame["months_open"].tolist() == [22 / 31, 0.0, 27 / 31]


def test_a_service_that_was_closed_all_the_time(closed: Study) -> None:
    given = {"period_start": "2020-04-01", "period_end": "2020-05-04"}
    frame = calendar(closed, Parameters.of(closed, given))
    assert frame["months_open"].tolist() == [0.0, 0.0]
    assert open_days(closed, Parameters.of(closed, given)).empty


def test_months_open_between_two_days(closed: Study) -> None:
    cut = records(closed)
    assert cut.months_open(pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-31")) == (
        pytest.approx(1)
    )
    part = cut.months_open(pd.Timestamp("2020-03-20"), pd.Timestamp("2020-05-10"))
    assert part == pytest.approx(3 / 31 + 6 / 31)
    assert cut.months_open(pd.Timestamp("2020-04-01"), pd.Timestamp("2020-04-30")) == 0
    assert cut.months_open(pd.Timestamp("2020-02-02"), pd.Timestamp("2020-02-01")) == 0


def test_months_open_count_within_the_period_only() -> None:
    cut = records(period_start="2019-01-31", period_end="2019-03-01")
    total = cut.months_open(pd.Timestamp("2018-01-01"), pd.Timestamp("2030-01-01"))
    assert total == pytest.approx(1 / 31 + 1 + 1 / 31)
    assert total == pytest.approx(cut.calendar["months_open"].sum())


def test_months_of_a_contract_year(tmp_path: Path) -> None:
    half = {
        "start": "2020-03-17",
        "end": "2020-04-30",
        "capacity": 0.5,
        "indicators": ["staff"],
        "reason": "few came",
        "basis": "assumed",
    }
    closures = [{"start": "2020-05-01", "end": "2020-05-31", "reason": "moving"}]
    study = study_with(tmp_path, reduced_capacity=[half], closures=closures)
    cut = records(study, period_end="2020-06-15")
    assert cut.months_of_year("2018/19") == 12
    assert cut.months_of_year("2020/21") == pytest.approx(1.5)
    assert cut.months_of_year("2020/21", "courses") == pytest.approx(1.5)
    assert cut.months_of_year("2020/21", "staff") == pytest.approx(1.0)
    assert cut.months_of_year("2019/20", "staff") == pytest.approx(12 - 15 / 31 / 2)
    assert cut.months_of_year("2021/22") == 0


# --- contract years and phases -----------------------------------------------------------


@pytest.mark.parametrize(
    ("first_month", "labels"),
    [
        (1, ["1999", "2018", "2018", "2018", "2018"]),
        (4, ["1999/00", "2017/18", "2018/19", "2018/19", "2018/19"]),
        (12, ["1999/00", "2017/18", "2017/18", "2017/18", "2018/19"]),
    ],
)
def test_contract_years_start_in_their_month(first_month: int, labels: list[str]) -> None:
    dates = days("1999-12-31", "2018-03-31", "2018-04-01", "2018-11-30", "2018-12-01")
    assert contract_year(dates, first_month).tolist() == labels


def test_a_century_ends_in_two_zeros() -> None:
    assert contract_year(days("2099-04-01", "2008-04-01"), 4).tolist() == ["2099/00", "2008/09"]


def test_the_study_says_when_its_years_start(tmp_path: Path) -> None:
    assert records().contract_years == ["2018/19", "2019/20", "2020/21"]
    assert records(period_start="2019-04-01", period_end="2020-03-31").contract_years == ["2019/20"]
    study = study_with(tmp_path, contract_year_starts=1)
    assert records(study).contract_years == ["2018", "2019", "2020", "2021"]
    assert records(study).contract_year(days("2018-12-31")).tolist() == ["2018"]


def test_the_second_phase_begins_on_the_day_of_the_event() -> None:
    before, after = "before the first UK lockdown", "from the first UK lockdown on"
    dates = days("2020-03-22", "2020-03-23", "2020-03-24")
    assert records().phases == [before, after]
    assert records().phase(dates).tolist() == [before, after, after]
    moved = records(event_date="2020-03-24")
    assert moved.phase(dates).tolist() == [before, before, after]
    assert moved.phase(dates[:0]).tolist() == []


# --- the cut -----------------------------------------------------------------------------

CUT: dict[str, Any] = {"period_start": "2018-05-01", "period_end": "2018-06-30"}


def test_rows_are_inside_from_the_first_to_the_last_day_of_the_period() -> None:
    dates = ("2018-04-30", "2018-05-01", "2018-06-30", "2018-07-01")
    tables = all_typed(
        courses=typed_table(
            "courses", *({"course_id": f"C{n}", "date": day} for n, day in enumerate(dates))
        ),
        consultations=typed_table(
            "consultations", *({"session_id": f"S{n}", "date": day} for n, day in enumerate(dates))
        ),
        families=typed_table(
            "families",
            *({"family_id": f"F{n}", "referred_on": day} for n, day in enumerate(dates)),
        ),
        family_contacts=typed_table(
            "family_contacts",
            *({"contact_id": f"K{n}", "date": day} for n, day in enumerate(dates)),
        ),
    )
    cut = records(tables=tables, **CUT)
    for table, key, letter in (
        ("courses", "course_id", "C"),
        ("consultations", "session_id", "S"),
        ("families", "family_id", "F"),
        ("family_contacts", "contact_id", "K"),
    ):
        known = [f"{letter}{n}" for n in range(3)]
        assert cut.tables[table][key].tolist() == known  # what lies before is known, too
        assert cut.tables[table].loc[cut.inside(table), key].tolist() == known[1:]
    assert_frame_equal(cut.targets, tables["targets"])
    assert_frame_equal(cut.published_figures, tables["published_figures"])
    assert cut.calendar["month"].tolist() == [*days("2018-05-01", "2018-06-01")]


def test_registers_and_forms_go_with_their_course() -> None:
    dates = ("2018-04-30", "2018-05-01", "2018-07-01")
    courses = [{"course_id": f"C0{n}", "date": day} for n, day in enumerate(dates)]
    each = [{"course_id": course["course_id"]} for course in courses]
    tables = all_typed(
        courses=typed_table("courses", *courses),
        course_attendance=typed_table("course_attendance", *each),
        feedback_forms=typed_table(
            "feedback_forms", *({"form_id": f"FB{n}", **of} for n, of in enumerate(each))
        ),
    )
    cut = records(tables=tables, **CUT)
    for table in ("course_attendance", "feedback_forms"):
        assert cut.tables[table]["course_id"].tolist() == ["C00", "C01"]
        assert cut.inside(table).tolist() == [False, True]


def test_what_happens_after_the_period_is_not_yet_known() -> None:
    families = typed_table(
        "families",
        {"accepted_on": "2018-06-30", "offered_on": "2018-07-01", "discharged_on": ""},
        {"family_id": "F002", "accepted_on": "", "offered_on": "", "discharged_on": "2018-06-29"},
    )
    before = families.copy(deep=True)
    cut = records(tables=all_typed(families=families), **CUT)
    expected = typed_table(
        "families",
        {"accepted_on": "2018-06-30", "offered_on": "", "discharged_on": ""},
        {"family_id": "F002", "accepted_on": "", "offered_on": "", "discharged_on": "2018-06-29"},
    )
    assert_frame_equal(cut.tables["families"], expected)
    assert_frame_equal(families, before)


def test_the_whole_period_keeps_everything() -> None:
    tables = all_typed()
    cut = records(tables=tables)
    kept = {
        **cut.tables, "targets": cut.targets, "published_figures": cut.published_figures
    }  # fmt: skip
    assert kept.keys() == tables.keys()
    for name, frame in tables.items():
        assert_frame_equal(kept[name], frame)


# --- what a result rests on --------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        ({}, True),
        ({"period_start": "2018-04-02"}, False),
        ({"period_end": "2021-01-30"}, False),
        ({"event_date": "2020-07-01"}, True),
    ],
)
def test_only_the_whole_window_covers_a_published_figure(
    given: dict[str, Any], covered: bool
) -> None:
    cut = records(**given)
    assert cut.covers("courses") is covered
    assert cut.basis("courses") == ("published" if covered else "assumed")


def test_everything_else_of_synthetic_records_is_assumed() -> None:
    assert records().basis() == "assumed"
    assert records().basis("courses by month") == "assumed"


def test_real_records_are_recorded() -> None:
    real = STUDY.model_copy(update={"records": RecordsKind.REAL})
    cut = records(real)
    assert (cut.basis(), cut.basis("courses"), cut.basis("other")) == ("recorded",) * 3
