"""Both sides of each threshold, on it and next to it: one table of cases by boundary."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from gates import counts_of, records_of, study_of

from lmm.analysis import interrupted, process, released, strata
from lmm.analysis.by_time import shown_by
from lmm.analysis.rating import rate_value, verdict_of
from lmm.cleaning.keys import plain_key
from lmm.counting.count import count
from lmm.counting.counts import key
from lmm.showing.answers.phrases import counted, in_weeks, p_value
from lmm.statistics.clusters import Clusters
from lmm.statistics.control_limits import Lines, _screened, special_causes
from lmm.statistics.gee import _too_sparse
from lmm.statistics.harmonics import harmonics
from lmm.statistics.segmented import obstacle
from lmm.statistics.zones import four_zones
from lmm.study.parameters import Parameters

OWN = counts_of("none")

# --- a model of a share ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("successes", "trials", "why"),
    [
        ([1] * 5 + [0] * 5, [3] * 10, ""),
        ([1] * 4 + [0] * 6, [3] * 10, "4 events (at least 5)"),
        ([2] * 5 + [3] * 5, [3] * 10, ""),  # five non-events
        ([2] * 4 + [3] * 6, [3] * 10, "4 non-events (at least 5)"),
        ([1] * 9, [3] * 9, "9 clusters (at least 10)"),
        ([1] * 5 + [0] * 5, [1] * 8 + [2] * 2, ""),  # two pairs
        ([1] * 5 + [0] * 5, [1] * 9 + [2], "hardly two trials in any cluster"),
    ],
)
def test_what_a_model_of_a_share_needs(successes: list[int], trials: list[int], why: str) -> None:
    found = _too_sparse(Clusters.of(successes, trials))
    assert found == (f"too few for a model: {why}" if why else "")


# --- control charts --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ranges", "kept"),
    [
        ([3.267, 0.733, 0.0, 0.0], 3),  # their mean is 1: on the boundary is left out
        ([3.266, 0.734, 0.0, 0.0], 4),
        ([4.0, 0.0, 0.0, 0.0], 4),  # nothing would be left
    ],
)
def test_which_moving_ranges_are_left_out(ranges: list[float], kept: int) -> None:
    assert _screened(np.array(ranges)).size == kept


LINES = Lines(np.zeros(7), np.full(7, -3.0), np.full(7, 3.0))


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ([2.5, 2.5, 1.0, 0, 0, 0, 0], [1, 1, 0]),  # two of three
        ([2.5, 1.0, 1.0, 0, 0, 0, 0], [0, 0, 0]),  # one of three
        ([2.5, 2.5, 2.5, 0, 0, 0, 0], [1, 1, 1]),
        ([2.0, 2.5, 1.0, 0, 0, 0, 0], [0, 0, 0]),  # on two thirds is not beyond them
        ([2.5, -2.5, 1.0, 0, 0, 0, 0], [0, 0, 0]),  # not on one side
        ([3.1, 2.5, 1.0, 0, 0, 0, 0], [0, 0, 0]),  # outside is another rule
    ],
)
def test_two_of_three_points_in_the_outer_third(values: list[float], flagged: list[int]) -> None:
    found = special_causes(np.array(values, dtype=float), LINES, near=True)
    assert found["two_of_three"][:3].tolist() == flagged


@pytest.mark.parametrize(("value", "side"), [(3.0, 0), (3.1, 1), (-3.0, 0), (-3.1, -1)])
def test_a_point_on_a_limit_is_not_outside(value: float, side: int) -> None:
    found = special_causes(np.array([value, 0, 0, 0, 0, 0, 0]), LINES, near=True)
    assert found["outside"][0] == side


# --- the month of the event ------------------------------------------------------------------


@pytest.mark.parametrize(("day", "before", "after"), [("16", 24, 10), ("17", 25, 9)])
def test_the_month_of_the_event_is_after_it_from_its_half_on(
    day: str, before: int, after: int
) -> None:
    """April 2020: from the 16th on lie 15 of 30 days."""
    records = records_of("none")
    chosen = Parameters.of(records.study, {"event_date": f"2020-04-{day}"})
    table = interrupted.step_change(count(records.within_period(chosen))).table
    assert set(table["months_before"]) == {before}
    assert set(table["months_after"]) == {after}


@pytest.mark.parametrize(
    ("part", "why"),
    [(0.5, "a model needs at least 12 months before the event, and there are 11"), (0.49, "")],
)
def test_a_month_that_lies_half_after_the_event_counts_as_after_it(part: float, why: str) -> None:
    months = pd.date_range("2018-04-01", periods=20, freq="MS")
    events = [12, 15, 9, 14, 11, 16, 10, 13, 12, 15, 9, 14, 11, 6, 8, 5, 7, 6, 9, 5]
    series = pd.DataFrame(
        {
            "month": months,
            "months_open": 1.0,
            "after": [0.0] * 11 + [part] + [1.0] * 8,
            "events": events,
        }
    )
    assert obstacle(series) == why


@pytest.mark.parametrize(("months", "pairs"), [(23, 0), (24, 1), (47, 1), (48, 2)])
def test_how_many_seasons_a_series_carries(months: int, pairs: int) -> None:
    assert harmonics(months) == pairs


# --- cut-offs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "direction", "rating"),
    [
        (0.9, "at least", "green"),
        (0.8999, "at least", "amber"),
        (0.8, "at least", "amber"),
        (0.7999, "at least", "red"),
        (0.0, "at least", "red"),
        (1.0, "at least", "green"),
    ],
)
def test_a_figure_on_a_cut_off_is_on_its_good_side(
    value: float, direction: str, rating: str
) -> None:
    assert rate_value(value, 0.8, 0.9, direction) == rating  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "rating"),
    [(0.1, "green"), (0.1001, "amber"), (0.2, "amber"), (0.2001, "red"), (0.0, "green")],
)
def test_where_less_is_better_too(value: float, rating: str) -> None:
    assert rate_value(value, 0.2, 0.1, "at most") == rating


RULE = "green or amber whose interval includes the target"


@pytest.mark.parametrize(
    ("limits", "direction", "verdict"),
    [
        ((0.7, 0.9), "at least", "nearly met"),
        ((0.7, 0.8999), "at least", "not met"),
        ((0.9, 0.95), "at most", "nearly met"),
        ((0.9001, 0.95), "at most", "not met"),
    ],
)
def test_an_interval_that_ends_at_the_target_includes_it(
    limits: tuple[float, float], direction: str, verdict: str
) -> None:
    assert verdict_of(limits, "amber", 0.9, RULE, direction) == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("high", "zone", "said"),
    [
        (80, "red", "on the red cut-off"),
        (81, "amber-red", ""),
        (95, "green", ""),
        (94, "amber-green", ""),
        (0, "red", ""),
        (100, "green", ""),
    ],
)
def test_zones_at_their_cut_offs(high: int, zone: str, said: str) -> None:
    found = four_zones(high, 100, 0.8, 0.95)
    assert (found.zone, found.note) == (zone, said)


# --- shares at an end ------------------------------------------------------------------------

PROTECTED = dataclasses.replace(OWN, study=study_of("opensafely"))
DISCLOSIVE = "disclosive: everyone gave the same answer"


@pytest.mark.parametrize(
    ("inside", "of", "same"),
    [
        ([0, 0], [5, 5], True),
        ([5, 5], [5, 5], True),
        ([0, 5], [5, 5], False),
        ([0, 1], [5, 5], False),
        ([5, 4], [5, 5], False),
        ([0], [5], True),
        ([5], [5], True),
        ([4], [5], False),
    ],
)
def test_one_answer_of_all_is_told_at_either_end(
    inside: list[int], of: list[int], same: bool
) -> None:
    share = released.share_of_clusters("x", inside, of, 0.95, "assumed")
    assert (DISCLOSIVE in share.note) == same


@pytest.mark.parametrize(("inside", "same"), [(0, True), (10, True), (5, False), (9, False)])
def test_rounded_answers_that_look_all_alike_are_told_at_either_end(
    inside: int, same: bool
) -> None:
    share = released.plain_share(PROTECTED, "satisfaction", "x", inside, 10, "assumed")
    assert (released.ALIKE in share.note) == same
    exact = released.plain_share(OWN, "satisfaction", "x", inside, 10, "assumed")
    assert released.ALIKE not in exact.note


@pytest.mark.parametrize(
    ("part", "whole", "rounded", "exact"),
    [(10, 10, 1.0, 1.0), (15, 10, None, 1.5), (0, 10, 0.0, 0.0), (0, 0, None, None),
     (None, 10, None, None), (5, None, None, None)],
)  # fmt: skip
def test_a_part_is_no_more_than_its_whole(
    part: int | None, whole: int | None, rounded: float | None, exact: float | None
) -> None:
    assert released.share_of(PROTECTED, "satisfaction", part, whole) == rounded
    assert released.share_of(OWN, "satisfaction", part, whole) == exact


# --- courses, identifiers, words -------------------------------------------------------------


def test_courses_without_dates_stand_by_their_identifiers() -> None:
    numbers = {
        name: n
        for name, n in OWN.numbers.items()
        if name[0] not in ("courses", "attendances", "satisfaction")
    }
    for course in ("C3", "C1", "C2"):
        numbers[key("satisfaction", course_id=course)] = 9
    counts = dataclasses.replace(OWN, numbers=numbers)
    found = [stratum["stratum"] for stratum, _ in strata.courses(counts, "satisfaction")]
    assert found == ["C1", "C2", "C3"]


def test_courses_stand_by_their_dates_and_not_by_their_identifiers() -> None:
    """C9 was held before C1; C5, the last, has four answers, and there is one such course."""
    numbers = {name: n for name, n in OWN.numbers.items() if name[0] not in ("courses", "staff")}
    numbers = {
        name: n for name, n in numbers.items() if name[0] not in ("attendances", "satisfaction")
    }
    for course, day, answered in (("C9", "2019-05-01", 5), ("C1", "2019-06-01", 9),
                                  ("C5", "2019-07-01", 4)):  # fmt: skip
        numbers[key("courses", day=day, course_id=course)] = 1
        numbers[key("attendances", course_id=course)] = 9
        numbers[key("satisfaction", course_id=course)] = answered
    counts = dataclasses.replace(OWN, numbers=numbers)
    found = [stratum["stratum"] for stratum, _ in strata.courses(counts, "satisfaction")]
    assert found == ["C9", "C1", "C5"]
    few = {**numbers, key("satisfaction", course_id="C9"): 4}
    found = list(strata.courses(dataclasses.replace(OWN, numbers=few), "satisfaction"))
    assert [stratum["stratum"] for stratum, _ in found] == [
        "C1",
        "2 courses with fewer than 5 answers",
    ]
    assert found[1][1] == ["C9", "C5"]


LOOK_ALIKE = ("O", "0", "I", "1", "L", "S", "5", "B", "8", "Z", "2", "G", "6")


def test_identifiers_that_only_look_alike_stay_apart() -> None:
    for one, other in combinations(LOOK_ALIKE, 2):
        assert plain_key(f"F{one}7") != plain_key(f"F{other}7"), (one, other)
    for one, other in combinations(("F-7", "F/7", "F_7", "F7", "F07", "F.7"), 2):
        assert plain_key(one) != plain_key(other), (one, other)


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        ("fO7", "FO7"),
        ("f07", "F07"),
        (" c 12 ", "C12"),
        ("12.0", "12"),
        ("12.5", "12.5"),
        ("Ｆ−０٧", "F-07"),
        ("F\u200b7", "F7"),
    ],  # full width, a minus sign, no width
)
def test_an_identifier_is_written_in_one_way(cell: str, plain: str) -> None:
    assert plain_key(cell) == plain


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.0005, "p = 0.001"), (0.00049, "p under 0.001"), (0.05, "p = 0.050"), (1.0, "p = 1.000")],
)
def test_a_small_p_is_not_written_as_nought(p: float, said: str) -> None:
    assert p_value(p) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(7, "7 days"), (13, "13 days"), (14, "2 weeks (14 days)"), (15, "15 days")],
)
def test_days_are_weeks_from_two_on(days: int, said: str) -> None:
    assert in_weeks(days) == said


@pytest.mark.parametrize(
    ("n", "said"), [(0, "no month"), (1, "1 month"), (2, "2 months"), (1000, "1000 months")]
)
def test_one_is_singular_and_none_as_well(n: int, said: str) -> None:
    assert counted(n, "month", "months") == said


def test_a_measure_is_shown_over_time_that_is_counted_by_all_that_is_asked_for() -> None:
    by = {"both": {"month", "day"}, "month": {"month"}, "none": set()}
    counts: Any = SimpleNamespace(shown=list(by), has=lambda name, each: each in by[name])
    assert shown_by(counts, "month", "day") == ("both",)
    assert shown_by(counts, "month") == ("both", "month")


def test_the_rows_of_all_charts_are_numbered_in_one_line() -> None:
    charts = process.activity_charts(OWN)
    for result in charts:
        assert len(set(result.table["measure"])) > 1
        assert list(result.table.index) == list(range(len(result.table)))
