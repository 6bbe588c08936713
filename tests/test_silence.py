"""What silence could change: answers weighted as those who came, and where the headline tips."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
from gates import released_of
from hypothesis import strategies as st
from test_satisfaction import OWN, counted, keeping
from test_satisfaction import STUDY as OURS

from lmm.analysis.silence import UNWEIGHTED, reweighted, tipping_points
from lmm.showing import plots
from lmm.statistics.raking import Weighted, raked, weighted_share

R = pd.read_csv(Path(__file__).parent / "reference/silence_expected.csv")
ROLES = ["midwife", "nurse", "worker"]
ANSWERS = np.array([[5, 3, 4], [2, 6, 1], [7, 1, 3], [4, 2, 0]])
HIGH = np.array([[5, 2, 4], [2, 5, 1], [6, 1, 2], [4, 1, 0]])
COURSES, BY_ROLE = np.array([15.0, 20.0, 14.0, 11.0]), np.array([22.0, 24.0, 14.0])


def weighted() -> Weighted:
    weights = raked(ANSWERS.astype(float), COURSES, BY_ROLE)
    assert weights is not None
    return Weighted(HIGH, ANSWERS, weights)


def test_raking_is_that_of_r() -> None:
    found = weighted()
    cells = R[R["quantity"] == "weight"]
    places = [("abcd".index(row.course), ROLES.index(row.role)) for row in cells.itertuples()]
    given = [found.weights[place] for place in places]
    assert given == pytest.approx(cells["value"].tolist(), rel=1e-9)
    rest = R[R["course"].isna()].set_index("quantity")["value"]
    assert found.share == pytest.approx(rest["share"], rel=1e-9)
    assert found.design_effect == pytest.approx(rest["design effect"], rel=1e-9)


@hypothesis.given(st.lists(st.integers(1, 30), min_size=12, max_size=12), st.floats(0.2, 5))
def test_weighted_answers_have_the_margins_of_those_who_came(
    cells: list[int], times: float
) -> None:
    answers = np.array(cells, "float64").reshape(4, 3)
    rows = answers.sum(axis=1) * np.array([1, times, 2, 1])
    columns = answers.sum(axis=0) * np.array([times, 1, 1])
    columns = columns * rows.sum() / columns.sum()
    weights = raked(answers, rows, columns)
    assert weights is not None
    assert (weights * answers).sum(axis=1) == pytest.approx(rows)
    assert (weights * answers).sum(axis=0) == pytest.approx(columns)


def test_no_weights_do_what_cannot_be() -> None:
    """Everybody of the first course has one role, which makes up less than the course."""
    answers = np.array([[3.0, 0.0], [1.0, 4.0]])
    assert raked(answers, np.array([9.0, 1.0]), np.array([1.0, 9.0])) is None


def test_where_all_have_one_weight_it_is_the_share_of_the_clusters() -> None:
    one = Weighted(HIGH, ANSWERS, np.full((4, 3), 2.5))
    assert one.design_effect == pytest.approx(1)
    found = weighted_share("x", one, 0.95, "assumed")
    assert found.estimate == pytest.approx(HIGH.sum() / ANSWERS.sum())


def test_one_course_or_no_answers_have_no_weighted_share() -> None:
    one = Weighted(HIGH[:1], ANSWERS[:1], np.ones((1, 3)))
    assert weighted_share("x", one, 0.95, "assumed").status == "not_estimable"
    result = reweighted(counted({}, {"C1": 5, "C2": 4})).table
    assert set(result["status"]) == {"no_data"}


def test_courses_stand_for_those_who_came_to_them() -> None:
    """C1 answered in full and well; of C2 half answered, half of them well; C3 is silent.

    C2 and C3 were online: of 24 attendances there, C2's answers stand for all.
    """
    counts = counted({"C1": "h" * 10, "C2": "hhhlll"}, {"C1": 10, "C2": 12, "C3": 12})
    found = reweighted(counts).table.set_index("weighted_by")
    assert found.loc[UNWEIGHTED, "estimate"] == pytest.approx(13 / 16)
    row = found.loc["course and mode"]
    assert row["estimate"] == pytest.approx((10 + 24 / 2) / 34)
    assert (row["numerator"], row["denominator"]) == (13, 16)
    assert row["low"] < row["estimate"] < row["high"]


def test_a_course_with_more_answers_than_attendances_weighs_as_much_as_its_answers() -> None:
    """Of two courses online, one has four answers from one attendance, and one six from six."""
    counts = counted({"C2": "hhhh", "C3": "hhhlll"}, {"C2": 1, "C3": 6})
    row = reweighted(counts).table.set_index("weighted_by").loc["course and mode"]
    assert row["estimate"] == pytest.approx((4 + 6 / 2) / 10)


def test_attendances_that_nobody_speaks_for_are_named() -> None:
    found = reweighted(counted({"C1": "hhhhl"}, {"C1": 10, "C2": 7})).table
    row = found.set_index("weighted_by").loc["course and mode"]
    assert row["status"] == "not_estimable"  # one course
    both = counted({"C2": "hhhhl", "C3": "hhhl"}, {"C1": 9, "C2": 10, "C3": 7})
    found = reweighted(both).table.set_index("weighted_by")
    assert "9 attendances in person brought no answer" in found.loc["course and mode", "note"]


def test_answers_weighted_as_those_who_came_are_given_for_the_study() -> None:
    found = reweighted(OWN).table
    assert found["weighted_by"].tolist() == [
        UNWEIGHTED, "course and mode", "course, mode and role",
    ]  # fmt: skip
    assert set(found["status"]) == {"ok"}
    wide = found["high"] - found["low"]
    assert wide.iloc[1] > wide.iloc[0]  # weights cost something


def test_behind_the_gate_courses_are_too_fine_to_weight_by() -> None:
    found = reweighted(released_of("opensafely").counts).table.set_index("weighted_by")
    assert found.loc[UNWEIGHTED, "status"] == "ok"
    assert set(found["status"].drop(UNWEIGHTED)) == {"suppressed"}
    tips = tipping_points(released_of("opensafely").counts).table
    assert set(tips["note"]) == {"made from the released counts"}


def test_without_a_register_or_courses_there_is_no_word_of_silence() -> None:
    for study in (keeping("course_attendance"),):
        counts = counted({"C1": "hh", "C2": "hl"}, {}, study)
        assert "keeps no" in reweighted(counts).why_not
        assert "keeps no" in tipping_points(counts).why_not


# --- where it tips ---------------------------------------------------------------------------


def tips(answers: dict[str, str], came: dict[str, int]) -> pd.DataFrame:
    return tipping_points(counted(answers, came)).table.query("over == 'all attendances'")


def test_how_many_of_the_silent_are_needed() -> None:
    """18 of 20 answers are high and 20 said nothing: 38 of 40 for 95 %, 34 for 85 %."""
    found = tips({"C1": "h" * 18 + "ll"}, {"C1": 40}).set_index("rating")
    assert found["needed"].to_dict() == {"green": 20, "red": 16}
    assert found["share_needed"].to_dict() == {"green": 1.0, "red": 0.8}
    assert found.loc["red", "said"] == (
        "below it if fewer than 16 of the 20 silent are high (80%; of those who answered 90.0% are)"
    )


@pytest.mark.parametrize(
    ("answers", "came", "said"),
    [
        ("h" * 17 + "lll", 40, "below it, whatever the silent would have said"),
        ("h" * 20, 20, "never below it, whatever the silent would have said"),
        ("h" * 20, 21, "never below it, whatever the silent would have said"),
    ],
)
def test_a_cut_off_may_be_out_of_reach_or_safe(answers: str, came: int, said: str) -> None:
    found = tips({"C1": answers}, {"C1": came}).set_index("rating")
    assert found.loc["green", "said"] == said
    assert pd.isna(found.loc["green", "share_needed"]) == (came == 20 or "l" in answers)


@hypothesis.settings(deadline=None, max_examples=20)
@hypothesis.given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60))
@pytest.mark.slow
def test_one_fewer_and_the_share_over_all_is_below(high: int, low: int, silent: int) -> None:
    found = tips({"C1": "h" * high + "l" * low}, {"C1": high + low + silent})
    for row in found.to_dict("records"):
        everyone = high + low + silent
        assert (high + row["needed"]) / everyone >= row["cut_off"] - 1e-9
        if row["needed"]:
            assert (high + row["needed"] - 1) / everyone < row["cut_off"]


def test_the_tipping_points_are_drawn_and_told() -> None:
    picture = plots.tipping(tipping_points(OWN))
    assert "below the green cut-off of 95% if fewer than 147 of the" in picture.finding
    (axes,) = picture.figure.axes
    texts = [text.get_text() for text in axes.texts]
    assert {"green from\n95%", "red below\n85%", "of those who answered: 99.0%"} <= set(texts)


def test_without_targets_nothing_tips() -> None:
    without = OURS.model_copy(update={"tables": {**OURS.tables, "targets": "absent"}})
    counts = replace(counted({"C1": "hh"}, {"C1": 4}), study=without)
    assert tipping_points(counts).why_not == "This service keeps no table of targets."
    none = replace(OWN, targets=OWN.targets.query("indicator != 'satisfaction'"))
    assert tipping_points(none).why_not == "No target of this share declares a cut-off."
