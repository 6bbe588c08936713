"""Figures of engagement: what became of booked contacts, and of referrals."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
from matplotlib.axes import Axes

from lmm.analysis.result import Result
from lmm.analysis.roles import named
from lmm.counting.declared import WITHIN
from lmm.showing.plots.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    Picture,
    house_style,
    new_figure,
    nothing_to_draw,
    number,
    rows_of,
)
from lmm.statistics.rounding import in_percent

COLOURS = ((BLUE, "white"), (ORANGE, "white"), (PALE, INK), (GREEN, "white"), (GREY, "white"))
"""Of the outcomes in turn, and of the words upon them."""

ROOM = 0.08
"""Shares under this are too narrow for their words."""


def booked(result: Result, by: tuple[str, ...]) -> Picture:
    """Draw the outcomes of booked contacts as parts of a whole, in all and by dimensions."""
    table = result.by_role()
    table = table[table["dimension"].isin(["all", *by])].reset_index(drop=True)
    groups = [rows for _, rows in table.groupby(["dimension", "stratum_of_group"], sort=False)]
    with house_style():
        figure, axes = new_figure(height=1.1 + 0.32 * len(groups))
        at = _places([rows["dimension"].iloc[0] for rows in groups])
        for y, rows in zip(at, groups, strict=True):
            _parts(axes, y, rows)
        labels = [
            f"{rows['stratum_of_group'].iloc[0]} ({number(rows['count'].iloc[0])})"
            for rows in groups
        ]
        axes.set_yticks(at, labels)
        axes.invert_yaxis()
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
        axes.set_xlabel("% of booked contacts")
        handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
        figure.legend(
            handles.values(), handles.keys(),
            loc="outside upper center", ncols=max(len(handles), 1), fontsize=8,
        )  # fmt: skip
    return Picture(figure, _booked_in_words(groups))


def _places(dimensions: list[str]) -> list[float]:
    """Give each bar a place, with a gap where another dimension begins."""
    gaps = [0.0, *(0.5 if one != other else 0.0 for one, other in pairwise(dimensions))]
    return [n + sum(gaps[: n + 1]) for n in range(len(dimensions))]


def _parts(axes: Axes, y: float, rows: pd.DataFrame) -> None:
    """Draw the parts of one bar: from the left, and from the right what comes after a gap."""
    shares = rows["estimate"].where(rows["status"] == "ok")
    known = shares.notna()
    before = known.cummin()
    lefts = (shares.cumsum() - shares).where(before, 1 - shares[::-1].cumsum())
    drawn = before | known[::-1].cummin()[::-1]
    for n, row in enumerate(rows_of(rows.assign(share=shares.where(drawn, 0), left=lefts))):
        colour, ink = COLOURS[n % len(COLOURS)]
        left = row.left if row.share else 0
        axes.barh(y, row.share, left=left, height=0.72, color=colour, label=row.stratum_of_outcome)
        if row.share >= ROOM:
            axes.text(
                left + row.share / 2, y, in_percent(row.share), color=ink,
                ha="center", va="center", fontsize=7.5,
            )  # fmt: skip
    if not drawn.all():
        said = ", ".join(sorted({*rows.loc[rows["status"] != "ok", "status"]})).replace("_", " ")
        middle = (shares[before].sum() + 1 - shares[drawn & ~before].sum()) / 2
        axes.text(middle, y, said, ha="center", va="center", fontsize=7.5, color=GREY)


def _booked_in_words(groups: list[pd.DataFrame]) -> str:
    parts = []
    for rows in groups:
        first = rows.iloc[0]
        group = first["stratum_of_group"]
        what = "all" if group == "all" else f"{named(first['dimension'])} {group}"
        shares = [
            f"{row.stratum_of_outcome} "
            + (in_percent(row.estimate) if row.status == "ok" else row.status.replace("_", " "))
            for row in rows_of(rows)
        ]
        parts.append(f"{what} ({number(first['count'])}): {', '.join(shares)}")
    return f"What became of booked contacts. {'; '.join(parts)}."


def leaving(result: Result) -> Picture:
    """Draw what has become of families by days since referral, as parts of all of them.

    Those seen fill the figure from below and those discharged unseen from above, each with the
    limits of its share; between them are those still waiting.
    """
    curve = result.by_role()
    if curve.empty:
        return nothing_to_draw("There are no families.")
    below, above, between = dict.fromkeys(curve["stratum_of_outcome"])
    ended = curve[(curve["count_of_families"] > 0) & (curve["stratum_of_outcome"] != between)]
    end = 14 * (max([*ended["number"], *WITHIN]) // 14 + 1)
    end = max(min(end, int(curve["number"].max())), 1)
    parts = {name: _until(curve, name, end) for name in (below, above, between)}
    with house_style():
        figure, axes = new_figure(height=3.6)
        _filled(axes, parts[below], BLUE, from_above=False)
        _filled(axes, parts[above], ORANGE, from_above=True)
        for day in WITHIN:
            axes.axvline(day, color=GREY, ls=":", lw=1)
        for name, y, colour in _labels(parts, (below, between, above)):
            axes.text(
                1.01, y, f"{name} {in_percent(parts[name]['share'].iloc[-1])}", color=colour,
                transform=axes.get_yaxis_transform(), va="center", fontsize=8,
            )  # fmt: skip
        axes.set_xlim(0, end)
        axes.set_xticks(range(0, end + 1, 14 if end <= 140 else 28 * (end // 280 + 1)))
        axes.set_ylim(0, 100)
        axes.set_ylabel("% of families")
        axes.set_xlabel("days since referral; pale bands are intervals")
    return Picture(figure, _leaving_in_words(curve, end))


def _until(curve: pd.DataFrame, outcome: str, end: int) -> pd.DataFrame:
    """Cut the steps of an outcome at the end of the axis, or draw the last one out to it."""
    steps = curve[(curve["stratum_of_outcome"] == outcome) & (curve["number"] <= end)]
    followed_to = min(end, int(curve["number"].max()))
    last = steps.iloc[[-1]].assign(number=followed_to)
    return pd.concat([steps, last], ignore_index=True)


def _filled(axes: Axes, steps: pd.DataFrame, colour: str, *, from_above: bool) -> None:
    """Fill the share of an outcome from one side, and draw its limits as a band."""
    side = 100 if from_above else 0
    share, low, high = (
        abs(side - 100 * steps[name].astype("float64")) for name in ("share", "low", "high")
    )
    days = steps["number"]
    axes.fill_between(days, side, share, step="post", color=colour, alpha=0.35, lw=0)
    axes.fill_between(days, low, high, step="post", color=colour, alpha=0.2, lw=0)
    axes.step(days, share, where="post", color=colour, lw=1.8)


def _labels(
    parts: dict[str, pd.DataFrame], upwards: tuple[str, str, str]
) -> list[tuple[str, float, str]]:
    """Place the words of each part beside its middle, and no two upon each other."""
    below, between, above = (100 * parts[name]["share"].iloc[-1] for name in upwards)
    lowest = min(max(below / 2, 3), 85)
    highest = max(min(100 - above / 2, 97), lowest + 12)
    middle = min(max(below + between / 2, lowest + 6), highest - 6)
    colours = (BLUE, INK, ORANGE)
    return list(zip(upwards, (lowest, middle, highest), colours, strict=True))


def _leaving_in_words(curve: pd.DataFrame, end: int) -> str:
    parts = []
    for day in (*WITHIN, end):
        if day <= curve["number"].max():
            so_far = curve[curve["number"] <= day]
            last = so_far.drop_duplicates("stratum_of_outcome", keep="last")
            shares = [f"{r.stratum_of_outcome} {in_percent(r.share)}" for r in rows_of(last)]
            parts.append(f"after {day} days {', '.join(shares)}")
    text = "; ".join(parts) or f"nobody was followed for {WITHIN[0]} days"
    everyone = curve["count_of_families_followed"].iloc[0]
    return f"What had become of {everyone} families by days since referral: {text}."
