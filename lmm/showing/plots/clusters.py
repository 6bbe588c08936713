"""The funnel: how a share varies between clusters, such as courses."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lmm.analysis.result import Result
from lmm.showing.plots.style import (
    GREY,
    INK,
    ORANGE,
    RED,
    Picture,
    house_style,
    new_figure,
    rows_of,
)
from lmm.showing.wording import sentence, several
from lmm.statistics.rounding import in_percent

INSIDE = ("within the limits", "not judged")
"""Positions of which nothing is to be said."""

POSITIONS = {
    "within the limits": ("o", GREY),
    "95": ("s", ORANGE),
    "99.8": ("D", RED),
    "not judged": ("x", GREY),
}
"""Shape and colour of a cluster by the limits that it is beyond."""


def funnel(result: Result, limits: Result) -> Picture:
    """Draw the share of each cluster against its denominator, with the funnel of limits."""
    points, noun = result.by_role(), _noun(result)
    of = result.roles[result.column("denominator")].of
    with house_style():
        figure, axes = new_figure(height=3.8)
        _limits(axes, limits.by_role())
        overall = points["probability_of_all"]
        if len(points) and overall.notna().all():
            axes.axhline(float(overall.iloc[0]), color=INK, lw=1.2)
        known = points[points["denominator"] > 0]
        for row in rows_of(known.drop_duplicates(["denominator", "share", "words"])):
            marker, colour = POSITIONS[_beyond(row.words)]
            axes.plot(
                row.denominator, row.share, marker, color=colour, ms=6, clip_on=False, zorder=3
            )
        _name_clusters(axes, known)
        axes.set_xlabel(f"{of} of each {noun} (a number: {several(noun)} at one point)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(_share_of(result))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlim(left=0)
        lowest = float(known["share"].min()) if len(known) else 0.0
        axes.set_ylim(max(0.0, int(10 * lowest - 3) / 10), 1.0)
        handles = _handles(known, f"all {several(noun)}")
        figure.legend(handles=handles, loc="outside upper center", ncols=3)
    return Picture(figure, _in_words(result, known, of))


def _noun(result: Result) -> str:
    """Name one of the clusters, as their heading does."""
    return result.heading(result.column("stratum")).lower()


def _share_of(result: Result) -> str:
    return result.roles[result.column("share")].of


def _limits(axes: Axes, limits: pd.DataFrame) -> None:
    for level, style in (("95", "--"), ("99.8", "-")):
        for side in ("lower", "upper"):
            line = limits[f"probability_of_{side}_limit_{level}"]
            axes.plot(limits["denominator"], line, color=RED, lw=1.2, ls=style)


def _beyond(position: str) -> str:
    return next((level for level in ("99.8", "95") if level in position), position)


def _name_clusters(axes: Axes, known: pd.DataFrame) -> None:
    """Name the clusters that stand out, and count those that share a place."""
    for (n, share), here in known.groupby(["denominator", "share"]):
        outside = here[~here["words"].isin(INSIDE)]
        label = ", ".join(outside["stratum"])
        if not label and len(here) > 1:
            label = f"{len(here)}"
        beside, place = ("left", (7, -3)) if len(outside) else ("center", (0, -14))
        axes.annotate(
            label, (n, share), xytext=place, textcoords="offset points", fontsize=7.5, ha=beside
        )


def _handles(known: pd.DataFrame, everyone: str) -> list[Line2D]:
    shown = {_beyond(position) for position in known["words"]}
    words = {"95": "beyond 95 % limits", "99.8": "beyond 99.8 % limits"}
    return [
        Line2D([], [], color=INK, lw=1.2, label=everyone),
        Line2D([], [], color=RED, lw=1.2, ls="--", label="95 % limits"),
        Line2D([], [], color=RED, lw=1.2, label="99.8 % limits"),
        *(
            Line2D([], [], color=colour, marker=marker, ls="", label=words.get(name, name))
            for name, (marker, colour) in POSITIONS.items()
            if name in shown
        ),
    ]


def _in_words(result: Result, known: pd.DataFrame, of: str) -> str:
    label, noun = _share_of(result), _noun(result)
    if known.empty:
        return f"Funnel of {label} by {noun}: no {of}."
    note = str(known["note"].iloc[0])
    outside = [
        f"{row.stratum} {row.numerator} of {row.denominator}, {row.words}"
        for row in rows_of(known[~known["words"].isin(INSIDE)])
    ]
    start = (
        f"{sentence(label)}, the share of each of {len(known)} {several(noun)} against its {of}; "
        f"all {several(noun)} {in_percent(known['probability_of_all'].iloc[0], 1)}. "
    )
    return start + (f"No limits: {note}." if note else f"Beyond: {'; '.join(outside) or 'none'}.")
