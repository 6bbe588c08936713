"""Limits of a funnel plot: how far the share of a group of a size may be from that of all."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from lmm.statistics.control_limits import Floats

FUNNEL_LEVELS = (0.95, 0.998)
"""The two pairs of limits of a funnel plot: about two and three standard deviations."""


def funnel_table(overall: float, most: int) -> pd.DataFrame:
    """Give both pairs of limits at each number of answers from 1 to ``most``.

    Returns
    -------
    DataFrame
        ``answered, lower_95, upper_95, lower_998, upper_998``.
    """
    sizes = np.arange(1, most + 1)
    columns: dict[str, npt.NDArray[Any]] = {"answered": sizes}
    for name, confidence in zip(("95", "998"), FUNNEL_LEVELS, strict=True):
        columns[f"lower_{name}"], columns[f"upper_{name}"] = funnel_lines(
            overall, sizes, confidence
        )
    return pd.DataFrame(columns)


def funnel_lines(
    overall: float, sizes: npt.NDArray[np.int64], confidence: float
) -> tuple[Floats, Floats]:
    """Exact binomial limits of a share at each size, drawn smooth between counts.

    The lower one is Spiegelhalter's (2005), Statistics in Medicine 24, 1185-1202, appendix
    A.1.1; the upper one is the lower one of those who are not in the share, seen from above.
    So the same results are beyond them as are beyond the exact binomial quantiles: no more
    than the nominal part on either side (the first method of Manktelow and Seaton 2012, PLoS
    ONE 7, e45723). Spiegelhalter's formula taken upwards, as in Stata's ``funnelcompar``, lies
    up to one count lower, and beyond it would be every small course at 100 % where the overall
    share is nearly that.

    Parameters
    ----------
    overall
        The share of all, between 0 and 1 and neither of them.
    sizes
        Numbers of answers, each at least 1.
    confidence
        One of `FUNNEL_LEVELS`.

    Returns
    -------
    tuple of array
        The lower and the upper limit at each size.
    """
    tail = (1 - confidence) / 2
    return _lower(overall, sizes, tail), 1 - _lower(1 - overall, sizes, tail)


def _lower(overall: float, sizes: npt.NDArray[np.int64], tail: float) -> Floats:
    count = stats.binom.ppf(tail, sizes, overall)
    beyond = stats.binom.cdf(count, sizes, overall) - tail
    limit: Floats = (count - beyond / stats.binom.pmf(count, sizes, overall)) / sizes
    return np.maximum(limit, 0.0)


def funnel_position(row: Mapping[Hashable, Any]) -> str:
    """Say where the ``share`` of a row lies against the limits of `funnel_table` in it."""
    if pd.isna(row["share"]) or pd.isna(row["lower_95"]):
        return "not judged"
    for name, words in (("998", "99.8%"), ("95", "95%")):
        if row["share"] < row[f"lower_{name}"]:
            return f"below the {words} limits"
        if row["share"] > row[f"upper_{name}"]:
            return f"above the {words} limits"
    return "within the limits"
