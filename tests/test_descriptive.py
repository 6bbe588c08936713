"""Counts, rates and their calendar."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lmm.analysis import descriptive
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.showing.from_names import result_of
from lmm.showing.tables import readable
from lmm.study.declared import Closure
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)


def records(study: Study = STUDY, **given: str) -> Records:
    return Records.within(TABLES, study, Parameters.of(study, given))


@pytest.mark.parametrize("by", ["contract_year", "phase"])
def test_the_parts_add_up_to_the_whole(by: str) -> None:
    table = descriptive.activity(records(), by=by)  # type: ignore[arg-type]
    counts = table[table["quantity"] == "count"]
    for _, rows in counts.groupby("measure"):
        whole = rows[rows["stratum"] == "whole period"]["numerator"].iloc[0]
        assert rows[rows["stratum"] != "whole period"]["numerator"].sum() == whole
    whole = counts[counts["stratum"] == "whole period"].set_index("measure")["numerator"]
    assert whole.to_dict() == {
        "courses": 28, "attendances": 471, "staff": 434, "consultations": 251, "families": 62
    }  # fmt: skip


def test_a_rate_is_exact_under_ten_events_and_byars_from_ten_on() -> None:
    table = descriptive.activity(records(), by="contract_year").query("quantity != 'count'")
    methods = table.set_index(["measure", "stratum"])["method"]
    assert methods["courses", "2018/19"] == "Byar"  # 11
    assert methods["courses", "2020/21"] == "Garwood exact"  # 6
    row = table.query("measure == 'families' and stratum == 'whole period'").iloc[0]
    assert row["denominator"] == pytest.approx(34)
    assert row["estimate"] == pytest.approx(62 / 34)


def test_only_a_whole_published_window_rests_on_a_published_figure() -> None:
    table = descriptive.activity(records(), by="phase")
    published = table[table["basis"] == "published"]
    assert set(published["stratum"]) == {"whole period"}
    assert set(published["measure"]) == {"courses", "staff", "consultations", "families"}
    shorter = descriptive.activity(records(period_end="2020-12-31"), by="phase")
    assert set(shorter["basis"]) == {"assumed"}


def test_a_closed_month_has_no_value_and_an_open_one_without_activity_is_a_zero() -> None:
    closed = Closure(start="2018-05-01", end="2018-05-31", reason="not yet open")
    study = STUDY.model_copy(update={"closures": (closed,)})
    months = descriptive.monthly_activity(records(study)).set_index(["measure", "month"])
    may = months.loc[("courses", pd.Timestamp("2018-05-01"))]
    assert (may["status"], may["months_open"]) == ("no_data", 0)
    assert pd.isna(may["events"])
    august = months.loc[("courses", pd.Timestamp("2018-08-01"))]
    assert (august["status"], august["events"]) == ("ok", 0)


def test_people_and_attendances_are_told_apart() -> None:
    table = descriptive.training_reach(records()).set_index("what")
    assert table.loc["attendances", "number"] == 471
    people = table.loc["people who attended at least one course"]
    assert (people["number"], people["held_against_published"]) == (434, "yes")
    other = STUDY.model_copy(update={"staff_trained_counts": "attendances"})
    held = descriptive.training_reach(records(other)).query("held_against_published == 'yes'")
    assert held["what"].tolist() == ["attendances"]


def test_compositions_account_for_everyone() -> None:
    for by in ("role", "organisation"):
        table = descriptive.staff_composition(records(), by=by)  # type: ignore[arg-type]
        assert table["people"].sum() == 434
        assert table["attendances"].sum() == 471
        assert table[by].iloc[-1] == "not recorded"
    sessions = descriptive.consultations_by_kind(records()).set_index("profession")
    assert sessions.loc["all", "all"] == 251
    assert sessions.drop(index="all")["all"].sum() == 251


def test_missing_values_are_counted_in_optional_fields_only() -> None:
    table = descriptive.missing_values(records()).set_index(["table", "column"])
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
    table = descriptive.consultations_by_kind(records().having(consultations=sessions)).set_index(
        "profession"
    )
    assert table.loc[["health visitor", "midwife", "all"], "hours"].tolist() == [2.25, 2.25, 4.5]
    shown = readable(result_of(table.reset_index())).cells.set_index("Profession")["Hours"]
    assert shown[["health visitor", "midwife", "all"]].tolist() == ["2.3", "2.3", "4.5"]
