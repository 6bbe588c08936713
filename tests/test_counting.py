"""Counting: what measures declare, counted from a handful of rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

import hypothesis
import own_counts
import pandas as pd
import pytest
from family_counts import STUDY, counts_of, family, records_of
from gates import clean_tables
from hypothesis import strategies as st
from own_counts import counted

from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts, NotCountedError
from lmm.study.counted import Derived
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters


def test_rows_are_counted_where_a_condition_holds_by_their_own_columns_and_by_time(
    tmp_path: Path,
) -> None:
    counts = counted(tmp_path)
    assert counts.n("calls") == 5
    assert counts.by("calls", "about")["n"].tolist() == [3, 0, 1, 1, 0]  # as declared; the last
    assert counts.by("calls", "about")["about"].tolist()[-1] == "not recorded"
    assert counts.by("calls", "phase")["n"].tolist() == [2, 3]
    months = counts.by("calls", "month").set_index("month")["n"]
    assert months.sum() == 5
    assert months["2023-10-01"] == 2
    assert len(months) == 12  # a month without calls is a 0
    quarters = counts.by("calls", "quarter")
    assert quarters["quarter"].dt.strftime("%Y-%m").tolist() == [
        "2023-04", "2023-07", "2023-10", "2024-01"
    ]  # fmt: skip
    assert quarters["n"].tolist() == [2, 0, 2, 1]
    assert counts.by("calls", "day")["n"].tolist() == [1, 1, 2, 1]  # days without are not listed


def test_who_is_counted_once_is_counted_on_the_first_row(tmp_path: Path) -> None:
    counts = counted(
        tmp_path,
        often={"label": "people who got through twice", "rows": "helpline", "rows_each": 2,
               "where": {"answered": "yes"}, "once_for": "caller", "by": ["phase"]},
    )  # fmt: skip
    assert counts.n("callers") == 2  # K2 never got through
    assert counts.by("callers", "phase")["n"].tolist() == [1, 1]
    assert counts.n("often") == 2
    assert counts.by("often", "phase")["n"].tolist() == [1, 1]  # on their first call


def test_of_several_rows_of_one_day_the_first_on_record_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heading, *_ = own_counts.CALLS.splitlines()
    rows = [
        f"{about[0]}{n},2023-04-03,K{n},{about},yes"
        for about in ("sleep", "mood")
        for n in range(40)
    ]
    monkeypatch.setattr(own_counts, "CALLS", "\n".join([heading, *rows]) + "\n")
    once = {"label": "callers", "rows": "helpline", "once_for": "caller", "by": ["about"]}
    counts = counted(tmp_path, once=once)
    found = counts.by("once", "about").set_index("about")["n"]
    assert found["sleep"] == found.sum() == 40


days = st.dates(dt.date(2018, 4, 1), dt.date(2021, 1, 31))


ENDED = Measure(
    label="families whose support ended", rows="families", date="discharged_on",
    where={"first_session": ("recorded",), "discharged_on": ("recorded",)},
)  # fmt: skip


@cache
def within(first: dt.date, last: dt.date) -> Counts:
    study = STUDY.model_copy(update={"measures": {"ended": ENDED}})
    chosen = Parameters.of(study, {"period_start": f"{first}", "period_end": f"{last}"})
    return count(Records.within(clean_tables(), study, chosen))


@hypothesis.settings(max_examples=10, deadline=None)
@hypothesis.given(st.sets(days, max_size=3))
def test_the_parts_of_a_period_add_up_to_the_whole(cuts: set[dt.date]) -> None:
    """Of everything that is shown, whatever it is counted once for."""
    starts = sorted({STUDY.period.start, *cuts})
    ends = [*(day - dt.timedelta(days=1) for day in starts[1:]), STUDY.period.end]
    whole = within(starts[0], ends[-1])
    parts = [within(*each) for each in zip(starts, ends, strict=True)]
    for measure in (*whole.shown, "referred", "contacts", "feedback_forms"):
        assert sum(part.n(measure) or 0 for part in parts) == whole.n(measure), measure
    books = whole.by("caseload", "month_end").set_index("month_end")["n"]
    for part in parts:
        each = part.by("caseload", "month_end").set_index("month_end")["n"]
        whole_months = each.iloc[:-1]
        assert whole_months.tolist() == books[whole_months.index].tolist()


def test_who_came_before_the_period_is_not_new_and_still_on_the_books() -> None:
    rows = [
        family("2018-04-02", accepted_on="2018-04-03", seen="2018-04-20"),
        family("2018-04-02", accepted_on="2018-04-03", seen="2018-05-20"),
        family("2018-05-02", seen="2018-05-09", discharged_on="2018-05-11"),
    ]
    known = records_of(*rows)
    again = known.tables["family_contacts"].assign(
        date=lambda contacts: contacts["date"] + pd.Timedelta(days=28)
    )
    contacts = pd.concat([known.tables["family_contacts"], again], ignore_index=True)
    both = replace(known, tables={**known.tables, "family_contacts": contacts})
    may = both.within_period(Parameters.of(STUDY, {"period_start": "2018-05-01"}))
    counts = count(may)
    assert (counts.n("families"), counts.n("referred"), counts.n("contacts")) == (2, 1, 5)
    assert counts.by("families", "month")["n"].tolist()[:2] == [2, 0]
    assert counts.by("caseload", "month_end")["n"].tolist()[:2] == [2, 2]


def test_what_has_no_day_is_counted_in_all_and_on_none() -> None:
    accepted = Measure(
        label="accepted, if known when", rows="families", date="accepted_on", by=(("day", "ward"),)
    )
    study = STUDY.model_copy(update={"measures": {"known": accepted}})
    rows = [{"referred_on": "2019-03-01", "ward": "Little Horton"}, {"referred_on": "2019-03-02"}]
    day = {"accepted_on": "2019-03-09"}
    counts = counts_of(*rows, *(row | day for row in rows), study=study)
    assert counts.n("known") == 4
    within = [dict(levels) for (of, levels) in counts.numbers if of == "known" and levels]
    wards = ("Little Horton", "not recorded")
    assert within == [{"day": "2019-03-09", "ward": ward} for ward in wards]
    assert counts.by("known", "day", "ward")["n"].tolist() == [1, 1]


def test_heads_are_added_up_and_a_share_has_both_its_numbers(tmp_path: Path) -> None:
    counts = counted(tmp_path)
    assert (counts.n("adults"), counts.n("children")) == (10, 11)
    assert counts.n("adults", venue="library") == 8
    assert (counts.high("answered"), counts.n("answered")) == (5, 6)
    by = counts.by("answered", "about").set_index("about")
    assert by.loc["mood"].tolist() == [2, 1]  # of two, one got through
    assert by.loc["feeding"].tolist() == [0, 0]


def test_items_of_a_form_are_shares_each_with_its_own_scale(tmp_path: Path) -> None:
    counts = counted(tmp_path)
    assert (counts.high("postcards.helped"), counts.n("postcards.helped")) == (1, 2)
    assert (counts.high("postcards.stars"), counts.n("postcards.stars")) == (1, 2)
    assert counts.by("postcards", "helped")["n"].tolist() == [0, 1, 1, 1]  # one is blank
    assert counts.n("postcards.stars complete") == 1


@pytest.mark.parametrize(
    ("by", "first"), [("weather?", [2, 1]), ("weather", [1, 1, 1])], ids=["whether", "which"]
)
def test_what_is_not_recorded_has_its_own_level(tmp_path: Path, by: str, first: list[int]) -> None:
    wet = {"label": "sessions", "rows": "drop_ins", "by": [by]}
    assert counted(tmp_path, weathered=wet).by("weathered", by)["n"].tolist() == first


def test_a_number_up_to_a_limit_and_one_of_several_labels(tmp_path: Path) -> None:
    counts = counted(
        tmp_path,
        small={"label": "small", "rows": "drop_ins", "where": {"adults": {"at_most": 3}}},
        many={"label": "many", "rows": "drop_ins", "where": {"adults": {"at_least": 3}}},
        night={"label": "night", "rows": "helpline", "where": {"about": ["sleep", "mood"]}},
    )
    assert (counts.n("small"), counts.n("many")) == (2, 2)
    assert counts.n("night") == 5


@pytest.mark.parametrize("given", [{}, {"first": "visits.date", "days_to": "end of period"}])
def test_a_derived_column_is_made_in_one_way(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="give one of first, last, number, days_to"):
        Derived.model_validate(given)


def test_what_is_not_counted_says_what_to_declare(tmp_path: Path) -> None:
    counts = counted(tmp_path)
    with pytest.raises(NotCountedError, match="calls is not counted by caller: add it to `by`"):
        counts.by("calls", "caller")
    with pytest.raises(NotCountedError):
        counts.n("satisfaction")  # the service has no such forms
    assert "satisfaction" not in counts.declared


def test_the_tidy_table_is_read_again(tmp_path: Path) -> None:
    counts = counted(tmp_path)
    tidy = counts.tidy()
    assert Counts.of_tidy(tidy, counts).numbers == counts.numbers
    row = tidy[(tidy["measure"] == "calls") & (tidy["level"] == "mood")].iloc[0]
    assert (row["by"], row["n"]) == ("about", 1)


@pytest.mark.parametrize(("column", "number"), [("interpreter_needed", 1), ("shoe_size", 2)])
def test_a_stock_takes_the_conditions_whose_column_is_kept(column: str, number: int) -> None:
    waiting = Measure(
        label="families who wait", rows="families", kind="stock", since="referred_on",
        until=("discharged_on",), where_kept={column: ("yes",)},
    )  # fmt: skip
    study = STUDY.model_copy(update={"measures": {"waiting": waiting}})
    two = ({"referred_on": "2019-01-01", "interpreter_needed": needed} for needed in ("yes", "no"))
    assert counts_of(*two, study=study).n("waiting", month_end="2019-01-01") == number
