"""A step in monthly counts at an event, given trend and season: segmented regression.

The model is that of Lopez Bernal et al. (2017, International Journal of Epidemiology 46,
348-355): quasi-Poisson, with the months open as exposure, a step, a linear trend and the season
as harmonics. It is fitted only where the counts allow it. A step says that the counts before and
after differ by more or less than trend and season, and nothing about why.

A series is a frame of ``month`` (its first day), ``events``, ``months_open`` (the share of the
month that counts could come from) and ``after`` (the share of that from the event on).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from lmm.statistics.autoregressive import Averaged, autoregressive
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
"""Counts that lie closer to the curve than this are no counts of separate events."""

QUASI, NEGATIVE_BINOMIAL = "quasi-Poisson, t limits", "negative binomial, t limits"
"""What the models are called, with the distribution of their limits."""

Fit = Segmented | Averaged


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

    Counts that happen to vary less than Poisson ones are taken to vary as much: a dispersion
    under 1 widens nothing and narrows nothing.

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
    found = described(QUASI, fitted, student(fitted, confidence))
    if fitted.scale >= 1:
        return found
    note = "the counts vary no more than Poisson ones: the limits take a dispersion of 1"
    return replace(found, covariance=found.covariance / fitted.scale, note=note)


def sensitivities(series: pd.DataFrame, confidence: float) -> dict[str, Fit | str]:
    """Fit the same curve with other assumptions about the scatter.

    Returns
    -------
    dict
        By name, the model or the reason why there is none: ``negative binomial``, and
        ``autoregressive``, which allows for months that resemble those before.
    """
    models: dict[str, Callable[[pd.DataFrame, float], Fit]] = {
        "negative binomial": _negative_binomial,
        "autoregressive": autoregressive,
    }
    found: dict[str, Fit | str] = {}
    for name, fit in models.items():
        try:
            found[name] = fit(series, confidence)
        except NotFittedError as reason:
            found[name] = str(reason)
    return found


def _negative_binomial(series: pd.DataFrame, confidence: float) -> Segmented:
    """Take the variance as mean + alpha * mean squared, alpha by maximum likelihood."""
    from statsmodels.discrete.discrete_model import NegativeBinomial  # noqa: PLC0415
    from statsmodels.genmod import families  # noqa: PLC0415
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    first = poisson(series)
    y, terms, offset = first.model.endog, first.model.exog, first.model.offset
    method, quantile = NEGATIVE_BINOMIAL, student(first, confidence)
    excess = float((first.resid_response**2 - y).sum())
    if excess <= 0:  # the likelihood falls from alpha = 0 on
        note = "the counts vary no more than Poisson ones: alpha is 0 and the model is Poisson"
        return described(method, first, quantile, note)
    start = [*first.params, excess / float((first.mu**2).sum())]
    joint = quietly(
        NegativeBinomial(y, terms, offset=offset).fit,
        start_params=start, method="newton", maxiter=200, tol=CONVERGED, disp=0,
    )  # fmt: skip
    alpha = float(joint.params[-1])
    if not joint.mle_retvals["converged"] or alpha <= 0:
        raise NotFittedError(NO_SOLUTION)
    family = families.NegativeBinomial(alpha=alpha)
    fitted = quietly(GLM(y, terms, family=family, offset=offset).fit, **UNTIL_CONVERGED)
    return described(method, fitted, quantile, f"alpha {alpha:.3g}")
