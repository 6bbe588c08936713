"""Satisfaction and response: denominators, clustering, bounds, groups, what a percentage hides."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from gates import released_of

from lmm.analysis import roles
from lmm.analysis.response import response_rate, satisfaction_bounds
from lmm.analysis.satisfaction import (
    counts_behind_published,
    decimals,
    high_satisfaction,
    satisfaction_intervals,
)
from lmm.analysis.shares import shares
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import DESCRIBE_NOBODY, Records
from lmm.counting.count import count
from lmm.counting.counts import Counts, key
from lmm.disclosure.gate import release
from lmm.showing.tables import readable
from lmm.statistics.shares import counts_printing_as
from lmm.study.forms import Form
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters
from lmm.study.source import TableSource
from lmm.study.study import Study, read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)
PARAMETERS = Parameters.of(STUDY)
OWN = count(Records.within(TABLES, STUDY, PARAMETERS))
HIGH, LOW = "satisfied", "neither"
COURSES = pd.DataFrame(
    {
        "course_id": ["C1", "C2", "C3"],
        "topic": ["attachment", "attachment", "mind-mindedness"],
        "mode": ["in person", "online", "online"],
        "date": pd.to_datetime(["2019-06-03", "2020-06-01", "2019-05-01"]),
        "places": [20, 20, 20],
    }
)


def counted(answers: dict[str, str], came: dict[str, int], study: Study = STUDY) -> Counts:
    """Count overall answers by course, a letter each, and how many came to it, each once."""
    words = {"h": HIGH, "l": LOW, "?": "don't know", "-": None}
    given = [(course, words[x]) for course, letters in answers.items() for x in letters]
    forms = pd.DataFrame(given, columns=["course_id", "overall"], dtype="str")
    forms = forms.assign(form_id=[f"F{n}" for n in range(len(forms))], role=None)
    forms = forms.assign(content=None, trainer=None, relevance=None, pace=None)
    people = [course for course, number in came.items() for _ in range(number)]
    register = pd.DataFrame({"course_id": pd.Series(people, dtype="str")}).assign(
        staff_id=[f"S{n}" for n in range(len(people))],
        role="midwife", organisation=None, attended="yes",
    )  # fmt: skip
    tables = {"courses": COURSES, "feedback_forms": forms, "course_attendance": register}
    kept = {name: t for name, t in {**TABLES, **tables}.items() if study.keeps(name)}
    return count(Records.within(kept, study, PARAMETERS))


def under(disclosure: str) -> Study:
    return STUDY.model_copy(update={"disclosure": disclosure})


def protected(disclosure: str) -> Counts:
    return released_of(disclosure).counts


def keeping(table: str, *without: str) -> Study:
    """Give the study without some of the columns of a table, or without all of it."""
    source = STUDY.sources[table]
    given = {name: heading for name, heading in source.given.items() if name not in without}
    kept = source.model_copy(update={"given": given}) if without else "absent"
    return STUDY.model_copy(update={"tables": {**STUDY.tables, table: kept}})


# --- exact counts ------------------------------------------------------------------------


def test_the_headline_is_of_respondents_with_its_bounds_beside_it() -> None:
    table = satisfaction_bounds(OWN).table.set_index("over")
    assert table.loc["those who answered", ["numerator", "denominator"]].tolist() == [301, 304]
    people = table.loc["all people who attended"]
    assert people[["low", "high"]].tolist() == pytest.approx([301 / 434, 431 / 434])
    attendances = table.loc["all attendances"]
    assert attendances[["low", "high"]].tolist() == pytest.approx([301 / 471, 468 / 471])
    assert table["basis"].tolist() == ["published", "assumed", "assumed"]
    assert people["note"] == "if no two answers are of one person"
    assert attendances["note"] == ""


def test_the_primary_interval_is_clustered_and_the_naive_ones_say_that_they_are_not() -> None:
    table = satisfaction_intervals(OWN).table.set_index("role", append=True)
    primary = table.xs("primary", level="role").iloc[0]
    assert primary["method"] == "Korn-Graubard with CR2"
    assert table.xs("naive", level="role")["note"].tolist() == ["ignores clustering"] * 2
    assert "3 non-events" in table["note"].iloc[-1]  # the guard of the GEE fires, and says so


def test_one_course_gives_the_naive_interval_with_its_label() -> None:
    row = high_satisfaction(counted({"C1": "lhhhhhhh"}, {"C1": 8})).table.iloc[0]
    assert (row["numerator"], row["denominator"]) == (7, 8)
    assert (row["method"], row["note"]) == ("Wilson", "ignores clustering")


def test_everyone_alike_is_flagged_as_disclosive() -> None:
    row = high_satisfaction(counted({"C1": "hhhh", "C2": "hhhh"}, {})).table.iloc[0]
    assert (row["estimate"], row["high"]) == (1, 1)
    assert row["note"].endswith("disclosive: everyone gave the same answer")


def test_a_dont_know_and_a_blank_are_no_answers() -> None:
    found = counted({"C1": "hhl?-", "C2": "h?"}, {"C1": 5, "C2": 3})
    row = high_satisfaction(found).table.iloc[0]
    assert (row["numerator"], row["denominator"]) == (3, 4)
    answered = response_rate(found, by=("mode",)).table
    assert answered[["numerator", "denominator"]].to_numpy().tolist() == [
        [4, 8], [3, 5], [1, 3], [0, 0],
    ]  # fmt: skip
    assert answered["status"].tolist() == ["ok", "ok", "ok", "not_estimable"]


def test_a_later_period_reads_each_form_with_its_own_course() -> None:
    later = Records.within(TABLES, STUDY, Parameters.of(STUDY, {"period_start": "2020-04-01"}))
    table = high_satisfaction(count(later), by=("contract_year",)).table
    assert table["stratum"].tolist() == ["all", "2020/21"]
    assert table["denominator"].tolist() == table["numerator"].tolist() == [50, 50]


def test_strata_add_up_and_empty_ones_keep_their_row() -> None:
    table = high_satisfaction(OWN, by=("topic", "mode", "phase")).table
    for _, rows in table[table["by"] != "all"].groupby("by"):
        assert rows["denominator"].sum() == 304
    phone = table[table["stratum"] == "telephone"].iloc[0]
    assert (phone["status"], phone["numerator"], phone["denominator"]) == ("no_data", 0, 0)


def test_forms_without_a_role_count_in_all_alone() -> None:
    table = high_satisfaction(OWN, by=("role",)).table
    assert table["stratum"].tolist() == ["all", *STUDY.labels("role")]
    assert table["denominator"].iloc[1:].sum() == 304 - 24


def test_more_answers_than_attendances_are_no_rate() -> None:
    row = response_rate(counted({"C1": "hhh"}, {"C1": 2})).table.iloc[0]
    assert (row["status"], row["note"]) == ("not_estimable", "3 answers from 2 attendances")


def test_courses_stand_in_the_order_of_their_dates() -> None:
    found = counted({"C1": "hhhhl", "C2": "hhhhhh"}, {"C1": 5, "C2": 10, "C3": 4})
    high, answered = (
        make(found, by=("course_id",)).table.set_index("stratum")
        for make in (high_satisfaction, response_rate)
    )
    assert list(high.index) == list(answered.index) == ["all", "C3", "C1", "C2"]
    assert high["denominator"].tolist() == [11, 0, 5, 6]
    assert (high.loc["C3", "status"], high.loc["C1", "method"]) == ("no_data", "Wilson")
    assert answered["denominator"].tolist() == [19, 4, 5, 10]


def test_courses_with_few_answers_are_shown_together() -> None:
    found = counted({"C1": "hhhl", "C2": "hhhhhh", "C3": "hl"}, {"C1": 9, "C2": 9, "C3": 3})
    high, answered = (
        make(found, by=("course_id",)).table for make in (high_satisfaction, response_rate)
    )
    pooled = "2 courses with fewer than 5 answers"
    assert high["stratum"].tolist() == answered["stratum"].tolist() == ["all", "C2", pooled]
    last = high.iloc[-1]
    assert last[["numerator", "denominator", "method"]].tolist() == [4, 6, "Wilson"]
    assert answered[["numerator", "denominator"]].iloc[-1].tolist() == [6, 12]


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


def test_the_counts_behind_the_published_percentage_go_up_to_the_attendances() -> None:
    table = counts_behind_published(OWN).table
    assert table["respondents_to"].max() == 471
    assert set(table["basis"]) == {"published"}
    figures = OWN.published_figures
    other = Records.within(
        {**TABLES, "published_figures": figures[figures["figure"] != "satisfaction"]},
        STUDY, PARAMETERS,
    )  # fmt: skip
    nothing = counts_behind_published(count(other))
    assert (len(nothing.table), nothing.why_not) == (0, "")
    assert list(nothing.table) == list(table)


@pytest.mark.parametrize(
    ("declared", "printed", "expected"), [(2, "99%", 2), (None, "98.7 %", 1), (None, "99%", 0)]
)
def test_decimals_are_those_declared_or_printed(
    declared: int | None, printed: str, expected: int
) -> None:
    assert decimals({"decimals": declared, "printed": printed}) == expected


# --- what a service does not keep --------------------------------------------------------


VISITS = Form.model_validate(
    {
        "scale": {"no": [], "partly": [], "yes": []},
        "high": ["yes"],
        "overall": "useful",
        "items": {"useful": "The visit was useful"},
    }
)


def visits(answers: str, disclosure: str = "none") -> Counts:
    """Count answers to forms of another kind, a letter each, half of them before the event."""
    columns = {"form_id": "No", "date": "Day", "role": "Job", "useful": "Useful?"}
    source = TableSource.model_validate({"file": "visits.csv", "columns": columns})
    study = read_study(STUDY.folder).model_copy(
        update={
            "forms": {**STUDY.forms, "visit_forms": VISITS},
            "tables": {**STUDY.tables, "visit_forms": source},
            "disclosure": disclosure,
        }
    )
    words = {"y": "yes", "p": "partly", "n": "no"}
    days = ["2019-06-03", "2020-06-01"]
    frame = pd.DataFrame(
        {
            "form_id": [f"V{n}" for n in range(len(answers))],
            "date": pd.to_datetime([days[n % 2] for n in range(len(answers))]),
            "role": "midwife",
            "useful": [words[letter] for letter in answers],
        }
    )
    others = TABLES
    if disclosure != "none":
        others = {name: table if name in DESCRIBE_NOBODY else table.head(0)
                  for name, table in TABLES.items()}  # fmt: skip
    return release(Records.within({**others, "visit_forms": frame}, study, PARAMETERS)).counts


def test_forms_without_courses_have_their_own_date_and_no_clusters() -> None:
    found, form = visits("ypynyyyyyy"), "visit_forms"
    table = high_satisfaction(found, by=("topic", "mode", "role", "phase"), form=form).table
    assert list(dict.fromkeys(table["by"])) == ["all", "role", "phase"]
    assert table[["numerator", "denominator"]].iloc[[0, -2, -1]].to_numpy().tolist() == [
        [8, 10], [5, 5], [3, 5],
    ]  # fmt: skip
    whole = table.iloc[0]
    assert whole["estimand"] == "share of respondents with a high answer"
    assert (whole["method"], whole["note"]) == ("Wilson", "ignores clustering")
    assert whole["basis"] == "assumed"
    intervals = satisfaction_intervals(found, form=form).table
    assert intervals[["interval", "role"]].to_numpy().tolist() == [
        ["Wilson", "primary"], ["Clopper-Pearson", "naive"],
    ]  # fmt: skip
    lacking = "This service keeps no column course id in its table of visit forms."
    for absent in (
        response_rate(found, form=form),
        satisfaction_bounds(found, form=form),
        high_satisfaction(found, by=("course_id",), form=form),
    ):
        assert absent.why_not == lacking
    assert shares(found).table["measure"].iloc[-1] == "visit_forms.useful"


def test_forms_without_courses_are_released_like_any_others() -> None:
    found = visits("yyyyyyyypp" * 20, "opensafely")
    table = high_satisfaction(found, by=("phase",), form="visit_forms").table
    assert table[["numerator", "denominator"]].to_numpy().tolist() == [
        [160, 200], [80, 100], [80, 100],
    ]  # fmt: skip
    assert set(table["note"]) == {"made from the released counts; ignores clustering"}
    assert set(satisfaction_intervals(found, form="visit_forms").table["status"]) == {"ok"}


def test_without_a_register_there_is_the_share_and_no_rate() -> None:
    found = counted({"C1": "hhhhl", "C3": "hhhhh"}, {}, keeping("course_attendance"))
    table = high_satisfaction(found, by=("phase", "course_id")).table
    assert table["denominator"].tolist() == [10, 10, 0, 5, 5]
    assert table["stratum"].tolist()[-2:] == ["C3", "C1"]
    for absent in (
        response_rate(found), satisfaction_bounds(found), counts_behind_published(found)
    ):  # fmt: skip
        assert absent.why_not == "This service keeps no table of course attendance."


def test_without_forms_each_says_so() -> None:
    found = counted({}, {"C1": 4}, keeping("feedback_forms"))
    for absent in (
        high_satisfaction(found), satisfaction_intervals(found), response_rate(found),
        satisfaction_bounds(found),
    ):  # fmt: skip
        assert absent.why_not == "This service keeps no table of feedback forms."
    assert len(shares(found).table) == 0


# --- shares of any kind ------------------------------------------------------------------


def test_a_share_that_a_study_declares_is_reported_without_code() -> None:
    came = Measure(
        label="register entries of people who came", kind="share", rows="course_attendance",
        where={"attended": ("yes",)}, among={"attended": ("recorded",)},
        clustered_by="course_id", by=(("topic",), ("time",)),
    )  # fmt: skip
    study = STUDY.model_copy(update={"measures": {"came": came}})
    result = shares(count(Records.within(TABLES, study, PARAMETERS)), by=("topic", "mode"))
    table = result.table[result.table["measure"] == "came"]
    assert table["stratum"].tolist() == ["all", "attachment", "mind-mindedness"]
    assert set(table["method"]) == {"Korn-Graubard with CR2"}
    register = TABLES["course_attendance"]
    everyone = (register["attended"] == "yes").sum(), register["attended"].notna().sum()
    assert tuple(table[["numerator", "denominator"]].iloc[0]) == everyone
    assert result.column("measure") == "measure"


def test_the_studys_shares_are_those_shown_of_its_forms() -> None:
    table = shares(OWN).table
    items = [f"feedback_forms.{x}" for x in ("content", "trainer", "relevance", "pace")]
    assert table["measure"].tolist() == ["satisfaction", *items]
    assert table["basis"].tolist() == ["published"] + ["assumed"] * 4


# --- released counts ---------------------------------------------------------------------


def test_released_shares_have_wilsons_interval_and_say_so() -> None:
    table = high_satisfaction(protected("opensafely"), by=("mode", "phase")).table
    whole = table.iloc[0]
    assert whole["method"] == "Wilson"
    assert whole["note"] == "made from the released counts; ignores clustering"
    online = table[table["stratum"] == "online"].iloc[0]
    assert online["note"].startswith("all or none: it says this of each of them")
    shown = table[["numerator", "denominator"]].fillna(0)
    assert (shown % 5 == 0).all(axis=None)


def test_what_needs_finer_counts_is_suppressed_row_by_row_or_absent() -> None:
    counts = protected("opensafely")
    table = satisfaction_intervals(counts).table
    assert table["status"].tolist() == ["suppressed", "ok", "ok", "suppressed", "suppressed"]
    fine = "suppressed: it needs counts that are too fine to be released"
    assert set(table.loc[table["status"] == "suppressed", "note"]) == {fine}
    for absent, why in (
        (high_satisfaction(counts, by=("course_id",)), "the people on one course are too few"),
        (response_rate(counts, by=("course_id",)), "the people on one course are too few"),
        (counts_behind_published(counts), "it goes up to the exact number of attendances"),
    ):
        assert absent.why_not == f"Not released: {why}. See the page on disclosure."


def test_a_suppressed_count_suppresses_its_share_and_its_bounds() -> None:
    counts = protected("midpoint6")
    assert counts.high("satisfaction") is None
    high = high_satisfaction(counts).table.iloc[0]
    assert (high["status"], high["denominator"]) == ("suppressed", 303)
    assert pd.isna(high["numerator"])
    assert set(satisfaction_bounds(counts).table["status"]) == {"suppressed"}
    assert response_rate(counts).table["status"].tolist() == ["ok"]


def test_counts_that_were_rounded_apart_give_no_rate_and_no_bounds() -> None:
    counts = protected("opensafely")
    apart = {key("attendances"): 300, key("staff"): 305}
    counts = counts.showing({**counts.numbers, **apart})
    rate = response_rate(counts).table.iloc[0]
    assert (rate["status"], rate["numerator"], rate["denominator"]) == ("suppressed", 305, 300)
    bounds = satisfaction_bounds(counts).table
    assert bounds["status"].tolist() == ["ok", "suppressed", "ok"]


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_rows_do_not_depend_on_what_is_suppressed(disclosure: str) -> None:
    groups = ("topic", "mode", "role", "phase", "contract_year")
    for make in (high_satisfaction, response_rate):
        open_, shown = (make(c, by=groups).table for c in (OWN, protected(disclosure)))
        pd.testing.assert_frame_equal(open_[["by", "stratum"]], shown[["by", "stratum"]])


def test_shares_are_shown_in_percent() -> None:
    found = shares(OWN)
    assert found.roles["estimate"] == roles.estimated_share()
    cells = readable(found).plain("Shares")
    assert "%" in cells
