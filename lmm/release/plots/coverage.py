"""Figure of the coverage simulation: how often each interval held the truth."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lmm.release.plots.style import BLUE, INK, ORANGE, Picture, house_style, rows_of

LOOKS = {"primary": ("o", BLUE, BLUE), "beside": ("D", "white", ORANGE)}
"""Marker, its face and its edge."""


def coverage(table: pd.DataFrame, monte_carlo_level: float) -> Picture:
    """Draw the coverage of each interval, with its Monte Carlo limits, against the level stated.

    Parameters
    ----------
    table
        Rows of the coverage table, those of one group together.
    monte_carlo_level
        Level of ``mc_low`` and ``mc_high``.
    """
    groups = list(dict.fromkeys(table["group"]))
    parts = [table[table["group"] == group] for group in groups]
    with house_style():
        heights = [len(part) + 1.2 for part in parts]
        layout = ConstrainedLayoutEngine(h_pad=0.01, hspace=0)
        figure = Figure(figsize=(7.2, 1.0 + 0.18 * sum(heights)), layout=layout)
        panels = figure.subplots(
            len(parts), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
        )[:, 0]
        for axes, group, part in zip(panels, groups, parts, strict=True):
            _group(axes, part)
            axes.set_title(group.capitalize(), fontsize=9)
        lowest = float(table["mc_low"].min()) if table["mc_low"].notna().any() else 0.9
        panels[-1].set_xlim(min(lowest - 0.01, 0.88), 1)
        panels[-1].set_xlabel(
            "share of intervals that hold the truth; the line is the level stated\n"
            f"(with {100 * monte_carlo_level:g} % Monte Carlo limits)",
            fontsize=8,
        )
        _legend(figure, panels[0])
    return Picture(figure, _in_words(table))


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
    axes.tick_params(axis="x", labelsize=8)


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
    figure.legend(loc="outside upper left", ncols=2, fontsize=8)


def _in_words(table: pd.DataFrame) -> str:
    nominal = float(table["nominal"].iloc[0])
    short = table[table["verdict"] == "falls short"]
    worst = short.loc[short.groupby("interval", sort=False)["coverage"].idxmin()]
    named = "; ".join(
        f"{r.interval}, least at {r.setting}: {r.coverage:.1%}" for r in rows_of(worst)
    )
    return (
        f"Coverage of {len(table)} intervals in simulated studies against the {nominal:.0%} they "
        f"state. {len(short)} of them fall short{': ' + named if named else ''}."
    )
