"""Control charts: how each measure varies over time."""

from __future__ import annotations

from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lmm.analysis.charted import BY_BATCH, XMR, C, G
from lmm.analysis.result import Result
from lmm.showing.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    WIDTH,
    Picture,
    house_style,
    rows_of,
)
from lmm.showing.wording import called
from lmm.statistics.rounding import fixed

PURPLE = "#7B4B94"

MARKS = {
    "common cause": ("o", GREY),
    "improvement": ("^", BLUE),
    "concern": ("s", ORANGE),
    "special cause": ("D", PURPLE),
    "not judged": ("x", GREY),
}
"""Shape and colour of a point by what it is judged to be."""

ICONS = {
    "common_cause": ("C", GREY),
    "improvement_high": ("H", BLUE),
    "improvement_low": ("L", BLUE),
    "concern_high": ("H", ORANGE),
    "concern_low": ("L", ORANGE),
    "neutral_high": ("H", PURPLE),
    "neutral_low": ("L", PURPLE),
    "pass": ("P", BLUE),
    "fail": ("F", ORANGE),
    "hit_and_miss": ("?", GREY),
    "none": ("–", PALE),
}
"""Letter and colour of each icon: (H)igh or (L)ow, (P)assing or (F)ailing; words beside it."""

UNITS = {
    XMR: "a month open",
    C: "a quarter",
    G: "days open between",
    "none": "",
}


def control_chart(charted: Result, verdicts: Result) -> Picture:
    """Draw control charts, one panel for each row of the verdicts, with the two icons.

    Parameters
    ----------
    charted, verdicts
        The points and verdicts of ``activity_charts``, or the rows of one measure of both.
    """
    points, rows = charted.by_role(), rows_of(verdicts.by_role())
    with house_style():
        figure = Figure(figsize=(WIDTH, 0.5 + 2.3 * max(len(rows), 1)), layout="constrained")
        grid = figure.subplots(max(len(rows), 1), 2, squeeze=False, width_ratios=[5, 1.35])
        texts = []
        for (axes, beside), verdict in zip(grid, rows, strict=False):
            found = points["measure"].eq(verdict.measure) & points["words_of_base"].eq(
                verdict.words_of_base
            )
            _panel(axes, points[found], verdict)
            _icons(beside, verdict)
            texts.append(_words(points[found], verdict))
        figure.legend(handles=_handles(points), loc="outside upper center", ncols=4, fontsize=8)
    return Picture(figure, " ".join(texts) or "No control chart.")


def _panel(axes: Axes, points: pd.DataFrame, verdict: Any) -> None:
    """Draw one chart: gaps and rebasing break every line."""
    label = called(verdict.measure).capitalize()
    base = "" if verdict.words_of_base == "whole series" else f" ({verdict.words_of_base})"
    axes.set_title(label + base)
    axes.set_ylabel(_unit(verdict.words_of_chart), fontsize=8)
    for _, segment in points.groupby("number_of_segment"):
        trial = (segment["status"] == "short_series").any()
        axes.plot(segment["date"], segment["number_of_value"], color=GREY, lw=1, zorder=2)
        _line(axes, segment, "number_of_centre", color=INK, lw=1.2)
        for limit in ("number_of_lower", "number_of_upper"):
            _line(axes, segment, limit, color=RED, lw=1.2, ls=":" if trial else "--")
        _line(axes, segment, "number_of_target", color=BLUE, lw=1.2, ls="-.")
    for judgement, (marker, colour) in MARKS.items():
        these = points[
            points["words_of_judgement"].eq(judgement) & points["number_of_value"].notna()
        ]
        size = 4 if judgement in ("common cause", "not judged") else 7
        if len(these):  # an empty line that is not clipped would spoil the layout
            (dots,) = axes.plot(
                these["date"], these["number_of_value"], marker, color=colour, ms=size
            )
            dots.set(zorder=3, clip_on=False)
    for gap in points.loc[points["status"] == "no_data", "date"]:
        axes.axvline(mdates.date2num(gap), color=PALE, lw=6, zorder=0)
    axes.set_ylim(bottom=0)
    if verdict.number_of_lower < 0:  # where no count can be
        axes.set_title("the lower limit is below 0", loc="right", fontsize=7.5, weight="normal")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _months(axes, points["date"])
    if points["number_of_value"].isna().all():
        axes.text(
            0.5, 0.5, verdict.words_of_variation, transform=axes.transAxes, ha="center", color=GREY
        )
        axes.set_yticks([])


def _unit(chart: str) -> str:
    """Say what a point of a kind of chart counts; of batches, such as "course by course"."""
    return UNITS[chart] if chart in UNITS else chart.removeprefix(BY_BATCH)


def _months(axes: Axes, periods: pd.Series[pd.Timestamp]) -> None:
    """Label at most seven months, evenly."""
    if periods.empty:
        axes.set_xticks([])
        return
    months = pd.date_range(periods.min(), periods.max(), freq="MS")
    ticks = list(months[:: max(1, -(-len(months) // 7))])
    margin = pd.Timedelta(days=20)
    axes.set_xlim(*mdates.date2num([periods.min() - margin, periods.max() + margin]))
    axes.set_xticks(mdates.date2num(ticks), [f"{tick:%b %Y}" for tick in ticks])


def _line(axes: Axes, segment: pd.DataFrame, name: str, **style: Any) -> None:
    """Draw a line as steps around the points; one point has a line as well."""
    kept = segment[segment[name].notna()]
    if len(kept):
        axes.plot(segment["date"], segment[name], drawstyle="steps-mid", zorder=1, **style)


def _icons(axes: Axes, verdict: Any) -> None:
    """Draw the icons of variation and assurance as lettered circles, with their words."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    sides = (
        (0.8, "Variation", verdict.words_of_icon_of_variation, verdict.words_of_variation),
        (0.28, "Target", verdict.words_of_icon_of_assurance, verdict.words_of_assurance),
    )
    for y, title, icon, words in sides:
        letter, colour = ICONS[icon]
        axes.plot(0.16, y, "o", ms=22, color="white", mec=colour, mew=3, clip_on=False)
        axes.text(0.16, y - 0.01, letter, ha="center", va="center", fontsize=11, weight="bold")
        axes.text(0.36, y + 0.09, title, va="center", fontsize=7.5, color=GREY)
        text = words.replace(", ", ",\n").replace("special cause ", "special cause\n")
        text = text.replace("consistently ", "consistently\n").replace(": neither", ":\nneither")
        axes.text(0.36, y + 0.02, text, va="top", fontsize=8)


def _handles(points: pd.DataFrame) -> list[Line2D]:
    """Say what lines and shapes mean; only those that are there."""
    median = points["words_of_chart"].eq(G).any()
    lines = [
        Line2D(
            [], [], color=INK, lw=1.2, label="mean (days between: median)" if median else "mean"
        ),
        Line2D([], [], color=RED, lw=1.2, ls="--", label="limits (dotted: trial limits)"),
    ]
    if points["number_of_target"].notna().any():
        lines.append(Line2D([], [], color=BLUE, lw=1.2, ls="-.", label="target"))
    shown = set(points.loc[points["number_of_value"].notna(), "words_of_judgement"])
    marks = [
        Line2D([], [], color=colour, marker=marker, ls="", label=judgement)
        for judgement, (marker, colour) in MARKS.items()
        if judgement in shown
    ]
    if (points["status"] == "no_data").any():
        marks.append(Line2D([], [], color=PALE, lw=6, label="no data"))
    return lines + marks


def _words(points: pd.DataFrame, verdict: Any) -> str:
    label = called(verdict.measure).capitalize()
    start = f"{label}, {verdict.words_of_chart}, {verdict.words_of_base}"
    if points["number_of_value"].isna().all():
        return f"{start}: {verdict.words_of_variation}."
    centre, lower, upper = (
        fixed(line, 1) if pd.notna(line) else ""
        for line in (verdict.number_of_centre, verdict.number_of_lower, verdict.number_of_upper)
    )
    limits = f"centre line {centre}, limits {lower} to {upper}" if lower else "no limits"
    trial = " (trial limits)" if verdict.status == "short_series" else ""
    flagged = [
        f"{row.date:%b %Y} {row.number_of_value:.4g} {row.words_of_judgement}: {row.words_of_rules}"
        for row in rows_of(points[points["words_of_rules"] != ""])
    ]
    gaps = int((points["status"] == "no_data").sum())
    return (
        f"{start}: {limits}{trial} at the latest point, {verdict.number_of_value:.4g}. "
        f"Variation: {verdict.words_of_variation}. "
        f"Target: {verdict.words_of_assurance}. Flagged: {'; '.join(flagged) or 'none'}."
        + (f" Periods without data: {gaps}." if gaps else "")
    )
