"""Counts, rates and their calendar."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from family_counts import counts_of, without
from gates import having, records_of, released_of

from lmm.analysis import descriptive
from lmm.analysis.released import ROUNDED
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.study.declared import Closure
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters
from lmm.study.source import TableSource
from lmm.study.study import Study, read_study

NEW = "new since 2018-04-01, when the records begin: who came earlier cannot be told"

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)


def records(study: Study = STUDY, **given: str) -> Records:
    return Records.within(TABLES, study, Parameters.of(study, given))


def counts(study: Study = STUDY, **given: str) -> Counts:
    return count(records(study, **given))


def released(disclosure: str) -> Counts:
    return released_of(disclosure).counts


@pytest.mark.parametrize("by", ["contract_year", "phase"])
def test_the_parts_add_up_to_the_whole(by: str) -> None:
    table = descriptive.activity(counts(), by=by).table  # type: ignore[arg-type]
    numbers = table[table["quantity"] == "count"]
    for _, rows in numbers.groupby("measure"):
        whole = rows[rows["stratum"] == "whole period"]["numerator"].iloc[0]
        assert rows[rows["stratum"] != "whole period"]["numerator"].sum() == whole
    whole = numbers[numbers["stratum"] == "whole period"].set_index("measure")["numerator"]
    assert whole.to_dict() == {
        "courses": 28, "attendances": 471, "staff": 434, "consultations": 251, "families": 62
    }  # fmt: skip


def test_a_rate_is_exact_under_ten_events_and_byars_from_ten_on() -> None:
    table = descriptive.activity(counts(), by="contract_year").table.query("quantity != 'count'")
    methods = table.set_index(["measure", "stratum"])["method"]
    assert methods["courses", "2018/19"] == "Byar"  # 11
    assert methods["courses", "2020/21"] == "Garwood exact"  # 6
    row = table.query("measure == 'families' and stratum == 'whole period'").iloc[0]
    assert row["denominator"] == pytest.approx(34)
    assert row["estimate"] == pytest.approx(62 / 34)


def test_only_a_whole_published_window_rests_on_a_published_figure() -> None:
    table = descriptive.activity(counts(), by="phase").table
    published = table[table["basis"] == "published"]
    assert set(published["stratum"]) == {"whole period"}
    assert set(published["measure"]) == {"courses", "staff", "consultations", "families"}
    shorter = descriptive.activity(counts(period_end="2020-12-31"), by="phase").table
    assert set(shorter["basis"]) == {"assumed"}


def test_a_closed_month_has_no_value_and_an_open_one_without_activity_is_a_zero() -> None:
    closed = Closure(start="2018-05-01", end="2018-05-31", reason="not yet open")
    study = STUDY.model_copy(update={"closures": (closed,)})
    months = descriptive.monthly_activity(counts(study)).table.set_index(["measure", "month"])
    may = months.loc[("courses", pd.Timestamp("2018-05-01"))]
    assert (may["status"], may["months_open"]) == ("no_data", 0)
    assert pd.isna(may["events"])
    august = months.loc[("courses", pd.Timestamp("2018-08-01"))]
    assert (august["status"], august["events"]) == ("ok", 0)


def test_people_and_attendances_are_told_apart() -> None:
    table = descriptive.training_reach(counts()).table.set_index("what")
    assert table.loc["attendances", "number"] == 471
    people = table.loc["people who attended at least one course"]
    assert (people["number"], people["held_against_published"]) == (434, "yes")
    other = STUDY.model_copy(update={"staff_trained_counts": "attendances"})
    held = descriptive.training_reach(counts(other)).table.query("held_against_published == 'yes'")
    assert held["what"].tolist() == ["attendances"]


def test_compositions_account_for_everyone() -> None:
    for by in ("role", "organisation"):
        table = descriptive.staff_composition(counts(), by=by).table  # type: ignore[arg-type]
        assert table["people"].sum() == 434
        assert table["attendances"].sum() == 471
        assert table[by].iloc[-1] == "not recorded"
    sessions = descriptive.consultations_by_kind(counts()).table.set_index("profession")
    assert sessions.loc["all", "all"] == 251
    assert sessions.drop(index="all")["all"].sum() == 251


def test_missing_values_are_counted_in_optional_fields_only() -> None:
    table = descriptive.missing_values(counts()).table.set_index(["table", "column"])
    assert table.loc[("feedback_forms", "overall"), "missing"] == 5
    assert ("courses", "topic") not in table.index
    assert ("families", "discharged_on") not in table.index


def test_hours_are_added_up_exactly_and_rounded_once() -> None:
    sessions = pd.DataFrame(
        {
            "session_id": ["S1", "S2", "S3"],
            "date": pd.to_datetime(["2019-05-01"] * 3),
            "kind": ["consultation"] * 3,
            "profession": ["health visitor", "midwife", "midwife"],
            "mode": ["in person"] * 3,
            "minutes": pd.array([135, 90, 45], dtype="Int64"),
        }
    )
    found = descriptive.consultations_by_kind(count(having(records(), consultations=sessions)))
    hours = found.table.set_index("profession")["hours"]
    assert hours[["health visitor", "midwife", "all"]].tolist() == [2.25, 2.25, 4.5]
    assert found.roles["hours"].decimals == 1


# --- what passes the gate ----------------------------------------------------------------------


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
@pytest.mark.parametrize("by", ["contract_year", "phase"])
def test_released_counts_give_the_same_rows(by: str, disclosure: str) -> None:
    keys = ["measure", "stratum", "quantity", "estimand", "denominator", "basis"]
    exact = descriptive.activity(counts(), by=by).table  # type: ignore[arg-type]
    table = descriptive.activity(released(disclosure), by=by).table  # type: ignore[arg-type]
    by_course = table["quantity"] == "a course"  # of unknown size
    pd.testing.assert_frame_equal(table.loc[~by_course, keys], exact.loc[~by_course, keys])
    assert set(table.loc[by_course, "status"]) == {"suppressed"}
    courses = table["measure"] == "courses"
    assert set(table.loc[courses, "note"]) == {""}
    shown = ~courses & (table["status"] == "ok")
    new = table["measure"].isin(["staff", "families"])
    assert table.loc[shown, "note"].str.contains(ROUNDED).all()
    assert (table.loc[shown, "note"].str.contains(NEW) == new[shown]).all()
    alike = table["note"].str.contains("taken as equally large")
    assert set(table.loc[alike, "measure"]) == {"attendances", "staff"}
    assert set(table["status"]) <= {"ok", "suppressed"}


def test_the_months_of_few_are_suppressed_and_those_of_courses_are_not() -> None:
    months = descriptive.monthly_activity(released("opensafely")).table
    hidden = months[months["status"] == "suppressed"]
    assert len(hidden)
    assert hidden["events"].isna().all()
    assert "courses" not in set(hidden["measure"])
    assert months.loc[months["status"] == "ok", "events"].notna().all()


def test_a_closed_month_is_no_suppressed_one() -> None:
    closed = Closure(start="2018-05-01", end="2018-05-31", reason="not yet open")
    study = STUDY.model_copy(update={"closures": (closed,), "disclosure": "opensafely"})
    three = Parameters.of(study, {"period_end": "2018-06-30"})
    few = replace(records_of("opensafely", 0.15), study=study).within_period(three)
    months = descriptive.monthly_activity(release(few).counts).table
    may = months[months["month"] == pd.Timestamp("2018-05-01")]
    assert set(may["status"]) == {"no_data"}
    assert may["events"].isna().all()


def test_places_are_exact_and_names_are_rounded() -> None:
    table = descriptive.training_reach(released("opensafely")).table.set_index("what")
    assert table.loc["places offered", "number"] == 676
    assert table.loc["names on the registers", "number"] == 530


def test_of_released_people_there_are_shares_where_every_part_is_shown() -> None:
    table = descriptive.staff_composition(released("opensafely"), by="role").table
    for counted in ("people", "attendances"):
        incomplete = bool(table[counted].isna().any())
        assert (table[f"{counted}_share"].isna() == (incomplete or table[counted].isna())).all()
        assert incomplete or table[f"{counted}_share"].sum() == pytest.approx(1)


def test_hours_are_not_released() -> None:
    sessions = descriptive.consultations_by_kind(released("midpoint6")).table
    assert "hours" not in sessions
    assert sessions["profession"].iloc[-1] == "all"


def test_released_gaps_have_a_share_where_both_counts_are_shown() -> None:
    table = descriptive.missing_values(released("opensafely")).table
    assert table["missing"].isna().any()
    assert (table["share"].isna() == table["missing"].isna()).all()


# --- what a service lacks, or has of its own ---------------------------------------------------


def test_a_service_without_registers_has_no_participants() -> None:
    none = counts(without(STUDY, "course_attendance"))
    why_not = "This service keeps no table of course attendance."
    assert descriptive.training_reach(none).why_not == why_not
    assert descriptive.staff_composition(none, by="role").why_not == why_not
    blank = counts(without(STUDY, "course_attendance", "organisation"))
    assert descriptive.staff_composition(blank, by="organisation").why_not == (
        "This service keeps no column organisation in its table of course attendance."
    )


def test_a_log_of_visits_is_activity_without_a_list_of_referrals() -> None:
    table = descriptive.activity(counts(without(STUDY, "families")), by="phase").table
    whole = table[(table["measure"] == "families") & (table["stratum"] == "whole period")]
    assert whole["numerator"].tolist() == [62, 62]


def test_a_service_that_counts_nothing_says_what_would_count() -> None:
    study = STUDY
    for name in ("feedback_forms", "course_attendance", "courses", "consultations",
                 "family_contacts"):  # fmt: skip
        study = without(study, name)
    why_not = (
        "This service keeps no table of courses, course attendance, consultations or "
        "family contacts."
    )
    assert descriptive.activity(counts_of(study=study), by="phase").why_not == why_not
    assert descriptive.monthly_activity(counts_of(study=study)).why_not == why_not


def test_a_measure_of_the_study_is_shown_with_the_others() -> None:
    own = {
        "online": Measure(label="online courses", rows="courses", where={"mode": ("online",)}),
        "seats": Measure(label="seats", rows="courses", kind="sum", of="places", by=()),
    }
    study = STUDY.model_copy(update={"measures": own})
    table = descriptive.activity(counts(study), by="phase").table
    online = table[table["measure"] == "online"]
    assert len(online) == 6
    assert set(online["basis"]) == {"assumed"}
    seats = table[table["measure"] == "seats"]
    assert seats["stratum"].tolist() == ["whole period"] * 2  # not counted by time
    assert seats["numerator"].tolist() == [676, 676]
    assert set(seats["method"]) == {"compound Poisson (Fay and Feuer)"}
    assert seats["note"].str.contains("seats come in whole courses, taken as equally").all()
    months = descriptive.monthly_activity(counts(study)).table
    assert "online" in set(months["measure"])
    assert "seats" not in set(months["measure"])


def test_what_is_not_recorded_in_a_table_of_the_study_is_counted() -> None:
    columns = {
        "visit": {"heading": "Visit", "kind": "identifier", "meaning": "visit"},
        "day": {"heading": "Day", "kind": "date", "meaning": "day"},
        "minutes": {
            "heading": "Length",
            "kind": "whole number",
            "meaning": "length",
            "required": False,
        },
    }
    visits = TableSource.model_validate(
        {"file": "visits.csv", "row": "one visit to the drop-in", "key": "visit", "date": "day",
         "columns": columns}
    )  # fmt: skip
    study = STUDY.model_copy(update={"tables": {**STUDY.tables, "visits": visits}})
    frame = pd.DataFrame(
        {
            "visit": ["V1", "V2", "V3"],
            "day": pd.to_datetime(["2019-05-01"] * 3),
            "minutes": pd.array([30, None, None], dtype="Int64"),
        }
    )
    table = descriptive.missing_values(count(having(records(study), visits=frame))).table
    found = table[table["table"] == "visits"]
    assert found[["column", "rows", "missing"]].to_numpy().tolist() == [["minutes", 3, 2]]
