"""A sensitivity analysis of the share of clustered trials: whole clusters drawn again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from lmm.statistics.clusters import FEW_CLUSTERS, Clusters
from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.rounding import in_percent
from lmm.study.setting import Basis

RESAMPLES = 2000
"""How often the clusters are drawn again."""


def cluster_bootstrap(
    estimand: str,
    successes: Sequence[int],
    trials: Sequence[int],
    confidence: float,
    basis: Basis,
    *,
    seed: int,
) -> Estimate:
    """Give a share with the percentile interval of a bootstrap that draws whole clusters.

    Clusters are drawn by whole numbers from a generator that is seeded here, so that the
    result does not depend on what was drawn before. Source: Davison and Hinkley (1997),
    Bootstrap Methods and their Application, section 3.8.

    Returns
    -------
    Estimate
        ``not_estimable`` where every cluster has the same share, from which every resample
        would have it too; a note where the clusters are so few that the interval is too
        narrow.

    Raises
    ------
    ValueError
        As `Clusters.of`, and if the confidence level is not between 0 and 1.
    """
    check_confidence(confidence)
    clusters = Clusters.of(successes, trials)
    if (without := clusters.no_spread(estimand, basis)) is not None:
        return without
    if clusters.of_one_share:
        note = f"every cluster is at {in_percent(clusters.share)}, and so would every resample be"
        return clusters.without_value(estimand, "not_estimable", basis, note)
    limits = _resampled_limits(clusters, confidence, seed)
    note = f"{RESAMPLES} resamples of {clusters.in_words}"
    if clusters.number < FEW_CLUSTERS:
        note += "; so few clusters give too narrow an interval"
    method = "cluster bootstrap, percentile"
    return clusters.with_value(estimand, clusters.share, limits, method, basis, note)


def _resampled_limits(clusters: Clusters, confidence: float, seed: int) -> tuple[float, float]:
    interval = stats.bootstrap(
        (np.array(clusters.successes), np.array(clusters.trials)),
        lambda x, n, axis: x.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=RESAMPLES,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)
