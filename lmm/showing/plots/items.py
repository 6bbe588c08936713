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
from lmm.showing.plots.panels import MARKS, key, key_above, new_figure, patch, stacked
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
from lmm.showing.plots.style import BLUE, GREY, INK, ORANGE, Picture, house_style
from lmm.showing.wording import about, level, percent_of, sentence
from lmm.statistics.rounding import fixed

POINTS_OF_PANEL, ROOM_OF_KEY = 255.0, 325.0
"""Width of a panel, in points, beside the widest labels, and with what stands at its right."""


def likert(result: Result) -> Picture:
    """Draw the answers to each item as stacked bars that diverge from the middle of its scale.

    The items of each scale have a panel, and where there are several its own key.
    """
    parts = _by_scale(result.by_role())
    with house_style():
        figure, panels = stacked([each.place.height for each in parts], share=True)
        reach = max(each.ends.max() for each in parts) - min(each.left.min() for each in parts)
        points = POINTS_OF_PANEL * 100 / max(1.1 * reach, 100)
        keys = 0.0
        for axes, each in zip(panels, parts, strict=True):
            _diverging(axes, each, points)
            if len(parts) == 1:
                key(figure, each.handles)
            else:
                keys += key_above(axes, each.handles, ROOM_OF_KEY)
        panels[-1].xaxis.set_major_formatter(lambda x, _: fixed(abs(x)))
        panels[-1].set_xlabel("% of those who answered, to each side of the middle of the scale")
        figure.set_figheight(figure.get_figheight() + FOOT + keys)
    return Picture(
        figure,
        answers.items(result)[0],
        "Answers to each item, as parts of all who answered it (n at the right, and beside it "
        "the forms left blank and those with “don't know”). Bars are centred on the middle of "
        f"{'the scale' if len(parts) == 1 else 'their own scale'}.{rests_on(result)}",
    )


class Scaled:
    """The items of one scale: the shares of their answers, and from where to where bars go."""

    def __init__(self, rows: pd.DataFrame) -> None:
        item, answer = "stratum_of_item", "stratum_of_answer"
        self.firsts = rows_of(rows.drop_duplicates(item))
        self.hidden = list(rows["count_of_answers"].isna().groupby(rows[item], sort=False).any())
        answers_ = list(dict.fromkeys(rows[answer]))
        shares = rows.pivot(index=item, columns=answer, values="share")
        names = [row.stratum_of_item for row in self.firsts]
        self.shares = 100 * shares.loc[names, answers_].astype("float64").fillna(0)
        self.place = Rows([str(name) for name in names], 0.56)
        self.looks = _looks(len(answers_))
        below = len(answers_) // 2
        self.left = -self.shares.iloc[:, :below].sum(axis=1)
        if len(answers_) % 2:
            self.left = self.left - self.shares.iloc[:, below] / 2
        self.ends = self.left + self.shares.sum(axis=1)

    @property
    def handles(self) -> list[Artist]:
        """Say which colour each answer has."""
        looks = zip(self.shares, self.looks, strict=True)
        return [patch(str(name), facecolor=colour) for name, (colour, _) in looks]


def _by_scale(table: pd.DataFrame) -> list[Scaled]:
    """Put the items together that have the same answers, in the order of their first."""
    groups = table.groupby("stratum_of_item", sort=False)["stratum_of_answer"]
    scales = table["stratum_of_item"].map({item: tuple(answers) for item, answers in groups})
    return [Scaled(table[scales == scale]) for scale in dict.fromkeys(scales)]


def _looks(n: int) -> list[tuple[str, str]]:
    """Give each answer its colour and that of the words upon it, from orange to blue."""
    below = sns.blend_palette([ORANGE, "#F3B98A"], max(n // 2, 1)).as_hex()[: n // 2]
    above = sns.blend_palette([BLUE, "#8FC1E3"], max(n // 2, 1)).as_hex()[: n // 2][::-1]
    middle = ["#CFCFCF"] if n % 2 else []
    return [
        (colour, "white" if place == n - 1 and n > 1 else INK)
        for place, colour in enumerate([*below, *middle, *above])
    ]


def _diverging(axes: Axes, of: Scaled, points: float) -> None:
    """Draw bars that begin to the left of 0 by what lies below the middle, and their numbers."""
    left = of.left
    for (_, shares), (colour, ink) in zip(of.shares.items(), of.looks, strict=True):
        axes.barh(of.place.at, shares, left=left, color=colour, height=0.26, lw=0)
        for y, part, start in zip(of.place.at, shares, left, strict=True):
            inside(axes, start + part / 2, y, part / 100, "", part * points / 100, ink)
        left = left + shares
    for y, row, hidden in zip(of.place.at, of.firsts, of.hidden, strict=True):
        answered = number(row.count_of_forms_with_an_answer)
        more = "some answers\nsuppressed" if hidden else unanswered(row)
        beside(axes, y, f"n = {answered}\n{more}")
    axes.axvline(0, color=GREY, lw=0.8)
    axes.spines["left"].set_visible(False)
    of.place.name(axes)


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
