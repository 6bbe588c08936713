"""Figures of the comparisons between groups, and of the items without an answer."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lmm.analysis.items import WORST
from lmm.analysis.ordinal import HIGHER
from lmm.analysis.result import Result
from lmm.showing.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PALE,
    WIDTH,
    Picture,
    house_style,
    intervals,
    new_figure,
    number,
    rows_of,
)
from lmm.showing.wording import about, percent_of, sentence
from lmm.statistics.rounding import fixed, in_percent

MARKS = [("o", BLUE), ("s", ORANGE), ("^", GREEN), ("D", GREY), ("v", "#CC79A7")]
"""Shape and colour together, so that neither is needed alone."""


def odds_ratios(result: Result) -> Picture:
    """Draw the odds ratio of each group against the first of its kind, with its interval."""
    table = result.by_role()
    rows = table[table["stratum_of_outcome"] == HIGHER]
    labels = [
        f"{row.stratum_of_group}  (n = {fixed(row.numerator)})\nagainst {row.stratum_of_reference}"
        for row in rows_of(rows)
    ]
    known = rows[rows["status"] == "ok"]
    with house_style():
        figure, axes = new_figure(height=1.1 + 0.4 * max(len(rows), 1))
        axes.set_xscale("log", base=2)
        intervals(axes, labels, rows, BLUE)
        axes.axvline(1, color=PALE, zorder=0)
        breaks = rows["dimension"].ne(rows["dimension"].shift()).to_numpy().nonzero()[0]
        for y in breaks[1:]:
            axes.axhline(y - 0.5, color=PALE, lw=0.8)
        axes.set_xlim(
            min(0.25, *(known["low"] / 1.1)) if len(known) else 0.25,
            max(4, *(known["high"] * 1.1)) if len(known) else 4,
        )
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        axes.set_xlabel(f"odds ratio of {HIGHER}; right of 1: higher odds")
    text = "; ".join(
        f"{row.stratum_of_group} against {row.stratum_of_reference} {fixed(row.estimate, 2)} "
        f"({fixed(row.low, 2)} to {fixed(row.high, 2)})"
        for row in rows_of(known)
    )
    without = len(rows) - len(known)
    more = f" {without} of {len(rows)} have no value." if without else ""
    return Picture(figure, f"Odds ratios of {HIGHER}: {text or 'none can be estimated'}.{more}")


def answer_probabilities(result: Result) -> Picture:
    """Draw the predicted probability of each answer by group, one panel a predictor.

    Of two answers only the higher is drawn: the other is the rest.
    """
    table = result.by_role()
    panels = list(table.groupby("dimension", sort=False))
    heights = [_height(rows) for _, rows in panels]
    with house_style():
        figure = Figure(figsize=(WIDTH, 0.5 + sum(heights)), layout="constrained")
        grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)
        for (by, rows), axes in zip(panels, grid[:, 0], strict=True):
            _probabilities(axes, str(by), rows)
        grid[-1, 0].set_xlim(0, 100)
        grid[-1, 0].set_xlabel("predicted % of those who answer, with interval")
    known = table[table["status"] == "ok"]
    highest = known.groupby(["dimension", "stratum_of_group"], sort=False).tail(1)
    text = "; ".join(
        f"{row.stratum_of_group} “{row.stratum_of_answer}” {in_percent(row.estimate)}"
        for row in rows_of(highest)
    )
    return Picture(figure, f"Predicted answers by group: {text or 'no model can be fitted'}.")


def _height(rows: pd.DataFrame) -> float:
    """Give the height of a panel in inches: room for each answer of each group."""
    answers = rows["stratum_of_answer"].nunique()
    return 0.6 + rows["stratum_of_group"].nunique() * (0.12 + 0.1 * max(answers, 1))


def _probabilities(axes: Axes, by: str, rows: pd.DataFrame) -> None:
    """Draw one predictor: groups from top to bottom, answers beside each other."""
    groups = list(dict.fromkeys(rows["stratum_of_group"]))
    answers = list(dict.fromkeys(rows.loc[rows["status"] == "ok", "stratum_of_answer"]))
    shown = answers[1:] if len(answers) == 2 else answers
    for place, answer in enumerate(shown):
        marker, colour = MARKS[place % len(MARKS)]
        offset = (place - (len(shown) - 1) / 2) * 0.7 / max(len(shown), 1)
        for row in rows_of(rows[rows["stratum_of_answer"] == answer]):
            _interval(axes, row, groups.index(row.stratum_of_group) + offset, marker, colour)
        axes.plot([], [], marker, color=colour, ms=4.5, label=f"“{answer}”")
    for row in rows_of(rows[rows["status"] != "ok"]):
        text = row.status.replace("_", " ")
        where = axes.get_yaxis_transform()
        y = groups.index(row.stratum_of_group)
        axes.text(0.01, y, text, transform=where, va="center", fontsize=8, color=GREY)
    sizes = rows.drop_duplicates("stratum_of_group")["denominator"]
    labels = [f"{group}  (n = {fixed(n)})" for group, n in zip(groups, sizes, strict=True)]
    axes.set_yticks(range(len(groups)), labels)
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.set_title(f"By {by}")
    if len(answers) == 2:
        words = fill(f"“{answers[1]}”; the rest “{answers[0]}”", 64)
        axes.set_title(words, loc="right", fontsize=8, fontweight="normal")
    if len(shown) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=7.5)


def _interval(axes: Axes, row: Any, y: float, marker: str, colour: str) -> None:
    """Draw a share with its interval, in percent."""
    low, value, high = (getattr(row, name) * 100 for name in ("low", "estimate", "high"))
    axes.plot([low, high], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
    axes.plot(value, y, marker, color=colour, ms=4.5)


def item_missing(result: Result) -> Picture:
    """Draw each item three ways: two estimates with intervals, and bounds as a bar."""
    table = result.by_role()
    items = list(dict.fromkeys(table["stratum_of_item"]))
    approaches = list(dict.fromkeys(table["stratum_of_approach"]))
    with house_style():
        figure, axes = new_figure(height=1.3 + 0.55 * len(items))
        for place, approach in enumerate(approaches):
            _approach(axes, table[table["stratum_of_approach"] == approach], items, place)
        for y, row in enumerate(rows_of(table.drop_duplicates("stratum_of_item"))):
            blank, unsure = number(row.count_of_blank_forms), number(row.count_of_unsure_forms)
            text = f"{blank} blank,\n{unsure} don't know"
            where = axes.get_yaxis_transform()
            axes.text(1.01, y, text, transform=where, va="center", fontsize=7.5)
        axes.set_yticks(range(len(items)), items)
        axes.set_ylim(len(items) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(right=100.5)
        axes.set_xlabel(percent_of(result))
        figure.legend(loc="outside upper center", ncols=len(approaches), fontsize=8)
    text = "; ".join(
        f"{row.stratum_of_item}, {row.stratum_of_approach} "
        + (
            "no value"
            if row.status != "ok"
            else f"{in_percent(row.low)} to {in_percent(row.high)}"
            if row.stratum_of_approach == WORST
            else in_percent(row.estimate)
        )
        for row in rows_of(table)
    )
    return Picture(figure, f"{sentence(about(result))} by item, three ways: {text or 'no items'}.")


def _approach(axes: Axes, rows: pd.DataFrame, items: list[str], place: int) -> None:
    """Draw one way of treating what is missing; bounds have no point and no interval."""
    marker, colour = MARKS[place]
    label = rows["stratum_of_approach"].iloc[0]
    bounded = label == WORST
    bar: dict[str, Any] = {"color": GREY, "lw": 5, "alpha": 0.55, "solid_capstyle": "butt"}
    for row in rows_of(rows):
        y = items.index(row.stratum_of_item) + (place - 1) * 0.24
        if row.status != "ok":
            text = f"{row.stratum_of_approach}: {row.status.replace('_', ' ')}"
            where = axes.get_yaxis_transform()
            axes.text(0.01, y, text, transform=where, va="center", fontsize=7, color=GREY)
        elif bounded:
            axes.plot([row.low * 100, row.high * 100], [y, y], **bar)
        else:
            _interval(axes, row, y, marker, colour)
    if bounded:
        axes.plot([], [], **bar, label=f"{label} (bounds)")
    else:
        axes.plot([], [], f"{marker}-", color=colour, ms=4.5, label=f"{label}, with interval")
