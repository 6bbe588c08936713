"""Figures of the monthly counts about the event: fitted against counterfactual, and quarters."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lmm.analysis.result import Result
from lmm.showing.answers import figures
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, wrapped
from lmm.showing.plots.months import mark_event, months_below, shade, shading
from lmm.showing.plots.panels import key, patch, stacked
from lmm.showing.plots.rows import rows_of
from lmm.showing.plots.style import (
    BLUE,
    DASHES,
    INK,
    ORANGE,
    PALE_ORANGE,
    POINTS,
    Picture,
    house_style,
)
from lmm.showing.wording import called, level, sentence
from lmm.statistics.rounding import fixed


def counterfactual(result: Result) -> Picture:
    """Draw the fitted counts against those that trend and season alone would give."""
    table = result.by_role()
    parts = list(table.groupby("measure", sort=False))
    with house_style():
        figure, panels = stacked([2.2] * len(parts))
        for axes, (name, rows) in zip(panels, parts, strict=True):
            _segments(axes, rows)
            axes.set_title(wrapped(sentence(called(name)), POINTS - 60, weight="bold"))
        event = _framed(panels, table["month"], 1)
        key(figure, _key())
    return Picture(
        figure,
        figures.counterfactual(result)[0],
        f"Counts a month, from 0.{event} Blue is the model with a step at the event; orange is "
        f"what trend and season alone would give, with its {level()} interval."
        f"{shading(set(table['status']))}{rests_on(result)}",
    )


def _key() -> list[Artist]:
    return [
        Line2D([], [], color=INK, marker="o", ls="", ms=3.5, label="counted"),
        Line2D([], [], color=BLUE, lw=1.8, label="fitted, with the step"),
        Line2D([], [], color=ORANGE, ls=DASHES, lw=1.6, label="expected without a step"),
        patch("its interval", facecolor=PALE_ORANGE),
    ]


def _framed(panels: list[Axes], starts: pd.Series[pd.Timestamp], months: int) -> str:
    """Draw the axis of months and the event, and say what its line is."""
    months_below(panels, starts.min(), starts.max() + pd.DateOffset(months=months))
    return mark_event(panels)


def _segments(axes: Axes, rows: pd.DataFrame) -> None:
    months = rows["month"] + pd.Timedelta(days=14)  # the middle of the month
    later = (rows["number_of_part_after"] > 0).cummax()
    beside = later | later.shift(-1, fill_value=False)  # joined to the last month before
    low, high = rows["low"][beside], rows["high"][beside]
    axes.fill_between(months[beside], low, high, color=PALE_ORANGE, lw=0)
    axes.plot(
        months[beside], rows["number_of_counterfactual"][beside], color=ORANGE, ls=DASHES, lw=1.6
    )
    axes.plot(months, rows["number_of_fitted"], color=BLUE, lw=1.8)
    counts = rows["count"].astype("float64")
    axes.plot(months, counts, "o", color=INK, ms=3.5, alpha=0.75, clip_on=False)
    for row in rows_of(rows[rows["status"] != "ok"]):
        shade(axes, row.month, row.month + pd.offsets.MonthBegin(1), row.status)
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
            xytext=(-2, -2), textcoords="offset points", va="top", fontsize=SMALL, color=INK,
        )  # fmt: skip


def quarters(result: Result) -> Picture:
    """Draw the rate a month of each quarter, with its interval."""
    table = result.by_role()
    parts = list(table.groupby("measure", sort=False))
    with house_style():
        figure, panels = stacked([1.5] * len(parts))
        for axes, (name, rows) in zip(panels, parts, strict=True):
            for row in rows_of(rows):
                _quarter(axes, row)
            axes.set_title(wrapped(sentence(called(name)), POINTS - 60, weight="bold"))
            axes.set_ylim(0, 1.1 * max(axes.get_ylim()[1], 0.1))
        event = _framed(panels, table["date"], 3)
    return Picture(
        figure,
        figures.quarters(result)[0],
        f"Rate a month open in each quarter, from 0: a dot, and its {level()} interval as a line."
        f"{event}{shading(set(table['status']))}{rests_on(result)}",
    )


def _quarter(axes: Axes, row: Any) -> None:
    if row.status != "ok":
        shade(axes, row.date, row.date + pd.DateOffset(months=3), row.status)
        return
    middle = row.date + pd.Timedelta(days=45)
    axes.plot([middle, middle], [row.low, row.high], color=BLUE, lw=1.8)
    axes.plot(middle, row.estimate, "o", color=BLUE, ms=5, clip_on=False)
