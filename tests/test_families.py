"""Families: flow, contacts, caseload and Table 1."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from family_counts import STUDY, counts_of, family, records_of, released_of, without
from gates import having

from lmm.analysis import characteristics, families
from lmm.analysis.engagement import booked_contacts
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.showing import plots
from lmm.showing.wording import worded
from lmm.study.study import Study

EVENT = (dt.date(2020, 3, 23), "first UK lockdown")


# --- flow and Table 1 ------------------------------------------------------------------------

COURSE = (
    family("2019-01-01", offered_on="2019-01-08", seen="2019-01-10", discharged_on="2019-06-01"),
    family("2019-01-02", offered_on="2019-01-08", missed="2019-01-10", ward="Bradford Moor"),
    family("2019-01-03", offered_on="2019-01-08", seen="2019-01-23"),
    {"referred_on": "2019-01-04"},
)


def test_each_stage_counts_those_of_the_stage_before() -> None:
    table = families.family_flow(counts_of(*COURSE)).table
    assert list(table["families"]) == [4, 3, 3, 2, 1]
    assert list(table["share_of_previous"]) == pytest.approx([1, 3 / 4, 1, 2 / 3, 1 / 2])


def test_a_stage_whose_date_is_not_kept_is_left_out() -> None:
    study = without(STUDY, "families", "offered_on")
    table = families.family_flow(counts_of(*COURSE, study=study)).table
    assert list(table["stage"]) == [
        stage for stage in families.FLOW.values() if "offered" not in stage
    ]
    assert list(table["families"]) == [4, 3, 2, 1]


def test_a_service_without_families_has_no_stages() -> None:
    found = families.family_flow(counts_of(study=without(STUDY, "families")))
    assert found.why_not == "This service keeps no table of families."


def test_nobody_flows_anywhere() -> None:
    table = families.family_flow(counts_of()).table
    assert list(table["families"]) == [0] * 5
    assert table["share_of_previous"].isna().all()


def test_the_families_table_describes_those_who_attended() -> None:
    table = characteristics.families_table(counts_of(*COURSE)).table
    wait = table[table["characteristic"].str.startswith("Days from referral")].iloc[0]
    assert (wait["number"], wait["median"], wait["missing"]) == (2, 14.5, 0)
    wards = table[table["characteristic"] == "Ward"]
    assert list(wards["number"]) == [0, 0, 0, 0]
    assert list(wards["missing"]) == [2] * 4  # the family of Bradford Moor never came
    assert wards["share"].isna().all()


def test_the_families_table_of_nobody() -> None:
    table = characteristics.families_table(counts_of()).table
    assert table["number"].sum() == 0
    assert table["mean"].isna().all()


def test_of_released_stages_there_are_shares_where_both_counts_are_shown() -> None:
    released = released_of(
        *[family("2019-01-01", offered_on="2019-01-08", seen="2019-01-10")] * 12,
        *[family("2019-01-02", offered_on="2019-01-08")] * 11,
        *[{"referred_on": "2019-01-04"}] * 20,
    )
    table = families.family_flow(released).table.set_index("stage")
    assert table["families"].tolist() == [45, 25, 25, 10, 0]
    assert table["share_of_referred"].tolist() == pytest.approx([1, 5 / 9, 5 / 9, 2 / 9, 0])
    few = released_of(*COURSE[:3], *[{"referred_on": "2019-01-04"}] * 20)
    table = families.family_flow(few).table.set_index("stage")
    assert table["families"].isna().tolist() == [False, True, True, True, True]
    assert table.loc["accepted":, ["share_of_referred", "share_of_previous"]].isna().all(axis=None)


def test_a_stage_that_holds_more_than_the_one_before_is_released_like_any_other() -> None:
    """Some services offer an appointment before they accept; nothing is known then of the two."""
    accepted = family("2019-01-01", offered_on="2019-01-08")
    not_accepted = {name: day for name, day in accepted.items() if name != "accepted_on"}
    counts = released_of(*[not_accepted] * 20, *[accepted] * 10)
    assert (counts.n("referred"), counts.n("offered"), counts.n("accepted")) == (30, 30, 10)


def test_of_released_families_there_are_no_moments_and_shares_of_what_is_shown() -> None:
    released = released_of(
        *[family("2019-01-01", seen="2019-01-10", ward="Bradford Moor", reason="bonding")] * 12,
        *[family("2019-01-01", seen="2019-01-10", ward="other", reason="bonding")] * 11,
        *[family("2019-01-01", seen="2019-01-10", ward="other", reason="infant regulation")] * 3,
    )
    found = characteristics.families_table(released)
    assert found.columns("moment") == []
    assert "" not in set(found.table["level"])
    table = found.table.set_index(["characteristic", "level"])
    assert table.loc["Ward", "number"].tolist() == [0, 10, 0, 15]
    assert table.loc["Ward", "share"].tolist() == pytest.approx([0, 0.4, 0, 0.6])
    assert table.loc[("Reason for referral", "infant regulation"), "number"] is pd.NA
    assert table.loc["Reason for referral", "share"].isna().all()


# --- contacts --------------------------------------------------------------------------------

VISITS = pd.DataFrame(
    {
        "contact_id": ["C1", "C2", "C3", "C4"],
        "family_id": ["F1", "F1", "F2", "F3"],
        "date": pd.to_datetime(["2019-05-01", "2019-06-01", "2019-06-01", "2019-07-01"]),
        "kind": ["assessment", "therapeutic session", "assessment", "review"],
        "mode": ["in person", "online", "in person", "in person"],
        "outcome": ["attended", "attended", "cancelled", "attended"],
    }
)
LOG = without(STUDY, "families")
"""A service that keeps a log of visits, and no list of referrals."""


def visiting(study: Study = LOG, times: int = 1) -> Records:
    rows = pd.concat([VISITS] * times, ignore_index=True)
    return having(records_of(study=study), family_contacts=rows)


def visits(study: Study = LOG, times: int = 1) -> Counts:
    return count(visiting(study, times))


def test_contacts_are_counted_by_each_column_without_a_list_of_referrals() -> None:
    table = families.contacts(visits()).table
    found = {by: rows["contacts"].tolist() for by, rows in table.groupby("by", sort=False)}
    assert found == {"kind": [2, 1, 1], "mode": [3, 1, 0], "outcome": [3, 0, 1]}
    assert table.loc[table["by"] == "outcome", "stratum"].tolist() == [
        "attended", "did not attend", "cancelled",
    ]  # fmt: skip
    assert table["share"].tolist()[:3] == [0.5, 0.25, 0.25]
    assert visits().n("families") == 2  # of three, one of whom never came


def test_a_log_that_does_not_say_how_contacts_were_held_is_counted_by_the_rest() -> None:
    table = families.contacts(visits(without(LOG, "family_contacts", "mode"))).table
    assert table.groupby("by", sort=False)["contacts"].sum().to_dict() == {"kind": 4, "outcome": 4}


def test_contacts_are_crossed_by_kind_and_outcome() -> None:
    table = booked_contacts(visits()).table.set_index(["stratum", "outcome"])
    for stratum, numbers, booked in (("assessment", [1, 0, 1], 2), ("all", [3, 0, 1], 4)):
        rows = table.loc[stratum]
        assert (
            rows.loc[["attended", "did not attend", "cancelled"], "numerator"].tolist() == numbers
        )
        assert set(rows["booked"]) == {booked}


def test_nothing_was_planned_or_it_is_not_kept() -> None:
    table = families.contacts(counts_of()).table
    assert table["contacts"].sum() == 0
    assert table["share"].isna().all()
    found = families.contacts(counts_of(study=without(STUDY, "family_contacts")))
    assert found.why_not == "This service keeps no table of family contacts."


def test_of_released_contacts_there_are_shares_where_every_part_is_shown() -> None:
    protected = release(visiting(LOG.model_copy(update={"disclosure": "opensafely"}), 3)).counts
    table = families.contacts(protected).table.set_index(["by", "stratum"])
    assert table.loc["outcome", "contacts"].isna().tolist() == [True, False, True]
    assert table.loc["outcome", "share"].isna().all()
    crossed = booked_contacts(protected).table.set_index(["stratum", "outcome"])
    assert pd.isna(crossed.loc[("assessment", "cancelled"), "numerator"])


# --- caseload --------------------------------------------------------------------------------


def test_the_caseload_counts_from_acceptance_to_discharge() -> None:
    counts = counts_of(
        family(
            "2018-04-20", accepted_on="2018-04-30", seen="2018-06-30", discharged_on="2018-07-31"
        ),
        family("2018-04-20", accepted_on="2018-05-01", discharged_on="2018-05-31"),
        family("2018-05-02", accepted_on="2018-06-01", seen="2018-06-02"),
        {"referred_on": "2018-04-02"},
        {"referred_on": "2018-04-02", "discharged_on": "2018-06-15"},
        family("2018-06-02", discharged_on="2018-06-02"),
    )
    table = families.caseload(counts).table.set_index(counts.calendar["month"].dt.strftime("%Y-%m"))
    found = table.loc["2018-04":"2018-08"]
    assert list(found["families"]) == [1, 1, 2, 1, 1]
    assert list(found["not_yet_seen"]) == [1, 1, 0, 0, 0]
    assert list(found["month_end"].dt.day) == [30, 31, 30, 31, 31]
    assert table["note"].str.contains("referred before 2018-04-01, when the records begin").all()


def test_the_last_month_ends_with_the_period() -> None:
    counts = counts_of(
        family("2018-04-02"), family("2018-05-16"), period_end="2018-05-15", event_date="2018-05-01"
    )
    table = families.caseload(counts).table
    assert list(table["month_end"]) == list(pd.to_datetime(["2018-04-30", "2018-05-15"]))
    assert list(table["families"]) == [1, 1]


def test_nobody_on_the_books() -> None:
    found = families.caseload(counts_of())
    table = found.table
    assert len(table) == 34
    assert table["families"].sum() == 0
    with worded({}, event=EVENT):
        assert plots.caseload(found).finding.endswith("12 months before the first UK lockdown, 0.")


def test_a_caseload_without_contacts_does_not_say_who_was_seen() -> None:
    study = without(STUDY, "family_contacts")
    found = families.caseload(counts_of(family("2019-01-01"), study=study))
    assert found.table["families"].iloc[-1] == 1
    assert "not_yet_seen" not in found.table
    assert plots.caseload(found).finding == (
        "1 family was on the books at the end of January 2021."
    )


def test_months_of_few_families_are_suppressed() -> None:
    released = released_of(*[family("2019-01-01")] * 3, *[family("2020-01-01")] * 20)
    table = families.caseload(released).table.set_index("month")
    assert table.loc[pd.Timestamp("2018-12-01"), "families"] == 0
    assert table.loc[pd.Timestamp("2019-01-01"), "families"] is pd.NA
    assert table.loc[pd.Timestamp("2020-01-01"), "families"] == 25


def test_the_caseload_figure_says_where_it_ends() -> None:
    found = families.caseload(
        counts_of(family("2019-01-01"), family("2019-01-01", seen="2019-02-01"))
    )
    picture = plots.caseload(found)
    assert picture.finding == (
        "2 families were on the books at the end of January 2021, 1 of them not yet seen."
    )
    svg = picture.svg("MADE UP", picture.alt)
    assert svg == plots.caseload(found).svg("MADE UP", picture.alt)
    assert ">accepted, not discharged:</text>" in svg
    with worded({}, event=EVENT):
        assert ">first UK lockdown</text>" in plots.caseload(found).svg("MADE UP", "")
