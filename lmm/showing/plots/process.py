"""Figures of variation over time and between courses."""

from __future__ import annotations

from typing import Any

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lmm.showing.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    Picture,
    called,
    house_style,
    new_figure,
    rows_of,
)
from lmm.statistics.rounding import fixed, in_percent

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
    "XmR, monthly": "a month open",
    "c, quarterly": "a quarter",
    "g, days open between events": "days open between",
    "none": "",
}


def control_chart(points: pd.DataFrame, verdicts: pd.DataFrame) -> Picture:
    """Draw control charts, one panel for each row of the verdicts, with the two icons.

    Parameters
    ----------
    points, verdicts
        The tables of ``activity_charts``, or the rows of one measure of both.
    """
    with house_style():
        rows = rows_of(verdicts)
        figure = Figure(figsize=(7.2, 0.5 + 2.3 * max(len(rows), 1)), layout="constrained")
        grid = figure.subplots(max(len(rows), 1), 2, squeeze=False, width_ratios=[5, 1.35])
        texts = []
        for (axes, beside), verdict in zip(grid, rows, strict=False):
            found = points["measure"].eq(verdict.measure) & points["base"].eq(verdict.base)
            _panel(axes, points[found], verdict)
            _icons(beside, verdict)
            texts.append(_words(points[found], verdict))
        figure.legend(handles=_handles(points), loc="outside upper center", ncols=4, fontsize=8)
    return Picture(figure, " ".join(texts) or "No control chart.")


def _panel(axes: Axes, points: pd.DataFrame, verdict: Any) -> None:
    """Draw one chart: gaps and rebasing break every line."""
    label = called(verdict.measure).capitalize()
    base = "" if verdict.base == "whole series" else f" ({verdict.base})"
    axes.set_title(label + base)
    axes.set_ylabel(UNITS[verdict.chart], fontsize=8)
    for _, segment in points.groupby("segment"):
        trial = (segment["status"] == "short_series").any()
        axes.plot(segment["period"], segment["value"], color=GREY, lw=1, zorder=2)
        _line(axes, segment, "centre", color=INK, lw=1.2)
        for limit in ("lower", "upper"):
            _line(axes, segment, limit, color=RED, lw=1.2, ls=":" if trial else "--")
        _line(axes, segment, "target", color=BLUE, lw=1.2, ls="-.")
    for judgement, (marker, colour) in MARKS.items():
        these = points[points["judgement"].eq(judgement) & points["value"].notna()]
        size = 4 if judgement in ("common cause", "not judged") else 7
        if len(these):  # an empty line that is not clipped would spoil the layout
            (dots,) = axes.plot(these["period"], these["value"], marker, color=colour, ms=size)
            dots.set(zorder=3, clip_on=False)
    for gap in points.loc[points["status"] == "no_data", "period"]:
        axes.axvline(mdates.date2num(gap), color=PALE, lw=6, zorder=0)
    axes.set_ylim(bottom=0)
    if verdict.lower < 0:  # where no count can be
        axes.set_title("the lower limit is below 0", loc="right", fontsize=7.5, weight="normal")
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    _months(axes, points["period"])
    if points["value"].isna().all():
        axes.text(0.5, 0.5, verdict.variation, transform=axes.transAxes, ha="center", color=GREY)
        axes.set_yticks([])


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
        axes.plot(segment["period"], segment[name], drawstyle="steps-mid", zorder=1, **style)


def _icons(axes: Axes, verdict: Any) -> None:
    """Draw the icons of variation and assurance as lettered circles, with their words."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    sides = (
        (0.8, "Variation", verdict.variation_icon, verdict.variation),
        (0.28, "Target", verdict.assurance_icon, verdict.assurance),
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
    median = points["chart"].str.startswith("g").any()
    lines = [
        Line2D(
            [], [], color=INK, lw=1.2, label="mean (days between: median)" if median else "mean"
        ),
        Line2D([], [], color=RED, lw=1.2, ls="--", label="limits (dotted: trial limits)"),
    ]
    if points["target"].notna().any():
        lines.append(Line2D([], [], color=BLUE, lw=1.2, ls="-.", label="target"))
    shown = set(points.loc[points["value"].notna(), "judgement"])
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
    start = f"{label}, {verdict.chart}, {verdict.base}"
    if points["value"].isna().all():
        return f"{start}: {verdict.variation}."
    limits = (
        f"centre line {fixed(verdict.centre, 1)}, limits {fixed(verdict.lower, 1)} to "
        f"{fixed(verdict.upper, 1)}"
        if pd.notna(verdict.lower)
        else "no limits"
    )
    trial = " (trial limits)" if verdict.status == "short_series" else ""
    flagged = [
        f"{row.period:%b %Y} {row.value:.4g} {row.judgement}: {row.rules}"
        for row in rows_of(points[points["rules"] != ""])
    ]
    gaps = int((points["status"] == "no_data").sum())
    return (
        f"{start}: {limits}{trial} at "
        f"the latest point, {verdict.value:.4g}. Variation: {verdict.variation}. "
        f"Target: {verdict.assurance}. Flagged: {'; '.join(flagged) or 'none'}."
        + (f" Periods without data: {gaps}." if gaps else "")
    )


POSITIONS = {
    "within the limits": ("o", GREY),
    "95": ("s", ORANGE),
    "99.8": ("D", RED),
    "not judged": ("x", GREY),
}
"""Shape and colour of a course by the limits that it is beyond."""


def funnel(points: pd.DataFrame, limits: pd.DataFrame) -> Picture:
    """Draw the share of each course against its answers, with the funnel of limits."""
    with house_style():
        figure, axes = new_figure(height=3.8)
        for level, style in (("95", "--"), ("998", "-")):
            for side in ("lower", "upper"):
                name = f"{side}_{level}"
                axes.plot(limits["answered"], limits[name], color=RED, lw=1.2, ls=style)
        if len(points) and points["overall"].notna().all():
            axes.axhline(float(points["overall"].iloc[0]), color=INK, lw=1.2)
        answered = points[points["answered"] > 0]
        for row in rows_of(answered.drop_duplicates(["answered", "share", "position"])):
            marker, colour = POSITIONS[_beyond(row.position)]
            axes.plot(row.answered, row.share, marker, color=colour, ms=6, clip_on=False, zorder=3)
        _name_courses(axes, answered)
        axes.set_xlabel("people on the course who answered (a number: courses at one point)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel("highly satisfied")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlim(left=0)
        lowest = float(answered["share"].min()) if len(answered) else 0.0
        axes.set_ylim(max(0.0, int(10 * lowest - 3) / 10), 1.0)
        figure.legend(handles=_funnel_handles(answered), loc="outside upper center", ncols=3)
    return Picture(figure, _funnel_words(points))


def _beyond(position: str) -> str:
    return next((level for level in ("99.8", "95") if level in position), position)


def _name_courses(axes: Axes, answered: pd.DataFrame) -> None:
    """Name the courses that stand out, and count those that share a place."""
    for (n, share), courses in answered.groupby(["answered", "share"]):
        outside = courses[~courses["position"].isin(["within the limits", "not judged"])]
        label = ", ".join(outside["course_id"])
        if not label and len(courses) > 1:
            label = f"{len(courses)}"
        beside, place = ("left", (7, -3)) if len(outside) else ("center", (0, -14))
        axes.annotate(
            label, (n, share), xytext=place, textcoords="offset points", fontsize=7.5, ha=beside
        )


def _funnel_handles(answered: pd.DataFrame) -> list[Line2D]:
    shown = {_beyond(position) for position in answered["position"]}
    words = {"95": "beyond 95 % limits", "99.8": "beyond 99.8 % limits"}
    return [
        Line2D([], [], color=INK, lw=1.2, label="all courses"),
        Line2D([], [], color=RED, lw=1.2, ls="--", label="95 % limits"),
        Line2D([], [], color=RED, lw=1.2, label="99.8 % limits"),
        *(
            Line2D([], [], color=colour, marker=marker, ls="", label=words.get(name, name))
            for name, (marker, colour) in POSITIONS.items()
            if name in shown
        ),
    ]


def _funnel_words(points: pd.DataFrame) -> str:
    known = points[points["answered"] > 0]
    if known.empty:
        return "Funnel of satisfaction by course: no answers."
    note = str(known["note"].iloc[0])
    outside = [
        f"{row.course_id} {row.high} of {row.answered}, {row.position}"
        for row in rows_of(known[~known["position"].isin(["within the limits", "not judged"])])
    ]
    start = (
        f"Share highly satisfied of each of {len(known)} courses against its answers; "
        f"all courses {in_percent(known['overall'].iloc[0], 1)}. "
    )
    return start + (f"No limits: {note}." if note else f"Beyond: {'; '.join(outside) or 'none'}.")
