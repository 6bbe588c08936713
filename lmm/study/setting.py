"""What is known before anything is counted: the study, the period, its calendar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from lmm.study.parameters import Parameters
from lmm.study.study import Study

Basis = Literal["published", "assumed", "recorded"]
"""What a result rests on.

``published``: synthetic records calibrated to a published figure, which this result is.
``assumed``: synthetic records, for everything else. ``recorded``: real records.
"""


@dataclass(frozen=True)
class Setting:
    """A study and the period that is analysed, with what describes nobody.

    Attributes
    ----------
    calendar
        One row a month of the period: ``month`` (its first day), ``days_open``,
        ``months_open`` (days open / days of that month), ``contract_year``.
    targets, published_figures
        Clean tables of what was expected and of what was published.
    """

    study: Study
    parameters: Parameters
    targets: pd.DataFrame
    published_figures: pd.DataFrame

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """One row a month of the period; see the class."""
        return calendar(self.study, self.parameters)

    def keeps(self, table: str, column: str) -> bool:
        """Whether the service keeps a column of a table."""
        return column in self.study.columns_kept(table)

    @property
    def contract_years(self) -> list[str]:
        """Contract years that the period touches, in order."""
        return list(self.calendar["contract_year"].unique())

    @property
    def phases(self) -> list[str]:
        """Names of the two phases, before the event and from it on."""
        return [f"before the {self.study.event.name}", f"from the {self.study.event.name} on"]

    def contract_year(self, dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
        """Contract year of each date, such as ``2018/19``."""
        return contract_year(dates, self.study.contract_year_starts)

    def phase(self, dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
        """Name of the phase that each date falls in."""
        before, after = self.phases
        later = dates >= pd.Timestamp(self.parameters.event_date)
        return later.map({False: before, True: after}).astype("str")

    def months_open(self, first: pd.Timestamp, last: pd.Timestamp) -> float:
        """Months open between two days, both included; part months count by days."""
        days = open_days(self.study, self.parameters)
        days = days[(days >= first) & (days <= last)]
        return float(sum(1 / length for length in days.days_in_month))

    def months_of_year(self, contract_year: str, indicator: str = "") -> float:
        """Months open in a contract year; months of reduced capacity in part for an indicator.

        Parameters
        ----------
        indicator
            Whose declared capacity counts; by default none does.
        """
        days = open_days(self.study, self.parameters).to_series()
        days = days[self.contract_year(days) == contract_year]
        weight = pd.Series(1.0, index=days.index)
        for part in self.study.reduced_capacity:
            if indicator in part.indicators:
                within = (days >= pd.Timestamp(part.start)) & (days <= pd.Timestamp(part.end))
                weight = weight.mask(within, part.capacity)
        return round(float((weight / days.dt.days_in_month).sum()), 9)

    def covers(self, figure: str) -> bool:
        """Whether the period is exactly the window of a published figure."""
        row = self.published_figures.set_index("figure").loc[figure]
        return (row["window_start"], row["window_end"]) == bounds(self.parameters)

    def basis(self, figure: str = "") -> Basis:
        """Say what a result rests on; ``figure`` names the published one that it is, if any."""
        if not self.study.is_synthetic:
            return "recorded"
        known = figure in set(self.published_figures["figure"])
        return "published" if known and self.covers(figure) else "assumed"


def contract_year(dates: pd.Series[pd.Timestamp], first_month: int) -> pd.Series[str]:
    """Label dates with their contract year; a year from January has no second half."""
    start = dates.dt.year - (dates.dt.month < first_month)
    labels = {year: year_label(year, first_month) for year in start.unique()}
    return start.map(labels).astype("str")


def year_label(start: int, first_month: int) -> str:
    """Give the label of the contract year that begins in a year: 2018, or 2018/19."""
    return f"{start}" if first_month == 1 else f"{start}/{(start + 1) % 100:02d}"


def parts_of_years(
    study: Study, parameters: Parameters
) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """Give the contract years of which the period has only a part, with its first and last day."""
    first, last = bounds(parameters)
    days = pd.date_range(first, last, freq="D").to_series()
    found = {}
    for year, held in days.groupby(contract_year(days, study.contract_year_starts)):
        start = pd.Timestamp(int(str(year)[:4]), study.contract_year_starts, 1)
        whole = (start, start + pd.DateOffset(years=1, days=-1))
        if (held.iloc[0], held.iloc[-1]) != whole:
            found[str(year)] = (held.iloc[0], held.iloc[-1])
    return found


def open_days(study: Study, parameters: Parameters) -> pd.DatetimeIndex:
    """Every day of the period on which the service was not closed."""
    days = pd.date_range(*bounds(parameters), freq="D")
    for closure in study.closures:
        closed = (days >= pd.Timestamp(closure.start)) & (days <= pd.Timestamp(closure.end))
        days = days[~closed]
    return days


def calendar(study: Study, parameters: Parameters) -> pd.DataFrame:
    """Build the months of the period with their exposure; see `Setting`."""
    first, last = bounds(parameters)
    months = pd.date_range(first.replace(day=1), last, freq="MS")
    opened = pd.Series(open_days(study, parameters))
    days_open = opened.dt.to_period("M").value_counts().reindex(months.to_period("M"), fill_value=0)
    frame = pd.DataFrame({"month": months, "days_open": days_open.to_numpy()})
    frame["months_open"] = frame["days_open"] / frame["month"].dt.days_in_month
    frame["contract_year"] = contract_year(frame["month"], study.contract_year_starts)
    return frame


def bounds(parameters: Parameters) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and the last day of the period."""
    return pd.Timestamp(parameters.period_start), pd.Timestamp(parameters.period_end)
