"""The series of a measure that a control chart is drawn of, and which chart its counts allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from lmm.counting.counts import Counts
from lmm.statistics.control_charts import Chart, c_chart, g_chart, xmr
from lmm.statistics.control_verdicts import Better
from lmm.statistics.rounding import fixed
from lmm.study.setting import open_days

LEAST_A_MONTH = 5
"""Fewer events a month are too sparse for an XmR chart, whose limits take them as continuous."""

LEAST_A_QUARTER = 2
"""With fewer, more than one quarter in eight is empty by chance: time between events is charted."""

LEAST_OPEN = 0.5
"""A month open for a smaller part has no rate on an XmR chart: a few days vary too much."""

_BETTER: dict[str, Better] = {"at least": "increase", "at most": "decrease"}
_OPPOSITE: dict[Better, Better] = {
    "increase": "decrease",
    "decrease": "increase",
    "neutral": "neutral",
}

XMR, C, G = "XmR, monthly", "c, quarterly", "g, days open between events"


def chart_of(counts: Counts, measure: str, rebase: Sequence[dt.date]) -> tuple[str, str, Chart]:
    """Draw up the chart of a measure from exact counts: its kind, the reason, and the chart."""
    months = _months(counts, measure)
    better = _better(counts, measure)
    kind, reason = _kind(float(months["events"].sum()), float(months["opened"].sum()))
    if kind == G:
        gaps = _gaps(counts, measure)
        chart = g_chart(gaps, better=_OPPOSITE[better], rebase=_possible(rebase, gaps))
        return kind, reason, chart
    draw: Callable[..., Chart] = xmr
    if kind == XMR:
        periods = months
        usable = periods["opened"] >= LEAST_OPEN
        values = (periods["events"] / periods["opened"]).where(usable)
    else:
        periods, draw = _quarters(months, counts.study.contract_year_starts), c_chart
        values = periods["events"].where(periods["opened"] > 0)
    chart = draw(
        values,
        exposure=periods["opened"],
        better=better,
        target=periods["target"],
        rebase=_possible(rebase, values),
    )
    return kind, reason, chart


def _kind(events: float, opened: float) -> tuple[str, str]:
    """Choose the chart by the events a month open, and say why."""
    if opened == 0:
        return XMR, "the service was not open"
    rate = events / opened
    if rate >= LEAST_A_MONTH:
        return XMR, f"{fixed(rate, 2)} a month open: at least {LEAST_A_MONTH}"
    reason = f"{fixed(rate, 2)} a month open: under {LEAST_A_MONTH}"
    if 3 * rate >= LEAST_A_QUARTER:
        return C, reason
    return G, f"{reason}, and {fixed(3 * rate, 2)} a quarter: under {LEAST_A_QUARTER}"


def _possible(rebase: Sequence[dt.date], series: pd.Series[float]) -> list[dt.date]:
    """Keep the dates that have points of the series on either side."""
    periods = series.index
    return [
        day for day in map(pd.Timestamp, rebase) if (periods < day).any() and (periods >= day).any()
    ]


def _months(counts: Counts, measure: str) -> pd.DataFrame:
    """Count events, months open and the target of a full month, by month."""
    calendar = counts.calendar
    targets = counts.targets[counts.targets["indicator"] == measure]
    yearly = targets.set_index("contract_year")["target"].astype("float64")
    table = pd.DataFrame(
        {
            "opened": calendar["months_open"].to_numpy(),
            "target": calendar["contract_year"].map(yearly).to_numpy() / 12,
        },
        index=pd.DatetimeIndex(calendar["month"], name="period"),
    )
    found = counts.by(measure, "month")["n"].to_numpy(dtype="float64")
    return table.assign(events=pd.Series(found, table.index).where(table["opened"] > 0))


def _quarters(months: pd.DataFrame, first_month: int) -> pd.DataFrame:
    """Add up months to quarters of the contract year; a target is of the months open."""
    starts = [m - pd.DateOffset(months=(m.month - first_month) % 3) for m in months.index]
    pro_rata = months.assign(target=months["target"] * months["opened"])
    whole = pro_rata.groupby(pd.DatetimeIndex(starts, name="period"))
    sums = whole[["events", "opened"]].sum()
    return sums.assign(target=whole["target"].agg(lambda found: found.sum(skipna=False)))


def _gaps(counts: Counts, measure: str) -> pd.Series[float]:
    """Count the days open from each event to the next, by the date of the later one."""
    found = counts.by(measure, "day")
    dates = pd.DatetimeIndex(np.repeat(found["day"], found["n"].astype("int64")), name="period")
    days = open_days(counts.study, counts.parameters)
    passed = pd.Series(days.searchsorted(dates, side="right"), dates, dtype="float64")
    return passed.diff().iloc[1:]


def _better(counts: Counts, measure: str) -> Better:
    declared = counts.targets.loc[counts.targets["indicator"] == measure, "direction"].unique()
    return _BETTER[declared[0]] if len(declared) == 1 else "neutral"
