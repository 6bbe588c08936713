"""Dates in the cells of existing files: how they are written, and which span they cover."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence

from lmm.cleaning.dates import EXCEL, ISO, day_in, without_time
from lmm.start.proposals import OPEN, defaults

ORDERS = {
    "day first": ("%d/%m/%Y", "%d/%m/%y"),
    "month first": ("%m/%d/%Y", "%m/%d/%y"),
}
"""The formats that the same cell can often be read in."""

YEARS = range(1990, 2101)


def is_dated(cell: str) -> bool:
    """Whether a cell looks like a date."""
    day = without_time(cell, ())
    return bool(re.fullmatch(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}|[1-9]\d{4} \(1904\)", day))


def date_formats(cells: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Find the formats that dates are written in; leave open what the cells do not prove."""
    days = (without_time(cell, ()) for cell in dict.fromkeys(cells))
    written = [day for day in dict.fromkeys(days) if day and day_in(day, ISO) is None]
    formats = [str(f) for f in defaults()["date_formats"]]
    reads = {f: {c for c in written if _day(c, f)} for f in formats}
    chosen: list[str] = []
    remarks = []
    left = set(written)
    for pair in zip(*ORDERS.values(), strict=True):
        day_first, month_first = (reads[f] for f in pair)
        if not (day_first | month_first):
            continue
        only_day, only_month = day_first - month_first, month_first - day_first
        if only_day and not only_month:
            chosen.append(pair[0])
            remarks.append(f"day first: {sorted(only_day)[0]} can be read in no other way")
        elif only_month and not only_day:
            chosen.append(pair[1])
            remarks.append(f"month first: {sorted(only_month)[0]} can be read in no other way")
        else:
            chosen.append(OPEN)
            what = "both orders occur" if only_day else "no date proves the order"
            remarks.append(f"{what}: put {pair[0]} (day first) or {pair[1]} in place of ?")
        left -= day_first | month_first
    for form in formats:
        if reads[form] & left:
            chosen.append(form)
            left -= reads[form]
    if any(_day(cell, EXCEL) for cell in left):
        chosen.append(EXCEL)
    return tuple(chosen) or ("%d/%m/%Y",), "; ".join(remarks)


def _day(cell: str, form: str) -> dt.date | None:
    """Read a day of this age, or nothing."""
    day = day_in(without_time(cell, (form,)), form)
    return day if day and day.year in YEARS else None


def _span(cells: Iterable[str], formats: Sequence[str]) -> tuple[dt.date, dt.date] | None:
    days = [
        next(filter(None, (_day(cell, form) for form in (ISO, *formats))), None)
        for cell in set(cells)
    ]
    found = [day for day in days if day]
    return (min(found), max(found)) if found else None


def period(
    dates: Mapping[str, Sequence[str]], formats: Sequence[str]
) -> tuple[dt.date, dt.date, str]:
    """Take the months from the first to the last date, and say what that rests on.

    Parameters
    ----------
    dates
        Cells by the name of what they stand in.
    """
    cells = [cell for column in dates.values() for cell in column]
    spans = {
        order: _span(cells, [f for form in formats for f in (both if form == OPEN else (form,))])
        for order, both in ORDERS.items()
    }
    known = {order: span for order, span in spans.items() if span}
    if not known:
        this = dt.date.today().year
        why = "a placeholder, as no dates were found: put your first and last day"
        return dt.date(this - 1, 4, 1), dt.date(this, 3, 31), why
    (order, (first, last)), *others = known.items()
    said = f"the dates in {', '.join(dates)} go from {first} to {last}"
    if OPEN in formats:
        said += f" if they are written {order}"
    for other, (start, end) in others:
        if (start, end) != (first, last):
            said += f", and from {start} to {end} if {other}"
    following = (last.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return first.replace(day=1), following - dt.timedelta(days=1), said
