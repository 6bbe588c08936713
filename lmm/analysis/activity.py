"""A measure of activity: its count, and its rate per month open."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from lmm.analysis.analysis import lacking
from lmm.analysis.in_batches import batches_of, counted_by_batch, sizes_of, unit_of
from lmm.analysis.released import NOT_RELEASED, estimated, hidden
from lmm.analysis.roles import named
from lmm.counting.counts import Counts
from lmm.counting.declared import measures_of
from lmm.statistics.batches import mean_size
from lmm.statistics.estimate import Estimate
from lmm.statistics.rates import count, rate
from lmm.study.setting import Basis

WHOLE = "whole period"
"""The stratum of everything."""

COUNT, RATE = "count", "rate a month"
"""What is given of each measure."""

HELD = {"people": "staff", "attendances": "attendances"}
"""The measure that a published number of staff trained is held against, as the study says."""


def nothing_shown(counts: Counts) -> str:
    """Say which tables are lacking where a service keeps nothing that is shown as activity."""
    of_activity = [
        each
        for each in measures_of(counts.study).values()
        if each.shown and each.kind in ("count", "sum")
    ]
    return lacking(counts, tuple(dict.fromkeys(each.rows for each in of_activity)))


def quantities(
    counts: Counts, measure: str, within: dict[str, str], exposure: float
) -> Iterator[tuple[str, Estimate]]:
    """Give a count, its rate a month, and what comes in batches by batch; these are its unit."""
    label, n = counts.label(measure), counts.n(measure, **within)
    monthly = f"{label} a month"
    basis = counts.basis("" if within else _figure(counts, measure))
    level = counts.parameters.confidence
    batches, note = batches_of(counts, measure, **within)
    no_interval = batches is None and counts.declared[measure].kind == "sum"

    def count_of(events: int) -> Estimate:
        if exposure <= 0 and events == 0:
            why = "the service was not open"
            return Estimate.without_value(label, 0, None, "no_data", basis, why)
        if no_interval:
            return _sum(label, events, None, basis)
        return count(label, events, level, basis, batches).noted(note)

    def rate_of(events: int) -> Estimate:
        if exposure > 0 and no_interval:
            return _sum(monthly, events, exposure, basis)
        made = rate(monthly, events, exposure, level, basis, batches)
        return made.noted(note if made.status == "ok" else "")

    yield COUNT, estimated(counts, measure, hidden(label, n, None, basis), count_of, n)
    suppressed = hidden(monthly, n, exposure, basis)
    yield RATE, estimated(counts, measure, suppressed, rate_of, n)
    if counted_by_batch(counts, measure):
        each = named(unit_of(counts, measure))
        said, hides = (
            f"{label} a {each}, of those that brought any",
            sizes_of(counts, measure) is None,
        )
        if hides or batches is None:
            yield f"a {each}", hidden(said, None, None, basis, NOT_RELEASED)
        else:
            yield f"a {each}", mean_size(said, batches, level, basis)


def _sum(estimand: str, total: int, exposure: float | None, basis: Basis) -> Estimate:
    """Give a sum without an interval, where nothing is known of what it adds up."""
    why = "a sum and no number of events, of unknown parts: it has no interval"
    return Estimate.without_value(estimand, total, exposure, "not_estimable", basis, why)


def _figure(counts: Counts, measure: str) -> str:
    """Name the published figure that a measure is held against, if any."""
    if measure not in HELD.values():
        return measure
    return "staff" if HELD[counts.study.staff_trained_counts] == measure else ""


def months_open(counts: Counts, by: str) -> dict[str, float]:
    """Months open in each stratum, in order, and in the whole period."""
    calendar = counts.calendar
    if by == "contract_year":
        months = calendar.groupby("contract_year", sort=False)["months_open"].sum().to_dict()
    else:
        event = pd.Timestamp(counts.parameters.event_date)
        first = pd.Timestamp(counts.parameters.period_start)
        last = pd.Timestamp(counts.parameters.period_end)
        before, after = counts.phases
        months = {
            before: counts.months_open(first, min(event - pd.Timedelta(days=1), last)),
            after: counts.months_open(max(event, first), last),
        }
    return {
        **{str(name): n for name, n in months.items()},
        WHOLE: float(calendar["months_open"].sum()),
    }
