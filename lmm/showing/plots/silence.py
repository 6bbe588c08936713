"""Figures of what silence could change."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL
from lmm.showing.plots.panels import key, new_figure
from lmm.showing.plots.rows import rows_of
from lmm.showing.plots.style import BLUE, GREY, ORANGE, RUST, Picture, house_style
from lmm.statistics.rounding import declared_percent, in_percent

LOOKS = ((BLUE, BLUE, (6, -4), "top"), (ORANGE, RUST, (-6, 4), "bottom"))
"""Of each line: its colour, that of its words, and where these stand beside a point."""


def tipping(result: Result) -> Picture:
    """Draw the share over everyone against that of the silent, and where it meets cut-offs."""
    table = result.by_role()
    parts = [rows for _, rows in table.groupby("stratum", sort=False)]
    with house_style():
        figure, axes = new_figure(height=3.1)
        axes.set_xlim(0, 100)
        handles: list[Artist] = []
        lowest = [100 * float(table["share_of_cut_off"].min())]
        for look, rows in zip(LOOKS, parts, strict=False):
            lowest.append(_line(axes, rows, look))
            handles.append(Line2D([], [], color=look[0], lw=1.8, label=rows["stratum"].iloc[0]))
        start = 10 * int(min(lowest) // 10)
        axes.set_ylim(start, 102)
        _cut_offs(axes, table)
        _answered(axes, table)
        axes.set_ylabel(f"% high over everyone{f', from {start}%' if start else ''}")
        axes.set_xlabel("% high among the silent")
        key(figure, handles)
    return Picture(
        figure,
        answers.tipping(result)[0],
        "The share with a high answer over everyone (upright axis), against what it would be "
        "among those who did not answer. A point is where a cut-off is met; the dotted line is "
        f"the share of those who answered.{rests_on(result)}",
    )


def _line(axes: Axes, rows: pd.DataFrame, look: Any) -> float:
    """Draw the share over everyone, from none of the silent high to all; give the lowest."""
    colour, ink, aside, side = look
    first = rows_of(rows)[0]
    high, everyone = first.number_of_high, first.count_of_everyone
    ends = [100 * high / everyone, 100 * (high + first.count_of_silent) / everyone]
    axes.plot([0, 100], ends, color=colour, lw=1.8)
    for row in rows_of(rows[rows["share_of_silent_needed"].notna()]):
        x, y = 100 * row.share_of_silent_needed, 100 * row.share_of_cut_off
        axes.plot(x, y, "o", color=colour, ms=5)
        axes.annotate(
            in_percent(row.share_of_silent_needed), (x, y), aside, textcoords="offset points",
            fontsize=SMALL, color=ink, ha="left" if aside[0] > 0 else "right", va=side,
        )  # fmt: skip
    return float(ends[0])


def _cut_offs(axes: Axes, table: pd.DataFrame) -> None:
    """Draw the cut-offs, each named at the right."""
    known = table.drop_duplicates(["words_of_rating", "share_of_cut_off"])
    for row in rows_of(known):
        height = 100 * row.share_of_cut_off
        axes.axhline(height, color=GREY, lw=0.8, ls="--")
        side = {"green": "green from", "red": "red below"}[row.words_of_rating]
        axes.annotate(
            f"{side}\n{declared_percent(row.share_of_cut_off)}", (1, height), (6, 0), va="center",
            xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=SMALL,
            color=GREY, annotation_clip=False,
        )  # fmt: skip


def _answered(axes: Axes, table: pd.DataFrame) -> None:
    """Mark the share of those who answered, whom the silent may be like."""
    first = rows_of(table)[0]
    answered = first.number_of_high / first.count_of_answered
    axes.axvline(100 * answered, color=GREY, lw=1, ls=":")
    axes.annotate(
        f"of those who answered: {in_percent(answered, 1)}", (100 * answered, 0), (-4, 5),
        xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right" if answered > 0.4 else "left", fontsize=SMALL, color=GREY,
    )  # fmt: skip
