"""Figures of the target comparison."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from textwrap import wrap
from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lmm.analysis.result import Result
from lmm.analysis.targets import RATIO
from lmm.showing.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RATING,
    WIDTH,
    Picture,
    house_style,
    intervals,
    new_figure,
    rows_of,
)
from lmm.showing.wording import called
from lmm.statistics.rounding import fixed, in_percent


def achieved(result: Result) -> Picture:
    """Draw achieved against target with its interval, over the zones of the cut-offs."""
    table = result.by_role()
    with house_style():
        figure, axes = new_figure(height=1.1 + 0.33 * len(table))
        right = max(1.05, float(table["high"].max()) * 1.05) if table["high"].notna().any() else 1.5
        for y, row in enumerate(rows_of(table)):
            for zone, low, high in _zones(row, right):
                axes.barh(y, high - low, left=low, color=RATING[zone], height=0.8)
            if row.status == "ok":
                axes.plot([row.low, row.high], [y, y], color=INK, lw=1.6)
                axes.plot(row.estimate, y, "D", color=INK, ms=4.5)
            else:
                axes.text(0.02, y, str(row.status).replace("_", " "), va="center", fontsize=8)
        labels = _labels(table)
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(0, right)
        zones = [Rectangle((0, 0), 1, 1, color=RATING[zone]) for zone in ("red", "amber", "green")]
        figure.legend(zones, ["red", "amber", "green"], loc="outside upper right", ncols=3)
        axes.axvline(1, color=GREY, lw=0.8, ls=":")
        axes.set_xlabel(f"{RATIO}{_unless_shares(table)}")
    text = "; ".join(
        f"{called(r.measure)} {r.stratum} {fixed(r.estimate, 2)} {r.words_of_rating}"
        for r in rows_of(table)
        if r.status == "ok"
    )
    return Picture(figure, f"Achieved against target with intervals: {text or 'no data'}.")


def _zones(row: Any, right: float) -> Iterator[tuple[str, float, float]]:
    """Give the zones of a target from left to right; what is to be at most begins with green."""
    names, cuts = ("red", "amber", "green"), (row.number_of_red, row.number_of_green)
    if row.words_of_direction == "at most":
        names, cuts = names[::-1], cuts[::-1]
    ends = (0.0, *(min(cut, right) for cut in cuts), right)
    return ((zone, *pair) for zone, pair in zip(names, pairwise(ends), strict=True))


def _unless_shares(table: pd.DataFrame) -> str:
    """Name the measures of which the share itself is estimated, if there are any."""
    shares = [row.measure for row in rows_of(table) if not row.estimand.endswith(RATIO)]
    names = ", ".join(dict.fromkeys(shares)).replace("_", " ")
    return f" ({names}: the share)" if names else ""


def rating_matrix(result: Result) -> Picture:
    """Draw the rating of each target as a tile that says it in words."""
    table = result.by_role()
    years = list(dict.fromkeys(table["stratum"]))
    indicators = list(dict.fromkeys(table["measure"]))
    with house_style():
        figure, axes = new_figure(height=0.9 + 0.5 * len(indicators))
        for row in rows_of(table):
            x, y = years.index(row.stratum), indicators.index(row.measure)
            axes.barh(y, 0.96, left=x + 0.02, height=0.9, color=RATING[row.words_of_rating])
            value = f"{fixed(row.estimate, 2)}, " if row.status == "ok" else ""
            axes.text(
                x + 0.5,
                y,
                f"{value}{row.words_of_rating}\n{row.words_of_verdict}",
                ha="center",
                va="center",
            )
        axes.set_xticks([x + 0.5 for x in range(len(years))], years)
        axes.set_yticks(range(len(indicators)), [called(name) for name in indicators])
        axes.set_ylim(len(indicators) - 0.5, -0.5)
        axes.set_xlim(0, max(len(years), 1))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
    text = "; ".join(
        f"{called(r.measure)} {r.stratum} {r.words_of_rating}, {r.words_of_verdict}"
        for r in rows_of(table)
    )
    return Picture(figure, f"Rating of each target: {text}.")


def cumulative(result: Result) -> Picture:
    """Draw the achieved count against the pro-rata line, month by month in each year."""
    table = result.by_role()
    indicators = list(dict.fromkeys(table["measure"]))
    with house_style():
        figure = Figure(figsize=(WIDTH, 0.6 + 1.7 * max(len(indicators), 1)), layout="constrained")
        panels = figure.subplots(max(len(indicators), 1), 1, sharex=True, squeeze=False)[:, 0]
        for axes, name in zip(panels, indicators, strict=False):
            for _, year in table[table["measure"] == name].groupby("stratum", sort=False):
                ends = year["month"] + pd.offsets.MonthEnd(0)
                axes.plot(ends, year["number"], color=ORANGE, ls="--", lw=1.3)
                axes.step(ends, year["count"], color=BLUE, lw=1.8, where="post")
            axes.set_title(called(name).capitalize())
            axes.set_ylim(bottom=0)
        panels[-1].xaxis.set_major_formatter(mdates.ConciseDateFormatter(mdates.AutoDateLocator()))
        handles = panels[0].get_lines()[:2]
        if handles:
            figure.legend(
                handles, ["pro-rata target", "achieved"], loc="outside upper right", ncols=2
            )
        figure.supylabel("so far in the contract year", fontsize=9)
    last = table.groupby(["measure", "stratum"], sort=False).last().reset_index()
    text = "; ".join(
        f"{called(r.measure)} {r.stratum} {r.count} of {fixed(r.number, 1)}" for r in rows_of(last)
    )
    return Picture(figure, f"Achieved and pro-rata expected, cumulated in each year: {text}.")


def certainty(result: Result) -> Picture:
    """Draw the probabilities of red, amber and green for each target."""
    table = result.by_role()
    with house_style():
        figure, axes = new_figure(height=1.3 + 0.33 * len(table))
        left = pd.Series(0.0, index=table.index)
        for zone in ("red", "amber", "green"):
            share = table[f"probability_of_{zone}"].fillna(0).astype(float)
            axes.barh(range(len(table)), share, left=left, color=RATING[zone], label=zone)
            for y, (start, width) in enumerate(zip(left, share, strict=True)):
                if width >= 0.16:
                    text = f"{zone} {in_percent(width)}"
                    axes.text(start + width / 2, y, text, ha="center", va="center", fontsize=7.5)
            left = left + share
        for y, row in enumerate(rows_of(table)):
            if row.status != "ok":
                axes.text(0.01, y, str(row.status).replace("_", " "), va="center", fontsize=8)
        labels = _labels(table)
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda x, _: in_percent(x))
        axes.set_xlabel("probability of each zone")
    text = "; ".join(
        f"{called(r.measure)} {r.stratum} rated {r.words_of_rating}, "
        f"green {in_percent(r.probability_of_green)}"
        for r in rows_of(table)
        if r.status == "ok"
    )
    return Picture(figure, f"Probability of red, amber and green: {text or 'no data'}.")


def exposure(result: Result) -> Picture:
    """Draw achieved / target under unadjusted and adjusted exposure, one below the other."""
    table = result.by_role()
    labels = [f"{called(r.measure)}, {r.stratum}, {r.words_of_exposure}" for r in rows_of(table)]
    with house_style():
        figure, axes = new_figure(height=1.0 + 0.27 * max(len(table), 1))
        intervals(axes, labels, table, BLUE)
        axes.axvline(1, color=GREY, lw=0.8, ls=":")
        axes.set_xlim(left=0)
        axes.set_xlabel(RATIO)
    text = "; ".join(
        f"{called(r.measure)} {r.stratum} {r.words_of_exposure} "
        f"{fixed(r.estimate, 2)} {r.words_of_rating}"
        for r in rows_of(table)
        if r.status == "ok"
    )
    return Picture(figure, f"Achieved against target by exposure: {text or 'nothing differs'}.")


def sensitivity(result: Result) -> Picture:
    """Draw, for each definition, how many targets are not met as the cut-offs move."""
    table = result.by_role()
    rules = list(dict.fromkeys(table["words_of_rule"]))
    reds, greens = (
        sorted(set(table["number_of_red_factor"])),
        sorted(set(table["number_of_green_factor"])),
    )
    with house_style():
        figure = Figure(figsize=(WIDTH, 3.1), layout="constrained")
        panels = figure.subplots(1, len(rules), sharey=True)
        for axes, rule in zip(panels, rules, strict=True):
            for row in rows_of(table[table["words_of_rule"] == rule]):
                x, y = (
                    reds.index(row.number_of_red_factor),
                    greens.index(row.number_of_green_factor),
                )
                colour = {"yes": RATING["green"], "no": RATING["red"]}.get(
                    row.words_of_all_met, "#EDEDED"
                )
                edge = INK if row.words_of_declared == "yes" else "white"
                axes.add_patch(
                    Rectangle((x, y), 0.94, 0.94, facecolor=colour, edgecolor=edge, lw=1.6)
                )
                text = "all" if row.words_of_all_met == "yes" else f"{row.number_of_not_met} not"
                axes.text(x + 0.47, y + 0.47, text, ha="center", va="center", fontsize=8)
            axes.set_title("\n".join(wrap(rule, 26)), fontsize=8.5)
            axes.set_xticks([i + 0.47 for i in range(len(reds))], [f"× {x:g}" for x in reds])
            axes.set_yticks([i + 0.47 for i in range(len(greens))], [f"× {x:g}" for x in greens])
            axes.set(xlim=(0, len(reds)), ylim=(0, len(greens)), xlabel="red cut-off")
            axes.tick_params(length=0)
        panels[0].set_ylabel("green cut-off")
    counts = table.groupby("words_of_rule", sort=False)["words_of_all_met"].apply(
        lambda x: (x == "yes").sum()
    )
    tiles = len(reds) * len(greens)
    text = "; ".join(f"{rule}: {n} of {tiles}" for rule, n in counts.items())
    return Picture(
        figure,
        f"Whether all targets are met or nearly met, as cut-offs and definition vary. {text}.",
    )


def _labels(table: pd.DataFrame) -> list[str]:
    at_most = " (at most)"
    return [
        f"{called(r.measure)}, {r.stratum}"
        f"{at_most if getattr(r, 'words_of_direction', '') == 'at most' else ''}"
        for r in rows_of(table)
    ]
