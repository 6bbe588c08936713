"""Figures of the monthly counts about the event: fitted against counterfactual, and quarters."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lmm.analysis.result import Result
from lmm.showing.plots.style import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    WIDTH,
    Picture,
    dates_below,
    house_style,
    mark_event,
    nothing_to_draw,
    rows_of,
    shade,
)
from lmm.showing.wording import called
from lmm.statistics.rounding import fixed


def counterfactual(result: Result, event: dt.date, event_name: str) -> Picture:
    """Draw the fitted counts against those that trend and season alone would give."""
    table = result.by_role()
    measures = list(dict.fromkeys(table["measure"]))
    if not measures:
        return nothing_to_draw("No series is long and full enough for the model.")
    with house_style():
        figure = Figure(figsize=(WIDTH, 0.9 + 2.4 * len(measures)), layout="constrained")
        panels = figure.subplots(len(measures), 1, sharex=True, squeeze=False)[:, 0]
        for axes, name in zip(panels, measures, strict=True):
            _segments(axes, table[table["measure"] == name])
            axes.set_title(called(name).capitalize())
            mark_event(axes, event, event_name)
        dates_below(panels[-1])
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=2, fontsize=8)
        figure.supylabel("a month", fontsize=9)
    text = "; ".join(_in_words(table[table["measure"] == name], name) for name in measures)
    return Picture(
        figure,
        f"Monthly counts, fitted and as trend and season alone would give, {event_name} marked "
        f"at {event}. {text}.",
    )


def _segments(axes: Axes, rows: pd.DataFrame) -> None:
    months = rows["month"] + pd.Timedelta(days=14)  # the middle of the month
    later = (rows["number_of_part_after"] > 0).cummax()
    beside = later | later.shift(-1, fill_value=False)  # joined to the last month before
    axes.fill_between(
        months[beside], rows["low"][beside], rows["high"][beside],
        color=ORANGE, alpha=0.18, lw=0, label="interval of the expected count without a step",
    )  # fmt: skip
    axes.plot(
        months[beside], rows["number_of_counterfactual"][beside],
        color=ORANGE, ls=(0, (4, 2)), lw=1.6, label="expected from trend and season, no step",
    )  # fmt: skip
    axes.plot(months, rows["number_of_fitted"], color=BLUE, lw=1.8, label="fitted, with the step")
    counts = rows["count"].astype("float64")
    axes.plot(months, counts, "o", color=INK, ms=3.2, alpha=0.75, clip_on=False, label="counted")
    for month in rows.loc[rows["status"] != "ok", "month"]:
        axes.axvspan(month, month + pd.offsets.MonthBegin(1), color=PALE)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _room_above(axes, rows)


def _room_above(axes: Axes, rows: pd.DataFrame) -> None:
    """Start at 0, and cut a band that would flatten the counts; the cut is said."""
    most = max(
        rows["count"].max(), rows["number_of_fitted"].max(), rows["number_of_counterfactual"].max()
    )
    reaches = float(rows["high"].max())
    top = min(reaches, 2 * float(most))
    axes.set_ylim(0, 1.12 * top)
    if reaches > top:
        axes.annotate(
            f"interval up to {fixed(reaches)}", (1, 1), xycoords="axes fraction", ha="right",
            xytext=(-2, -2), textcoords="offset points", va="top", fontsize=8, color=INK,
        )  # fmt: skip


def _in_words(rows: pd.DataFrame, measure: str) -> str:
    after = rows[(rows["number_of_part_after"] == 1) & (rows["status"] == "ok")]
    return (
        f"{called(measure)}: {after['count'].sum()} counted in the whole months after it, "
        f"{fixed(after['number_of_counterfactual'].sum())} expected without a step"
    )


def quarters(result: Result, event: dt.date, event_name: str) -> Picture:
    """Draw the rate a month of each quarter, with its interval."""
    table = result.by_role()
    measures = list(dict.fromkeys(table["measure"])) if len(table) else []
    if not measures:
        return nothing_to_draw("No measure is too sparse for months.")
    with house_style():
        figure = Figure(figsize=(WIDTH, 0.7 + 1.9 * len(measures)), layout="constrained")
        panels = figure.subplots(len(measures), 1, sharex=True, squeeze=False)[:, 0]
        for axes, name in zip(panels, measures, strict=True):
            for row in rows_of(table[table["measure"] == name]):
                middle = row.date + pd.Timedelta(days=45)
                if row.status == "ok":
                    axes.plot([middle, middle], [row.low, row.high], color=BLUE, lw=1.8)
                    axes.plot(middle, row.estimate, "o", color=BLUE, ms=5, clip_on=False)
                else:
                    shade(axes, row.date, row.date + pd.DateOffset(months=3), row.status)
            axes.set_title(called(name).capitalize())
            axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
            mark_event(axes, event, event_name)
        dates_below(panels[-1])
        figure.supylabel("a month open, with interval", fontsize=9)
    text = "; ".join(
        f"{called(name)} between {fixed(rows['estimate'].min(), 1)} and "
        f"{fixed(rows['estimate'].max(), 1)}"
        for name in measures
        if (rows := table[(table["measure"] == name) & (table["status"] == "ok")]).size
    )
    return Picture(
        figure, f"Rates a month by quarter, with intervals, {event_name} marked at {event}. {text}."
    )
