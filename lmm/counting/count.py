"""Records to counts: every measure, in all and by each of its dimensions."""

from __future__ import annotations

from itertools import product

import pandas as pd

from lmm.cleaning.records import Records
from lmm.counting.counts import INSIDE, Counts, Key, key
from lmm.counting.declared import measures_of
from lmm.counting.dimensions import Dimension, combinations, is_counted
from lmm.counting.rows import Rows, counted_rows
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
    return Counts(
        study=records.study,
        parameters=records.parameters,
        targets=records.targets,
        published_figures=records.published_figures,
        numbers=values,
    )


def _counts(name: str, measure: Measure, rows: Rows) -> dict[Key, int | None]:
    counted = counted_rows(measure, rows)
    found: dict[Key, int | None] = {}
    levels: dict[str, pd.Series[str]] = {}
    for names, dimensions in combinations(measure, rows.layout).items():
        for each in dimensions:
            if each.name not in levels:
                values = rows.column(measure.rows, each.place).reindex(counted.index)
                levels[each.name] = each.of(values, rows)
        laid = pd.DataFrame({each: levels[each] for each in names}, index=counted.index)
        found |= _crossed(name, dimensions, laid, counted["n"])
        if measure.kind == "share":
            inside = counted["inside"]
            crossed = _crossed(name, dimensions, laid[inside], counted.loc[inside, "n"])
            found |= {key(of, **dict(within), **INSIDE): n for (of, within), n in crossed.items()}
            if any(each.levels is None for each in dimensions):  # none of them is a number, too
                found |= {
                    k: 0
                    for of, within in _crossed(name, dimensions, laid, counted["n"])
                    if (k := key(of, **dict(within), **INSIDE)) not in found
                }
    return found


def _crossed(
    name: str, dimensions: tuple[Dimension, ...], laid: pd.DataFrame, n: pd.Series[int]
) -> dict[Key, int | None]:
    """Add up within each combination of levels; of levels that are known, also where none is."""
    if not dimensions:
        return {key(name): int(n.sum())}
    names = [each.name for each in dimensions]
    sums = n.groupby([laid[each] for each in names]).sum()
    tuples = [at if isinstance(at, tuple) else (at,) for at in sums.index]
    found = dict(zip(tuples, sums.tolist(), strict=True))
    every = [each.levels for each in dimensions]
    if all(levels is not None for levels in every):
        return {
            key(name, **dict(zip(names, at, strict=True))): int(found.get(at, 0))
            for at in product(*(levels for levels in every if levels is not None))
        }
    return {key(name, **dict(zip(names, at, strict=True))): int(n) for at, n in found.items()}


def _stock(name: str, measure: Measure, rows: Rows) -> dict[Key, int | None]:
    """Count what has begun and not ended by the last day of each month, or of the period."""
    assert measure.since is not None
    held = rows.holds(measure.rows, measure.where)
    layout = rows.layout

    def day(column: str) -> pd.Series[pd.Timestamp]:
        place = layout.find(measure.rows, column)
        assert place is not None
        return rows.column(measure.rows, place)

    begins, ends = day(measure.since), [day(column) for column in measure.until]
    found: dict[Key, int | None] = {}
    for month in rows.records.calendar["month"]:
        last = min(month + pd.offsets.MonthEnd(), bounds(rows.records.parameters)[1])
        there = held & (begins <= last)
        for end in ends:
            there &= ~(end <= last)
        found[key(name, month_end=f"{month:%Y-%m-%d}")] = int(there.sum())
    return found
