"""Figures of the satisfaction analysis."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from lmm.analysis.result import Result
from lmm.analysis.roles import named
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, wrapped
from lmm.showing.plots.panels import new_figure, nothing_to_draw, stacked
from lmm.showing.plots.rows import (
    FOOT,
    HEADING,
    Rows,
    beside,
    changes,
    in_hundred,
    in_words,
    intervals,
    nobody,
    of,
    percents,
    rows_of,
    with_n,
)
from lmm.showing.plots.style import BLUE, GREY, ORANGE, POINTS, RUST, Picture, house_style
from lmm.showing.wording import about, called, level, percent_of, sentence
from lmm.statistics.rounding import fixed, in_percent
from lmm.statistics.shares import WORST_CASE


def forest(result: Result, by: tuple[str, ...]) -> Picture:
    """Draw shares with their intervals, in all and for the strata asked for.

    Of a result of several measures each has a panel. Strata of nobody are left out.
    """
    table = result.by_role()
    table = table[table["dimension"].isin(["all", *by])]
    table = table[table["dimension"].eq("all") | ~nobody(table["denominator"])]
    parts = list(table.groupby("measure", sort=False)) if "measure" in table else [("", table)]
    places = [Rows(_strata(rows), gaps=changes(rows["dimension"])) for _, rows in parts]
    with house_style():
        heights = [
            each.height + (HEADING if name else 0.06)
            for (name, _), each in zip(parts, places, strict=True)
        ]
        figure, panels = stacked(heights, share=True)
        lines = []
        for axes, (name, rows), place in zip(panels, parts, places, strict=True):
            lines.append(_shares(axes, in_hundred(rows), place))
            axes.set_title(
                wrapped(sentence(called(name)) if name else "", POINTS - 180, weight="bold")
            )
        percents(panels[-1], 100 * float(table["low"].min()), percent_of(result))
        figure.set_figheight(figure.get_figheight() + FOOT)
    groups = " and by ".join(map(named, by))
    answer = answers.shares if "measure" in table else answers.groups
    if by == ("course_id",):
        answer = answers.courses
    return Picture(
        figure,
        answer(result)[0],
        f"{sentence(about(result))} in all{f' and by {groups}' if groups else ''}, with n of N in "
        f"brackets: a dot, and its {level()} interval as a line."
        f"{' The grey line is the share of all.' if any(lines) else ''}{rests_on(result)}",
    )


def _strata(rows: pd.DataFrame) -> list[str]:
    return [with_n(row.stratum, of(row.numerator, row.denominator)) for row in rows_of(rows)]


def _shares(axes: Axes, rows: pd.DataFrame, place: Rows) -> bool:
    """Draw the strata of a share; say whether there is a line at that of all, who come first."""
    intervals(axes, place.at, rows)
    place.name(axes)
    known = rows.loc[rows["dimension"].eq("all") & rows["status"].eq("ok"), "estimate"]
    for share in known:
        axes.axvline(share, color=GREY, lw=0.8, zorder=0)
    return len(known) > 0


def methods(result: Result) -> Picture:
    """Draw one share with each of its intervals, the primary one marked by name."""
    table = result.by_role()
    rows = Rows([with_n(row.stratum_of_interval, row.stratum_of_part) for row in rows_of(table)])
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        intervals(axes, rows.at, in_hundred(table))
        for y, row in zip(rows.at, rows_of(table), strict=True):
            if row.status == "ok":
                beside(axes, y, f"{in_percent(row.low, 1)} to {in_percent(row.high, 1)}")
        rows.name(axes)
        percents(axes, 100 * float(table["low"].min()), percent_of(result))
    return Picture(
        figure,
        answers.intervals(result)[0],
        f"The same share with each {level()} interval, whose limits stand at the right."
        f"{rests_on(result)}",
    )


def bounds(result: Result) -> Picture:
    """Draw the share of respondents with its interval above the worst-case bounds."""
    table = result.by_role()
    rows = Rows(
        [f"{row.stratum}\n({of(row.numerator, row.denominator)})" for row in rows_of(table)]
    )
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        for y, row in zip(rows.at, rows_of(in_hundred(table)), strict=True):
            if row.status == "ok":
                _span(axes, y, row)
            else:
                in_words(axes, y, row.status)
        rows.name(axes)
        percents(axes, 0, f"% with {about(result)}")
    return Picture(
        figure,
        answers.bounds(result)[0],
        f"The {level()} interval of the share of those who answered (blue), and what it could be "
        "over everyone, whatever those who did not answer would have said (orange), with n of N "
        f"in brackets.{rests_on(result)}",
    )


def _span(axes: Axes, y: float, row: Any) -> None:
    """Draw a span, and write at the right what it is."""
    worst = row.method == WORST_CASE
    colour, ink, what = (ORANGE, RUST, "bounds") if worst else (BLUE, BLUE, "interval")
    axes.barh(y, row.high - row.low, left=row.low, height=0.14, color=colour)
    beside(axes, y, f"{fixed(row.low, 1)}% to {fixed(row.high, 1)}%,\n{what}", ink)


def counts_behind(result: Result, bounds: Result) -> Picture:
    """Draw for how many respondents each number of dissatisfied ones prints as published.

    ``bounds`` are those of the share, whose first row says how many answered.
    """
    table = result.by_role()
    if table.empty:
        return nothing_to_draw(answers.behind_published(result)[0])
    inside, least, most = (
        f"number_of_{of}"
        for of in ("not_highly_satisfied", "respondents_at_least", "respondents_at_most")
    )
    answered = bounds.by_role()["denominator"].iloc[0]
    rows = Rows([fixed(n) for n in table[inside]])
    with house_style():
        figure, axes = new_figure(rows.height + FOOT + 0.2)
        axes.hlines(rows.at, table[least], table[most], color=BLUE, lw=5)
        rows.name(axes)
        axes.set_xlim(left=0)
        axes.set(xlabel="respondents", ylabel="not highly satisfied")
        if pd.notna(answered):
            axes.axvline(float(answered), color=ORANGE, ls="--", lw=1.2)
            axes.annotate(
                f"{fixed(answered)} answered", (float(answered), 1), (0, 3), color=RUST,
                xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
                fontsize=SMALL,
            )  # fmt: skip
    return Picture(
        figure,
        answers.behind_published(result)[0],
        "For each number of respondents who are not highly satisfied: the numbers of respondents, "
        "from 0, of whom the share would print as the published percentage. The dashed line is "
        f"how many answered here.{rests_on(result)}",
    )
