"""What the analyses of activity over time share: which measures they show."""

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
