"""The clean records of a study, as they are known by the end of the period that is analysed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import pandas as pd

from lmm.cleaning.contract import Frames
from lmm.study.parameters import Parameters
from lmm.study.setting import Setting, bounds
from lmm.study.study import Study
from lmm.study.table import Table
from lmm.study.tables import tables_of

DESCRIBE_NOBODY = ("targets", "published_figures")
"""Tables that are no records, and belong to the setting."""


def files_of_records(study: Study) -> dict[str, list[Path]]:
    """Give the raw files of each table of records that a study has."""
    return {
        name: [study.raw / file for file in source.files]
        for name, source in study.sources.items()
        if name not in DESCRIBE_NOBODY
    }


@dataclass(frozen=True)
class Records(Setting):
    """Typed clean tables, with what is needed to read them.

    What lies before the period is there too: who came then is not new within it, and who had
    not left is still there.

    Attributes
    ----------
    tables
        By name.
    """

    tables: Frames

    @classmethod
    def within(cls, tables: Frames, study: Study, parameters: Parameters) -> Self:
        """Cut clean tables to what is known by the end of the period of the parameters.

        Each table says by which date: its own, or that of the record it refers to, with which
        its rows then go. What happens after the end of the period is not yet known.
        """
        declared = {name: tables[name] for name in DESCRIBE_NOBODY}
        kept = {name: frame for name, frame in tables.items() if name not in declared}
        return cls(study=study, parameters=parameters, **declared, tables=kept).within_period(
            parameters
        )

    def within_period(self, parameters: Parameters) -> Self:
        """Cut to the period of other parameters, which lies within this one; see `within`."""
        last = bounds(parameters)[1]
        cut: dict[str, pd.DataFrame] = {}
        for name, table in tables_of(self.study).items():
            if name in self.tables:
                frame = self.tables[name]
                frame = frame[_lies(frame, table, cut, lambda dates: dates <= last)]
                later = {day: frame[day].where(frame[day] <= last)
                         for day in table.unknown_after_end}  # fmt: skip
                cut[name] = frame.assign(**later)
        return replace(self, parameters=parameters, tables=cut)

    def inside(self, name: str) -> pd.Series[bool]:
        """Say of each row of a table whether it lies in the period, and not before it."""
        first, table = bounds(self.parameters)[0], tables_of(self.study)[name]
        parents = {
            parent: self.tables[parent][self.inside(parent)]
            for parent in (date.partition(".")[0] for date in table.date)
            if parent in table.parents
        }
        return _lies(self.tables[name], table, parents, lambda dates: dates >= first)


def _lies(
    frame: pd.DataFrame,
    table: Table,
    parents: Frames,
    fits: Callable[[pd.Series[pd.Timestamp]], pd.Series[bool]],
) -> pd.Series[bool]:
    """Say of which rows the dates fit; ``parents`` holds the rows that they may go with."""
    every = pd.Series(True, index=frame.index)
    for date in table.date:
        parent, dot, _ = date.partition(".")
        key = table.parents.get(parent, "")
        every &= frame[key].isin(parents[parent][key]) if dot else fits(frame[date])
    return every
