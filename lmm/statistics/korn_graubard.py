"""The primary interval of a share of clustered trials: an effective size in exact limits."""

from __future__ import annotations

from collections.abc import Sequence

from lmm.statistics.clusters import Clusters
from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.rounding import fixed, in_percent
from lmm.statistics.shares import clopper_pearson
from lmm.study.setting import Basis

RULE_OF_THREE_FROM = 30
"""The trials from which 3 / n is near enough to a one-sided 95 % limit."""


def korn_graubard(
    estimand: str,
    successes: Sequence[int],
    trials: Sequence[int],
    confidence: float,
    basis: Basis,
) -> Estimate:
    """Give a share with Korn and Graubard's interval for clustered trials.

    Clopper and Pearson's limits on the effective size of `Clusters.effective_size`. Ours
    because neither statsmodels nor scipy has it. R's ``svyciprop(method="beta")`` agrees
    wherever the effective size is below n; in ``survey`` 4.1 it has no cap at n, so that where
    clusters differ less than chance its interval is narrower than Clopper and Pearson's.
    Where all trials end alike no variance can be had: the limit is Clopper and Pearson's on n,
    with the tail ``(1 - confidence) / 2`` of the two-sided interval, so that it does not jump.
    Source: Korn and Graubard (1998), Survey Methodology 24, 193-201.

    Parameters
    ----------
    successes, trials
        Of each cluster, in the same order.

    Returns
    -------
    Estimate
        The note has the number of clusters, the design effect and the effective size. Status
        ``not_estimable`` for one cluster, where a naive interval, noted `IGNORES_CLUSTERING`,
        may be shown; ``no_data`` without trials.

    Raises
    ------
    ValueError
        As `Clusters.of`, and if the confidence level is not between 0 and 1.
    """
    check_confidence(confidence)
    clusters = Clusters.of(successes, trials)
    if (without := clusters.no_spread(estimand, basis)) is not None:
        return without
    share, n = clusters.share, clusters.total
    if clusters.events in (0, n):
        method, note = "Clopper-Pearson, one-sided", _all_alike(clusters, confidence)
        limits = clopper_pearson(clusters.events, n, confidence)
        return clusters.with_value(estimand, share, limits, method, basis, note)
    size = clusters.effective_size(confidence)
    limits = clopper_pearson(size * share, size, confidence)
    note = (
        f"{clusters.number} clusters, design effect {fixed(clusters.design_effect, 2)}, "
        f"effective size {fixed(size, 1)} of {n}"
    )
    return clusters.with_value(estimand, share, limits, "Korn-Graubard", basis, note)


def _all_alike(clusters: Clusters, confidence: float) -> str:
    """Say what an interval from clusters that are all at 0 % or all at 100 % rests on."""
    n, share = clusters.total, clusters.share
    notes = [
        f"all {clusters.number} clusters at {in_percent(share)}: no variance between them, "
        f"the limit takes the {n} as independent",
        f"one-sided, at {50 * (1 + confidence):.4g} % confidence",
    ]
    if n >= RULE_OF_THREE_FROM:
        notes.append(f"rule of three (95 %): {fixed(abs(share - 3 / n), 4)}")
    return "; ".join(notes)
