"""What a comparison of groups says: odds ratios, probabilities, and whether odds are proportional.

Intervals are Wald intervals on the logarithm of the odds, from the clustered (CR2) or the
model-based standard error, whichever is larger, with Student's t on Satterthwaite's degrees of
freedom (Bell and McCaffrey 2002, Survey Methodology 28, 169-181): few where a group has few
clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit, logit

from lmm.statistics.cut_contrasts import CutContrasts
from lmm.statistics.estimate import Estimate, Status
from lmm.statistics.few_clusters import Vector
from lmm.statistics.ordinal import Comparison
from lmm.statistics.proportional_odds import ProportionalOdds
from lmm.study.setting import Basis

STEPS = np.array([0.0, -1.0, 1.0])
"""From an estimate to itself and to its lower and upper limits."""


def odds_ratio(estimand: str, found: Comparison, group: str) -> Estimate:
    """Compare a group with the first: the odds of a higher answer.

    The numerator is the answers of the group and the denominator all answers of the model.
    """
    counts = found.answers_of(group), int(found.counts.sum())
    if found.model is None or group not in found.used:
        return _without_value(estimand, found, group, counts)
    value, gradient = found.model.log_odds_ratio(found.used.index(group))
    reach, error = _reach(found, found.model, gradient)
    name = "proportional odds" if len(found.scale) > 2 else "logistic (two answers)"
    return _estimate(estimand, found, counts, np.exp(value + reach), f"{name}, {error}")


def probability(estimand: str, found: Comparison, group: str, answer: int) -> Estimate:
    """Predict with which probability a group gives an answer: delta method on the logit.

    The numerator is how many of the group gave the answer, and missing where there is no
    model; the denominator is how many answered.

    Parameters
    ----------
    answer
        Its place in the scale of the comparison.
    """
    answered = found.answers_of(group)
    if found.model is None or group not in found.used:
        return _without_value(estimand, found, group, (None, answered))
    at = found.used.index(group)
    value, gradient = found.model.probability(at, answer)
    on_logit = gradient / (value * (1 - value))
    reach, error = _reach(found, found.model, on_logit)
    counts, limits = (found.counts[:, at, answer].sum(), answered), expit(logit(value) + reach)
    return _estimate(estimand, found, counts, limits, f"delta method on the logit, {error}")


def _reach(found: Comparison, model: ProportionalOdds, gradient: Vector) -> tuple[Vector, str]:
    """Give the way from an estimate to itself and its limits, and name the standard error."""
    error, clustered = model.standard_error(gradient)
    t = float(stats.t.ppf((1 + found.confidence) / 2, model.clusters.df(gradient)))
    name = f"clustered on {found.cluster}" if clustered else "model-based: clustering adds nothing"
    return t * error * STEPS, name


def _estimate(
    estimand: str, found: Comparison, counts: tuple[int, int], limits: Vector, method: str
) -> Estimate:
    value, low, high = (float(limit) for limit in limits)
    numbers = (int(counts[0]), int(counts[1]), value, low, high)
    return Estimate(estimand, *numbers, method, "ok", found.basis, found.note)


def _without_value(
    estimand: str, found: Comparison, group: str, counts: tuple[int | None, int]
) -> Estimate:
    """Record that the model says nothing of a group, and why."""
    status, note = found.status, found.note
    if group not in found.used:
        status, note = "no_data", "nobody in this group answered"
    return Estimate.without_value(estimand, *counts, status, found.basis, note)


@dataclass(frozen=True)
class FTest:
    """An F test of several differences at once.

    Attributes
    ----------
    f, df, df_clusters, p_value
        The statistic, its two degrees of freedom and the p-value; None unless ``status`` is
        ``ok``.
    """

    f: float | None
    df: int | None
    df_clusters: float | None
    p_value: float | None
    method: str
    status: Status
    basis: Basis
    note: str


def compare_all(found: Comparison) -> FTest:
    """Test whether the odds of a higher answer are the same in all groups.

    A Wald test of all log odds ratios with the CR2 covariance, or the model-based one where that
    gives the smaller statistic, as Hotelling's T-squared (Pustejovsky and Tipton 2018, Journal of
    Business and Economic Statistics 36, 672-683). With two groups it is the t test that belongs
    to the interval of the odds ratio.
    """
    if found.model is None:
        return FTest(None, None, None, None, "", found.status, found.basis, found.note)
    model, df = found.model, len(found.used) - 1
    each = np.eye(len(model.parameters))[:df]
    total = model.clusters.joint_df(each)
    residual = total - df + 1
    if residual < 1:
        why = f"{len(found.counts)} {found.cluster}s are too few to compare {df + 1} groups at once"
        return FTest(None, df, None, None, "", "not_estimable", found.basis, why)
    ratios = model.parameters[:df]
    wald = min(
        float(ratios @ np.linalg.solve(covariance[:df, :df], ratios))
        for covariance in (model.clustered, model.model_based)
    )
    f = wald * residual / (total * df)
    p_value = float(stats.f.sf(f, df, residual))
    method = f"Wald test, clustered on {found.cluster} (CR2)"
    return FTest(f, df, residual, p_value, method, "ok", found.basis, found.note)


def check_proportional_odds(found: Comparison) -> FTest:
    """Test whether the odds ratios at every cut of the scale are the same, see `CutContrasts`.

    A large p-value does not show that odds are proportional.
    """

    def without(status: Status, note: str) -> FTest:
        return FTest(None, None, None, None, "", status, found.basis, note)

    if found.model is None:
        return without(found.status, found.note)
    if len(found.scale) < 3:
        text = "two answers are left, hence one cut: there is nothing to check"
        return without("not_estimable", "; ".join(filter(None, (text, found.note))))
    test = CutContrasts.of(found.counts).test()
    if test is None:
        number = f"{len(found.counts)} {found.cluster}s"
        return without("not_estimable", f"more differences between cuts than {number} can show")
    method = f"Brant-type Wald test, clustered on {found.cluster}"
    return FTest(*test, method, "ok", found.basis, found.note)
