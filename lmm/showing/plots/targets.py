"""Figures of the target comparison."""

from __future__ import annotations

from itertools import pairwise
from textwrap import wrap

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lmm.showing.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RATING,
    Picture,
    called,
    house_style,
    intervals,
    new_figure,
    rows_of,
)
from lmm.statistics.rounding import fixed, in_percent


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
        labels = _labels(table)
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(len(labels) - 0.4, -1.1)
        axes.set_xlim(0, right)
        axes.axvline(1, color=GREY, lw=0.8, ls=":")
        axes.set_xlabel("achieved / pro-rata target (satisfaction: the share)")
    text = "; ".join(
        f"{called(r.indicator)} {r.contract_year} {fixed(r.estimate, 2)} {r.rag}"
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
            value = f"{fixed(row.estimate, 2)}, " if row.status == "ok" else ""
            axes.text(x + 0.5, y, f"{value}{row.rag}\n{row.verdict}", ha="center", va="center")
        axes.set_xticks([x + 0.5 for x in range(len(years))], years)
        axes.set_yticks(range(len(indicators)), [called(name) for name in indicators])
        axes.set_ylim(len(indicators) - 0.5, -0.5)
        axes.set_xlim(0, max(len(years), 1))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
    text = "; ".join(
        f"{called(r.indicator)} {r.contract_year} {r.rag}, {r.verdict}" for r in rows_of(table)
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
            axes.set_title(called(name).capitalize())
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
        f"{called(r.indicator)} {r.contract_year} {r.achieved} of {fixed(r.expected, 1)}"
        for r in rows_of(last)
    )
    return Picture(figure, f"Achieved and pro-rata expected, cumulated in each year: {text}.")


def certainty(table: pd.DataFrame) -> Picture:
    """Draw the probabilities of red, amber and green for each target."""
    with house_style():
        figure, axes = new_figure(height=1.3 + 0.33 * len(table))
        left = pd.Series(0.0, index=table.index)
        for zone in ("red", "amber", "green"):
            share = table[f"p_{zone}"].fillna(0).astype(float)
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
        f"{called(r.indicator)} {r.contract_year} rated {r.rag}, green {in_percent(r.p_green)}"
        for r in rows_of(table)
        if r.status == "ok"
    )
    return Picture(figure, f"Probability of red, amber and green: {text or 'no data'}.")


def exposure(table: pd.DataFrame) -> Picture:
    """Draw achieved / target under unadjusted and adjusted exposure, one below the other."""
    labels = [f"{called(r.indicator)}, {r.contract_year}, {r.exposure}" for r in rows_of(table)]
    with house_style():
        figure, axes = new_figure(height=1.0 + 0.27 * max(len(table), 1))
        intervals(axes, labels, table, BLUE)
        axes.axvline(1, color=GREY, lw=0.8, ls=":")
        axes.set_xlim(left=0)
        axes.set_xlabel("achieved / pro-rata target")
    text = "; ".join(
        f"{called(r.indicator)} {r.contract_year} {r.exposure} {fixed(r.estimate, 2)} {r.rag}"
        for r in rows_of(table)
        if r.status == "ok"
    )
    return Picture(figure, f"Achieved against target by exposure: {text or 'nothing differs'}.")


def sensitivity(table: pd.DataFrame) -> Picture:
    """Draw, for each definition, how many targets are not met as the cut-offs move."""
    rules = list(dict.fromkeys(table["rule"]))
    reds, greens = sorted(set(table["red_factor"])), sorted(set(table["green_factor"]))
    with house_style():
        figure = Figure(figsize=(7.2, 3.1), layout="constrained")
        panels = figure.subplots(1, len(rules), sharey=True)
        for axes, rule in zip(panels, rules, strict=True):
            for row in rows_of(table[table["rule"] == rule]):
                x, y = reds.index(row.red_factor), greens.index(row.green_factor)
                colour = {"yes": RATING["green"], "no": RATING["red"]}.get(row.all_met, "#EDEDED")
                edge = INK if row.declared == "yes" else "white"
                axes.add_patch(
                    Rectangle((x, y), 0.94, 0.94, facecolor=colour, edgecolor=edge, lw=1.6)
                )
                text = "all" if row.all_met == "yes" else f"{row.not_met} not"
                axes.text(x + 0.47, y + 0.47, text, ha="center", va="center", fontsize=8)
            axes.set_title("\n".join(wrap(rule, 26)), fontsize=8.5)
            axes.set_xticks([i + 0.47 for i in range(len(reds))], [f"× {x:g}" for x in reds])
            axes.set_yticks([i + 0.47 for i in range(len(greens))], [f"× {x:g}" for x in greens])
            axes.set(xlim=(0, len(reds)), ylim=(0, len(greens)), xlabel="red cut-off")
            axes.tick_params(length=0)
        panels[0].set_ylabel("green cut-off")
    counts = table.groupby("rule", sort=False)["all_met"].apply(lambda x: (x == "yes").sum())
    tiles = len(reds) * len(greens)
    text = "; ".join(f"{rule}: {n} of {tiles}" for rule, n in counts.items())
    return Picture(
        figure,
        f"Whether all targets are met or nearly met, as cut-offs and definition vary. {text}.",
    )


def _labels(table: pd.DataFrame) -> list[str]:
    return [f"{called(r.indicator)}, {r.contract_year}" for r in rows_of(table)]
