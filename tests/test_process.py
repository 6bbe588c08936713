"""Control charts and the funnel against published results, rule by rule, and at their edges.

Where the numbers and rows in ``tests/reference`` come from stands in its README-process.md.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gates import released_of
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lmm.analysis import clusters, process
from lmm.analysis.result import Result
from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.showing.plots import Picture, control_chart, control_summary, funnel
from lmm.showing.plots.control_charts import MARKS
from lmm.showing.plots.control_icons import ICONS
from lmm.statistics.control_charts import Chart, c_chart, g_chart, xmr
from lmm.statistics.control_limits import TAIL, Lines, special_causes
from lmm.study.declared import Closure
from lmm.study.measures import Measure
from lmm.study.parameters import Parameters
from lmm.study.study import read_study
from lmm.study.table import Column
from lmm.study.tables import tables_of

STUDY = read_study(Path(__file__).resolve().parents[1])
REFERENCE = Path(__file__).parent / "reference"
QUICK = settings(max_examples=40, deadline=None, derandomize=True, database=None)
DIGITS = 1e-9
POINT_COLUMNS = [
    "base", "segment", "period", "exposure", "value", "target", "centre", "lower", "upper",
    "rules", "direction", "judgement", "status",
]  # fmt: skip


def months(values: Sequence[float | None]) -> pd.Series[float]:
    index = pd.date_range("2018-04-01", periods=len(values), freq="MS")
    return pd.Series(values, index=index, dtype="float64")


def limits(chart: Chart, row: int = 0) -> list[float]:
    return chart.points.loc[row, ["lower", "centre", "upper"]].to_list()


def flagged(chart: Chart, rule: str) -> list[int]:
    return list(np.flatnonzero(chart.points["rules"].str.contains(rule)))


def verdict(chart: Chart, row: int = -1) -> dict[str, Any]:
    return chart.verdicts.iloc[row].to_dict()


def signs(values: Sequence[float], rule: str) -> list[int]:
    """Apply one rule where the centre is 0 and the limits are -3 and 3."""
    numbers = np.array(values, dtype="float64")
    level = np.zeros(numbers.size)
    return [
        int(s) for s in special_causes(numbers, Lines(level, level - 3, level + 3), near=True)[rule]
    ]


# Published charts


@pytest.mark.parametrize("trust", ["R1H", "R1K", "RJ7", "RJC", "RQM", "RRK"])
def test_six_published_charts(trust: str) -> None:
    """NHSRplotthedots on breaches in NHSRdatasets: limits, and what each point is."""
    rows = pd.read_csv(REFERENCE / "ae_attendances_type1.csv", parse_dates=["period"])
    rows = rows[rows["org_code"] == trust].set_index("period")
    published = pd.read_csv(REFERENCE / "ae_attendances_limits.csv", index_col="org_code").loc[
        trust
    ]
    chart = xmr(rows["breaches"].astype("float64"), better="decrease")
    assert limits(chart) == pytest.approx(published[["lpl", "mean", "upl"]].to_list(), rel=DIGITS)
    types = "special_cause_" + chart.points["judgement"]
    types = types.str.replace("special_cause_common cause", "common_cause")
    assert types.to_list() == rows["point_type"].to_list()
    assert set(chart.points["status"]) == {"ok"}


def test_the_rrk_chart_in_full() -> None:
    """Its vignette: eight points in a row under the mean, and a point above the limits."""
    rows = pd.read_csv(REFERENCE / "ae_attendances_type1.csv", parse_dates=["period"])
    rows = rows[rows["org_code"] == "RRK"].set_index("period")
    chart = xmr(rows["breaches"].astype("float64"), better="decrease")
    assert [round(x, 3) for x in limits(chart)] == [849.793, 1711.875, 2573.957]
    assert flagged(chart, "one side") == list(range(10, 18))
    assert flagged(chart, "outside") == [9]
    assert verdict(chart)["note"] == "1 outlying moving range is left out of the limits"


def test_screening_as_published() -> None:
    """NHSRplotthedots, vignette on deviations: a lower limit under 0 is not raised, too."""
    chart = xmr(months([1, 2, 1, 2, 10, *[1, 2] * 6, 1]))
    assert [round(x, 2) for x in limits(chart)] == [-0.72, 1.94, 4.60]
    assert flagged(chart, "") == list(range(18))
    assert [i for i, rules in enumerate(chart.points["rules"]) if rules] == [4]


DEVIATES = [
    -0.560475646552, -0.230177489483, 1.55870831415, 0.0705083914246, 0.129287735161,
    1.71506498688, 0.460916205989, -1.26506123461, -0.686852851894, -0.4456619701,
    1.22408179744, 0.359813827057, 0.400771450594, 0.110682715945, -0.555841134754,
    1.7869131368, 0.497850478229, -1.96661715663, 0.701355901564, -0.472791407728,
]  # fmt: skip


@pytest.mark.parametrize(
    ("fifteenth", "published"),
    [
        (DEVIATES[14], (-3.01138, 0.1416238, 3.294627)),
        (10, (-2.383666, 0.6694159, 3.722497)),
    ],
)
def test_limits_of_published_deviates(
    fifteenth: float, published: tuple[float, float, float]
) -> None:
    """NHSRplotthedots, snapshot of its tests of limits, printed to seven digits."""
    chart = xmr(months([*DEVIATES[:14], fifteenth, *DEVIATES[15:]]))
    assert limits(chart) == pytest.approx(published, rel=5e-7)


def test_exact_limits_agree_with_r() -> None:
    reference = pd.read_csv(REFERENCE / "process_limits.csv").set_index("chart")
    one = months([1.0])
    for row in reference.loc["poisson"].to_dict("records"):
        found = c_chart(one * row["parameter"], one)
        assert limits(found) == [row["lower"], row["centre"], row["upper"]]
    for row in reference.loc["geometric"].to_dict("records"):
        found = g_chart(one * row["parameter"])
        assert limits(found) == [row["lower"], row["centre"], row["upper"]]


# Rules, as NHSRplotthedots tests them


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1] * 6, [0] * 6),
        ([1] * 6 + [-1], [0] * 7),
        ([1] * 8 + [-1], [1] * 8 + [0]),
        ([-1] * 8 + [1], [-1] * 8 + [0]),
        ([1, 1, 1, 0, 1, 1, 1, 1], [0] * 8),
        ([-1, *[1] * 7, -1], [0, *[1] * 7, 0]),
    ],
)
def test_a_run_of_seven_on_one_side(values: list[float], found: list[int]) -> None:
    assert signs(values, "run") == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1, 2, 3, 4, 5, 6], [0] * 6),
        ([1, 2, 3, 3, 4, 5, 6], [0] * 7),
        ([1, 2, 3, 4, 5, 6, 7], [1] * 7),
        ([2, 1, 2, 3, 4, 5, 6, 7, 3], [0, *[1] * 7, 0]),
        ([7, 6, 5, 4, 3, 2, 1], [-1] * 7),
        ([2, 7, 6, 5, 4, 3, 2, 1, 3], [0, *[-1] * 7, 0]),
        ([*range(7), *range(5, -1, -1)], [*[1] * 6, *[-1] * 7]),
        # A tie between two trends: NHSRplotthedots calls the seventh point decreasing.
        ([*range(7), *range(6, 13)], [1] * 14),
    ],
)
def test_a_trend_of_seven_crosses_the_mean(values: list[float], found: list[int]) -> None:
    assert signs(values, "trend") == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([2.5, 1, 2.5], [1, 0, 1]),
        ([1, 2.5, 2.5], [0, 1, 1]),
        ([-2.5, -2.5, -1], [-1, -1, 0]),
        ([1, 1, 2.5, 1, 2.5, 1, 1], [0, 0, 1, 0, 1, 0, 0]),
        ([2.5, 1, 1, 2.5], [0] * 4),
        ([2.5, 1, 1, 2.5, 2.5], [0, 0, 0, 1, 1]),
        ([2.5, -1, 2.5], [0] * 3),  # all three on the same side
        ([2.5, -2.5], [0] * 2),
        ([2.5, 1, 3.5], [0] * 3),  # beyond the limit is not near it
        ([2, 1, 2], [0] * 3),  # on the inner edge of the outer third
        ([3, 1, 3], [1, 0, 1]),  # on the limit
    ],
)
def test_two_of_three_near_a_limit(values: list[float], found: list[int]) -> None:
    assert signs(values, "two_of_three") == found


def test_outside_means_beyond_the_limit() -> None:
    assert signs([3, 3.01, -3, -3.01, 0], "outside") == [0, 1, 0, -1, 0]


def test_the_first_rule_says_in_which_direction() -> None:
    """As in NHSRplotthedots from 0.2 on, a rising trend is high under the mean as well."""
    chart = xmr(months([30, *range(20, 27), 30, 18, 30, 18, 30, 18]), better="increase")
    under = chart.points.iloc[1]
    assert under["value"] < under["centre"]
    assert (under["rules"], under["judgement"]) == ("7 in one direction", "improvement")


@pytest.mark.parametrize("rule", ["run", "trend"])
def test_a_gap_breaks_runs_and_trends(rule: str) -> None:
    assert signs([1, 2, 3, 4, nan, 5, 6, 7, 8], rule) == [0] * 9
    assert signs([1, 2, 3, nan, *range(1, 8)], rule) == [0] * 4 + [1] * 7


def test_a_gap_breaks_two_of_three() -> None:
    assert signs([2.5, nan, 2.5], "two_of_three") == [0] * 3


def test_no_moving_range_goes_across_a_gap() -> None:
    chart = xmr(months([1, 3, None, 101, 103]))
    assert limits(chart) == pytest.approx([52 - 2.66 * 2, 52, 52 + 2.66 * 2])
    assert (
        chart.points["status"].to_list()
        == ["short_series"] * 2 + ["no_data"] + ["short_series"] * 2
    )
    assert chart.points["judgement"][2] == "not judged"


# What a point is judged to be


@pytest.mark.parametrize(
    ("better", "judged"),
    [
        ("increase", ("improvement", "concern")),
        ("decrease", ("concern", "improvement")),
        ("neutral", ("special cause", "special cause")),
    ],
)
def test_judgement_by_direction(better: Any, judged: tuple[str, str]) -> None:
    values = [5, 6] * 8
    high = xmr(months([*values, 20]), better=better)
    low = xmr(months([*values, -9]), better=better)
    assert (high.points["judgement"].iloc[-1], low.points["judgement"].iloc[-1]) == judged
    assert (high.points["direction"].iloc[-1], low.points["direction"].iloc[-1]) == ("high", "low")
    words = {
        "improvement": "special cause improvement, ",
        "concern": "special cause concern, ",
        "special cause": "special cause, ",
    }
    icon = {"special cause": "neutral"}
    for chart, word, side in zip((high, low), judged, ("high", "low"), strict=True):
        assert verdict(chart)["variation"] == words[word] + side
        assert verdict(chart)["variation_icon"] == f"{icon.get(word, word)}_{side}"


@pytest.mark.parametrize(
    ("better", "target", "assurance", "icon"),
    [
        ("increase", 1, "consistently passing", "pass"),
        ("increase", 99, "consistently failing", "fail"),
        ("increase", 5, "hit and miss", "hit_and_miss"),
        ("decrease", 1, "consistently failing", "fail"),
        ("decrease", 99, "consistently passing", "pass"),
        ("decrease", 5, "hit and miss", "hit_and_miss"),
        ("neutral", 5, "not judged: neither direction is better", "none"),
        ("increase", None, "no target", "none"),
    ],
)
def test_assurance(better: Any, target: float | None, assurance: str, icon: str) -> None:
    found = verdict(xmr(months([5, 6] * 8), better=better, target=target))
    assert (found["assurance"], found["assurance_icon"]) == (assurance, icon)
    assert icon in ICONS


@pytest.mark.parametrize("side", ["lower", "upper"])
def test_a_target_on_a_limit_is_hit_and_missed(side: str) -> None:
    chart = xmr(months([5, 6] * 8))
    again = xmr(months([5, 6] * 8), target=float(chart.points[side][0]))
    assert verdict(again)["assurance"] == "hit and miss"


def test_the_latest_target_counts() -> None:
    values = months([5, 6] * 8)
    targets = pd.Series([1.0] * 15 + [99.0], index=values.index)
    found = xmr(values, target=targets)
    assert verdict(found)["assurance"] == "consistently failing"
    assert found.points["target"].to_list() == targets.to_list()


def test_an_unstable_series_foretells_nothing() -> None:
    stable, unstable = months([5, 6] * 8), months([*[5, 6] * 8, 20])
    assert "not stable" in verdict(xmr(unstable, target=1))["note"]
    assert "not stable" not in verdict(xmr(unstable))["note"]
    assert "not stable" not in verdict(xmr(stable, target=1))["note"]


# Edges


@pytest.mark.parametrize("draw", [xmr, g_chart, lambda s: c_chart(s, s)])
def test_an_empty_series(draw: Callable[[pd.Series[float]], Chart]) -> None:
    chart = draw(months([]))
    assert chart.points.columns.to_list() == POINT_COLUMNS
    assert chart.points.empty
    assert verdict(chart)["variation"] == "not estimable"
    assert verdict(chart)["status"] == "not_estimable"


def test_nothing_but_gaps() -> None:
    chart = xmr(months([None] * 20), target=3)
    assert set(chart.points["status"]) == {"no_data"}
    assert (verdict(chart)["variation"], verdict(chart)["assurance"]) == ("no data", "no data")
    assert verdict(chart)["points"] == 0


@pytest.mark.parametrize("values", [[7], [7, None, 9], [None, 7, None]])
def test_without_neighbours_there_are_no_limits(values: list[float | None]) -> None:
    chart = xmr(months(values), target=3)
    known = chart.points[chart.points["value"].notna()]
    assert set(known["status"]) == {"not_estimable"}
    assert set(known["judgement"]) == {"not judged"}
    assert known["lower"].isna().all()
    assert (known["centre"] == known["value"].mean()).all()
    assert verdict(chart)["assurance"] == "not estimable"
    assert "no two neighbouring points" in verdict(chart)["note"]


@pytest.mark.parametrize("value", [0, 4, 0.1, 1e6 + 0.1])
def test_a_constant_series_flags_nothing(value: float) -> None:
    chart = xmr(months([value] * 20))
    assert limits(chart) == [value] * 3
    assert set(chart.points["rules"]) == {""}
    assert verdict(chart)["variation"] == "common cause"
    assert "constant" in verdict(chart)["note"]


def test_levels_apart_without_variation_have_no_limits() -> None:
    chart = xmr(months([1, 1, None, 5, 5]))
    assert verdict(chart)["status"] == "not_estimable"
    assert set(chart.points["rules"]) == {""}
    assert "neighbouring points are all equal" in verdict(chart)["note"]


def test_what_rounding_makes_of_equal_neighbours_is_no_variation() -> None:
    """In another order of adding up, 0.3 is a little more; a 0 elsewhere changes nothing of it."""
    chart = xmr(months([0.3, 0.1 + 0.2, None, 0.0, 0.0]))
    assert verdict(chart)["status"] == "not_estimable"
    assert "neighbouring points are all equal" in verdict(chart)["note"]


def test_screening_never_leaves_a_series_without_variation() -> None:
    """Else a series of zeros with one event would be out of its limits throughout."""
    chart = xmr(months([0] * 10 + [1] + [0] * 10))
    assert limits(chart) == pytest.approx([1 / 21 - 0.266, 1 / 21, 1 / 21 + 0.266])
    assert flagged(chart, "outside") == [10]


@pytest.mark.parametrize(("points", "status"), [(12, "short_series"), (13, "ok")])
def test_under_thirteen_points_limits_are_trial_limits(points: int, status: str) -> None:
    chart = xmr(months([*([5, 6, 8] * 5)[:points], None]))
    assert set(chart.points["status"]) == {status, "no_data"}
    assert verdict(chart)["status"] == status
    assert ("trial limits" in verdict(chart)["note"]) == (status == "short_series")
    assert "the latest period has no data" in verdict(chart)["note"]


def test_points_that_rounding_moves_are_not_flagged() -> None:
    values = [0.1 + 0.2, 0.3] * 10  # equal but for the last digit
    assert set(xmr(months(values)).points["rules"]) == {""}
    numbers, centre = np.full(8, 0.3), np.full(8, 0.1 + 0.2)
    for lines in (Lines(centre, centre - 1, centre + 1), Lines(centre, centre, centre)):
        assert not any(found.any() for found in special_causes(numbers, lines, near=True).values())


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (months([1, 2])[::-1], "not in order"),
        (months([1, 2]).iloc[[0, 0]], "stands twice"),
        (months([1, np.inf]), "infinite"),
    ],
)
def test_a_series_that_cannot_be_charted(series: pd.Series[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        xmr(series)


def test_a_missing_exposure_is_an_error() -> None:
    with pytest.raises(ValueError, match="exposure is missing"):
        c_chart(months([1, 2]), months([1, None]))


# Rebasing


def test_rebasing_keeps_the_whole_series() -> None:
    values = months([5, 6] * 8 + [15, 16] * 8)
    plain, chart = xmr(values), xmr(values, rebase=[dt.date(2019, 8, 1)])
    whole = chart.points[chart.points["base"] == "whole series"]
    pd.testing.assert_frame_equal(whole, plain.points)
    rebased = chart.points[chart.points["base"] == "rebased"]
    assert rebased["segment"].to_list() == [1] * 16 + [2] * 16
    assert rebased["centre"].to_list() == [5.5] * 16 + [15.5] * 16
    assert set(rebased["upper"] - rebased["centre"]) == {2.66}
    assert set(rebased["rules"]) == {""}
    assert chart.verdicts["variation"].to_list() == [
        "special cause improvement, high",
        "common cause",
    ]


def test_runs_and_trends_stop_where_limits_change() -> None:
    values = months([1, 2, 3, 4, 5, 6, 7, 8])
    rebased = xmr(values, rebase=[dt.date(2018, 7, 15)]).points.iloc[8:]
    assert rebased["segment"].to_list() == [1] * 4 + [2] * 4
    assert set(rebased["rules"]) == {""}


@pytest.mark.parametrize("day", [dt.date(2018, 4, 1), dt.date(2030, 1, 1), dt.date(2000, 1, 1)])
def test_rebasing_needs_points_on_both_sides(day: dt.date) -> None:
    with pytest.raises(ValueError, match="leaves one side without points"):
        xmr(months([1, 2, 3]), rebase=[day])


# Charts of counts and of days between


def test_poisson_limits_follow_the_exposure() -> None:
    chart = c_chart(months([6, 5, 7, 2, None]), months([3, 3, 3, 1, 0]))
    assert chart.points["centre"].to_list() == pytest.approx([6, 6, 6, 2, nan], nan_ok=True)
    assert limits(chart, 3) == [0, 2, stats.poisson.ppf(1 - TAIL, 2)]
    assert chart.points["status"].to_list() == ["short_series"] * 4 + ["no_data"]


def test_poisson_flags_and_the_full_period_judges_the_target() -> None:
    events = months([6, 5, 7, 30, 6, 0])
    chart = c_chart(events, months([3, 3, 3, 3, 3, 1]), target=months([99] * 5 + [3]))
    assert flagged(chart, "outside") == [3]
    assert verdict(chart)["assurance"] == "consistently failing"  # not by the part quarter's 3


def test_two_of_three_is_not_for_skewed_limits() -> None:
    events = months([10, 10, 10, 10, 10, 18, 18])
    assert flagged(c_chart(events, events * 0 + 1), "near") == []


@pytest.mark.parametrize(
    ("made", "note"),
    [
        (lambda: c_chart(months([0] * 20), months([1] * 20)), "no events"),
        (lambda: g_chart(months([0] * 20)), "all events on one day: nothing is flagged"),
    ],
)
def test_no_events_and_no_days_between_flag_nothing(made: Callable[[], Chart], note: str) -> None:
    chart = made()
    assert limits(chart) == [0, 0, 0]
    assert set(chart.points["rules"]) == {""}
    assert note in verdict(chart)["note"]


def test_days_between_infections() -> None:
    """The dates of Benneyan (1998), as in the manual of SAS/QC; the limits from R."""
    days = [0, 0, 2, 1, 13, 2, 0, 1, 1, 1, 1, 0, 1, 1, 16, 0, 1, 1, 2, 10, 1, 1, 2, 2, 0, 2, 3, 0]
    dates = pd.DatetimeIndex(pd.Timestamp("1995-04-17") + pd.to_timedelta(np.cumsum(days), "D"))
    chart = g_chart(pd.Series(days, index=dates, dtype="float64"), better="increase")
    assert sum(days) == (dates[-1] - pd.Timestamp("1995-04-17")).days == 65
    assert limits(chart) == [0, 1, 18]
    assert flagged(chart, "outside") == []


# Properties

SERIES = st.lists(st.integers(-50, 50), min_size=2, max_size=40)
GAPPY = st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=1, max_size=40)


@given(SERIES, st.integers(-100, 100), st.sampled_from([0.25, 1, 2, 1024]))
@QUICK
def test_shifting_and_scaling_move_the_limits_and_no_flag(
    values: list[int], shift: int, scale: float
) -> None:
    plain, moved = xmr(months(values)), xmr(months([scale * v + shift for v in values]))
    for name in ("lower", "centre", "upper"):
        expected = scale * plain.points[name] + shift
        assert moved.points[name].to_list() == pytest.approx(expected.to_list(), nan_ok=True)
    for name in ("rules", "direction", "judgement", "status"):
        assert moved.points[name].to_list() == plain.points[name].to_list()


@given(SERIES)
@QUICK
def test_upside_down_improvement_is_concern(values: list[int]) -> None:
    plain, turned = xmr(months(values)), xmr(months([-v for v in values]))
    swap = {"improvement": "concern", "concern": "improvement"}
    assert [swap.get(j, j) for j in turned.points["judgement"]] == plain.points[
        "judgement"
    ].to_list()
    assert turned.points["rules"].to_list() == plain.points["rules"].to_list()


@given(SERIES)
@QUICK
def test_backwards_the_same_points_are_flagged(values: list[int]) -> None:
    plain, turned = xmr(months(values)), xmr(months(values[::-1]))
    assert turned.points["rules"].to_list()[::-1] == plain.points["rules"].to_list()
    only_trend = plain.points["rules"] == "7 in one direction"
    both = zip(plain.points["direction"], turned.points["direction"].to_list()[::-1], strict=True)
    for (there, back), trend in zip(both, only_trend, strict=True):
        # Where a trend turns, the later one counts, forwards and backwards.
        assert there == back or trend


@given(GAPPY)
@QUICK
def test_no_chart_leaves_a_number_without_a_status(values: list[int | None]) -> None:
    for chart in (xmr(months(values)), c_chart(months(values), months([1] * len(values)))):
        points = chart.points
        limited = points["status"].isin(["ok", "short_series"])
        assert points.loc[limited, ["value", "centre", "lower", "upper"]].notna().all(axis=None)
        assert (points.loc[limited, "lower"] <= points.loc[limited, "upper"]).all()
        assert points.loc[~limited, "rules"].eq("").all()
        assert set(points["judgement"]) <= set(MARKS)
        assert (points["value"].isna() == points["status"].eq("no_data")).all()
        assert verdict(chart)["variation_icon"] in ICONS


@given(st.integers(1, 200), st.integers(1, 40))
@QUICK
def test_beyond_exact_limits_there_is_no_more_than_the_tail(total: int, periods: int) -> None:
    chart = c_chart(months([total] + [0] * (periods - 1)), months([1] * periods))
    low, mean, high = limits(chart)
    assert stats.poisson.cdf(low - 1, mean) <= TAIL
    assert stats.poisson.sf(high, mean) <= TAIL


# On counts


def made(
    *,
    consultations: Sequence[str] = (),
    closures: Sequence[tuple[str, str]] = (),
    start: str = "2018-04-01",
    end: str = "2019-03-31",
    targets: Sequence[tuple[str, str, float]] = (),
    answers: Sequence[tuple[str, str | None]] = (),
    measures: Mapping[str, Measure] | None = None,
) -> Counts:
    """Count consultations, and answers by course, and little else."""
    closed = [
        Closure.model_validate({"start": a, "end": b, "reason": "closed"}) for a, b in closures
    ]
    study = STUDY.model_copy(update={"closures": tuple(closed), "measures": measures or {}})
    ids = list(dict.fromkeys(course for course, _ in answers)) or ["Z"]
    rows = {
        "courses": {"course_id": ids, "date": pd.Timestamp(start)},
        "feedback_forms": {
            "course_id": [course for course, _ in answers],
            "overall": [said for _, said in answers],
        },
        "consultations": {"date": pd.to_datetime(list(consultations)), "mode": "online"},
        "targets": {
            "indicator": [name for name, _, _ in targets],
            "contract_year": [year for _, year, _ in targets],
            "target": [value for _, _, value in targets],
            "direction": "at least",
        },
    }
    tables = {
        name: with_columns(pd.DataFrame(rows.get(name, {})), spec.columns)
        for name, spec in tables_of(study).items()
    }
    chosen = Parameters.of(study, {"period_start": start, "period_end": end})
    return count(Records.within(tables, study, chosen))


def with_columns(frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Complete a table by the columns of the contract, in which nothing is recorded."""
    unknown = pd.DataFrame("", index=frame.index, columns=list(columns), dtype="str")
    return typed(unknown, columns).assign(**{str(name): frame[name] for name in frame})


def consultations(counts: Counts, rebase: Sequence[dt.date] = ()) -> Chart:
    charts = process.activity_charts(counts, rebase)
    assert list(dict.fromkeys(charts.verdicts.table["measure"])) == list(counts.shown)
    return Chart(
        *(
            found.table[found.table["measure"] == "consultations"].reset_index(drop=True)
            for found in (charts.points, charts.verdicts)
        )
    )


def spread(first: str, last: str, number: int) -> list[str]:
    """Spread events over days, evenly."""
    return [str(day.date()) for day in pd.date_range(first, last, periods=number)]


@pytest.mark.parametrize(
    ("events", "chart", "reason"),
    [
        (60, "XmR, monthly", "5.00 a month open: at least 5"),
        (59, "c, quarterly", "4.92 a month open: under 5"),
        (8, "c, quarterly", "0.67 a month open: under 5"),
        (
            7,
            "g, days open between events",
            "0.58 a month open: under 5, and 1.75 a quarter: under 2",
        ),
        (
            0,
            "g, days open between events",
            "0.00 a month open: under 5, and 0.00 a quarter: under 2",
        ),
    ],
)
def test_the_kind_of_chart_and_why(events: int, chart: str, reason: str) -> None:
    found = verdict(consultations(made(consultations=spread("2018-04-01", "2019-03-31", events))))
    assert (found["chart"], found["reason"]) == (chart, reason)
    if events < 2:
        assert found["status"] == "not_estimable"
        assert "fewer than two events" in found["note"]


def test_months_closed_and_open_in_part() -> None:
    """April all closed, May open for 11 days of 31, June for 20 of 30, with a rate."""
    dates = ["2018-05-31", *["2018-06-15"] * 4, *spread("2018-07-01", "2019-03-31", 90)]
    counts = made(
        consultations=dates, closures=[("2018-04-01", "2018-05-20"), ("2018-06-21", "2018-06-30")]
    )
    chart = consultations(counts)
    april, may, june, july = (chart.points.iloc[i].to_dict() for i in range(4))
    assert (april["status"], april["exposure"]) == ("no_data", 0)
    assert (may["status"], may["exposure"]) == ("no_data", pytest.approx(11 / 31))
    assert june["value"] == pytest.approx(4 / (20 / 30))
    assert july["value"] == 11
    assert "left out: 1" in verdict(chart)["note"]
    assert verdict(chart)["points"] == 10


def test_closed_throughout_there_are_no_data() -> None:
    chart = consultations(made(closures=[("2018-04-01", "2019-03-31")]))
    assert verdict(chart)["reason"] == "the service was not open"
    assert verdict(chart)["status"] == "no_data"


def test_quarters_of_the_contract_year_take_the_months_open() -> None:
    """An event in September, when it was closed, has no time in which to be counted."""
    days = ["2018-05-10", "2018-08-01", "2018-08-02", "2018-09-05", "2019-01-01", "2019-01-02"]
    counts = made(
        consultations=days,
        start="2018-05-01",
        end="2019-01-31",
        closures=[("2018-09-01", "2018-12-31")],
        targets=[("consultations", "2018/19", 12)],
    )
    points = consultations(counts).points
    starts = ["2018-04-01", "2018-07-01", "2018-10-01", "2019-01-01"]
    assert points["period"].to_list() == [pd.Timestamp(start) for start in starts]
    assert points["exposure"].to_list() == [2, 2, 0, 1]
    assert points["value"].to_list() == pytest.approx([1, 2, nan, 2], nan_ok=True)
    assert points["target"].to_list() == pytest.approx([2, 2, 0, 1])
    assert points["centre"].to_list() == pytest.approx([2, 2, nan, 1], nan_ok=True)


def test_days_between_leave_out_closed_days() -> None:
    counts = made(
        consultations=["2018-04-03", "2018-04-03", "2018-04-10", "2018-06-10"],
        closures=[("2018-05-01", "2018-05-31")],
    )
    points = consultations(counts).points
    assert points["value"].to_list() == [0, 7, 30]
    assert str(points["period"].iloc[-1].date()) == "2018-06-10"


def test_direction_and_target_come_from_the_targets() -> None:
    dates = [*spread("2018-04-01", "2019-02-28", 60), *spread("2019-03-01", "2019-03-31", 60)]
    with_target = verdict(
        consultations(made(consultations=dates, targets=[("consultations", "2018/19", 120)]))
    )
    without = verdict(consultations(made(consultations=dates)))
    assert with_target["variation"] == "special cause improvement, high"
    assert with_target["target"] == 10
    assert without["variation"] == "special cause, high"
    assert without["assurance"] == "no target"


def test_longer_gaps_are_worse_where_more_events_are_good() -> None:
    counts = made(
        consultations=[*spread("2018-04-01", "2018-04-16", 16), "2020-12-30"],
        end="2021-01-31",
        targets=[("consultations", "2018/19", 120)],
    )
    chart = consultations(counts)
    assert verdict(chart)["chart"].startswith("g")
    assert verdict(chart)["variation"] == "special cause concern, high"


def test_rebasing_where_it_can_be_done() -> None:
    counts = made(consultations=spread("2018-04-01", "2019-03-31", 120))
    chart = consultations(counts, [dt.date(2018, 10, 1), dt.date(2030, 1, 1)])
    assert chart.verdicts["base"].to_list() == ["whole series", "rebased"]
    assert "not every rebasing date" in verdict(chart)["note"]
    assert "rebasing" not in verdict(consultations(counts, [dt.date(2018, 10, 1)]))["note"]


def test_people_in_groups_of_unknown_size_are_not_poisson() -> None:
    own = {"came": Measure(label="people who came", rows="course_attendance")}
    held = made(consultations=spread("2018-04-01", "2019-03-31", 120), measures=own)
    charts = process.activity_charts(held)
    table = charts.verdicts.table
    grouped = table[table["note"].str.contains("people come in groups")]
    assert grouped["measure"].to_list() == ["came"]
    assert set(charts.points.table["basis"]) == {"assumed"}


HIGH, LOW = "very satisfied", "neither"


def test_a_funnel_of_courses() -> None:
    said = [("A", HIGH)] * 40 + [("B", HIGH)] * 5 + [("B", LOW)] * 15 + [("C", None)] * 3
    points = clusters.funnel(made(answers=said)).points.table.set_index("course_id")
    assert points["answered"].to_list() == [40, 20, 0]
    assert points["overall"].to_list() == [0.75] * 3
    assert points["position"].to_list() == [
        "above the 99.8% limits", "below the 99.8% limits", "not judged",
    ]  # fmt: skip
    assert points["status"].to_list() == ["ok", "ok", "no_data"]


def test_a_funnel_beyond_the_warning_limits_only() -> None:
    said = [("A", HIGH)] * 285 + [("A", LOW)] * 1 + [("B", HIGH)] * 14 + [("B", LOW)] * 2
    funnel_ = clusters.funnel(made(answers=said))
    assert funnel_.points.table["position"].to_list()[1] == "below the 95% limits"
    assert funnel_.limits.table["answered"].to_list() == list(range(1, 287))


@pytest.mark.parametrize(
    ("said", "note"),
    [
        ([("A", HIGH), ("B", HIGH)], "all answers are high"),
        ([("A", LOW), ("B", LOW)], "no answers are high"),
        ([("A", HIGH), ("A", LOW), ("B", None)], "only one course"),
        ([("A", None)], "no answers"),
        ([], "no answers"),
    ],
)
def test_where_there_is_no_funnel(said: list[tuple[str, str | None]], note: str) -> None:
    found = clusters.funnel(made(answers=said))
    assert found.limits.table.empty
    assert set(found.points.table["position"]) <= {"not judged"}
    assert set(found.points.table["status"]) <= {"not_estimable", "no_data"}
    assert all(text.startswith(note) for text in found.points.table["note"])
    picture = funnel(found.points, found.limits)
    assert picture.finding == "No course can be compared with the others."
    assert note in picture.caption or note == "no answers"


def test_any_share_that_is_clustered_has_a_funnel() -> None:
    said = [("A", HIGH)] * 40 + [("B", "satisfied")] * 5 + [("B", LOW)] * 15
    enthusiasm = Measure(
        label="very satisfied", rows="feedback_forms", kind="share", clustered_by="course_id",
        where={"overall": (HIGH,)}, among={"overall": ("answered",)}, by=(), shown=False,
    )  # fmt: skip
    counts = made(answers=said, measures={"enthusiasm": enthusiasm})
    points = clusters.funnel(counts, "enthusiasm").points.table.set_index("course_id")
    assert points["high"].to_list() == [40, 0]
    assert clusters.funnel(counts, "satisfaction").points.table["high"].to_list() == [40, 5]


def test_courses_are_in_the_order_of_their_dates() -> None:
    counts = made(answers=[("A", HIGH), ("B", LOW), ("C", HIGH)])
    later = {("day", "2018-04-01"): ("day", "2018-05-02")}
    numbers = {}
    for (of, within), n in counts.numbers.items():
        moved = of == "courses" and ("course_id", "A") in within
        numbers[of, tuple(later.get(at, at) if moved else at for at in within)] = n
    points = clusters.funnel(counts.showing(numbers)).points.table
    assert points["course_id"].to_list() == ["B", "C", "A"]


def test_without_clusters_there_is_no_funnel_and_the_reason_is_said() -> None:
    absent = {"feedback_forms": "absent"}
    without = STUDY.model_copy(update={"tables": {**STUDY.tables, **absent}})
    counts = dataclasses.replace(made(), study=without)
    assert clusters.funnel(counts).points.why_not == (
        "This service keeps no table of feedback forms."
    )
    undeclared = clusters.funnel(made(), "referred_seen_within_28")
    assert "not declared as clustered" in undeclared.points.why_not


# Released counts


@pytest.mark.parametrize(
    "disclosure",
    [
        "opensafely",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("midpoint6", "nhs_digital")),
    ],
)
def test_rounded_counts_are_not_charted(disclosure: str) -> None:
    charts = process.activity_charts(released_of(disclosure).counts, [dt.date(2020, 3, 23)])
    verdicts = charts.verdicts.table
    people = verdicts[verdicts["measure"] != "courses"]
    assert people["measure"].to_list() == ["attendances", "staff", "consultations", "families"]
    assert set(people["status"]) == {"suppressed"}
    assert people[["value", "centre", "lower", "upper"]].isna().all(axis=None)
    assert set(people["reason"]) == {"rounded counts are not charted"}
    assert set(charts.points.table["measure"]) == {"courses"}
    picture = control_summary(charts.verdicts)
    assert picture.svg("", picture.alt).count(">suppressed</text>") == 2 * len(people)
    assert len(control_chart(charts.points, charts.verdicts).figure.axes) <= 2


def test_where_nothing_is_charted_the_figure_says_so() -> None:
    people = {"courses": "absent", "course_attendance": "absent", "feedback_forms": "absent"}
    counts = released_of("opensafely").counts
    study = counts.study.model_copy(update={"tables": {**STUDY.tables, **people}})
    kept = ("consultations", "families")
    numbers = {name: n for name, n in counts.numbers.items() if name[0] in kept}
    only = dataclasses.replace(counts, study=study, numbers=numbers)
    charts = process.activity_charts(only)
    assert charts.verdicts.table["measure"].to_list() == list(kept)
    assert charts.points.table.empty
    picture = control_chart(charts.points, charts.verdicts)
    assert picture.finding.startswith("No measure can be charted")


@pytest.mark.parametrize("disclosure", ["opensafely", "midpoint6", "nhs_digital"])
def test_courses_are_too_small_to_be_released(disclosure: str) -> None:
    found = clusters.funnel(released_of(disclosure).counts)
    why_not = "Not released: the people on one course are too few. See the page on disclosure."
    assert (found.points.why_not, found.limits.why_not) == (why_not, why_not)


# Figures


def charted(chart: Chart, measure: str = "consultations") -> tuple[Result, Result]:
    keys = {"measure": measure, "chart": "XmR, monthly", "basis": "assumed"}
    points = Result.of(chart.points.assign(**keys), **process.POINT)
    return points, Result.of(chart.verdicts.assign(**keys), **process.VERDICT)


def words_in(picture: Picture) -> set[str]:
    return {text.get_text() for axes in picture.figure.axes for text in axes.texts}


def test_the_summary_says_in_words_and_icons_what_charts_show() -> None:
    values = months([*[5, 6] * 4, None, *[5, 6] * 4, 20])
    points, verdicts = charted(xmr(values, better="decrease", target=1))
    summary = control_summary(verdicts)
    assert words_in(summary) == {
        "H", "F", "special cause concern,\nhigh", "consistently failing",
    }  # fmt: skip
    assert "special cause concern, high" in summary.finding
    picture = control_chart(points, verdicts)
    assert picture.finding == (
        "17 points of this chart stand out: consultation, support and guidance sessions, whole "
        "series: April 2018 (7 on one side of the centre line) and 16 more."
    )
    assert words_in(picture) >= {"target 1.0", "mean 6.4"}


def test_without_a_target_there_is_no_icon_of_it() -> None:
    _, verdicts = charted(xmr(months([5, 6] * 8)))
    assert words_in(control_summary(verdicts)) == {"C", "common cause", "no target"}
    assert not any(
        "target" in text for text in words_in(control_chart(*charted(xmr(months([5, 6] * 8)))))
    )


def test_a_flagged_point_has_a_shape_and_a_colour_of_its_own() -> None:
    steady = xmr(months([*[5, 7, 6] * 6, 20, *[5, 7, 6] * 2]), better="decrease")
    lines = control_chart(*charted(steady)).figure.axes[0].lines
    dots = [line for line in lines if line.get_marker() not in ("None", "")]
    assert {(d.get_marker(), d.get_color()) for d in dots} == {
        MARKS["common cause"],
        MARKS["concern"],
    }
    assert len({shape for shape, _ in MARKS.values()}) == len(MARKS)


def test_a_gap_breaks_the_line() -> None:
    picture = control_chart(*charted(xmr(months([5, 6, None, 5, 6]))))
    line = picture.figure.axes[0].lines[0]
    assert np.isnan(np.asarray(line.get_ydata(), dtype="float64")).tolist() == [
        False, False, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("values", [[], [None, None], [3], [2, 2, 2]])
def test_charts_without_much_in_them_are_drawn(values: list[float | None]) -> None:
    for draw in (control_chart, lambda _, verdicts: control_summary(verdicts)):
        once, again = (draw(*charted(xmr(months(values)))) for _ in range(2))
        assert once.svg("", once.alt) == again.svg("", again.alt)


def test_the_charts_that_say_something_are_drawn_and_the_rest_apart() -> None:
    steady, shifted = xmr(months([5, 6] * 8)), xmr(months([*[5, 6] * 8, 20]))
    both = [charted(steady, "families"), charted(shifted, "consultations")]
    points, verdicts = (
        each[0].with_table(pd.concat([one.table for one in each], ignore_index=True))
        for each in zip(*both, strict=True)
    )
    (notable,) = control_chart(points, verdicts).figure.axes
    assert notable.get_title(loc="left").startswith("Consultation, support and guidance")
    (rest,) = control_chart(points, verdicts, which="rest").figure.axes
    assert rest.get_title(loc="left") == "Families who attended direct support: common cause"
    (only,) = control_chart(*both[0]).figure.axes  # nothing stands out: the one with most points
    assert only.get_title(loc="left") == rest.get_title(loc="left")
    assert control_chart(*both[0], which="rest").finding.startswith("There are no other charts")


def test_a_funnel_names_what_is_beyond() -> None:
    said = [("A", HIGH)] * 40 + [("B", HIGH)] * 5 + [("B", LOW)] * 15 + [("C", LOW)]
    found = clusters.funnel(made(answers=said))
    picture = funnel(found.points, found.limits)
    assert "B (5 of 20, below the 99.8% limits)" in picture.finding
    assert {"A", "B"} <= {text.get_text() for text in picture.figure.axes[0].texts}
    assert picture.svg("", "x") == funnel(found.points, found.limits).svg("", "x")
