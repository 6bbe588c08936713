"""A step in monthly counts at an event, given trend and season: segmented regression.

The model is that of Lopez Bernal et al. (2017, International Journal of Epidemiology 46,
348-355): quasi-Poisson, with the months open as exposure, a step, a linear trend and the season
as harmonics. It is fitted only where the counts allow it. A step says that the counts before and
after differ by more or less than trend and season, and nothing about why.

A series is a frame of ``month`` (its first day), ``events``, ``months_open`` (the share of the
month that counts could come from) and ``after`` (the share of that from the event on).
"""

from __future__ import annotations

from math import floor

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from lmm.statistics.harmonics import design, harmonics
from lmm.statistics.rounding import fixed
from lmm.statistics.segmented_fit import (
    CONVERGED,
    NO_SOLUTION,
    UNTIL_CONVERGED,
    NotFittedError,
    Segmented,
    described,
    poisson,
    quietly,
    student,
)

MONTHS_BEFORE, MONTHS_AFTER = 12, 6
"""A model needs this many months open on either side: a year of season, and half a year."""

EVENTS_A_MONTH, EVENTS_A_SIDE = 5, 5
"""A model needs this many events a month on average, and this many on either side."""

LEAST_DISPERSION = 0.05
"""Counts that lie closer to the curve than this have no variation to make an interval from."""


# --- what a model needs ----------------------------------------------------------------------


def obstacle(series: pd.DataFrame) -> str:
    """Say why a series cannot carry the model; empty where it can."""
    opened = series[series["months_open"] > 0]
    before = opened["after"] < 0.5
    sides = {"before the event": opened[before], "from the event on": opened[~before]}
    for name, side in sides.items():
        if side.empty:
            return f"the service was not open {name}"
    if shortage := _shortage(opened, sides):
        return f"a model needs at least {shortage}"
    if all(np.ptp(side["events"] / side["months_open"]) < 1e-9 for side in sides.values()):
        return "the counts do not vary from month to month"
    terms = design(opened, harmonics(len(opened)))
    if np.linalg.matrix_rank(terms) < terms.shape[1]:
        return "season, trend and step cannot be told apart in the months that were open"
    return ""


def _shortage(opened: pd.DataFrame, sides: dict[str, pd.DataFrame]) -> str:
    """Say what there is too little of: months or events."""
    for (name, side), least in zip(sides.items(), (MONTHS_BEFORE, MONTHS_AFTER), strict=True):
        if len(side) < least:
            return f"{least} months {name}, and there are {len(side)}"
    mean = opened["events"].sum() / opened["months_open"].sum()
    if mean < EVENTS_A_MONTH:
        return f"{EVENTS_A_MONTH} events a month, and there are {fixed(mean, 1)}"
    for name, side in sides.items():
        if side["events"].sum() < EVENTS_A_SIDE:
            return f"{EVENTS_A_SIDE} events {name}, and there are {side['events'].sum()}"
    return ""


# --- the models ------------------------------------------------------------------------------


def segmented(series: pd.DataFrame, confidence: float) -> Segmented:
    """Fit the quasi-Poisson model; intervals use the t distribution.

    Raises
    ------
    NotFittedError
        With the reason, before anything is fitted where that can be known.
    """
    if reason := obstacle(series):
        raise NotFittedError(reason)
    fitted = poisson(series, scale="X2")
    if fitted.scale < LEAST_DISPERSION:
        raise NotFittedError("the counts hardly vary about the curve")
    return described("quasi-Poisson, t limits", fitted, student(fitted, confidence))


def sensitivities(series: pd.DataFrame, confidence: float) -> dict[str, Segmented | str]:
    """Fit the same curve with other assumptions about the scatter.

    Returns
    -------
    dict
        By name, the model or the reason why there is none: ``negative binomial`` (with the
        normal distribution), and ``Newey-West``, the Poisson curve with limits that allow
        for correlation from month to month.
    """
    found: dict[str, Segmented | str] = {}
    for name, fit in {"negative binomial": _negative_binomial, "Newey-West": _newey_west}.items():
        try:
            found[name] = fit(series, confidence)
        except NotFittedError as reason:
            found[name] = str(reason)
    return found


def _negative_binomial(series: pd.DataFrame, confidence: float) -> Segmented:
    """Take the variance as mean + alpha * mean squared, alpha by maximum likelihood."""
    first = poisson(series)
    y, terms, offset = first.model.endog, first.model.exog, first.model.offset
    quantile = float(stats.norm.ppf((1 + confidence) / 2))
    method = "negative binomial, normal limits"
    excess = float((first.resid_response**2 - y).sum())
    if excess <= 0:  # the likelihood falls from alpha = 0 on
        note = "the counts vary no more than Poisson ones: alpha is 0 and the model is Poisson"
        return described(method, first, quantile, note)
    start = [*first.params, excess / float((first.mu**2).sum())]
    joint = quietly(
        sm.NegativeBinomial(y, terms, offset=offset).fit,
        start_params=start, method="newton", maxiter=200, tol=CONVERGED, disp=0,
    )  # fmt: skip
    alpha = float(joint.params[-1])
    if not joint.mle_retvals["converged"] or alpha <= 0:
        raise NotFittedError(NO_SOLUTION)
    family = sm.families.NegativeBinomial(alpha=alpha)
    fitted = quietly(sm.GLM(y, terms, family=family, offset=offset).fit, **UNTIL_CONVERGED)
    return described(method, fitted, quantile, f"alpha {alpha:.3g}")


def _newey_west(series: pd.DataFrame, confidence: float) -> Segmented:
    """Bartlett kernel, lag 4 (n/100)^(2/9), small-sample factor n/(n-k), t distribution.

    Source: Newey and West (1994), Review of Economic Studies 61, 631-653.
    """
    lag = floor(4 * (int((series["months_open"] > 0).sum()) / 100) ** (2 / 9))
    options = {"maxlags": lag, "use_correction": True}
    fitted = poisson(series, cov_type="HAC", cov_kwds=options)
    note = f"lag {lag}; in a short series such limits tend to be too narrow"
    return described("Poisson, Newey-West limits (t)", fitted, student(fitted, confidence), note)
