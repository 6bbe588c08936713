"""A step in monthly counts when each month may resemble the one before.

Months that resemble each other tell less than their number, and a short series cannot say how
much they do: a correlation that is estimated from it, with trend and season taken out, is too
near to 0. So it is not estimated and then taken as known. The interval is an average over all
correlations that there may be, each with the weight that the counts give it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from lmm.statistics.harmonics import STEP, Numbers, design, harmonics
from lmm.statistics.segmented_fit import (
    CONVERGED,
    LARGEST_COEFFICIENT,
    NO_SOLUTION,
    NotFittedError,
    described,
    poisson,
    student,
)

NODES = 64
"""Of the quadrature over the correlation; twice as many change no digit that is shown."""

LEAST_DISPERSION = 1.0
"""Counts that happen to vary less than Poisson ones are taken to vary as much."""


@dataclass(frozen=True)
class Averaged:
    """A step averaged over correlations.

    Attributes
    ----------
    limits
        Median and limits of the step on the log scale.
    correlation
        Average of the correlation of a month with the one before.
    dispersion
        Pearson's chi-squared of the Poisson curve over its degrees of freedom.
    """

    method: str
    limits: tuple[float, float, float]
    correlation: float
    dispersion: float
    note: str = ""

    def step(self) -> tuple[float, float, float]:
        """Give the step as a rate ratio, with its limits."""
        value, low, high = (exp(limit) for limit in self.limits)
        return value, low, high


@dataclass(frozen=True)
class GivenCorrelation:
    """What generalised least squares gives where the correlation is known.

    Attributes
    ----------
    step, variance
        Of the coefficient of the step; the variance for a dispersion of 1.
    dispersion
        The residual sum of squares over its degrees of freedom.
    log_likelihood
        Restricted, with coefficients and dispersion taken out, up to a constant.
    """

    step: float
    variance: float
    dispersion: float
    log_likelihood: float


def autoregressive(series: pd.DataFrame, confidence: float) -> Averaged:
    """Average over autoregressive scatter of the first order.

    The working values of the Poisson model at its solution are a linear model whose errors are
    taken as normal and autoregressive (a closed month is a gap). Given the correlation, the
    step has Student's t distribution; the correlation, from 0 to 1 with none preferred
    beforehand, has its restricted likelihood. The limits are quantiles of the mixture, which
    is the posterior distribution under the usual flat prior (Zellner and Tiao 1964, Journal of
    the American Statistical Association 59, 763-778). Ours because statsmodels' ``GLSAR``
    takes an estimated correlation as known and knows no gaps.

    Raises
    ------
    NotFittedError
        If the Poisson model has no solution, or the limits lie beyond belief.
    """
    first = poisson(series)
    main = described("", first, student(first, confidence))  # refuses what has no solution
    values, terms, gaps = working_model(series, first)
    places, weights = np.polynomial.legendre.leggauss(NODES)
    correlations = (places + 1) / 2
    given = [given_correlation(values, terms, gaps, float(rho)) for rho in correlations]
    support = np.array([each.log_likelihood for each in given])
    weights = weights * np.exp(support - support.max())
    weights /= weights.sum()
    centres = np.array([each.step for each in given])
    spreads = np.array([each.variance * max(each.dispersion, LEAST_DISPERSION) for each in given])
    tails = (0.5, (1 - confidence) / 2, (1 + confidence) / 2)
    freedom = float(first.df_resid)
    value, low, high = (
        _quantile(tail, weights, centres, np.sqrt(spreads), freedom) for tail in tails
    )
    if not max(abs(low), abs(high)) < LARGEST_COEFFICIENT:
        raise NotFittedError(NO_SOLUTION)
    correlation = float(weights @ correlations)
    note = f"correlation of a month with the one before {correlation:.2f} on average"
    method = "Poisson, autoregressive scatter (t, averaged over the correlation)"
    return Averaged(method, (value, low, high), correlation, main.dispersion, note)


def working_model(series: pd.DataFrame, fitted: object) -> tuple[Numbers, Numbers, Numbers]:
    """Lay out the weighted working values, their columns, and the months between rows."""
    opened = series[series["months_open"] > 0]
    terms = design(opened, harmonics(len(opened)))
    mean = np.asarray(fitted.mu, dtype="float64")  # type: ignore[attr-defined]
    linear = terms @ np.asarray(fitted.params, dtype="float64")  # type: ignore[attr-defined]
    root = np.sqrt(mean)
    values = root * (linear + (opened["events"].to_numpy(dtype="float64") - mean) / mean)
    place = opened["month"].dt.year * 12 + opened["month"].dt.month
    gaps = np.diff(place.to_numpy(dtype="float64"))
    return values, root[:, None] * terms, gaps


def given_correlation(
    values: Numbers, terms: Numbers, gaps: Numbers, correlation: float
) -> GivenCorrelation:
    """Solve generalised least squares with errors that are correlated by distance in months."""
    carried = correlation**gaps
    kept = 1 - carried**2
    scale = np.sqrt(kept)
    y = np.append(values[:1], (values[1:] - carried * values[:-1]) / scale)
    rows = (terms[1:] - carried[:, None] * terms[:-1]) / scale[:, None]
    x = np.vstack([terms[:1], rows])
    information = x.T @ x
    coefficients = np.linalg.solve(information, x.T @ y)
    left = float(((y - x @ coefficients) ** 2).sum())
    freedom = len(y) - x.shape[1]
    support = -0.5 * (
        np.log(kept).sum() + np.linalg.slogdet(information)[1] + freedom * np.log(left)
    )
    variance = float(np.linalg.inv(information)[STEP, STEP])
    return GivenCorrelation(float(coefficients[STEP]), variance, left / freedom, float(support))


def _quantile(
    tail: float, weights: Numbers, centres: Numbers, spreads: Numbers, freedom: float
) -> float:
    """Give a quantile of a mixture of t distributions; it lies between theirs."""
    each = centres + spreads * stats.t.ppf(tail, freedom)

    def beyond(at: float) -> float:
        return float(weights @ stats.t.cdf((at - centres) / spreads, freedom)) - tail

    return float(brentq(beyond, each.min() - 1e-6, each.max() + 1e-6, xtol=CONVERGED))
