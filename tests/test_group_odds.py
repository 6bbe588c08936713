"""Comparisons of groups from counts: intervals, merging, notes and every edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import logit

from lmm.statistics import ordinal, proportional_odds
from lmm.statistics.answer_scale import merge_rare
from lmm.statistics.estimate import Estimate
from lmm.statistics.group_odds import (
    check_proportional_odds,
    compare_all,
    odds_ratio,
    probability,
)
from lmm.statistics.grouped_answers import GroupedAnswers
from lmm.statistics.ordinal import Comparison, compare

SCALE = ("very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied")
HIGH = SCALE[3:]
ENOUGH = {"neither": 20, "satisfied": 20, "very satisfied": 20}
NEXT = {"satisfied": 18, "very satisfied": 24}
Row = tuple[str, str | None, int, int]


def grouped(rows: Iterable[Row], groups: tuple[str, ...], **more: Any) -> GroupedAnswers:
    counts = pd.DataFrame(list(rows), columns=["answer", "group", "cluster", "n"])
    return GroupedAnswers(counts, SCALE, HIGH, groups, "role", "course", **more)


def dealt(numbers: dict[str, int], group: str | None, clusters: range) -> list[Row]:
    """Deal answers one by one to clusters in turn."""
    given = [answer for answer, number in numbers.items() for _ in range(number)]
    return [(answer, group, clusters[n % len(clusters)], 1) for n, answer in enumerate(given)]


def two_groups(first: dict[str, int], second: dict[str, int], clusters: int = 12) -> GroupedAnswers:
    """Deal the answers of each group in turn to its half of the clusters."""
    rows = dealt(first, "first", range(0, clusters, 2)) + dealt(
        second, "second", range(1, clusters, 2)
    )
    return grouped(rows, ("first", "second"))


def compared(answers: GroupedAnswers, confidence: float = 0.95, **options: bool) -> Comparison:
    return compare(answers, confidence, "assumed", **options)


def very(number: int) -> dict[str, int]:
    return {"very satisfied": number}


def ratio(answers: GroupedAnswers, **options: Any) -> Estimate:
    return odds_ratio("ratio", compared(answers, **options), "second")


# --- intervals -------------------------------------------------------------------------------


def test_a_count_is_so_many_answers() -> None:
    one_by_one = two_groups(ENOUGH, {"neither": 12} | NEXT)
    counts = one_by_one.counts.groupby(["answer", "group", "cluster"])["n"].sum().reset_index()
    counts = counts.sample(frac=1, random_state=1)
    more = pd.DataFrame([("neither", "first", 99, 0)], columns=counts.columns)
    counts = pd.concat([counts, more])
    answers = GroupedAnswers(counts, SCALE, HIGH, one_by_one.groups, "role", "course")
    assert asdict(ratio(answers)) == pytest.approx(asdict(ratio(one_by_one)))
    assert ratio(answers).status == "ok"


@pytest.mark.parametrize("confidence", [0.95, 0.8])
def test_the_interval_is_of_student_t_with_satterthwaites_df(confidence: float) -> None:
    rng = np.random.default_rng(20200323)
    odds = np.array([[1, 2, 6], [2, 3, 4]]) / 9  # each cluster repeats itself
    rows = [
        (answer, ("first", "second")[cluster % 2], cluster, 4)
        for cluster in range(28)
        for answer in rng.choice(SCALE[2:], size=3, p=odds[cluster % 2])
    ]
    found = compared(grouped(rows, ("first", "second")), confidence)
    assert found.model is not None
    estimate = odds_ratio("ratio", found, "second")
    assert estimate.method == "proportional odds, clustered on course"
    error = np.sqrt(found.model.clustered[0, 0])
    reach = np.log(estimate.high / estimate.estimate) / error  # type: ignore[operator]
    df = found.model.clusters.df(found.model.log_odds_ratio(1)[1])
    assert 24 < df <= 26  # 28 clusters of one size, 14 a group
    assert reach == pytest.approx(stats.t.ppf((1 + confidence) / 2, df), abs=1e-9)


def test_clusters_that_are_all_alike_do_not_make_an_interval_narrow() -> None:
    # six clusters a group, each with the same answers: the clustered error is nil
    answers = two_groups({"satisfied": 12, "very satisfied": 18}, {"satisfied": 6} | very(24))
    model = compared(answers).model
    assert model is not None
    assert np.sqrt(model.clustered[0, 0]) < 1e-6
    found = ratio(answers)
    error = np.sqrt(1 / 12 + 1 / 18 + 1 / 6 + 1 / 24)
    assert found.method == "logistic (two answers), model-based: clustering adds nothing"
    assert (found.numerator, found.denominator) == (30, 60)
    one, other = 1 / 12 + 1 / 18, 1 / 6 + 1 / 24
    welch = (one + other) ** 2 / (one**2 / 5 + other**2 / 5)
    value, reach = (24 / 6) / (18 / 12), stats.t.ppf(0.975, welch) * error
    assert (found.estimate, found.low, found.high) == pytest.approx(
        (value, value * np.exp(-reach), value * np.exp(reach)), abs=1e-10
    )


def test_predicted_probabilities_add_up_and_two_answers_are_the_observed_shares() -> None:
    three = compared(two_groups({"neither": 10} | NEXT, {"neither": 12} | NEXT))
    found = [probability("p", three, "second", answer) for answer in range(3)]
    assert sum(each.estimate or 0 for each in found) == pytest.approx(1)
    assert [each.numerator for each in found] == [12, 18, 24]
    two = compared(two_groups({"satisfied": 20} | very(30), {"satisfied": 15} | very(30)))
    shares = [probability("p", two, group, 1).estimate for group in two.groups]
    assert_allclose(shares, [30 / 50, 30 / 45], atol=1e-10)


def test_the_interval_of_a_probability_is_symmetric_on_the_logit() -> None:
    answers = two_groups({"satisfied": 12} | very(18), {"satisfied": 6} | very(24))
    found = probability("p", compared(answers), "second", 1)
    reach = stats.t.ppf(0.975, 5) * np.sqrt(1 / 6 + 1 / 24)  # clusters are alike: model-based
    assert_allclose(
        logit([found.estimate, found.low, found.high]),
        np.log(24 / 6) + reach * np.array([0, -1, 1]),
        atol=1e-8,
    )


# --- the check -------------------------------------------------------------------------------


def test_a_group_that_answers_only_at_the_ends_breaks_proportional_odds() -> None:
    middle = {"dissatisfied": 20, "neither": 80, "satisfied": 80, "very satisfied": 20}
    ends = {"dissatisfied": 80, "neither": 20, "satisfied": 20, "very satisfied": 80}
    broken = check_proportional_odds(compared(two_groups(middle, ends)))
    kept = check_proportional_odds(compared(two_groups(middle, middle)))
    assert broken.status == kept.status == "ok"
    assert broken.method == "Brant-type Wald test, clustered on course"
    assert (broken.df, broken.df_clusters) == (2, 12 - 2)
    assert broken.p_value is not None and broken.p_value < 0.001
    assert kept.p_value == pytest.approx(1, abs=1e-6)


def test_one_cut_leaves_nothing_to_check() -> None:
    found = check_proportional_odds(compared(two_groups({"satisfied": 12} | very(18), NEXT)))
    assert (found.status, found.p_value) == ("not_estimable", None)
    assert found.note.startswith("two answers are left, hence one cut: there is nothing to check;")


def test_differences_that_clusters_cannot_show_are_not_tested() -> None:
    groups = tuple("abcdef")
    rows = [
        (answer, group, (n + place) % 10, 1)
        for place, group in enumerate(groups)
        for n, answer in enumerate(SCALE[2:] * 10)
    ]
    found = check_proportional_odds(compared(grouped(rows, groups)))
    assert found.status == "not_estimable"
    assert found.note == "more differences between cuts than 10 courses can show"


# --- what is merged --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "fewest", "scale"),
    [
        ([0, 0, 3, 120, 181], 5, ["neither+satisfied", "very satisfied"]),
        ([0, 0, 5, 120, 181], 5, ["neither", "satisfied", "very satisfied"]),
        ([1, 2, 30, 40, 50], 5, ["very dissatisfied+dissatisfied+neither", "satisfied", SCALE[4]]),
        # a neighbour on the same side of high, though it is the larger one
        ([0, 40, 3, 10, 50], 5, ["dissatisfied+neither", "satisfied", "very satisfied"]),
        # of two on the same side, the smaller
        ([20, 3, 30, 40, 50], 5, ["very dissatisfied+dissatisfied", "neither", *SCALE[3:]]),
        ([0, 0, 0, 0, 7], 5, ["very satisfied"]),
        ([0, 0, 0, 2, 2], 5, ["satisfied+very satisfied"]),
        ([0, 0, 0, 0, 0], 5, []),
    ],
)
def test_rare_answers_are_merged(numbers: list[int], fewest: int, scale: list[str]) -> None:
    counts = dict(zip(SCALE, numbers, strict=True))
    merged = merge_rare(counts, ("satisfied", "very satisfied"), fewest)
    assert ["+".join(labels) for labels in merged] == scale


def test_the_note_says_what_was_merged_and_what_was_not_used() -> None:
    found = ratio(
        two_groups({"neither": 3, "satisfied": 60} | very(60), {"satisfied": 60} | very(60))
    )
    assert found.status == "ok"
    assert found.note.startswith(
        "nobody answered very dissatisfied, dissatisfied; "
        "neither (3) and satisfied (120) are taken as one answer: fewer than 5 are too few"
    )


def test_an_unused_answer_in_the_middle_is_dropped() -> None:
    answers = two_groups(
        {"dissatisfied": 20, "satisfied": 20} | very(20), {"dissatisfied": 9} | NEXT
    )
    found = ratio(answers)
    assert found.status == "ok"
    assert found.method.startswith("proportional odds")
    assert found.note.startswith("nobody answered very dissatisfied, neither")
    assert check_proportional_odds(compared(answers)).status == "ok"


def test_high_against_the_rest_is_never_merged() -> None:
    few = two_groups({"neither": 3} | NEXT, NEXT)
    assert ratio(few).status == "ok"
    found = ratio(few, high_or_not=True)
    assert found.status == "not_estimable"
    assert (
        found.note == "not high: 3 answers, and 5 are needed; nobody answered “not high” in second"
    )
    enough = two_groups({"neither": 10} | NEXT, {"dissatisfied": 21} | NEXT)
    found = ratio(enough, high_or_not=True)
    assert found.estimate == pytest.approx((42 / 21) / (42 / 10))


def test_the_global_test_of_two_groups_is_that_of_their_odds_ratio() -> None:
    """The confidence at which the interval of the ratio ends at 1 is 1 - p."""
    rows = [
        (answer, "ab"[course % 2], course, 1)
        for course in range(12)
        for answer in SCALE[2:] * (2 + course % 3) + SCALE[3 + course % 2 : 5]
    ]
    found = compared(grouped(rows, ("a", "b")))
    test = compare_all(found)
    assert (test.status, test.df) == ("ok", 1)
    assert test.p_value is not None
    at = replace(found, confidence=1 - test.p_value)
    ratio = odds_ratio("x", at, "b")
    assert ratio.limits is not None
    assert min(abs(limit - 1) for limit in ratio.limits) < 1e-9


def test_groups_from_too_few_clusters_are_not_tested_at_once() -> None:
    """Six groups of two courses each leave hardly a degree of freedom for five ratios."""
    rows = [
        (answer, "abcdef"[course % 6], course, 1)
        for course in range(12)
        for answer in SCALE[2:] * (9 + course % 4)
    ]
    test = compare_all(compared(grouped(rows, tuple("abcdef"))))
    assert (test.status, test.p_value) == ("not_estimable", None)
    assert test.note == "12 courses are too few to compare 6 groups at once"


def test_groups_that_are_nearly_those_of_another_predictor_are_named() -> None:
    rows = [(answer, "ab"[c % 2], c, 4) for c in range(12) for answer in SCALE[2:]]
    found = compared(grouped(rows, ("a", "b"), like_groups=(("phase", 0.91),)))
    assert "nearly those of phase (Cramer's V 0.91)" in odds_ratio("x", found, "b").note


def test_the_cautions_are_in_the_note() -> None:
    rows = [
        (answer, group, (n + 3 * place) % (6 if group == "a" else 12), 1)
        for place, group in enumerate("abc")
        for n, answer in enumerate(SCALE[2:] * 20)
    ]
    rows += [("neither", None, 3, 24)]
    found = odds_ratio("ratio", compared(grouped(rows, tuple("abc"), same_groups=("phase",))), "b")
    assert found.note.split("; ")[1:] == [
        "24 answers without a role are left out",
        "2 comparisons, not adjusted for their number",
        "the groups are those of phase: the two cannot be told apart",
        "few courses (a: 6): the interval is the wider for it",
        "12 courses (effective number 10.8)",
    ]


# --- edges -----------------------------------------------------------------------------------

EDGES: dict[str, tuple[GroupedAnswers, str, str]] = {
    "nobody answered": (two_groups({}, {}), "no_data", "nobody in this group answered"),
    "all the same answer": (
        two_groups(very(40), very(40)),
        "not_estimable",
        "all gave the same answer: very satisfied",
    ),
    "one answer left": (
        two_groups({"satisfied": 2} | very(40), {"satisfied": 2} | very(40)),
        "not_estimable",
        "rare answers merged, one is left: satisfied or very satisfied",
    ),
    "perfect separation": (
        two_groups({"satisfied": 40}, very(40)),
        "not_estimable",
        "nobody answered “satisfied” in second; nobody answered “very satisfied” in first",
    ),
    "an empty cell": (
        two_groups(ENOUGH, {"satisfied": 20} | very(20)),
        "not_estimable",
        "nobody answered “neither” in second",
    ),
    "one group": (two_groups({}, ENOUGH), "no_data", "nobody in this group answered"),
    "nine courses": (
        two_groups(ENOUGH, ENOUGH, clusters=9),
        "not_estimable",
        "9 courses, and 10 are needed",
    ),
    "one course a group": (
        two_groups(ENOUGH, ENOUGH, clusters=2),
        "not_estimable",
        "2 courses, and 10 are needed; first: 1 course, and 2 are needed; "
        "second: 1 course, and 2 are needed",
    ),
}


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_has_a_status_and_a_reason_and_no_model(
    edge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, status, note = EDGES[edge]

    def refuse(*_: object) -> None:
        raise AssertionError("a model was fitted")

    monkeypatch.setattr(ordinal, "fit_proportional_odds", refuse)
    found = compared(answers)
    estimate = odds_ratio("ratio", found, found.others[0])
    assert (estimate.status, estimate.note, estimate.estimate) == (status, note, None)
    for group in found.groups:
        without = probability("p", found, group, 0)
        assert without.status != "ok"
        assert without.numerator is None
        assert without.note
    check = check_proportional_odds(found)
    assert (check.status, check.p_value) == (found.status, None)
    assert check.note


def test_the_first_group_with_answers_is_that_which_others_are_held_against() -> None:
    found = compared(two_groups({}, ENOUGH))
    assert (found.first, found.others) == ("second", ["first"])
    assert (found.status, found.note) == ("not_estimable", "only second answered")


def test_one_cluster_of_a_group_is_not_enough() -> None:
    ones = dict.fromkeys(SCALE[2:], 20)
    rows = dealt(ones, "first", range(11)) + dealt(ones, "second", range(20, 21))
    found = ratio(grouped(rows, ("first", "second")))
    assert (found.status, found.note) == ("not_estimable", "second: 1 course, and 2 are needed")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("neither", "third", 1, 1), "role: third is not declared"),
        (("don't know", "first", 1, 1), "answer: don't know is not declared"),
    ],
)
def test_what_is_not_declared_is_an_error(row: Row, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        grouped([row], ("first", "second"))


def test_a_fit_that_stops_short_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proportional_odds, "MOST_STEPS", 2)
    found = ratio(two_groups(ENOUGH, {"neither": 9} | NEXT))
    assert (found.status, found.note) == ("not_estimable", "the model did not converge")
