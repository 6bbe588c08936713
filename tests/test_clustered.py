"""Clustered shares against R, by hand, and at their edges.

``R`` and ``CR2`` hold what R gives; tests/reference/README-estimates.md and README-clusters.md
say how.
"""

from __future__ import annotations

import warnings
from itertools import product
from math import log, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from lmm.simulation import candidates
from lmm.statistics import bootstrap
from lmm.statistics.cluster_robust import ClusterRobust
from lmm.statistics.clusters import Clusters
from lmm.statistics.effective_size import (
    ASSUMED_EVENTS,
    WORKING_CORRELATION,
    effective_size,
    effective_size_interval,
)
from lmm.statistics.estimate import Estimate
from lmm.statistics.gee import gee_share
from lmm.statistics.shares import clopper_pearson

REFERENCE = Path(__file__).parent / "reference"
R = pd.read_csv(REFERENCE / "estimates_r.csv").set_index(["case", "quantity"])["value"]
CR2 = pd.read_csv(REFERENCE / "clusters_expected.csv").set_index(["case", "quantity"])["value"]
DIGITS = 1e-9
QUICK = settings(max_examples=50, deadline=None, derandomize=True, database=None)
LEVELS = st.floats(0.5, 0.9999)

Counts = tuple[list[int], list[int]]
CLUSTERS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=40)
NAMES = ["comp.imp", "sch.wide", "strong", "singles"]


def counts_of(name: str, table: pd.Series = R) -> Counts:
    """Successes and trials by cluster of a case of an R script."""
    values = table.loc[f"clusters {name}"].astype(int)
    return [values[values.index.str.startswith(letter)].tolist() for letter in "xn"]  # type: ignore[return-value]


def of(pairs: list[tuple[int, int]]) -> Counts:
    """Successes and failures of each cluster as successes and trials."""
    return [x for x, _ in pairs], [x + y for x, y in pairs]


def kg(successes: list[int], trials: list[int], level: float = 0.95) -> Estimate:
    return effective_size_interval("share", successes, trials, level, "assumed")


def gee(successes: list[int], trials: list[int], level: float = 0.95) -> Estimate:
    return gee_share("share", successes, trials, level, "assumed")


def estimable(clusters: Clusters) -> bool:
    return clusters.number > 1 and clusters.effective_number >= 1.5


def boot(successes: list[int], trials: list[int], seed: int = 1) -> Estimate:
    return bootstrap.cluster_bootstrap("share", successes, trials, 0.95, "assumed", seed=seed)


def interval(estimate: Estimate) -> list[float]:
    assert estimate.status == "ok", estimate
    return [float(estimate.low), float(estimate.high)]  # type: ignore[arg-type]


def assert_no_value(estimate: Estimate, status: str, note: str) -> None:
    assert estimate.status == status
    assert (estimate.estimate, estimate.low, estimate.high) == (None, None, None)
    assert note in estimate.note


# The variance, its degrees of freedom and the effective size


@pytest.mark.parametrize("correlation", [0, 0.05, 0.2])
@pytest.mark.parametrize("name", ["comp.imp", "strong", "singles", "one large", "two"])
def test_cr2_and_its_degrees_of_freedom_are_those_of_clubsandwich(name, correlation) -> None:
    """R: vcovCR(type = "CR2", target = working model), coef_test(test = "Satterthwaite")."""
    found = ClusterRobust.of(Clusters.of(*counts_of(name, CR2)), correlation)
    expected = [CR2[f"cr2 {name}@{correlation:g}", q] for q in ("variance", "df")]
    assert [found.variance, found.df] == pytest.approx(expected, rel=DIGITS)


def test_clusters_of_one_size_have_the_textbook_variance_and_degrees_of_freedom() -> None:
    """Three courses of 10 with 9, 6 and 9: p = 0.8, sums of (y - p) of 1, -2 and 1.

    Between equal courses v = 3 / 2 * 6 / 30^2 = 0.01, with 2 degrees of freedom, whatever the
    working correlation.
    """
    for correlation in (0, 0.1, 0.2, 1):
        found = ClusterRobust.of(Clusters.of([9, 6, 9], [10, 10, 10]), correlation)
        assert found.variance == pytest.approx(0.01, rel=1e-12)
        assert found.df == pytest.approx(2, rel=1e-12)
        assert found.assumed_design_effect == pytest.approx(1 + 9 * correlation)


def test_the_effective_size_by_hand() -> None:
    """The courses above have 6 answers that are not high: 16 answers' worth, seen 6 times.

    p * (1 - p) / v = 16 of 30, a design effect of 1.875; a correlation of 0.2 has 2.8, counted
    3 times. t of 29 and 2 degrees of freedom for 95 %, from any table: 2.0452 and 4.3027.
    """
    design_effect, size = effective_size(Clusters.of([9, 6, 9], [10, 10, 10]), 0.95)
    assert (WORKING_CORRELATION, ASSUMED_EVENTS) == (0.2, 3)
    assert design_effect == pytest.approx((6 * 1.875 + 3 * 2.8) / 9)
    widened = 1.875 * (4.3027 / 2.0452) ** 2
    assert size == pytest.approx(30 / ((6 * widened + 3 * 2.8) / 9), rel=1e-4)


def test_the_effective_number_of_clusters() -> None:
    assert Clusters.of([9] * 5, [10] * 5).effective_number == 5
    assert Clusters.of([90] + [9] * 8, [100] + [10] * 8).effective_number == 180**2 / 10_800
    assert Clusters.of([900, 19], [1000, 20]).effective_number == pytest.approx(1.04, abs=0.001)


def test_clusters_of_one_share_are_found_in_whole_numbers() -> None:
    assert Clusters.of([1, 2, 10, 33], [3, 6, 30, 99]).of_one_share
    assert not Clusters.of([1, 2, 10, 34], [3, 6, 30, 99]).of_one_share


# The candidates that it was chosen from


@pytest.mark.parametrize("name", NAMES)
def test_the_linearised_variance_is_that_of_the_survey_package(name) -> None:
    """R: svymean."""
    found = candidates.linearised_variance(Clusters.of(*counts_of(name)))
    assert found == pytest.approx(R[f"survey {name}", "variance"], rel=DIGITS)


@pytest.mark.parametrize(
    ("name", "level"),
    [("comp.imp", 0.95), ("comp.imp", 0.998)]
    + [(name, level) for name in ("strong", "singles") for level in (0.9, 0.95, 0.998)],
)
def test_korn_graubard_is_that_of_the_survey_package(name, level) -> None:
    """R: svyciprop(method = "beta"), with the same degrees of freedom: n - 1 and k - 1."""
    found = candidates.korn_graubard(Clusters.of(*counts_of(name)), level)
    expected = [R[f"svyciprop beta {name}@{level:g}", q] for q in ("low", "high")]
    assert list(found) == pytest.approx(expected, rel=DIGITS)


@pytest.mark.parametrize(
    ("name", "level"), [("sch.wide", 0.9), ("sch.wide", 0.95), ("comp.imp", 0.9)]
)
def test_korn_graubard_has_a_cap_that_the_survey_package_has_not(name, level) -> None:
    """Districts that differ less than chance: R goes past n, ours is Clopper and Pearson's on n."""
    x, n = counts_of(name)
    found = candidates.korn_graubard(Clusters.of(x, n), level)
    low, high = (R[f"svyciprop beta {name}@{level:g}", q] for q in ("low", "high"))
    assert found[0] < low
    assert high < found[1]
    assert list(found) == pytest.approx(clopper_pearson(sum(x), sum(n), level), rel=DIGITS)


@pytest.mark.parametrize("limits", candidates.CANDIDATES.values())
@pytest.mark.parametrize("counts", [([9, 6, 9], [10] * 3), ([88, 7, 10], [100, 10, 10])])
def test_every_candidate_brackets_the_share(limits, counts) -> None:
    low, high = limits(Clusters.of(*counts), 0.95)
    assert 0 <= low < sum(counts[0]) / sum(counts[1]) < high <= 1


@pytest.mark.parametrize("limits", candidates.CANDIDATES.values())
def test_every_candidate_has_a_limit_where_all_are_alike(limits) -> None:
    low, high = limits(Clusters.of([10, 12], [10, 12]), 0.95)
    assert low < 1
    assert high == 1


# The primary interval


def test_the_note_says_what_the_interval_rests_on() -> None:
    found = kg([88, 7, 10, 9, 4, 8, 10, 6, 9], [100, *[10] * 8])
    assert found.method == "Korn-Graubard with CR2"
    assert found.note.startswith("9 clusters (effective number 3.0), design effect ")
    assert found.note.endswith(" of 180")


def test_one_large_cluster_makes_the_interval_wide() -> None:
    """The same answers in courses of one size tell more."""
    unequal = interval(kg([88, 7, 10, 9, 4, 8, 10, 6, 9], [100, *[10] * 8]))
    equal = interval(kg([17, 17, 17, 17, 16, 16, 17, 17, 17], [20] * 9))
    assert unequal[1] - unequal[0] > 2 * (equal[1] - equal[0])


@pytest.mark.parametrize("counts", [([950, 19], [1000, 20]), ([45, 8, 1], [50, 10, 1])])
def test_one_cluster_with_nearly_all_trials_has_no_interval(counts) -> None:
    number = f"{Clusters.of(*counts).effective_number:.2f} of equal size"
    for found in (kg(*counts), boot(*counts)):
        assert_no_value(found, "not_estimable", "clusters holds most of the trials")
        assert number in found.note


def test_of_two_clusters_one_may_hold_almost_four_fifths() -> None:
    """7 and 2: 81 / 53 = 1.53 of equal size; 4 and 1: 25 / 17 = 1.47."""
    assert kg([6, 1], [7, 2]).status == "ok"
    assert kg([3, 1], [4, 1]).status == "not_estimable"


def test_many_of_either_outcome_leave_little_to_what_is_assumed() -> None:
    clusters = Clusters.of([150, 130, 170, 140, 160] * 4, [300] * 20)
    seen = ClusterRobust.of(clusters, WORKING_CORRELATION).variance * 6000 / 0.25
    assert effective_size(clusters, 0.95)[0] == pytest.approx(seen, rel=0.06)


@pytest.mark.parametrize("end", [0, 1])
def test_all_clusters_at_an_end_have_a_one_sided_limit(end) -> None:
    """434 of 434 in 28 courses of 15 and 16: correlated by 0.2, worth 434 / 3.9 = 111.2 answers.

    Sum of squares 14 * 16^2 + 14 * 15^2 = 6734; 1 + (6734 / 434 - 1) * 0.2 = 3.9032; the limit is
    0.025^(1 / 111.19) = 0.9674, the rule of three 1 - 3 / 111.19 = 0.9730.
    """
    sizes = [16] * 14 + [15] * 14
    found = kg([end * n for n in sizes], sizes)
    assert found.method == "Korn-Graubard, one-sided"
    assert found.estimate == end
    limits = (0.9674, 1) if end else (0, 0.0326)
    assert interval(found) == pytest.approx(limits, abs=5e-5)
    assert f"all clusters at {end:.0%}" in found.note
    assert "correlated by 0.2" in found.note
    assert "design effect 3.90, effective size 111.2 of 434" in found.note
    assert "one-sided, at 97.5 % confidence" in found.note
    assert f"rule of three (95 %): {0.9730 if end else 0.0270:.4f}" in found.note


def test_a_one_sided_limit_names_its_own_confidence() -> None:
    for level, said in ((0.9, "95"), (0.95, "97.5"), (0.99, "99.5"), (0.999, "99.95")):
        assert f"one-sided, at {said} % confidence" in kg([5, 5], [5, 5], level).note


def test_the_rule_of_three_is_not_offered_for_few() -> None:
    assert "rule of three" not in kg([5, 5], [5, 5]).note


def test_one_cluster_has_no_interval() -> None:
    for x in (0, 3, 20):
        assert_no_value(kg([x], [20]), "not_estimable", "one cluster")
        assert_no_value(boot([x], [20]), "not_estimable", "one cluster")
        assert_no_value(gee([x], [20]), "not_estimable", "1 clusters (at least 10)")


@pytest.mark.parametrize("estimator", [kg, boot, gee])
@pytest.mark.parametrize("counts", [([], []), ([0, 0], [0, 0])])
def test_no_answers_are_no_data(estimator, counts) -> None:
    assert_no_value(estimator(*counts), "no_data", "no trials in any cluster")


@pytest.mark.parametrize("estimator", [kg, boot, gee])
def test_clusters_without_trials_are_left_out_and_counted(estimator) -> None:
    x, n = counts_of("strong")
    without, with_empty = estimator(x, n), estimator([0, *x, 0], [0, *n, 0])
    assert with_empty == without.noted("2 clusters without trials")


def test_one_cluster_beside_an_empty_one_is_one_cluster() -> None:
    assert_no_value(kg([3, 0], [5, 0]), "not_estimable", "1 cluster without trials")


@pytest.mark.parametrize("estimator", [kg, boot, gee])
@pytest.mark.parametrize(
    "counts",
    [([1], [1, 2]), ([3, 1], [2, 2]), ([-1, 1], [2, 2]), ([0.5, 1], [2, 2]),
     ([float("nan"), 1], [2, 2])],
)  # fmt: skip
def test_impossible_counts_are_errors(estimator, counts) -> None:
    with pytest.raises(ValueError, match=r"of|counts|argument 2"):
        estimator(*counts)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_impossible_levels_are_errors(level) -> None:
    for estimate in (kg, gee):
        with pytest.raises(ValueError, match="confidence level"):
            estimate([1, 2], [2, 3], level)


@QUICK
@given(CLUSTERS, LEVELS)
def test_korn_graubard_brackets_the_share_and_holds_clopper_and_pearsons(pairs, level) -> None:
    """The effective size is never over n, so that the interval is never inside theirs."""
    counts = of(pairs)
    clusters = Clusters.of(*counts)
    assume(estimable(clusters))
    low, high = interval(kg(*counts, level))
    assert 0 <= low <= clusters.share <= high <= 1
    inner = clopper_pearson(clusters.events, clusters.total, level)
    assert low <= inner[0] + 1e-9
    assert inner[1] <= high + 1e-9
    assert 0 < effective_size(clusters, level)[1] <= clusters.total


@QUICK
@given(CLUSTERS, LEVELS, LEVELS)
def test_korn_graubard_widens_with_confidence(pairs, one, other) -> None:
    counts = of(pairs)
    assume(estimable(Clusters.of(*counts)))
    (low, high), (lower, higher) = (interval(kg(*counts, at)) for at in sorted((one, other)))
    assert lower <= low + 1e-9
    assert high <= higher + 1e-9


@QUICK
@given(CLUSTERS, LEVELS)
def test_korn_graubard_mirrors_successes_and_failures(pairs, level) -> None:
    x, n = of(pairs)
    assume(estimable(Clusters.of(x, n)))
    low, high = interval(kg(x, n, level))
    mirrored = interval(kg([m - y for y, m in zip(x, n, strict=True)], n, level))
    assert mirrored == pytest.approx([1 - high, 1 - low], abs=1e-9)


@QUICK
@given(CLUSTERS, st.integers(2, 5))
def test_more_of_the_same_within_clusters_tells_nothing(pairs, times) -> None:
    """Each answer given several times over: the variance between clusters stays."""
    x, n = of(pairs)
    clusters = Clusters.of(x, n)
    assume(clusters.number > 1)
    copied = Clusters.of([times * v for v in x], [times * v for v in n])
    one, other = (candidates.linearised_variance(each) for each in (clusters, copied))
    assert other == pytest.approx(one, rel=1e-9, abs=1e-15)


# The bootstrap


@pytest.mark.parametrize("name", ["comp.imp", "sch.wide", "strong"])
def test_the_bootstrap_is_near_that_of_the_boot_package(name, monkeypatch) -> None:
    """R: boot.ci(type = "perc"), 200,000 resamples; here 20,000, whose limits vary by 0.003."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 20_000)
    found = interval(boot(*counts_of(name)))
    assert found == pytest.approx([R[f"boot {name}", q] for q in ("low", "high")], abs=0.012)


def test_the_bootstrap_against_every_possible_resample(monkeypatch) -> None:
    """Four clusters have 256 resamples: their quantiles are the ideal bootstrap's."""
    monkeypatch.setattr(bootstrap, "RESAMPLES", 50_000)
    x, n = np.array([3, 9, 5, 2]), np.array([10, 12, 7, 9])
    drawn = np.array(list(product(range(4), repeat=4)))
    every = x[drawn].sum(1) / n[drawn].sum(1)
    found = interval(boot(x.tolist(), n.tolist()))
    low, high = np.quantile(every, [0.025, 0.975], method="inverted_cdf")
    assert found == pytest.approx([low, high], abs=0.01)


def test_the_bootstrap_depends_on_its_seed_alone() -> None:
    counts = counts_of("strong")
    first = boot(*counts)
    np.random.default_rng(1).random(10)
    assert boot(*counts) == first
    assert interval(boot(*counts, seed=2)) != interval(first)


def test_a_bootstrap_of_clusters_of_one_share_is_degenerate() -> None:
    assert_no_value(boot([5, 8], [5, 8]), "not_estimable", "every cluster is at 100%")
    assert_no_value(boot([0, 0], [5, 8]), "not_estimable", "every cluster is at 0%")
    assert_no_value(boot([1, 2], [2, 4]), "not_estimable", "every cluster is at 50%")


def test_a_bootstrap_says_that_it_has_few_clusters() -> None:
    few = "so few clusters"
    assert few in boot([5, 3, 4], [6, 6, 6]).note
    assert few not in boot(*counts_of("strong")).note


@QUICK
@given(CLUSTERS)
def test_a_bootstrap_stays_within_the_shares_of_its_clusters(pairs) -> None:
    x, n = of(pairs)
    clusters = Clusters.of(x, n)
    assume(estimable(clusters))
    found = boot(x, n)
    if clusters.of_one_share:
        assert found.status == "not_estimable"
    else:
        low, high = interval(found)
        by_cluster = [y / m for y, m in zip(clusters.successes, clusters.trials, strict=True)]
        assert min(by_cluster) - 1e-12 <= low <= high <= max(by_cluster) + 1e-12


# Generalised estimating equations


def logit(share: float) -> float:
    return log(share / (1 - share))


def matched_df(trials: list[int], correlation: float) -> float:
    """Satterthwaite's degrees of freedom by the matrix of all covariances of residuals."""
    sizes = np.array(trials, dtype=float)
    assumed = sizes / (1 + (sizes - 1) * correlation)
    part = assumed / assumed.sum()
    covariance = np.diag(assumed) - np.outer(assumed, part)
    scaled = covariance / np.outer(1 - part, 1 - part)
    return float(np.trace(scaled) ** 2 / (scaled**2).sum())


@pytest.mark.parametrize("level", [0.95, 0.998])
@pytest.mark.parametrize("name", ["comp.imp", "sch.wide", "strong"])
def test_gee_is_that_of_the_gee_package(name, level) -> None:
    """R: gee, with the covariance of Mancl and DeRouen by their formula.

    To six digits: both programs stop when their steps are small enough.
    """
    found = gee(*counts_of(name), level)
    low, high = (logit(limit) for limit in interval(found))
    df = matched_df(counts_of(name)[1], R[f"gee {name}", "alpha"])
    error = (high - low) / 2 / stats.t.ppf((1 + level) / 2, df)
    expected = [R[f"gee {name}", q] for q in ("logit", "bias_reduced_se")]
    assert found.estimate is not None
    assert [logit(found.estimate), error] == pytest.approx(expected, rel=1e-6)
    assert f"correlation {R[f'gee {name}', 'alpha']:.3f}, {df:.1f} degrees of" in found.note


@pytest.mark.parametrize("name", ["comp.imp", "sch.wide", "strong"])
def test_gee_is_near_that_of_the_geepack_package(name) -> None:
    """R's geepack estimates the correlation by equations of its own, without a correction.

    Its estimate is within 0.0002 on the logit scale, and its plain robust standard error is
    smaller than the bias-reduced one.
    """
    found = gee(*counts_of(name))
    assert found.estimate is not None
    assert logit(found.estimate) == pytest.approx(R[f"geepack {name}", "logit"], abs=0.0003)
    low, high = (logit(limit) for limit in interval(found))
    assert (high - low) / 2 / 1.96 > R[f"geepack {name}", "robust_se"]


def test_gee_of_clusters_of_one_size_is_the_share_itself() -> None:
    x = [4, 2, 5, 1, 3, 5, 2, 4, 4, 3, 1, 5]
    found = gee(x, [5] * 12)
    assert found.estimate == pytest.approx(sum(x) / 60, rel=1e-9)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (([3] * 8 + [2], [4] * 9), "9 clusters (at least 10)"),
        (([1] * 4 + [0] * 8, [4] * 12), "4 events (at least 5)"),
        (([4] * 8 + [3] * 4, [4] * 12), "4 non-events (at least 5)"),
        (([1, 0] * 6, [1] * 12), "hardly two trials"),
        (([1, 0] * 6, [1] * 11 + [2]), "hardly two trials"),
        (([3] * 12, [6] * 12), "every cluster is at 50%"),
        # They differ less than chance: by statsmodels a correlation that cannot be.
        (([5, 2, 5, 6] * 3 + [11], [10, 4, 10, 12] * 3 + [20]), "have no solution"),
        # Every cluster at 0 % or at 100 %: a correlation of 1 or more.
        (([0, 0, 0, 8, 0, 0, 6, 0, 8, 1], [8, 4, 3, 8, 5, 5, 6, 7, 8, 1]), "have no solution"),
        # They differ less than chance, and statsmodels runs to 4e-178 without a warning.
        (
            (
                [3, 2, 0, 0, 3, 0, 3, 2, 2, 3, 1, 1, 1, 1, 0, 1, 3, 4, 1],
                [7, 4, 1, 1, 7, 1, 6, 4, 4, 7, 2, 2, 3, 3, 1, 3, 7, 8, 2],
            ),
            "have no solution",
        ),
    ],
)
def test_gee_says_why_it_is_not_fitted(counts, reason) -> None:
    assert_no_value(gee(*counts), "not_estimable", reason)


def test_the_guard_of_gee_is_at_its_boundary() -> None:
    """10 clusters, 5 events: enough."""
    found = gee([1, 0] * 4 + [1, 0], [4, 6] * 5)
    assert (found.numerator, found.status) == (5, "ok")


def test_gee_guards_fire_on_data_like_those_of_the_service() -> None:
    """301 of 304 in 28 courses: three non-events."""
    n = [11] * 24 + [10] * 4
    x = [n[0] - 1, n[1] - 1, n[2] - 1, *n[3:]]
    assert (sum(x), sum(n)) == (301, 304)
    assert_no_value(gee(x, n), "not_estimable", "3 non-events (at least 5)")


def test_a_model_that_is_not_solved_in_so_many_steps_has_no_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clusters = [8, 7, 9, 6, 10, 5] * 3, [12, 11, 10, 13, 12, 9] * 3
    assert gee(*clusters).status == "ok"
    monkeypatch.setattr("lmm.statistics.gee.MOST_UPDATES", 1)
    assert_no_value(gee(*clusters), "not_estimable", "no solution")


def test_what_statsmodels_does_without_the_guards() -> None:
    """It "converges" at 100 %, and gives one cluster a standard error of nothing."""

    def fit(values: list[int], groups: list[int]) -> tuple[float, float]:
        model = sm.GEE(
            np.array(values, dtype=float), np.ones((len(values), 1)), np.array(groups),
            family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable(),
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = model.fit()
        return float(fitted.params[0]), float(fitted.bse[0])

    assert fit([1] * 60, [i // 5 for i in range(60)])[0] > 20
    assert fit([1] * 30 + [0] * 10, [0] * 40)[1] < 1e-10


@QUICK
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=16))
def test_gee_has_a_value_or_a_reason(pairs) -> None:
    """And where it has one, it is no absurd one, as `Estimate` and a warning would not tell."""
    found = gee(*of(pairs))
    if found.status == "ok":
        low, high = interval(found)
        assert 0 < low < found.estimate < high < 1  # type: ignore[operator]
        assert logit(high) - logit(low) < 2 * 12.8 * 10
        assert logit(high) - logit(low) > 2 * 1.96 / sqrt(found.denominator * 100)  # type: ignore[operator]
    else:
        assert found.note


@pytest.mark.parametrize(("clusters", "few"), [(14, True), (15, False)])
def test_a_gee_of_few_effective_clusters_says_so(clusters: int, few: bool) -> None:
    found = gee_share(
        "x", [7, 9] * (clusters // 2) + [8] * (clusters % 2), [10] * clusters, 0.95, "assumed"
    )
    assert found.status == "ok"
    assert ("so few effective clusters" in found.note) == few
