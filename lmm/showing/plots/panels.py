"""Panels, the key above them, and the colours of the parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from lmm.showing.plots.letters import SMALL, width_of
from lmm.showing.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    POINTS,
    WIDTH,
    Picture,
    house_style,
)

PARTS = (
    (BLUE, "white"), ("#E69F00", INK), ("#8FC1E3", INK), ("#56B4A0", INK), (PALE, INK),
    (GREY, "white"), ("#CC79A7", INK), ("#F0E442", INK),
)  # fmt: skip
"""Of the parts of a whole in turn, and of the words upon them."""


MARKS = (("o", BLUE), ("s", ORANGE), ("^", GREEN), ("D", GREY), ("v", "#CC79A7"))
"""Shape and colour together, so that neither is needed alone."""


def key(figure: Figure, handles: Sequence[Artist]) -> None:
    """Say above the panels what marks and colours mean, in as many columns as fit."""
    if handles:
        columns = _columns(handles, POINTS)
        figure.legend(handles=handles, loc="upper left", ncols=columns, **LOOK_OF_KEY)


LOOK_OF_KEY = {
    "borderaxespad": 0, "borderpad": 0.2, "handlelength": 1.6, "handletextpad": 0.5,
    "columnspacing": 1.3,
}  # fmt: skip


def key_above(axes: Axes, handles: Sequence[Artist], room: float) -> float:
    """Say above one of several panels what its own colours mean.

    Parameters
    ----------
    room
        For a line of the key, in points.

    Returns
    -------
    float
        The inches that it needs.
    """
    columns = _columns(handles, room)
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, **LOOK_OF_KEY
    )
    return 0.2 + 0.2 * ceil(len(handles) / columns)


def _columns(handles: Sequence[Artist], room: float) -> int:
    """Give in how many columns a key fits into so many points."""
    widths = [width_of(str(handle.get_label()), SMALL) + 3.4 * SMALL for handle in handles]
    fit = (n for n in range(len(handles), 0, -1) if _across(widths, n) <= room)
    return next(fit, 1)


def _across(widths: list[float], columns: int) -> float:
    """Add up the columns of a key, which is filled down each column in turn."""
    rows, more = divmod(len(widths), columns)
    total, at = 0.0, 0
    for n in range(columns):
        deep = rows + (n < more)
        total += max(widths[at : at + deep])
        at += deep
    return total


def colour_of(part: int) -> dict[str, Any]:
    """Give the look of a part of a whole, by its place; after the last colour they are hatched."""
    again, place = divmod(part, len(PARTS))
    return {"facecolor": PARTS[place][0], "hatch": "/" * 2 * again, "edgecolor": "white"}


def patch(label: str, **look: Any) -> Patch:
    """Make an entry of a key for an area."""
    return Patch(label=label, lw=0, **look)


def new_figure(height: float = 3.2) -> tuple[Figure, Axes]:
    """Start a figure with one panel, as wide as the text; its height in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def stacked(
    heights: Sequence[float], *, columns: int = 1, share: bool = False
) -> tuple[Figure, list[Axes]]:
    """Start a figure with panels of these heights, in inches, row by row."""
    columns = min(columns, len(heights))
    tall = [max(heights[n : n + columns]) for n in range(0, len(heights), columns)]
    figure = Figure(figsize=(WIDTH, sum(tall)), layout="constrained")
    grid = figure.subplots(len(tall), columns, sharex=share, squeeze=False, height_ratios=tall)
    panels = list(grid.flat)
    for empty in panels[len(heights) :]:
        empty.remove()
    return figure, panels[: len(heights)]


def nothing_to_draw(why: str) -> Picture:
    """Say in place of a figure why there is none."""
    with house_style():
        figure, axes = new_figure(height=0.4)
        axes.axis("off")
    return Picture(figure, why)


def headed(axes: Axes) -> None:
    """Make a grid of a panel: its columns are named above, and it has no lines."""
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)


def whole_numbers(axes: Axes) -> None:
    """Have few numbers on an upright axis of counts, and whole ones."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def apart(heights: Sequence[float], least: float, top: float) -> list[float]:
    """Move places of labels so that they lie within an axis, and no two upon each other."""
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    placed = dict.fromkeys(order, 0.0)
    below = -least / 2
    for n in order:
        below = placed[n] = max(heights[n], below + least)
    above = top + least / 2
    for n in reversed(order):
        above = placed[n] = min(placed[n], above - least)
    return [placed[n] for n in range(len(heights))]
