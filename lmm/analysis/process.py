"""How activity and satisfaction vary over time and between courses, and what stands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lmm.analysis.measures import activity_events, answers
from lmm.cleaning.records import Records
from lmm.statistics.control_charts import WHOLE, Chart, c_chart, g_chart, xmr
from lmm.statistics.control_verdicts import Better
from lmm.statistics.funnel import funnel_position, funnel_table
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


def activity_charts(records: Records, rebase: Sequence[dt.date] = ()) -> Chart:
    """Draw up a control chart of each measure, of the kind that its counts allow.

    From `LEAST_A_MONTH` events a month open on: an XmR chart by month. Otherwise, from
    `LEAST_A_QUARTER` a quarter on: a chart of counts by quarter of the contract year.
    Otherwise: the days open between events. An increase is good where a target says "at
    least"; where there is no target, neither direction is.

    Parameters
    ----------
    rebase
        Dates from which new limits hold. The charts of the whole series are given as well.

    Returns
    -------
    Chart
        The tables of all measures, in order, with ``measure, chart, basis``, and in the
        verdicts the ``reason`` for the kind of chart.

    Notes
    -----
    The exposure is in months open. A closed month or quarter has no data. A part month is
    charted as its rate in a full month, but not from under `LEAST_OPEN` of one; a part
    quarter has the limits and the target of the months that it was open.
    """
    points, verdicts = [], []
    events = activity_events(records)
    for measure in records.measures:
        dates = events.loc[events["measure"] == measure, "date"].sort_values()
        kind, reason, chart = _chart_of(records, measure, dates, rebase)
        keys = {"measure": measure, "chart": kind}
        basis = records.basis()
        caveats = _caveats(measure, kind, chart, rebase)
        notes = ["; ".join(filter(None, (note, *caveats))) for note in chart.verdicts["note"]]
        verdict = chart.verdicts.assign(note=notes)
        points.append(pd.DataFrame({**keys, **chart.points, "basis": basis}))
        verdicts.append(pd.DataFrame({**keys, "reason": reason, **verdict, "basis": basis}))
    return Chart(_joined(points), _joined(verdicts))


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the tables of the measures below each other; a service may count none of them."""
    if not tables:
        return pd.DataFrame(columns=["measure", "chart", "basis"])
    return pd.concat(tables, ignore_index=True)


def _caveats(measure: str, kind: str, chart: Chart, rebase: Sequence[dt.date]) -> list[str]:
    """Say what this measure's chart leaves to be desired."""
    notes = []
    whole = chart.points[chart.points["base"] == WHOLE]
    if whole.empty:
        notes.append("fewer than two events: there is no time between events")
    if short := int(((whole["status"] == "no_data") & (whole["exposure"] > 0)).sum()):
        notes.append(f"months open for under half of their days are left out: {short}")
    if measure in ("attendances", "staff") and kind != XMR:
        notes.append("people come in groups, so that these limits are too narrow")
    if len(set(rebase)) >= (1 if whole.empty else chart.points["segment"].max()):
        notes.append("not every rebasing date has points on either side")
    return notes


def _chart_of(
    records: Records, measure: str, dates: pd.Series[pd.Timestamp], rebase: Sequence[dt.date]
) -> tuple[str, str, Chart]:
    months = _months(records, measure, dates)
    better = _better(records, measure)
    kind, reason = _kind(float(months["events"].sum()), float(months["opened"].sum()))
    if kind == G:
        gaps = _gaps(records, dates)
        chart = g_chart(gaps, better=_OPPOSITE[better], rebase=_possible(rebase, gaps))
        return kind, reason, chart
    draw: Callable[..., Chart] = xmr
    if kind == XMR:
        periods = months
        usable = periods["opened"] >= LEAST_OPEN
        values = (periods["events"] / periods["opened"]).where(usable)
    else:
        periods, draw = _quarters(months, records.study.contract_year_starts), c_chart
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


def _months(records: Records, measure: str, dates: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    """Count events, months open and the target of a full month, by month."""
    calendar = records.calendar
    counts = dates.dt.to_period("M").dt.to_timestamp().value_counts()
    targets = records.targets[records.targets["indicator"] == measure]
    yearly = targets.set_index("contract_year")["target"].astype("float64")
    table = pd.DataFrame(
        {
            "opened": calendar["months_open"].to_numpy(),
            "target": calendar["contract_year"].map(yearly).to_numpy() / 12,
        },
        index=pd.DatetimeIndex(calendar["month"], name="period"),
    )
    found = counts.reindex(table.index, fill_value=0).astype("float64")
    return table.assign(events=found.where(table["opened"] > 0))


def _quarters(months: pd.DataFrame, first_month: int) -> pd.DataFrame:
    """Add up months to quarters of the contract year; a target is of the months open."""
    starts = [m - pd.DateOffset(months=(m.month - first_month) % 3) for m in months.index]
    pro_rata = months.assign(target=months["target"] * months["opened"])
    whole = pro_rata.groupby(pd.DatetimeIndex(starts, name="period"))
    sums = whole[["events", "opened"]].sum()
    return sums.assign(target=whole["target"].agg(lambda found: found.sum(skipna=False)))


def _gaps(records: Records, dates: pd.Series[pd.Timestamp]) -> pd.Series[float]:
    """Count the days open from each event to the next, by the date of the later one."""
    days = open_days(records.study, records.parameters)
    passed = pd.Series(days.searchsorted(pd.DatetimeIndex(dates), side="right"), dtype="float64")
    return passed.set_axis(pd.DatetimeIndex(dates, name="period")).diff().iloc[1:]


def _better(records: Records, measure: str) -> Better:
    declared = records.targets.loc[records.targets["indicator"] == measure, "direction"].unique()
    return _BETTER[declared[0]] if len(declared) == 1 else "neutral"


@dataclass(frozen=True)
class Funnel:
    """A funnel plot as two tables.

    Attributes
    ----------
    points
        One row a course, in order of date: ``course_id, answered, high, share, overall``,
        ``lower_95, upper_95, lower_998, upper_998`` at its number of answers, ``position,
        status, note, basis``.
    limits
        ``answered`` from 1 to the most, and the same four limits; empty without a funnel.
    """

    points: pd.DataFrame
    limits: pd.DataFrame


def satisfaction_funnel(records: Records) -> Funnel:
    """Compare the share with high satisfaction of each course with that of all of them.

    A course beyond the limits differs from the others by more than chance makes plausible;
    one within them has not been shown to be the same. The limits are the exact ones of
    `lmm.statistics.funnel.funnel_lines`; with few answers they span nearly everything. Each
    course is part of the overall share with which it is compared.
    """
    forms = answers(records)
    forms = forms[forms["answered"]]
    courses = records.tables["courses"].sort_values(["date", "course_id"])["course_id"]
    counts = forms.groupby("course_id")["high"].agg(["size", "sum"])
    counts = counts.reindex(courses, fill_value=0).astype("int64")
    points = counts.set_axis(["answered", "high"], axis=1).rename_axis("course_id").reset_index()
    answered, high = int(points["answered"].sum()), int(points["high"].sum())
    points["share"] = (points["high"] / points["answered"]).where(points["answered"] > 0)
    points["overall"] = high / answered if answered else np.nan
    note = _no_funnel(points, answered, high)
    most = 0 if note else int(points["answered"].max())
    limits = funnel_table(high / max(answered, 1), most)
    points = points.merge(limits, on="answered", how="left", validate="many_to_one")
    points["position"] = [funnel_position(row) for row in points.to_dict("records")]
    points["status"] = "not_estimable" if note else "ok"
    points.loc[points["answered"] == 0, "status"] = "no_data"
    return Funnel(points.assign(note=note, basis=records.basis()), limits)


def _no_funnel(points: pd.DataFrame, answered: int, high: int) -> str:
    """Say why there can be no funnel, if so."""
    if answered == 0:
        return "no answers"
    if (points["answered"] > 0).sum() == 1:
        return "only one course has answers: there is nothing to compare it with"
    if high in (0, answered):
        return f"{'all' if high else 'no'} answers are high: no course can stand out"
    return ""
