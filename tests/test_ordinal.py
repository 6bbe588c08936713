"""Comparisons between groups of respondents: the study's own, edges and figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gates import having, released_of
from scipy import stats

from lmm.analysis import ordinal
from lmm.analysis.ordinal import (
    answer_probabilities,
    comparison,
    global_tests,
    grouped_answers,
    odds_ratios,
    proportional_odds_check,
)
from lmm.analysis.predictors import PREDICTORS, Predictor, cramers_v, like_groups
from lmm.analysis.result import Result
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.showing import plots
from lmm.statistics.estimate import Status
from lmm.statistics.group_odds import FTest
from lmm.statistics.ordinal import Comparison
from lmm.study.forms import MAIN_FORM
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
TABLES = read_clean(STUDY)
OWN = count(Records.within(TABLES, STUDY, Parameters.of(STUDY)))

SCALE = ["very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied"]
TOPICS = ["attachment", "mind-mindedness"]
ENOUGH = {"neither": 20, "satisfied": 20, "very satisfied": 20}
NEXT = {"satisfied": 18, "very satisfied": 24}
HIGHER = "a higher answer"
EVERY_TABLE: list[Callable[[Counts], Result]] = [
    odds_ratios,
    answer_probabilities,
    proportional_odds_check,
    global_tests,
]


# --- helpers ---------------------------------------------------------------------------


Forms = list[tuple[str, str | None, str | None]]
ALL_IN_PERSON = ("in person",)


def counts_of(
    forms: Forms, modes: tuple[str, ...], study: Study = STUDY, confidence: float = 0.95
) -> Counts:
    """Count forms of (course, role, overall answer); courses alternate between the topics.

    Courses are named C00, C01 and so on, C00 to C05 before the event; of two modes the second
    is that of the later ones.
    """
    names = sorted({course for course, _, _ in forms}) or ["C00"]
    later = [int(name[1:]) >= 6 for name in names]
    courses = pd.DataFrame(
        {
            "course_id": names,
            "topic": [TOPICS[int(name[1:]) % 2] for name in names],
            "mode": [modes[late] if len(modes) > 1 else modes[0] for late in later],
            "date": pd.to_datetime(["2020-06-01" if late else "2019-06-01" for late in later]),
            "places": 20,
        }
    )
    frame = pd.DataFrame(forms, columns=["course_id", "role", "overall"], dtype="str")
    frame = frame.assign(content=None, trainer=None, relevance=None, pace=None)
    frame["form_id"] = [f"FB{n}" for n in range(len(frame))]
    register = TABLES["course_attendance"].head(0)
    parameters = Parameters.of(study, {"confidence": confidence})
    records = Records.within(TABLES, study, parameters)
    tables = {"courses": courses, "feedback_forms": frame, "course_attendance": register}
    return count(having(records, **tables))


def by_topic(first: dict[str, int], second: dict[str, int], courses: int = 12) -> Forms:
    """Deal the answers of each topic in turn to its half of the courses."""
    forms: Forms = []
    for offset, numbers in enumerate((first, second)):
        given = [answer for answer, number in numbers.items() for _ in range(number)]
        own = [f"C{n:02}" for n in range(courses) if n % 2 == offset]
        forms += [(own[place % len(own)], None, answer) for place, answer in enumerate(given)]
    return forms


def counted(*given: Any, **options: Any) -> Counts:
    """Count what `by_topic` deals; courses are online from the event on."""
    return counts_of(by_topic(*given), ("in person", "online"), **options)


def very(number: int) -> dict[str, int]:
    return {"very satisfied": number}


def only(table: pd.DataFrame, **strata: str) -> dict[str, Any]:
    for name, value in strata.items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records")
    return {str(name): value for name, value in row.items()}


def assert_honest(table: pd.DataFrame) -> None:
    """Every row has a value and finite limits around it, or none and a reason."""
    for row in table.to_dict("records"):
        values = [row[name] for name in ("low", "estimate", "high", "p_value") if name in row]
        if row["status"] == "ok":
            assert np.all(np.isfinite(values))
            assert values == sorted(values)
        else:
            assert np.all(np.isnan(values))
            assert row["note"]


# --- the study's own records -----------------------------------------------------------


def test_own_records_tell_very_satisfied_from_less_but_not_high_from_not_high() -> None:
    table = odds_ratios(OWN).table
    assert_honest(table)
    assert len(table) == 2 * (1 + 1 + 2 + 6)
    high = table[table["outcome"] == "high satisfaction"]
    assert set(high["status"]) == {"not_estimable", "no_data"}
    row = only(high, by="topic")
    assert row["note"] == "not high: 3 answers, and 5 are needed"
    answers = table[table["outcome"] == HIGHER]
    assert set(answers.loc[answers["stratum"] != "telephone", "status"]) == {"ok"}
    assert answers["high"].max() < 20
    assert only(answers, stratum="telephone")["status"] == "no_data"


def test_the_cautions_are_in_the_note() -> None:
    table = odds_ratios(OWN).table
    ok = table[table["status"] == "ok"]
    notes = {by: rows["note"].iloc[0] for by, rows in ok.groupby("by", sort=False)}
    assert "few courses (from the first UK lockdown on: 6)" in notes["phase"]
    assert "the groups are those of phase: the two cannot be told apart" in notes["mode"]
    assert "24 answers without a role are left out" in notes["role"]
    assert "6 comparisons, not adjusted for their number" in notes["role"]
    assert not any("the groups are those" in notes[by] for by in ("phase", "topic", "role"))


# --- counts and edges ------------------------------------------------------------------


def test_forms_are_counted_by_answer_group_and_course() -> None:
    forms: Forms = [("C00", "midwife", "satisfied")] * 2 + [("C01", None, "satisfied")]
    forms += [("C00", "midwife", "neither"), ("C00", "midwife", None)]
    found = grouped_answers(counts_of(forms, ALL_IN_PERSON), "role")
    assert set(found.counts.fillna("").itertuples(index=False, name=None)) == {
        ("satisfied", "midwife", "C00", 2), ("neither", "midwife", "C00", 1),
        ("satisfied", "", "C01", 1),
    }  # fmt: skip
    assert (found.scale, found.high) == (tuple(SCALE), ("satisfied", "very satisfied"))
    assert found.groups == STUDY.labels("role")
    assert (found.left_out, found.same_groups) == (1, ())


def test_the_numbers_of_a_row_are_those_of_the_comparison() -> None:
    given = by_topic(ENOUGH, {"neither": 12} | NEXT)
    counts = counts_of(given, ALL_IN_PERSON)
    ratio = only(odds_ratios(counts).table, by="topic", outcome=HIGHER)
    assert (ratio["stratum"], ratio["against"]) == ("mind-mindedness", "attachment")
    assert (ratio["numerator"], ratio["denominator"]) == (54, 114)
    assert ratio["estimand"] == "odds ratio of a higher answer"
    found = comparison(counts, "topic")
    assert found.model is not None
    assert ratio["estimate"] == pytest.approx(np.exp(found.model.parameters[0]))
    shares = answer_probabilities(counts).table
    shares = shares[(shares["by"] == "topic") & (shares["stratum"] == "mind-mindedness")]
    assert shares["answer"].tolist() == ["neither", "satisfied", "very satisfied"]
    assert shares["numerator"].tolist() == [12, 18, 24]
    check = only(proportional_odds_check(counts).table, by="topic")
    assert (check["status"], check["df"], check["df_courses"]) == ("ok", 1, 11)
    narrower = counts_of(given, ALL_IN_PERSON, confidence=0.8)
    narrow = only(odds_ratios(narrower).table, by="topic", outcome=HIGHER)
    assert ratio["low"] < narrow["low"] < narrow["high"] < ratio["high"]


@pytest.mark.parametrize(
    ("first", "second", "courses"),
    [({}, {}, 12), (ENOUGH, {"satisfied": 20} | very(20), 12), (ENOUGH, ENOUGH, 2)],
    ids=["nobody answered", "an empty cell", "one course a group"],
)
def test_an_edge_can_be_drawn(first: dict[str, int], second: dict[str, int], courses: int) -> None:
    counts = counted(first, second, courses)
    for make in EVERY_TABLE:
        assert_honest(make(counts).table)
    ratios = odds_ratios(counts)
    pictures = [plots.odds_ratios(ratios)]
    pictures += [plots.answer_probabilities(answer_probabilities(counts))]
    for picture in pictures:
        assert "nan" not in picture.svg("", picture.alt)


def test_without_answers_there_is_no_data_to_check() -> None:
    assert set(proportional_odds_check(counted({}, {})).table["status"]) == {"no_data"}


def test_one_course_in_all_is_not_estimable() -> None:
    counts = counts_of([("C00", None, answer) for answer in SCALE * 10], ALL_IN_PERSON)
    assert set(odds_ratios(counts).table["status"]) == {
        "no_data"
    }  # there is nobody to compare with
    found = only(proportional_odds_check(counts).table, by="topic")
    assert (found["status"], found["note"]) == ("not_estimable", "only attachment answered")


def test_blank_answers_and_dont_know_are_no_answers() -> None:
    forms = by_topic(ENOUGH, ENOUGH)
    more = [(course, role, answer) for course, role, _ in forms for answer in ("don't know", None)]
    both, alone = (counts_of(given, ALL_IN_PERSON) for given in (forms + more, forms))
    for make in EVERY_TABLE:
        pd.testing.assert_frame_equal(make(both).table, make(alone).table)


def test_a_study_with_one_topic_has_an_empty_comparison() -> None:
    vocabularies = {**STUDY.vocabularies, "topic": {"attachment": ()}}
    study = read_study(STUDY.folder).model_copy(update={"vocabularies": vocabularies})
    table = odds_ratios(counted(ENOUGH, {}, study=study)).table
    assert "topic" not in set(table["by"])


@pytest.mark.parametrize(
    ("modes", "roles", "same"),
    [
        (("in person", "online"), (None, None), {"mode": ("phase",), "topic": (), "role": ()}),
        (ALL_IN_PERSON, ("midwife", "nurse"), {"mode": (), "topic": (), "role": ("topic",)}),
        (ALL_IN_PERSON, ("midwife", None), {"mode": (), "topic": (), "role": ()}),
    ],
    ids=["online from the event on", "a role a topic", "some without a role"],
)
def test_predictors_that_part_the_answers_alike_are_named(
    modes: tuple[str, ...], roles: tuple[str | None, ...], same: dict[Predictor, tuple[str, ...]]
) -> None:
    forms = by_topic(ENOUGH, ENOUGH)
    counts = counts_of([(c, roles[int(c[1:]) % 2], answer) for c, _, answer in forms], modes)
    found = {by: grouped_answers(counts, by).same_groups for by in PREDICTORS}
    assert found == {"phase": (), **same}
    assert {like_groups(counts, by, MAIN_FORM) for by in PREDICTORS} == {()}


def test_how_nearly_predictors_part_the_answers_alike_is_cramers_v() -> None:
    """Twelve courses of four answers: midwives on five of the six before the event only."""
    table = pd.DataFrame({"midwife": [20, 0], "nurse": [4, 24]})
    chi = stats.chi2_contingency(table, correction=False).statistic
    forms = [
        (f"C{n:02}", "midwife" if n < 5 else "nurse", answer)
        for n in range(12)
        for answer in ("satisfied", "neither") * 2
    ]
    counts = counts_of(forms, ALL_IN_PERSON)
    found = cramers_v(counts, "phase", MAIN_FORM)
    assert found == {"topic": pytest.approx(0), "role": pytest.approx(np.sqrt(chi / 48))}
    assert like_groups(counts, "role", MAIN_FORM) == (("phase", pytest.approx(found["role"])),)
    assert cramers_v(counts, "mode", MAIN_FORM) == {}


def test_each_predictor_is_tested_and_adjusted_for_the_others() -> None:
    table = global_tests(OWN).table.set_index("by")
    known = table[table["status"] == "ok"]
    assert list(table.index) == list(PREDICTORS)
    assert len(known) > 1
    ordered = known.sort_values("p_value")
    factor = np.arange(len(ordered), 0, -1)
    holm = np.minimum(np.maximum.accumulate(ordered["p_value"] * factor), 1)
    assert ordered["p_holm"].tolist() == pytest.approx(holm.tolist())
    assert table.loc["phase", "like"] == "mode (Cramer's V 1.00)"
    assert table.loc[table["status"] != "ok", "p_holm"].isna().all()


def test_the_correction_is_that_of_holm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of .01, .04 and .03: three times the least, twice the next, and no less for the last."""
    given = iter([0.01, 0.04, None, 0.03])

    def tested(found: Comparison) -> FTest:
        p = next(given)
        status: Status = "not_estimable" if p is None else "ok"
        return FTest(p, 1, 9.0, p, "F", status, "assumed", "")

    monkeypatch.setattr(ordinal, "compare_all", tested)
    adjusted = global_tests(OWN).table["p_holm"]
    assert adjusted.dropna().tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert adjusted.isna().tolist() == [False, False, True, False]


# --- what is not kept, and what is not released ------------------------------------------


def without(column: str) -> Study:
    """Give the study without a column of its forms."""
    source = STUDY.sources["feedback_forms"]
    given = {name: heading for name, heading in source.given.items() if name != column}
    kept = source.model_copy(update={"given": given})
    return STUDY.model_copy(update={"tables": {**STUDY.tables, "feedback_forms": kept}})


def test_forms_that_do_not_name_their_course_are_not_compared() -> None:
    study = without("course_id")
    counts = counted(ENOUGH, ENOUGH, study=study)
    for make in EVERY_TABLE:
        lacking = "This service keeps no column course id in its table of feedback forms."
        assert make(counts).why_not == lacking


def test_a_predictor_that_is_not_kept_is_left_out() -> None:
    study = without("role")
    table = proportional_odds_check(counted(ENOUGH, ENOUGH, study=study)).table
    assert table["by"].tolist() == ["phase", "topic", "mode"]


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_no_model_of_protected_counts(disclosure: str) -> None:
    counts = released_of(disclosure).counts
    for make in EVERY_TABLE:
        assert make(counts).why_not.startswith("Not released: a fitted model can give single")


def test_nothing_to_compare_can_be_drawn() -> None:
    found = odds_ratios(OWN)
    nothing = found.with_table(found.table.head(0))
    assert plots.odds_ratios(nothing).finding == (
        "No group can be compared by a model: the reasons stand in the table."
    )


# --- figures ---------------------------------------------------------------------------


def test_the_figures_show_values_and_say_what_has_none() -> None:
    picture = plots.odds_ratios(odds_ratios(OWN))
    svg = picture.svg("", picture.alt)
    assert "midwife against health visitor, 4.2 (95% interval 1.5 to 11.6)" in picture.finding
    assert ">midwife (n = 41)</text>" in svg
    assert "telephone" not in svg  # nobody answered of it
    probabilities = answer_probabilities(OWN)
    picture = plots.answer_probabilities(probabilities)
    svg = picture.svg("", picture.alt)
    assert "80% (63 to 91%) for midwife" in picture.finding
    assert "The rest: “neither or satisfied”." in picture.caption
    assert ">“very satisfied”</text>" in svg
    assert "telephone" not in svg
    again = plots.answer_probabilities(probabilities)
    assert again.svg("", again.alt) == svg


def test_three_answers_have_a_legend_in_words() -> None:
    picture = plots.answer_probabilities(answer_probabilities(counted(ENOUGH, ENOUGH)))
    svg = picture.svg("", picture.alt)
    assert all(f"“{answer}”" in svg for answer in ENOUGH)
