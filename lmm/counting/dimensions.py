"""What measures can be counted by, and which levels there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from lmm.counting.rows import NOT_RECORDED, RECORDED, Layout, Place, Rows
from lmm.counting.spans import SPANS, levels, span_of
from lmm.study.measures import Measure

Kind = Literal["span", "label", "recorded", "number", "identifier"]
DATED = ("month", "quarter", "month_end", "day")
"""Spans of which a level is told by its day."""


@dataclass(frozen=True)
class Dimension:
    """A dimension of a measure.

    Attributes
    ----------
    place
        The column behind it; of a span, the date.
    levels
        In order; None where they are as many as there are in the records.
    """

    name: str
    kind: Kind
    place: Place
    levels: tuple[str, ...] | None

    @property
    def is_fine(self) -> bool:
        """Whether a level can be a single person or day, so that it is not released of people."""
        return self.levels is None

    def of(self, values: pd.Series, rows: Rows) -> pd.Series[str]:
        """Give the level of each value, as text; a row without a date is in no span, called ""."""
        if self.kind == "span":
            spans = span_of(values.dropna(), self.name, rows.records)
            return spans.reindex(values.index, fill_value="")
        if self.kind == "recorded":
            return values.notna().map({True: RECORDED, False: NOT_RECORDED}).astype("str")
        if self.kind == "number":
            values = values.astype("Int64")
        return values.astype("str").where(values.notna(), NOT_RECORDED)

    def typed(self, given: pd.Series[str]) -> pd.Series:
        """Turn levels as text into days and numbers, where they are that."""
        if self.name in DATED:
            return pd.to_datetime(given, format="%Y-%m-%d").astype("datetime64[us]")
        return given.astype("int64") if self.kind == "number" else given


def dimension(name: str, measure: Measure, layout: Layout) -> Dimension | None:
    """Find a dimension of a measure; None where the service does not keep what it needs."""
    if name in (*SPANS, "month_end"):
        place = layout.date(measure.rows, measure.since or measure.date)
        open_ended = name == "day"
        known = None if open_ended else tuple(levels(name, layout.setting))
        return Dimension(name, "span", place, known) if place else None
    place = layout.find(measure.rows, name.removesuffix("?"))
    if place is None:
        return None
    if name.endswith("?"):
        return Dimension(name, "recorded", place, (RECORDED, NOT_RECORDED))
    if labels := layout.labels(place):
        return Dimension(name, "label", place, labels)
    spec = layout.spec(place)
    numbers = spec is None or spec.kind in ("whole number", "number")
    return Dimension(name, "number" if numbers else "identifier", place, None)


def is_counted(measure: Measure, layout: Layout) -> bool:
    """Whether the service keeps all that a measure needs."""
    needed = [*measure.where, *measure.among, *measure.until]
    needed += [name for name in (measure.of, measure.once_for, measure.since) if name]
    dated = measure.once_for is None or layout.date(measure.rows, measure.date) is not None
    kept = layout.setting.study.keeps(measure.rows) and measure.rows in layout.tables
    return kept and dated and all(layout.find(measure.rows, name) for name in needed)


def combinations(measure: Measure, layout: Layout) -> dict[tuple[str, ...], tuple[Dimension, ...]]:
    """Give what a measure is counted by, of which the service keeps all; first, in all."""
    found: dict[tuple[str, ...], tuple[Dimension, ...]] = {(): ()}
    for names in measure.combinations:
        several = [dimension(name, measure, layout) for name in names]
        kept = tuple(each for each in several if each is not None)
        if len(kept) == len(several):
            found[names] = kept
    if measure.kind == "stock":
        del found[()]
    return found
