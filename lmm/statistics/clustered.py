"""Shares of people who came in clusters, such as those who answered after the same course.

People of one cluster resemble each other, so that their answers tell less than as many
independent ones. `korn_graubard` is the primary interval; `cluster_bootstrap` and `gee_share`
are its sensitivity analyses. Each takes the successes and the trials of every cluster.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Self

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import special, stats

from lmm.statistics.estimates import (
    Estimate,
    Status,
    check_confidence,
    check_counts,
    clopper_pearson,
)
from lmm.statistics.rounding import fixed, in_percent
from lmm.study.setting import Basis

IGNORES_CLUSTERING = "ignores clustering"
"""What to note beside an interval that takes clustered answers as independent."""

FEW_CLUSTERS = 10
"""Under so many clusters no GEE is fitted, and a bootstrap says that it has few."""

FEW_EVENTS = 5
"""Under so many events, or non-events, no GEE is fitted."""

GEE_CONVERGED, MOST_UPDATES = 1e-12, 500
"""A GEE is solved when no more than this is left of its score for each answer; statsmodels stops
at 1e-6 for all answers together, where the digits still differ between processors."""

RULE_OF_THREE_FROM = 30
"""The trials from which 3 / n is near enough to a one-sided 95 % limit."""


@dataclass(frozen=True)
class Clusters:
    """Counts by cluster; make one with `of`, which checks and drops the empty clusters.

    Attributes
    ----------
    successes, trials
        Whole numbers, one pair a cluster, each with at least one trial.
    dropped
        How many clusters had no trials.
    """

    successes: tuple[int, ...]
    trials: tuple[int, ...]
    dropped: int = 0

    @classmethod
    def of(cls, successes: Sequence[int], trials: Sequence[int]) -> Self:
        """Check the counts, and leave out the clusters without trials.

        Raises
        ------
        ValueError
            If the two differ in length, or a count is not whole, is negative, or is more than
            its trials.
        """
        pairs = list(zip(successes, trials, strict=True))
        for pair in pairs:
            check_counts(*pair)
            if any(value != int(value) for value in pair):
                raise ValueError(f"{pair} are not counts")
        kept = [(int(x), int(n)) for x, n in pairs if n > 0]
        return cls(tuple(x for x, _ in kept), tuple(n for _, n in kept), len(pairs) - len(kept))

    @property
    def number(self) -> int:
        """How many clusters there are."""
        return len(self.trials)

    @property
    def total(self) -> int:
        """All trials."""
        return sum(self.trials)

    @property
    def events(self) -> int:
        """All successes."""
        return sum(self.successes)

    @property
    def share(self) -> float:
        """All successes / all trials."""
        return self.events / self.total

    @property
    def variance(self) -> float:
        """Variance of the share between clusters, by linearisation.

        k / (k - 1) * the sum over clusters of (the sum of (y - p))^2 / n^2, with k clusters, n
        trials and the share p: that of R's ``svymean`` for clusters drawn with replacement.
        Reckoned in whole numbers, so that it is exactly 0 where all clusters have one share.
        """
        n, events, k = self.total, self.events, self.number
        pairs = zip(self.successes, self.trials, strict=True)
        squares = sum((x * n - m * events) ** 2 for x, m in pairs)
        return k * squares / ((k - 1) * n**4)

    @property
    def design_effect(self) -> float:
        """The variance / that of as many independent trials, p * (1 - p) / (n - 1).

        As in R's ``svymean(deff="replace")``; 1 for clusters of one trial each.
        """
        return self.variance / (self.share * (1 - self.share) / (self.total - 1))

    def effective_size(self, confidence: float) -> float:
        """Independent trials that tell as much as these, for an interval at a level.

        p * (1 - p) / variance, times the squared ratio of the t quantiles with n - 1 and k - 1
        degrees of freedom, as k clusters tell little of their own variance; at most n.
        """
        if self.variance == 0:
            return float(self.total)
        tail = (1 + confidence) / 2
        within, between = (stats.t.ppf(tail, size - 1) for size in (self.total, self.number))
        size = self.share * (1 - self.share) / self.variance * (within / between) ** 2
        return min(float(size), float(self.total))

    def without_value(self, estimand: str, status: Status, basis: Basis, note: str) -> Estimate:
        """Record that these clusters give no value, and why."""
        estimate = Estimate.without_value(estimand, self.events, self.total, status, basis, note)
        return estimate.noted(self._left_out())

    def with_value(
        self,
        estimand: str,
        estimate: float,
        limits: tuple[float, float],
        method: str,
        basis: Basis,
        note: str,
    ) -> Estimate:
        """Record an interval for the share."""
        record = Estimate(
            estimand, self.events, self.total, estimate, *limits, method, "ok", basis, note
        )
        return record.noted(self._left_out())

    def _left_out(self) -> str:
        if not self.dropped:
            return ""
        return f"{self.dropped} {'cluster' if self.dropped == 1 else 'clusters'} without trials"

    def no_spread(self, estimand: str, basis: Basis) -> Estimate | None:
        """Say why nothing can be told of the spread between clusters, if it cannot."""
        if not self.total:
            return self.without_value(estimand, "no_data", basis, "no trials in any cluster")
        if self.number == 1:
            note = "one cluster: nothing is known of the spread between clusters"
            return self.without_value(estimand, "not_estimable", basis, note)
        return None


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


def cluster_bootstrap(
    estimand: str,
    successes: Sequence[int],
    trials: Sequence[int],
    confidence: float,
    basis: Basis,
    *,
    seed: int,
    resamples: int = 2000,
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
        As `korn_graubard`, and without resamples.
    """
    check_confidence(confidence)
    if resamples < 1:
        raise ValueError(f"{resamples} resamples")
    clusters = Clusters.of(successes, trials)
    if (without := clusters.no_spread(estimand, basis)) is not None:
        return without
    if clusters.variance == 0:
        note = f"every cluster is at {in_percent(clusters.share)}, and so would every resample be"
        return clusters.without_value(estimand, "not_estimable", basis, note)
    limits = _resampled_limits(clusters, confidence, seed, resamples)
    note = f"{resamples} resamples of {clusters.number} clusters"
    if clusters.number < FEW_CLUSTERS:
        note += "; so few clusters give too narrow an interval"
    method = "cluster bootstrap, percentile"
    return clusters.with_value(estimand, clusters.share, limits, method, basis, note)


def _resampled_limits(
    clusters: Clusters, confidence: float, seed: int, resamples: int
) -> tuple[float, float]:
    interval = stats.bootstrap(
        (np.array(clusters.successes), np.array(clusters.trials)),
        lambda x, n, axis: x.sum(axis) / n.sum(axis),
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)


def gee_share(
    estimand: str,
    successes: Sequence[int],
    trials: Sequence[int],
    confidence: float,
    basis: Basis,
) -> Estimate:
    """Give a share from generalised estimating equations with an exchangeable correlation.

    A logit with the bias-reduced covariance of Mancl and DeRouen and normal limits, all of
    statsmodels. It is fitted only with at least `FEW_CLUSTERS` clusters, `FEW_EVENTS` events
    and `FEW_EVENTS` non-events: with 100 % statsmodels "converges" at a logit of 27, and with
    one cluster its standard error is 4e-17. Nor is a fit trusted that does not solve the
    equations: where clusters differ less than chance, statsmodels may use a correlation that
    they cannot have, or run to a share of 1e-178, without a warning.
    Source: Mancl and DeRouen (2001), Biometrics 57, 126-134.

    Returns
    -------
    Estimate
        The estimate weights clusters by the correlation, and so is not quite successes /
        trials; the note has the correlation. ``not_estimable`` with the reason otherwise.

    Raises
    ------
    ValueError
        As `korn_graubard`.
    """
    check_confidence(confidence)
    clusters = Clusters.of(successes, trials)
    if not clusters.total:
        return clusters.without_value(estimand, "no_data", basis, "no trials in any cluster")
    if reason := _too_sparse(clusters):
        return clusters.without_value(estimand, "not_estimable", basis, reason)
    if clusters.variance == 0:
        note = f"every cluster is at {in_percent(clusters.share)}: the standard error would be 0"
        return clusters.without_value(estimand, "not_estimable", basis, note)
    answers = [
        [1] * x + [0] * (n - x) for x, n in zip(clusters.successes, clusters.trials, strict=True)
    ]
    logits, correlation = _fit_gee(answers, confidence)
    if logits is None or not _solves(clusters, float(special.expit(logits[1])), correlation):
        note = "the equations have no solution with a correlation that such clusters can have"
        return clusters.without_value(estimand, "not_estimable", basis, note)
    low, share, high = (float(value) for value in special.expit(logits))
    note = f"{clusters.number} clusters, correlation {fixed(correlation, 3)}"
    method = "GEE, exchangeable, bias-reduced"
    return clusters.with_value(estimand, share, (low, high), method, basis, note)


def _too_sparse(clusters: Clusters) -> str:
    """Why a GEE is not to be fitted, if it is not."""
    events, non_events = clusters.events, clusters.total - clusters.events
    # Without a second pair statsmodels divides by zero for the correlation.
    pairs = sum(n * (n - 1) // 2 for n in clusters.trials)
    reasons = {
        f"{clusters.number} clusters (at least {FEW_CLUSTERS})": clusters.number < FEW_CLUSTERS,
        f"{events} events (at least {FEW_EVENTS})": events < FEW_EVENTS,
        f"{non_events} non-events (at least {FEW_EVENTS})": non_events < FEW_EVENTS,
        "hardly two trials in any cluster": pairs < 2,
    }
    found = [reason for reason, holds in reasons.items() if holds]
    return f"too few for a model: {', '.join(found)}" if found else ""


def _solves(clusters: Clusters, share: float, correlation: float) -> bool:
    """Whether a share solves the estimating equations with a correlation that can be.

    The equations ask for the share whose residuals, weighted by 1 / (1 + (m - 1) *
    correlation) in a cluster of m, add up to 0. Clusters of m cannot all be correlated by
    -1 / (m - 1) or less.
    """
    if not -1 / (max(clusters.trials) - 1) < correlation < 1:
        return False
    sizes = np.array(clusters.trials)
    weights = 1 / (1 + (sizes - 1) * correlation)
    solution = (weights @ np.array(clusters.successes)) / (weights @ sizes)
    return bool(abs(share - solution) < 1e-9)


def _fit_gee(
    answers: list[list[int]], confidence: float
) -> tuple[NDArray[np.float64] | None, float]:
    """Fit the logit of the share.

    Returns
    -------
    tuple
        Lower limit, estimate and upper limit on the logit scale, or None where the fit
        warned, did not converge or gave no finite limits; and the correlation.
    """
    values = np.concatenate(answers).astype(float)
    groups = np.repeat(np.arange(len(answers)), [len(cluster) for cluster in answers])
    correlation = sm.cov_struct.Exchangeable()
    model = sm.GEE(
        values, np.ones((len(values), 1)), groups, family=sm.families.Binomial(),
        cov_struct=correlation,
    )  # fmt: skip
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fitted = model.fit(
                cov_type="bias_reduced", ctol=GEE_CONVERGED * len(values), maxiter=MOST_UPDATES
            )
    except (Warning, np.linalg.LinAlgError):
        return None, 0.0
    low, high = fitted.conf_int(1 - confidence)[0]
    logits = np.array([low, fitted.params[0], high])
    if not (fitted.converged and np.isfinite(logits).all() and isfinite(correlation.dep_params)):
        return None, 0.0
    return logits, float(correlation.dep_params)
