"""Records that nobody made: rows within what a study declares of each of its tables.

They have the shape of the records that are to come, and nothing of what they may say: every
label is as frequent as the others, and nothing depends on anything. A plan that runs on them
will run, and what comes out is no finding.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from lmm.study.study import Study
from lmm.study.table import InOrder, Table
from lmm.study.tables import tables_of

SEED = 20180401
ROWS, ROWS_OF_A_PART = 150, 450
"""Rows of a table, and of one whose rows are parts of another's."""

RECORDED = 0.9
"""Share of the cells that are filled where they may be blank."""

LONGEST_DELAY, MOST = 90, 20
"""Days between two dates of a row, and the range of a number that no bound is declared of."""


def drawn(study: Study, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Draw rows for every table of records that a study keeps, as `lmm.cleaning.load` reads them.

    Returns
    -------
    dict
        By table name, a frame of text, indexed by lines. The same seed gives the same rows.
    """
    drawing = _Drawing(study, np.random.default_rng(seed))
    for name in drawing.tables:
        if study.keeps(name):
            drawing.frames[name] = drawing.rows(name)
    return drawing.frames


class _Drawing:
    """The tables of a study, drawn one after the other, since rows refer to those before."""

    def __init__(self, study: Study, chance: np.random.Generator) -> None:
        self.study, self.tables, self.chance = study, tables_of(study), chance
        self.frames: dict[str, pd.DataFrame] = {}

    def rows(self, name: str) -> pd.DataFrame:
        table = self.tables[name]
        size = ROWS_OF_A_PART if table.parents else ROWS
        kept = [column for column in table.columns if column in self.study.columns_kept(name)]
        blank = pd.DataFrame("", index=range(2, size + 2), columns=list(table.columns), dtype="str")
        frame = blank.rename_axis("line")
        for column in kept:
            frame[column] = self._cells(column, table, size)
        first = self._first_days(table, frame)
        for column, days in _dates(table, kept, first, self.chance).items():
            frame[column] = [f"{day}" if day <= self.study.period.end else "" for day in days]
        _put_in_order(frame, table, kept)
        for column in kept:
            if not table.columns[column].required:
                frame[column] = frame[column].where(self.chance.random(size) < RECORDED, "")
        return frame

    def _cells(self, column: str, table: Table, size: int) -> list[str]:
        """Draw the cells of a column, each by itself; dates follow later."""
        spec, draw = table.columns[column], self.chance.integers
        if spec.kind == "identifier":
            if list(table.key) == [column]:
                return [f"{column}-{n}" for n in range(size)]
            known = [f"{column}-{n}" for n in range(size // 3)]
            if spec.refers_to in self.frames:
                (key, *_) = self.tables[spec.refers_to].key
                known = self.frames[spec.refers_to][key].tolist()
            return [known[n] for n in draw(len(known), size=size)]
        if spec.kind == "label":
            labels = self.study.labels(spec.vocabulary) if spec.vocabulary else spec.accepts
            return [labels[n] for n in draw(len(labels), size=size)]
        if spec.kind in ("whole number", "number"):
            least = 0 if spec.least is None else int(np.ceil(spec.least))
            most = least + MOST if spec.most is None else min(int(spec.most), least + MOST)
            return [str(n) for n in draw(least, most + 1, size=size)]
        return [""] * size

    def _first_days(self, table: Table, frame: pd.DataFrame) -> list[dt.date]:
        """Draw the day on which each row begins: within the records, after that of its parent."""
        begins, ends = self.study.period.on_record_from, self.study.period.end
        starts = [begins] * len(frame)
        for parent, column in table.parents.items():
            of, above = self.tables[parent], self.frames.get(parent)
            if above is None or not of.own_date:
                continue
            known = dict(zip(above[of.key[0]], above[of.own_date], strict=True))
            starts = [dt.date.fromisoformat(known.get(key) or f"{begins}") for key in frame[column]]
        shares = self.chance.random(len(frame))
        return [
            start + dt.timedelta(days=int(share * ((ends - start).days + 1)))
            for start, share in zip(starts, shares, strict=True)
        ]


def _dates(
    table: Table, kept: list[str], first: list[dt.date], chance: np.random.Generator
) -> dict[str, list[dt.date]]:
    """Give the dates of each row: the first day, and others that come after what they follow."""
    waiting = [column for column in kept if table.columns[column].kind == "date"]
    found: dict[str, list[dt.date]] = {}
    while waiting:
        follows = {
            column: [b for a, b in table.not_before if a == column and b in waiting]
            for column in waiting
        }
        column = next((each for each in waiting if not follows[each]), waiting[0])
        waiting.remove(column)
        after = [found[b] for a, b in table.not_before if a == column and b in found]
        delays = chance.integers(LONGEST_DELAY, size=len(first)) if after else [0] * len(first)
        bases = [max(days) for days in zip(*after, strict=True)] if after else first
        found[column] = [
            day + dt.timedelta(days=int(delay)) for day, delay in zip(bases, delays, strict=True)
        ]
    return found


def _put_in_order(frame: pd.DataFrame, table: Table, kept: list[str]) -> None:
    """Exchange two numbers of a row where the first may not be the greater one and is."""
    for pair in table.at_most:
        one, other = pair.columns if isinstance(pair, InOrder) else pair
        if one in kept and other in kept:
            small = frame[[one, other]].astype("float").min(axis=1)
            swapped = frame[one].astype("float") > small
            frame.loc[swapped, [one, other]] = frame.loc[swapped, [other, one]].to_numpy()
