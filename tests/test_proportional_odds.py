"""Proportional odds and their check: against R, statsmodels and print, and known odds ratios.

``EXPECTED`` holds what R gives; tests/reference/README-ordinal.md says how.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from lmm.statistics import proportional_odds
from lmm.statistics.cut_contrasts import CutContrasts, clustered_covariance
from lmm.statistics.proportional_odds import Counts, ProportionalOdds, fit_proportional_odds

REFERENCE = Path(__file__).parent / "reference"
TABLES = pd.read_csv(REFERENCE / "ordinal_tables.csv")
EXPECTED = pd.read_csv(REFERENCE / "ordinal_expected.csv")
CR2 = pd.read_csv(REFERENCE / "odds_cr2.csv")
Array = np.ndarray[Any, Any]


def counted(answer: Array, group: Array, cluster: Array) -> Counts:
    """Count people, given by their codes, in the shape (clusters, groups, answers)."""
    clusters, at = np.unique(cluster, return_inverse=True)
    counts = np.zeros((len(clusters), group.max() + 1, answer.max() + 1), dtype=np.int64)
    np.add.at(counts, (at, group, answer), 1)
    return counts


def published(name: str) -> Counts:
    """Count a printed table, its people dealt in sevens to twelve made-up clusters."""
    cells = TABLES[TABLES["table"] == name.split(maxsplit=1)[0]]
    people = cells.loc[cells.index.repeat(cells["number"])]
    answer = people["answer"].to_numpy() - 1
    if "merged" in name:
        answer = np.array([0, 0, 0, 0, 0, 1, 2, 2, 2])[answer]
    return counted(answer, people["group"].to_numpy() - 1, np.arange(len(people)) // 7 % 12)


def expected(table: str, quantity: str) -> Array:
    rows = EXPECTED[(EXPECTED["table"] == table) & (EXPECTED["quantity"] == quantity)]
    assert len(rows)
    return rows["value"].to_numpy()


def fitted(counts: Counts) -> ProportionalOdds:
    model = fit_proportional_odds(counts)
    assert model is not None
    return model


def plain(model: ProportionalOdds) -> Array:
    """Cluster the covariance without CR2: clusters / (clusters - 1), as R's vcovCL."""
    return clustered_covariance(model.clusters.scores @ model.model_based)


def errors(covariance: Array) -> Array:
    return np.sqrt(np.diag(covariance))


# --- against R, statsmodels and print --------------------------------------------------------


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
        "its clustered error": errors(plain(model))[:ratios],
        "threshold": model.parameters[ratios:],
        "threshold's error": errors(model.model_based)[ratios:],
        "threshold's clustered error": errors(plain(model))[ratios:],
        "probability": [value for value, _ in predicted],
        "probability's error": [np.sqrt(g @ model.model_based @ g) for _, g in predicted],
    }
    for quantity, values in found.items():
        digits = 2e-6 if "polr" in quantity else 1e-10  # polr stops short; the others are clm's
        assert_allclose(values, expected(table, quantity), atol=digits, rtol=0, err_msg=quantity)


@pytest.mark.parametrize("clusters", ["dealt", "unequal"])
@pytest.mark.parametrize(("table", "cut"), [("ideology", 3), ("cheese", 6)])
def test_the_clustered_covariance_of_two_answers_is_that_of_clubsandwich(
    table: str, cut: int, clusters: str
) -> None:
    """R: vcovCR(type = "CR2") of a logistic regression, coef_test(test = "Satterthwaite")."""
    cells = TABLES[TABLES["table"] == table]
    people = cells.loc[cells.index.repeat(cells["number"])]
    place = np.arange(len(people))
    course = place // 7 % 12 if clusters == "dealt" else np.floor(np.sqrt(place)).astype(int)
    high = (people["answer"] > cut).astype(int).to_numpy()
    model = fitted(counted(high, people["group"].to_numpy() - 1, course))
    ratios = [model.log_odds_ratio(group) for group in range(1, model.groups)]
    found = {
        "log odds ratio": [value for value, _ in ratios],
        "variance": [g @ model.clustered @ g for _, g in ratios],
        "df": [model.clusters.df(g) for _, g in ratios],
    }
    for quantity, values in found.items():
        rows = (CR2["table"] == f"{table} {clusters}") & (CR2["quantity"] == quantity)
        assert_allclose(values, CR2.loc[rows, "value"], rtol=1e-7, err_msg=quantity)
    if len(ratios) > 1:  # R: Wald_test(test = "HTZ") of all of them
        each = np.eye(len(model.parameters))[: len(ratios)]
        total, q = model.clusters.joint_df(each), len(ratios)
        values = model.parameters[:q]
        wald = values @ np.linalg.solve(model.clustered[:q, :q], values)
        f, residual = wald * (total - q + 1) / (total * q), total - q + 1
        joint = {"F": f, "df of F": residual, "p": stats.f.sf(f, q, residual)}
        for quantity, value in joint.items():
            rows = (CR2["table"] == f"{table} {clusters}") & (CR2["quantity"] == quantity)
            assert value == pytest.approx(CR2.loc[rows, "value"].item(), rel=1e-6), quantity


def test_the_degrees_of_freedom_of_two_groups_are_welchs() -> None:
    """Equal clusters, each of one group: Satterthwaite's of two means with 6 and 4 clusters."""
    counts = np.zeros((10, 2, 3), dtype=np.int64)
    counts[:6, 0] = counts[6:, 1] = [5, 7, 12]
    model = fitted(counts)
    _, gradient = model.log_odds_ratio(1)
    one, other = 1 / 6, 1 / 4
    welch = (one + other) ** 2 / (one**2 / 5 + other**2 / 3)
    assert model.clusters.df(gradient) == pytest.approx(welch, rel=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_the_model_is_that_of_statsmodels_to_the_digits_of_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(3, size=150)
    answer = np.clip(rng.integers(4, size=150) + group * rng.integers(2, size=150), 0, 3)
    model = fitted(counted(answer, group, np.arange(150) % 15))
    other = OrderedModel(answer, group[:, None] == np.arange(1, 3), distr="logit")
    fit = other.fit(method="bfgs", gtol=1e-7, maxiter=1000, disp=False)
    assert_allclose(model.parameters[:2], fit.params[:2], atol=1e-4)
    assert_allclose(
        model.parameters[2:], other.transform_threshold_params(fit.params)[1:-1], atol=1e-4
    )


def test_the_maximum_is_found_to_the_last_digits() -> None:
    model = fitted(published("cheese"))
    counts = published("cheese").sum(axis=0).astype("float64")
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
    contrasts = CutContrasts.of(published(table))
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


# --- known truths ----------------------------------------------------------------------------


def clustered_answers(rng: np.random.Generator, ratio: float) -> Counts:
    """Draw answers whose margins are exactly proportional odds, alike within clusters.

    In 40 clusters of 10, three answers in ten repeat one draw of their cluster.
    """
    answer, group, cluster = [], [], []
    for number in range(40):
        shared = rng.uniform()
        for _ in range(10):
            u = shared if rng.uniform() < 0.3 else rng.uniform()
            latent = np.log(u / (1 - u)) + np.log(ratio) * (number % 2)
            answer.append(int(np.sum(latent > np.log([0.25, 1, 3]))))
            group.append(number % 2)
            cluster.append(number)
    return counted(np.array(answer), np.array(group), np.array(cluster))


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


def test_copies_of_an_answer_within_its_cluster_add_nothing() -> None:
    table = TABLES[TABLES["table"] == "ideology"]
    people = table.loc[table.index.repeat(table["number"])]
    codes = (people["answer"] - 1).to_numpy(), (people["group"] - 1).to_numpy()
    each = counted(*codes, np.arange(len(people)))
    once, again = fitted(each), fitted(3 * each)
    assert_allclose(once.parameters, again.parameters, atol=1e-11)
    assert_allclose(once.clustered, again.clustered, atol=1e-11)
    assert_allclose(once.model_based, 3 * again.model_based, atol=1e-11)


def test_log_odds_ratios_are_those_of_the_two_by_two_tables() -> None:
    counts = np.array([[[5, 10, 15], [6, 9, 12]], [[5, 10, 15], [6, 9, 12]]])
    found = CutContrasts.of(counts)
    assert np.exp(found.log_odds_ratios).tolist() == [
        pytest.approx([(42 / 12) / (50 / 10), (24 / 30) / (30 / 30)])
    ]
    assert_allclose(found.covariance, 0, atol=1e-20)  # the two clusters are alike


def test_of_two_answers_the_only_cut_is_the_model() -> None:
    counts = np.random.default_rng(5).integers(1, 9, size=(12, 2, 2))
    model, cut = fitted(counts), CutContrasts.of(counts)
    assert cut.log_odds_ratios[0, 0] == pytest.approx(model.parameters[0], abs=1e-10)
    assert cut.covariance[0, 0] == pytest.approx(plain(model)[0, 0], rel=1e-9)


def test_more_differences_than_clusters_have_no_f() -> None:
    rng = np.random.default_rng(1)
    answer, group = np.arange(420) % 5, np.arange(420) % 7
    assert CutContrasts.of(counted(answer, group, rng.integers(10, size=420))).test() is None
    assert CutContrasts.of(counted(answer, group, rng.integers(40, size=420))).test() is not None


@pytest.mark.parametrize(("clusters", "residual"), [(1, None), (2, 1), (3, 2)])
def test_the_f_of_one_difference_needs_one_cluster_more(
    clusters: int, residual: int | None
) -> None:
    one = CutContrasts(np.array([[0.5, 1.5]]), np.diag([0.25, 0.75]), clusters)
    found = one.test()
    assert (found and (found.df, found.df_clusters)) == (residual and (1, residual))
    if found:  # (1.5 - 0.5)^2 / (0.25 + 0.75) is 1, times residual / (clusters - 1)
        assert found.f == pytest.approx(1.0)


def test_a_fit_that_stops_short_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proportional_odds, "MOST_STEPS", 2)
    assert fit_proportional_odds(published("cheese")) is None
