"""The primary interval of a share of clustered trials: an effective size in exact limits."""

from __future__ import annotations

from collections.abc import Sequence

from scipy import special

from lmm.statistics.cluster_robust import ClusterRobust
from lmm.statistics.clusters import Clusters
from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.rounding import fixed, in_percent
from lmm.statistics.shares import clopper_pearson
from lmm.study.setting import Basis

WORKING_CORRELATION = 0.2
"""How alike the trials of a cluster are taken to be until they show it: the largest correlation
for which `lmm.simulation` holds the interval to its level."""

ASSUMED_EVENTS = 3
"""The assumed spread counts as much as that seen in so many of the rarer outcome."""

RULE_OF_THREE_FROM = 30
"""The effective size from which 3 / size is near enough to a one-sided 95 % limit."""


def effective_size_interval(
    estimand: str,
    successes: Sequence[int],
    trials: Sequence[int],
    confidence: float,
    basis: Basis,
) -> Estimate:
    """Give a share with exact limits on the effective size of clustered trials.

    After Korn and Graubard (1998, Survey Methodology 24, 193-201): Clopper and Pearson's limits
    for the share of as many independent trials as tell as much. They hold where clusters are
    alike in size and the share is not near an end. So the variance is that of `ClusterRobust`,
    with its degrees of freedom in the place of clusters - 1, which allows for a cluster much
    larger than the others; and few events, or non-events, do not show how alike the trials of
    a cluster are, so that a correlation of `WORKING_CORRELATION` is assumed beside them, see
    `effective_size`. Ours because neither statsmodels nor scipy has any such interval. It was
    chosen by simulation, see the page on coverage.

    Parameters
    ----------
    successes, trials
        Of each cluster, in the same order.

    Returns
    -------
    Estimate
        The note has the number and the effective number of clusters, the design effect and the
        effective size. Status ``not_estimable`` for one cluster, where a naive interval, noted
        `IGNORES_CLUSTERING`, may be shown, and where one holds nearly all trials; ``no_data``
        without trials.

    Raises
    ------
    ValueError
        As `Clusters.of`, and if the confidence level is not between 0 and 1.
    """
    check_confidence(confidence)
    clusters = Clusters.of(successes, trials)
    if (without := clusters.no_spread(estimand, basis)) is not None:
        return without
    share, (design_effect, size) = clusters.share, effective_size(clusters, confidence)
    limits = clopper_pearson(size * share, size, confidence)
    note = (
        f"{clusters.in_words}, design effect {fixed(design_effect, 2)}, "
        f"effective size {fixed(size, 1)} of {clusters.total}"
    )
    if not clusters.rarer:
        method, note = "Korn-Graubard, one-sided", f"{note}; {_alike(clusters, size, confidence)}"
        return clusters.with_value(estimand, share, limits, method, basis, note)
    return clusters.with_value(estimand, share, limits, "Korn-Graubard with CR2", basis, note)


def effective_size(clusters: Clusters, confidence: float) -> tuple[float, float]:
    """Give the design effect, and how many independent trials tell as much as the clusters.

    The design effect is the mean of that seen, which has as much weight as there are of the
    rarer outcome, and of that of `WORKING_CORRELATION`, with the weight `ASSUMED_EVENTS`. For
    the size the seen one is multiplied by the squared ratio of the t quantiles, as so few
    clusters tell little of their own variance. The size is at most that of all trials.
    """
    n, seen, assumed = clusters.total, clusters.rarer, ASSUMED_EVENTS
    robust = ClusterRobust.of(clusters, WORKING_CORRELATION)
    found = robust.variance * n / (clusters.share * (1 - clusters.share)) if seen else 0.0
    tail = (1 + confidence) / 2
    between, within = (float(special.stdtrit(df, tail)) for df in (robust.df, n - 1))
    design_effect, widened = (
        (seen * found * factor + assumed * robust.assumed_design_effect) / (seen + assumed)
        for factor in (1.0, (between / within) ** 2)
    )
    return design_effect, n / max(widened, 1.0)


def _alike(clusters: Clusters, size: float, confidence: float) -> str:
    """Say what an interval from clusters that are all at 0 % or all at 100 % rests on."""
    share = clusters.share
    notes = [
        f"all clusters at {in_percent(share)}: no variance between them, so that trials of one "
        f"are taken as correlated by {WORKING_CORRELATION}",
        f"one-sided, at {50 * (1 + confidence):.4g} % confidence",
    ]
    if size >= RULE_OF_THREE_FROM:
        notes.append(f"rule of three (95 %): {fixed(abs(share - 3 / size), 4)}")
    return "; ".join(notes)
