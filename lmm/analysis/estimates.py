"""Intervals and rates: small functions that return one `Estimate` each.

Guards run before any formula, so that no NaN and no infinite limit leaves without a status.
statsmodels computes where it is right at the edges; what is ours says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from math import isfinite, sqrt
from typing import Any, Literal, Self

import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from lmm.cleaning.records import Basis

Status = Literal["ok", "not_estimable", "suppressed", "no_data", "short_series"]


@dataclass(frozen=True)
class Estimate:
    """One estimate, with everything a reviewer asks of it.

    Attributes
    ----------
    estimand
        What is estimated, in words.
    numerator, denominator
        The counts (or the exposure) that it is made of.
    estimate, low, high
        The value and the limits of its interval; None unless ``status`` is ``ok``.
    method
        How the interval was made.
    basis
        Whether it rests on a published figure, an assumption, or real records.
    """

    estimand: str
    numerator: float | None
    denominator: float | None
    estimate: float | None
    low: float | None
    high: float | None
    method: str
    status: Status
    basis: Basis
    note: str = ""

    def __post_init__(self) -> None:
        values = (self.estimate, self.low, self.high)
        if self.status == "ok":
            if not all(v is not None and isfinite(v) for v in values):
                raise ValueError(f"{self.estimand}: status ok with values {values}")
        elif any(v is not None for v in values):
            raise ValueError(f"{self.estimand}: status {self.status} with values {values}")

    @classmethod
    def without_value(
        cls,
        estimand: str,
        numerator: float | None,
        denominator: float | None,
        status: Status,
        basis: Basis,
        note: str,
    ) -> Self:
        """Record that there is no value to give, and why."""
        return cls(estimand, numerator, denominator, None, None, None, "", status, basis, note)

    def noted(self, note: str) -> Self:
        """Add a note."""
        return replace(self, note="; ".join(filter(None, (self.note, note))))


RECORD_FIELDS = tuple(field.name for field in fields(Estimate))


def as_table(rows: Iterable[tuple[dict[str, Any], Estimate]]) -> pd.DataFrame:
    """Lay out estimates as a table: the strata of each, then the fields of `Estimate`."""
    laid = [{**strata, **asdict(estimate)} for strata, estimate in rows]
    table = pd.DataFrame(laid, columns=None if laid else list(RECORD_FIELDS))
    numbers = ["numerator", "denominator", "estimate", "low", "high"]
    return table.astype(dict.fromkeys(numbers, "float64"))


def count(estimand: str, events: int, confidence: float, basis: Basis) -> Estimate:
    """Count events, with Garwood's exact Poisson interval.

    Source: Garwood (1936), Biometrika 28, 437-442.
    """
    low, high = garwood(events, confidence)
    return Estimate(estimand, events, None, events, low, high, "Garwood exact", "ok", basis)


def rate(estimand: str, events: int, exposure: float, confidence: float, basis: Basis) -> Estimate:
    """Give events per unit of exposure: exact limits under 10 events, Byar's from 10 on.

    The switch at 10 is the convention of UK public health: Eayres (2008), Association of
    Public Health Observatories, Technical Briefing 3.
    """
    if exposure <= 0:
        note = "the service was not open" if events == 0 else "events without exposure"
        return Estimate.without_value(estimand, events, exposure, "no_data", basis, note)
    limits, method = (byar, "Byar") if events >= 10 else (garwood, "Garwood exact")
    low, high = (limit / exposure for limit in limits(events, confidence))
    value = events / exposure
    return Estimate(estimand, events, exposure, value, low, high, method, "ok", basis)


def ratio_to_target(
    estimand: str, events: int, target: float | None, confidence: float, basis: Basis
) -> Estimate:
    """Divide a count, and its Garwood limits, by a target that is known without error."""
    if target is None or not isfinite(target):
        note = "no target is declared"
        return Estimate.without_value(estimand, events, None, "not_estimable", basis, note)
    if target <= 0:
        note = "a target of 0 has no ratio"
        return Estimate.without_value(estimand, events, target, "not_estimable", basis, note)
    low, high = (limit / target for limit in garwood(events, confidence))
    value = events / target
    return Estimate(estimand, events, target, value, low, high, "Garwood exact", "ok", basis)


def proportion(
    estimand: str, successes: int, trials: int, confidence: float, basis: Basis
) -> Estimate:
    """Give a share with Wilson's score interval.

    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    """
    if trials == 0:
        note = "0 of 0: there is nothing to take a share of"
        return Estimate.without_value(estimand, successes, 0, "not_estimable", basis, note)
    low, high = wilson(successes, trials, confidence)
    share = successes / trials
    return Estimate(estimand, successes, trials, share, low, high, "Wilson", "ok", basis)


def bounds(estimand: str, successes: int, answered: int, eligible: int, basis: Basis) -> Estimate:
    """Bound a share over everyone eligible, whatever those who did not answer would have said.

    The lower limit takes all of them as failures, the upper one as successes; the estimate
    is the share of those who answered. The limits are not a confidence interval.
    """
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
        "worst-case bounds",
        "ok",
        basis,
    )


def garwood(events: int, confidence: float) -> tuple[float, float]:
    """Exact limits of a Poisson mean; the lower one is 0 where nothing was counted."""
    low, high = confint_poisson(events, 1, method="exact-c", alpha=1 - confidence)
    return (0.0 if events == 0 else float(low)), float(high)


def byar(events: int, confidence: float) -> tuple[float, float]:
    """Byar's approximate limits of a Poisson mean; ours because statsmodels has none.

    Source: Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69.
    """
    z = float(stats.norm.ppf((1 + confidence) / 2))
    upper = events + 1
    low = events * (1 - 1 / (9 * events) - z / (3 * sqrt(events))) ** 3 if events else 0.0
    return low, upper * (1 - 1 / (9 * upper) + z / (3 * sqrt(upper))) ** 3


def wilson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Wilson's limits, exactly 0 or 1 at the ends, where rounding errors would pass them."""
    low, high = proportion_confint(successes, trials, 1 - confidence, method="wilson")
    return (
        0.0 if successes == 0 else float(low),
        1.0 if successes == trials else float(high),
    )


def counts_printing_as(percent: float, decimals: int, most: int) -> pd.DataFrame:
    """List every count k of n, n up to ``most``, whose share prints as a percentage.

    For a given number of failures n - k the share grows with n, so that the fitting n are
    a range: the rows, taken together, are the complete list.

    Returns
    -------
    DataFrame
        ``failures``, and ``of_from`` and ``of_to``, the smallest and largest n (rounding
        half up, as people do).
    """
    scale = 10**decimals
    rows = []
    for failures in range(most + 1):
        fitting = [
            n
            for n in range(max(failures, 1), most + 1)
            if _round_half_up(Fraction(100 * (n - failures) * scale, n)) == round(percent * scale)
        ]
        if fitting:
            rows.append((failures, fitting[0], fitting[-1]))
    return pd.DataFrame(rows, columns=["failures", "of_from", "of_to"])


def _round_half_up(value: Fraction) -> int:
    return int(value + Fraction(1, 2))
