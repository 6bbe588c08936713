"""Figures of the satisfaction analysis."""

from __future__ import annotations

import pandas as pd
import seaborn as sns

from lmm.showing.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    Picture,
    house_style,
    intervals,
    new_figure,
    number,
    rows_of,
)
from lmm.statistics.rounding import fixed, in_percent


def likert(table: pd.DataFrame) -> Picture:
    """Draw the answers to each item as stacked bars that diverge from the middle answer."""
    answers = list(dict.fromkeys(table["answer"]))
    shares = table.pivot(index="item", columns="answer", values="share").fillna(0) * 100
    shares = shares.loc[list(dict.fromkeys(table["item"])), answers]
    counts = table.drop_duplicates("item").set_index("item")
    below = len(answers) // 2
    offset = shares.iloc[:, :below].sum(axis=1)
    if len(answers) % 2:
        offset = offset + shares.iloc[:, below] / 2
    with house_style():
        figure, axes = new_figure(height=1.5 + 0.5 * len(shares))
        colours = sns.diverging_palette(40, 245, s=85, l=50, n=len(answers), center="light")
        left = -offset
        for answer, colour in zip(answers, colours, strict=True):
            axes.barh(
                shares.index, shares[answer], left=left, color=colour, height=0.66, label=answer
            )
            left = left + shares[answer]
        for y, item in enumerate(shares.index):
            row = counts.loc[item]
            beside = f"{number(row['missing'])} blank, {number(row['dont_know'])} don't know"
            text = f"n = {number(row['answered'])}\n{beside}"
            axes.text(
                1.01, y, text, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5
            )
        axes.axvline(0, color=GREY, lw=0.8)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(lambda x, _: fixed(abs(x)))
        axes.set_xlabel("% of those who answered the item, to each side of the middle answer")
        figure.legend(loc="outside upper center", ncols=len(answers), fontsize=8)
    top = answers[-1]
    known = table[table["answer"] == top].set_index("item")["share"]
    text = "; ".join(
        f"{item} " + ("suppressed" if pd.isna(share) else in_percent(share))
        for item, share in known.items()
    )
    return Picture(figure, f"Answers to each item. Share of “{top}”: {text}.")


def forest(table: pd.DataFrame, by: tuple[str, ...]) -> Picture:
    """Draw the share with high satisfaction, with its interval, for the strata asked for."""
    rows = table[table["by"].isin(["all", *by])]
    return _shares(rows, "% of respondents with high satisfaction", "High satisfaction")


def response(table: pd.DataFrame, by: tuple[str, ...]) -> Picture:
    """Draw the response rate, with its interval, for the strata asked for."""
    rows = table[table["by"].isin(["all", *by])]
    return _shares(rows, "% of attendances with an answer", "Response rate")


def _shares(rows: pd.DataFrame, axis_label: str, subject: str) -> Picture:
    scaled = rows.assign(**{name: rows[name] * 100 for name in ("estimate", "low", "high")})
    labels = [
        f"{row.stratum}  ({number(row.numerator)} of {number(row.denominator)})"
        for row in rows_of(rows)
    ]
    with house_style():
        figure, axes = new_figure(height=1.0 + 0.23 * len(rows))
        intervals(axes, labels, scaled, BLUE)
        whole = scaled.iloc[0]
        if whole["status"] == "ok":
            axes.axvline(whole["estimate"], color=PALE, zorder=0)
        breaks = rows["by"].ne(rows["by"].shift()).to_numpy().nonzero()[0]
        for y in breaks[1:]:
            axes.axhline(y - 0.5, color=PALE, lw=0.8)
        axes.set_xlim(right=101)
        axes.set_xlabel(axis_label)
    known = rows[rows["status"] == "ok"]
    text = "; ".join(f"{row.stratum} {in_percent(row.estimate)}" for row in rows_of(known))
    return Picture(figure, f"{subject} with intervals: {text or 'no data'}.")


def methods(table: pd.DataFrame) -> Picture:
    """Draw one share with each of its intervals, the primary one marked by name."""
    scaled = table.assign(**{name: table[name] * 100 for name in ("estimate", "low", "high")})
    labels = [f"{row.interval}  ({row.role})" for row in rows_of(table)]
    with house_style():
        figure, axes = new_figure(height=1.0 + 0.3 * len(table))
        intervals(axes, labels, scaled, BLUE)
        axes.set_xlim(right=100.3)
        axes.set_xlabel("% of respondents with high satisfaction")
    known = rows_of(table[table["status"] == "ok"])
    text = "; ".join(
        f"{row.interval} {in_percent(row.low, 1)} to {in_percent(row.high, 1)}" for row in known
    )
    return Picture(figure, f"The same share with each interval: {text or 'no data'}.")


def response_against(response: pd.DataFrame, high: pd.DataFrame) -> Picture:
    """Draw the share with high satisfaction of each course against its response rate."""
    columns = ["stratum", "estimate", "denominator"]
    courses = response.loc[response["by"] == "course_id", columns].merge(
        high.loc[high["by"] == "course_id", columns], on="stratum", suffixes=("_response", "")
    )
    known = courses.dropna()
    with house_style():
        figure, axes = new_figure(height=3.4)
        axes.scatter(
            known["estimate_response"] * 100,
            known["estimate"] * 100,
            s=known["denominator"] * 6,
            color=BLUE,
            alpha=0.55,
            linewidths=0,
        )
        axes.set_xlim(0, 103)
        axes.set(xlabel="response rate, %", ylabel="% with high satisfaction")
    text = "; ".join(
        f"{row.stratum} {in_percent(row.estimate_response)} response, "
        f"{in_percent(row.estimate)} high"
        for row in rows_of(known[known["estimate"] < 1])
    )
    few = f"Courses under 100%: {text}" if text else "No course is under 100%"
    return Picture(
        figure,
        f"Each course by its response rate and its share with high satisfaction, the area of a "
        f"dot showing its answers. {few}.",
    )


def bounds(table: pd.DataFrame) -> Picture:
    """Draw the share of respondents with its interval above the worst-case bounds."""
    labels = [
        f"{row.over}\n({number(row.numerator)} high of {number(row.denominator)})"
        for row in rows_of(table)
    ]
    scaled = table.assign(**{name: table[name] * 100 for name in ("estimate", "low", "high")})
    with house_style():
        figure, axes = new_figure(height=2.5)
        intervals(axes, labels, scaled.assign(estimate=float("nan")), PALE)
        for y, row in enumerate(rows_of(scaled)):
            if row.status != "ok":
                continue
            colour = ORANGE if row.method == "worst-case bounds" else BLUE
            axes.plot([row.low, row.high], [y, y], color=colour, lw=6, solid_capstyle="butt")
            text = f"{fixed(row.low, 1)} to {fixed(row.high, 1)}, {row.method}"
            axes.annotate(
                text, ((row.low + row.high) / 2, y), (0, -14),
                textcoords="offset points", ha="center", fontsize=8,
            )  # fmt: skip
        axes.set_xlim(0, 101)
        axes.set_xlabel("% with high satisfaction")
    known = table[table["status"] == "ok"]
    text = "; ".join(
        f"{row.over}: {in_percent(row.low, 1)} to {in_percent(row.high, 1)}"
        for row in rows_of(known)
    )
    return Picture(figure, f"Interval over respondents and bounds over all. {text or 'No data'}.")


def counts_behind(table: pd.DataFrame, bounds: pd.DataFrame) -> Picture:
    """Draw for how many respondents each number of dissatisfied ones prints as published.

    ``bounds`` are those of the share, whose first row says how many answered.
    """
    respondents = int(bounds["denominator"].iloc[0])
    with house_style():
        figure, axes = new_figure(height=1.1 + 0.28 * len(table))
        axes.hlines(
            table["not_high"], table["respondents_from"], table["respondents_to"], color=BLUE, lw=5
        )
        axes.axvline(respondents, color=ORANGE, ls="--", lw=1.2)
        axes.annotate(
            f"{respondents} answered", (respondents, 1), (4, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=ORANGE, fontsize=8,
        )  # fmt: skip
        axes.set_yticks(list(table["not_high"]))
        axes.set_xlim(left=0)
        axes.set(xlabel="respondents", ylabel="of them not highly satisfied")
    text = "; ".join(
        f"{row.not_high} of {row.respondents_from} to {row.respondents_to}"
        for row in rows_of(table)
    )
    return Picture(figure, f"Numbers not highly satisfied that print as published: {text}.")
