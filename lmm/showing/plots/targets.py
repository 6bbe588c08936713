"""Figures of the target comparison."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lmm.analysis.result import Result
from lmm.analysis.targets import RATIO
from lmm.showing import answers
from lmm.showing.colours import RATING
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, lines_in, together, wrapped
from lmm.showing.plots.panels import key, new_figure, patch, stacked
from lmm.showing.plots.rows import FOOT, LINE, beside, in_words, inside, rows_of, said
from lmm.showing.plots.style import INK, POINTS, Picture, house_style
from lmm.showing.wording import called, level, sentence
from lmm.statistics.rounding import declared_percent, fixed, in_percent

ZONES = ("red", "amber", "green")


def value_of(row: Any) -> str:
    """Write what was achieved: a share in percent, or a ratio."""
    if row.status != "ok":
        return said(row.status)
    return in_percent(row.estimate, 1) if row.scale == "share" else fixed(row.estimate, 2)


def cut_offs(row: Any) -> str:
    """Write the cut-offs of a target: which side is red, and which green."""
    red, green = row.number_of_red, row.number_of_green
    if pd.isna(red) or pd.isna(green):
        return "no cut-offs"
    write = declared_percent if row.scale == "share" else "{:.12g}".format
    if row.words_of_direction == "at most":
        parts = (f"green up to {write(green)}", f"red above {write(red)}")
    else:
        parts = (f"red below {write(red)}", f"green from {write(green)}")
    return ", ".join(map(together, parts))


# --- achieved --------------------------------------------------------------------------------

UNITS = {"ratio": RATIO, "share": "%"}
"""What the axis of a scale is in."""


def achieved(result: Result) -> Picture:
    """Draw achieved against target with its interval, over the zones of the cut-offs.

    Ratios to a target and shares have a panel each: they have no axis in common.
    """
    table = result.by_role()
    parts = list(table.groupby("scale", sort=False))
    places = [Headed(rows) for _, rows in parts]
    with house_style():
        figure, panels = stacked([each.height + FOOT for each in places])
        for axes, (scale, rows), place in zip(panels, parts, places, strict=True):
            right = _right(rows, str(scale))
            for y, row in zip(place.at, rows_of(rows), strict=True):
                _achieved(axes, y, row, right)
            place.name(axes)
            axes.set_xlim(0, right)
            axes.set_xlabel(UNITS[str(scale)])
            if scale == "share":
                axes.xaxis.set_major_formatter(lambda x, _: fixed(100 * x))
        key(figure, _zones_in_key())
    return Picture(
        figure,
        answers.achieved(result)[0],
        f"What was achieved: a mark, and its {level()} interval as a line, over the zones of each "
        "target's own cut-offs, which stand beside its name. Counts are divided by their target "
        f"for the months open; shares are as they are. Axes begin at 0.{rests_on(result)}",
    )


def _zones_in_key() -> list[Artist]:
    return [
        *(patch(zone, facecolor=RATING[zone]) for zone in ZONES),
        Line2D([], [], color=INK, marker="D", ms=4.5, lw=1.6, label="achieved, with interval"),
    ]


def _right(rows: pd.DataFrame, scale: str) -> float:
    if scale == "share":
        return 1.0
    return max(1.5, float(rows["high"].max()) * 1.05) if rows["high"].notna().any() else 1.5


def _achieved(axes: Axes, y: float, row: Any, right: float) -> None:
    for zone, low, high in _zones(row, right):
        axes.barh(y, high - low, left=low, color=RATING[zone], height=0.19, lw=0)
    if row.status == "ok":
        axes.plot([row.low, row.high], [y, y], color=INK, lw=1.6)
        axes.plot(row.estimate, y, "D", color=INK, ms=4.5, clip_on=False)
        beside(axes, y, f"{value_of(row)} {row.words_of_rating}", INK)
    else:
        beside(axes, y, value_of(row))


def _zones(row: Any, right: float) -> Iterator[tuple[str, float, float]]:
    """Give the zones of a target from left to right; what is to be at most begins with green."""
    if pd.isna(row.number_of_red) or pd.isna(row.number_of_green):
        return iter(())
    names, cuts = ZONES, (row.number_of_red, row.number_of_green)
    if row.words_of_direction == "at most":
        names, cuts = names[::-1], cuts[::-1]
    ends = (0.0, *(min(cut, right) for cut in cuts), right)
    return ((zone, *pair) for zone, pair in zip(names, pairwise(ends), strict=True))


class Headed:
    """Rows of years, those of each measure below its name and cut-offs; places are in inches."""

    def __init__(self, rows: pd.DataFrame, each: float = 0.24) -> None:
        self.years = list(rows["stratum"])
        self.headings: list[tuple[float, str]] = []
        self.at: list[float] = []
        end, last = 0.0, ""
        for row in rows_of(rows):
            if row.measure != last:
                name = sentence(called(row.measure))
                more = f": {cut_offs(row)}" if hasattr(row, "number_of_red") else ""
                text = wrapped(name + more, POINTS - 140, SMALL, "bold")
                end += 0.12 + LINE * lines_in(text)
                self.headings.append((end - 0.02, text))
                last = row.measure
            self.at.append(end + each / 2)
            end += each
        self.height = end + 0.06

    def name(self, axes: Axes) -> None:
        """Write the years beside the panel, and the headings in it."""
        axes.set_yticks(self.at, self.years)
        axes.set_ylim(self.height, 0)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        for y, text in self.headings:
            axes.text(
                0, y, text, transform=axes.get_yaxis_transform(), va="bottom", ha="left",
                fontsize=SMALL, weight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip


def certainty(result: Result) -> Picture:
    """Draw the probabilities of red, amber and green for each target."""
    table = result.by_role()
    place = Headed(table)
    with house_style():
        figure, axes = new_figure(place.height + FOOT)
        for y, row in zip(place.at, rows_of(table), strict=True):
            left = 0.0
            for zone in ZONES:
                share = getattr(row, f"probability_of_{zone}")
                if pd.notna(share) and share:
                    axes.barh(y, share, left=left, color=RATING[zone], height=0.2, lw=0)
                    inside(axes, left + share / 2, y, share, zone, 370 * share, INK)
                    left += float(share)
            if row.status == "ok":
                beside(axes, y, f"rated {row.words_of_rating}", INK)
            else:
                in_words(axes, y, row.status)
        place.name(axes)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda x, _: in_percent(x))
        axes.set_xlabel("probability of each zone")
        key(figure, [patch(zone, facecolor=RATING[zone]) for zone in ZONES])
    return Picture(
        figure,
        answers.certainty(result)[0],
        "How probable it is that what is behind each result lies in the red, amber or green zone, "
        f"as parts of 100%; the rating is at the right.{rests_on(result)}",
    )
