"""Intervals and rates against published figures and other programs, and at their edges.

``R`` holds what R gives; tests/reference/README-estimates.md says how. What is computed by a
closed formula, or by quantiles, agrees with it to nine digits.
"""

from __future__ import annotations

import dataclasses
from math import inf, nan
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lmm.statistics.estimate import RECORD_FIELDS, Estimate, as_table
from lmm.statistics.rates import (
    byar,
    count,
    garwood,
    poisson_test,
    rate,
    rate_ratio,
    ratio_to_target,
)
from lmm.statistics.shares import (
    SHARE_INTERVALS,
    bounds,
    clopper_pearson,
    counts_printing_as,
    proportion,
    wilson,
)

R = pd.read_csv(Path(__file__).parent / "reference/estimates_r.csv")
R = R.set_index(["case", "quantity"])["value"]
DIGITS = 1e-9
METHODS = list(SHARE_INTERVALS)
QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
LEVELS = st.floats(0.5, 0.9999)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    trials = draw(st.integers(1, 500))
    return draw(st.integers(0, trials)), trials


def r(case: str, *quantities: str) -> list[float]:
    return [float(R[case, quantity]) for quantity in quantities]


def interval(estimate: Estimate) -> list[float]:
    assert estimate.status == "ok"
    return [float(estimate.low), float(estimate.high)]  # type: ignore[arg-type]


def assert_no_value(estimate: Estimate, status: str) -> None:
    assert estimate.status == status
    assert (estimate.estimate, estimate.low, estimate.high) == (None, None, None)
    assert estimate.note


# The record


@pytest.mark.parametrize("value", [nan, inf, None])
def test_a_status_of_ok_needs_three_finite_values(value: float | None) -> None:
    with pytest.raises(ValueError, match="status ok"):
        Estimate("share", 1, 2, 0.5, 0.1, value, "", "ok", "assumed")


def test_only_of_a_short_series_a_value_may_lack_its_upper_limit() -> None:
    Estimate("median", 1, 2, 10, 3, None, "", "short_series", "assumed")
    with pytest.raises(ValueError, match="status short_series"):
        Estimate("median", 1, 2, 10, 3, 20, "", "short_series", "assumed")


def test_another_status_has_no_values() -> None:
    with pytest.raises(ValueError, match="status no_data"):
        Estimate("share", 1, 2, 0.5, None, None, "", "no_data", "assumed")


def test_notes_add_up() -> None:
    estimate = proportion("share", 1, 2, 0.95, "assumed").noted("one").noted("").noted("two")
    assert estimate.note == "one; two"


def test_a_table_has_the_strata_and_then_the_fields() -> None:
    rows = [
        ({"year": "2018/19"}, proportion("share", 1, 2, 0.95, "assumed")),
        ({"year": "2019/20"}, proportion("share", 0, 0, 0.95, "assumed")),
    ]
    table = as_table(rows)
    assert list(table) == ["year", *RECORD_FIELDS]
    assert table["estimate"].isna().tolist() == [False, True]
    assert (table[["numerator", "estimate", "low", "high"]].dtypes == "float64").all()
    assert list(as_table([])) == list(RECORD_FIELDS)


# A share

NEWCOMBE_WILSON = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0, 0.1611),
    (1, 29): (0.0061, 0.1718),
}
NEWCOMBE_CLOPPER_PEARSON = {
    (81, 263): (0.2527, 0.3676),
    (15, 148): (0.0578, 0.1617),
    (0, 20): (0, 0.1684),
    (1, 29): (0.0009, 0.1776),
}
"""Four decimals, from table I of Newcombe (1998), Statistics in Medicine 17, 857-872, methods
3 and 5."""


@pytest.mark.parametrize(
    ("method", "published"),
    [("wilson", NEWCOMBE_WILSON), ("clopper-pearson", NEWCOMBE_CLOPPER_PEARSON)],
)
def test_intervals_of_a_share_are_the_published_ones(method, published) -> None:
    for (x, n), limits in published.items():
        found = interval(proportion("share", x, n, 0.95, "assumed", method))
        assert found == pytest.approx(limits, abs=5e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.998])
@pytest.mark.parametrize(
    ("x", "n"), [(81, 263), (15, 148), (0, 20), (1, 29), (20, 20), (301, 304), (434, 434)]
)
def test_intervals_of_a_share_are_those_of_r(method, x, n, level) -> None:
    """R: binom.test, and prop.test(correct = FALSE)."""
    found = interval(proportion("share", x, n, level, "assumed", method))
    assert found == pytest.approx(r(f"{method} {x}/{n}@{level:g}", "low", "high"), rel=DIGITS)


def test_everyone_satisfied() -> None:
    """434 of 434: the lower limits that the two methods print."""
    assert interval(proportion("share", 434, 434, 0.95, "assumed")) == [
        pytest.approx(0.9912, abs=5e-5),
        1,
    ]
    assert interval(proportion("share", 434, 434, 0.95, "assumed", "clopper-pearson")) == [
        pytest.approx(0.9915, abs=5e-5),
        1,
    ]


@pytest.mark.parametrize("limits", [wilson, clopper_pearson])
def test_the_ends_are_exact(limits) -> None:
    for trials in (1, 7, 434, 100_000):
        assert limits(0, trials, 0.95)[0] == 0
        assert limits(trials, trials, 0.95)[1] == 1


def test_the_method_is_wilsons_unless_another_is_asked_for() -> None:
    names = [proportion("share", 1, 2, 0.95, "assumed", m).method for m in METHODS]
    assert names == ["Wilson", "Clopper-Pearson"]
    assert proportion("share", 1, 2, 0.95, "assumed").method == "Wilson"
    with pytest.raises(ValueError, match="'wald'"):
        proportion("share", 1, 2, 0.95, "assumed", "wald")  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_a_share_of_nothing_has_no_value(method) -> None:
    assert_no_value(proportion("share", 0, 0, 0.95, "assumed", method), "not_estimable")


@pytest.mark.parametrize(("x", "n"), [(3, 2), (-1, 2), (0, -1), (nan, 2)])
def test_impossible_counts_are_errors(x, n) -> None:
    with pytest.raises(ValueError, match=f"{x} of {n}"):
        proportion("share", x, n, 0.95, "assumed")


@pytest.mark.parametrize("level", [0, 1, 95, nan])
def test_impossible_levels_are_errors(level) -> None:
    with pytest.raises(ValueError, match="confidence level"):
        proportion("share", 1, 2, level, "assumed")


@QUICK
@given(shares(), LEVELS, st.sampled_from(METHODS))
def test_limits_of_a_share_bracket_it(share, level, method) -> None:
    x, n = share
    low, high = SHARE_INTERVALS[method][1](x, n, level)
    assert 0 <= low <= x / n <= high <= 1


@QUICK
@given(shares(), LEVELS, LEVELS, st.sampled_from(METHODS))
def test_limits_of_a_share_widen_with_confidence(share, one, other, method) -> None:
    limits = SHARE_INTERVALS[method][1]
    (low, high), (lower, higher) = (limits(*share, level) for level in sorted((one, other)))
    assert lower <= low + 1e-12
    assert high <= higher + 1e-12


@QUICK
@given(shares(), LEVELS, st.sampled_from(METHODS))
def test_failures_are_the_mirror_of_successes(share, level, method) -> None:
    (x, n), limits = share, SHARE_INTERVALS[method][1]
    low, high = limits(n - x, n, level)
    assert limits(x, n, level) == pytest.approx((1 - high, 1 - low), abs=1e-9)


# Bounds


def test_bounds_of_the_published_share() -> None:
    """301 of 304 who answered, of 434: 99 % of respondents, 69.4 % to 99.3 % of everyone."""
    found = bounds("share", 301, 304, 434, "assumed")
    assert found.estimate == pytest.approx(301 / 304)
    assert interval(found) == pytest.approx([0.694, 0.993], abs=5e-4)


def test_bounds_at_their_edges() -> None:
    assert interval(bounds("share", 5, 5, 5, "assumed")) == [1, 1]
    assert interval(bounds("share", 0, 5, 10, "assumed")) == [0, 0.5]
    assert_no_value(bounds("share", 0, 0, 434, "assumed"), "no_data")
    assert_no_value(bounds("share", 3, 5, 4, "assumed"), "not_estimable")


# Counts and rates


def test_garwoods_limits_of_none_and_of_62() -> None:
    assert garwood(0, 0.95) == (0, pytest.approx(3.6889, abs=5e-5))
    assert garwood(62, 0.95) == pytest.approx((47.535, 79.481), abs=5e-4)


@pytest.mark.parametrize("events", [0, 3, 62, 137])
def test_limits_of_a_count_are_those_of_poisson_test_in_r(events) -> None:
    found = interval(count("events", events, 0.95, "assumed"))
    assert found == pytest.approx(r(f"garwood {events}", "low", "high"), rel=DIGITS)


def test_the_example_of_poisson_test_in_r() -> None:
    """137 in 24.19893: 5.661407 (4.753125 to 6.692709), as ?poisson.test prints it."""
    found = ratio_to_target("ratio", 137, 24.19893, 0.95, "assumed")
    assert found.estimate == pytest.approx(5.661407, abs=5e-7)
    assert interval(found) == pytest.approx([4.753125, 6.692709], abs=5e-7)


def test_byars_limits_are_those_of_another_program() -> None:
    """The examples of the Ruby gem byar 1.0.0 for 100 events, which takes z as 1.96."""
    level = 2 * float(stats.norm.cdf(1.96)) - 1
    expected = (0.9040199067337297 * 90, 121.628347271806)
    assert byar(100, level) == pytest.approx(expected, rel=DIGITS)


def test_byars_limits_are_near_the_exact_ones_from_10_events_on() -> None:
    """Within 0.2 %: Public Health England (2018), Technical Guide Confidence Intervals."""
    for events in range(10, 200):
        assert byar(events, 0.95) == pytest.approx(garwood(events, 0.95), rel=0.002)


def test_a_rate_is_exact_under_10_events_and_byars_from_10_on() -> None:
    nine, ten = (rate("rate", events, 2.0, 0.95, "assumed") for events in (9, 10))
    assert (nine.method, ten.method) == ("Garwood exact", "Byar")
    assert interval(nine) == pytest.approx([x / 2 for x in garwood(9, 0.95)], rel=DIGITS)
    assert interval(ten) == pytest.approx([x / 2 for x in byar(10, 0.95)], rel=DIGITS)


def test_a_rate_at_its_edges() -> None:
    none = rate("rate", 0, 2.0, 0.95, "assumed")
    assert none.estimate == 0
    assert interval(none) == [0, pytest.approx(3.6889 / 2, abs=5e-5)]
    assert_no_value(rate("rate", 0, 0, 0.95, "assumed"), "no_data")
    assert "without exposure" in rate("rate", 3, 0, 0.95, "assumed").note


def test_a_ratio_to_a_target_at_its_edges() -> None:
    none = ratio_to_target("ratio", 0, 4, 0.95, "assumed")
    assert interval(none) == [0, pytest.approx(3.6889 / 4, abs=5e-5)]
    for target in (None, nan, inf, 0, -1):
        assert_no_value(ratio_to_target("ratio", 3, target, 0.95, "assumed"), "not_estimable")


@QUICK
@given(st.integers(0, 2000), LEVELS, LEVELS)
def test_limits_of_a_count_bracket_it_and_widen(events, one, other) -> None:
    (low, high), (lower, higher) = (garwood(events, level) for level in sorted((one, other)))
    assert 0 <= lower <= low + 1e-9
    assert low <= events <= high <= higher + 1e-9


# The ratio of two rates

FOUR_RATIOS = [(11, 800, 21, 3011), (62, 24, 19, 10), (0, 10, 7, 24), (7, 24, 0, 10)]


def ratio(*counts: float, level: float = 0.95) -> Estimate:
    return rate_ratio("ratio", counts[0], counts[1], counts[2], counts[3], level, "assumed")  # type: ignore[arg-type]


def test_the_example_of_two_rates_of_poisson_test_in_r() -> None:
    """11 in 800 against 6 + 8 + 7 in 1083 + 1050 + 878, as ?poisson.test prints it."""
    found = ratio(11, 800, 6 + 8 + 7, 1083 + 1050 + 878)
    assert found.estimate == pytest.approx(1.971488, abs=5e-7)
    assert interval(found) == pytest.approx([0.8584264, 4.2772659], abs=5e-7)


@pytest.mark.parametrize("level", [0.95, 0.998])
@pytest.mark.parametrize("counts", FOUR_RATIOS[:3])
def test_ratios_of_two_rates_are_those_of_r(counts, level) -> None:
    found = ratio(*counts, level=level)
    case = "rate ratio {} in {} : {} in {}@{}".format(*counts, level)
    expected = r(case, "ratio", "low", "high")
    assert [found.estimate, *interval(found)] == pytest.approx(expected, rel=DIGITS)
    assert (found.numerator, found.denominator) == (counts[0], counts[2])


def test_no_events_in_the_period_leave_a_one_sided_bound() -> None:
    found = ratio(0, 10, 7, 24)
    assert (found.status, found.estimate, found.low) == ("ok", 0, 0)
    assert found.note == "one-sided, at 97.5 % confidence"


def test_no_events_in_the_base_period_leave_a_bound_in_the_note() -> None:
    """R has an infinite ratio with the same lower limit."""
    found = ratio(*FOUR_RATIOS[3])
    assert_no_value(found, "not_estimable")
    low, high = r("rate ratio 7 in 24 : 0 in 10@0.95", "low", "high")
    assert high == inf
    assert f"at least {low:.4g}" in found.note
    assert "one-sided" in found.note


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ((0, 10, 0, 24), "not_estimable"),
        ((3, 0, 7, 24), "no_data"),
        ((3, 10, 7, 0), "no_data"),
        ((3, nan, 7, 24), "no_data"),
        ((0, 0, 0, 0), "no_data"),
    ],
)
def test_a_ratio_of_rates_without_a_value(counts, status) -> None:
    assert_no_value(ratio(*counts), status)


@pytest.mark.parametrize("exposure", [inf, -inf])
def test_an_infinite_exposure_is_an_error(exposure: float) -> None:
    with pytest.raises(ValueError, match="an exposure of"):
        rate("x", 3, exposure, 0.95, "assumed")
    for periods in ((exposure, 24), (10, exposure)):
        with pytest.raises(ValueError, match="an exposure of"):
            ratio(3, periods[0], 7, periods[1])


def test_bounds_of_more_successes_than_answers_are_an_error() -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        bounds("x", 6, 5, 10, "assumed")


@pytest.mark.parametrize("level", [0.99991, 0.999999999999, 1 - 2**-53, 1])
def test_a_confidence_without_finite_limits_is_an_error(level: float) -> None:
    for make in (
        lambda: proportion("x", 3, 5, level, "assumed"),
        lambda: ratio(3, 10, 7, 24, level=level),
        lambda: count("x", 3, level, "assumed"),
    ):
        with pytest.raises(ValueError, match="a confidence level of"):
            make()


@pytest.mark.parametrize("counts", [(-1, 1, 2, 1), (1, 1, -2, 1)])
def test_negative_counts_are_errors(counts) -> None:
    with pytest.raises(ValueError, match=" of "):
        ratio(*counts)


@QUICK
@given(st.integers(1, 300), st.integers(1, 300), st.floats(0.1, 50), st.floats(0.1, 50), LEVELS)
def test_a_ratio_of_rates_turns_over_with_its_periods(x, y, first, second, level) -> None:
    one, other = ratio(x, first, y, second, level=level), ratio(y, second, x, first, level=level)
    low, high = interval(one)
    assert low <= one.estimate <= high  # type: ignore[operator]
    assert interval(other) == pytest.approx([1 / high, 1 / low], rel=1e-9)


# A count against an expected one

SEVERAL_TESTS = [
    (137, 24.19893), (10, 5.5), (3, 8), (0, 2.3), (62, 50), (2, 2.5), (7, 7), (1, 0.2), (40, 62),
    (0, 0.4),
]  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), SEVERAL_TESTS)
def test_the_poisson_test_doubles_the_smaller_tail(events, expected) -> None:
    """From R's ppois; its poisson.test has another definition of two-sided."""
    found = poisson_test(events, expected)
    (p_value,) = r(f"poisson test {events} of {expected:.9g}", "central")
    assert found.p_value == pytest.approx(p_value, rel=DIGITS)
    assert found.method == "exact Poisson test (central)"


@pytest.mark.parametrize("expected", [None, nan, inf, 0, -1.0])
def test_nothing_expected_is_nothing_to_test(expected) -> None:
    found = poisson_test(3, expected)
    assert (found.p_value, found.status) == (None, "not_estimable")
    assert found.note


@QUICK
@given(st.integers(0, 400), st.floats(0.05, 400))
def test_the_central_test_agrees_with_garwoods_limits(events, expected) -> None:
    """It rejects at 5 % where the 95% limits leave the expected count out."""
    low, high = garwood(events, 0.95)
    p_value = poisson_test(events, expected).p_value
    assert p_value is not None
    assert 0 <= p_value <= 1
    if min(abs(expected / low - 1) if low else 1, abs(expected / high - 1)) > 1e-9:
        assert (p_value < 0.05) == (not low <= expected <= high)


# What prints as a percentage


def test_the_counts_that_print_as_the_published_share() -> None:
    table = counts_printing_as(99, 0, 434)
    assert (table["failures"].iloc[0], table["failures"].iloc[-1]) == (1, 6)
    row = table.set_index("failures").loc[3]
    assert row["of_from"] <= 304 <= row["of_to"]


@QUICK
@given(st.integers(0, 1000), st.integers(1, 60))
def test_counts_that_print_as_a_share_are_all_and_only_those(permille, most) -> None:
    table = counts_printing_as(permille / 10, 1, most)
    listed = {
        (row.failures, n) for row in table.itertuples() for n in range(row.of_from, row.of_to + 1)
    }
    # Half up in whole numbers: floor(1000 * k / n + 1 / 2).
    fitting = {
        (n - k, n)
        for n in range(1, most + 1)
        for k in range(n + 1)
        if (2000 * k + n) // (2 * n) == permille
    }
    assert listed == fitting


def test_records_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        proportion("share", 1, 2, 0.95, "assumed").low = 0  # type: ignore[misc]
