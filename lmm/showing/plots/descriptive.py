"""Figures of the descriptive analysis."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from lmm.showing.plots.style import (
    BLUE,
    GREY,
    PALE,
    RED,
    Picture,
    called,
    dates_below,
    house_style,
    intervals,
    mark_event,
    new_figure,
    number,
    number_bars,
    rows_of,
    shade,
)
from lmm.statistics.rounding import fixed, in_percent


def activity_rates(activity: pd.DataFrame) -> Picture:
    """Draw the rate per month open of each measure, with its interval, by stratum."""
    rates = activity[activity["quantity"] == "rate a month"]
    with house_style():
        figure = Figure(figsize=(7.2, 1.05 + 0.3 * len(rates)), layout="constrained")
        names = list(dict.fromkeys(rates["measure"]))
        panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
        for axes, name in zip(panels, names, strict=True):
            rows = rates[rates["measure"] == name]
            intervals(axes, list(rows["stratum"]), rows, BLUE)
            axes.set_title(called(name).capitalize())
            axes.set_xlim(left=0)
        panels[-1].set_xlabel("a month open, with interval")
    shown = rates[(rates["stratum"] == "whole period") & (rates["status"] == "ok")]
    text = "; ".join(f"{called(row.measure)} {fixed(row.estimate, 1)}" for row in rows_of(shown))
    return Picture(figure, f"Rates a month open with intervals. In the whole period: {text}.")


def monthly(activity: pd.DataFrame, event: dt.date, event_name: str) -> Picture:
    """Draw the monthly counts of each measure, one panel each, with the event marked."""
    with house_style():
        names = list(dict.fromkeys(activity["measure"]))
        figure = Figure(figsize=(7.2, 0.4 + 1.4 * len(names)), layout="constrained")
        panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
        for axes, name in zip(panels, names, strict=True):
            rows = activity[activity["measure"] == name]
            opened = rows[rows["status"] == "ok"]
            axes.bar(
                opened["month"], opened["events"].astype(float), width=26, align="edge", color=BLUE
            )
            for row in rows_of(rows[rows["status"] != "ok"]):
                shade(axes, row.month, row.month + pd.offsets.MonthBegin(1), row.status)
            axes.set_title(called(name).capitalize())
            axes.yaxis.get_major_locator().set_params(integer=True)
            if not opened["events"].fillna(0).any():
                axes.set_ylim(0, 1)
            if axes is panels[0]:  # room for the event's name above the bars
                axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
            mark_event(axes, event, event_name if axes is panels[0] else "")
        dates_below(panels[-1])
        figure.supylabel("a month", fontsize=9)
    peaks = activity[activity["status"] == "ok"].groupby("measure", sort=False)["events"].max()
    text = "; ".join(f"{called(str(name))} at most {n} a month" for name, n in peaks.items())
    return Picture(figure, f"Monthly counts, {event_name} marked at {event}. {text}.")


def composition(table: pd.DataFrame, by: str) -> Picture:
    """Draw people and attendances by role or organisation."""
    long = table.melt(by, ["people", "attendances"], "unit", "number")
    long["number"] = long["number"].astype("float64").fillna(0)  # a bar without length, labelled
    with house_style():
        figure, axes = new_figure(height=0.9 + 0.42 * len(table))
        sns.barplot(
            long, y=by, x="number", hue="unit", palette=[BLUE, "#8FC1E3"], ax=axes, errorbar=None
        )
        for container, column in zip(axes.containers, ("people", "attendances"), strict=True):
            labels = [number(n) for n in table[column]]
            axes.bar_label(container, labels, padding=3, fontsize=8)  # type: ignore[arg-type]
        axes.set(xlabel="number", ylabel="")
        axes.margins(x=0.12)
        axes.legend(title="")
    text = "; ".join(f"{row[by]} {number(row['people'])}" for row in table.to_dict("records"))
    return Picture(figure, f"Who attended, by {by}. People: {text}.")


def consultations(table: pd.DataFrame) -> Picture:
    """Draw the sessions of each profession, or else of all of them, stacked by kind."""
    rows = table[table["profession"] != "all"] if len(table) > 1 else table
    kinds = [name for name in rows if name not in ("profession", "all", "hours", "basis", "note")]
    with house_style():
        figure, axes = new_figure(height=0.9 + 0.32 * len(rows))
        left = pd.Series(0.0, index=rows.index)
        colours = sns.color_palette([BLUE, "#E69F00", GREEN_SOFT, PALE, GREY], len(kinds))
        for kind, colour in zip(kinds, colours, strict=True):
            widths = rows[kind].astype("float64").fillna(0)
            axes.barh(rows["profession"], widths, left=left, color=colour, label=kind)
            left = left + widths
        hidden = rows[kinds].isna().any(axis=1)
        for y, (end, n, some) in enumerate(zip(left, rows["all"], hidden, strict=True)):
            text = f"in all {number(n)}; some kinds suppressed" if some else number(n)
            place: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8}
            axes.annotate(text, (end, y), (4, 0), **place)
        axes.invert_yaxis()
        axes.set_xlabel("sessions that took place" if "note" in table else "sessions")
        axes.margins(x=0.1)
        axes.set_xlim(0, max(1, axes.get_xlim()[1]))
        axes.legend()
    text = "; ".join(f"{row['profession']} {number(row['all'])}" for row in rows.to_dict("records"))
    return Picture(figure, f"Sessions by profession, stacked by kind. In all: {text}.")


GREEN_SOFT = "#56B4A0"


def flow(table: pd.DataFrame) -> Picture:
    """Draw how many families reached each stage."""
    with house_style():
        figure, axes = new_figure(height=2.6)
        lengths = table["families"].astype("float64").fillna(0)
        axes.barh(table["stage"], lengths, color=BLUE, height=0.62)
        shares = table["share_of_previous"]
        labels = [
            number(n)
            if i == 0 or pd.isna(share)
            else f"{number(n)} ({in_percent(share)} of the stage before)"
            for i, (n, share) in enumerate(zip(table["families"], shares, strict=True))
        ]
        number_bars(axes, labels)
        axes.invert_yaxis()
        axes.set_xlabel("families")
    text = ", ".join(f"{number(row.families)} {row.stage}" for row in rows_of(table))
    return Picture(figure, f"Flow of families: {text}.")


def missing(table: pd.DataFrame) -> Picture:
    """Draw the share not recorded of each optional field."""
    labels = table["table"].str.replace("_", " ") + ": " + table["column"].str.replace("_", " ")
    with house_style():
        figure, axes = new_figure(height=0.8 + 0.27 * len(table))
        axes.barh(labels, table["share"].fillna(0) * 100, color=RED, height=0.6)
        number_bars(
            axes,
            [
                f"{number(n)} of {number(of)}"
                for n, of in zip(table["missing"], table["rows"], strict=True)
            ],
        )
        axes.invert_yaxis()
        axes.set_xlim(0, max(1, axes.get_xlim()[1]))
        axes.set_xlabel("% not recorded")
    worst = table.sort_values(["share", "table", "column"], ascending=[False, True, True]).head(3)
    text = "; ".join(
        f"{row.column.replace('_', ' ')} of {row.table.replace('_', ' ')} {in_percent(row.share)}"
        for row in rows_of(worst)
        if pd.notna(row.share)
    )
    return Picture(figure, f"Cells not recorded, by field. Most often: {text}.")
