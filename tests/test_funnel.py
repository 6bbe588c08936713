"""The lines of the funnel against R and the exact quantiles, and where a share lies by them.

``R`` holds what R gives; tests/reference/README-estimates.md says how.
"""

from __future__ import annotations

from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from lmm.statistics.funnel import FUNNEL_LEVELS, funnel_lines, funnel_position, funnel_table

R = pd.read_csv(Path(__file__).parent / "reference/estimates_r.csv")
R = R.set_index(["case", "quantity"])["value"]
DIGITS = 1e-9
QUICK = settings(max_examples=40, deadline=None, derandomize=True, database=None)
SHARES, SIZES = st.floats(0.02, 0.98), st.integers(1, 80)


def lines(overall: float, size: int, level: float) -> tuple[float, float]:
    (low,), (high,) = funnel_lines(overall, np.array([size]), level)
    return float(low), float(high)


def beyond(size: int, low: float, high: float) -> tuple[list[int], list[int]]:
    """Give the counts of a size whose share is below and above two limits."""
    counts = range(size + 1)
    below = [count for count in counts if count / size < low - 1e-12]
    return below, [count for count in counts if count / size > high + 1e-12]


@pytest.mark.parametrize("overall", [0.08, 0.5, 0.99])
@pytest.mark.parametrize("size", [1, 5, 10, 40, 434])
@pytest.mark.parametrize("level", FUNNEL_LEVELS)
def test_lines_against_r(overall: float, size: int, level: float) -> None:
    """R: Spiegelhalter's interpolation is the lower line; beyond both is what qbinom / n says.

    With few trials a quantile may be on the other side of the overall share.
    """
    case = f"funnel {overall:g} of {size}@{level:g}"
    quantities = ("low", "high", "interpolated_low", "interpolated_high")
    low, high, lower, higher = (float(R[case, quantity]) for quantity in quantities)
    found = lines(overall, size, level)
    assert found[0] == pytest.approx(max(lower, 0), rel=DIGITS, abs=1e-12)
    assert beyond(size, *found) == beyond(size, min(low, overall), max(high, overall))
    assert found[1] >= higher - 1e-9  # his formula taken upwards lies lower


@given(SHARES, SIZES, st.sampled_from(FUNNEL_LEVELS))
@QUICK
def test_smooth_lines_judge_as_the_exact_quantiles(overall: float, size: int, level: float) -> None:
    tails = ((1 - level) / 2, (1 + level) / 2)
    reached = stats.binom.cdf(range(size + 1), size, overall)
    assume(all(np.abs(reached - tail).min() > 1e-9 for tail in tails))  # rounding decides there
    low, high = (float(stats.binom.ppf(tail, size, overall)) / size for tail in tails)
    exact = beyond(size, min(low, overall), max(high, overall))
    assert beyond(size, *lines(overall, size, level)) == exact


@given(SHARES, SIZES, st.sampled_from(FUNNEL_LEVELS))
@QUICK
def test_no_more_than_the_stated_part_falls_beyond_a_line(
    overall: float, size: int, level: float
) -> None:
    low, high = lines(overall, size, level)
    assert 0 <= low <= high <= 1
    for counts in beyond(size, low, high):
        assert stats.binom.pmf(counts, size, overall).sum() <= (1 - level) / 2 + 1e-9


def test_lines_are_mirrored_and_nested() -> None:
    sizes = np.arange(1, 60)
    for level in FUNNEL_LEVELS:
        low, high = funnel_lines(0.8, sizes, level)
        failing, passing = funnel_lines(0.2, sizes, level)
        assert high == pytest.approx(1 - failing)
        assert low == pytest.approx(1 - passing, abs=1e-9)
    (low, high), (lower, higher) = (funnel_lines(0.8, sizes, at) for at in FUNNEL_LEVELS)
    assert (lower <= low).all()
    assert (high <= higher).all()


def test_near_a_ceiling_full_marks_are_not_beyond() -> None:
    _, high = funnel_lines(301 / 304, np.arange(1, 40), 0.998)
    assert set(high) == {1.0}


def test_the_table_has_both_pairs_of_lines_at_every_size() -> None:
    table = funnel_table(0.8, 3)
    assert table["answered"].tolist() == [1, 2, 3]
    for name, level in (("95", 0.95), ("998", 0.998)):
        low, high = lines(0.8, 3, level)
        assert table[[f"lower_{name}", f"upper_{name}"]].iloc[2].tolist() == [low, high]
    assert funnel_table(0.0, 0).empty


@pytest.mark.parametrize(
    ("share", "position"),
    [
        (0.1, "below the 99.8% limits"),
        (0.2, "below the 95% limits"),
        (0.3, "within the limits"),
        (0.7, "within the limits"),
        (0.8, "above the 95% limits"),
        (0.9, "above the 99.8% limits"),
        (nan, "not judged"),
    ],
)
def test_a_share_on_a_line_is_within_it(share: float, position: str) -> None:
    row = {"lower_998": 0.2, "lower_95": 0.3, "upper_95": 0.7, "upper_998": 0.8}
    assert funnel_position({**row, "share": share}) == position
    assert funnel_position({**dict.fromkeys(row, nan), "share": 0.5}) == "not judged"
