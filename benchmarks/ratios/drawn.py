"""The ratios as a figure: each with its goal, and how far its pairs lie apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from lmm.showing.plots.style import BLUE, GREY, INK, Picture, house_style


def draw(rows: Sequence[Mapping[str, str]], to: Path) -> None:
    """Draw a line for each comparison, and keep it as SVG."""
    with house_style():
        figure = Figure(figsize=(7.2, 0.6 + 0.62 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for y, row in enumerate(rows):
            ratio, least, most, goal = (float(row[n]) for n in ("ratio", "least", "most", "goal"))
            axes.plot([least, most], [y, y], color=BLUE, lw=2, solid_capstyle="butt")
            axes.plot(ratio, y, "o", color=BLUE, ms=6)
            axes.plot(goal, y, marker="|", color=INK, ms=16, mew=2)
        axes.axvline(1, color=GREY, lw=0.8, zorder=0)
        names = [f"{row['what']}\nbeside {row['peer']}" for row in rows]
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(left=0)
        axes.set_xlabel("Time as a multiple of the peer's")
    words = "Point: median of the pairs; line: from the least to the most; upright mark: goal."
    picture = Picture(figure, "Times beside those of peers, measured in pairs.", words)
    to.write_text(picture.svg("", picture.alt), encoding="utf-8", newline="\n")
