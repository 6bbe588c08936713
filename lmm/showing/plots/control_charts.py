"""Control charts: how each measure varies over time, and the icons that sum them up."""

from __future__ import annotations

from typing import Any, Literal

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lmm.analysis.charted import BY_BATCH, XMR, C, G
from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.answers import figures
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, lines_in, wrapped
from lmm.showing.plots.months import months_below
from lmm.showing.plots.panels import apart, key, nothing_to_draw, stacked
from lmm.showing.plots.rows import LINE, rows_of
from lmm.showing.plots.style import BLUE, GREY, INK, ORANGE, PALE, POINTS, RED, Picture, house_style
from lmm.showing.wording import called, sentence
from lmm.statistics.control_charts import WHOLE
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

UNITS = {
    XMR: "a month open",
    C: "a quarter",
    G: "days open between",
    "none": "",
}

LINES = {
    "number_of_upper": ("limit", RED, "--"),
    "number_of_target": ("target", BLUE, "-."),
    "number_of_centre": ("mean", INK, "-"),
    "number_of_lower": ("limit", RED, "--"),
}
"""Of each line of a chart its name, its colour and its dashes."""


def control_chart(
    charted: Result, verdicts: Result, which: Literal["notable", "rest"] = "notable"
) -> Picture:
    """Draw the control charts that say something, or the rest of them.

    Parameters
    ----------
    charted, verdicts
        The points and verdicts of ``activity_charts``.
    which
        ``notable`` are those with a flagged point, or a target that is consistently met or
        missed; if there are none, the one with the most points.
    """
    points, shown = charted.by_role(), _chosen(verdicts.by_role(), which)
    if shown.empty:
        return nothing_to_draw(
            answers.charts(verdicts)[0]
            if which == "notable"
            else "There are no other charts than those drawn before."
        )
    titles = [wrapped(_title(row), POINTS - 110, weight="bold") for row in rows_of(shown)]
    with house_style():
        figure, panels = stacked([1.7 + LINE * (lines_in(each) - 1) for each in titles])
        found = [_points(points, row) for row in rows_of(shown)]
        for axes, title, part in zip(panels, titles, found, strict=True):
            _panel(axes, part)
            axes.set_title(title)
        drawn = pd.concat(found, ignore_index=True)
        key(figure, _handles(drawn))
    kept = charted.with_table(charted.table.loc[[n for each in found for n in each.index]])
    return Picture(
        figure,
        figures.flagged(kept)[0],
        "Control charts, from 0: points joined in order, the mean (of days between events: the "
        "median), limits of what varies by chance (dotted: trial limits, from few points) and the "
        f"target, where there is one.{rests_on(verdicts)}",
    )


def _chosen(verdicts: pd.DataFrame, which: str) -> pd.DataFrame:
    """Choose the charts to draw; those without a point are in the summary alone."""
    charted = verdicts[verdicts["number_of_points"] > 0]
    icons = charted["words_of_icon_of_assurance"]
    variation = charted["words_of_icon_of_variation"]
    notable = (
        (charted["number_of_flagged"] > 0)
        | icons.isin(["pass", "fail"])
        | ~variation.isin(["common_cause", "none"])
    )
    if len(charted) and not notable.any():
        notable = pd.Series(charted.index == charted["number_of_points"].idxmax(), charted.index)
    return charted[notable if which == "notable" else ~notable]


def _points(points: pd.DataFrame, verdict: Any) -> pd.DataFrame:
    """Give the points of one chart."""
    return points[
        points["measure"].eq(verdict.measure) & points["words_of_base"].eq(verdict.words_of_base)
    ]


def _title(verdict: Any) -> str:
    base = "" if verdict.words_of_base == WHOLE else f", {verdict.words_of_base}"
    target = verdict.words_of_assurance
    more = "" if verdict.words_of_icon_of_assurance == "none" else f"; target: {target}"
    below = "; the lower limit is below 0" if verdict.number_of_lower < 0 else ""
    name = sentence(called(verdict.measure))
    return f"{name}{base}: {verdict.words_of_variation}{more}{below}"


def _panel(axes: Axes, points: pd.DataFrame) -> None:
    """Draw one chart: gaps and rebasing break every line."""
    axes.set_ylabel(_unit(points["words_of_chart"].iloc[0]))
    for _, segment in points.groupby("number_of_segment"):
        trial = (segment["status"] == "short_series").any()
        axes.plot(segment["date"], segment["number_of_value"], color=GREY, lw=1)
        for name, (_, colour, dashes) in LINES.items():
            dotted = ":" if trial and colour == RED else dashes
            _line(axes, segment, name, color=colour, lw=1.2, ls=dotted)
    for judgement, (marker, colour) in MARKS.items():
        judged = points["words_of_judgement"].eq(judgement) & points["number_of_value"].notna()
        these = points[judged]
        size = 3.5 if judgement in ("common cause", "not judged") else 6.5
        if len(these):  # an empty line that is not clipped would spoil the layout
            values = these["number_of_value"]
            (dots,) = axes.plot(these["date"], values, marker, color=colour, ms=size)
            dots.set(zorder=3, clip_on=False)
    for gap in points.loc[points["status"] == "no_data", "date"]:
        axes.axvline(mdates.date2num(gap), color=PALE, lw=5, zorder=0)
    axes.set_ylim(0, max(axes.get_ylim()[1], 1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    months_below([axes], points["date"].min(), points["date"].max() + pd.Timedelta(days=25))
    _name_lines(axes, points)


def _unit(chart: str) -> str:
    """Say what a point of a kind of chart counts; of batches, such as "course by course"."""
    return UNITS[chart] if chart in UNITS else chart.removeprefix(BY_BATCH)


def _line(axes: Axes, segment: pd.DataFrame, name: str, **style: Any) -> None:
    """Draw a line as steps around the points; one point has a line as well."""
    kept = segment[segment[name].notna()]
    if len(kept):
        axes.plot(segment["date"], segment[name], drawstyle="steps-mid", zorder=1, **style)


def _name_lines(axes: Axes, points: pd.DataFrame) -> None:
    """Name the lines at the right, where they end, and give their height there."""
    known = points[points["status"] != "no_data"]
    last = known.iloc[-1]
    median = last["words_of_chart"] == G
    top = axes.get_ylim()[1]
    kept = {name: look for name, look in LINES.items() if pd.notna(last[name]) and last[name] >= 0}
    places = apart([float(last[name]) for name in kept], 0.19 * top, top)
    for (name, (words, colour, _)), y in zip(kept.items(), places, strict=True):
        text = f"{'median' if median and words == 'mean' else words} {fixed(last[name], 1)}"
        axes.annotate(
            text, (1, y), (5, 0), xycoords=("axes fraction", "data"), va="center", color=colour,
            textcoords="offset points", fontsize=SMALL, annotation_clip=False,
        )  # fmt: skip


def _handles(points: pd.DataFrame) -> list[Artist]:
    """Say what the shapes of points mean; only those that are there."""
    shown = set(points.loc[points["number_of_value"].notna(), "words_of_judgement"])
    marks: list[Artist] = [
        Line2D([], [], color=colour, marker=marker, ls="", label=judgement)
        for judgement, (marker, colour) in MARKS.items()
        if judgement in shown
    ]
    if (points["status"] == "no_data").any():
        marks.append(Line2D([], [], color=PALE, lw=6, label="no data"))
    return marks
