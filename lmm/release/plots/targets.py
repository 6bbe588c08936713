"""Figures of the target comparison."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.figure import Figure

from lmm.analysis.measures import INDICATORS
from lmm.release.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RATING,
    Picture,
    house_style,
    new_figure,
    rows_of,
)


def achieved(table: pd.DataFrame) -> Picture:
    """Draw achieved against target with its interval, over the zones of the cut-offs."""
    with house_style():
        figure, axes = new_figure(height=1.1 + 0.33 * len(table))
        right = max(1.05, float(table["high"].max()) * 1.05) if table["high"].notna().any() else 1.5
        for y, row in enumerate(rows_of(table)):
            zones = (("red", 0.0), ("amber", row.red_below), ("green", row.green_from), ("", right))
            for (zone, low), (_, high) in pairwise(zones):
                axes.barh(y, high - low, left=low, color=RATING[zone], height=0.8)
                if y == 0:
                    axes.text((low + high) / 2, -0.5, zone, ha="center", va="bottom", fontsize=8)
            if row.status == "ok":
                axes.plot([row.low, row.high], [y, y], color=INK, lw=1.6)
                axes.plot(row.estimate, y, "D", color=INK, ms=4.5)
            else:
                axes.text(0.02, y, str(row.status).replace("_", " "), va="center", fontsize=8)
        labels = [f"{INDICATORS[r.indicator]}, {r.contract_year}" for r in rows_of(table)]
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.4, -1.1)
        axes.set_xlim(0, right)
        axes.axvline(1, color=GREY, lw=0.8, ls=":")
        axes.set_xlabel("achieved / pro-rata target (satisfaction: the share)")
    text = "; ".join(
        f"{INDICATORS[r.indicator]} {r.contract_year} {r.estimate:.2f} {r.rag}"
        for r in rows_of(table)
        if r.status == "ok"
    )
    return Picture(figure, f"Achieved against target with intervals: {text or 'no data'}.")


def rating_matrix(table: pd.DataFrame) -> Picture:
    """Draw the rating of each target as a tile that says it in words."""
    years = list(dict.fromkeys(table["contract_year"]))
    indicators = list(dict.fromkeys(table["indicator"]))
    with house_style():
        figure, axes = new_figure(height=0.9 + 0.5 * len(indicators))
        for row in rows_of(table):
            x, y = years.index(row.contract_year), indicators.index(row.indicator)
            axes.barh(y, 0.96, left=x + 0.02, height=0.9, color=RATING[row.rag])
            value = f"{row.estimate:.2f}, " if row.status == "ok" else ""
            axes.text(x + 0.5, y, f"{value}{row.rag}\n{row.verdict}", ha="center", va="center")
        axes.set_xticks([x + 0.5 for x in range(len(years))], years)
        axes.set_yticks(range(len(indicators)), [INDICATORS[name] for name in indicators])
        axes.set_ylim(len(indicators) - 0.5, -0.5)
        axes.set_xlim(0, max(len(years), 1))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
    text = "; ".join(
        f"{INDICATORS[r.indicator]} {r.contract_year} {r.rag}, {r.verdict}" for r in rows_of(table)
    )
    return Picture(figure, f"Rating of each target: {text}.")


def cumulative(table: pd.DataFrame) -> Picture:
    """Draw the achieved count against the pro-rata line, month by month in each year."""
    indicators = list(dict.fromkeys(table["indicator"]))
    with house_style():
        figure = Figure(figsize=(7.2, 0.6 + 1.7 * max(len(indicators), 1)), layout="constrained")
        panels = figure.subplots(max(len(indicators), 1), 1, sharex=True, squeeze=False)[:, 0]
        for axes, name in zip(panels, indicators, strict=False):
            for _, year in table[table["indicator"] == name].groupby("contract_year", sort=False):
                ends = year["month"] + pd.offsets.MonthEnd(0)
                axes.plot(ends, year["expected"], color=ORANGE, ls="--", lw=1.3)
                axes.step(ends, year["achieved"], color=BLUE, lw=1.8, where="post")
            axes.set_title(INDICATORS[name].capitalize())
            axes.set_ylim(bottom=0)
        panels[-1].xaxis.set_major_formatter(mdates.ConciseDateFormatter(mdates.AutoDateLocator()))
        handles = panels[0].get_lines()[:2]
        if handles:
            figure.legend(
                handles, ["pro-rata target", "achieved"], loc="outside upper right", ncols=2
            )
        figure.supylabel("so far in the contract year", fontsize=9)
    last = table.groupby(["indicator", "contract_year"], sort=False).last().reset_index()
    text = "; ".join(
        f"{INDICATORS[r.indicator]} {r.contract_year} {r.achieved} of {r.expected:.1f}"
        for r in rows_of(last)
    )
    return Picture(figure, f"Achieved and pro-rata expected, cumulated in each year: {text}.")
