"""Intervals and rates: small functions that return one `Estimate` each.

Guards run before any formula, so that no NaN and no infinite limit leaves without a status.
statsmodels computes where it is right at the edges; what is ours says why.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from fractions import Fraction
from math import inf, isfinite, sqrt
from typing import Any, Literal, Self

import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson, test_poisson

from lmm.statistics.rounding import in_percent
from lmm.study.setting import Basis

Status = Literal["ok", "not_estimable", "suppressed", "no_data", "short_series"]
ShareInterval = Literal["wilson", "clopper-pearson", "jeffreys"]
TwoSided = Literal["central", "minimum likelihood"]

FUNNEL_LEVELS = (0.95, 0.998)
"""The two pairs of limits of a funnel plot: about two and three standard deviations."""


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
    estimand: str,
    successes: int,
    trials: int,
    confidence: float,
    basis: Basis,
    method: ShareInterval = "wilson",
) -> Estimate:
    """Give a share with its interval: Wilson's score interval unless another is asked for.

    Sources: Wilson (1927), Journal of the American Statistical Association 22, 209-212;
    Clopper and Pearson (1934), Biometrika 26, 404-413; Brown, Cai and DasGupta (2001),
    Statistical Science 16, 101-133, for Jeffreys'.

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


def rate_ratio(
    estimand: str,
    events: int,
    exposure: float,
    base_events: int,
    base_exposure: float,
    confidence: float,
    basis: Basis,
) -> Estimate:
    """Divide the rate of one period by the rate of a base period, with exact limits.

    Given the events of both periods together, those of the first are binomial: the limits are
    Clopper and Pearson's for that share, turned into a ratio by the exposures. Ours because
    ``confint_poisson_2indep`` of statsmodels has no exact interval. R's ``poisson.test`` gives
    the same limits. Without an event in one period one limit is missing; the other keeps the
    tail ``(1 - confidence) / 2``, as R's does, and so has more confidence on its own.
    Source: Przyborowski and Wilenski (1940), Biometrika 31, 313-323.

    Parameters
    ----------
    events, base_events
        What was counted in the period and in the base period, the record's numerator and
        denominator.
    exposure, base_exposure
        Both in the same unit, such as months open.

    Raises
    ------
    ValueError
        If a count is negative or the confidence level is not between 0 and 1.
    """
    check_counts(events, events + base_events)
    check_confidence(confidence)

    def without_value(status: Status, why: str) -> Estimate:
        return Estimate.without_value(estimand, events, base_events, status, basis, why)

    if not (exposure > 0 and base_exposure > 0):
        return without_value("no_data", "a period without exposure")
    if events + base_events == 0:
        return without_value("not_estimable", "no events in either period")
    scale = base_exposure / exposure
    shares = clopper_pearson(events, events + base_events, confidence)
    low, high = (share / (1 - share) * scale if share < 1 else inf for share in shares)
    one_sided = f"one-sided, at {50 * (1 + confidence):.4g} % confidence"
    if base_events == 0:
        why = f"no events in the base period: the ratio is at least {low:.4g} ({one_sided})"
        return without_value("not_estimable", why)
    ratio, method = events / base_events * scale, "conditional exact (Clopper-Pearson)"
    note = one_sided if events == 0 else ""
    return Estimate(estimand, events, base_events, ratio, low, high, method, "ok", basis, note)


@dataclass(frozen=True)
class PoissonTest:
    """An exact test of a count against an expected one.

    Attributes
    ----------
    p_value
        Two-sided; None unless ``status`` is ``ok``.
    method
        The test with the definition of two-sided that it uses.
    """

    events: int
    expected: float | None
    p_value: float | None
    method: str
    status: Status
    note: str = ""


def poisson_test(
    events: int, expected: float | None, definition: TwoSided = "central"
) -> PoissonTest:
    """Test a count against an expected count that is known without error.

    Two definitions of a two-sided p-value are in use, and differ. ``central`` doubles the
    smaller tail, as ``test_poisson(method="exact-c")`` of statsmodels does; it is the default
    because p < 0.05 then means that Garwood's 95 % limits leave the expected count out.
    ``minimum likelihood`` adds up every count that is no more probable than the one
    observed, as R's ``poisson.test`` does; ours because neither statsmodels nor scipy has it.
    Source: Fay (2010), R Journal 2(1), 53-58.

    Raises
    ------
    ValueError
        If the count is negative, or there is no such definition.
    """
    check_counts(events, events)
    if definition not in TWO_SIDED:
        raise ValueError(f"no definition of two-sided is called {definition!r}")
    method = f"exact Poisson test ({definition})"
    if expected is None or not isfinite(expected):
        note = "no count is expected"
        return PoissonTest(events, None, None, method, "not_estimable", note)
    if expected <= 0:
        note = "nothing to test against an expected count of 0"
        return PoissonTest(events, expected, None, method, "not_estimable", note)
    p_value = TWO_SIDED[definition](events, expected)
    return PoissonTest(events, expected, p_value, method, "ok")


def _smaller_tail_doubled(events: int, mean: float) -> float:
    return float(test_poisson(events, 1, mean, method="exact-c").pvalue)


def _as_improbable(events: int, mean: float) -> float:
    """Probability of all Poisson counts that are no more probable than the one observed.

    The most probable count is ``floor(mean)``, from which the probabilities fall on both
    sides: on the other side of it, the counts that belong are found by bisection. As in R,
    counts within 1e-7 of the same probability tie.
    """
    poisson, limit = stats.poisson(mean), float(stats.poisson.pmf(events, mean)) * (1 + 1e-7)
    mode = int(mean)
    if events == mode or poisson.pmf(mode) <= limit:
        return 1.0
    if events > mode:
        first_above = bisect_right(range(mode + 1), limit, key=poisson.pmf)
        return float(poisson.cdf(first_above - 1) + poisson.sf(events - 1))
    end = 2 * mode + 2
    while poisson.pmf(end) > limit:
        end *= 2
    from_mode = range(mode, end + 1)
    first_below = bisect_left(from_mode, -limit, key=lambda count: -poisson.pmf(count))
    return float(poisson.cdf(events) + poisson.sf(from_mode[first_below] - 1))


TWO_SIDED: dict[str, Callable[[int, float], float]] = {
    "central": _smaller_tail_doubled,
    "minimum likelihood": _as_improbable,
}
"""The p-value of each definition of `poisson_test`."""


def funnel_limits(
    estimand: str, share: float, trials: int, confidence: float, basis: Basis
) -> Estimate:
    """Limits within which the share of one course or site would lie, were the true one ``share``.

    The exact binomial quantiles / trials: no more than ``(1 - confidence) / 2`` of results
    fall strictly outside either of them, however few the trials. Draw them at each of
    `FUNNEL_LEVELS`. Source: Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202. His
    appendix interpolates between the quantile and the count below it, as Stata's
    ``funnelcompar`` does; that is not done here, because for shares near 1 and few trials it
    puts the upper limit just under 1, so that every course at 100 % would lie above it. R's
    ``funnelR`` (``method="exact"``) has the quantiles.

    Returns
    -------
    Estimate
        ``share`` with the limits; the note says where nothing can fall outside.

    Raises
    ------
    ValueError
        If ``share`` is not between 0 and 1, the trials are negative, or the confidence
        level is not between 0 and 1.
    """
    check_counts(0, trials)
    check_confidence(confidence)
    if not 0 <= share <= 1:
        raise ValueError(f"a share of {share}")
    if trials == 0:
        note = "no trials: no limits"
        return Estimate.without_value(estimand, None, 0, "no_data", basis, note)
    if share in (0, 1):
        note = f"a centre of {in_percent(share)} leaves nothing to vary"
        return Estimate.without_value(estimand, None, trials, "not_estimable", basis, note)
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    low, high = (float(stats.binom.ppf(tail, trials, share)) / trials for tail in tails)
    # A quantile is whole, and with few trials may be on the other side of the centre.
    low, high = min(low, share), max(high, share)
    sides = {"below": low == 0, "above": high == 1}
    note = "; ".join(f"too few to fall {side}" for side, shut in sides.items() if shut)
    method = "exact binomial quantiles"
    return Estimate(estimand, None, trials, share, low, high, method, "ok", basis, note)


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


def clopper_pearson(successes: float, trials: float, confidence: float) -> tuple[float, float]:
    """Clopper and Pearson's exact limits; an effective size that is not whole is taken too."""
    low, high = proportion_confint(successes, trials, 1 - confidence, method="beta")
    return float(low), float(high)


def jeffreys(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Limits of Jeffreys' posterior, 0 and 1 at the ends.

    The ends are those of Brown, Cai and DasGupta (2001), which statsmodels does not apply.
    """
    low, high = proportion_confint(successes, trials, 1 - confidence, method="jeffreys")
    return (
        0.0 if successes == 0 else float(low),
        1.0 if successes == trials else float(high),
    )


SHARE_INTERVALS: dict[str, tuple[str, Callable[[int, int, float], tuple[float, float]]]] = {
    "wilson": ("Wilson", wilson),
    "clopper-pearson": ("Clopper-Pearson", clopper_pearson),
    "jeffreys": ("Jeffreys", jeffreys),
}
"""Name and limits of each method of `proportion`."""


def check_counts(successes: int, trials: int) -> None:
    """Raise a ValueError for counts that nothing could have given."""
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials}")


def check_confidence(confidence: float) -> None:
    """Raise a ValueError for a confidence level that is none."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence level of {confidence}")


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
