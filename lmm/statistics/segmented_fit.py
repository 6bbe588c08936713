"""Segmented regressions as statsmodels fits them: to the last digits, or refused."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from math import exp, sqrt
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lmm.statistics.harmonics import STEP, Numbers, design, harmonics

LARGEST_COEFFICIENT, LARGEST_ERROR = 15, 5
"""Beyond these, on the log scale, the model has no solution and was merely stopped."""

NO_SOLUTION = "the model has no solution for these counts"

CONVERGED = 1e-12
"""Iterations go on until no coefficient moves by more; statsmodels stops by itself near 1e-8."""

UNTIL_CONVERGED = {"tol": CONVERGED, "tol_criterion": "params", "maxiter": 200}
"""How statsmodels is asked for it."""

LARGEST_SCORE = 1e-9
"""What is left of the score, in standard errors; more is no maximum."""


class NotFittedError(Exception):
    """A series that a model cannot be fitted to; the message is the reason."""


@dataclass(frozen=True)
class Segmented:
    """A fitted segmented regression.

    Attributes
    ----------
    method
        Model and distribution that the intervals are made with.
    coefficients, covariance
        Of the columns of `design`, on the log scale.
    quantile
        Of that distribution, for the confidence level.
    dispersion
        Pearson's chi-squared over its degrees of freedom, under this model.
    harmonics
        How many pairs of them the design holds.
    """

    method: str
    coefficients: Numbers
    covariance: Numbers
    quantile: float
    dispersion: float
    harmonics: int
    note: str = ""

    def step(self) -> tuple[float, float, float]:
        """Give the step as a rate ratio, with its limits."""
        value = float(self.coefficients[STEP])
        width = self.quantile * sqrt(float(self.covariance[STEP, STEP]))
        return exp(value), exp(value - width), exp(value + width)


def poisson(series: pd.DataFrame, **options: Any) -> Any:
    """Fit the Poisson model to the months that were open; options are those of statsmodels.

    Raises
    ------
    NotFittedError
        If it has no solution.
    """
    from statsmodels.genmod import families  # noqa: PLC0415
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    opened = series[series["months_open"] > 0]
    terms = design(opened, harmonics(len(opened)))
    offset = np.log(opened["months_open"].to_numpy(dtype="float64"))
    counts = opened["events"].to_numpy(dtype="float64")
    model = GLM(counts, terms, family=families.Poisson(), offset=offset)
    return quietly(model.fit, **UNTIL_CONVERGED, **options)


def quietly(fit: Any, **options: Any) -> Any:
    """Fit; whatever statsmodels would only warn of is a reason to give no numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return fit(**options)
    except (Warning, np.linalg.LinAlgError):
        raise NotFittedError(NO_SOLUTION) from None


def student(fitted: Any, confidence: float) -> float:
    """Give the quantile of Student's t on the residual degrees of freedom."""
    return float(stats.t.ppf((1 + confidence) / 2, fitted.df_resid))


def described(method: str, fitted: Any, quantile: float, note: str = "") -> Segmented:
    """Take from a fit what is asked of it.

    Raises
    ------
    NotFittedError
        If it was stopped short of a solution, or at coefficients that no counts could give.
    """
    found = Segmented(
        method,
        np.asarray(fitted.params, dtype="float64"),
        np.asarray(fitted.cov_params(), dtype="float64"),
        quantile,
        float(fitted.pearson_chi2 / fitted.df_resid),
        harmonics(len(fitted.model.endog)),
        note,
    )
    errors = np.sqrt(np.diag(found.covariance))
    largest = np.abs(found.coefficients).max()
    if not (errors.min() > 1e-6 and errors.max() < LARGEST_ERROR and largest < LARGEST_COEFFICIENT):
        raise NotFittedError(NO_SOLUTION)
    if not _left_of_score(fitted) < LARGEST_SCORE:
        raise NotFittedError(NO_SOLUTION)
    return found


def _left_of_score(fitted: Any) -> float:
    """Give the length of the score at the estimate, in standard errors of the coefficients."""
    score = fitted.model.score(fitted.params, scale=1)
    return sqrt(float(score @ fitted.normalized_cov_params @ score))
