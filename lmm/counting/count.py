"""Records to counts: every measure, in all and by each of its dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import pandas as pd

from lmm.cleaning.records import Records
from lmm.counting.counts import INSIDE, Counts, Key, key
from lmm.counting.declared import measures_of
from lmm.counting.dimensions import Dimension, combinations, is_counted
from lmm.counting.rows import Rows, counted_rows, kept_conditions
from lmm.study.measures import Measure
from lmm.study.setting import bounds


def count(records: Records) -> Counts:
    """Count everything that the study declares."""
    rows, values = Rows(records), dict[Key, int | None]()
    for name, measure in measures_of(records.study).items():
        if is_counted(measure, rows.layout):
            values |= _stock(name, measure, rows) if measure.kind == "stock" else _counts(
                name, measure, rows
            )  # fmt: skip
    return Counts.of(records, values)


def _counts(name: str, measure: Measure, rows: Rows) -> dict[Key, int | None]:
    counted = counted_rows(measure, rows)
    n, inside = counted["n"].tolist(), (counted["n"] * counted["inside"]).tolist()
    levels: dict[str, list[str]] = {}
    found: dict[Key, int | None] = {}
    for names, dimensions in combinations(measure, rows.layout).items():
        for each in dimensions:
            if each.name not in levels:
                values = rows.column(measure.rows, each.place).reindex(counted.index)
                levels[each.name] = each.of(values, rows).tolist()
        lies = list(zip(*(levels[each] for each in names), strict=True)) or [()] * len(n)
        every = _every(dimensions, lies)
        found |= {_named(name, names, at): k for at, k in _sums(every, lies, n).items()}
        if measure.kind == "share":
            high = _sums(every, lies, inside)
            found |= {_named(name, names, at, **INSIDE): k for at, k in high.items()}
    return found


Levels = tuple[str, ...]
"""A level of each dimension."""


def _named(name: str, dimensions: Sequence[str], at: Levels, **inside: str) -> Key:
    return key(name, **dict(zip(dimensions, at, strict=True)), **inside)


def _every(dimensions: Sequence[Dimension], lies: Iterable[Levels]) -> list[Levels]:
    """Give every combination of levels: those that are known, also where nothing is; or found."""
    known = [each.levels for each in dimensions if each.levels is not None]
    if len(known) == len(dimensions):
        return list(product(*known))
    return sorted(at for at in set(lies) if all(at))


def _sums(every: Iterable[Levels], lies: Sequence[Levels], n: Sequence[int]) -> dict[Levels, int]:
    """Add up within each combination of levels."""
    sums = dict.fromkeys(every, 0)
    for at, each in zip(lies, n, strict=True):
        if at in sums:  # not beyond the period
            sums[at] += each
    return sums


def _stock(name: str, measure: Measure, rows: Rows) -> dict[Key, int | None]:
    """Count what has begun and not ended by the last day of each month, or of the period."""
    assert measure.since is not None
    where = {**measure.where, **kept_conditions(measure, rows.layout)}
    held = rows.holds(measure.rows, where).to_numpy()
    dates = (rows.dates(measure.rows, column) for column in (measure.since, *measure.until))
    begins, *ends = (each.to_numpy() for each in dates)
    found: dict[Key, int | None] = {}
    for month in rows.records.calendar["month"]:
        last = min(month + pd.offsets.MonthEnd(), bounds(rows.records.parameters)[1])
        there = held & (begins <= last.to_numpy())  # no day that is missing is before another
        for end in ends:
            there &= ~(end <= last.to_numpy())
        found[key(name, month_end=f"{month:%Y-%m-%d}")] = int(there.sum())
    return found
