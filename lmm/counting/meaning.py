"""What a count counts: of which rows, under which conditions. Relations follow from this.

Two counts of one meaning are equal; one whose conditions are narrower is part of the other;
levels that share no row and together are all of a condition add up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from lmm.counting.counts import Counts, Key
from lmm.counting.dimensions import dimension
from lmm.counting.rows import NOT_RECORDED, RECORDED, Layout, Place, accepted, kept_conditions
from lmm.counting.spans import SPANS, days_of
from lmm.study.measures import AtMost, Condition, Measure
from lmm.study.setting import bounds

Parts = frozenset[str]


@dataclass(frozen=True)
class Meaning:
    """What a count counts.

    Attributes
    ----------
    of
        What is counted: the table, whom once, from how many rows on, a sum or a stock of what.
    where
        By column, the values that count: text, each of which a row has one of; a column of
        which all count is left out.
    days
        The first and the last day that count.
    """

    of: tuple[str, ...]
    where: tuple[tuple[str, Parts], ...]
    days: tuple[pd.Timestamp, pd.Timestamp] | None = None

    @property
    def conditions(self) -> dict[str, Parts]:
        """The conditions by column."""
        return dict(self.where)


@dataclass
class Meanings:
    """Finds the meaning of the counts of a study."""

    counts: Counts
    _limits: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for measure in self.counts.declared.values():
            for name, condition in (*measure.where.items(), *measure.among.items()):
                if isinstance(condition, AtMost):
                    column = _named(self._place(measure, name))
                    limits = {*self._limits.get(column, []), condition.at_most}
                    self._limits[column] = sorted(limits)

    @property
    def layout(self) -> Layout:
        """What the tables hold."""
        return self.counts.layout

    def of(self, name: Key) -> Meaning:
        """Give what a count counts."""
        measure = self.counts.declared[name[0]]
        within = dict(name[1])
        inside = within.pop("inside", "")
        where: dict[str, Parts] = {}
        conditions = [*kept_conditions(measure, self.layout).items()]
        if measure.kind != "share" or inside:
            conditions += measure.where.items()
        for column, condition in (*conditions, *measure.among.items()):
            place = self._place(measure, column)
            _narrow(where, _named(place), self._meeting(place, condition))
        days = None if measure.kind == "stock" else bounds(self.counts.parameters)
        for at, level in within.items():
            if at in SPANS:
                days = days_of(at, level, self.counts)
            elif at != "month_end":
                place = self._place(measure, at.removesuffix("?"))
                found = self._level(place, level, known=at.endswith("?"))
                _narrow(where, _named(place), found)
        within_all = {name: parts & self.universe(name) for name, parts in where.items()}
        kept = {name: parts for name, parts in within_all.items() if parts != self.universe(name)}
        return Meaning(self._unit(measure, within), tuple(sorted(kept.items())), days)

    def _unit(self, measure: Measure, within: dict[str, str]) -> tuple[str, ...]:
        ends = (measure.since or "", *measure.until, within.get("month_end", ""))
        often = str(measure.rows_each) if measure.once_for else ""
        return (measure.rows, measure.once_for or "", often, measure.of or "", *ends)

    def universe(self, column: str) -> Parts:
        """Give every value of a column."""
        table, _, name = column.partition(".")
        place = Place(table, name)
        if labels := self.layout.labels(place):
            spec = self.layout.spec(place)
            always = spec is not None and spec.required
            return frozenset(labels) - ({NOT_RECORDED} if always else set())
        limits = self._limits.get(column, [])
        if limits:
            between = [f"{low + 1} to {high}" for low, high in pairwise(limits)]
            return frozenset({f"to {limits[0]}", *between, f"over {limits[-1]}", NOT_RECORDED})
        return frozenset({RECORDED, NOT_RECORDED})

    def _place(self, measure: Measure, name: str) -> Place:
        place = self.layout.find(measure.rows, name)
        assert place is not None
        return place

    def _meeting(self, place: Place, condition: Condition) -> Parts:
        if isinstance(condition, AtMost):
            limits = [at for at in self._limits[_named(place)] if at <= condition.at_most]
            between = [f"{low + 1} to {high}" for low, high in pairwise(limits)]
            return frozenset({f"to {limits[0]}", *between})
        if condition == (RECORDED,):
            return self._level(place, RECORDED, known=True)
        if condition == (NOT_RECORDED,):
            return self._level(place, NOT_RECORDED, known=True)
        return frozenset(accepted(place, condition, self.counts))

    def _level(self, place: Place, level: str, *, known: bool) -> Parts:
        if known and level == RECORDED:
            return self.universe(_named(place)) - {NOT_RECORDED}
        return frozenset({level})

    def is_coarse(self, name: Key) -> bool:
        """Whether a count may be released of people at all, protected."""
        measure = self.counts.declared[name[0]]
        dimensions = [dimension(at, measure, self.layout) for at, _ in name[1] if at != "inside"]
        return measure.released and all(d is not None and not d.is_fine for d in dimensions)


def _named(place: Place) -> str:
    return f"{place.table}.{place.column}"


def _narrow(where: dict[str, Parts], column: str, parts: Iterable[str]) -> None:
    found = frozenset(parts)
    where[column] = where[column] & found if column in where else found
