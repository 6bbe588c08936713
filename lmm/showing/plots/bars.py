"""Figures of counts as bars: who took part, sessions, the way of families, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL
from lmm.showing.plots.panels import PARTS, colour_of, key, new_figure, patch
from lmm.showing.plots.rows import FOOT, Rows, number, of, rows_of
from lmm.showing.plots.style import BLUE, Picture, house_style
from lmm.statistics.rounding import in_percent

TALL = 0.17
"""Inches of a bar."""


def _ends(axes: Axes, at: Sequence[float], lengths: pd.Series[float], labels: list[str]) -> None:
    """Write at the end of each bar what it stands for; room is made beside the panel."""
    for y, length, label in zip(at, lengths, labels, strict=True):
        axes.annotate(
            label, (length, y), (4, 0), textcoords="offset points", va="center",
            fontsize=SMALL, annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(0, max(1.0, float(lengths.max())) if len(lengths) else 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _lengths(counts: pd.Series[int]) -> pd.Series[float]:
    """Give the lengths of bars; what is suppressed has none, and says so."""
    return counts.astype("float64").fillna(0)


def composition(result: Result) -> Picture:
    """Draw people and attendances by what they are parted by, such as role or organisation."""
    levels = result.table[result.column("stratum")]
    rows = Rows(list(levels), least=0.44)
    looks = {"people": PARTS[0][0], "attendances": PARTS[2][0]}
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        for place, (what, colour) in enumerate(looks.items()):
            counts = result.table[result.column("count", what)]
            at = [y + (place - 0.5) * (TALL + 0.01) for y in rows.at]
            axes.barh(at, _lengths(counts), height=TALL, color=colour)
            _ends(axes, at, _lengths(counts), [number(n) for n in counts])
        every = [result.table[result.column("count", what)] for what in looks]
        axes.set_xlim(0, max(1.0, *(float(_lengths(each).max()) for each in every)))
        rows.name(axes)
        axes.set_xlabel("number")
        key(figure, [patch(what, facecolor=colour) for what, colour in looks.items()])
    by = result.heading(result.column("stratum")).lower()
    return Picture(
        figure,
        answers.composition(result)[0],
        f"People who attended, and their attendances, by {by}: bars from 0, with the numbers at "
        f"their ends.{rests_on(result)}",
    )


def consultations(result: Result) -> Picture:
    """Draw the sessions of each profession, or else of all of them, stacked by kind."""
    profession, whole = result.column("stratum"), result.column("count", "all")
    kinds = [name for name in result.columns("count") if name != whole]
    table = result.table
    shown = table[table[profession] != "all"] if len(table) > 1 else table
    rows = Rows(list(shown[profession]), least=0.28)
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        left = pd.Series(0.0, index=shown.index)
        for place, kind in enumerate(kinds):
            widths = _lengths(shown[kind])
            axes.barh(rows.at, widths, left=left, height=TALL + 0.03, lw=0, **colour_of(place))
            left = left + widths
        hidden = shown[kinds].isna().any(axis=1) & shown[whole].notna()
        labels = [
            "in all: suppressed"
            if pd.isna(n)
            else f"{number(n)} in all; some kinds suppressed"
            if some
            else number(n)
            for n, some in zip(shown[whole], hidden, strict=True)
        ]
        _ends(axes, rows.at, left, labels)
        rows.name(axes)
        what = "sessions that took place" if result.columns("note") else "sessions"
        axes.set_xlabel(what)
        key(figure, [patch(result.roles[k].of, **colour_of(n)) for n, k in enumerate(kinds)])
    return Picture(
        figure,
        answers.consultations(result)[0],
        f"{what.capitalize()}, by profession, stacked by kind: bars from 0, with the number of "
        f"all kinds at their ends.{rests_on(result)}",
    )


def flow(result: Result) -> Picture:
    """Draw how many families reached each stage."""
    table = result.by_role()
    rows = Rows([str(name) for name in table["stratum"]], least=0.3)
    shares = table["share_of_those_referred"]
    labels = [
        number(n) if i == 0 or pd.isna(share) else f"{number(n)} ({in_percent(share)})"
        for i, (n, share) in enumerate(zip(table["count"], shares, strict=True))
    ]
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        axes.barh(rows.at, _lengths(table["count"]), color=BLUE, height=TALL + 0.03)
        _ends(axes, rows.at, _lengths(table["count"]), labels)
        rows.name(axes)
        axes.set_xlabel("families")
    return Picture(
        figure,
        answers.flow(result)[0],
        "Families who came to each stage: bars from 0, with the number and, in brackets, its "
        f"share of those referred.{rests_on(result)}",
    )


def missing(result: Result) -> Picture:
    """Draw the share not recorded of each optional field."""
    table = result.by_role()
    fields = [
        table[name].str.replace("_", " ") for name in ("stratum_of_table", "stratum_of_column")
    ]
    names = [f"{one}: {other}" for one, other in zip(*fields, strict=True)]
    shares = table["share"].astype("float64").fillna(0) * 100
    labels = [
        of(row.count_of_cells, row.count_of_rows)
        + (f" ({in_percent(row.share, 1)})" if pd.notna(row.share) else "")
        for row in rows_of(table)
    ]
    rows = Rows(names)
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        axes.barh(rows.at, shares, color=BLUE, height=TALL - 0.03)
        _ends(axes, rows.at, shares, labels)
        axes.set_xlim(0, max(10.0, float(shares.max()) if len(shares) else 0))
        rows.name(axes)
        axes.set_xlabel("% of the field's values not recorded")
    return Picture(
        figure,
        answers.missing(result)[0],
        "Values not recorded in each field that may be left empty, as a share of its table's "
        f"rows; the numbers stand at the ends of the bars, and the axis begins at 0."
        f"{rests_on(result)}",
    )
