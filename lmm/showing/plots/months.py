"""Panels over time: one axis of months and years, spans without a value, and the event."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes

from lmm.showing.plots.letters import SMALL
from lmm.showing.plots.style import GREY, INK, PALE
from lmm.showing.wording import dated, event, year_starts

STEPS = (1, 3, 6, 12, 24, 60, 120)
"""Months between two labels."""

MOST = 13
"""Labels that fit beside each other."""


def months_below(panels: Sequence[Axes], first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Label an axis by month from the quarters of the contract year, and by year below.

    Parameters
    ----------
    first, last
        The first day shown, and the last one.
    """
    start = first.normalize().replace(day=1)
    last = max(last, start + pd.Timedelta(days=27))  # one day still has a month around it
    months = pd.date_range(start, last, freq="MS")
    step = next((step for step in STEPS if len(months) <= MOST * step), STEPS[-1])
    ticks = [month for month in months if (month.month - year_starts()) % min(step, 12) == 0]
    ticks = ticks[:: max(step // 12, 1)] or list(months[:1])
    labels, year = [], None
    for tick in ticks:
        labels.append(f"{tick:%b}\n{tick:%Y}" if tick.year != year else f"{tick:%b}")
        year = tick.year
    for axes in panels:
        axes.set_xlim(*mdates.date2num([start, last]))
        axes.set_xticks(mdates.date2num(ticks), labels if axes is panels[-1] else [])


def shade(axes: Axes, start: pd.Timestamp, end: pd.Timestamp, status: str) -> None:
    """Shade a span without a value: hatched where it is suppressed, full where there was none."""
    first, last = mdates.date2num(start), mdates.date2num(end)
    if status == "suppressed":
        axes.axvspan(first, last, facecolor="none", edgecolor=GREY, hatch="////", lw=0)
    else:
        axes.axvspan(first, last, color=PALE, lw=0)


def shading(statuses: set[str]) -> str:
    """Say in a caption what shading there is and what it means."""
    said = [
        "hatched: suppressed" if "suppressed" in statuses else "",
        "grey: no value" if statuses - {"ok", "suppressed"} else "",
    ]
    return "".join(f" {each[:1].upper()}{each[1:]}." for each in said if each)


def mark_event(panels: Sequence[Axes]) -> str:
    """Draw the line of the event in each panel, and its name above the first.

    Returns
    -------
    str
        What the line is, for the caption; nothing if the event is not on the axis.
    """
    on, name = event()
    day = mdates.date2num(on)
    low, high = panels[0].get_xlim()
    if not low <= day <= high:
        return ""
    for axes in panels:
        axes.axvline(day, color=GREY, ls="--", lw=1.2)
    side = "right" if day - low > (high - low) / 2 else "left"
    panels[0].set_title(panels[0].get_title(loc="left"), pad=17)  # above the name
    panels[0].annotate(
        name, (day, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 3), textcoords="offset points",
        ha=side, va="bottom", fontsize=SMALL, color=INK,
    )  # fmt: skip
    return f" The dashed line is the {name}, {dated(on)}."
