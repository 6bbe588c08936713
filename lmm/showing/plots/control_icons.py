"""The control charts in one grid: icons of how each measure varies, and against its target."""

from __future__ import annotations

from matplotlib.axes import Axes

from lmm.analysis.result import Result
from lmm.showing import answers
from lmm.showing.plots.captions import rests_on
from lmm.showing.plots.control_charts import PURPLE
from lmm.showing.plots.letters import SIZE, SMALL, wrapped
from lmm.showing.plots.panels import headed, new_figure
from lmm.showing.plots.rows import Rows, rows_of
from lmm.showing.plots.style import BLUE, GREY, INK, ORANGE, Picture, house_style
from lmm.showing.wording import called

ICONS = {
    "common_cause": ("C", GREY),
    "improvement_high": ("H", BLUE),
    "improvement_low": ("L", BLUE),
    "concern_high": ("H", ORANGE),
    "concern_low": ("L", ORANGE),
    "neutral_high": ("H", PURPLE),
    "neutral_low": ("L", PURPLE),
    "pass": ("P", BLUE),
    "fail": ("F", ORANGE),
    "hit_and_miss": ("?", GREY),
    "none": ("", ""),
}
"""Letter and colour of each icon: (H)igh or (L)ow, (P)assing or (F)ailing; words beside it."""


def control_summary(verdicts: Result) -> Picture:
    """Draw the icons of variation and assurance of each chart as a grid, with their words."""
    table = verdicts.by_role()
    rows = Rows([f"{called(row.measure)}\n{row.words_of_base}" for row in rows_of(table)], 0.4)
    with house_style():
        figure, axes = new_figure(rows.height + 0.25)
        for y, row in zip(rows.at, rows_of(table), strict=True):
            _icon(axes, 0.06, y, row.words_of_icon_of_variation, row.words_of_variation)
            _icon(axes, 1.06, y, row.words_of_icon_of_assurance, row.words_of_assurance)
        rows.name(axes)
        axes.set_xlim(0, 2)
        axes.set_xticks([0.06, 1.06], ["latest point", "against the target"], ha="left")
        headed(axes)
    return Picture(
        figure,
        answers.charts(verdicts)[0],
        "What the latest point of each control chart shows: C common cause, H high or L low beyond "
        "it (blue an improvement, orange a concern, purple neither); and whether its limits "
        "promise that the target is met: P always, F never, ? now and then. “Rebased” has limits "
        f"drawn anew from the event.{rests_on(verdicts)}",
    )


def _icon(axes: Axes, x: float, y: float, icon: str, words: str) -> None:
    """Draw an icon as a lettered circle, with its words; without one, the words alone."""
    letter, colour = ICONS[icon]
    if letter:
        axes.plot(x + 0.06, y, "o", ms=17, color="white", mec=colour, mew=3)
        axes.text(
            x + 0.06, y, letter, ha="center", va="center_baseline", fontsize=SIZE, weight="bold"
        )
    text = wrapped(words, 115, SMALL)
    ink = INK if letter else GREY
    axes.text(x + 0.16 if letter else x, y, text, va="center", fontsize=SMALL, color=ink)
