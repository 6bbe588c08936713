"""Records to counts: every measure, in all and by each of its dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.cleaning.records import Records
from lmm.counting.counts import INSIDE, Counts, Key, key
from lmm.counting.declared import measures_of
from lmm.counting.dimensions import Dimension, combinations, is_counted
from lmm.counting.rows import Rows, counted_rows, kept_conditions
from lmm.study.measures import Measure
from lmm.study.setting import bounds

Whole = npt.NDArray[np.int64]

_Lies = tuple[Sequence[str], Whole]
"""The levels of a dimension, and the place among them of each row; -1 where it is at none."""

_Known = dict[tuple[str, Dimension], Whole]
"""By table and dimension, the place of each row among the levels that are given."""


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
        Of each row that counts: its label in the table, which of the names it lies at, and what
        it adds.
    """

    table: str
    names: Sequence[Key]
    rows: Whole
    lies: Whole
    n: Whole

    def sums(self) -> dict[Key, int]:
        """Add up within each combination of levels."""
        found = np.zeros(len(self.names), "int64")
        np.add.at(found, self.lies, self.n)
        return dict(zip(self.names, found.tolist(), strict=True))


def count(records: Records) -> Counts:
    """Count everything that the study declares."""
    values: dict[Key, int | None] = {}
    for tally in tallies(records):
        values |= tally.sums()
    return Counts.of(records, values)


def tallies(records: Records, *, fine: bool = True) -> Iterator[Tally]:
    """Give the rows behind everything that the study declares.

    Parameters
    ----------
    fine
        Whether those are wanted, too, that are too fine to be released of people.
    """
    rows, known = Rows(records), _Known()
    for name, measure in measures_of(records.study).items():
        if is_counted(measure, rows.layout):
            yield from (
                _stock(name, measure, rows)
                if measure.kind == "stock"
                else _tallies(name, measure, rows, known, fine=fine)
            )


def _tallies(
    name: str, measure: Measure, rows: Rows, known: _Known, *, fine: bool
) -> Iterator[Tally]:
    if not (fine or measure.released):
        return
    counted = counted_rows(measure, rows)
    labels, n = counted.index.to_numpy("int64"), counted["n"].to_numpy("int64")
    inside = n * counted["inside"].to_numpy()
    levels: dict[str, _Lies] = {}
    for names, dimensions in combinations(measure, rows.layout).items():
        is_open = any(each.is_fine for each in dimensions)
        if is_open and not fine:
            continue
        for each in dimensions:
            if each.name not in levels:
                levels[each.name] = _levels(each, measure.rows, counted.index, rows, known)
        every, lies = _combined([levels[each] for each in names], len(n), is_open)
        kept = np.flatnonzero(lies >= 0)
        at, lies = labels[kept], lies[kept]
        yield Tally(measure.rows, _named(name, names, every), at, lies, n[kept])
        if measure.kind == "share":
            yield Tally(measure.rows, _named(name, names, every, **INSIDE), at, lies, inside[kept])


def _named(
    name: str, dimensions: Sequence[str], every: Iterable[Sequence[str]], **inside: str
) -> list[Key]:
    return [key(name, **dict(zip(dimensions, at, strict=True)), **inside) for at in every]


def _levels(each: Dimension, table: str, counted: pd.Index, rows: Rows, known: _Known) -> _Lies:
    """Give the levels, and at which some rows of a table lie; see `Dimension`.

    Where the levels are given, it is worked out once at which all rows of the table lie.
    """
    values = rows.column(table, each.place)
    if each.levels is None:
        found = each.of(values.reindex(counted), rows)
        levels = sorted({*found} - {""})
        return levels, pd.Index(levels, dtype="str").get_indexer(pd.Index(found)).astype("int64")
    if (table, each) not in known:
        every = pd.Index(each.of(values, rows))
        known[table, each] = pd.Index(each.levels, dtype="str").get_indexer(every).astype("int64")
    return each.levels, known[table, each][values.index.get_indexer(counted)]


def _combined(
    several: Sequence[_Lies], size: int, is_open: bool
) -> tuple[list[tuple[str, ...]], Whole]:
    """Give the combinations of levels, and at which of them each row lies; -1 at none.

    They are all that there can be, also where nothing is, or those that are found.
    """
    at, nowhere = np.zeros(size, "int64"), np.zeros(size, "bool")
    for levels, lies in several:
        at = at * len(levels) + lies
        nowhere |= lies < 0
    at[nowhere] = -1
    if not is_open:
        return list(product(*(levels for levels, _ in several))), at
    found, first, place = np.unique(at, return_index=True, return_inverse=True)
    blank = int(found.size and found[0] < 0)  # it comes first
    names = ([levels[n] for n in lies[first[blank:]]] for levels, lies in several)
    return list(zip(*names, strict=True)), place - blank


def _stock(name: str, measure: Measure, rows: Rows) -> Iterator[Tally]:
    """Give what has begun and not ended by the last day of each month, or of the period."""
    assert measure.since is not None
    where = {**measure.where, **kept_conditions(measure, rows.layout)}
    held = rows.holds(measure.rows, where).to_numpy()
    dates = (rows.dates(measure.rows, column) for column in (measure.since, *measure.until))
    begins, *ends = (each.to_numpy() for each in dates)
    labels = rows.records.tables[measure.rows].index.to_numpy("int64")
    for month in rows.records.calendar["month"]:
        last = min(month + pd.offsets.MonthEnd(), bounds(rows.records.parameters)[1])
        there = held & (begins <= last.to_numpy())  # no day that is missing is before another
        for end in ends:
            there &= ~(end <= last.to_numpy())
        found, at = labels[there], [key(name, month_end=f"{month:%Y-%m-%d}")]
        one = np.ones(len(found), "int64")
        yield Tally(measure.rows, at, found, one - 1, one)
