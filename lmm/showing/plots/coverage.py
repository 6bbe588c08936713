"""Figure of the coverage simulation: how often each interval held the truth."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lmm.showing.plots.rows import rows_of
from lmm.showing.plots.style import BLUE, INK, ORANGE, Picture, house_style
from lmm.statistics.rounding import in_percent

LOOKS = {"primary": ("o", BLUE, BLUE), "beside": ("D", "white", ORANGE)}
"""Marker, its face and its edge."""

WIDTH, LEFT, RIGHT, TOP, BOTTOM, GAP, ROW = 7.2, 3.85, 0.7, 0.2, 0.6, 0.3, 0.165
"""In inches: the figure, its margins, the gap over each panel, and the height of a row."""


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
    lowest = float(table["mc_low"].min()) if table["mc_low"].notna().any() else 0.9
    with house_style():
        figure, panels = _panels([len(part) for part in parts])
        for axes, part in zip(panels, parts, strict=True):
            _group(axes, part)
            axes.set_title(str(part["group"].iloc[0]).capitalize(), fontsize=9)
            axes.set_xlim(min(lowest - 0.01, 0.88), 1)
            axes.tick_params(axis="x", labelsize=8, labelbottom=axes is panels[-1])
        panels[-1].set_xlabel(
            "share of intervals that hold the truth; the line is the level stated\n"
            f"(with {100 * monte_carlo_level:g} % Monte Carlo limits)",
            fontsize=8,
        )
        _legend(figure, panels[0])
    return Picture(figure, _in_words(table))


def _panels(rows: list[int]) -> tuple[Figure, list[Axes]]:
    """Stack one panel a group, placed by hand.

    A solver that lays out so many panels gives other last digits from run to run, and they
    show in the names of the clipping paths.
    """
    heights = [ROW * number for number in rows]
    total = TOP + sum(heights) + GAP * len(rows) + BOTTOM
    figure = Figure(figsize=(WIDTH, total))
    figure.set_layout_engine("none")
    panels, at = [], total - TOP
    for height in heights:
        at -= GAP + height
        place = (LEFT / WIDTH, at / total, (WIDTH - LEFT - RIGHT) / WIDTH, height / total)
        panels.append(figure.add_axes(place))
    return figure, panels


def _group(axes: Axes, part: pd.DataFrame) -> None:
    axes.axvline(float(part["nominal"].iloc[0]), color=INK, lw=0.9)
    for y, row in enumerate(rows_of(part)):
        if row.verdict != "no interval":
            marker, face, edge = LOOKS[row.role]
            axes.plot([row.mc_low, row.mc_high], [y, y], color=edge, lw=1.4, clip_on=False)
            axes.plot(row.coverage, y, marker, mfc=face, mec=edge, ms=4.2, clip_on=False)
        if row.verdict in ("no interval", "falls short"):
            where = axes.get_yaxis_transform()
            axes.text(1.02, y, row.verdict, transform=where, va="center", fontsize=7)
    axes.set_yticks(range(len(part)), _labels(part), fontsize=7)
    axes.set_ylim(len(part) - 0.5, -0.6)
    axes.tick_params(axis="y", length=0)


def _labels(part: pd.DataFrame) -> list[str]:
    """Name each setting once, and the intervals where a setting has several."""
    labels, last = [], ""
    several = len(set(part["interval"])) > 1
    for row in rows_of(part):
        named = f"{row.setting}: {row.interval}" if several else str(row.setting)
        labels.append(row.interval if row.setting == last else named)
        last = row.setting
    return labels


def _legend(figure: Figure, axes: Axes) -> None:
    names = {"primary": "interval that the notebooks rest on", "beside": "interval beside it"}
    for role, (marker, face, edge) in LOOKS.items():
        axes.plot([], [], marker, mfc=face, mec=edge, ms=4.2, label=names[role])
    figure.legend(loc="upper left", ncols=2, fontsize=8)


def _in_words(table: pd.DataFrame) -> str:
    nominal = float(table["nominal"].iloc[0])
    short = table[table["verdict"] == "falls short"]
    worst = short.loc[short.groupby("interval", sort=False)["coverage"].idxmin()]
    named = "; ".join(
        f"{r.interval}, least at {r.setting}: {in_percent(r.coverage, 1)}" for r in rows_of(worst)
    )
    return (
        f"Coverage of {len(table)} intervals in simulated studies against the "
        f"{in_percent(nominal)} they state. {len(short)} of them fall short"
        f"{': ' + named if named else ''}."
    )
