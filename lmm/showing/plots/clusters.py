"""The funnel: how a share varies between clusters, such as courses."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, lines_in, together, wrapped
from lmm.showing.plots.panels import key, new_figure
from lmm.showing.plots.rows import longest, rows_of
from lmm.showing.plots.style import GREY, INK, ORANGE, RED, Picture, house_style
from lmm.showing.wording import sentence, several

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
    share_of = result.roles[result.column("share")].of
    with house_style():
        figure, axes = new_figure(height=3.4)
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
        axes.set_xlim(0, 1.04 * max(float(known["denominator"].max()), 1) if len(known) else 1)
        lowest = float(known["share"].min()) if len(known) else 0.0
        start = max(0.0, int(10 * lowest - 3) / 10)
        axes.set_ylim(start, 1.0)
        _name_clusters(axes, known)
        axes.set_xlabel(f"{of} of each {noun}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        more = f" {together(f'(from {start:.0%})')}" if start else ""
        axes.set_ylabel(wrapped(f"{share_of}{more}", 190, SMALL))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        key(figure, _handles(known, f"all {several(noun)}"))
    return Picture(
        figure,
        answers.funnel(result)[0],
        f"{sentence(share_of)}, the share of each {noun} against its number of {of}; a number "
        f"beside a mark is how many {several(noun)} lie there.{_note(known)}{rests_on(result)}",
    )


def _noun(result: Result) -> str:
    """Name one of the clusters, as their heading does."""
    return result.heading(result.column("stratum")).lower()


def _note(known: pd.DataFrame) -> str:
    note = str(known["note"].iloc[0]) if len(known) and pd.notna(known["note"].iloc[0]) else ""
    return f" No limits: {note}." if note else ""


def _limits(axes: Axes, limits: pd.DataFrame) -> None:
    for level, style in (("95", "--"), ("99.8", "-")):
        for side in ("lower", "upper"):
            line = limits[f"probability_of_{side}_limit_{level}"]
            axes.plot(limits["denominator"], line, color=RED, lw=1.2, ls=style)


def _beyond(position: str) -> str:
    return next((level for level in ("99.8", "95") if level in position), position)


def _name_clusters(axes: Axes, known: pd.DataFrame) -> None:
    """Name the clusters that stand out, the furthest first, and count those that share a place.

    Words that would lie upon others are left out: the table has them.
    """
    taken: list[Box] = []
    stands_out = ~known["words"].isin(INSIDE)
    outside = known[stands_out].sort_values("share", kind="stable")
    for place, here in outside.groupby(["denominator", "share"], sort=False):
        words = wrapped(", ".join(here["stratum"]), 150, SMALL)
        _write(axes, place, words, taken)
    beside = known[~stands_out].groupby(["denominator", "share"]).size()
    for at, number in beside[beside > 1].items():
        _write(axes, at, str(number), taken)


Box = tuple[float, float, float, float]
"""The left, lower, right and upper edge of words, in points."""

ACROSS, UP = 420.0, 180.0
"""About the size of the panel, in points."""


def _write(axes: Axes, place: Any, words: str, taken: list[Box]) -> None:
    """Write words below a place, if they have room."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    width, height = longest([words], SMALL) + 2, 11.0 * lines_in(words)
    x = ACROSS * (place[0] - left) / (right - left) - width / 2
    y = UP * (place[1] - bottom) / (top - bottom) - 6
    box = (x, y - height, x + width, y)
    if any(_meet(box, other) for other in taken):
        return
    taken.append(box)
    axes.annotate(
        words, place, (0, -6), textcoords="offset points", ha="center", va="top",
        fontsize=SMALL, zorder=4, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _meet(one: Box, other: Box) -> bool:
    apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    return not apart


def _handles(known: pd.DataFrame, everyone: str) -> list[Artist]:
    shown = {_beyond(position) for position in known["words"]}
    words = {"95": "beyond 95% limits", "99.8": "beyond 99.8% limits"}
    return [
        Line2D([], [], color=INK, lw=1.2, label=everyone),
        Line2D([], [], color=RED, lw=1.2, ls="--", label="95% limits"),
        Line2D([], [], color=RED, lw=1.2, label="99.8% limits"),
        *(
            Line2D([], [], color=colour, marker=marker, ls="", label=words.get(name, name))
            for name, (marker, colour) in POSITIONS.items()
            if name in shown
        ),
    ]
