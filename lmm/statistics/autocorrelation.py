"""Whether months resemble those before, and whether a series of this length would show it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lmm.statistics.harmonics import Numbers, design, harmonics
from lmm.statistics.segmented_fit import poisson

TRUE_CORRELATION, SIGNIFICANT, SERIES, SEED = 0.5, 0.05, 2000, 20200323
"""The correlation that the test should find, at which p, and the simulated series."""


@dataclass(frozen=True)
class Autocorrelation:
    """How far months resemble those before.

    Attributes
    ----------
    lag_1
        Correlation of the Pearson residuals of a month and of the open month before.
    p_value
        Of the test of Ljung and Box at lag 1.
    power
        Share of series of this length and design, with a correlation of `TRUE_CORRELATION`
        between neighbours, in which that test has p below `SIGNIFICANT`.
    """

    months: int
    lag_1: float
    p_value: float
    power: float

    def in_words(self) -> str:
        """Say what the test can find."""
        tenths = round(10 * self.power)
        often = {0: "hardly any series", 10: "nearly every series"}.get(
            tenths, f"about {tenths} of 10 series"
        )
        return (
            f"with {self.months} months such a test finds a correlation of "
            f"{TRUE_CORRELATION:.12g} in {often}"
        )


def autocorrelation(series: pd.DataFrame) -> Autocorrelation:
    """Test the residuals of the Poisson curve for correlation from month to month.

    The test has little power in a short series, and trend and season that are fitted hide some
    of the correlation: that nothing is found says little. Source: Ljung and Box (1978),
    Biometrika 65, 297-303.

    Raises
    ------
    NotFittedError
        If the curve has no solution.
    """
    from statsmodels.stats.diagnostic import acorr_ljungbox  # noqa: PLC0415

    residuals = np.asarray(poisson(series).resid_pearson, dtype="float64")
    p_value = float(acorr_ljungbox(residuals, lags=[1])["lb_pvalue"].iloc[0])
    opened = series[series["months_open"] > 0]
    power = power_of_test(design(opened, harmonics(len(opened))))
    return Autocorrelation(len(residuals), float(_lag_1(residuals)), p_value, power)


def power_of_test(terms: Numbers) -> float:
    """Simulate autoregressive series, take out the columns, and count what the test finds.

    ``acorr_ljungbox`` tests one series at a time; this is its formula for lag 1, for many.
    """
    months = len(terms)
    rng = np.random.default_rng(SEED)
    errors = rng.normal(size=(SERIES, months))
    for month in range(1, months):
        fresh = np.sqrt(1 - TRUE_CORRELATION**2) * errors[:, month]
        errors[:, month] = TRUE_CORRELATION * errors[:, month - 1] + fresh
    basis, _ = np.linalg.qr(terms)
    left = errors - (errors @ basis) @ basis.T
    statistic = months * (months + 2) * _lag_1(left) ** 2 / (months - 1)
    return float(np.mean(stats.chi2.sf(statistic, 1) < SIGNIFICANT))


def _lag_1(residuals: Numbers) -> Numbers:
    """Correlate neighbours, about the mean of all and over the variance of all."""
    centred = residuals - residuals.mean(axis=-1, keepdims=True)
    product = (centred[..., 1:] * centred[..., :-1]).sum(axis=-1)
    return np.asarray(product / (centred**2).sum(axis=-1))
