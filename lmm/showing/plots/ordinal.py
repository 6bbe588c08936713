"""Figures of the comparisons between groups by a model of ordered answers."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lmm.analysis.ordinal import HIGHER
from lmm.analysis.result import Result
from lmm.analysis.roles import named
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.panels import MARKS, key, new_figure, stacked
from lmm.showing.plots.rows import (
    FOOT,
    HEADING,
    LEAST,
    Rows,
    changes,
    in_words,
    intervals,
    nobody,
    number,
    rows_of,
    with_n,
)
from lmm.showing.plots.style import GREY, Picture, house_style
from lmm.showing.wording import level


def odds_ratios(result: Result) -> Picture:
    """Draw the odds ratio of each group against the first of its kind, with its interval.

    Groups of which nobody answered are left out.
    """
    table = result.by_role()
    rows = _answered(table[table["stratum_of_outcome"] == HIGHER], "numerator")
    labels = [
        f"{with_n(row.stratum_of_group, _n(row.numerator))}\nagainst {row.stratum_of_reference}"
        for row in rows_of(rows)
    ]
    place = Rows(labels, gaps=changes(rows["dimension"]))
    known = rows[rows["status"] == "ok"]
    with house_style():
        figure, axes = new_figure(place.height + FOOT)
        axes.set_xscale("log", base=2)
        intervals(axes, place.at, rows)
        axes.axvline(1, color=GREY, lw=0.8, zorder=0)
        place.name(axes)
        axes.set_xlim(
            min(0.25, *(known["low"] / 1.1)) if len(known) else 0.25,
            max(4, *(known["high"] * 1.1)) if len(known) else 4,
        )
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:.12g}")
        axes.set_xlabel(f"odds ratio of {HIGHER}; right of 1: higher odds")
    return Picture(
        figure,
        answers.odds(result.with_table(result.table.loc[rows.index]))[0],
        f"Odds ratio of {HIGHER} of each group against the first of its kind, on a logarithmic "
        f"axis: a dot, and its {level()} interval as a line; n is how many answered."
        f"{rests_on(result)}",
    )


def answer_probabilities(result: Result) -> Picture:
    """Draw the predicted probability of each answer by group, one panel a predictor.

    Of two answers only the higher is drawn: the other is the rest.
    """
    table = result.by_role()
    table = _answered(table, "denominator")
    parts = list(table.groupby("dimension", sort=False))
    known = list(dict.fromkeys(answer for _, rows in parts for answer in _shown(rows)))
    looks = dict(zip(known, (MARKS[n % len(MARKS)] for n in range(len(known))), strict=True))
    places = [_places(rows) for _, rows in parts]
    with house_style():
        figure, panels = stacked([each.height + HEADING for each in places], share=True)
        for axes, (by, rows), place in zip(panels, parts, places, strict=True):
            _probabilities(axes, rows, place, looks)
            axes.set_title(f"By {named(str(by))}")
        panels[-1].set_xlim(0, 101)
        panels[-1].set_xlabel("predicted % of those who answer")
        figure.set_figheight(figure.get_figheight() + FOOT)
        key(figure, _key(looks))
    return Picture(
        figure,
        answers.probabilities(result)[0],
        f"Probability of an answer in each group by the model, from 0: a mark, and its {level()} "
        f"interval as a line; n is how many answered.{_rest(parts)}{rests_on(result)}",
    )


def _rest(parts: list[tuple[Any, pd.DataFrame]]) -> str:
    """Say what the other of two answers is, of which only the higher is drawn."""
    left_out = dict.fromkeys(
        answer
        for _, rows in parts
        for answer in rows.loc[rows["status"] == "ok", "stratum_of_answer"]
        if answer not in _shown(rows)
    )
    return f" The rest: {', '.join(f'“{answer}”' for answer in left_out)}." if left_out else ""


def _n(answered: Any) -> str:
    return f"n = {number(answered)}"


def _answered(rows: pd.DataFrame, n: str) -> pd.DataFrame:
    """Leave out groups of which nobody answered, unless there are no others."""
    kept = rows[~nobody(rows[n])]
    return kept if len(kept) else rows


def _shown(rows: pd.DataFrame) -> list[str]:
    """List the answers that are drawn in a panel."""
    found = list(dict.fromkeys(rows.loc[rows["status"] == "ok", "stratum_of_answer"]))
    return found[1:] if len(found) == 2 else found


def _places(rows: pd.DataFrame) -> Rows:
    """Give each group room for its answers."""
    sizes = rows.drop_duplicates("stratum_of_group")
    pairs = zip(sizes["stratum_of_group"], sizes["denominator"], strict=True)
    labels = [with_n(group, _n(n)) for group, n in pairs]
    return Rows(labels, max(LEAST, 0.12 + 0.1 * len(_shown(rows))))


def _key(looks: dict[str, tuple[str, str]]) -> list[Artist]:
    return [
        Line2D([], [], marker=marker, color=colour, ms=4.5, label=f"“{answer}”")
        for answer, (marker, colour) in looks.items()
    ]


def _probabilities(
    axes: Axes, rows: pd.DataFrame, place: Rows, looks: dict[str, tuple[str, str]]
) -> None:
    """Draw one predictor: groups from top to bottom, answers beside each other."""
    at = dict(zip(dict.fromkeys(rows["stratum_of_group"]), place.at, strict=True))
    shown = _shown(rows)
    for n, answer in enumerate(shown):
        marker, colour = looks[answer]
        offset = (n - (len(shown) - 1) / 2) * 0.1
        for row in rows_of(rows[rows["stratum_of_answer"] == answer]):
            y = at[row.stratum_of_group] + offset
            low, value, high = (100 * getattr(row, name) for name in ("low", "estimate", "high"))
            axes.plot([low, high], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
            axes.plot(value, y, marker, color=colour, ms=4.5, clip_on=False)
    for row in rows_of(rows[rows["status"] != "ok"].drop_duplicates("stratum_of_group")):
        in_words(axes, at[row.stratum_of_group], row.status)
    place.name(axes)
