"""Figures of the satisfaction analysis."""

from __future__ import annotations

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lmm.analysis.result import Result
from lmm.analysis.roles import named
from lmm.showing.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    PALE,
    WIDTH,
    Picture,
    house_style,
    in_hundred,
    intervals,
    new_figure,
    number,
    rows_of,
)
from lmm.showing.wording import about, called, percent_of, sentence, several
from lmm.statistics.rounding import fixed, in_percent
from lmm.statistics.shares import WORST_CASE


def likert(result: Result) -> Picture:
    """Draw the answers to each item as stacked bars that diverge from the middle answer."""
    table, item, answer = result.by_role(), "stratum_of_item", "stratum_of_answer"
    answers = list(dict.fromkeys(table[answer]))
    shares = table.pivot(index=item, columns=answer, values="share").fillna(0) * 100
    shares = shares.loc[list(dict.fromkeys(table[item])), answers]
    counts = table.drop_duplicates(item).set_index(item)
    below = len(answers) // 2
    offset = shares.iloc[:, :below].sum(axis=1)
    if len(answers) % 2:
        offset = offset + shares.iloc[:, below] / 2
    with house_style():
        figure, axes = new_figure(height=1.5 + 0.5 * len(shares))
        colours = sns.diverging_palette(40, 245, s=85, l=50, n=len(answers), center="light")
        left = -offset
        for label, colour in zip(answers, colours, strict=True):
            axes.barh(
                shares.index, shares[label], left=left, color=colour, height=0.66, label=label
            )
            left = left + shares[label]
        for y, row in enumerate(rows_of(counts.loc[shares.index])):
            blank, unsure = number(row.count_of_blank_forms), number(row.count_of_unsure_forms)
            answered = number(row.count_of_forms_with_an_answer)
            text = f"n = {answered}\n{blank} blank, {unsure} don't know"
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
    known = table[table[answer] == top].set_index(item)["share"]
    text = "; ".join(
        f"{name} " + ("suppressed" if pd.isna(share) else in_percent(share))
        for name, share in known.items()
    )
    return Picture(figure, f"Answers to each item. Share of “{top}”: {text}.")


def forest(result: Result, by: tuple[str, ...]) -> Picture:
    """Draw shares with their intervals, in all and for the strata asked for.

    Of a result of several measures each has a panel.
    """
    table = result.by_role()
    table = table[table["dimension"].isin(["all", *by])]
    panels = list(table.groupby("measure", sort=False)) if "measure" in table else [("", table)]
    sizes = [len(rows) for _, rows in panels]
    with house_style():
        height = 1.0 + 0.23 * sum(sizes) + 0.5 * (len(sizes) - 1)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        grid = figure.subplots(len(sizes), 1, sharex=True, squeeze=False, height_ratios=sizes)
        for (name, rows), axes in zip(panels, grid[:, 0], strict=True):
            _strata(axes, in_hundred(rows))
            axes.set_title(name and sentence(called(name)))
        grid[-1, 0].set_xlim(right=101)
        grid[-1, 0].set_xlabel(percent_of(result))
    text = "; ".join(
        f"{called(name) + ', ' if name else ''}{row.stratum} {in_percent(row.estimate)}"
        for name, rows in panels
        for row in rows_of(rows[rows["status"] == "ok"])
    )
    return Picture(figure, f"{sentence(about(result))} with intervals: {text or 'no data'}.")


def _strata(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the strata of a share, and a line at the share of all, which come first."""
    labels = [
        f"{row.stratum}  ({number(row.numerator)} of {number(row.denominator)})"
        for row in rows_of(rows)
    ]
    intervals(axes, labels, rows, BLUE)
    if rows["status"].iloc[0] == "ok":
        axes.axvline(rows["estimate"].iloc[0], color=PALE, zorder=0)
    breaks = rows["dimension"].ne(rows["dimension"].shift()).to_numpy().nonzero()[0]
    for y in breaks[1:]:
        axes.axhline(y - 0.5, color=PALE, lw=0.8)


def methods(result: Result) -> Picture:
    """Draw one share with each of its intervals, the primary one marked by name."""
    table = result.by_role()
    labels = [f"{row.stratum_of_interval}  ({row.stratum_of_part})" for row in rows_of(table)]
    with house_style():
        figure, axes = new_figure(height=1.0 + 0.3 * len(table))
        intervals(axes, labels, in_hundred(table), BLUE)
        axes.set_xlim(right=100.3)
        axes.set_xlabel(percent_of(result))
    known = rows_of(table[table["status"] == "ok"])
    text = "; ".join(
        f"{row.stratum_of_interval} {in_percent(row.low, 1)} to {in_percent(row.high, 1)}"
        for row in known
    )
    return Picture(figure, f"The same share with each interval: {text or 'no data'}.")


def response_against(response: Result, high: Result) -> Picture:
    """Draw the share of each cluster, such as each course, against its response rate."""
    cluster = high.roles[high.column("dimension")].of
    rates, shares = (_by_cluster(result, cluster) for result in (response, high))
    known = shares.merge(rates, on="stratum", suffixes=("", "_response")).dropna()
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
        axes.set(xlabel=f"{about(response)}, %", ylabel=f"% with {about(high)}")
    text = "; ".join(
        f"{row.stratum} {in_percent(row.estimate_response)} response, "
        f"{in_percent(row.estimate)} high"
        for row in rows_of(known[known["estimate"] < 1])
    )
    noun = named(cluster)
    few = f"{sentence(several(noun))} under 100%: {text}" if text else f"No {noun} is under 100%"
    return Picture(
        figure,
        f"Each {noun} by its {about(response)} and its share with {about(high)}, the area of a "
        f"dot showing its answers. {few}.",
    )


def _by_cluster(result: Result, cluster: str) -> pd.DataFrame:
    table = result.by_role()
    return table.loc[table["dimension"] == cluster, ["stratum", "estimate", "denominator"]]


def bounds(result: Result) -> Picture:
    """Draw the share of respondents with its interval above the worst-case bounds."""
    table = result.by_role()
    labels = [
        f"{row.stratum}\n({number(row.numerator)} high of {number(row.denominator)})"
        for row in rows_of(table)
    ]
    scaled = in_hundred(table)
    with house_style():
        figure, axes = new_figure(height=2.5)
        intervals(axes, labels, scaled.assign(estimate=float("nan")), PALE)
        for y, row in enumerate(rows_of(scaled)):
            if row.status != "ok":
                continue
            colour = ORANGE if row.method == WORST_CASE else BLUE
            axes.plot([row.low, row.high], [y, y], color=colour, lw=6, solid_capstyle="butt")
            text = f"{fixed(row.low, 1)} to {fixed(row.high, 1)}, {row.method}"
            axes.annotate(
                text, ((row.low + row.high) / 2, y), (0, -14),
                textcoords="offset points", ha="center", fontsize=8,
            )  # fmt: skip
        axes.set_xlim(0, 101)
        axes.set_xlabel(f"% with {about(result)}")
    known = table[table["status"] == "ok"]
    text = "; ".join(
        f"{row.stratum}: {in_percent(row.low, 1)} to {in_percent(row.high, 1)}"
        for row in rows_of(known)
    )
    return Picture(figure, f"Interval over respondents and bounds over all. {text or 'No data'}.")


def counts_behind(result: Result, bounds: Result) -> Picture:
    """Draw for how many respondents each number of dissatisfied ones prints as published.

    ``bounds`` are those of the share, whose first row says how many answered.
    """
    table = result.by_role()
    inside, least, most = (
        f"number_of_{of}"
        for of in ("not_highly_satisfied", "respondents_at_least", "respondents_at_most")
    )
    respondents = int(bounds.by_role()["denominator"].iloc[0])
    with house_style():
        figure, axes = new_figure(height=1.1 + 0.28 * len(table))
        axes.hlines(table[inside], table[least], table[most], color=BLUE, lw=5)
        axes.axvline(respondents, color=ORANGE, ls="--", lw=1.2)
        axes.annotate(
            f"{respondents} answered", (respondents, 1), (4, 2), xycoords=("data", "axes fraction"),
            textcoords="offset points", color=ORANGE, fontsize=8,
        )  # fmt: skip
        axes.set_yticks(list(table[inside]))
        axes.set_xlim(left=0)
        axes.set(xlabel="respondents", ylabel="of them not highly satisfied")
    text = "; ".join(
        f"{n} of {first} to {last}" for n, first, last in rows_of(table[[inside, least, most]])
    )
    return Picture(figure, f"Numbers not highly satisfied that print as published: {text}.")
