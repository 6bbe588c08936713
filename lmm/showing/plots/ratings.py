"""Figures of ratings as tiles: of each target, and as cut-offs and definitions move."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.colours import RATING
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.letters import SMALL, lines_in, wrapped
from lmm.showing.plots.panels import headed, new_figure
from lmm.showing.plots.rows import LINE, Rows, longest, rows_of
from lmm.showing.plots.style import INK, POINTS, WIDTH, Picture, house_style
from lmm.showing.plots.targets import cut_offs, value_of
from lmm.showing.wording import called
from lmm.statistics.rounding import fixed


def rating_matrix(result: Result) -> Picture:
    """Draw the rating of each target as a tile that says it in words."""
    table = result.by_role()
    years = list(dict.fromkeys(table["stratum"]))
    firsts = table.drop_duplicates("measure")
    labels = [f"{called(row.measure)}\n{cut_offs(row)}" for row in rows_of(firsts)]
    rows = Rows(labels, 0.52)
    at = dict(zip(firsts["measure"], rows.at, strict=True))
    room = (POINTS - 180) / max(len(years), 1) - 10
    with house_style():
        figure, axes = new_figure(rows.height + 0.3)
        for row in rows_of(table):
            x, y = years.index(row.stratum), at[row.measure]
            axes.barh(y, 0.96, left=x + 0.02, height=0.46, color=RATING[row.words_of_rating])
            words = _tile(row, room)
            axes.text(x + 0.5, y, words, ha="center", va="center", fontsize=SMALL)
        rows.name(axes)
        axes.set_xticks([x + 0.5 for x in range(len(years))], years)
        axes.set_xlim(0, max(len(years), 1))
        headed(axes)
    return Picture(
        figure,
        answers.achieved(result)[0],
        "What was achieved in each contract year, its rating and whether the target was met. "
        "Counts are divided by their target for the months open; shares are in percent; the "
        f"cut-offs stand below each name.{rests_on(result)}",
    )


def _tile(row: Any, room: float) -> str:
    """Word a tile in two lines, as fully as it has room."""
    value = value_of(row) if row.status == "ok" else ""
    rating, verdict = row.words_of_rating, row.words_of_verdict
    first = ", ".join(filter(None, (value, rating)))
    full = "\n".join(dict.fromkeys((first, verdict)))
    shorter = "\n".join(filter(None, (value, rating)))
    fits = (text for text in (full, shorter) if longest([text], SMALL) <= room)
    return next(fits, value or rating)


def sensitivity(result: Result) -> Picture:
    """Draw, for each definition, how many targets are not met as the cut-offs move."""
    table = result.by_role()
    rules = list(dict.fromkeys(table["words_of_rule"]))
    reds = sorted(set(table["number_of_red_factor"]))
    greens = sorted(set(table["number_of_green_factor"]))
    room = (POINTS - 50) / max(len(rules), 1) - 14
    titles = [wrapped(rule, room, SMALL, "bold") for rule in rules]
    with house_style():
        height = 0.75 + 0.42 * len(greens) + LINE * max(map(lines_in, titles), default=1)
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        panels = figure.subplots(1, max(len(rules), 1), sharey=True, squeeze=False)[0]
        for axes, rule, title in zip(panels, rules, titles, strict=False):
            for row in rows_of(table[table["words_of_rule"] == rule]):
                x = reds.index(row.number_of_red_factor)
                _moved(axes, x, greens.index(row.number_of_green_factor), row)
            axes.set_title(title, fontsize=SMALL)
            axes.set_xticks([i + 0.47 for i in range(len(reds))], [f"× {x:.12g}" for x in reds])
            axes.set_yticks([i + 0.47 for i in range(len(greens))], [f"× {x:.12g}" for x in greens])
            axes.set(xlim=(0, len(reds)), ylim=(0, len(greens)), xlabel="red cut-off")
            axes.tick_params(length=0)
            for side in axes.spines.values():
                side.set_visible(False)
        panels[0].set_ylabel("green cut-off")
    return Picture(
        figure,
        answers.sensitivity(result)[0],
        "How many targets are neither met nor nearly met if the cut-offs are multiplied by the "
        "numbers along the axes, for each definition of nearly met; “all” where all are."
        f"{_not_rated(table)} The framed tile is as the study file declares.{rests_on(result)}",
    )


def _not_rated(table: pd.DataFrame) -> str:
    """Say what a tile without a number means, if there is one."""
    if table["words_of_all_met"].isin(["yes", "no"]).all():
        return ""
    return " “?” where it cannot be said, because not every target is rated."


def _moved(axes: Axes, x: int, y: int, row: Any) -> None:
    """Draw a tile: whether all targets are met or nearly met, or how many are not."""
    met = row.words_of_all_met
    colour = {"yes": RATING["green"], "no": RATING["red"]}.get(met, RATING["not rated"])
    framed = row.words_of_declared == "yes"
    axes.add_patch(
        Rectangle(
            (x, y), 0.94, 0.94, facecolor=colour, lw=1.6,
            edgecolor=INK if framed else "white", zorder=2 + framed,
        )
    )  # fmt: skip
    text = {"yes": "all", "no": f"{fixed(row.number_of_not_met)} not"}.get(met, "?")
    axes.text(x + 0.47, y + 0.47, text, ha="center", va="center", fontsize=SMALL, zorder=4)
