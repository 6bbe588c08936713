"""Counts of events: their intervals, rates, ratios, and a test against an expected count.

Events are taken as those of a Poisson process; where they are people who come in batches, the
batches are (`lmm.statistics.batches`), and are given beside the count. statsmodels computes where
it is right at the edges; what is ours says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, isinf, sqrt

from scipy import stats

from lmm.statistics.batches import Batches, compound, compound_p_value, compound_shares
from lmm.statistics.estimate import Estimate, Status, check_confidence, check_counts
from lmm.statistics.shares import clopper_pearson
from lmm.study.setting import Basis

COMPOUND = "compound Poisson (Fay and Feuer)"
"""The method of counts that come in batches."""


def count(
    estimand: str, events: int, confidence: float, basis: Basis, batches: Batches | None = None
) -> Estimate:
    """Count events, with Garwood's exact Poisson interval.

    Source: Garwood (1936), Biometrika 28, 437-442.
    """
    (low, high), method = _limits(events, confidence, batches)
    return Estimate(estimand, events, None, events, low, high, method, "ok", basis)


def _limits(
    events: int, confidence: float, batches: Batches | None
) -> tuple[tuple[float, float], str]:
    """Give limits of the mean of a count, and the method."""
    if batches is None:
        return garwood(events, confidence), "Garwood exact"
    return compound(batches, confidence), COMPOUND


def rate(
    estimand: str,
    events: int,
    exposure: float,
    confidence: float,
    basis: Basis,
    batches: Batches | None = None,
) -> Estimate:
    """Give events per unit of exposure: exact limits under 10 events, Byar's from 10 on.

    The switch at 10 is the convention of UK public health: Eayres (2008), Association of
    Public Health Observatories, Technical Briefing 3.

    Raises
    ------
    ValueError
        If the exposure is not finite.
    """
    _check_exposure(exposure)
    if exposure <= 0:
        note = "the service was not open" if events == 0 else "events without exposure"
        return Estimate.without_value(estimand, events, exposure, "no_data", basis, note)
    limits, method = _limits(events, confidence, batches)
    if batches is None and events >= 10:
        limits, method = byar(events, confidence), "Byar"
    low, high = (limit / exposure for limit in limits)
    value = events / exposure
    return Estimate(estimand, events, exposure, value, low, high, method, "ok", basis)


def ratio_to_target(
    estimand: str,
    events: int,
    target: float | None,
    confidence: float,
    basis: Basis,
    batches: Batches | None = None,
) -> Estimate:
    """Divide a count, and the limits of `count`, by a target that is known without error."""
    if target is None or not isfinite(target):
        note = "no target is declared"
        return Estimate.without_value(estimand, events, None, "not_estimable", basis, note)
    if target <= 0:
        note = "a target of 0 has no ratio"
        return Estimate.without_value(estimand, events, target, "not_estimable", basis, note)
    limits, method = _limits(events, confidence, batches)
    low, high = (limit / target for limit in limits)
    value = events / target
    return Estimate(estimand, events, target, value, low, high, method, "ok", basis)


def rate_ratio(
    estimand: str,
    events: int,
    exposure: float,
    base_events: int,
    base_exposure: float,
    confidence: float,
    basis: Basis,
    batches: tuple[Batches, Batches] | None = None,
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
    batches
        Of the period and of the base period, where events come in them: then they are what is
        binomial, as `compound_shares` says.

    Raises
    ------
    ValueError
        If a count is negative, the confidence level is not between 0 and 1, or an exposure is
        not finite.
    """
    check_counts(events, events + base_events)
    check_confidence(confidence)

    def without_value(status: Status, why: str) -> Estimate:
        return Estimate.without_value(estimand, events, base_events, status, basis, why)

    _check_exposure(exposure, base_exposure)
    if not (exposure > 0 and base_exposure > 0):
        return without_value("no_data", "a period without exposure")
    if events + base_events == 0:
        return without_value("not_estimable", "no events in either period")
    scale = base_exposure / exposure
    if batches:
        shares = compound_shares(*batches, confidence)
    else:
        shares = clopper_pearson(events, events + base_events, confidence)
    low, high = (share / (1 - share) * scale if share < 1 else inf for share in shares)
    one_sided = f"one-sided, at {50 * (1 + confidence):.4g} % confidence"
    if base_events == 0:
        why = f"no events in the base period: the ratio is at least {low:.4g} ({one_sided})"
        return without_value("not_estimable", why)
    ratio = events / base_events * scale
    method = f"conditional{', by batch' if batches else ' exact'} (Clopper-Pearson)"
    note = one_sided if events == 0 else ""
    return Estimate(estimand, events, base_events, ratio, low, high, method, "ok", basis, note)


def _check_exposure(*exposures: float) -> None:
    """Raise a ValueError for a time that no service was open for."""
    for exposure in exposures:
        if isinf(exposure):
            raise ValueError(f"an exposure of {exposure}")


def garwood(events: int, confidence: float) -> tuple[float, float]:
    """Exact limits of a Poisson mean; the lower one is 0 where nothing was counted."""
    from statsmodels.stats.rates import confint_poisson  # noqa: PLC0415

    check_confidence(confidence)
    low, high = confint_poisson(events, 1, method="exact-c", alpha=1 - confidence)
    return (0.0 if events == 0 else float(low)), float(high)


def byar(events: int, confidence: float) -> tuple[float, float]:
    """Byar's approximate limits of a Poisson mean; ours because statsmodels has none.

    Source: Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69.
    """
    check_confidence(confidence)
    z = float(stats.norm.ppf((1 + confidence) / 2))
    upper = events + 1
    low = events * (1 - 1 / (9 * events) - z / (3 * sqrt(events))) ** 3 if events else 0.0
    return low, upper * (1 - 1 / (9 * upper) + z / (3 * sqrt(upper))) ** 3


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
    events: int, expected: float | None, batches: Batches | None = None
) -> PoissonTest:
    """Test a count against an expected count that is known without error.

    Two definitions of a two-sided p-value are in use, and differ. This one, called central,
    doubles the smaller tail, because p < 0.05 then means that Garwood's 95 % limits leave the
    expected count out. R's ``poisson.test`` adds up every count that is no more probable than
    the one observed. Source: Fay (2010), R Journal 2(1), 53-58. Of events that come in batches
    it is the test that belongs to the limits of `compound`.

    Raises
    ------
    ValueError
        If the count is negative.
    """
    check_counts(events, events)
    method = f"{'compound' if batches else 'exact'} Poisson test (central)"
    if expected is None or not isfinite(expected):
        note = "no count is expected"
        return PoissonTest(events, None, None, method, "not_estimable", note)
    if expected <= 0:
        note = "nothing to test against an expected count of 0"
        return PoissonTest(events, expected, None, method, "not_estimable", note)
    if batches:
        p_value = compound_p_value(batches, expected)
    else:
        from statsmodels.stats.rates import test_poisson  # noqa: PLC0415

        p_value = float(test_poisson(events, 1, expected, method="exact-c").pvalue)
    return PoissonTest(events, expected, p_value, method, "ok")
