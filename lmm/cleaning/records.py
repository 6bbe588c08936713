"""The clean records of a study, cut to the period that is analysed."""

from __future__ import annotations

from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Records(Setting):
    """Typed clean tables within the period analysed, with what is needed to read them.

    Attributes
    ----------
    tables
        By name.
    """

    tables: Frames

    @classmethod
    def within(cls, tables: Frames, study: Study, parameters: Parameters) -> Self:
        """Cut clean tables to the period of the parameters.

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
        cut: dict[str, pd.DataFrame] = {}
        for name, table in tables_of(self.study).items():
            if name in self.tables:
                cut[name] = _within(self.tables[name], table, cut, parameters)
        return replace(self, parameters=parameters, tables=cut)


def _within(frame: pd.DataFrame, table: Table, cut: Frames, parameters: Parameters) -> pd.DataFrame:
    """Cut one table; ``cut`` holds those that it may refer to."""
    first, last = bounds(parameters)
    for date in table.date:
        parent, dot, _ = date.partition(".")
        if dot:
            key = table.parents[parent]
            frame = frame[frame[key].isin(cut[parent][key])]
        else:
            frame = frame[frame[date].between(first, last)]
    later = {name: frame[name].where(frame[name] <= last) for name in table.unknown_after_end}
    return frame.assign(**later)
