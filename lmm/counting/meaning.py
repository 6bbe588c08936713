"""What a count counts: of which rows, under which conditions. Relations follow from this.

Two counts of one meaning are equal; one whose conditions are narrower is part of the other;
levels that share no row and together are all of a condition add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from lmm.counting.counts import Counts, Key
from lmm.counting.rows import NOT_RECORDED, RECORDED, Layout, Place, accepted, kept_conditions
from lmm.counting.spans import SPANS, days_of
from lmm.study.measures import AtMost, Condition, Measure
from lmm.study.setting import bounds

Parts = frozenset[str]
Conditions = Mapping[str, Condition]
FIRST = "first row: "
"""Before a column that is looked at on the first row of who is counted once."""


@dataclass(frozen=True)
class Unit:
    """What is counted: rows of a table, or who or what is behind them.

    Attributes
    ----------
    rows
        The table.
    once_for, often, first_on
        Who is counted once, from how many rows on, and the column that says which row is the
        first where it is not the date of the table.
    of
        The column that is added up.
    ends
        Of a stock, the columns of the days that begin and end it, and the month at whose end.
    """

    rows: str
    once_for: str = ""
    often: int = 1
    first_on: str = ""
    of: str = ""
    ends: tuple[str, ...] = ()

    @property
    def but_how_often(self) -> tuple[object, ...]:
        """All but from how many rows on."""
        return self.rows, self.once_for, self.first_on, self.of, self.ends

    @property
    def are_rows(self) -> bool:
        """Whether each row counts as one."""
        return not (self.once_for or self.of or self.ends)


@dataclass(frozen=True)
class Meaning:
    """What a count counts.

    Attributes
    ----------
    of
        What is counted.
    where
        By column, the values that count: text, each of which a row has one of; a column of
        which all count is left out. Of who is counted once, a level is that of the first row.
    days
        The first and the last day that count; none of a stock.
    dated
        The column that these days stand in, where it is not the date of the table.
    """

    of: Unit
    where: tuple[tuple[str, Parts], ...]
    days: tuple[pd.Timestamp, pd.Timestamp] | None = None
    dated: str = ""

    @property
    def conditions(self) -> dict[str, Parts]:
        """The conditions by column."""
        return dict(self.where)

    @property
    def on_rows(self) -> dict[str, Parts]:
        """Those of all rows, and not of the first of each person alone."""
        return {name: parts for name, parts in self.where if not name.startswith(FIRST)}

    @property
    def on_one_row(self) -> dict[str, Parts]:
        """Those that some row meets, of everybody who is counted."""
        found: dict[str, Parts] = {}
        for name, parts in self.where:
            _narrow(found, name.removeprefix(FIRST), parts)
        return found


@dataclass
class Meanings:
    """Finds the meaning of the counts of a study."""

    counts: Counts
    _limits: dict[str, list[int]] = field(init=False, default_factory=dict)
    _universes: dict[str, Parts] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for measure in self.counts.declared.values():
            kept = kept_conditions(measure, self.layout)
            conditions = (*measure.where.items(), *measure.among.items(), *kept.items())
            for name, condition in conditions:
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
        on_rows, on_first = self._conditions(measure, inside=within.pop("inside", "") == "yes")
        first = FIRST if measure.once_for else ""
        where: dict[str, Parts] = {}
        for before, conditions in (("", on_rows), (first, on_first)):
            for column, condition in conditions.items():
                place = self._place(measure, column)
                _narrow(where, before + _named(place), self._meeting(place, condition))
        days = None if measure.kind == "stock" else bounds(self.counts.parameters)
        dated = ""
        for at, level in within.items():
            if at in SPANS:
                days, dated = days_of(at, level, self.counts), self._dated(measure)
            elif at != "month_end":
                place = self._place(measure, at.removesuffix("?"))
                found = self._level(place, level, known=at.endswith("?"))
                _narrow(where, first + _named(place), found)
        within_all = {name: parts & self.universe(name) for name, parts in where.items()}
        kept = {name: parts for name, parts in within_all.items() if parts != self.universe(name)}
        return Meaning(self._unit(measure, within), tuple(sorted(kept.items())), days, dated)

    def _conditions(self, measure: Measure, *, inside: bool) -> tuple[Conditions, Conditions]:
        """Give what has to hold of rows, and what of those that remain of the first of each."""
        where = {**measure.where, **kept_conditions(measure, self.layout)}
        if measure.kind == "share":
            return measure.among, where if inside else {}
        return where, {}

    def _dated(self, measure: Measure) -> str:
        """Name the date of a measure, if it is another one than that of its table."""
        usual, place = (self.layout.date(measure.rows, at) for at in (None, measure.date))
        return _named(place) if place and place != usual else ""

    def _unit(self, measure: Measure, within: dict[str, str]) -> Unit:
        ends = (measure.since, *measure.until, within["month_end"]) if measure.since else ()
        first_on = self._dated(measure) if measure.once_for else ""
        return Unit(measure.rows, measure.once_for or "", measure.rows_each, first_on,
                    measure.of or "", ends)  # fmt: skip

    def is_part(self, part: Meaning, whole: Meaning) -> bool:
        """Whether all that one counts is counted by another one, by their conditions alone."""
        return (
            self._of_what(part.of, whole.of) and self._when(part, whole) and self._if(part, whole)
        )

    def _of_what(self, part: Unit, whole: Unit) -> bool:
        """Whoever is counted once has a row; who has many rows has few."""
        if whole.are_rows:
            return part.rows == whole.rows and not (part.of or part.ends)
        return part.often >= whole.often and part.but_how_often == whole.but_how_often

    def _when(self, part: Meaning, whole: Meaning) -> bool:
        if part.days is None or whole.days is None:
            return part.days == whole.days
        inside = whole.days[0] <= part.days[0] and part.days[1] <= whole.days[1]
        return inside and (part.dated == whole.dated or self.is_whole(whole))

    def is_whole(self, meaning: Meaning) -> bool:
        """Whether a count is of the whole period, whenever in it."""
        return meaning.days == bounds(self.counts.parameters) and not meaning.dated

    def _if(self, part: Meaning, whole: Meaning) -> bool:
        has, needs = part.conditions, whole.conditions
        if part.of.once_for and (whole.of.are_rows or part.on_rows != whole.on_rows):
            # people by a level are those whose first row is at it, and another condition on rows
            # has other first rows; but some row of theirs meets all conditions
            if not whole.of.are_rows and (needs != whole.on_rows or not self.is_whole(whole)):
                return False
            has = part.on_one_row if part.of.often == 1 or whole.of.are_rows else part.on_rows
        return all(has.get(name, self.universe(name)) <= parts for name, parts in needs.items())

    def universe(self, column: str) -> Parts:
        """Give every value of a column."""
        if column not in self._universes:
            self._universes[column] = self._universe(column.removeprefix(FIRST))
        return self._universes[column]

    def _universe(self, column: str) -> Parts:
        table, _, name = column.partition(".")
        place = Place(table, name)
        spec = self.layout.spec(place)
        never = {NOT_RECORDED} if spec is not None and spec.required else set()
        if labels := self.layout.labels(place):
            return frozenset(labels) - never
        limits = self._limits.get(column, [])
        if limits:
            return _up_to(limits) | {f"over {limits[-1]}", NOT_RECORDED} - never
        return frozenset({RECORDED, NOT_RECORDED}) - never

    def range_of(self, unit: Unit) -> tuple[int, int | None]:
        """Give the least and the greatest number that a row adds to a sum; None for no end."""
        place = self.layout.find(unit.rows, unit.of)
        spec = self.layout.spec(place) if place else None
        if spec is None:
            return 0, None
        least = int(spec.least or 0) if spec.required else 0
        return least, None if spec.most is None else int(spec.most)

    def _place(self, measure: Measure, name: str) -> Place:
        place = self.layout.find(measure.rows, name)
        assert place is not None
        return place

    def _meeting(self, place: Place, condition: Condition) -> Parts:
        if isinstance(condition, AtMost):
            limits = [at for at in self._limits[_named(place)] if at <= condition.at_most]
            return _up_to(limits)
        if condition == (RECORDED,):
            return self._level(place, RECORDED, known=True)
        if condition == (NOT_RECORDED,):
            return self._level(place, NOT_RECORDED, known=True)
        return frozenset(accepted(place, condition, self.counts))

    def _level(self, place: Place, level: str, *, known: bool) -> Parts:
        if known and level == RECORDED:
            return self.universe(_named(place)) - {NOT_RECORDED}
        return frozenset({level})


def _named(place: Place) -> str:
    return f"{place.table}.{place.column}"


def _up_to(limits: list[int]) -> Parts:
    """Name the ranges of a number that limits make, up to the last of them."""
    between = (f"{low + 1} to {high}" for low, high in pairwise(limits))
    return frozenset({f"to {limits[0]}", *between})


def _narrow(where: dict[str, Parts], column: str, parts: Iterable[str]) -> None:
    found = frozenset(parts)
    where[column] = where[column] & found if column in where else found
