"""Control charts as tables: every point with its limits and rules, and a verdict in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lmm.statistics.control_limits import (
    Floats,
    Lines,
    geometric_lines,
    moving_range_lines,
    poisson_lines,
)
from lmm.statistics.control_points import Series, points_of, series_of
from lmm.statistics.control_verdicts import Better, verdict

WHOLE, REBASED = "whole series", "rebased"


@dataclass(frozen=True)
class Chart:
    """A control chart as two tables.

    Attributes
    ----------
    points
        One row a point: ``base`` (the whole series under one set of limits, always; then
        the rebased one, where dates are given), ``segment, period, exposure, value, target,
        centre, lower, upper, rules, direction, judgement, status``. Status is ``no_data``
        for a gap, ``not_estimable`` without limits and ``short_series`` for trial limits.
    verdicts
        One row a base: ``period, value, target, centre, lower, upper`` of the latest point
        with data, ``variation`` and ``assurance`` in words, the name of the icon of each,
        ``points, flagged, status, note``.
    """

    points: pd.DataFrame
    verdicts: pd.DataFrame


def xmr(
    values: pd.Series[float],
    *,
    better: Better = "increase",
    target: float | pd.Series[float] | None = None,
    rebase: Sequence[dt.date] = (),
    exposure: pd.Series[float] | None = None,
    once: bool = True,
) -> Chart:
    """Draw up an XmR chart; the limits are those of `moving_range_lines`.

    Parameters
    ----------
    values
        One value a period, by the period's date, in order; missing where there are no data.
    rebase
        Dates: new limits hold from the first period that starts on one or after it. No run,
        trend or moving range goes across.
    exposure
        Months open, or the like, of each period; passed through to the table.
    once
        Whether a period may stand once only; not so where each point is a batch of its day.

    Raises
    ------
    ValueError
        If periods are not in order, stand twice or lack points on a side of a rebasing date.
    """
    return _chart(
        series_of(values, exposure, target, better, once=once),
        lambda found, _: moving_range_lines(found),
        rebase,
        near=True,
    )


def c_chart(
    events: pd.Series[float],
    exposure: pd.Series[float],
    *,
    better: Better = "increase",
    target: float | pd.Series[float] | None = None,
    rebase: Sequence[dt.date] = (),
) -> Chart:
    """Draw up a chart of counts; the limits are those of `poisson_lines`."""
    series = series_of(events, exposure, target, better, once=True)
    return _chart(series, poisson_lines, rebase, near=False)


def g_chart(
    gaps: pd.Series[float], *, better: Better = "neutral", rebase: Sequence[dt.date] = ()
) -> Chart:
    """Draw up a chart of the days between events; the limits are those of `geometric_lines`.

    Parameters
    ----------
    gaps
        Days since the event before, by the date of each event but the first, in order.
    better
        Which direction of the gaps is good: where more events are good, it is ``decrease``.
    """
    series = series_of(gaps, None, None, better, once=False)
    return _chart(series, lambda found, _: geometric_lines(found), rebase, near=False)


def _chart(
    series: Series,
    lines: Callable[[Floats, Floats], Lines],
    rebase: Sequence[dt.date],
    *,
    near: bool,
) -> Chart:
    dates = pd.DatetimeIndex(sorted(set(rebase)))
    for date in dates:
        if not len(series.periods) or not series.periods[0] < date <= series.periods[-1]:
            raise ValueError(f"rebasing on {date:%Y-%m-%d} leaves one side without points")
    points, verdicts = [], []
    for base, starts in [(WHOLE, dates[:0]), *([(REBASED, dates)] if len(dates) else [])]:
        segments = np.searchsorted(starts, series.periods, side="right") + 1
        rows, note = points_of(series, lines, segments, near=near)
        rows.insert(0, "base", base)
        points.append(rows)
        verdicts.append({"base": base, **verdict(rows, series.better, note)})
    return Chart(pd.concat(points, ignore_index=True), pd.DataFrame(verdicts))
