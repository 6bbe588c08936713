"""Intervals that were compared before one was chosen for the share of answers in courses.

Nothing rests on them. Each gives Clopper and Pearson's limits where all answers are alike.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, sqrt

from scipy import special

from lmm.statistics.cluster_robust import ClusterRobust
from lmm.statistics.clusters import Clusters
from lmm.statistics.shares import clopper_pearson

Limits = tuple[float, float]

LEAST_CORRELATION = 0.05
"""Answers of a course are taken to be at least so alike by the last candidate."""


def linearised_variance(clusters: Clusters) -> float:
    """Give the variance of a share as R's ``svymean`` does, for clusters drawn with replacement.

    k / (k - 1) * the sum over clusters of (the sum of (y - p))^2 / n^2, with k clusters.
    """
    k, n = clusters.number, clusters.total
    pairs = zip(clusters.successes, clusters.trials, strict=True)
    return k / (k - 1) * sum((x * n - m * clusters.events) ** 2 for x, m in pairs) / n**4


def korn_graubard(clusters: Clusters, level: float) -> Limits:
    """Korn and Graubard's (1998), with clusters - 1 degrees of freedom.

    R's ``svyciprop(method="beta")`` gives the same wherever the effective size is below n.
    """
    return _on_effective_size(clusters, linearised_variance(clusters), clusters.number - 1, level)


def korn_graubard_cr2(clusters: Clusters, level: float) -> Limits:
    """Korn and Graubard's, with CR2 and its degrees of freedom as if answers were independent."""
    robust = ClusterRobust.of(clusters, 0.0)
    return _on_effective_size(clusters, robust.variance, robust.df, level)


def least_correlation(clusters: Clusters, level: float) -> Limits:
    """Korn and Graubard's with CR2, and a design effect that `LEAST_CORRELATION` would have."""
    robust = ClusterRobust.of(clusters, LEAST_CORRELATION)
    most = clusters.total / robust.assumed_design_effect
    return _on_effective_size(clusters, robust.variance, robust.df, level, most)


def logit_cr2(clusters: Clusters, level: float) -> Limits:
    """Give t limits on the logit, with CR2 and its degrees of freedom."""
    robust = ClusterRobust.of(clusters, 0.0)
    return _on_logit(clusters, robust.variance, robust.df, level)


def logit_jackknife(clusters: Clusters, level: float) -> Limits:
    """Give t limits on the logit, with the jackknife variance (CR3) and clusters - 1 df."""
    n = clusters.total
    pairs = zip(clusters.successes, clusters.trials, strict=True)
    variance = sum(((x * n - m * clusters.events) / (n - m)) ** 2 for x, m in pairs) / n**2
    return _on_logit(clusters, variance, clusters.number - 1, level)


CANDIDATES: dict[str, Callable[[Clusters, float], Limits]] = {
    "Korn-Graubard": korn_graubard,
    "Korn-Graubard, CR2 alone": korn_graubard_cr2,
    "Korn-Graubard, CR2, least correlation": least_correlation,
    "logit, CR2": logit_cr2,
    "logit, jackknife": logit_jackknife,
}


def _t(df: float, level: float) -> float:
    return float(special.stdtrit(df, (1 + level) / 2))


def _on_effective_size(
    clusters: Clusters, variance: float, df: float, level: float, most: float | None = None
) -> Limits:
    share, n = clusters.share, clusters.total
    size = float(n)
    if variance > 0:
        ratio = _t(n - 1, level) / _t(df, level)
        size = min(share * (1 - share) / variance * ratio**2, n)
    size = min(size, most or n)
    return clopper_pearson(size * share, size, level)


def _on_logit(clusters: Clusters, variance: float, df: float, level: float) -> Limits:
    if not clusters.rarer:
        return clopper_pearson(clusters.events, clusters.total, level)
    share = clusters.share
    reach = _t(df, level) * sqrt(variance) / (share * (1 - share))
    middle = log(share / (1 - share))
    return float(special.expit(middle - reach)), float(special.expit(middle + reach))
