"""People who come in batches: limits against R, simulated truths, and where they are applied."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from gates import counts_of, released_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lmm.analysis import descriptive, interrupted, process, targets, verdicts
from lmm.analysis.in_batches import batches_of, sizes_of, unit_of
from lmm.statistics.batches import Batches, compound, compound_p_value, compound_shares, mean_size
from lmm.statistics.rates import COMPOUND, count, garwood, rate, rate_ratio, ratio_to_target
from lmm.statistics.shares import clopper_pearson
from lmm.statistics.zones import count_probabilities

REFERENCE = Path(__file__).parent / "reference"
R = pd.read_csv(REFERENCE / "batches_expected.csv", dtype={"sizes": "str", "elsewhere": "str"})
QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=40)


def numbers(text: str) -> list[int]:
    return [int(word) for word in text.split()] if isinstance(text, str) else []


# --- the limits ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", R.to_dict("records"), ids=lambda row: f"{row['case']} {row['level']}"
)
def test_limits_agree_with_r(row: dict[str, str]) -> None:
    """The gamma limits of epitools' ageadjust.direct, with the sizes as weights."""
    batches = Batches.of(numbers(row["sizes"]), numbers(row["elsewhere"]))
    assert batches.total == row["total"]
    expected = (row["low"], row["high"])
    assert compound(batches, float(row["level"])) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("events", [0, 1, 7, 62])
def test_batches_of_one_are_events(events: int) -> None:
    batches = Batches.of([1] * events)
    assert compound(batches, 0.95) == pytest.approx(garwood(events, 0.95))
    shares = compound_shares(batches, Batches.of([1] * 5), 0.95)
    assert shares == pytest.approx(clopper_pearson(events, events + 5, 0.95))
    alone = count_probabilities(events, 20, 0.6, 1.0)
    assert count_probabilities(events, 20, 0.6, 1.0, batches=batches).red == pytest.approx(
        alone.red
    )


def test_batches_of_one_size_are_counted_as_batches() -> None:
    batches = Batches.of([15] * 10)
    assert (batches.events, batches.size) == (10, 15)
    low, high = garwood(10, 0.95)
    assert compound(batches, 0.95) == pytest.approx((15 * low, 15 * high))
    ratio = rate_ratio(
        "x", 90, 10.0, 330, 24.0, 0.95, "assumed", (Batches.of([15] * 6), Batches.of([15] * 22))
    )
    plain = rate_ratio("x", 6, 10.0, 22, 24.0, 0.95, "assumed")
    assert (ratio.estimate, ratio.low, ratio.high) == pytest.approx(
        (plain.estimate, plain.low, plain.high)
    )


def test_without_a_batch_the_upper_limit_is_of_the_largest_elsewhere() -> None:
    nobody = Batches.of([], [12, 20])
    assert compound(nobody, 0.95) == pytest.approx((0, 20 * garwood(0, 0.95)[1]))
    assert compound(Batches.of([]), 0.95) == pytest.approx(garwood(0, 0.95))
    assert (nobody.events, nobody.size) == (0, 20)
    assert count("x", 0, 0.95, "assumed", nobody).low == 0
    assert rate_ratio("x", 0, 9.0, 0, 9.0, 0.95, "assumed", (nobody, nobody)).status == (
        "not_estimable"
    )
    one_sided = rate_ratio("x", 0, 9.0, 30, 9.0, 0.95, "assumed", (nobody, Batches.of([15, 15])))
    assert (one_sided.low, one_sided.estimate) == (0, 0)
    assert one_sided.high is not None and isfinite(one_sided.high)


def test_only_their_number_takes_them_as_equally_large() -> None:
    assert Batches.alike(10, 150) == Batches.of([15] * 10)
    assert Batches.alike(0, 0, 15.5).largest == 15.5
    with pytest.raises(ValueError, match="fewer than nobody"):
        Batches.of([3, -1])


@QUICK
@given(SIZES, st.floats(0.5, 0.999))
def test_limits_hold_the_total_and_are_wider_than_those_of_events(
    sizes: list[int], level: float
) -> None:
    batches = Batches.of(sizes)
    low, high = compound(batches, level)
    assert 0 < low < batches.total < high < float("inf")
    plain = garwood(batches.total, level)
    assert low <= plain[0] * (1 + 1e-9)
    assert high >= plain[1] * (1 - 1e-9)
    assert batches.events <= len(sizes) + 1e-9


@QUICK
@given(SIZES, st.floats(0.8, 0.999))
def test_the_test_rejects_what_lies_beyond_the_limits(sizes: list[int], level: float) -> None:
    batches = Batches.of(sizes)
    for limit, inwards in zip(compound(batches, level), (1, -1), strict=True):
        assert compound_p_value(batches, limit) == pytest.approx(1 - level, rel=1e-6)
        assert compound_p_value(batches, limit * (1 + inwards * 0.01)) > 1 - level
    assert compound_p_value(batches, batches.total) > 0.5


@pytest.mark.parametrize("expected", [4, 10, 28])
@pytest.mark.parametrize("spread", ["alike", "half of the mean"])
def test_limits_hold_the_truth(expected: int, spread: str) -> None:
    """Courses are Poisson, and people a course as they are or negative binomial."""
    rng, studies = np.random.default_rng(9), 400
    held = 0
    for _ in range(studies):
        number = int(rng.poisson(expected))
        sizes = np.full(number, 15)
        if spread != "alike":
            sizes = 1 + rng.poisson(rng.gamma(4, 14 / 4, number))
        low, high = compound(Batches.of(sizes.tolist(), [25]), 0.95)
        held += low <= 15 * expected <= high
    assert held / studies > 0.93


def test_every_estimate_names_its_method() -> None:
    batches = Batches.of([15, 10])
    assert count("x", 25, 0.95, "assumed", batches).method == COMPOUND
    assert rate("x", 25, 12.0, 0.95, "assumed", batches).method == COMPOUND
    assert ratio_to_target("x", 25, 20, 0.95, "assumed", batches).method == COMPOUND
    low, high = compound(batches, 0.95)
    found = rate("x", 25, 12.0, 0.95, "assumed", batches)
    assert (found.low, found.high) == pytest.approx((low / 12, high / 12))


def test_the_mean_size_is_that_of_a_t_test() -> None:
    """R: t.test(c(8, 12, 12, 15, 20))."""
    found = mean_size("x", Batches.of([8, 12, 12, 15, 20]), 0.95, "assumed")
    assert found.estimate == 13.4
    assert (found.low, found.high) == pytest.approx((7.874944001, 18.925055999), abs=1e-6)
    assert mean_size("x", Batches.of([15] * 3), 0.95, "assumed").low == 15
    one = mean_size("x", Batches.of([15]), 0.95, "assumed")
    assert (one.status, one.note) == ("not_estimable", "one batch says nothing of how sizes vary")
    none = mean_size("x", Batches.of([]), 0.95, "assumed")
    assert (none.status, none.note) == ("no_data", "no batch brought anybody")
    assert mean_size("x", Batches.of([]), 0.95, "assumed").status == "no_data"


def test_probabilities_of_zones_are_of_the_effective_number() -> None:
    found = count_probabilities(150, 140, 0.6, 1.0, batches=Batches.of([15] * 10))
    assert found.red == pytest.approx(stats.gamma.cdf(84 / 15, 10.5))
    assert found.green == pytest.approx(stats.gamma.sf(140 / 15, 10.5))


# --- the measures that come in courses -------------------------------------------------------


def test_attendances_and_staff_come_in_courses_and_families_do_not() -> None:
    exact = counts_of("none")
    assert unit_of(exact, "attendances") == unit_of(exact, "staff") == "course_id"
    assert unit_of(exact, "families") == unit_of(exact, "courses") == ""
    for name in ("attendances", "staff"):
        sizes = sizes_of(exact, name)
        assert sizes is not None
        assert sizes["n"].sum() == exact.n(name)
        for span in ("contract_year", "phase", "quarter"):
            for level in exact.levels(name, span):
                found, note = batches_of(exact, name, **{span: level})
                assert found is not None
                assert (found.total, note) == (exact.n(name, **{span: level}), "")
                assert found.largest == sizes["n"].max()
    assert batches_of(exact, "consultations") == (None, "")


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_released_counts_know_the_number_of_courses_and_not_their_sizes(disclosure: str) -> None:
    counts = released_of(disclosure).counts
    assert sizes_of(counts, "staff") is None
    found, note = batches_of(counts, "staff", contract_year="2018/19")
    assert found == Batches.alike(
        11, counts.n("staff", contract_year="2018/19") or 0, (counts.n("staff") or 0) / 28
    )
    assert "taken as equally large" in note


def test_how_many_a_course_brings_is_not_released() -> None:
    table = descriptive.activity(released_of("opensafely").counts, by="phase").table
    sizes = table[table["quantity"] == "a course"]
    assert set(sizes["status"]) == {"suppressed"}
    assert len(sizes) == 6


def test_rates_targets_and_tests_take_the_course_as_the_unit() -> None:
    exact = counts_of("none")
    activity = descriptive.activity(exact, by="phase").table
    people = activity[activity["measure"].isin(["attendances", "staff"])]
    sizes = people[people["quantity"] == "a course"]
    assert set(people.drop(sizes.index)["method"]) == {COMPOUND}
    assert set(sizes["method"]) == {"Student's t"}
    assert len(sizes) == 6
    assert not activity.loc[activity["measure"] == "families", "method"].str.contains("comp").any()
    achieved = targets.achievement(exact).table
    assert set(achieved.loc[achieved["indicator"] == "staff", "method"]) == {COMPOUND}
    sure = verdicts.certainty(exact).table.set_index("indicator")
    assert set(sure.loc["staff", "test"]) == {"compound Poisson test (central)"}
    assert set(sure.loc["families", "test"]) == {"exact Poisson test (central)"}


def test_the_step_of_people_is_the_ratio_of_two_periods_by_course() -> None:
    exact = counts_of("none")
    step = interrupted.step_change(exact).table.set_index("measure")
    for name in ("attendances", "staff"):
        assert step.loc[name, "method"] == "conditional, by batch (Clopper-Pearson)"
        assert "at least 5 courses a month, and there are 0.8" in step.loc[name, "note"]
    quarters = interrupted.quarters(exact).table
    staff = quarters[quarters["measure"] == "staff"]
    assert set(staff["method"]) == {COMPOUND}
    assert staff["numerator"].sum() == exact.n("staff")


def test_a_chart_of_people_has_a_point_a_course() -> None:
    exact = counts_of("none")
    charts = process.activity_charts(exact)
    verdict = charts.verdicts.table.set_index("measure").loc["attendances"]
    assert verdict["chart"] == "XmR, course by course"
    assert verdict["points"] == exact.n("courses")
    points = charts.points.table
    found = points.loc[points["measure"] == "attendances", "value"]
    assert found.sum() == exact.n("attendances")
    assert "people come in groups" not in verdict["note"]
