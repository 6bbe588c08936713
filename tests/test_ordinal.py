"""Comparisons between groups: against R and print, known odds ratios, and every edge.

``EXPECTED`` holds what R gives; tests/reference/README-ordinal.md says how.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.special import logit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from lmm.analysis import ordinal
from lmm.analysis.ordinal import (
    PREDICTORS,
    answer_probabilities,
    compare,
    exact_shares,
    merge_rare,
    odds_ratios,
    odds_ratios_by_cut,
    proportional_odds_check,
)
from lmm.cleaning.load import read_clean
from lmm.cleaning.records import Records
from lmm.showing.plots import ordinal as plots
from lmm.showing.plots.satisfaction import forest
from lmm.statistics import proportional_odds
from lmm.statistics.proportional_odds import (
    CutContrasts,
    ProportionalOdds,
    fit_proportional_odds,
)
from lmm.study.parameters import Parameters
from lmm.study.study import read_study

REFERENCE = Path(__file__).parent / "reference"
TABLES = pd.read_csv(REFERENCE / "ordinal_tables.csv")
EXPECTED = pd.read_csv(REFERENCE / "ordinal_expected.csv")
STUDY = read_study(Path(__file__).resolve().parents[1])
OWN = Records.within(read_clean(STUDY), STUDY, Parameters.of(STUDY))

SCALE = ["very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied"]
TOPICS = ["attachment", "mind-mindedness"]
ENOUGH = {"neither": 20, "satisfied": 20, "very satisfied": 20}
NEXT = {"satisfied": 18, "very satisfied": 24}
HIGHER = "a higher answer"
EVERY_TABLE: list[Callable[..., pd.DataFrame]] = [
    odds_ratios,
    answer_probabilities,
    odds_ratios_by_cut,
    proportional_odds_check,
    exact_shares,
]
Arrays = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]


# --- helpers ---------------------------------------------------------------------------


def published(name: str) -> Arrays:
    """Lay out a printed table person by person, dealt in sevens to twelve made-up courses."""
    cells = TABLES[TABLES["table"] == name.split(maxsplit=1)[0]]
    people = cells.loc[cells.index.repeat(cells["number"])]
    answer = people["answer"].to_numpy() - 1
    if "merged" in name:
        answer = np.array([0, 0, 0, 0, 0, 1, 2, 2, 2])[answer]
    return answer, people["group"].to_numpy() - 1, np.arange(len(people)) // 7 % 12


def expected(table: str, quantity: str) -> np.ndarray[Any, Any]:
    rows = EXPECTED[(EXPECTED["table"] == table) & (EXPECTED["quantity"] == quantity)]
    assert len(rows)
    return rows["value"].to_numpy()


def fitted(arrays: Arrays) -> ProportionalOdds:
    model = fit_proportional_odds(*arrays)
    assert model is not None
    return model


def errors(covariance: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.sqrt(np.diag(covariance))


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


# --- against R and print ---------------------------------------------------------------


@pytest.mark.parametrize("table", ["ideology", "cheese", "cheese merged"])
def test_the_model_is_that_of_r(table: str) -> None:
    model = fitted(published(table))
    ratios = model.groups - 1
    at = EXPECTED[(EXPECTED["table"] == table) & (EXPECTED["quantity"] == "probability")]
    predicted = [
        model.probability(int(group) - 1, int(answer) - 1)
        for group, answer in zip(at["group"], at["answer"], strict=True)
    ]
    found = {
        "log odds ratio": model.parameters[:ratios],
        "log odds ratio (polr)": model.parameters[:ratios],
        "its error": errors(model.model_based)[:ratios],
        "its clustered error": errors(model.clustered)[:ratios],
        "threshold": model.parameters[ratios:],
        "threshold's error": errors(model.model_based)[ratios:],
        "threshold's clustered error": errors(model.clustered)[ratios:],
        "probability": [value for value, _ in predicted],
        "probability's error": [np.sqrt(g @ model.model_based @ g) for _, g in predicted],
    }
    for quantity, values in found.items():
        digits = 2e-6 if "polr" in quantity else 1e-10  # polr stops short; the others are clm's
        assert_allclose(values, expected(table, quantity), atol=digits, rtol=0, err_msg=quantity)


@pytest.mark.parametrize("seed", range(6))
def test_the_model_is_that_of_statsmodels_to_the_digits_of_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(3, size=150)
    answer = np.clip(rng.integers(4, size=150) + group * rng.integers(2, size=150), 0, 3)
    model = fitted((answer, group, np.arange(150) % 15))
    other = OrderedModel(answer, group[:, None] == np.arange(1, 3), distr="logit")
    fit = other.fit(method="bfgs", gtol=1e-7, maxiter=1000, disp=False)
    assert_allclose(model.parameters[:2], fit.params[:2], atol=1e-4)
    assert_allclose(
        model.parameters[2:], other.transform_threshold_params(fit.params)[1:-1], atol=1e-4
    )


def test_the_maximum_is_found_to_the_last_digits() -> None:
    answer, group, course = published("cheese")
    model = fitted((answer, group, course))
    counts = np.zeros((4, 9))
    np.add.at(counts, (group, answer), 1)
    scores, information = proportional_odds._derivatives(model.parameters, counts)
    score = np.einsum("ga,gak->k", counts, scores)
    assert np.abs(score).max() < 1e-11
    assert_allclose(np.linalg.inv(information), model.model_based, rtol=1e-10)
    h = 1e-5  # the derivatives are those of the likelihood, by central differences
    for place in range(len(model.parameters)):
        moved = np.eye(len(model.parameters))[place] * h
        ends = [proportional_odds._log_likelihood(model.parameters + x, counts)
                for x in (moved, -moved)]  # fmt: skip
        assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(score[place], abs=1e-6)


@pytest.mark.parametrize("table", ["ideology", "cheese merged"])
def test_the_cuts_and_their_test_are_those_of_r(table: str) -> None:
    contrasts = CutContrasts.of(*published(table))
    test = contrasts.test()
    assert test is not None
    shape = contrasts.log_odds_ratios.shape
    found = {
        "log odds ratio at a cut": contrasts.log_odds_ratios.T.ravel(),
        "its clustered error at a cut": errors(contrasts.covariance).reshape(shape).T.ravel(),
        "F": [test.f],
        "p-value": [test.p_value],
    }
    for quantity, values in found.items():
        assert_allclose(values, expected(table, quantity), rtol=1e-8, err_msg=quantity)


def test_the_model_is_the_printed_one() -> None:
    # SAS/STAT User's Guide, PROC LOGISTIC, example "Ordinal Logistic Regression"
    cheese = fitted(published("cheese"))
    assert_allclose(-cheese.parameters[:3], [1.6128, 4.9646, 3.3227], atol=5e-5)
    assert_allclose(errors(cheese.model_based)[:3], [0.3805, 0.4767, 0.4218], atol=5e-5)


# --- known truths ----------------------------------------------------------------------


def clustered_answers(rng: np.random.Generator, ratio: float) -> Arrays:
    """Draw answers whose margins are exactly proportional odds, alike within courses.

    In 40 courses of 10, three answers in ten repeat one draw of their course.
    """
    answer, group, course = [], [], []
    for number in range(40):
        shared = rng.uniform()
        for _ in range(10):
            u = shared if rng.uniform() < 0.3 else rng.uniform()
            latent = np.log(u / (1 - u)) + np.log(ratio) * (number % 2)
            answer.append(int(np.sum(latent > np.log([0.25, 1, 3]))))
            group.append(number % 2)
            course.append(number)
    return np.array(answer), np.array(group), np.array(course)


def test_a_known_odds_ratio_is_recovered_and_its_interval_covers() -> None:
    rng = np.random.default_rng(20200323)
    reach = stats.t.ppf(0.975, 39)
    found, clustered, naive = [], 0, 0
    for _ in range(60):
        model = fitted(clustered_answers(rng, ratio=2))
        value, gradient = model.log_odds_ratio(1)
        error, _ = model.standard_error(gradient)
        found.append(value)
        clustered += abs(value - np.log(2)) < reach * error
        naive += abs(value - np.log(2)) < reach * errors(model.model_based)[0]
    assert np.exp(np.mean(found)) == pytest.approx(2, rel=0.1)
    assert clustered >= 54
    assert naive < clustered


def test_the_interval_is_taken_from_student_t_with_one_df_less_than_courses() -> None:
    table = odds_ratios(OWN, ("role",))
    row = only(table, outcome=HIGHER, stratum="midwife")
    found = compare(OWN, "role")
    assert found.model is not None
    error = errors(found.model.clustered)[found.used.index("midwife") - 1]
    assert row["method"].endswith("clustered on course")
    reach = np.log(row["high"] / row["estimate"]) / error
    assert reach == pytest.approx(stats.t.ppf(0.975, 28 - 1), abs=1e-6)
    narrower = dataclasses.replace(OWN, parameters=Parameters.of(STUDY, {"confidence": 0.8}))
    row = only(odds_ratios(narrower, ("role",)), outcome=HIGHER, stratum="midwife")
    reach = np.log(row["high"] / row["estimate"]) / error
    assert reach == pytest.approx(stats.t.ppf(0.9, 28 - 1), abs=1e-6)


def test_copies_of_an_answer_within_its_course_add_nothing() -> None:
    answer, group, _ = published("ideology")
    once = fitted((answer, group, np.arange(len(answer))))
    again = fitted((answer.repeat(3), group.repeat(3), np.arange(len(answer)).repeat(3)))
    assert_allclose(once.parameters, again.parameters, atol=1e-11)
    assert_allclose(once.clustered, again.clustered, atol=1e-11)
    assert_allclose(once.model_based, 3 * again.model_based, atol=1e-11)


def test_courses_that_are_all_alike_do_not_make_an_interval_narrow() -> None:
    # six courses a topic, each with the same answers: the clustered error is nil
    records = by_topic({"satisfied": 12, "very satisfied": 18}, {"satisfied": 6} | very(24))
    model = compare(records, "topic").model
    assert model is not None
    assert errors(model.clustered)[0] < 1e-6
    row = only(odds_ratios(records, ("topic",)), outcome=HIGHER)
    error = np.sqrt(1 / 12 + 1 / 18 + 1 / 6 + 1 / 24)
    assert row["method"] == "logistic (two answers), model-based: clustering adds nothing"
    assert row["estimate"] == pytest.approx((24 / 6) / (18 / 12), abs=1e-11)
    reach = stats.t.ppf(0.975, 11) * error
    assert np.log(row["high"] / row["estimate"]) == pytest.approx(reach, abs=1e-11)


def test_odds_ratios_by_cut_are_those_of_the_two_by_two_tables() -> None:
    records = by_topic({"neither": 10, "satisfied": 20} | very(30), {"neither": 12} | NEXT)
    table = odds_ratios_by_cut(records, ("topic",))
    assert table["cut"].tolist() == ["above “neither”", "above “satisfied”"]
    assert table["estimate"].tolist() == pytest.approx(
        [(42 / 12) / (50 / 10), (24 / 30) / (30 / 30)]
    )
    assert table[["numerator", "denominator"]].to_numpy().tolist() == [[42, 54], [24, 54]]


def test_of_two_answers_the_only_cut_is_the_model() -> None:
    ratios = odds_ratios(OWN)
    ratios = ratios[ratios["outcome"] == HIGHER].reset_index(drop=True)
    cuts = odds_ratios_by_cut(OWN)
    values = ["estimate", "low", "high"]
    assert_allclose(cuts[values], ratios[values], rtol=1e-10)
    assert (cuts["method"].str[-10:] == ratios["method"].str[-10:]).all()
    checks = proportional_odds_check(OWN)
    assert set(checks["status"]) == {"not_estimable"}
    assert checks["note"].str.startswith("two answers are left, hence one cut").all()


def test_predicted_probabilities_add_up_and_two_answers_are_the_observed_shares() -> None:
    three = answer_probabilities(by_topic({"neither": 10} | NEXT, {"neither": 12} | NEXT))
    sums = three[three["by"] == "topic"].groupby("stratum")["estimate"].sum()
    assert sums.tolist() == pytest.approx([1, 1])
    two = answer_probabilities(by_topic({"satisfied": 20} | very(30), {"satisfied": 15} | very(30)))
    shares = two.loc[two["by"] == "topic", ["numerator", "denominator", "estimate"]]
    assert_allclose(shares["estimate"], shares["numerator"] / shares["denominator"], atol=1e-5)


def test_the_interval_of_a_probability_is_symmetric_on_the_logit() -> None:
    records = by_topic({"satisfied": 12} | very(18), {"satisfied": 6} | very(24))
    table = answer_probabilities(records, ("topic",))
    row = only(table, stratum="mind-mindedness", answer="very satisfied")
    reach = stats.t.ppf(0.975, 11) * np.sqrt(1 / 6 + 1 / 24)  # courses are alike: model-based
    assert logit(row["estimate"]) == pytest.approx(np.log(24 / 6), abs=1e-5)
    assert logit(row["high"]) - np.log(24 / 6) == pytest.approx(reach, abs=1e-5)
    assert np.log(24 / 6) - logit(row["low"]) == pytest.approx(reach, abs=1e-5)


def test_a_group_that_answers_only_at_the_ends_breaks_proportional_odds() -> None:
    middle = {"dissatisfied": 20, "neither": 80, "satisfied": 80, "very satisfied": 20}
    ends = {"dissatisfied": 80, "neither": 20, "satisfied": 20, "very satisfied": 80}
    broken = only(proportional_odds_check(by_topic(middle, ends)), by="topic")
    kept = only(proportional_odds_check(by_topic(middle, middle)), by="topic")
    assert broken["status"] == kept["status"] == "ok"
    assert (broken["df"], broken["df_courses"]) == (2, 12 - 2)
    assert broken["p_value"] < 0.001
    assert kept["p_value"] == pytest.approx(1, abs=1e-6)


# --- what is merged --------------------------------------------------------------------


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
    row = only(odds_ratios(OWN, ("topic",)), outcome=HIGHER)
    assert row["status"] == "ok"
    assert row["note"] == (
        "nobody answered very dissatisfied, dissatisfied; "
        "neither (3) and satisfied (120) are taken as one answer: fewer than 5 are too few"
    )


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


def test_exact_shares_need_no_model() -> None:
    table = exact_shares(OWN)
    assert_honest(table)
    everyone = table.iloc[0]
    assert (everyone["numerator"], everyone["denominator"]) == (301, 304)
    assert everyone["basis"] == "published"
    assert set(table["basis"][1:]) == {"assumed"}
    online = only(table, stratum="online")
    assert (online["numerator"], online["estimate"], online["high"]) == (50, 1, 1)
    assert online["low"] == pytest.approx(0.025 ** (1 / 50))  # closed form where all agree
    assert online["note"].startswith("all answers are high, which tells what each")
    assert only(table, stratum="telephone")["status"] == "not_estimable"


# --- edges -----------------------------------------------------------------------------

EDGES: dict[str, tuple[Records, str, str]] = {
    "nobody answered": (by_topic({}, {}), "no_data", "nobody in this group answered"),
    "all the same answer": (
        by_topic(very(40), very(40)),
        "not_estimable",
        "all gave the same answer: very satisfied",
    ),
    "one answer left": (
        by_topic({"satisfied": 2} | very(40), {"satisfied": 2} | very(40)),
        "not_estimable",
        "rare answers merged, one is left: satisfied or very satisfied",
    ),
    "perfect separation": (
        by_topic({"satisfied": 40}, very(40)),
        "not_estimable",
        "nobody answered “satisfied” in mind-mindedness; "
        "nobody answered “very satisfied” in attachment",
    ),
    "an empty cell": (
        by_topic(ENOUGH, {"satisfied": 20} | very(20)),
        "not_estimable",
        "nobody answered “neither” in mind-mindedness",
    ),
    "one group": (by_topic({}, ENOUGH), "no_data", "nobody in this group answered"),
    "nine courses": (
        by_topic(ENOUGH, ENOUGH, courses=9),
        "not_estimable",
        "9 courses, and 10 are needed",
    ),
    "one course a group": (
        by_topic(ENOUGH, ENOUGH, courses=2),
        "not_estimable",
        "2 courses, and 10 are needed; attachment: 1 course, and 2 are needed; "
        "mind-mindedness: 1 course, and 2 are needed",
    ),
}


@pytest.mark.parametrize("edge", EDGES)
def test_an_edge_has_a_status_and_a_reason_and_no_model(
    edge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, status, note = EDGES[edge]

    def refuse(*_: object) -> None:
        raise AssertionError("a model was fitted")

    monkeypatch.setattr(ordinal, "fit_proportional_odds", refuse)
    for make in EVERY_TABLE:
        table = make(records, ("topic",))
        assert_honest(table)
        if make in (odds_ratios, odds_ratios_by_cut):
            assert set(table["status"]) == {status}
            assert table["note"].iloc[0] == note


@pytest.mark.parametrize("edge", ["nobody answered", "an empty cell", "one course a group"])
def test_an_edge_can_be_drawn(edge: str) -> None:
    records, _, _ = EDGES[edge]
    for make in EVERY_TABLE:
        assert_honest(make(records))
    ratios, shares = odds_ratios(records), exact_shares(records)
    pictures = [plots.odds_ratios(ratios), plots.odds_ratios(ratios, "high satisfaction")]
    pictures += [plots.answer_probabilities(answer_probabilities(records))]
    pictures += [forest(shares, PREDICTORS)]
    for picture in pictures:
        assert "nan" not in picture.svg("", picture.alt)


def test_without_answers_there_is_no_data_to_check() -> None:
    records, _, _ = EDGES["nobody answered"]
    assert set(proportional_odds_check(records)["status"]) == {"no_data"}


def test_one_course_in_all_is_not_estimable() -> None:
    records = records_of([("C00", None, answer) for answer in SCALE * 10], ("in person",))
    table = odds_ratios(records)
    assert set(table["status"]) == {"no_data"}  # there is nobody to compare with
    assert only(exact_shares(records), by="all")["numerator"] == 20
    found = compare(records, "topic")
    assert (found.status, found.note) == ("not_estimable", "only attachment answered")


def test_one_course_of_a_group_is_not_enough() -> None:
    forms = [(f"C{2 * n % 22:02}", None, answer) for n, answer in enumerate(SCALE[2:] * 20)]
    forms += [("C01", None, answer) for answer in SCALE[2:] * 10]
    row = only(odds_ratios(records_of(forms, ("in person",)), ("topic",)), outcome=HIGHER)
    assert row["status"] == "not_estimable"
    assert row["note"] == "mind-mindedness: 1 course, and 2 are needed"


def test_an_unused_answer_in_the_middle_is_dropped() -> None:
    records = by_topic({"dissatisfied": 20, "satisfied": 20} | very(20), {"dissatisfied": 9} | NEXT)
    row = only(odds_ratios(records, ("topic",)), outcome=HIGHER)
    assert row["status"] == "ok"
    assert row["method"].startswith("proportional odds")
    assert row["note"].startswith("nobody answered very dissatisfied, neither")
    assert only(proportional_odds_check(records), by="topic")["status"] == "ok"


def test_blank_answers_and_dont_know_are_no_answers() -> None:
    records = by_topic(ENOUGH, ENOUGH)
    forms = records.tables["feedback_forms"]
    more = forms.assign(overall="don't know"), forms.assign(overall=None)
    both = records.having(feedback_forms=pd.concat([forms, *more], ignore_index=True).astype("str"))
    for make in EVERY_TABLE:
        pd.testing.assert_frame_equal(make(both, ("topic",)), make(records, ("topic",)))


def test_a_group_that_is_not_declared_is_an_error() -> None:
    with pytest.raises(ValueError, match="role: pilot is not declared"):
        odds_ratios(by_topic(ENOUGH, ENOUGH, role="pilot"))


def test_a_study_with_one_topic_has_an_empty_comparison() -> None:
    records = by_topic(ENOUGH, {})
    vocabularies = {**STUDY.vocabularies, "topic": {"attachment": ()}}
    study = STUDY.model_copy(update={"vocabularies": vocabularies})
    table = odds_ratios(dataclasses.replace(records, study=study), ("topic",))
    assert table.empty
    assert plots.odds_ratios(table).alt == "Odds ratios of a higher answer: none can be estimated."


def test_differences_that_courses_cannot_show_are_not_tested() -> None:
    roles = STUDY.labels("role")[:6]
    forms = [
        (f"C{(n + place) % 10:02}", role, answer)
        for place, role in enumerate(roles)
        for n, answer in enumerate(SCALE[2:] * 10)
    ]
    found = only(proportional_odds_check(records_of(forms, ("in person",)), ("role",)), by="role")
    assert found["status"] == "not_estimable"
    assert found["note"] == "more differences between cuts than 10 courses can show"


def test_more_differences_than_courses_have_no_f() -> None:
    rng = np.random.default_rng(1)
    answer, group = np.arange(420) % 5, np.arange(420) % 7
    assert CutContrasts.of(answer, group, rng.integers(10, size=420)).test() is None
    assert CutContrasts.of(answer, group, rng.integers(40, size=420)).test() is not None


def test_a_fit_that_stops_short_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proportional_odds, "MOST_STEPS", 2)
    table = odds_ratios(by_topic(ENOUGH, {"neither": 9} | NEXT), ("topic",))
    assert only(table, outcome=HIGHER)["note"] == "the model did not converge"
    assert_honest(table)


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
