"""Figures of the descriptive analysis."""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import MaxNLocator

from lmm.analysis.activity import RATE, WHOLE
from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.letters import lines_in, wrapped
from lmm.showing.plots.months import mark_event, months_below, shade, shading
from lmm.showing.plots.panels import stacked, whole_numbers
from lmm.showing.plots.rows import HEADING, LABEL, LINE, Rows, beside, intervals, rows_of
from lmm.showing.plots.style import BLUE, POINTS, Picture, house_style
from lmm.showing.wording import called, level, sentence
from lmm.statistics.rounding import fixed


def activity_rates(activity: Result) -> Picture:
    """Draw the rate per month open of each measure, with its interval, by stratum."""
    table = activity.by_role()
    rates = table[table["stratum_of_quantity"] == RATE]
    parts = [(name, each) for name, each in rates.groupby("measure", sort=False)]
    columns = min(2, len(parts))
    titles = [_titled(str(name), 330 / columns) for name, _ in parts]
    places = [Rows(list(each["stratum_of_group"]), room=LABEL / columns) for _, each in parts]
    heights = [
        each.height + HEADING + LINE * (lines_in(title) - 1) + 0.22
        for each, title in zip(places, titles, strict=True)
    ]
    with house_style():
        figure, panels = stacked(heights, columns=columns)
        for axes, (_, rows), place, title in zip(panels, parts, places, titles, strict=True):
            intervals(axes, place.at, rows)
            for y, row in zip(place.at, rows_of(rows), strict=True):
                if row.status == "ok":
                    beside(axes, y, fixed(row.estimate, 1))
            place.name(axes)
            axes.set_title(title)
            axes.set_xlim(left=0)
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6 // columns + 1))
        for axes in panels[-columns:]:
            axes.set_xlabel("a month open")
    _, *compared = answers.activity(activity)  # the first is of totals, which are not drawn
    return Picture(
        figure,
        compared[0] if compared else "Rates a month open of each measure.",
        f"Rate a month open of each measure: a dot, its {level()} interval as a line, and its "
        f"value at the right. “{sentence(WHOLE)}” is all of them together. "
        "The axes differ, and each begins at 0.",
    )


def _titled(measure: str, room: float) -> str:
    return wrapped(sentence(called(measure)), room, weight="bold")


def monthly(activity: Result) -> Picture:
    """Draw the monthly counts of each measure, one panel each, with the event marked."""
    table = activity.by_role()
    parts = [(name, each) for name, each in table.groupby("measure", sort=False)]
    with house_style():
        figure, panels = stacked([1.3] * len(parts))
        for axes, (name, rows) in zip(panels, parts, strict=True):
            opened = rows[rows["status"] == "ok"]
            counts = opened["count"].astype(float)
            axes.bar(opened["month"], counts, width=26, align="edge", color=BLUE)
            for row in rows_of(rows[rows["status"] != "ok"]):
                shade(axes, row.month, row.month + pd.offsets.MonthBegin(1), row.status)
            axes.set_title(_titled(str(name), POINTS - 60))
            whole_numbers(axes)
            axes.set_ylim(0, 1.08 * max(counts.max(), 1) if len(counts) else 1)
        end = table["month"].max() + pd.offsets.MonthBegin(1)
        months_below(panels, table["month"].min(), end)
        event = mark_event(panels)
    return Picture(
        figure,
        answers.monthly(activity)[0],
        f"Counts of each month, as bars.{event}{shading(set(table['status']))}",
    )
