"""Records to counts: every measure, in all and by each of its dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import pandas as pd

from lmm.cleaning.records import Records
from lmm.counting.counts import INSIDE, Counts, Key, key
from lmm.counting.declared import measures_of
from lmm.counting.dimensions import Dimension, combinations, is_counted
from lmm.counting.rows import Rows, counted_rows, kept_conditions
from lmm.study.measures import Measure
from lmm.study.setting import bounds

Levels = tuple[str, ...]
"""A level of each dimension."""


@dataclass(frozen=True)
class Tally:
    """The rows behind the counts of a measure within some dimensions.

    Attributes
    ----------
    table
        The table that the rows stand in.
    names
        The name of the count within each combination of levels.
    rows, lies, n
        Of each row that counts: its label in the table, the levels that it lies at, and what
        it adds. A row at levels that have no name is not counted.
    """

    table: str
    names: Mapping[Levels, Key]
    rows: Sequence[int]
    lies: Sequence[Levels]
    n: Sequence[int]

    def sums(self) -> dict[Key, int]:
        """Add up within each combination of levels."""
        found = dict.fromkeys(self.names, 0)
        for at, each in zip(self.lies, self.n, strict=True):
            if at in found:
                found[at] += each
        return {self.names[at]: n for at, n in found.items()}


def count(records: Records) -> Counts:
    """Count everything that the study declares."""
    values: dict[Key, int | None] = {}
    for tally in tallies(records):
        values |= tally.sums()
    return Counts.of(records, values)


def tallies(records: Records) -> Iterator[Tally]:
    """Give the rows behind everything that the study declares."""
    rows = Rows(records)
    for name, measure in measures_of(records.study).items():
        if is_counted(measure, rows.layout):
            yield from (
                _stock(name, measure, rows)
                if measure.kind == "stock"
                else _tallies(name, measure, rows)
            )


def _tallies(name: str, measure: Measure, rows: Rows) -> Iterator[Tally]:
    counted = counted_rows(measure, rows)
    labels = counted.index.tolist()
    n, inside = counted["n"].tolist(), (counted["n"] * counted["inside"]).tolist()
    levels: dict[str, list[str]] = {}
    for names, dimensions in combinations(measure, rows.layout).items():
        for each in dimensions:
            if each.name not in levels:
                values = rows.column(measure.rows, each.place).reindex(counted.index)
                levels[each.name] = each.of(values, rows).tolist()
        lies = list(zip(*(levels[each] for each in names), strict=True)) or [()] * len(n)
        every = _every(dimensions, lies)
        yield Tally(measure.rows, _named(name, names, every), labels, lies, n)
        if measure.kind == "share":
            yield Tally(measure.rows, _named(name, names, every, **INSIDE), labels, lies, inside)


def _named(
    name: str, dimensions: Sequence[str], every: Iterable[Levels], **inside: str
) -> dict[Levels, Key]:
    return {at: key(name, **dict(zip(dimensions, at, strict=True)), **inside) for at in every}


def _every(dimensions: Sequence[Dimension], lies: Iterable[Levels]) -> list[Levels]:
    """Give every combination of levels: those that are known, also where nothing is; or found."""
    known = [each.levels for each in dimensions if each.levels is not None]
    if len(known) == len(dimensions):
        return list(product(*known))
    return sorted(at for at in set(lies) if all(at))


def _stock(name: str, measure: Measure, rows: Rows) -> Iterator[Tally]:
    """Give what has begun and not ended by the last day of each month, or of the period."""
    assert measure.since is not None
    where = {**measure.where, **kept_conditions(measure, rows.layout)}
    held = rows.holds(measure.rows, where).to_numpy()
    dates = (rows.dates(measure.rows, column) for column in (measure.since, *measure.until))
    begins, *ends = (each.to_numpy() for each in dates)
    labels = rows.records.tables[measure.rows].index.to_numpy()
    for month in rows.records.calendar["month"]:
        last = min(month + pd.offsets.MonthEnd(), bounds(rows.records.parameters)[1])
        there = held & (begins <= last.to_numpy())  # no day that is missing is before another
        for end in ends:
            there &= ~(end <= last.to_numpy())
        found = labels[there].tolist()
        at: dict[Levels, Key] = {(): key(name, month_end=f"{month:%Y-%m-%d}")}
        yield Tally(measure.rows, at, found, [()] * len(found), [1] * len(found))
