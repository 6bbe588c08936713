"""Zones against the published example, against R, and on their boundaries."""

from __future__ import annotations

from math import inf, nan
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lmm.statistics.zones import (
    ZoneProbabilities,
    amber_split,
    count_probabilities,
    four_zones,
    share_probabilities,
)

R = pd.read_csv(Path(__file__).parent / "reference/estimates_r.csv")
R = R.set_index(["case", "quantity"])["value"]
QUICK = settings(max_examples=100, deadline=None, derandomize=True, database=None)

LEWIS = {
    "recruitment uptake": (200, 0.20, 0.35, 0.247),
    "treatment fidelity": (34, 0.50, 0.75, 0.641),
    "follow-up": (68, 0.65, 0.85, 0.745),
}
"""Trials, RUL, GLL and Ac: Lewis et al. (2021), Pilot and Feasibility Studies 7, 40, table 5."""

LEWIS_SIGNALS = {
    "recruitment uptake": {"red": 40, "amber-red": 49, "amber-green": 69, "green": 200},
    "treatment fidelity": {"red": 17, "amber-red": 21, "amber-green": 25, "green": 34},
    "follow-up": {"red": 44, "amber-red": 50, "amber-green": 57, "green": 68},
}
"""The most successes in each zone, from the same table: "> 40 to < 49.4 (AmberR)", and so on.

The table prints 70 where all 68 of the follow-up end.
"""


@pytest.mark.parametrize("criterion", LEWIS)
def test_amber_splits_where_it_was_published_to(criterion) -> None:
    trials, red_below, _, split = LEWIS[criterion]
    assert amber_split(trials, red_below) == pytest.approx(split, abs=5e-4)


@pytest.mark.parametrize("criterion", LEWIS)
def test_every_count_is_in_its_published_zone(criterion) -> None:
    trials, red_below, green_from, _ = LEWIS[criterion]
    expected = [
        next(zone for zone, most in LEWIS_SIGNALS[criterion].items() if successes <= most)
        for successes in range(trials + 1)
    ]
    found = [four_zones(x, trials, red_below, green_from).zone for x in range(trials + 1)]
    assert found == expected


def test_boundaries_are_inclusive() -> None:
    """On RUL red, on Ac amber-green, on GLL green; Ac is 0.2 + 1.645 * 0.04 for 100 of 20 %."""
    on_red, on_green = four_zones(20, 100, 0.2, 0.4), four_zones(40, 100, 0.2, 0.4)
    assert (on_red.zone, on_red.note) == ("red", "on the red cut-off")
    assert (on_green.zone, on_green.note) == ("green", "")
    assert [four_zones(x, 100, 0.2, 0.4).zone for x in (21, 26, 27, 39)] == [
        "amber-red", "amber-red", "amber-green", "amber-green",
    ]  # fmt: skip
    # With RUL = 0 amber splits at 0 itself, and any success rejects it.
    assert [four_zones(x, 10, 0, 0.5).zone for x in (0, 1, 5)] == ["red", "amber-green", "green"]


def test_a_share_exactly_on_the_split_is_amber_green() -> None:
    """RUL 50 % of 400^2 trials: the split is at 80000 + 1.645 / 2 * 400 = 80329 successes."""
    assert amber_split(160_000, 0.5) == pytest.approx(80_329 / 160_000, rel=1e-12)
    found = [four_zones(x, 160_000, 0.5, 0.9).zone for x in (80_328, 80_329)]
    assert found == ["amber-red", "amber-green"]


def test_cut_offs_that_are_reckoned_have_room_for_rounding() -> None:
    """0.1 + 0.2 is a little over 0.3 in floating point; 3 of 10 is on it all the same."""
    assert 0.1 + 0.2 > 0.3
    assert four_zones(3, 10, 0.1, 0.1 + 0.2).zone == "green"
    assert four_zones(3, 10, 0.3 - 1e-12, 0.9).zone == "red"


def test_equal_cut_offs_leave_no_amber_and_favour_green() -> None:
    found = [four_zones(x, 10, 0.5, 0.5) for x in (4, 5, 6)]
    assert [zones.zone for zones in found] == ["red", "green", "green"]


def test_too_few_trials_say_so() -> None:
    """Of 5, RUL 50 %: Ac is 0.868, over a GLL of 75 %."""
    found = four_zones(4, 5, 0.5, 0.75)
    assert amber_split(5, 0.5) == pytest.approx(0.868, abs=5e-4)
    assert found.zone == "green"
    assert "too few trials" in found.note
    assert four_zones(3, 5, 0.5, 0.75).zone == "amber-red"


def test_nothing_is_not_rated() -> None:
    for zones in (four_zones(0, 0, 0.5, 0.75), four_zones(3, 5, nan, 0.75)):
        assert (zones.zone, zones.status) == ("not rated", "not_estimable")
        assert zones.note


@pytest.mark.parametrize("cut_offs", [(0.8, 0.7), (-0.1, 0.5), (0.5, 1.1)])
def test_impossible_cut_offs_are_errors(cut_offs) -> None:
    for function in (four_zones, share_probabilities):
        with pytest.raises(ValueError, match="cut-offs of"):
            function(3, 5, *cut_offs)
    if cut_offs[0] != 0.5:
        with pytest.raises(ValueError, match="cut-offs of"):
            count_probabilities(3, 5, *cut_offs)


@pytest.mark.parametrize("function", [four_zones, share_probabilities])
def test_impossible_counts_are_errors(function) -> None:
    with pytest.raises(ValueError, match="6 of 5"):
        function(6, 5, 0.5, 0.7)


@QUICK
@given(st.integers(1, 300), st.floats(0.01, 0.98), st.floats(0.01, 0.98))
def test_zones_go_up_with_the_share(trials, one, other) -> None:
    order = ["red", "amber-red", "amber-green", "green"]
    zones = [four_zones(x, trials, *sorted((one, other))) for x in range(trials + 1)]
    ranks = [order.index(found.zone) for found in zones]
    assert ranks == sorted(ranks)


# Probabilities


def values(found: ZoneProbabilities) -> tuple[float, float, float]:
    assert found.status == "ok"
    return found.red, found.amber, found.green  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("x", "n", "red_below", "green_from"),
    [(301, 304, 0.8, 0.9), (14, 20, 0.6, 0.8), (0, 7, 0.1, 0.3), (7, 7, 0.6, 0.9)],
)
def test_probabilities_for_a_share_are_those_of_r(x, n, red_below, green_from) -> None:
    """R: pbeta, of the posterior Beta(x + 1/2, n - x + 1/2)."""
    red, amber, green = values(share_probabilities(x, n, red_below, green_from))
    case = f"share zones {x} of {n}: {red_below:g} {green_from:g}"
    assert [red, green] == pytest.approx([R[case, "red"], R[case, "green"]], rel=1e-9)
    assert amber == pytest.approx(1 - red - green, abs=1e-12)


@pytest.mark.parametrize(
    ("events", "target", "red_below", "green_from"),
    [(62, 60, 0.8, 1), (0, 4, 0.75, 1), (19, 24.5, 0.8, 1.1)],
)
def test_probabilities_for_a_count_are_those_of_r(events, target, red_below, green_from) -> None:
    """R: pgamma, of the posterior Gamma(x + 1/2)."""
    red, amber, green = values(count_probabilities(events, target, red_below, green_from))
    case = f"count zones {events} of {target:g}: {red_below:g} {green_from:g}"
    assert [red, green] == pytest.approx([R[case, "red"], R[case, "green"]], rel=1e-9)
    assert amber == pytest.approx(1 - red - green, abs=1e-12)


def test_a_count_is_the_limit_of_a_share_of_many() -> None:
    """62 of 10^7 against ratios to 60 of 10^7."""
    many = 10**7
    share = values(share_probabilities(62, many, 0.8 * 60 / many, 60 / many))
    assert share == pytest.approx(values(count_probabilities(62, 60, 0.8, 1)), abs=1e-5)


@pytest.mark.parametrize(
    "found",
    [
        share_probabilities(0, 0, 0.5, 0.7),
        share_probabilities(3, 5, nan, 0.7),
        count_probabilities(3, None, 0.8, 1),
        count_probabilities(3, nan, 0.8, 1),
        count_probabilities(3, inf, 0.8, 1),
        count_probabilities(3, 0, 0.8, 1),
        count_probabilities(3, 10, 0.8, nan),
    ],
)
def test_nothing_has_no_probabilities(found) -> None:
    assert (found.red, found.amber, found.green) == (None, None, None)
    assert found.status == "not_estimable"
    assert found.note


def test_outermost_cut_offs_leave_only_amber() -> None:
    assert values(share_probabilities(3, 5, 0, 1)) == (0, 1, 0)


@QUICK
@given(st.integers(0, 200), st.integers(0, 200), st.floats(0, 1), st.floats(0, 1))
def test_probabilities_add_up_and_mirror(x, failures, one, other) -> None:
    n, (red_below, green_from) = x + failures, sorted((one, other))
    if n == 0:
        return
    found = values(share_probabilities(x, n, red_below, green_from))
    assert all(0 <= value <= 1 for value in found)
    assert sum(found) == pytest.approx(1, abs=1e-9)
    mirrored = values(share_probabilities(failures, n, 1 - green_from, 1 - red_below))
    assert mirrored == pytest.approx(found[::-1], abs=1e-9)


@QUICK
@given(st.integers(0, 300), st.floats(0.5, 300), st.floats(0.1, 1), st.floats(1, 2))
def test_probabilities_of_a_count_rise_with_it(events, target, red_below, green_from) -> None:
    found = values(count_probabilities(events, target, red_below, green_from))
    more = values(count_probabilities(events + 1, target, red_below, green_from))
    assert sum(found) == pytest.approx(1, abs=1e-9)
    assert more[0] <= found[0] + 1e-12
    assert more[2] >= found[2] - 1e-12


def test_jeffreys_posterior_and_garwoods_tail_are_near() -> None:
    """Half a count apart: the posterior lies between the exact tails of x and of x - 1."""
    red, _, _ = values(count_probabilities(62, 60, 0.8, 1))
    upper, lower = stats.poisson.sf(61, 48), stats.poisson.sf(62, 48)
    assert lower < red < upper
