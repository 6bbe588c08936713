"""Figures of the families: caseload, wait for the first session, and reach."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lmm.analysis.result import Result
from lmm.counting.declared import WITHIN
from lmm.showing.plots.style import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    WIDTH,
    Picture,
    dates_below,
    house_style,
    intervals,
    mark_event,
    new_figure,
    nothing_to_draw,
    number,
    rows_of,
)
from lmm.statistics.rounding import in_percent


def caseload(result: Result, event: dt.date, event_name: str) -> Picture:
    """Draw the families on the books at the end of each month, and those not yet seen."""
    table = result.by_role()
    families, unseen = "count_of_families", "count_of_families_not_yet_seen"
    with house_style():
        figure, axes = new_figure(height=3)
        days = table["date"]
        lines = {
            families: ("accepted, not discharged", BLUE, "-", "bottom"),
            unseen: ("of these, not yet seen", ORANGE, (0, (4, 2)), "top"),
        }
        for column, (label, colour, dashes, side) in lines.items():
            if column not in table:  # the service keeps no contacts
                continue
            axes.plot(
                days,
                table[column].astype("float64"),
                color=colour,
                ls=dashes,
                lw=1.8,
                marker="o",
                ms=3,
            )
            axes.annotate(
                f"{label}: {number(table[column].iloc[-1])}", (days.iloc[-1], _last(table[column])),
                (6, 0), textcoords="offset points", va=side, fontsize=8, color=colour,
            )  # fmt: skip
        axes.set_ylim(0, max(1, 1.15 * table[families].fillna(0).max()))
        axes.set_ylabel("families at the end of the month")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        mark_event(axes, event, event_name)
        dates_below(axes)
    last = table.iloc[-1]
    most = number(table[families].max())
    more = f", of whom {number(last[unseen])} had not been seen" if unseen in table else ""
    return Picture(
        figure,
        f"Families accepted and not discharged at the end of each month, {event_name} marked at "
        f"{event}. At most {most}; {number(last[families])} at the end of "
        f"{last['month']:%B %Y}{more}.",
    )


def _last(counts: pd.Series[int]) -> float:
    """Give the last count that is known; 0 where none is."""
    known = counts.dropna()
    return float(known.iloc[-1]) if len(known) else 0.0


def waiting(result: Result) -> Picture:
    """Draw the share not yet seen by days since referral, its band and the censored families."""
    curve = result.by_role()
    if curve.empty:
        return nothing_to_draw("There are no families.")
    seen_on = curve.loc[curve["count_of_seen"] > 0, "number"]
    end = max(14 * (max(seen_on.max() if len(seen_on) else 0, *WITHIN) // 14 + 1), 14)
    shown = _up_to(curve, end)
    with house_style():
        figure, axes = new_figure(height=3.6)
        axes.fill_between(
            shown["number"], shown["low"] * 100, shown["high"] * 100, step="post",
            color=BLUE, alpha=0.18, lw=0, label="interval",
        )  # fmt: skip
        axes.step(
            shown["number"], shown["share"] * 100, where="post", color=BLUE, lw=1.8,
            label="not yet seen",
        )  # fmt: skip
        for outcome, marker, label in (
            ("count_of_waiting", "|", "still waiting at the end of the period"),
            ("count_of_left", "x", "discharged unseen"),
        ):
            rows = curve[(curve[outcome] > 0) & (curve["number"] <= end)]
            if len(rows):
                axes.plot(
                    rows["number"], rows["share"] * 100, marker,
                    color=INK, ms=5, mew=1.1, label=label,
                )  # fmt: skip
        _days_marked(axes, end)
        axes.set_xlabel(f"days since referral{_later(curve, end)}")
        axes.legend(loc="upper right", fontsize=8, frameon=True, framealpha=1, edgecolor="white")
    return Picture(figure, _waits_in_words(curve))


def _up_to(curve: pd.DataFrame, end: int) -> pd.DataFrame:
    """Cut the curve at the end of the axis, or draw its last step out to the last day."""
    shown = curve[curve["number"] <= end]
    followed_to = min(end, int(curve["number"].max()))
    last = shown.iloc[[-1]].assign(number=followed_to)
    return pd.concat([shown, last], ignore_index=True)


def _days_marked(axes: Axes, end: int) -> None:
    for day in WITHIN:
        axes.axvline(day, color=GREY, ls=":", lw=1, zorder=0)
    axes.set_xlim(0, end)
    axes.set_xticks(range(0, end + 1, 14 if end <= 140 else 28 * (end // 280 + 1)))
    axes.set_ylim(0, 103)
    axes.set_ylabel("% not yet seen")


def _later(curve: pd.DataFrame, end: int) -> str:
    """Say how many were followed for longer than the axis goes."""
    later = curve[curve["number"] > end]
    number = int(later["count_of_waiting"].sum() + later["count_of_left"].sum())
    return f" ({number} not seen were followed for longer than shown)" if number else ""


def _waits_in_words(curve: pd.DataFrame) -> str:
    parts = []
    for day in WITHIN:
        if day <= curve["number"].max():
            share = curve.loc[curve["number"] <= day, "share"].iloc[-1]
            parts.append(f"{in_percent(share)} after {day} days")
    number, left = curve["count_of_families_followed"].iloc[0], curve["count_of_left"].sum()
    unseen = f"discharged unseen {left}, " if left else ""  # not every service keeps discharges
    text = ", ".join(parts) or f"nobody was followed for {WITHIN[0]} days"
    return (
        f"Share of {number} families not yet seen by days since referral, Kaplan-Meier: {text}. "
        f"Seen {curve['count_of_seen'].sum()}, {unseen}"
        f"still waiting {curve['count_of_waiting'].sum()}."
    )


def reach(result: Result) -> Picture:
    """Draw the share of each level with its interval, against that of the reference."""
    table = result.by_role()
    groups = [rows for _, rows in table.groupby("stratum_of_characteristic", sort=False)]
    sizes = [len(rows) for rows in groups]
    with house_style():
        figure = Figure(
            figsize=(WIDTH, 1 + 0.36 * sum(sizes) + 0.5 * len(sizes)), layout="constrained"
        )
        panels = figure.subplots(len(sizes), 1, sharex=True, squeeze=False, height_ratios=sizes)
        for axes, rows in zip(panels[:, 0], groups, strict=True):
            labels = [f"{row.stratum_of_level} ({number(row.numerator)})" for row in rows_of(rows)]
            uncompared = rows["status"].eq("not_estimable") & rows["denominator"].isna()
            status = rows["status"].mask(uncompared, "outside the reference, not compared")
            intervals(axes, labels, rows.assign(status=status), BLUE)
            for y, share in enumerate(rows["share_of_reference"]):
                if pd.notna(share):
                    axes.plot([share, share], [y - 0.34, y + 0.34], color=ORANGE, lw=3)
            for line in axes.lines:
                line.set_clip_on(False)  # a share of 0 or 1 is a whole point
            axes.set_title(_title(rows), fontsize=9)
        _in_percent(panels[-1, 0])
    return Picture(figure, _reach_in_words(table))


def _title(rows: pd.DataFrame) -> str:
    first = rows.iloc[0]
    compared = rows["share_of_reference"].notna().any()
    kind = str(first["words"]).split(":")[0]
    beside = f"bars are the {kind} reference" if compared else "no reference population"
    title, missing = first["stratum_of_characteristic"], number(first["count"])
    return f"{title} ({beside}; not recorded for {missing})"


def _in_percent(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axes.set_xlabel("% of the families who attended, with interval")


def _reach_in_words(table: pd.DataFrame) -> str:
    parts = []
    for row in rows_of(table):
        beside = (
            f" (reference {in_percent(row.share_of_reference)})"
            if pd.notna(row.share_of_reference)
            else ""
        )
        share = (
            in_percent(row.estimate)
            if row.status == "ok"
            else f"{number(row.numerator)}, not compared"
        )
        parts.append(f"{row.stratum_of_level} {share}{beside}")
    return f"Families who attended, by ward and ethnic group: {'; '.join(parts)}."
