"""What the analyses of activity over time share: which measures they show, and how these come."""

from __future__ import annotations

from lmm.analysis.activity import nothing_shown
from lmm.counting.counts import Counts


def shown_by(counts: Counts, *dimensions: str) -> tuple[str, ...]:
    """Give the measures shown as activity that are counted by each of some dimensions."""
    return tuple(
        name for name in counts.shown if all(counts.has(name, each) for each in dimensions)
    )


def why_none(counts: Counts) -> str:
    """Say in a sentence why there is no measure of activity over time."""
    return nothing_shown(counts) or "None of this service's activity is counted by time."


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
