"""Figures of the days since referral: who is not yet seen, and what has become of families."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lmm.analysis.result import Result
from lmm.counting.declared import WITHIN
from lmm.showing.answers import figures
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL
from lmm.showing.plots.panels import apart, key, new_figure, patch
from lmm.showing.plots.rows import number
from lmm.showing.plots.style import BLUE, GREY, INK, ORANGE, PALE_BLUE, RUST, Picture, house_style
from lmm.showing.wording import level
from lmm.statistics.rounding import in_percent

ENDED = {
    "count_of_waiting": ("|", "still waiting at the end of the period"),
    "count_of_left": ("x", "discharged unseen"),
}
"""The marks of families whose wait did not end with a session."""


def waiting(result: Result) -> Picture:
    """Draw the share not yet seen by days since referral, its band and the censored families."""
    curve = result.by_role()
    seen_on = curve.loc[curve["count_of_seen"] > 0, "number"]
    end = max(14 * (max(seen_on.max() if len(seen_on) else 0, *WITHIN) // 14 + 1), 14)
    shown = up_to(curve, end)
    with house_style():
        figure, axes = new_figure(height=3.0)
        low, high = shown["low"] * 100, shown["high"] * 100
        axes.fill_between(shown["number"], low, high, step="post", color=PALE_BLUE, lw=0)
        axes.step(shown["number"], shown["share"] * 100, where="post", color=BLUE, lw=1.8)
        handles: list[Artist] = [
            Line2D([], [], color=BLUE, lw=1.8, label="not yet seen"),
            patch(f"its {level()} interval", facecolor=PALE_BLUE),
        ]
        for outcome, (marker, label) in ENDED.items():
            rows = curve[(curve[outcome] > 0) & (curve["number"] <= end)]
            look: dict[str, Any] = {"color": INK, "marker": marker, "ms": 5, "mew": 1.1, "ls": ""}
            if len(rows):
                axes.plot(rows["number"], rows["share"] * 100, **look)
                handles.append(Line2D([], [], label=label, **look))
        days_below(axes, end)
        axes.set_ylim(0, 103)
        axes.set_ylabel("% not yet seen")
        days_marked(axes, curve)
        key(figure, handles)
    everyone = number(curve["count_of_families_followed"].iloc[0])
    return Picture(
        figure,
        figures.waiting(result)[0],
        f"Share of {everyone} families not yet seen, from 0, by days since referral "
        f"(Kaplan-Meier).{_later(curve, end)}{rests_on(result)}",
    )


def up_to(curve: pd.DataFrame, end: int) -> pd.DataFrame:
    """Cut a curve at the end of the axis, or draw its last step out to the last day."""
    shown = curve[curve["number"] <= end]
    followed_to = min(end, int(curve["number"].max()))
    last = shown.iloc[[-1]].assign(number=followed_to)
    return pd.concat([shown, last], ignore_index=True)


def days_below(axes: Axes, end: int) -> None:
    """Label an axis of days, at every second week where there is room."""
    axes.set_xlim(0, end)
    axes.set_xticks(range(0, end + 1, 14 if end <= 140 else 28 * (end // 280 + 1)))
    axes.set_xlabel("days since referral")


def days_marked(axes: Axes, curve: pd.DataFrame | None = None) -> None:
    """Mark the days that results are given for, with the share of a curve at each."""
    for day in WITHIN:
        if day > axes.get_xlim()[1]:
            continue
        axes.axvline(day, color=GREY, ls=":", lw=1, zorder=0)
        text = f"{day} days"
        if curve is not None and day <= curve["number"].max():
            text += f": {in_percent(curve.loc[curve['number'] <= day, 'share'].iloc[-1])}"
        axes.annotate(
            text, (day, 1), (0, 3), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="bottom", fontsize=SMALL, color=GREY,
        )  # fmt: skip


def _later(curve: pd.DataFrame, end: int) -> str:
    """Say how many were followed for longer than the axis goes."""
    later = curve[curve["number"] > end]
    families = int(later["count_of_waiting"].sum() + later["count_of_left"].sum())
    return f" Not seen and followed for longer than the axis goes: {families}." if families else ""


def leaving(result: Result) -> Picture:
    """Draw what has become of families by days since referral, as parts of all of them.

    Those seen fill the figure from below and those discharged unseen from above, each with the
    limits of its share; between them are those still waiting.
    """
    curve = result.by_role()
    below, above, between = dict.fromkeys(curve["stratum_of_outcome"])
    ended = curve[(curve["count_of_families"] > 0) & (curve["stratum_of_outcome"] != between)]
    end = 14 * (max([*ended["number"], *WITHIN]) // 14 + 1)
    end = max(min(end, int(curve["number"].max())), 1)
    parts = {
        name: up_to(curve[curve["stratum_of_outcome"] == name], end)
        for name in (below, between, above)
    }
    with house_style():
        figure, axes = new_figure(height=3.0)
        _filled(axes, parts[below], BLUE, from_above=False)
        _filled(axes, parts[above], ORANGE, from_above=True)
        _name_parts(axes, parts)
        days_below(axes, end)
        axes.set_ylim(0, 100)
        axes.set_ylabel("% of families")
        days_marked(axes)
    everyone = number(curve["count_of_families_followed"].iloc[0])
    return Picture(
        figure,
        figures.leaving(result)[0],
        f"What had become of {everyone} families by days since referral, as parts of 100%, with "
        f"the parts on the last day at the right. Pale bands are {level()} intervals."
        f"{rests_on(result)}",
    )


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


def _name_parts(axes: Axes, parts: dict[str, pd.DataFrame]) -> None:
    """Name each part beside its middle on the last day; the parts are given upwards."""
    shares = [100 * float(each["share"].iloc[-1]) for each in parts.values()]
    middles = [sum(shares[:n]) + share / 2 for n, share in enumerate(shares)]
    places = apart(middles, 14, 100)
    for name, y, share, colour in zip(parts, places, shares, (BLUE, INK, RUST), strict=True):
        axes.annotate(
            f"{name}\n{in_percent(share / 100)}", (1, y), (6, 0), color=colour, va="center",
            xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=SMALL,
            annotation_clip=False,
        )  # fmt: skip
