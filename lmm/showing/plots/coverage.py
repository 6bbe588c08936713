"""Figure of the coverage simulation: how often each interval held the truth."""

from __future__ import annotations

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lmm.showing.plots.panels import key
from lmm.showing.plots.rows import Rows, beside, rows_of
from lmm.showing.plots.style import BLUE, INK, ORANGE, WIDTH, Picture, house_style
from lmm.statistics.rounding import in_percent

LOOKS = {"primary": ("o", BLUE, BLUE), "beside": ("D", "white", ORANGE)}
"""Marker, its face and its edge."""

LEFT, RIGHT, BOTTOM, GAP, ROW = 4.1, 0.85, 0.65, 0.36, 0.175
"""In inches: the margins of the panels, the gap over each, and the least height of a row."""


def coverage(table: pd.DataFrame, monte_carlo_level: float) -> Picture:
    """Draw the coverage of each interval, with its Monte Carlo limits, against the level stated.

    Parameters
    ----------
    table
        Rows of the coverage table, those of one group together.
    monte_carlo_level
        Level of ``mc_low`` and ``mc_high``.
    """
    parts = [part for _, part in table.groupby("group", sort=False)]
    places = [Rows(_labels(part), ROW, room=72 * LEFT - 22) for part in parts]
    lowest = float(table["mc_low"].min()) if table["mc_low"].notna().any() else 0.9
    with house_style():
        figure, panels = _panels([place.height for place in places])
        for axes, part, place in zip(panels, parts, places, strict=True):
            _group(axes, part, place)
            axes.set_title(str(part["group"].iloc[0]).capitalize())
            axes.set_xlim(min(lowest - 0.01, 0.88), 1)
            axes.tick_params(axis="x", labelbottom=axes is panels[-1])
        panels[-1].set_xlabel("share of intervals that hold the truth")
        key(figure, _key())
    return Picture(
        figure,
        _in_words(table),
        "Share of intervals of simulated studies that hold the truth, with "
        f"{100 * monte_carlo_level:.12g}% Monte Carlo limits; the upright line is the level that "
        "they state. The axis does not begin at 0.",
    )


def _panels(heights: list[float]) -> tuple[Figure, list[Axes]]:
    """Stack one panel a group, placed by hand.

    A solver that lays out so many panels gives other last digits from run to run, and they
    show in the names of the clipping paths.
    """
    total = sum(heights) + GAP * len(heights) + BOTTOM
    figure = Figure(figsize=(WIDTH, total))
    figure.set_layout_engine("none")
    panels, at = [], total
    for height in heights:
        at -= GAP + height
        place = (LEFT / WIDTH, at / total, (WIDTH - LEFT - RIGHT) / WIDTH, height / total)
        panels.append(figure.add_axes(place))
    return figure, panels


def _group(axes: Axes, part: pd.DataFrame, place: Rows) -> None:
    axes.axvline(float(part["nominal"].iloc[0]), color=INK, lw=0.9)
    for y, row in zip(place.at, rows_of(part), strict=True):
        if row.verdict != "no interval":
            marker, face, edge = LOOKS[row.role]
            axes.plot([row.mc_low, row.mc_high], [y, y], color=edge, lw=1.4, clip_on=False)
            axes.plot(row.coverage, y, marker, mfc=face, mec=edge, ms=4.2, clip_on=False)
        if row.verdict in ("no interval", "falls short"):
            beside(axes, y, row.verdict, INK)
    place.name(axes)


def _labels(part: pd.DataFrame) -> list[str]:
    """Name each setting once, and the intervals where a setting has several."""
    labels, last = [], ""
    several = len(set(part["interval"])) > 1
    for row in rows_of(part):
        named = f"{row.setting}: {row.interval}" if several else str(row.setting)
        labels.append(row.interval if row.setting == last else named)
        last = row.setting
    return labels


def _key() -> list[Artist]:
    names = {"primary": "interval that the notebooks rest on", "beside": "interval beside it"}
    return [
        Line2D([], [], ls="", marker=marker, mfc=face, mec=edge, ms=4.2, label=names[role])
        for role, (marker, face, edge) in LOOKS.items()
    ]


def _in_words(table: pd.DataFrame) -> str:
    nominal, short = float(table["nominal"].iloc[0]), table["verdict"].eq("falls short").sum()
    return (
        f"{short or 'None'} of {len(table)} intervals in simulated studies "
        f"{'falls' if short <= 1 else 'fall'} short of the {in_percent(nominal)} that they state."
    )
