"""Families: flow, Table 1, caseload, waits, and reach."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lmm.analysis import families
from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.showing.plots import families as plots
from lmm.study.declared import ReferencePopulation
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of

ROOT = Path(__file__).resolve().parents[1]
STUDY = read_study(ROOT)
EVENT = (dt.date(2020, 3, 23), "first UK lockdown")
WARDS = ("Bowling and Barkerend", "Bradford Moor", "Little Horton", "other")

Family = dict[str, str]


def records_of(*rows: Family, study: Study = STUDY, **parameters: str) -> Records:
    """Make records of families: dates by field, and ``seen`` for the first session attended."""
    tables = {
        name: typed(pd.DataFrame(columns=list(spec.columns), dtype="str"), spec.columns)
        for name, spec in tables_of(study).items()
    }
    spec = tables_of(study)
    rows = tuple({"family_id": f"F{n}", **row} for n, row in enumerate(rows))
    columns = spec["families"].columns
    text = pd.DataFrame(list(rows), columns=list(columns), dtype="str").fillna("")
    tables["families"] = typed(text, columns)
    contacts = [
        {"family_id": row["family_id"], "date": row[what], "outcome": outcome}
        for row in rows
        for what, outcome in (("missed", "did not attend"), ("seen", "attended"))
        if what in row
    ]
    columns = spec["family_contacts"].columns
    text = pd.DataFrame(contacts, columns=list(columns), dtype="str").fillna("")
    tables["family_contacts"] = typed(text, columns)
    return Records.within(tables, study, Parameters.of(study, parameters))


def family(referred: str, **more: str) -> Family:
    """Describe a family accepted on the day of its referral, unless said otherwise."""
    return {"referred_on": referred, "accepted_on": referred, **more}


def with_reference(**reference: ReferencePopulation) -> Study:
    return STUDY.model_copy(update={"reference_population": reference})


# --- flow and Table 1 ------------------------------------------------------------------------

COURSE = (
    family("2019-01-01", offered_on="2019-01-08", seen="2019-01-10", discharged_on="2019-06-01"),
    family("2019-01-02", offered_on="2019-01-08", missed="2019-01-10", ward="Bradford Moor"),
    family("2019-01-03", offered_on="2019-01-08", seen="2019-01-23"),
    {"referred_on": "2019-01-04"},
)


def test_each_stage_counts_those_of_the_stage_before() -> None:
    table = families.family_flow(records_of(*COURSE))
    assert list(table["families"]) == [4, 3, 3, 2, 1]
    assert list(table["share_of_previous"]) == pytest.approx([1, 3 / 4, 1, 2 / 3, 1 / 2])


def test_a_stage_whose_date_is_not_kept_is_left_out() -> None:
    source = STUDY.sources["families"]
    columns = {name: title for name, title in source.columns.items() if name != "offered_on"}
    kept = {**STUDY.tables, "families": source.model_copy(update={"given": columns})}
    study = STUDY.model_copy(update={"tables": kept})
    table = families.family_flow(records_of(*COURSE, study=study))
    assert list(table["stage"]) == [stage for stage in families.FLOW if "offered" not in stage]
    assert list(table["families"]) == [4, 3, 2, 1]


def test_a_service_without_families_has_no_stages() -> None:
    study = STUDY.model_copy(update={"tables": {**STUDY.tables, "families": "absent"}})
    assert families.family_flow(records_of(study=study)).empty


def test_nobody_flows_anywhere() -> None:
    table = families.family_flow(records_of())
    assert list(table["families"]) == [0] * 5
    assert table["share_of_previous"].isna().all()


def test_the_families_table_describes_those_who_attended() -> None:
    table = families.families_table(records_of(*COURSE))
    wait = table[table["characteristic"].str.startswith("Days from referral")].iloc[0]
    assert (wait["number"], wait["median"], wait["missing"]) == (2, 14.5, 0)
    wards = table[table["characteristic"] == "Ward"]
    assert list(wards["number"]) == [0, 0, 0, 0]
    assert list(wards["missing"]) == [2] * 4  # the family of Bradford Moor never came
    assert wards["share"].isna().all()


def test_the_families_table_of_nobody() -> None:
    table = families.families_table(records_of())
    assert table["number"].sum() == 0
    assert table["mean"].isna().all()


# --- caseload --------------------------------------------------------------------------------


def test_the_caseload_counts_from_acceptance_to_discharge() -> None:
    records = records_of(
        family(
            "2018-04-20", accepted_on="2018-04-30", seen="2018-06-30", discharged_on="2018-07-31"
        ),
        family("2018-04-20", accepted_on="2018-05-01", discharged_on="2018-05-31"),
        family("2018-05-02", accepted_on="2018-06-01", seen="2018-06-02"),
        {"referred_on": "2018-04-02"},
        {"referred_on": "2018-04-02", "discharged_on": "2018-06-15"},
        family("2018-06-02", discharged_on="2018-06-02"),
    )
    table = families.caseload(records).set_index(records.calendar["month"].dt.strftime("%Y-%m"))
    found = table.loc["2018-04":"2018-08"]
    assert list(found["families"]) == [1, 1, 2, 1, 1]
    assert list(found["not_yet_seen"]) == [1, 1, 0, 0, 0]
    assert list(found["month_end"].dt.day) == [30, 31, 30, 31, 31]
    assert table["note"].str.contains("before the period").all()


def test_the_last_month_ends_with_the_period() -> None:
    records = records_of(
        family("2018-04-02"), family("2018-05-16"), period_end="2018-05-15", event_date="2018-05-01"
    )
    table = families.caseload(records)
    assert list(table["month_end"]) == list(pd.to_datetime(["2018-04-30", "2018-05-15"]))
    assert list(table["families"]) == [1, 1]


def test_nobody_on_the_books() -> None:
    table = families.caseload(records_of())
    assert len(table) == 34
    assert table["families"].sum() == 0
    assert "At most 0" in plots.caseload(table, *EVENT).alt


# --- waits: who is followed for how long -----------------------------------------------------


def test_days_are_counted_to_the_session_the_discharge_or_the_end() -> None:
    records = records_of(
        family("2020-12-02", missed="2020-12-03", seen="2020-12-12"),
        family("2020-12-02", discharged_on="2020-12-22"),
        family("2020-12-02"),
        family("2020-12-02", seen="2020-12-02"),
        family("2020-12-02", seen="2020-12-12", discharged_on="2020-12-30"),
        {"referred_on": "2020-12-22"},
        family("2020-12-02", seen="2021-02-03"),  # after the end of the period
    )
    accepted = families.waits(records)
    assert list(accepted.columns) == ["days", "outcome", "n"]
    assert accepted.to_numpy().tolist() == [
        [0, "seen", 1], [10, "seen", 2], [20, "left", 1], [60, "waiting", 2],
    ]  # fmt: skip
    referred = families.waits(records, "referred")
    assert referred.loc[referred["days"] == 40].to_numpy().tolist() == [[40, "waiting", 1]]
    assert referred["n"].sum() == 7
    never = families.waits(records, "accepted", "never seen")
    assert never.to_numpy().tolist() == [
        [0, "seen", 1], [10, "seen", 2], [60, "left", 1], [60, "waiting", 2],
    ]  # fmt: skip


def test_the_curve_starts_at_one_and_has_a_row_for_each_day() -> None:
    records = records_of(
        family("2020-01-01", seen="2020-01-11"),
        family("2020-01-01", seen="2020-01-11"),
        family("2020-01-01", discharged_on="2020-01-06"),
        family("2020-01-01", seen="2020-01-31"),
    )
    curve = families.wait_curve(records)
    assert list(curve["days"]) == [0, 5, 10, 30]
    assert list(curve["at_risk"]) == [4, 4, 3, 1]
    assert list(curve["left"]) == [0, 1, 0, 0]
    assert list(curve["not_yet_seen"]) == pytest.approx([1, 1, 1 / 3, 0])
    assert list(curve["status"]) == ["not_estimable", "not_estimable", "ok", "not_estimable"]
    assert set(curve["basis"]) == {"assumed"}


def median_of(records: Records, population: str = "accepted") -> Any:
    table = families.median_wait(records)
    return next(table[table["population"] == population].itertuples(index=False))


def share_of(records: Records, within: int, leaving: str = "censored at discharge") -> Any:
    table = families.seen_within(records)
    rows = table[
        (table["population"] == "accepted")
        & (table["within_days"] == within)
        & (table["leaving"] == leaving)
    ]
    return next(rows.itertuples(index=False))


def test_nobody_waits() -> None:
    records = records_of()
    assert families.wait_curve(records).empty
    assert list(families.median_wait(records)["status"]) == ["no_data"] * 2
    assert list(families.seen_within(records)["status"]) == ["no_data"] * 4
    assert plots.waiting(families.wait_curve(records)).alt == "There are no families."


def test_referred_and_never_accepted() -> None:
    records = records_of({"referred_on": "2020-01-01"})
    assert median_of(records).status == "no_data"
    found = median_of(records, "referred")
    assert (found.status, found.denominator) == ("short_series", 1)
    assert "fewer than half" in found.note


def test_one_family_seen() -> None:
    records = records_of(family("2020-01-01", seen="2020-01-11"))
    found = median_of(records)
    assert found.status == "short_series"
    assert found.note == "half were seen by day 10; an upper limit is not reached"
    share = share_of(records, 28)
    assert (share.status, share.estimate, share.high) == ("ok", 1, 1)
    assert share.low == pytest.approx(0.2065, abs=1e-4)  # Wilson, 1 of 1
    assert "of the 1 whose" in share.method


def test_one_family_still_waiting() -> None:
    records = records_of(family("2021-01-01"))  # followed for 30 days
    assert median_of(records).status == "short_series"
    within = share_of(records, 28)
    assert (within.status, within.estimate, within.low) == ("ok", 0, 0)
    assert within.high == pytest.approx(1 - 0.2065, abs=1e-4)
    beyond = share_of(records, 56)
    assert beyond.status == "short_series"
    assert beyond.note == "nobody was followed for 56 days"


def test_nobody_is_ever_seen() -> None:
    records = records_of(*[family("2019-01-01")] * 20)
    assert "fewer than half" in median_of(records).note
    found = share_of(records, 56)
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(0.1611, abs=1e-4)  # Wilson, 0 of 20
    assert "Seen 0" in plots.waiting(families.wait_curve(records)).alt


def test_only_those_followed_so_long_tell_that_nobody_was_seen() -> None:
    """The period ends 28 days after 3 January 2021."""
    records = records_of(family("2021-01-04"), family("2021-01-03"), family("2021-01-02"))
    found = share_of(records, 28)
    assert (found.estimate, found.denominator) == (0, 3)
    assert found.high == pytest.approx(0.6576, abs=1e-4)  # Wilson, 0 of 2
    assert "of the 2 whose" in found.method
    assert share_of(records_of(family("2021-01-03")), 28).status == "ok"
    assert share_of(records_of(family("2021-01-04")), 28).status == "short_series"


def test_everybody_else_is_seen() -> None:
    seen = [family("2019-01-01", seen="2019-01-21")] * 4
    found = share_of(records_of(*seen, family("2019-01-01", discharged_on="2019-01-06")), 28)
    assert (found.estimate, found.denominator) == (1, 5)
    assert found.low == pytest.approx(0.5101, abs=1e-4)  # Wilson, 4 of 4


def test_everybody_is_seen_on_one_day() -> None:
    records = records_of(*[family("2019-01-01", seen="2019-01-15")] * 20)
    found = median_of(records)
    assert (found.status, found.note.split(";")[0]) == ("short_series", "half were seen by day 14")
    share = share_of(records, 28)
    assert (share.estimate, share.high) == (1, 1)
    assert share.low == pytest.approx(1 - 0.1611, abs=1e-4)


def test_half_seen_exactly_is_half() -> None:
    """Products of shares miss a half by a rounding error."""
    days = [f"2019-01-{day:02}" for day in range(2, 30)]
    records = records_of(*[family("2019-01-01", seen=day) for day in days])
    assert median_of(records).estimate == 14


def test_leaving_is_counted_in_two_ways_and_said() -> None:
    records = records_of(
        *[family("2019-01-01", seen="2019-01-21")] * 6,
        *[family("2019-01-01", discharged_on="2019-01-08")] * 4,
    )
    censored, never = share_of(records, 28), share_of(records, 28, "never seen")
    assert censored.estimate == pytest.approx(1)
    assert never.estimate == pytest.approx(0.6)
    assert "like those who stayed" in censored.note
    assert "until the end of the period" in never.note
    assert "like those who stayed" in median_of(records).note
    nobody_left = families.seen_within(records_of(family("2019-01-01", seen="2019-01-21")))
    assert set(nobody_left["leaving"]) == {"censored at discharge"}


def test_the_confidence_level_is_the_chosen_one() -> None:
    rows = [family("2019-01-01", seen=f"2019-02-{day:02}") for day in range(1, 28)]
    wide = families.wait_curve(records_of(*rows, confidence="0.99"))
    narrow = families.wait_curve(records_of(*rows, confidence="0.8"))
    assert (wide["low"] < narrow["low"]).iloc[1:-1].all()


# --- reach -----------------------------------------------------------------------------------

PEOPLE = (
    *[family("2019-01-01", seen="2019-01-11", ward="Bradford Moor")] * 3,
    *[family("2019-01-01", seen="2019-01-11", ward="Little Horton")] * 1,
    *[family("2019-01-01", seen="2019-01-11", ward="other")] * 2,
    *[family("2019-01-01", seen="2019-01-11")] * 5,
    *[family("2019-01-01", missed="2019-01-11", ward="Little Horton")] * 7,
)
PUBLISHED = ReferencePopulation(
    basis="published",
    source="an office of statistics",
    licence="open",
    shares={"Bowling and Barkerend": 0.2, "Bradford Moor": 0.5, "Little Horton": 0.3},
)


def wards_of(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["characteristic"] == "Ward"].set_index("level")


def test_shares_are_of_the_families_in_the_reference_population() -> None:
    records = records_of(*PEOPLE, study=with_reference(ward=PUBLISHED))
    wards = wards_of(families.reach(records))
    assert tuple(wards.index) == WARDS
    assert list(wards["numerator"]) == [0, 3, 1, 2]
    assert list(wards["denominator"].iloc[:3]) == [4, 4, 4]
    moor = wards.loc["Bradford Moor"]
    assert moor["estimate"] == 0.75
    assert (moor["low"], moor["high"]) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert moor["share_less_reference"] == pytest.approx(0.25)
    assert moor["ratio_to_reference"] == pytest.approx(1.5)
    nobody = wards.loc["Bowling and Barkerend"]
    assert (nobody["estimate"], nobody["low"], nobody["ratio_to_reference"]) == (0, 0, 0)
    assert set(wards["missing"]) == {5}
    assert set(wards["reference"]) == {"published: an office of statistics"}


def test_other_is_counted_and_not_compared() -> None:
    records = records_of(*PEOPLE, study=with_reference(ward=PUBLISHED))
    other = wards_of(families.reach(records)).loc["other"]
    assert (other["status"], other["numerator"]) == ("not_estimable", 2)
    assert "not compared" in other["note"]
    assert pd.isna(other["reference_share"])


def test_other_is_compared_where_the_reference_has_it() -> None:
    shares = {"Bradford Moor": 0.5, "other": 0.5, "Little Horton": 0.0}
    reference = PUBLISHED.model_copy(update={"shares": shares})
    wards = wards_of(families.reach(records_of(*PEOPLE, study=with_reference(ward=reference))))
    assert wards.loc["other", "estimate"] == pytest.approx(1 / 3)
    assert wards.loc["other", "ratio_to_reference"] == pytest.approx(2 / 3)
    none = wards.loc["Little Horton"]  # nobody to reach, so that there is no ratio
    assert none["share_less_reference"] == pytest.approx(1 / 6)
    assert pd.isna(none["ratio_to_reference"])


def test_without_a_reference_the_table_says_so() -> None:
    table = families.reach(records_of(*PEOPLE, study=with_reference()))
    assert set(table["reference"]) == {"no reference population is declared"}
    assert table["reference_share"].isna().all()
    wards = wards_of(table)
    assert list(wards["estimate"]) == pytest.approx([0, 1 / 2, 1 / 6, 1 / 3])
    groups = table[table["characteristic"] == "Ethnic group of the mother"]
    assert set(groups["status"]) == {"not_estimable"}  # recorded for none of the 11
    assert set(groups["missing"]) == {11}


def test_nobody_is_reached() -> None:
    table = families.reach(records_of(study=with_reference(ward=PUBLISHED)))
    assert set(table["status"]) == {"not_estimable"}
    assert table["share_less_reference"].isna().all()
    assert "not compared" in plots.reach(table).alt


# --- the reference population in the study file ----------------------------------------------


def test_the_shares_of_this_study_are_marked_as_assumed() -> None:
    reference = STUDY.reference_population["ward"]
    assert reference.basis == "assumed"
    assert "not census figures" in str(reference.reason)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("ward: {basis: assumed, shares: {Bradford Moor: 1}}", "need their reason"),
        ("ward: {basis: published, source: x, shares: {Bradford Moor: 1}}", "its licence"),
        ("ward: {basis: assumed, reason: x, shares: {Bradford Moor: 0.5}}", "add up to 0.5"),
        ("ward: {basis: assumed, reason: x, shares: {}}", "add up to 0"),
        ("ward: {basis: assumed, reason: x, shares: {Moor: 1}}", "'Moor' is not one of"),
        (
            "ward: {basis: assumed, reason: x, shares: {Bradford Moor: 1.5, other: -0.5}}",
            "Bradford Moor",
        ),
        ("ward: {basis: guessed, reason: x, shares: {Bradford Moor: 1}}", "basis"),
        ("town: {basis: assumed, reason: x, shares: {Bradford Moor: 1}}", "'ward'"),
    ],
)
def test_a_wrong_reference_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(StudyError, match="reference_population") as raised:
        read_study(study_with(tmp_path, f"reference_population:\n  {text}\n"))
    assert problem in str(raised.value)


def test_the_reference_may_be_left_out_or_rounded(tmp_path: Path) -> None:
    assert read_study(study_with(tmp_path, "")).reference_population == {}
    shares = "{Bowling and Barkerend: 0.33, Bradford Moor: 0.33, Little Horton: 0.33}"
    text = f"reference_population:\n  ward: {{basis: assumed, reason: x, shares: {shares}}}\n"
    assert read_study(study_with(tmp_path, text)).reference_population["ward"].basis == "assumed"


def study_with(folder: Path, section: str) -> Path:
    """Write this study's file with another section on the reference population."""
    lines = (ROOT / "study.yaml").read_text("utf-8").splitlines(keepends=True)
    start = lines.index("reference_population:\n")
    end = next(n for n in range(start + 1, len(lines)) if lines[n].strip() == "")
    (folder / "study.yaml").write_text("".join([*lines[:start], section, *lines[end:]]), "utf-8")
    return folder


# --- the figures -----------------------------------------------------------------------------


def test_the_caseload_figure_says_where_it_ends() -> None:
    table = families.caseload(
        records_of(family("2019-01-01"), family("2019-01-01", seen="2019-02-01"))
    )
    picture = plots.caseload(table, *EVENT)
    assert "2 at the end of January 2021, of whom 1 had not been seen" in picture.alt
    svg = picture.svg("MADE UP", picture.alt)
    assert svg == plots.caseload(table, *EVENT).svg("MADE UP", picture.alt)
    assert "accepted, not discharged: 2" in svg
    assert "first UK lockdown" in svg


def test_the_waiting_figure_marks_the_censored() -> None:
    records = records_of(
        family("2019-01-01", seen="2019-01-21"),
        family("2019-01-01", seen="2019-02-21"),
        family("2019-01-01", discharged_on="2019-01-11"),
        family("2021-01-01"),
        family("2019-01-01"),
    )
    picture = plots.waiting(families.wait_curve(records))
    svg = picture.svg("", picture.alt)
    assert "still waiting at the end of the period" in svg
    assert "discharged unseen" in svg
    assert "(1 not seen were followed for longer than shown)" in svg
    assert "Seen 2, discharged unseen 1, still waiting 2" in picture.alt
    share = families.wait_curve(records).set_index("days").loc[20, "not_yet_seen"]
    assert f"{share:.0%} after 28 days" in picture.alt


def test_the_waiting_figure_of_a_short_period_promises_nothing() -> None:
    picture = plots.waiting(families.wait_curve(records_of(family("2021-01-20"))))
    assert "nobody was followed for 28 days" in picture.alt


def test_the_reach_figure_says_shares_and_reference() -> None:
    table = families.reach(records_of(*PEOPLE, study=with_reference(ward=PUBLISHED)))
    picture = plots.reach(table)
    assert "Bradford Moor 75% (reference 50%)" in picture.alt
    assert "other 2, not compared" in picture.alt
    svg = picture.svg("", picture.alt)
    assert "bars are the published reference" in svg
    assert "no reference population" in svg
    assert "outside the reference, not compared" in svg
