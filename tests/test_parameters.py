"""Parameters: refused with a reason before anything runs, never ignored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from cleaning_helpers import STUDY, study_with
from pydantic import ValidationError

from lmm.study.parameters import Parameters, parse_settings
from lmm.study.problems import StudyError

NAMES = "period_start, period_end, event_date, confidence"
AS_ISO = "write the date as year-month-day, such as 2020-03-22"


def problems(given: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(StudyError) as caught:
        Parameters.of(STUDY, given)
    return caught.value.problems


def test_the_studys_own_values_are_the_defaults() -> None:
    expected = {
        "period_start": "2018-04-01",
        "period_end": "2021-01-31",
        "event_date": "2020-03-23",
        "confidence": 0.95,
    }
    assert Parameters.of(STUDY).as_text() == expected
    assert Parameters.of(STUDY, {}).as_text() == expected
    assert Parameters.of(STUDY, expected) == Parameters.of(STUDY)
    assert Parameters.names() == set(expected)


def test_given_values_take_their_place() -> None:
    given = {"period_start": "2019-04-01", "period_end": dt.date(2020, 3, 31), "confidence": "0.9"}
    parameters = Parameters.of(STUDY, given)
    assert parameters.period_start == dt.date(2019, 4, 1)
    assert parameters.as_text() == {
        "period_start": "2019-04-01",
        "period_end": "2020-03-31",
        "event_date": "2020-03-23",
        "confidence": 0.9,
    }


def test_the_bounds_are_inside() -> None:
    assert Parameters.of(STUDY, {"period_end": "2018-04-01"}).period_end == dt.date(2018, 4, 1)
    assert Parameters.of(STUDY, {"period_start": "2021-01-31"}).period_start.year == 2021


def test_the_event_may_lie_outside_what_is_analysed() -> None:
    given = {"period_start": "2018-04-01", "period_end": "2019-03-31"}
    assert Parameters.of(STUDY, given).event_date == dt.date(2020, 3, 23)


def test_parameters_do_not_change() -> None:
    parameters = Parameters.of(STUDY)
    with pytest.raises(ValidationError):
        parameters.confidence = 0.9  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("event_dat", "did you mean event_date? "),
        ("period_begin", "did you mean period_end? "),
        ("Confidence", "did you mean confidence? "),
        ("zzz", ""),
    ],
)
def test_an_unknown_name(name: str, hint: str) -> None:
    assert problems({name: "1"}) == (
        f"parameter {name}: there is none of this name; {hint}there are {NAMES}",
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("period_start", "01/04/2018", f"{AS_ISO} (given: '01/04/2018')"),
        ("period_start", " 2018-04-01", f"{AS_ISO} (given: ' 2018-04-01')"),
        ("period_end", "2020-3-1", f"{AS_ISO} (given: '2020-3-1')"),
        ("period_end", "2020-03-01T00:00:00", f"{AS_ISO} (given: '2020-03-01T00:00:00')"),
        ("event_date", "", f"{AS_ISO} (given: '')"),
        ("event_date", 20200323, f"{AS_ISO} (given: 20200323)"),
        ("event_date", 1584921600, f"{AS_ISO} (given: 1584921600)"),
        ("event_date", 1584921600.0, f"{AS_ISO} (given: 1584921600.0)"),
        ("event_date", True, f"{AS_ISO} (given: True)"),
        ("event_date", None, "Input should be a valid date (given: None)"),
        (
            "event_date",
            "2020-02-30",
            "Input should be a valid date or datetime, day value is outside expected range "
            "(given: '2020-02-30')",
        ),
        ("confidence", 0.5, "Input should be greater than 0.5 (given: 0.5)"),
        ("confidence", 1, "Input should be less than or equal to 0.9999 (given: 1)"),
        ("confidence", 95, "Input should be less than or equal to 0.9999 (given: 95)"),
        (
            "confidence",
            "95%",
            "Input should be a valid number, unable to parse string as a number (given: '95%')",
        ),
    ],
)
def test_a_wrong_value(name: str, value: object, reason: str) -> None:
    assert problems({name: value}) == (f"parameter {name}: {reason}",)


def test_no_number_is_no_confidence() -> None:
    (problem,) = problems({"confidence": float("nan")})
    assert problem.startswith("parameter confidence: Input should be ")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"period_start": "2020-01-01", "period_end": "2019-12-31"},
            "period_end 2019-12-31 comes before period_start 2020-01-01",
        ),
        (
            {"period_start": "2018-03-31"},
            "period_start 2018-03-31 is outside the study's period, 2018-04-01 to 2021-01-31",
        ),
        (
            {"period_end": "2021-02-01"},
            "period_end 2021-02-01 is outside the study's period, 2018-04-01 to 2021-01-31",
        ),
        (
            {"period_start": "2018-03-31", "period_end": "2021-02-01"},
            "period_start 2018-03-31 and period_end 2021-02-01 are outside the study's period, "
            "2018-04-01 to 2021-01-31",
        ),
    ],
)
def test_an_impossible_period(given: dict[str, object], problem: str) -> None:
    assert problems(given) == (problem,)


def test_the_bounds_are_those_of_the_study(tmp_path: Path) -> None:
    study = study_with(tmp_path, period__end=dt.date(2022, 1, 31))
    assert Parameters.of(study, {"period_end": "2021-02-01"}).period_end == dt.date(2021, 2, 1)


def test_all_problems_are_named_at_once() -> None:
    found = problems({"confidence": 2, "perod_start": "x", "colour": "y", "event_date": 5})
    assert [problem.split(": ")[0] for problem in found] == [
        "parameter colour",
        "parameter perod_start",
        "parameter event_date",
        "parameter confidence",
    ]


def test_an_unknown_name_does_not_hide_an_impossible_period() -> None:
    found = problems({"colour": "y", "period_end": "2021-02-01"})
    assert [problem[:19] for problem in found] == ["parameter colour: t", "period_end 2021-02-"]


# --- the command line --------------------------------------------------------------------


def test_settings_are_names_and_values() -> None:
    assert parse_settings(()) == {}
    assert parse_settings(("confidence=0.9", " event_date = 2020-03-22 ", "note=a=b", "x=")) == {
        "confidence": "0.9",
        "event_date": "2020-03-22",
        "note": "a=b",
        "x": "",
    }


def test_settings_that_are_not() -> None:
    with pytest.raises(StudyError) as caught:
        parse_settings(("confidence", "a=1", " a =2", "a=1"))
    assert caught.value.problems == (
        "--set confidence: write it as name=value",
        "--set  a =2: a is given twice",
        "--set a=1: a is given twice",
    )
