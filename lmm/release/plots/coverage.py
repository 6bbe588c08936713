"""Figure of the coverage simulation: how often each interval held the truth."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from lmm.release.plots.style import BLUE, GREY, INK, ORANGE, Picture, house_style, rows_of

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
        figure = Figure(figsize=(7.2, 0.8 + 0.18 * sum(heights)), layout=layout)
        panels = figure.subplots(
            len(parts), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
        )[:, 0]
        for axes, group, part in zip(panels, groups, parts, strict=True):
            _group(axes, part)
            axes.set_title(group.capitalize(), fontsize=9)
        lowest = float(table["mc_low"].min()) if table["mc_low"].notna().any() else 0.9
        panels[-1].set_xlim(min(lowest - 0.02, 0.88), 1.005)
        panels[-1].set_xlabel(
            f"share of intervals that hold the truth, with its {monte_carlo_level:.0%} "
            "Monte Carlo limits; the line is the level stated"
        )
        _legend(figure, panels[0])
    return Picture(figure, _in_words(table))


def _group(axes: Axes, part: pd.DataFrame) -> None:
    axes.axvline(float(part["nominal"].iloc[0]), color=INK, lw=0.9)
    for y, row in enumerate(rows_of(part)):
        if row.verdict == "no interval":
            where = axes.get_yaxis_transform()
            axes.text(0.01, y, "no interval", transform=where, va="center", fontsize=7, color=GREY)
            continue
        marker, face, edge = LOOKS[row.role]
        axes.plot([row.mc_low, row.mc_high], [y, y], color=edge, lw=1.4)
        axes.plot(row.coverage, y, marker, mfc=face, mec=edge, ms=4.2)
        if row.verdict == "falls short":
            axes.annotate(
                "falls short", (row.mc_low, y), xytext=(-4, 0), textcoords="offset points",
                ha="right", va="center", fontsize=7,
            )  # fmt: skip
    several = len(set(part["interval"])) > 1
    labels = [f"{r.setting}: {r.interval}" if several else r.setting for r in rows_of(part)]
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_ylim(len(labels) - 0.5, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)


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
