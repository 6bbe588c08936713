"""The spans of time that counts are made by, and the days of each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lmm.study.setting import Setting, bounds

SPANS = ("month", "quarter", "contract_year", "phase", "day")
"""Spans in which a date lies in exactly one."""


def levels(span: str, setting: Setting) -> list[str]:
    """Give the levels of a span within the period, in order; none for days, which are many."""
    match span:
        case "month" | "month_end":
            return [f"{month:%Y-%m-%d}" for month in setting.calendar["month"]]
        case "quarter":
            return list(dict.fromkeys(span_of(setting.calendar["month"], "quarter", setting)))
        case "contract_year":
            return setting.contract_years
        case "phase":
            return setting.phases
        case _:
            return []


def span_of(dates: pd.Series[pd.Timestamp], span: str, setting: Setting) -> pd.Series[str]:
    """Give the level of a span that each date lies in; months and quarters by their first day."""
    if span == "contract_year":
        return setting.contract_year(dates)
    if span == "phase":
        return setting.phase(dates)
    if span == "day":
        return dates.dt.strftime("%Y-%m-%d").astype("str")
    months = dates.to_numpy().astype("datetime64[M]")
    if span == "quarter":
        months = months - (months.astype("int64") - (setting.study.contract_year_starts - 1)) % 3
    return pd.Series(np.datetime_as_string(months, unit="D"), index=dates.index, dtype="str")


def days_of(span: str, level: str, setting: Setting) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and the last day of a level of a span, within the period."""
    start, end = bounds(setting.parameters)
    event = pd.Timestamp(setting.parameters.event_date)
    day = pd.Timedelta(days=1)
    if span == "phase":
        return (start, event - day) if level == setting.phases[0] else (event, end)
    if span == "contract_year":
        first = pd.Timestamp(int(level[:4]), setting.study.contract_year_starts, 1)
    else:
        first = pd.Timestamp(level)
    if span == "day":
        return first, first
    months = {"month": 1, "quarter": 3, "contract_year": 12}[span]
    last = first + pd.DateOffset(months=months) - day
    return max(first, start), min(last, end)
