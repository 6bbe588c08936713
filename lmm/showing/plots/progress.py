"""Figures of targets along the way: month by month, and by what is expected."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lmm.analysis.result import Result
from lmm.analysis.targets import RATIO
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, wrapped
from lmm.showing.plots.months import months_below
from lmm.showing.plots.panels import key, new_figure, stacked, whole_numbers
from lmm.showing.plots.rows import FOOT, beside, in_words, rows_of, said
from lmm.showing.plots.style import BLUE, DASHES, GREY, ORANGE, PALE, POINTS, Picture, house_style
from lmm.showing.plots.targets import Headed
from lmm.showing.wording import called, level, sentence
from lmm.statistics.rounding import fixed


def cumulative(result: Result) -> Picture:
    """Draw the achieved count against the pro-rata line, month by month in each year."""
    table = result.by_role()
    parts = list(table.groupby("measure", sort=False))
    with house_style():
        figure, panels = stacked([1.55] * len(parts))
        for axes, (name, rows) in zip(panels, parts, strict=True):
            for _, year in rows.groupby("stratum", sort=False):
                _year(axes, year)
            axes.set_title(wrapped(sentence(called(name)), POINTS - 60, weight="bold"))
            axes.set_ylim(0, 1.22 * max(rows["count"].max(), rows["number"].max(), 1))
            whole_numbers(axes)
        end = table["month"].max() + pd.offsets.MonthBegin(1)
        months_below(panels, table["month"].min(), end)
        key(
            figure,
            [
                Line2D([], [], color=BLUE, lw=1.8, label="achieved"),
                Line2D([], [], color=ORANGE, ls=DASHES, lw=1.3, label="expected of a full target"),
            ],
        )
    return Picture(
        figure,
        answers.cumulative(result)[0],
        "Achieved and expected counts so far in each contract year, from 0 at its beginning; the "
        f"numbers are achieved of expected at its last month.{rests_on(result)}",
    )


def _year(axes: Axes, year: pd.DataFrame) -> None:
    """Draw one contract year, from 0 at its first day to the end of each month."""
    days = [year["month"].iloc[0], *(year["month"] + pd.offsets.MonthBegin(1))]
    axes.plot(days, [0.0, *year["number"]], color=ORANGE, ls=DASHES, lw=1.3)
    axes.plot(days, [0.0, *year["count"].astype("float64")], color=BLUE, lw=1.8)
    axes.axvline(days[0], color=PALE, lw=0.8, zorder=0)
    last = year.iloc[-1]
    axes.annotate(
        f"{fixed(last['count'])} of {fixed(last['number'], 1)}", (days[-1], 1), (-3, -1),
        xycoords=("data", "axes fraction"), textcoords="offset points", ha="right", va="top",
        fontsize=SMALL, color=GREY,
    )  # fmt: skip


LOOKS = {"unadjusted": ("o", BLUE, -0.055), "adjusted": ("s", ORANGE, 0.055)}
"""Of each exposure its mark, its colour, and inches from the middle of the row."""


def exposure(result: Result) -> Picture:
    """Draw achieved / target under unadjusted and adjusted exposure, side by side."""
    table = result.by_role()
    firsts = table.drop_duplicates(["measure", "stratum"])
    place = Headed(firsts, 0.3)
    at = dict(zip(zip(firsts["measure"], firsts["stratum"], strict=True), place.at, strict=True))
    with house_style():
        figure, axes = new_figure(place.height + FOOT)
        for at_row, group in groupby(rows_of(table), key=lambda row: (row.measure, row.stratum)):
            _exposed(axes, at[at_row], list(group))
        axes.axvline(1, color=GREY, lw=0.8, zorder=0)
        place.name(axes)
        axes.set_xlim(left=0)
        axes.set_xlabel(RATIO)
        key(
            figure,
            [
                Line2D([], [], marker=marker, color=colour, ms=4.5, lw=1.6, label=name)
                for name, (marker, colour, _) in LOOKS.items()
            ],
        )
    return Picture(
        figure,
        answers.exposure(result)[0],
        "Achieved counts divided by what is expected of the months open, from 0, with months of "
        "reduced capacity counted in full (unadjusted) and in part (adjusted): a mark, and its "
        f"{level()} interval as a line. At 1 the target is reached.{rests_on(result)}",
    )


def _exposed(axes: Axes, y: float, pair: list[Any]) -> None:
    """Draw a target under each exposure; where both lack a value for one reason, say it once."""
    reasons = {row.status for row in pair}
    if len(reasons) == 1 and "ok" not in reasons:
        in_words(axes, y, pair[0].status)
        return
    for row in pair:
        marker, colour, aside = LOOKS[row.words_of_exposure]
        if row.status == "ok":
            axes.plot([row.low, row.high], [y + aside] * 2, color=colour, lw=1.6)
            axes.plot(row.estimate, y + aside, marker, color=colour, ms=4.5)
    lacking = [f"{row.words_of_exposure}: {said(row.status)}" for row in pair if row.status != "ok"]
    if lacking:
        beside(axes, y, "\n".join(lacking))
