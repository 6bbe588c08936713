"""Dates as they stand in cells -> the day that each means.

No locale has a say: names of months and days are the English ones, and so are AM and PM.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

ISO = "%Y-%m-%d"
"""How cells that are dates in a workbook arrive; it can be mistaken for nothing else."""

EXCEL = "excel"
"""Stands among the formats for numbers of days."""

DAY_ZERO = {1900: dt.date(1899, 12, 30), 1904: dt.date(1904, 1, 1)}
"""By the epoch of a workbook, the day for which its number 0 stands.

That of 1900 holds from March 1900 on, because Excel counts a 29 February before it that there
never was. The numbers that are read have five digits, so they begin in 1927.
"""

LONGEST = 60
"""Letters that a date has at most, with its time of day."""

_CLOCK = (
    r"(?:(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-6]\d(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?"
    r"|(?:0?\d|1[0-2])(?:\.[0-5]\d)? ?[ap]\.?m\.?)"
)
_ZONE = r"(?P<zone> ?(?:Z|UTC|GMT|BST|[+-]\d\d:?\d\d))?"
_TIMED = (
    re.compile(rf"(?P<day>.+?)(?:(?<=\d)T|,? (?:at )?){_CLOCK}{_ZONE}", re.IGNORECASE),
    re.compile(rf"{_CLOCK}{_ZONE},? (?:on )?(?P<day>.+)", re.IGNORECASE),
)
"""A day with a time of day after it, or before it."""

_NUMBER = re.compile(r"(?P<day>[1-9]\d{4})(?P<time>\.\d+)?(?P<epoch> \(1904\))?")
"""A number of days, as a workbook keeps a date."""

_CLOCK_IN_A_FORMAT = re.compile(r"[\s,T]*%[HIMSfpzZTX](?:.*%[HIMSfpzZTX])?\w*[\s,]*")

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAMES = {
    "%B": ("%m", {name: n for n, name in enumerate(_MONTHS, 1)}),
    "%b": ("%m", {name[:3]: n for n, name in enumerate(_MONTHS, 1)} | {"Sept": 9}),
    "%A": ("%u", {name: n for n, name in enumerate(_WEEKDAYS, 1)}),
    "%a": ("%u", {name[:3]: n for n, name in enumerate(_WEEKDAYS, 1)}),
}
"""By directive, the one that stands for the same as a number, and the numbers of the names."""


def with_epoch(cell: str, epoch: int) -> str:
    """Write the epoch beside a number of days, where it is not the usual one of 1900."""
    return f"{cell} ({epoch})" if epoch != 1900 and _NUMBER.fullmatch(cell) else cell


def without_time(cell: str, formats: Iterable[str]) -> str:
    """Leave out the time of day that stands beside a day.

    A time of a named zone stays: there the day that is written need not be the one that it was.
    """
    if EXCEL in formats and (number := _NUMBER.fullmatch(cell)) and float(number["time"] or 0):
        return number["day"] + (number["epoch"] or "")
    timed = _timed(cell)
    return timed["day"] if timed and not timed["zone"] else cell


def zone_of(cell: str) -> str:
    """Give the zone of a time of day, such as Z or +01:00; "" where none is written."""
    timed = _timed(cell)
    return (timed["zone"] or "").strip() if timed else ""


def _timed(cell: str) -> re.Match[str] | None:
    if len(cell) > LONGEST:
        return None
    return next(filter(None, (form.fullmatch(cell) for form in _TIMED)), None)


def day_in(cell: str, form: str) -> dt.date | None:
    """Read a cell in one format; None if it is not written so.

    Parameters
    ----------
    form
        As for `datetime.datetime.strptime`, or `EXCEL`. What it says of the time of day may be
        missing in the cell.
    """
    if form == EXCEL:
        number = _NUMBER.fullmatch(cell)
        if not number:
            return None
        epoch = 1904 if number["epoch"] else 1900
        return DAY_ZERO[epoch] + dt.timedelta(days=int(number["day"]))
    for written in dict.fromkeys((form, _CLOCK_IN_A_FORMAT.sub("", form))):
        try:
            return dt.datetime.strptime(*_numbered(cell, written)).date()
        except ValueError:
            continue
    return None


def _numbered(cell: str, form: str) -> tuple[str, str]:
    """Put numbers in the place of names, in a cell and in its format."""
    for directive, (number, names) in _NAMES.items():
        if directive in form:
            wanted = re.compile(rf"(?<![^\W\d])({'|'.join(names)})(?![^\W\d])", re.IGNORECASE)
            found = wanted.search(cell)
            if not found:
                raise ValueError("no such name stands there")
            value = f"{names[found[0].capitalize()]:0{2 if number == '%m' else 1}}"
            cell = cell[: found.start()] + value + cell[found.end() :]
            form = form.replace(directive, number)
    return cell, form
