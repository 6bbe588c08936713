"""The days on which something can have happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.synthetic.draw import split
from lmm.synthetic.inputs import Inputs, Modes

DAY = dt.timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Year:
    """The part of a contract year that lies in the period."""

    label: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Calendar:
    """The period, its contract years and the days worked."""

    start: dt.date
    last: dt.date
    event: dt.date
    holidays: tuple[str, ...]
    years: tuple[Year, ...]

    @classmethod
    def of(cls, study: Study, inputs: Inputs) -> Self:
        """Make the calendar of a study; it ends at the event if the service then closed."""
        last = study.period.end if inputs.open_after_event else study.event.date - DAY
        return cls(
            study.period.start, last, study.event.date, inputs.holidays, contract_years(study)
        )

    def is_working(self, day: dt.date) -> bool:
        """Whether people are seen on that day."""
        return day.weekday() < SATURDAY and f"{day:%m-%d}" not in self.holidays

    def days(self, start: dt.date, end: dt.date) -> list[dt.date]:
        """Give the working days from ``start`` to ``end`` on which the service was open."""
        start, end = max(start, self.start), min(end, self.last)
        span = range((end - start).days + 1)
        return [day for n in span if self.is_working(day := start + n * DAY)]

    def next_day(self, day: dt.date) -> dt.date:
        """Give that day or else the first working day after it."""
        while not self.is_working(day):
            day += DAY
        return day

    def mode_weights(self, modes: Modes, day: dt.date) -> dict[str, float]:
        """Give the weights of the ways of meeting on that day."""
        return modes.before if day < self.event else modes.after

    def by_year(
        self, total: int, weights: tuple[float, ...], possible: Callable[[Year], bool]
    ) -> list[tuple[Year, int]]:
        """Divide ``total`` over the contract years in which it is possible."""
        if len(weights) != len(self.years):
            raise StudyError(
                f"inputs: {len(weights)} weights by year for {len(self.years)} contract years"
            )
        able = [w * possible(year) for year, w in zip(self.years, weights, strict=True)]
        if total and not sum(able):
            raise StudyError("inputs: no contract year has room for what should happen in one")
        return list(zip(self.years, split(total, able), strict=True))


def contract_years(study: Study) -> tuple[Year, ...]:
    """Cut the period into contract years."""
    first = study.period.start
    year = first.year - (first.month < study.contract_year_starts)
    years = []
    while (start := dt.date(year, study.contract_year_starts, 1)) <= study.period.end:
        end = dt.date(year + 1, study.contract_year_starts, 1) - DAY
        label = f"{year}" if end.year == year else f"{year}/{end.year % 100:02d}"
        years.append(Year(label, max(start, first), min(end, study.period.end)))
        year += 1
    return tuple(years)


def months(start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Give the first and last day of each calendar month from ``start`` to ``end``."""
    spans = []
    while start <= end:
        following = (start.replace(day=1) + 31 * DAY).replace(day=1)
        spans.append((start, min(following - DAY, end)))
        start = following
    return spans
