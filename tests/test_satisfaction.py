"""Satisfaction: denominators, clustering, bounds, what a rounded percentage hides."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lmm.analysis import measures, satisfaction
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.statistics.shares import counts_printing_as
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)
OWN = Records.within(TABLES, STUDY, Parameters.of(STUDY))


def forms(*rows: tuple[str, bool, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["course_id", "answered", "high"])


def test_the_headline_is_of_respondents_with_its_bounds_beside_it() -> None:
    table = satisfaction.satisfaction_bounds(OWN).set_index("over")
    assert table.loc["those who answered", ["numerator", "denominator"]].tolist() == [301, 304]
    people = table.loc["all people who attended"]
    assert people[["low", "high"]].tolist() == pytest.approx([301 / 434, 431 / 434])
    attendances = table.loc["all attendances"]
    assert attendances[["low", "high"]].tolist() == pytest.approx([301 / 471, 468 / 471])


def test_the_primary_interval_is_clustered_and_the_naive_ones_say_that_they_are_not() -> None:
    table = satisfaction.satisfaction_intervals(OWN).set_index("role", append=True)
    primary = table.xs("primary", level="role").iloc[0]
    assert primary["method"] == "Korn-Graubard"
    assert table.xs("naive", level="role")["note"].str.contains("ignores clustering").all()
    assert "3 non-events" in table["note"].iloc[-1]  # the guard of the GEE fires, and says so


def test_one_course_gives_the_naive_interval_with_its_label() -> None:
    rows = [("C01", True, i > 0) for i in range(8)]
    estimate = measures.high_share(forms(*rows), 0.95, "assumed")
    assert estimate.method == "Wilson"
    assert "ignores clustering" in estimate.note


def test_everyone_alike_is_flagged_as_disclosive() -> None:
    rows = [(f"C{i % 2}", True, True) for i in range(8)]
    estimate = measures.high_share(forms(*rows), 0.95, "assumed")
    assert (estimate.estimate, estimate.high) == (1, 1)
    assert "disclosive" in estimate.note


def test_a_dont_know_and_a_blank_are_no_answers() -> None:
    answers = measures.answers(OWN)
    overall = answers["overall"]
    assert not answers.loc[overall.isna() | (overall == "don't know"), "answered"].any()
    assert answers["answered"].sum() == 304
    assert len(answers) == 312


def test_a_later_period_reads_each_form_with_its_own_course() -> None:
    later = Records.within(TABLES, STUDY, Parameters.of(STUDY, {"period_start": "2020-04-01"}))
    answers = measures.answers(later)
    assert set(answers["contract_year"]) == {"2020/21"}
    assert (answers["answered"].sum(), answers["high"].sum()) == (50, 50)


def test_strata_add_up_and_empty_ones_keep_their_row() -> None:
    table = satisfaction.high_satisfaction(OWN, by=("topic", "mode", "phase"))
    for _, rows in table[table["by"] != "all"].groupby("by"):
        assert rows["denominator"].sum() == 304
    phone = table[table["stratum"] == "telephone"].iloc[0]
    assert (phone["status"], phone["numerator"], phone["denominator"]) == ("no_data", 0, 0)


def test_courses_with_few_answers_are_shown_together() -> None:
    few = TABLES["feedback_forms"].groupby("course_id").head(3)
    some = TABLES["feedback_forms"]
    thin = some["course_id"].isin(["C01", "C02", "C03"])
    tables = {**TABLES, "feedback_forms": pd.concat([some[~thin], few[few["course_id"].isin(
        ["C01", "C02", "C03"])]])}  # fmt: skip
    records = Records.within(tables, STUDY, Parameters.of(STUDY))
    table = satisfaction.high_satisfaction(records, by=("course_id",))
    assert table["stratum"].iloc[-1] == "4 courses with fewer than 5 answers"
    assert not table["stratum"].isin(["C01", "C02", "C03"]).any()
    assert table["denominator"].iloc[1:].sum() == table["denominator"].iloc[0]


def test_every_count_that_prints_as_a_percentage_is_listed() -> None:
    table = counts_printing_as(99, 0, 434)
    listed = {
        (n - row.failures, n)
        for row in table.itertuples()
        for n in range(row.of_from, row.of_to + 1)
    }
    every = {
        (k, n)
        for n in range(1, 435)
        for k in range(n + 1)
        if (200 * k + n) // (2 * n) == 99  # rounding half up, in whole numbers
    }
    assert listed == every
    assert {k for k, n in listed if n == 434} == {428, 429, 430, 431}


def test_the_item_distribution_accounts_for_every_form() -> None:
    table = satisfaction.item_distribution(OWN)
    for _, rows in table.groupby("item"):
        assert rows["number"].sum() == rows["answered"].iloc[0]
        assert rows[["answered", "dont_know", "missing"]].iloc[0].sum() == 312
