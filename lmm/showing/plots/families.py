"""Figures of the families: caseload, wait for the first session, and reach."""

from __future__ import annotations

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, wrapped
from lmm.showing.plots.months import mark_event, months_below
from lmm.showing.plots.panels import apart, key, new_figure, patch, stacked
from lmm.showing.plots.rows import (
    FOOT,
    HEADING,
    Rows,
    intervals,
    number,
    parts_of_whole,
    rows_of,
    with_n,
)
from lmm.showing.plots.style import BLUE, DASHES, ORANGE, POINTS, RUST, Picture, house_style
from lmm.showing.wording import dated, level

FAMILIES, UNSEEN = "count_of_families", "count_of_families_not_yet_seen"
LINES = {
    FAMILIES: ("accepted, not discharged", BLUE, BLUE, "-"),
    UNSEEN: ("not yet seen", ORANGE, RUST, DASHES),
}
"""Of each count its words, its colour, that of its words, and its dashes."""


def caseload(result: Result) -> Picture:
    """Draw the families on the books at the end of each month, and those not yet seen."""
    table = result.by_role()
    kept = [name for name in LINES if name in table]  # a service may keep no contacts
    with house_style():
        figure, axes = new_figure(height=2.9)
        top = max(1.0, 1.12 * float(table[FAMILIES].fillna(0).max()))
        for name in kept:
            _, colour, _, dashes = LINES[name]
            counts = table[name].astype("float64")
            axes.plot(table["date"], counts, color=colour, ls=dashes, lw=1.8, marker="o", ms=3)
        places = apart([_last(table[name]) for name in kept], 0.16 * top, top)
        for name, y in zip(kept, places, strict=True):
            words, _, colour, _ = LINES[name]
            text = f"{words}:\n{number(table[name].iloc[-1])}"
            axes.annotate(
                text, (1, y), (6, 0), xycoords=("axes fraction", "data"), va="center",
                textcoords="offset points", fontsize=SMALL, color=colour, annotation_clip=False,
            )  # fmt: skip
        axes.set_ylim(0, top)
        axes.set_ylabel("families at the end of the month")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        months_below([axes], table["date"].min().replace(day=1), table["date"].max())
        event = mark_event([axes])
    return Picture(
        figure,
        answers.caseload(result)[0],
        f"Families at the end of each month{_last_day(table['date'])}, from 0: those accepted and "
        f"not discharged{', and those of them who had not been seen' if UNSEEN in kept else ''}."
        f"{' A month without a mark is suppressed.' if table[kept].isna().any(axis=None) else ''}"
        f"{event}{rests_on(result)}",
    )


def _last_day(days: pd.Series[pd.Timestamp]) -> str:
    """Say on which day the last month was counted, if the period ends before the month does."""
    last = days.max()
    return "" if last.is_month_end else f" (the last on {dated(last)})"


def _last(counts: pd.Series[int]) -> float:
    """Give the last count that is known; 0 where none is."""
    known = counts.dropna()
    return float(known.iloc[-1]) if len(known) else 0.0


def reach(result: Result) -> Picture:
    """Draw the share of each level with its interval, against that of the reference."""
    table = result.by_role()
    groups = [rows for _, rows in table.groupby("stratum_of_characteristic", sort=False)]
    places = [
        Rows([with_n(row.stratum_of_level, number(row.numerator)) for row in rows_of(each)], 0.28)
        for each in groups
    ]
    with house_style():
        figure, panels = stacked([each.height + HEADING + 0.1 for each in places], share=True)
        for axes, rows, place in zip(panels, groups, places, strict=True):
            _shares(axes, rows, place)
            axes.set_title(_title(rows))
        parts_of_whole(panels[-1], "% of the families who attended")
        figure.set_figheight(figure.get_figheight() + FOOT - 0.2)
        key(figure, _key(table))
    kinds = list(dict.fromkeys(str(words).split(":")[0] for words in table["words"].dropna()))
    compared = table["share_of_reference"].notna().any()
    bars = f"; the orange bar is the {kinds[0]} reference population" if compared else ""
    return Picture(
        figure,
        answers.reach(result)[0],
        f"Share of the families who attended, with the number in brackets: a dot, and its "
        f"{level()} interval as a line{bars}.{rests_on(result)}",
    )


def _key(table: pd.DataFrame) -> list[Artist]:
    shown: list[Artist] = [
        Line2D([], [], color=BLUE, marker="o", ms=5, lw=1.8, label="families who attended")
    ]
    if table["share_of_reference"].notna().any():
        shown.append(patch("reference population", facecolor=ORANGE))
    return shown


def _shares(axes: Axes, rows: pd.DataFrame, place: Rows) -> None:
    uncompared = rows["status"].eq("not_estimable") & rows["denominator"].isna()
    status = rows["status"].mask(uncompared, "outside the reference, not compared")
    intervals(axes, place.at, rows.assign(status=status))
    for y, share in zip(place.at, rows["share_of_reference"], strict=True):
        if pd.notna(share):
            axes.plot([share, share], [y - 0.1, y + 0.1], color=ORANGE, lw=3)
    for line in axes.lines:
        line.set_clip_on(False)  # a share of 0 or 1 is a whole point
    place.name(axes)


def _title(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    compared = rows["share_of_reference"].notna().any()
    more = "" if compared else "no reference population; "
    name, missing = first["stratum_of_characteristic"], number(first["count"])
    return wrapped(f"{name} ({more}not recorded: {missing})", POINTS - 170, weight="bold")
