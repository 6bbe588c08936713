"""Small multiples: one share of several services, each in a panel of its own over its periods."""

from __future__ import annotations

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lmm.analysis.result import Result
from lmm.showing.answers import figures
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, lines_in, wrapped
from lmm.showing.plots.panels import stacked
from lmm.showing.plots.rows import rows_of
from lmm.showing.plots.style import BLUE, PALE_BLUE, POINTS, Picture, house_style
from lmm.showing.wording import about, level, sentence

COLUMNS = 3
"""Panels beside each other."""

PANEL = 1.35
"""Inches of a panel without its name."""


def services(result: Result) -> Picture:
    """Draw the share of each service in each period, with its interval."""
    table = result.by_role()
    names = list(dict.fromkeys(table["stratum"]))
    room = POINTS / COLUMNS - 34
    titles = [wrapped(name, room, SMALL, "bold") for name in names]
    with house_style():
        heights = [PANEL + 0.15 * lines_in(title) for title in titles]
        figure, panels = stacked(heights, columns=COLUMNS, share=True)
        low, high = _span(table)
        for axes, name, title in zip(panels, names, titles, strict=True):
            for row in rows_of(table[table["stratum"] == name]):
                _draw(axes, row)
            axes.set_title(title, fontsize=SMALL)
            axes.set_ylim(low, high)
            axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            dates = mdates.AutoDateLocator(minticks=2, maxticks=4)
            axes.xaxis.set_major_locator(dates)
            axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(dates, show_offset=False))
    return Picture(
        figure,
        figures.services(result)[0],
        f"{sentence(about(result))}: a line for each period, from its first day to its last, and "
        f"its {level()} interval as a band; where there is none, it is suppressed or cannot be "
        f"estimated.{rests_on(result)}",
    )


def _draw(axes: Axes, row: object) -> None:
    start, end = mdates.date2num([row.date_of_start, row.date_of_end])  # type: ignore[attr-defined]
    axes.plot([start, end], [0.5, 0.5], alpha=0)  # the axis has room for every period
    if row.status != "ok":  # type: ignore[attr-defined]
        return
    estimate, low, high = row.estimate, row.low, row.high  # type: ignore[attr-defined]
    axes.fill_between([start, end], low, high, color=PALE_BLUE, lw=0)
    axes.plot([start, end], [estimate, estimate], color=BLUE, lw=1.8, solid_capstyle="butt")


def _span(table: pd.DataFrame) -> tuple[float, float]:
    """Give the limits of all panels, which are the same."""
    known = table[table["status"] == "ok"]
    if known.empty:
        return 0.0, 1.0
    low, high = float(known["low"].min()), float(known["high"].max())
    edge = 0.05 * (high - low)
    return max(0.0, low - edge), min(1.0, high + edge)
