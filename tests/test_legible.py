"""Nothing in a figure is cut off or lies upon another, whatever a study calls its things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pandas as pd
import pytest
from gates import counts_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from test_plots import FIGURES, MADE

from lmm.analysis.result import Result
from lmm.analysis.roles import Kind
from lmm.showing import plots
from lmm.showing.plots import Picture
from lmm.showing.plots.panels import new_figure
from lmm.showing.plots.style import house_style
from lmm.showing.wording import worded

CATEGORIES, LETTERS = 20, 30
KEPT = {"all", "whole period", "not recorded"}
"""Strata that an analysis names, and not a study."""


# --- what is measured --------------------------------------------------------------------------


def drawn(picture: Picture) -> tuple[Bbox, list[tuple[str, float, Bbox]]]:
    """Draw a figure, and give its box and the size and box of each text that was drawn."""
    found: list[tuple[str, float, Bbox]] = []
    draw = Text.draw

    def noted(text: Text, renderer: Any) -> None:
        if text.get_visible() and text.get_text().strip():
            found.append(
                (text.get_text(), text.get_fontsize(), Text.get_window_extent(text, renderer))
            )
        draw(text, renderer)

    with house_style(), pytest.MonkeyPatch.context() as patch:
        canvas = FigureCanvasAgg(picture.figure)
        patch.setattr(Text, "draw", noted)
        canvas.draw()
    return picture.figure.bbox, found


def faults(picture: Picture) -> list[str]:
    """Say which texts are too small, cut off or upon each other, by more than a pixel."""
    whole, texts = drawn(picture)
    small = [f"small: {text}" for text, size, _ in texts if size < 8.25]
    cut = [
        f"cut: {text}"
        for text, _, box in texts
        if box.x0 < -1 or box.y0 < -1 or box.x1 > whole.x1 + 1 or box.y1 > whole.y1 + 1
    ]
    upon = [
        f"upon each other: {one!r} and {other!r}"
        for (one, _, a), (other, _, b) in combinations(texts, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1
    ]
    return small + cut + upon


# --- a study of long names and of many things ------------------------------------------------


def long(name: str) -> str:
    """Lengthen a name to 30 letters."""
    return f"{name} {'with many a further word beside it'}"[:LETTERS].strip().ljust(LETTERS, "x")


MANY: dict[str, tuple[Kind, str | None]] = {
    "achieved": ("measure", None),
    "answer_probabilities": ("stratum", "group"),
    "booked": ("stratum", "group"),
    "certainty": ("measure", None),
    "composition": ("stratum", None),
    "consultations": ("stratum", None),
    "control_summary": ("measure", None),
    "exposure": ("measure", None),
    "forest": ("stratum", None),
    "funnel": ("stratum", None),
    "item_missing": ("stratum", "item"),
    "likert": ("stratum", "item"),
    "missing": ("stratum", "column"),
    "odds_ratios": ("stratum", "group"),
    "rating_matrix": ("measure", None),
    "reach": ("stratum", "level"),
}
"""Of which column a study may have many, by figure; of the others there are a few."""

HIDDEN = {
    "achieved", "activity_rates", "booked", "bounds", "caseload", "certainty", "composition",
    "consultations", "exposure", "flow", "forest", "item_missing", "likert", "methods", "missing",
    "monthly", "quarters", "rating_matrix", "reach",
}  # fmt: skip
"""Figures of which some values may be suppressed; others are of exact counts, or not released."""

OURS = {"quantity", "approach", "year"}
"""Strata whose words are the compendium's own."""


def with_more(result: Result, kind: Kind, of: str | None) -> Result:
    """Repeat the rows of a result under other names, until there are 20 of them."""
    (name,) = result.columns(kind, of=of)
    own = result.table[~result.table[name].isin(KEPT)]
    times = -(-CATEGORIES // max(own[name].nunique(), 1))
    more = [own.assign(**{name: own[name].astype(str) + f"_{n}"}) for n in range(2, times + 1)]
    return result.with_table(pd.concat([result.table, *more], ignore_index=True))


def with_long_names(result: Result, figure: str) -> Result:
    """Lengthen what a study names itself."""
    roles, table = dict(result.roles), result.table.copy()
    for name in result.columns("stratum"):
        of = roles[name].of
        if of not in OURS and not (figure == "odds_ratios" and of == "outcome"):
            table[name] = [each if each in KEPT else long(str(each)) for each in table[name]]
    for name in result.columns("count"):
        if figure == "consultations" and roles[name].of != "all":
            roles[name] = replace(roles[name], of=long(roles[name].of))
    return Result(table, roles)


def with_suppressed(result: Result) -> Result:
    """Hide every third row, and what is made from it."""
    table, hidden = result.table.copy(), result.table.index % 3 == 1
    for name in result.columns(
        "estimate", "low", "high", "numerator", "denominator", "count", "share", "probability"
    ):
        table[name] = table[name].where(~hidden)
        if result.roles[name].kind == "count":
            table[name] = table[name].astype("Int64")
    for name in result.columns("status"):
        table[name] = table[name].where(~hidden, "suppressed")
    for of in ("rating", "verdict"):
        for name in result.columns("words", of=of):
            table[name] = table[name].where(~hidden, "not rated")
    return result.with_table(table)


@cache
def made(figure: str) -> tuple[Result, ...]:
    enough = 1.0 if figure == "counterfactual" else 0.5  # for a model of the step
    return MADE[figure][0](counts_of("none", enough))


def pictures(figure: str) -> Iterator[Picture]:
    """Draw a figure of many long names; where it can be, with suppressed values as well."""
    results = made(figure)
    if figure in MANY:
        first, *others = results
        results = (with_more(first, *MANY[figure]), *others)
    named = tuple(with_long_names(each, figure) for each in results)
    words = MADE[figure][1]
    measures = {
        str(name): long(f"measure {n}")
        for result in named
        for column in result.columns("measure")
        for n, name in enumerate(dict.fromkeys(result.table[column]))
    }
    with worded(measures, event=(dt.date(2020, 3, 23), long("event"))):
        yield getattr(plots, figure)(*named, **words)
        if figure in HIDDEN:
            yield getattr(plots, figure)(*map(with_suppressed, named), **words)


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_is_cut_or_upon_another_or_too_small(figure: str) -> None:
    for picture in pictures(figure):
        assert faults(picture) == []
        assert picture.finding.endswith(".")
        assert picture.caption.endswith(".")
        assert "nan" not in f"{picture.finding} {picture.caption}".split()


# --- what the measure finds --------------------------------------------------------------------


def test_the_measure_finds_what_is_cut_upon_another_or_small() -> None:
    with house_style():
        figure, axes = new_figure()
        axes.text(0.5, 0.5, "one")
        axes.text(0.5, 0.5, "other")
        axes.text(0.2, 0.2, "tiny", fontsize=6)
        figure.text(0.99, 0.5, "outside")
    found = faults(Picture(figure, "A finding.", "A caption."))
    assert found == ["small: tiny", "cut: outside", "upon each other: 'one' and 'other'"]
