"""Dates of every way of writing: with times of day, in numbers of days, under any locale."""

from __future__ import annotations

import _strptime
import calendar
import datetime as dt
from pathlib import Path

import pytest
from cleaning_helpers import STUDY, study_with, text_table
from hypothesis import given
from hypothesis import strategies as st

from lmm.cleaning.clean import clean_table
from lmm.cleaning.dates import DAY_ZERO, EXCEL, day_in, with_epoch, without_time, zone_of
from lmm.cleaning.ledger import Ledger
from lmm.start.days import date_formats, is_dated

THIRD = dt.date(2023, 4, 3)


def read(cell: str, form: str) -> dt.date | None:
    return day_in(without_time(cell, (form,)), form)


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("04/03/2023 09:00:00 AM", "%m/%d/%Y"),
        ("4/3/23 9:05:00", "%m/%d/%y"),
        ("4/3/2023 11:59 p.m.", "%m/%d/%Y"),
        ("4/3/2023 9am", "%m/%d/%Y"),
        ("4/3/2023, 9.05 pm", "%m/%d/%Y"),
        ("04/03/2023 09:00:00 PM", "%m/%d/%Y %I:%M:%S %p"),
        ("04/03/2023", "%m/%d/%Y %I:%M:%S %p"),
        ("2023-04-03T23:50:00", "%Y-%m-%d"),
        ("2023-04-03T23:50", "%Y-%m-%d"),
        ("2023-04-03 23:50:00.123456", "%Y-%m-%d"),
        ("2023-04-03T23:50:00,5", "%Y-%m-%d"),
        ("2023-04-03T23:50:00Z", "%Y-%m-%dT%H:%M:%SZ"),
        ("23:50 03/04/2023", "%d/%m/%Y"),
        ("03/04/2023 23.50", "%d/%m/%Y %H.%M"),
        ("3 April 2023 at 09:05", "%d %B %Y"),
        ("3 APR 2023 09:05", "%d %b %Y"),
        ("Mon 3 April 2023", "%a %d %B %Y"),
        ("Monday, April 3, 2023 9:05 AM", "%A, %B %d, %Y"),
        ("45019", EXCEL),
        ("45019.0", EXCEL),
        ("45019.375", EXCEL),
        ("43557 (1904)", EXCEL),
        ("43557.5 (1904)", EXCEL),
    ],
)
def test_a_day_is_read_whatever_time_stands_beside_it(cell: str, form: str) -> None:
    assert read(cell, form) == THIRD


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("09:05", "%d/%m/%Y"),
        ("03/04/2023 25:00", "%d/%m/%Y"),
        ("03/04/2023 24:00", "%d/%m/%Y"),
        ("03/04/2023 9:60", "%d/%m/%Y"),
        ("03/04/2023 09:05 or so", "%d/%m/%Y"),
        ("2023-04-03T23:50:00Z", "%Y-%m-%d"),
        ("2023-04-03T23:50:00+01:00", "%Y-%m-%d"),
        ("3 avril 2023", "%d %B %Y"),
        ("3 Aprilish 2023", "%d %B %Y"),
        ("4501", EXCEL),
        ("450190", EXCEL),
        ("09:05 " * 20_000, "%d/%m/%Y"),
    ],
)
def test_what_is_no_certain_day_is_not_read(cell: str, form: str) -> None:
    assert read(cell, form) is None


def test_a_zone_is_named() -> None:
    assert zone_of("2023-04-03T23:50:00Z") == "Z"
    assert zone_of("2023-04-03 23:50 +01:00") == "+01:00"
    assert zone_of("2023-04-03 23:50") == zone_of("2023-04-03") == ""


@given(st.dates(dt.date(1970, 1, 1), dt.date(2099, 12, 31)), st.times(), st.booleans())
def test_every_time_of_day_is_left_out(day: dt.date, time: dt.time, in_half: bool) -> None:
    hour = f"{time:%H:%M:%S}" if not in_half else f"{time.hour % 12 or 12}:{time:%M:%S} pm"
    cell = f"{day.month}/{day.day}/{day.year} {hour}"
    assert read(cell, "%m/%d/%Y") == day


@given(st.dates(dt.date(1932, 1, 1), dt.date(2099, 12, 31)))
def test_a_number_of_days_means_a_day_by_its_epoch(day: dt.date) -> None:
    by_1900, by_1904 = (str((day - DAY_ZERO[epoch]).days) for epoch in (1900, 1904))
    assert int(by_1900) - int(by_1904) == 1462  # four years and a day, of which one never was
    assert read(with_epoch(by_1900, 1900), EXCEL) == read(with_epoch(by_1904, 1904), EXCEL) == day


def test_the_words_of_another_locale_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = ["", *(f"mois{n}" for n in range(1, 13))]
    monkeypatch.setattr(calendar, "month_name", foreign)
    monkeypatch.setattr(calendar, "month_abbr", foreign)
    monkeypatch.setattr(_strptime, "_TimeRE_cache", _strptime.TimeRE())
    monkeypatch.setattr(_strptime, "_regex_cache", {})
    with pytest.raises(ValueError, match="does not match"):
        dt.datetime.strptime("3 April 2023", "%d %B %Y")
    assert read("3 April 2023 9:05 PM", "%d %B %Y %I:%M %p") == THIRD


def ledger(*cells: str, formats: tuple[str, ...] = (), folder: Path | None = None) -> Ledger:
    rows = [{"course_id": f"C{n}", "date": cell} for n, cell in enumerate(cells)]
    study = study_with(folder, date_formats=list(formats)) if folder else STUDY
    return clean_table("courses", text_table("courses", *rows), study, {})


def test_the_log_counts_the_times_of_day() -> None:
    found = ledger("01/05/2018 09:30", "2018-05-02T10:00:00", "03/05/2018", "43224.5")
    assert list(found.frame["date"]) == ["2018-05-01", "2018-05-02", "2018-05-03", "2018-05-04"]
    (entry,) = [row for row in found.log if row[1] == "times of day"]
    assert entry[2:4] == ("date", 3)
    assert entry[4].startswith("time of day left out: '01/05/2018 09:30' to '01/05/2018' (1)")


def test_a_time_of_a_zone_is_rejected_because_the_day_is_not_certain() -> None:
    why = "is a time of the zone Z, so that the day is not certain"
    found = ledger("2018-05-01T23:30Z", "02/05/2018")
    assert found.rejected[0][-1] == f"Course date '2018-05-01T23:30Z' {why}"


def test_both_orders_are_refused_with_a_time_as_without(tmp_path: Path) -> None:
    found = ledger("04/03/2019 9:05 AM", formats=("%d/%m/%Y", "%m/%d/%Y"), folder=tmp_path)
    assert "can be read as 2019-03-04 or 2019-04-03" in found.rejected[0][-1]


@pytest.mark.parametrize(
    ("cells", "formats", "said"),
    [
        (["01/31/2023 09:00:00 AM", "02/08/2023 09:01:00 AM"], ("%m/%d/%Y",), "month first"),
        (["4/3/23 9:05:00", "4/30/23 10:05:00"], ("%m/%d/%y",), "month first"),
        (["30/04/2023 09:05"], ("%d/%m/%Y",), "day first"),
        (["01/02/2023 09:00:00 AM"], ("?",), "no date proves the order"),
        (["2023-04-03T23:50:00"], ("%d/%m/%Y",), ""),
    ],
)
def test_a_draft_proves_the_order_from_dates_with_times(
    cells: list[str], formats: tuple[str, ...], said: str
) -> None:
    assert all(map(is_dated, cells))
    found, remark = date_formats(cells)
    assert found == formats
    assert said in remark


@pytest.mark.parametrize(
    ("cell", "form", "day"),
    [("2019Jan05", "%Y%b%d", (2019, 1, 5)), ("2019October15", "%Y%B%d", (2019, 10, 15))],
)
def test_a_name_of_a_month_may_stand_between_numbers(
    cell: str, form: str, day: tuple[int, int, int]
) -> None:
    assert day_in(cell, form) == dt.date(*day)
