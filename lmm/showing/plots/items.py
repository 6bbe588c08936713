"""Figures of the items of a form: their answers, and those without one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from lmm.analysis.items import WORST
from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL
from lmm.showing.plots.panels import key, new_figure, patch
from lmm.showing.plots.rows import (
    FOOT,
    Rows,
    beside,
    inside,
    number,
    percents,
    rows_of,
    said,
)
from lmm.showing.plots.style import BLUE, GREEN, GREY, INK, ORANGE, Picture, house_style
from lmm.showing.wording import about, level, percent_of, sentence
from lmm.statistics.rounding import fixed

POINTS_OF_PANEL = 255.0
"""Width of a panel, in points, beside the widest labels."""


def likert(result: Result) -> Picture:
    """Draw the answers to each item as stacked bars that diverge from the middle answer."""
    table, item, answer = result.by_role(), "stratum_of_item", "stratum_of_answer"
    answers_ = list(dict.fromkeys(table[answer]))
    shares = table.pivot(index=item, columns=answer, values="share")
    shares = shares.loc[list(dict.fromkeys(table[item])), answers_].astype("float64")
    first = table.drop_duplicates(item).set_index(item).loc[shares.index]
    rows = Rows([str(name) for name in shares.index], 0.56)
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        looks = _looks(len(answers_))
        _diverging(axes, rows, shares.fillna(0), looks)
        some = table["count_of_answers"].isna().groupby(table[item], sort=False).any()
        for y, row, hidden in zip(rows.at, rows_of(first.reset_index()), some, strict=True):
            answered = number(row.count_of_forms_with_an_answer)
            more = "some answers\nsuppressed" if hidden else unanswered(row)
            beside(axes, y, f"n = {answered}\n{more}")
        axes.axvline(0, color=GREY, lw=0.8)
        axes.spines["left"].set_visible(False)
        rows.name(axes)
        axes.xaxis.set_major_formatter(lambda x, _: fixed(abs(x)))
        axes.set_xlabel("% of those who answered, to each side of the middle answer")
        pairs = zip(answers_, looks, strict=True)
        key(figure, [patch(name, facecolor=colour) for name, (colour, _) in pairs])
    return Picture(
        figure,
        answers.items(result)[0],
        "Answers to each item, as parts of all who answered it (n at the right, and beside it "
        "the forms left blank and those with “don't know”). Bars are centred on the middle of "
        f"the scale.{rests_on(result)}",
    )


def _looks(n: int) -> list[tuple[str, str]]:
    """Give each answer its colour and that of the words upon it, from orange to blue."""
    below = sns.blend_palette(["#D55E00", "#F3B98A"], max(n // 2, 1)).as_hex()[: n // 2]
    above = sns.blend_palette(["#8FC1E3", "#0072B2"], max(n // 2, 1)).as_hex()[: n // 2]
    middle = ["#CFCFCF"] if n % 2 else []
    return [
        (colour, "white" if place == n - 1 and n > 1 else INK)
        for place, colour in enumerate([*below, *middle, *above])
    ]


def _diverging(axes: Axes, rows: Rows, shares: pd.DataFrame, looks: list[tuple[str, str]]) -> None:
    """Draw bars that begin to the left of 0 by what lies below the middle answer."""
    below = len(looks) // 2
    left = -100 * shares.iloc[:, :below].sum(axis=1)
    if len(looks) % 2:
        left = left - 50 * shares.iloc[:, below]
    ends = left + 100 * shares.sum(axis=1)
    points = POINTS_OF_PANEL * 100 / max(float(ends.max() - left.min()) * 1.1, 100)
    for (_, share), (colour, ink) in zip(shares.items(), looks, strict=True):
        axes.barh(rows.at, 100 * share, left=left, color=colour, height=0.26, lw=0)
        for y, part, start in zip(rows.at, share, left, strict=True):
            inside(axes, start + 50 * part, y, part, "", part * points, ink)
        left = left + 100 * share


def unanswered(row: Any) -> str:
    """Say how many forms have no answer to an item, as far as that is shown."""
    blank, unsure = row.count_of_blank_forms, row.count_of_unsure_forms
    if pd.isna(blank) and pd.isna(unsure):
        return "others suppressed"
    return f"{number(blank)} blank,\n{number(unsure)} don't know"


def item_missing(result: Result) -> Picture:
    """Draw each item three ways: two estimates with intervals, and bounds as a bar."""
    table = result.by_role()
    approaches = list(dict.fromkeys(table["stratum_of_approach"]))
    items = table.drop_duplicates("stratum_of_item")
    rows = Rows([str(name) for name in items["stratum_of_item"]], 0.56)
    at = dict(zip(items["stratum_of_item"], rows.at, strict=True))
    with house_style():
        figure, axes = new_figure(rows.height + FOOT)
        handles = [
            _approach(axes, table[table["stratum_of_approach"] == approach], at, place)
            for place, approach in enumerate(approaches)
        ]
        for y, row in zip(rows.at, rows_of(items), strict=True):
            beside(axes, y, unanswered(row))
        rows.name(axes)
        percents(axes, 100 * float(table["low"].min()), percent_of(result))
        key(figure, handles)
    return Picture(
        figure,
        answers.blanks(result)[0],
        f"{sentence(about(result))} by item, with the blank answers left out in two ways (dots, "
        f"and {level()} intervals as lines) and counted at their worst (bars). At the right, the "
        f"forms without an answer.{rests_on(result)}",
    )


MARKS = (("o", BLUE), ("s", ORANGE), ("^", GREEN))


def _approach(axes: Axes, rows: pd.DataFrame, at: dict[str, float], place: int) -> Artist:
    """Draw one way of treating what is missing; bounds have no point and no interval."""
    marker, colour = MARKS[place]
    label = str(rows["stratum_of_approach"].iloc[0])
    bar: dict[str, Any] = {"color": "#A9A9A9", "lw": 5, "solid_capstyle": "butt"}
    for row in rows_of(rows):
        y = at[row.stratum_of_item] + (place - 1) * 0.17
        low, value, high = (100 * getattr(row, name) for name in ("low", "estimate", "high"))
        if row.status != "ok":
            where = axes.get_yaxis_transform()
            text = f"{label}: {said(row.status)}"
            axes.text(
                0.01, y, text, transform=where, va="center", fontsize=SMALL, color=GREY, zorder=4,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )  # fmt: skip
        elif label == WORST:
            axes.plot([low, high], [y, y], **bar)
        else:
            axes.plot([low, high], [y, y], color=colour, lw=1.6, solid_capstyle="butt")
            axes.plot(value, y, marker, color=colour, ms=4.5, clip_on=False)
    if label == WORST:
        return Line2D([], [], label=f"{label} (bounds)", **bar)
    return Line2D([], [], marker=marker, color=colour, ms=4.5, label=label)
