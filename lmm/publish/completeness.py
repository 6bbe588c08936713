"""How complete the records of a study are, and how far they go."""

from __future__ import annotations

import pandas as pd

from lmm.cleaning.ledger import Ledger
from lmm.study.study import Study


def completeness(kept: dict[str, pd.DataFrame], study: Study) -> pd.DataFrame:
    """Say of each column that is kept how often it is recorded; see `lmm.publish.check.Report`."""
    rows = []
    for table, frame in kept.items():
        for column in study.columns_kept(table):
            cells = frame[column].dropna()
            ranged = len(cells) > 0 and frame[column].dtype.kind in "Mif"
            low, high = (_plain(cells.min()), _plain(cells.max())) if ranged else ("", "")
            share = len(cells) / len(frame) if len(frame) else None
            rows.append((table, column, len(cells), len(frame), share, low, high))
    names = ["table", "column", "recorded", "rows", "share_recorded", "from", "to"]
    return pd.DataFrame(rows, columns=names)


def _plain(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{value:.12g}"


def timeliness_of(kept: dict[str, pd.DataFrame], books: list[Ledger], study: Study) -> pd.DataFrame:
    """Say of each table that is kept how far it goes; see `lmm.publish.check.Report`."""
    months = pd.period_range(study.period.start, study.period.end, freq="M")
    rows = []
    for book in books:
        if book.table not in kept:
            continue
        frame = kept[book.table]
        dated = book.declared.own_date
        dates = frame[dated] if dated else pd.Series(dtype="M8[us]")
        first, last = (dates.min(), dates.max()) if len(dates) else (pd.NaT, pd.NaT)
        behind = (pd.Timestamp(study.period.end) - dates).dt.days.min() if len(dates) else None
        empty = len(set(months) - set(dates.dt.to_period("M"))) if len(dates) else None
        rows.append((book.table, len(book.raw), len(frame), first, last, behind, empty))
    names = ["table", "rows_read", "rows_kept", "first", "last", "days_to_period_end",
             "months_without"]  # fmt: skip
    return pd.DataFrame(rows, columns=names).astype(
        {"days_to_period_end": "Int64", "months_without": "Int64"}
    )
