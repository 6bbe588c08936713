"""Measures that do not come one by one: which batches bring them, and how large these are."""

from __future__ import annotations

import pandas as pd

from lmm.counting.counts import Counts
from lmm.counting.spans import span_of
from lmm.statistics.batches import Batches


def brought_by(counts: Counts, measure: str) -> str:
    """Name the table whose rows bring what is counted, several at once.

    Attendances are brought by courses, and what a sum adds up by the rows that it adds. They
    scatter more widely than events that come one by one. Empty for those.
    """
    declared = counts.declared[measure]
    if declared.kind == "sum":
        return declared.rows
    place = counts.layout.date(declared.rows, declared.date)
    return place.table if place and place.through else ""


def unit_of(counts: Counts, measure: str) -> str:
    """Name the identifier of the batch that brings what is counted; empty where there is none.

    Of attendances it is the course; of a sum the row that is added.
    """
    declared = counts.declared[measure]
    if declared.kind == "sum":
        key = counts.layout.tables[declared.rows].key
        return key[0] if len(key) == 1 else ""
    place = counts.layout.date(declared.rows, declared.date)
    return place.through[-1] if place and place.through else ""


def counted_by_batch(counts: Counts, measure: str) -> bool:
    """Whether a measure is counted by batch, and by the day of each, released or not."""
    unit = unit_of(counts, measure)
    return bool(unit) and all(counts.has(measure, *by, unit) for by in ((), ("day",)))


def sizes_of(counts: Counts, measure: str) -> pd.DataFrame | None:
    """Give the size of each batch that has a date.

    Returns
    -------
    DataFrame or None
        ``day, batch, n``, in order of the days. None where the measure is not counted by batch,
        or such counts are not released.
    """
    unit = unit_of(counts, measure)
    if not counted_by_batch(counts, measure) or counts.hides(measure, "day", unit):
        return None
    found = counts.by(measure, "day", unit).rename(columns={unit: "batch"})
    return found.astype({"n": "int64"})


def batches_of(counts: Counts, measure: str, **within: object) -> tuple[Batches | None, str]:
    """Give the batches that brought what is counted, and what there is to say of them.

    Where their sizes are not at hand, but their number is, all are taken as equally large. With
    neither there are none, and the limits take each person as an event of its own.

    Parameters
    ----------
    within
        Spans of time, such as a contract year.
    """
    if not (brought := brought_by(counts, measure)):
        return None, ""
    sizes = sizes_of(counts, measure)
    if sizes is not None:
        inside = _sizes_within(counts, measure, sizes, within)
        return Batches.of(inside, sizes["n"].tolist()), ""
    whole = f"{_who(counts, measure)} come in whole {brought.replace('_', ' ')}"
    every, all_of_it = _number(counts, measure, {}), counts.n(measure)
    number, total = _number(counts, measure, within), counts.n(measure, **within)
    if every and all_of_it is not None and number is not None and total is not None:
        note = "taken as equally large, as their sizes are not at hand: too narrow where these vary"
        return Batches.alike(number, total, all_of_it / every), f"{whole}, {note}"
    return None, f"{whole}, not one by one, so that these limits are too narrow"


def _sizes_within(
    counts: Counts, measure: str, sizes: pd.DataFrame, within: dict[str, object]
) -> list[int]:
    if not within:
        found = counts.by(measure, unit_of(counts, measure))["n"]
        return [int(n) for n in found]
    inside = pd.Series(True, index=sizes.index)
    for span, level in within.items():
        inside &= span_of(sizes["day"], span, counts).astype("str") == str(level)
    return [int(n) for n in sizes.loc[inside, "n"]]


def _number(counts: Counts, measure: str, within: dict[str, object]) -> int | None:
    """Count the batches, by the measure of them that the study has; None where it has none."""
    wanted, brought = counts.declared[measure], brought_by(counts, measure)
    is_sum = wanted.kind == "sum"
    conditions = (wanted.where, wanted.where_kept) if is_sum else ({}, {})
    for name, each in counts.declared.items():
        plain = each.kind == "count" and each.rows == brought and not each.once_for
        same = plain and (each.where, each.where_kept) == conditions
        if same and counts.is_exact(name) and counts.has(name, *within):
            return counts.n(name, **within)
    return None


def _who(counts: Counts, measure: str) -> str:
    return "people" if counts.declared[measure].once_for else measure.replace("_", " ")
