"""Figures of what silence could change."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from lmm.analysis.result import Result
from lmm.showing.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    Picture,
    house_style,
    new_figure,
    rows_of,
)
from lmm.statistics.rounding import in_percent


def tipping(result: Result) -> Picture:
    """Draw the share over everyone against that of the silent, and where it meets cut-offs."""
    table = result.by_role()
    with house_style():
        figure, axes = new_figure(height=3.4)
        for colour, (_, rows) in zip(
            (BLUE, ORANGE), table.groupby("stratum", sort=False), strict=False
        ):
            _line(axes, rows, colour)
        _cut_offs(axes, table)
        if len(table):
            _answered(axes, table)
            figure.legend(loc="outside upper right", ncols=2)
        axes.set(xlim=(0, 100), xlabel="% high among the silent", ylabel="% high over everyone")
    return Picture(figure, f"Where silence tips a rating. {_told(table) or 'No data'}.")


def _line(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    """Draw the share over everyone, from none of the silent high to all of them."""
    first = rows_of(rows)[0]
    high, of = first.number_of_high, first.count_of_everyone
    ends = [100 * high / of, 100 * (high + first.count_of_silent) / of]
    axes.plot([0, 100], ends, color=colour, lw=1.8, label=str(first.stratum))
    for row in rows_of(rows[rows["share_of_silent_needed"].notna()]):
        x, y = 100 * row.share_of_silent_needed, 100 * row.share_of_cut_off
        axes.plot(x, y, "o", color=colour, ms=5)
        text, aside = (
            in_percent(row.share_of_silent_needed),
            (6, -11) if colour == BLUE else (-30, 5),
        )
        axes.annotate(text, (x, y), aside, textcoords="offset points", fontsize=8, color=colour)


def _cut_offs(axes: Axes, table: pd.DataFrame) -> None:
    """Draw the cut-offs, each named at the left."""
    known = table.drop_duplicates(["words_of_rating", "share_of_cut_off"])
    for row in rows_of(known):
        height = 100 * row.share_of_cut_off
        axes.axhline(height, color=GREY, lw=0.8, ls="--")
        axes.annotate(
            _named(row), (0, height), (4, 3),
            textcoords="offset points", fontsize=8, color=GREY,
        )  # fmt: skip


def _answered(axes: Axes, table: pd.DataFrame) -> None:
    """Mark the share of those who answered, whom the silent may be like."""
    first = rows_of(table)[0]
    answered = first.number_of_high / first.count_of_answered
    axes.axvline(100 * answered, color=GREY, lw=1, ls=":")
    axes.annotate(
        f"those who answered: {in_percent(answered, 1)}", (100 * answered, 0), (-4, 5),
        xycoords=("data", "axes fraction"), textcoords="offset points", ha="right", fontsize=8,
        color=GREY,
    )  # fmt: skip


def _named(row: Any) -> str:
    side = {"green": "green from", "red": "red below"}[row.words_of_rating]
    return f"{side} {in_percent(row.share_of_cut_off)}"


def _told(table: pd.DataFrame) -> str:
    return "; ".join(
        f"{_named(row)} of {row.stratum}: {row.words_of_tipping_point}" for row in rows_of(table)
    )
