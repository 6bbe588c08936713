"""The series of a measure that a control chart is drawn of, and which chart its counts allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from lmm.analysis.in_batches import brought_by, sizes_of, unit_of
from lmm.analysis.roles import named
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

BY_BATCH = "XmR, "
"""How the name of a chart of batches begins; it goes on with the batch, such as by course."""

XMR, C, G = "XmR, monthly", "c, quarterly", "g, days open between events"


def chart_of(counts: Counts, measure: str, rebase: Sequence[dt.date]) -> tuple[str, str, Chart]:
    """Draw up the chart of a measure from exact counts: its kind, the reason, and the chart."""
    months = _months(counts, measure)
    better = _better(counts, measure)
    sizes = _batch_by_batch(counts, measure)
    if sizes is not None and 0 < len(sizes) < LEAST_A_MONTH * months["opened"].sum():
        unit = named(unit_of(counts, measure))
        reason = f"brought by {len(sizes)} {brought_by(counts, measure)}: charted one by one"
        chart = xmr(sizes, better=better, rebase=_possible(rebase, sizes), once=False)
        return f"{BY_BATCH}{unit} by {unit}", reason, chart
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


def _batch_by_batch(counts: Counts, measure: str) -> pd.Series[float] | None:
    """Give how many each batch brought, by its day; those that brought nobody as well, if known.

    A sum over months of few batches goes up and down with their number, which has a chart of
    its own; what can be stable is how many one brings.
    """
    found = sizes_of(counts, measure)
    if found is None:
        return None
    unit, brought = unit_of(counts, measure), brought_by(counts, measure)
    sizes = found.set_index(["day", "batch"])["n"].astype("float64")
    for name, each in counts.declared.items():
        plain = each.kind == "count" and not each.where and not each.once_for
        if plain and each.rows == brought and counts.has(name, "day", unit):
            held = counts.by(name, "day", unit)
            every = pd.MultiIndex.from_frame(held[["day", unit]], names=["day", "batch"])
            empty = every[~every.isin(sizes.index)]
            sizes = pd.concat([sizes, pd.Series(0.0, empty)])
            break
    sizes = sizes.sort_index()
    days = pd.DatetimeIndex(sizes.index.get_level_values("day"), name="period")
    return pd.Series(sizes.to_numpy(), days)


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
