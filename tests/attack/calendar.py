"""The days of a period, cut into stretches that no count tells apart any further."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from lmm.study.study import Study

DAY = dt.timedelta(days=1)
SPANS = ("month", "quarter", "contract_year", "phase")
Period = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class Stretch:
    """Some days in a row, of one month, phase and year.

    Attributes
    ----------
    levels
        How the counts call the spans that it lies in.
    era
        The number of the days in a row that are in the same releases; it grows with time.
    """

    first: dt.date
    last: dt.date
    levels: dict[str, str]
    era: int


def month_after(day: dt.date) -> dt.date:
    """Give the first day of the month after that of a day."""
    return (day.replace(day=1) + 31 * DAY).replace(day=1)


def _levels(day: dt.date, study: Study, event: dt.date) -> dict[str, str]:
    begins = study.contract_year_starts
    quarter = day.replace(day=1)
    while (quarter.month - begins) % 3:
        quarter = (quarter - DAY).replace(day=1)
    year = day.year - (day.month < begins)
    later = day >= event
    return {
        "month": f"{day.replace(day=1)}",
        "quarter": f"{quarter}",
        "contract_year": f"{year}" if begins == 1 else f"{year}/{(year + 1) % 100:02d}",
        "phase": f"from the {study.event.name} on" if later else f"before the {study.event.name}",
    }


def stretches(study: Study, periods: Sequence[Period], event: dt.date) -> list[Stretch]:
    """Cut the days of all periods by months, the event, and where a period begins or ends."""
    found = []
    edges = sorted({first for first, _ in periods} | {last + DAY for _, last in periods})
    first = edges[0]
    while first < edges[-1]:
        cuts = [month_after(first), event, *edges]
        last = min(cut for cut in cuts if cut > first) - DAY
        era = sum(edge <= first for edge in edges[1:])
        found.append(Stretch(first, last, _levels(first, study, event), era))
        first = last + DAY
    return found
