"""Rounding: half up, the same for all floats that mean one number."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmm.statistics.rounding import DIGITS, declared_percent, fixed, in_percent, rounded


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.25, 1, 2.3),
        (-2.25, 1, -2.3),
        (0.145, 2, 0.15),  # as a float a little under it
        (1.005, 2, 1.01),
        (0.1 + 0.2, 1, 0.3),
        (2.675, 2, 2.68),
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),
        (1 / 128, 6, 0.007813),
        (3 / 640, 6, 0.004688),
        (-0.0000001, 6, 0.0),
        (1711.875, 2, 1711.88),
        (1e12, 6, 1e12),
        (100000.19552947697, 6, 100000.195529),
    ],
)
def test_halves_go_up(value: float, decimals: int, expected: float) -> None:
    found = rounded(value, decimals)
    assert found == expected
    assert math.copysign(1, found) == math.copysign(1, expected)


def test_shown_numbers_are_rounded_in_the_same_way() -> None:
    assert [fixed(2.25, 1), fixed(4.5), fixed(1.005, 2), fixed(-0.04, 1)] == [
        "2.3", "5", "1.01", "0.0"
    ]  # fmt: skip
    assert [in_percent(0.145), in_percent(0.125), in_percent(1 / 3, 1), in_percent(1.0, 1)] == [
        "15%", "13%", "33.3%", "100.0%"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.9, "90%"), (0.29, "29%"), (0.875, "87.5%"), (0.925, "92.5%"), (0.9275, "92.75%"),
     (1 / 3, "33.33%"), (0.99999, "100%"), (1.0, "100%"), (0.0, "0%")],
)  # fmt: skip
def test_a_declared_share_has_the_decimals_that_it_needs(share: float, written: str) -> None:
    assert declared_percent(share) == written


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_what_is_not_finite_stays(value: float) -> None:
    assert rounded(value, 6) == value
    assert math.isnan(rounded(math.nan, 6))


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(0, 6))
def test_a_fraction_is_rounded_as_one_however_it_was_computed(
    count: int, of: int, decimals: int
) -> None:
    fraction = Fraction(count, of)
    unit = Decimal(1).scaleb(-decimals)
    exact = (Decimal(count) / Decimal(of)).quantize(unit, ROUND_HALF_UP)
    around = (fraction * (1 + Fraction(k, 2**52)) for k in (-8, -1, 0, 1, 8))
    assert {rounded(float(x), decimals) for x in around} == {float(exact)}


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_nothing_moves_by_more_than_half_a_digit_nor_twice(value: float, decimals: int) -> None:
    once = rounded(value, decimals)
    half, last = Fraction(1, 2) / 10**decimals, abs(Fraction(value)) / 10 ** (DIGITS - 1)
    assert abs(Fraction(once) - Fraction(value)) <= half + last
    assert rounded(once, decimals) == once


@given(st.integers(0, 100_000))
def test_hours_of_whole_minutes_are_shown_to_the_nearest_tenth(minutes: int) -> None:
    assert Decimal(fixed(minutes / 60, 1)) == Decimal((minutes + 3) // 6) / 10
