"""A sensitivity analysis of the share of clustered trials: generalised estimating equations."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from math import isfinite

import numpy as np
from scipy import special

from lmm.statistics.cluster_robust import degrees_of_freedom
from lmm.statistics.clusters import FEW_CLUSTERS, Clusters
from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.rounding import fixed, in_percent
from lmm.study.setting import Basis

FEW_EVENTS = 5
"""Under so many events, or non-events, no GEE is fitted."""

FEW_EFFECTIVE = 15
"""Under so many effective clusters its interval was found too narrow near 100 %, which is noted."""


GEE_CONVERGED, MOST_UPDATES = 1e-12, 500
"""A GEE is solved when no more than this is left of its score for each answer; statsmodels stops
at 1e-6 for all answers together, where the digits still differ between processors."""


def gee_share(
    estimand: str,
    successes: Sequence[int],
    trials: Sequence[int],
    confidence: float,
    basis: Basis,
) -> Estimate:
    """Give a share from generalised estimating equations with an exchangeable correlation.

    A logit with the bias-reduced covariance of Mancl and DeRouen, both of statsmodels, and t
    limits with Satterthwaite's degrees of freedom of that covariance, as Pan and Wall's (2002,
    Statistics in Medicine 21, 1429-1441); normal limits are too narrow for few clusters, and for
    one much larger than the others. It is fitted only with at least `FEW_CLUSTERS` clusters,
    `FEW_EVENTS` events and `FEW_EVENTS` non-events: with 100 % statsmodels "converges" at a
    logit of 27, and with one cluster its standard error is 4e-17. Nor is a fit trusted that
    does not solve the equations: where clusters differ less than chance, statsmodels may use a
    correlation that they cannot have, or run to a share of 1e-178, without a warning.
    Source: Mancl and DeRouen (2001), Biometrics 57, 126-134.

    Returns
    -------
    Estimate
        The estimate weights clusters by the correlation, and so is not quite successes /
        trials; the note has the correlation. ``not_estimable`` with the reason otherwise.

    Raises
    ------
    ValueError
        As `Clusters.of`, and if the confidence level is not between 0 and 1.
    """
    check_confidence(confidence)
    clusters = Clusters.of(successes, trials)
    if not clusters.total:
        return clusters.without_value(estimand, "no_data", basis, "no trials in any cluster")
    if reason := _too_sparse(clusters):
        return clusters.without_value(estimand, "not_estimable", basis, reason)
    if (without := clusters.no_spread(estimand, basis)) is not None:
        return without
    if clusters.of_one_share:
        note = f"every cluster is at {in_percent(clusters.share)}: the standard error would be 0"
        return clusters.without_value(estimand, "not_estimable", basis, note)
    answers = [
        [1] * x + [0] * (n - x) for x, n in zip(clusters.successes, clusters.trials, strict=True)
    ]
    fitted, correlation = _fit_gee(answers)
    if fitted is None or not _solves(clusters, float(special.expit(fitted[0])), correlation):
        note = "the equations have no solution with a correlation that such clusters can have"
        return clusters.without_value(estimand, "not_estimable", basis, note)
    (logit, error), df = fitted, _degrees_of_freedom(clusters, correlation)
    reach = float(special.stdtrit(df, (1 + confidence) / 2)) * error
    low, share, high = (float(special.expit(logit + way)) for way in (-reach, 0.0, reach))
    note = (
        f"{clusters.in_words}, correlation {fixed(correlation, 3)}, "
        f"{fixed(df, 1)} degrees of freedom"
    )
    if clusters.effective_number < FEW_EFFECTIVE:
        note += "; of so few effective clusters the interval may be too narrow near an end"
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


def _degrees_of_freedom(clusters: Clusters, correlation: float) -> float:
    """Give those of the covariance of Mancl and DeRouen, were the correlation known."""
    assumed = [m / (1 + (m - 1) * correlation) for m in clusters.trials]
    weights = [v / sum(assumed) for v in assumed]
    return degrees_of_freedom(weights, assumed, [(1 - w) ** -2 for w in weights])


def _fit_gee(answers: list[list[int]]) -> tuple[tuple[float, float] | None, float]:
    """Fit the logit of the share.

    Returns
    -------
    tuple
        The logit and its standard error, or None where the fit warned, did not converge or
        gave none that is finite; and the correlation.
    """
    from statsmodels.genmod.cov_struct import Exchangeable  # noqa: PLC0415
    from statsmodels.genmod.families import Binomial  # noqa: PLC0415
    from statsmodels.genmod.generalized_estimating_equations import GEE  # noqa: PLC0415

    values = np.concatenate(answers).astype(float)
    groups = np.repeat(np.arange(len(answers)), [len(cluster) for cluster in answers])
    correlation = Exchangeable()
    model = GEE(
        values, np.ones((len(values), 1)), groups, family=Binomial(),
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
    logit, error = float(fitted.params[0]), float(fitted.bse[0])
    if not (fitted.converged and all(map(isfinite, (logit, error, correlation.dep_params)))):
        return None, 0.0
    return (logit, error), float(correlation.dep_params)
