"""Figures of the descriptive analysis."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from lmm.analysis.activity import RATE, WHOLE
from lmm.analysis.result import Result
from lmm.showing.plots.style import (
    BLUE,
    GREY,
    PALE,
    RED,
    WIDTH,
    Picture,
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
from lmm.showing.wording import called
from lmm.statistics.rounding import fixed, in_percent


def activity_rates(activity: Result) -> Picture:
    """Draw the rate per month open of each measure, with its interval, by stratum."""
    table = activity.by_role()
    rates = table[table["stratum_of_quantity"] == RATE]
    with house_style():
        figure = Figure(figsize=(WIDTH, 1.05 + 0.3 * len(rates)), layout="constrained")
        names = list(dict.fromkeys(rates["measure"]))
        panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
        for axes, name in zip(panels, names, strict=True):
            rows = rates[rates["measure"] == name]
            intervals(axes, list(rows["stratum_of_group"]), rows, BLUE)
            axes.set_title(called(name).capitalize())
            axes.set_xlim(left=0)
        panels[-1].set_xlabel("a month open, with interval")
    shown = rates[(rates["stratum_of_group"] == WHOLE) & (rates["status"] == "ok")]
    text = "; ".join(f"{called(row.measure)} {fixed(row.estimate, 1)}" for row in rows_of(shown))
    return Picture(figure, f"Rates a month open with intervals. In the whole period: {text}.")


def monthly(activity: Result, event: dt.date, event_name: str) -> Picture:
    """Draw the monthly counts of each measure, one panel each, with the event marked."""
    table = activity.by_role()
    with house_style():
        names = list(dict.fromkeys(table["measure"]))
        figure = Figure(figsize=(WIDTH, 0.4 + 1.4 * len(names)), layout="constrained")
        panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
        for axes, name in zip(panels, names, strict=True):
            rows = table[table["measure"] == name]
            opened = rows[rows["status"] == "ok"]
            axes.bar(
                opened["month"], opened["count"].astype(float), width=26, align="edge", color=BLUE
            )
            for row in rows_of(rows[rows["status"] != "ok"]):
                shade(axes, row.month, row.month + pd.offsets.MonthBegin(1), row.status)
            axes.set_title(called(name).capitalize())
            axes.yaxis.get_major_locator().set_params(integer=True)
            if not opened["count"].fillna(0).any():
                axes.set_ylim(0, 1)
            if axes is panels[0]:  # room for the event's name above the bars
                axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
            mark_event(axes, event, event_name if axes is panels[0] else "")
        dates_below(panels[-1])
        figure.supylabel("a month", fontsize=9)
    peaks = table[table["status"] == "ok"].groupby("measure", sort=False)["count"].max()
    text = "; ".join(f"{called(str(name))} at most {n} a month" for name, n in peaks.items())
    return Picture(figure, f"Monthly counts, {event_name} marked at {event}. {text}.")


def composition(result: Result) -> Picture:
    """Draw people and attendances by what they are parted by, such as role or organisation."""
    levels = result.table[result.column("stratum")]
    counts = {of: result.table[result.column("count", of)] for of in ("people", "attendances")}
    bars = pd.DataFrame({**counts, "level": levels}).melt("level", var_name="of", value_name="n")
    bars["n"] = bars["n"].astype("float64").fillna(0)  # a bar without length, labelled
    with house_style():
        figure, axes = new_figure(height=0.9 + 0.42 * len(levels))
        sns.barplot(
            bars, y="level", x="n", hue="of", palette=[BLUE, "#8FC1E3"], ax=axes, errorbar=None
        )
        for container, count in zip(axes.containers, counts.values(), strict=True):
            labels = [number(n) for n in count]
            axes.bar_label(container, labels, padding=3, fontsize=8)  # type: ignore[arg-type]
        axes.set(xlabel="number", ylabel="")
        axes.margins(x=0.12)
        axes.legend(title="")
    pairs = zip(levels, counts["people"], strict=True)
    text = "; ".join(f"{level} {number(n)}" for level, n in pairs)
    by = result.heading(result.column("stratum")).lower()
    return Picture(figure, f"Who attended, by {by}. People: {text}.")


def consultations(result: Result) -> Picture:
    """Draw the sessions of each profession, or else of all of them, stacked by kind."""
    profession, whole = result.column("stratum"), result.column("count", "all")
    kinds = [name for name in result.columns("count") if name != whole]
    table = result.table
    rows = table[table[profession] != "all"] if len(table) > 1 else table
    with house_style():
        figure, axes = new_figure(height=0.9 + 0.32 * len(rows))
        left = pd.Series(0.0, index=rows.index)
        colours = sns.color_palette([BLUE, "#E69F00", GREEN_SOFT, PALE, GREY], len(kinds))
        for kind, colour in zip(kinds, colours, strict=True):
            widths = rows[kind].astype("float64").fillna(0)
            label = result.roles[kind].of
            axes.barh(rows[profession], widths, left=left, color=colour, label=label)
            left = left + widths
        hidden = rows[kinds].isna().any(axis=1)
        for y, (end, n, some) in enumerate(zip(left, rows[whole], hidden, strict=True)):
            text = f"in all {number(n)}; some kinds suppressed" if some else number(n)
            place: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 8}
            axes.annotate(text, (end, y), (4, 0), **place)
        axes.invert_yaxis()
        axes.set_xlabel("sessions that took place" if result.columns("note") else "sessions")
        axes.margins(x=0.1)
        axes.set_xlim(0, max(1, axes.get_xlim()[1]))
        axes.legend()
    pairs = zip(rows[profession], rows[whole], strict=True)
    text = "; ".join(f"{name} {number(n)}" for name, n in pairs)
    return Picture(figure, f"Sessions by profession, stacked by kind. In all: {text}.")


GREEN_SOFT = "#56B4A0"


def flow(result: Result) -> Picture:
    """Draw how many families reached each stage."""
    table = result.by_role()
    with house_style():
        figure, axes = new_figure(height=2.6)
        lengths = table["count"].astype("float64").fillna(0)
        axes.barh(table["stratum"], lengths, color=BLUE, height=0.62)
        shares = table["share_of_the_stage_before"]
        labels = [
            number(n)
            if i == 0 or pd.isna(share)
            else f"{number(n)} ({in_percent(share)} of the stage before)"
            for i, (n, share) in enumerate(zip(table["count"], shares, strict=True))
        ]
        number_bars(axes, labels)
        axes.invert_yaxis()
        axes.set_xlabel("families")
    text = ", ".join(f"{number(row.count)} {row.stratum}" for row in rows_of(table))
    return Picture(figure, f"Flow of families: {text}.")


def missing(result: Result) -> Picture:
    """Draw the share not recorded of each optional field."""
    table = result.by_role()
    fields = ["stratum_of_table", "stratum_of_column"]
    tables, columns = (table[name].str.replace("_", " ") for name in fields)
    with house_style():
        figure, axes = new_figure(height=0.8 + 0.27 * len(table))
        axes.barh(tables + ": " + columns, table["share"].fillna(0) * 100, color=RED, height=0.6)
        number_bars(
            axes,
            [
                f"{number(n)} of {number(of)}"
                for n, of in zip(table["count_of_cells"], table["count_of_rows"], strict=True)
            ],
        )
        axes.invert_yaxis()
        axes.set_xlim(0, max(1, axes.get_xlim()[1]))
        axes.set_xlabel("% not recorded")
    worst = table.sort_values(["share", *fields], ascending=[False, True, True]).head(3)
    text = "; ".join(
        f"{columns[place]} of {tables[place]} {in_percent(worst['share'][place])}"
        for place in worst.index[worst["share"].notna()]
    )
    return Picture(figure, f"Cells not recorded, by field. Most often: {text}.")
