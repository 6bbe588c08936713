"""Shares: their intervals, their bounds, and the counts that print as a percentage.

Each takes answers as independent. statsmodels computes where it is right at the edges; what is
ours says why.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Literal

import pandas as pd

from lmm.statistics.estimate import Estimate, check_confidence, check_counts
from lmm.study.setting import Basis

ShareInterval = Literal["wilson", "clopper-pearson"]

WORST_CASE = "worst-case bounds"
"""The method of limits that are no confidence interval."""


def proportion(
    estimand: str,
    successes: int,
    trials: int,
    confidence: float,
    basis: Basis,
    method: ShareInterval = "wilson",
) -> Estimate:
    """Give a share with its interval: Wilson's score interval unless another is asked for.

    Sources: Wilson (1927), Journal of the American Statistical Association 22, 209-212;
    Clopper and Pearson (1934), Biometrika 26, 404-413.

    Raises
    ------
    ValueError
        If the successes are not between none and all of the trials, the confidence level is
        not between 0 and 1, or there is no such method.
    """
    if method not in SHARE_INTERVALS:
        raise ValueError(f"no interval of a share is called {method!r}")
    check_counts(successes, trials)
    check_confidence(confidence)
    if trials == 0:
        note = "0 of 0: there is nothing to take a share of"
        return Estimate.without_value(estimand, successes, 0, "not_estimable", basis, note)
    name, limits = SHARE_INTERVALS[method]
    low, high = limits(successes, trials, confidence)
    share = successes / trials
    return Estimate(estimand, successes, trials, share, low, high, name, "ok", basis)


def wilson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Wilson's limits, exactly 0 or 1 at the ends, where rounding errors would pass them."""
    low, high = _limits(successes, trials, confidence, "wilson")
    return (
        0.0 if successes == 0 else low,
        1.0 if successes == trials else high,
    )


def clopper_pearson(successes: float, trials: float, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's exact limits; an effective size that is not whole is taken too."""
    return _limits(successes, trials, confidence, "beta")


def _limits(successes: float, trials: float, confidence: float, method: str) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415

    low, high = proportion_confint(successes, trials, 1 - confidence, method=method)
    return float(low), float(high)


SHARE_INTERVALS: dict[str, tuple[str, Callable[[int, int, float], tuple[float, float]]]] = {
    "wilson": ("Wilson", wilson),
    "clopper-pearson": ("Clopper-Pearson", clopper_pearson),
}
"""Name and limits of each method of `proportion`."""


def bounds(estimand: str, successes: int, answered: int, eligible: int, basis: Basis) -> Estimate:
    """Bound a share over everyone eligible, whatever those who did not answer would have said.

    The lower limit takes all of them as failures, the upper one as successes; the estimate
    is the share of those who answered. The limits are not a confidence interval.

    Raises
    ------
    ValueError
        If the successes are not between none and all of those who answered.
    """
    check_counts(successes, answered)
    if eligible < answered:
        note = f"{answered} answers from {eligible} eligible people"
        return Estimate.without_value(estimand, successes, eligible, "not_estimable", basis, note)
    if answered == 0:
        note = "no answers: the bounds are 0 and 1"
        return Estimate.without_value(estimand, 0, eligible, "no_data", basis, note)
    return Estimate(
        estimand,
        successes,
        eligible,
        successes / answered,
        successes / eligible,
        (successes + eligible - answered) / eligible,
        WORST_CASE,
        "ok",
        basis,
    )


def counts_printing_as(percent: float, decimals: int, most: int) -> pd.DataFrame:
    """List every count k of n, n up to ``most``, whose share prints as a percentage.

    For a given number of failures n - k the share grows with n, so that the fitting n are
    a range, from the first that is large enough to the last that is not too large: the rows,
    taken together, are the complete list.

    Returns
    -------
    DataFrame
        ``failures``, and ``of_from`` and ``of_to``, the smallest and largest n (rounding
        half up, as people do).
    """
    printed = round(percent * 10**decimals)
    least, above = (Fraction(2 * printed + step, 200 * 10**decimals) for step in (-1, 1))
    rows = []
    for failures in range(most + 1):
        if (failures == 0 and not least <= 1 < above) or (failures and least >= 1):
            continue
        first, last = max(failures, 1), most
        if failures:
            first = max(first, ceil(failures / (1 - least)))
            last = min(last, ceil(failures / (1 - above)) - 1) if above < 1 else last
        if first <= last:
            rows.append((failures, first, last))
    return pd.DataFrame(rows, columns=["failures", "of_from", "of_to"])
