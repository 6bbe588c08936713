"""Comparisons between groups of respondents: the study's own, edges and figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lmm.analysis.ordinal import (
    answer_probabilities,
    comparison,
    grouped_answers,
    odds_ratios,
    proportional_odds_check,
)
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.showing.plots import ordinal as plots
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

STUDY = read_study(Path(__file__).resolve().parents[1])
OWN = Records.within(read_clean(STUDY), STUDY, Parameters.of(STUDY))

SCALE = ["very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied"]
TOPICS = ["attachment", "mind-mindedness"]
ENOUGH = {"neither": 20, "satisfied": 20, "very satisfied": 20}
NEXT = {"satisfied": 18, "very satisfied": 24}
HIGHER = "a higher answer"
EVERY_TABLE: list[Callable[[Records], pd.DataFrame]] = [
    odds_ratios,
    answer_probabilities,
    proportional_odds_check,
]


# --- helpers ---------------------------------------------------------------------------


def records_of(forms: list[tuple[str, str | None, str | None]], modes: tuple[str, ...]) -> Records:
    """Make records of (course, role, overall answer); courses alternate between the topics.

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
        }
    )
    frame = pd.DataFrame(forms, columns=["course_id", "role", "overall"], dtype="str")
    frame["form_id"] = [f"FB{n}" for n in range(len(frame))]
    return OWN.having(courses=courses, feedback_forms=frame)


def by_topic(
    first: dict[str, int], second: dict[str, int], courses: int = 12, role: str | None = None
) -> Records:
    """Deal the answers of each topic in turn to its half of the courses."""
    forms = []
    for offset, numbers in enumerate((first, second)):
        given = [answer for answer, number in numbers.items() for _ in range(number)]
        own = [f"C{n:02}" for n in range(courses) if n % 2 == offset]
        forms += [(own[place % len(own)], role, answer) for place, answer in enumerate(given)]
    return records_of(forms, ("in person", "online"))


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
    table = odds_ratios(OWN)
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
    table = odds_ratios(OWN)
    ok = table[table["status"] == "ok"]
    notes = {by: rows["note"].iloc[0] for by, rows in ok.groupby("by", sort=False)}
    assert "few courses (from the first UK lockdown on: 6)" in notes["phase"]
    assert "the groups are those of phase: the two cannot be told apart" in notes["mode"]
    assert "24 answers without a role are left out" in notes["role"]
    assert "6 comparisons, not adjusted for their number" in notes["role"]
    assert not any("the groups are those" in notes[by] for by in ("phase", "topic", "role"))


# --- counts and edges ------------------------------------------------------------------


def test_forms_are_counted_by_answer_group_and_course() -> None:
    forms = [("C00", "midwife", "satisfied")] * 2 + [("C01", None, "satisfied")]
    forms += [("C00", "midwife", "neither"), ("C00", "midwife", None)]
    found = grouped_answers(records_of(forms, ("in person",)), "role")
    assert set(found.counts.fillna("").itertuples(index=False, name=None)) == {
        ("satisfied", "midwife", "C00", 2), ("neither", "midwife", "C00", 1),
        ("satisfied", "", "C01", 1),
    }  # fmt: skip
    assert (found.scale, found.high) == (tuple(SCALE), ("satisfied", "very satisfied"))
    assert found.groups == STUDY.labels("role")
    assert (found.left_out, found.same_groups) == (1, ())


def test_the_numbers_of_a_row_are_those_of_the_comparison() -> None:
    records = by_topic(ENOUGH, {"neither": 12} | NEXT)
    ratio = only(odds_ratios(records), by="topic", outcome=HIGHER)
    assert (ratio["stratum"], ratio["against"]) == ("mind-mindedness", "attachment")
    assert (ratio["numerator"], ratio["denominator"]) == (54, 114)
    assert ratio["estimand"] == "odds ratio of a higher answer"
    found = comparison(records, "topic")
    assert found.model is not None
    assert ratio["estimate"] == pytest.approx(np.exp(found.model.parameters[0]))
    shares = answer_probabilities(records)
    shares = shares[(shares["by"] == "topic") & (shares["stratum"] == "mind-mindedness")]
    assert shares["answer"].tolist() == ["neither", "satisfied", "very satisfied"]
    assert shares["numerator"].tolist() == [12, 18, 24]
    check = only(proportional_odds_check(records), by="topic")
    assert (check["status"], check["df"], check["df_courses"]) == ("ok", 1, 11)
    narrower = dataclasses.replace(records, parameters=Parameters.of(STUDY, {"confidence": 0.8}))
    narrow = only(odds_ratios(narrower), by="topic", outcome=HIGHER)
    assert ratio["low"] < narrow["low"] < narrow["high"] < ratio["high"]


@pytest.mark.parametrize(
    ("first", "second", "courses"),
    [({}, {}, 12), (ENOUGH, {"satisfied": 20} | very(20), 12), (ENOUGH, ENOUGH, 2)],
    ids=["nobody answered", "an empty cell", "one course a group"],
)
def test_an_edge_can_be_drawn(first: dict[str, int], second: dict[str, int], courses: int) -> None:
    records = by_topic(first, second, courses)
    for make in EVERY_TABLE:
        assert_honest(make(records))
    ratios = odds_ratios(records)
    pictures = [plots.odds_ratios(ratios), plots.odds_ratios(ratios, "high satisfaction")]
    pictures += [plots.answer_probabilities(answer_probabilities(records))]
    for picture in pictures:
        assert "nan" not in picture.svg("", picture.alt)


def test_without_answers_there_is_no_data_to_check() -> None:
    assert set(proportional_odds_check(by_topic({}, {}))["status"]) == {"no_data"}


def test_one_course_in_all_is_not_estimable() -> None:
    records = records_of([("C00", None, answer) for answer in SCALE * 10], ("in person",))
    assert set(odds_ratios(records)["status"]) == {"no_data"}  # there is nobody to compare with
    found = only(proportional_odds_check(records), by="topic")
    assert (found["status"], found["note"]) == ("not_estimable", "only attachment answered")


def test_blank_answers_and_dont_know_are_no_answers() -> None:
    records = by_topic(ENOUGH, ENOUGH)
    forms = records.tables["feedback_forms"]
    more = forms.assign(overall="don't know"), forms.assign(overall=None)
    both = records.having(feedback_forms=pd.concat([forms, *more], ignore_index=True).astype("str"))
    for make in EVERY_TABLE:
        pd.testing.assert_frame_equal(make(both), make(records))


def test_a_group_that_is_not_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="role: pilot is not declared"):
        odds_ratios(by_topic(ENOUGH, ENOUGH, role="pilot"))


def test_a_study_with_one_topic_has_an_empty_comparison() -> None:
    records = by_topic(ENOUGH, {})
    vocabularies = {**STUDY.vocabularies, "topic": {"attachment": ()}}
    study = STUDY.model_copy(update={"vocabularies": vocabularies})
    table = odds_ratios(dataclasses.replace(records, study=study))
    assert "topic" not in set(table["by"])


def test_nothing_to_compare_can_be_drawn() -> None:
    table = odds_ratios(OWN).head(0)
    assert plots.odds_ratios(table).alt == "Odds ratios of a higher answer: none can be estimated."


# --- figures ---------------------------------------------------------------------------


def test_the_figures_show_values_and_say_what_has_none() -> None:
    picture = plots.odds_ratios(odds_ratios(OWN))
    svg = picture.svg("", picture.alt)
    assert "midwife against health visitor 4.21 (1.59 to 11.12)" in picture.alt
    assert picture.alt.endswith("1 of 10 have no value.")
    assert "no data" in svg
    probabilities = answer_probabilities(OWN)
    picture = plots.answer_probabilities(probabilities)
    svg = picture.svg("", picture.alt)
    assert "midwife “very satisfied” 80%" in picture.alt
    assert "the rest “neither or satisfied”" in svg
    assert "no data" in svg
    again = plots.answer_probabilities(probabilities)
    assert again.svg("", again.alt) == svg


def test_three_answers_have_a_legend_in_words() -> None:
    picture = plots.answer_probabilities(answer_probabilities(by_topic(ENOUGH, ENOUGH)))
    svg = picture.svg("", picture.alt)
    assert all(f"“{answer}”" in svg for answer in ENOUGH)
