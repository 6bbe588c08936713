"""The counts that trend and season alone would give, beside those that the model fits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lmm.statistics.harmonics import design
from lmm.statistics.segmented_fit import Segmented


def expected_counts(series: pd.DataFrame, fit: Segmented) -> pd.DataFrame:
    """Give the expected counts with and without the step.

    Parameters
    ----------
    series
        That which the model was fitted to.

    Returns
    -------
    DataFrame
        The series with ``fitted, counterfactual, low, high, status``. The band is that of the
        expected counterfactual count (delta method on the linear predictor, back-transformed);
        single months scatter more widely. After the event it is an extrapolation. A month that
        was not open is ``no_data``.
    """
    opened = series[series["months_open"] > 0]
    exposure = opened["months_open"].to_numpy(dtype="float64")
    terms = design(opened, fit.harmonics)
    without = design(opened.assign(after=0.0), fit.harmonics)
    eta = without @ fit.coefficients
    width = fit.quantile * np.sqrt(np.einsum("ij,jk,ik->i", without, fit.covariance, without))
    expected = pd.DataFrame(
        {
            "fitted": exposure * np.exp(terms @ fit.coefficients),
            "counterfactual": exposure * np.exp(eta),
            "low": exposure * np.exp(eta - width),
            "high": exposure * np.exp(eta + width),
        },
        index=opened.index,
    )
    opening = series["months_open"] > 0
    return series.assign(
        events=series["events"].where(opening).astype("Int64"),
        status=opening.map({True: "ok", False: "no_data"}),
    ).join(expected)
