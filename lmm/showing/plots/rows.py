"""Panels of labelled rows, one below the other, in which every label has the room it needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lmm.showing.joined import WORDS
from lmm.showing.plots.letters import SIZE, SMALL, lines_in, together, width_of, wrapped
from lmm.showing.plots.style import BLUE, GREY, PALE
from lmm.statistics.rounding import fixed, in_percent

LABEL = 168.0
"""The room for a label beside a panel, in points."""

LEAST, LINE = 0.235, 0.15
"""Inches of a row, and of each line of its label."""

FOOT, HEADING = 0.5, 0.3
"""Inches below the rows of a panel, for its axis, and above them, for its title."""


def rows_of(table: pd.DataFrame) -> list[Any]:
    """List rows as named tuples: those of a result by the roles of its columns."""
    return list(table.itertuples(index=False))


class Rows:
    """Labelled rows of a panel, from the top; places are in inches, so that rows may differ.

    Parameters
    ----------
    labels
        Broken into lines where they have no room.
    least
        Inches that a row has at least.
    gaps
        Rows above which there is a gap, such as where other groups begin.
    room
        For a label, in points.
    """

    def __init__(
        self,
        labels: Sequence[str],
        least: float = LEAST,
        gaps: Sequence[int] = (),
        room: float = LABEL,
    ) -> None:
        lines = [[wrapped(part, room, SMALL) for part in label.split("\n")] for label in labels]
        self.labels = ["\n".join(parts) for parts in lines]
        between = min(0.085, least - LINE)
        needed = [max(least, LINE * lines_in(label) + between) for label in self.labels]
        self.gaps = [0.12 if n in gaps else 0.0 for n in range(len(labels))]
        ends = list(accumulate(a + b for a, b in zip(needed, self.gaps, strict=True)))
        self.at = [end - each / 2 for end, each in zip(ends, needed, strict=True)]
        self.height = (ends[-1] if ends else 0.0) + 0.08

    def name(self, axes: Axes) -> None:
        """Write the labels beside the panel, and draw a line where other groups begin."""
        axes.set_yticks(self.at, self.labels)
        axes.set_ylim(self.height, 0)
        axes.tick_params(axis="y", length=0)
        for n, gap in enumerate(self.gaps):
            if gap:
                axes.axhline((self.at[n - 1] + self.at[n]) / 2, color=PALE, lw=0.8, zorder=0)


def changes(values: pd.Series[Any]) -> list[int]:
    """Give the places at which a value differs from the one before."""
    return [int(n) for n in values.ne(values.shift()).to_numpy().nonzero()[0] if n]


def said(status: str) -> str:
    """Word a status, as a table does; what is already in words stays."""
    return WORDS.get(status, status)


def in_words(axes: Axes, y: float, status: str) -> None:
    """Write in place of a value why there is none."""
    where = axes.get_yaxis_transform()
    axes.text(0.01, y, said(status), transform=where, va="center", fontsize=SMALL, color=GREY)


def beside(axes: Axes, y: float, text: str, colour: str = GREY) -> None:
    """Write something at the right of a row."""
    where = axes.get_yaxis_transform()
    axes.text(1.015, y, text, transform=where, va="center", fontsize=SMALL, color=colour)


def intervals(axes: Axes, at: Sequence[float], rows: pd.DataFrame) -> None:
    """Draw one point and interval a row; rows without a value say so."""
    for y, row in zip(at, rows_of(rows), strict=True):
        if row.status == "ok":
            axes.plot([row.low, row.high], [y, y], color=BLUE, lw=1.8, solid_capstyle="butt")
            axes.plot(row.estimate, y, "o", color=BLUE, ms=5, clip_on=False)
        else:
            in_words(axes, y, row.status)


def in_hundred(rows: pd.DataFrame) -> pd.DataFrame:
    """Give estimates that are shares, and their limits, in percent."""
    return rows.assign(**{name: rows[name] * 100 for name in ("estimate", "low", "high")})


def percents(axes: Axes, low: float, label: str) -> None:
    """Draw an axis in percent that ends at 100; one that does not begin at 0 says so.

    Parameters
    ----------
    low
        The lowest value, in percent.
    """
    start = 0 if not low >= 40 else min(int(low // 10) * 10, 90)
    more = f"; the axis begins at {start}%" if start else ""
    axes.set_xlim(start, 100.5 if start else 101)
    axes.set_xlabel(wrapped(f"{label}{more}", 330, SMALL))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))


def parts_of_whole(axes: Axes, label: str) -> None:
    """Draw an axis of shares from 0 to 1, in percent."""
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xlabel(label)


def number(count: Any) -> str:
    """Write a count, or say that it is suppressed."""
    return "suppressed" if pd.isna(count) else fixed(count)


def nobody(counts: pd.Series[Any]) -> pd.Series[bool]:
    """Say of which rows it is known that they are about nobody; they are not drawn."""
    return counts.astype("float64").eq(0)


def of(part: Any, whole: Any) -> str:
    """Write "5 of 8", as far as these are shown."""
    if pd.isna(part) and pd.isna(whole):
        return "suppressed"
    return f"{number(part)} of {number(whole)}"


def with_n(name: str, n: str) -> str:
    """Write a name with what stands in brackets behind it, which is kept on one line."""
    return f"{name} {together(f'({n})')}"


def inside(axes: Axes, x: float, y: float, share: float, words: str, room: float, ink: str) -> None:
    """Write a share upon its part of a bar, with its words if these fit as well.

    Parameters
    ----------
    room
        Width of the part, in points.
    """
    percent = in_percent(share)
    for text in (f"{words} {percent}".strip(), percent):
        if width_of(text, SMALL) + 4 <= room:
            axes.text(x, y, text, ha="center", va="center", fontsize=SMALL, color=ink)
            return


def longest(labels: Sequence[str], size: float = SIZE) -> float:
    """Give the width of the widest label, in points."""
    return max((width_of(line, size) for text in labels for line in text.split("\n")), default=0)
