"""Figures of engagement: what became of booked contacts, and of referrals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.panels import (
    PARTS,
    colour_of,
    key,
    new_figure,
    patch,
)
from lmm.showing.plots.rows import (
    FOOT,
    Rows,
    beside,
    changes,
    inside,
    nobody,
    number,
    parts_of_whole,
    said,
    with_n,
)
from lmm.showing.plots.style import Picture, house_style

POINTS_OF_BARS = 330.0
"""Width of a whole bar, in points, beside the widest labels."""


def booked(result: Result, by: tuple[str, ...]) -> Picture:
    """Draw the outcomes of booked contacts as parts of a whole, in all and by dimensions."""
    table = result.by_role()
    table = table[table["dimension"].isin(["all", *by])].reset_index(drop=True)
    groups = [each for _, each in table.groupby(["dimension", "stratum_of_group"], sort=False)]
    groups = [each for each in groups if not nobody(each["count"]).all()] or groups[:1]
    firsts = pd.concat([each.iloc[[0]] for each in groups], ignore_index=True)
    names = zip(firsts["stratum_of_group"], firsts["count"], strict=True)
    rows = Rows([with_n(name, number(n)) for name, n in names], 0.28, changes(firsts["dimension"]))
    outcomes = list(dict.fromkeys(table["stratum_of_outcome"]))
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        for y, each in zip(rows.at, groups, strict=True):
            _parts(axes, y, each)
        rows.name(axes)
        parts_of_whole(axes, "% of booked contacts")
        key(figure, [patch(name, **colour_of(n)) for n, name in enumerate(outcomes)])
    return Picture(
        figure,
        answers.booked(result)[0],
        "What became of booked contacts, in all and by "
        f"{' and by '.join(each.replace('_', ' ') for each in by)}: each bar is 100% of the "
        f"contacts, whose number stands in brackets.{rests_on(result)}",
    )


def _parts(axes: Axes, y: float, rows: pd.DataFrame) -> None:
    """Draw the parts of one bar: from the left, and from the right what comes after a gap."""
    shares = rows["estimate"].where(rows["status"] == "ok")
    known = shares.notna()
    before = known.cummin()
    lefts = (shares.cumsum() - shares).where(before, 1 - shares[::-1].cumsum())
    drawn = before | known[::-1].cummin()[::-1]
    for n, (share, left) in enumerate(zip(shares.where(drawn, 0), lefts, strict=True)):
        if share:
            axes.barh(y, share, left=left, height=0.2, lw=0, **colour_of(n))
            middle, ink = left + share / 2, PARTS[n % len(PARTS)][1]
            inside(axes, middle, y, share, "", share * POINTS_OF_BARS, ink)
    if not drawn.all():
        statuses = dict.fromkeys(rows.loc[rows["status"] != "ok", "status"])
        beside(axes, y, ", ".join(map(said, sorted(statuses))))
