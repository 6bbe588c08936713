"""Members of a population that might as well have been: each differs in one thing from one of it.

Somebody came to another course, or in another role, or not at all; a family was referred a month
later, or lives elsewhere, or waited longer. What the contract forbids is left out, and so is
what never happens in the records and nobody would believe (`lmm.disclosure.habits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lmm.counting.rows import Layout, Place, Rows
from lmm.disclosure.habits import Habits, cut, may_be
from lmm.disclosure.population import Places, Population, identities, joined
from lmm.study.table import Column
from lmm.study.tables import tables_of

DELAYS = (-56, -28, -7, 7, 28, 56)
"""Days by which what follows the first date of a member is moved."""

EVERY_DELAY = tuple(range(-63, 64))
"""The same, where there are few members."""

STEPS = (-5, -1, 1, 5)
"""What is added to a whole number."""

SPREAD = (0, 1 / 2, 1 / 4, 3 / 4)
"""Which of the rows that are alike in a column is given other values, at each level."""


def neighbours(
    population: Population, level: int | None, edges: Sequence[pd.Timestamp] = ()
) -> tuple[Population, Places]:
    """Make neighbours of the members of a population.

    Parameters
    ----------
    level
        At each level other members get neighbours: see `SPREAD`. None for all of them.
    edges
        Days with which a period begins that is counted by itself, other than a month.

    Returns
    -------
    population, source
        The neighbours, and which member each of them differs from.
    """
    made = _Made(population, level, edges)
    made.all()
    every, source = cut(joined(made.populations)), np.concatenate(made.sources)
    fine = np.flatnonzero(may_be(every) & made.habits.kept(every))
    return every.taken(fine)[0], source[fine]


class _Made:
    """Neighbours made so far."""

    def __init__(
        self, population: Population, level: int | None, edges: Sequence[pd.Timestamp]
    ) -> None:
        self.population, self.level, self.edges = population, level, edges
        self.records = population.records
        firsts = pd.Series([*self.records.calendar["month"], *edges]).drop_duplicates()
        self.firsts = firsts.sort_values(ignore_index=True)
        self.tables = tables_of(self.records.study)
        self.layout, self.habits = Layout(self.records), Habits.of(population)
        self.populations = [population.taken(np.arange(0))[0]]
        self.sources = [np.arange(0)]

    def all(self) -> None:
        """Make all."""
        for table, frame in self.population.frames.items():
            for column, spec in self.tables[table].columns.items():
                if column in frame and len(frame):
                    self.in_column(table, column, spec)
            if len(frame):
                if not self.level:
                    self.without(table)
                self.again(table)
                self.at_another_time(table)

    def in_column(self, table: str, column: str, spec: Column) -> None:
        """Change one column of one row, or of all rows that a member has."""
        nothing = [] if spec.required else [None]
        if labels := list(self.layout.labels(Place(table, column))[:-1]):
            self.values(table, column, [*labels, *nothing])
        elif spec.refers_to and spec.refers_to not in self.population.member:
            self.values(table, column, self.records.tables[spec.refers_to][column].tolist())
        elif spec.kind == "whole number":
            self.numbers(table, column, spec)
        elif spec.kind == "date" and column != self.tables[table].own_date:
            self.days(table, column, nothing)

    def some(self, of: pd.Series) -> Places:
        """Choose a row of each value, or every row."""
        if self.level is None:
            return np.arange(len(of))
        values, _ = pd.factorize(of)
        order = np.argsort(values, kind="stable")
        size = np.bincount(values - values.min(initial=0))
        place = np.arange(len(values)) - np.repeat(np.cumsum(size) - size, size)
        size = np.repeat(size, size)
        chosen = [(share * size).astype("int64") for share in SPREAD[: self.level + 1]]
        new = place == chosen[-1]
        for before in chosen[:-1]:
            new &= place != before
        return np.sort(order[new])

    def copies(self, table: str, rows: Places) -> tuple[Population, Places]:
        """Copy the member of each row; give also where that row now stands."""
        members = self.population.member[table][rows]
        taken, copied = self.population.taken(members)
        return taken, np.flatnonzero(copied[table] == rows[taken.member[table]])

    def add(self, population: Population, source: Places) -> None:
        self.populations.append(population)
        self.sources.append(source)

    def put(self, table: str, rows: Places, column: str, values: Sequence[Any]) -> None:
        """Give a column another value: in one row of a copy each, or in all where they agree."""
        taken, at = self.copies(table, rows)
        frame = taken.records.tables[table].copy()
        new = pd.Series(values, dtype=frame[column].dtype)
        if (table, column) in self.habits.constant:
            frame[column] = new.iloc[taken.member[table]].to_numpy()
        else:
            frame.loc[frame.index[at], column] = new.set_axis(frame.index[at])
        self.add(taken.having(**{table: frame}), self.population.member[table][rows])

    def values(self, table: str, column: str, values: Sequence[str | None]) -> None:
        """Try every other value."""
        of = self.population.frames[table][column]
        rows = self.some(of)
        known = of.astype("object").where(of.notna(), None).to_numpy()[rows]
        old = np.repeat(known, len(values))
        new = np.tile(np.array(values, dtype="object"), len(rows))
        other = old != new
        self.put(table, np.repeat(rows, len(values))[other], column, new[other])

    def numbers(self, table: str, column: str, spec: Column) -> None:
        """Try numbers near by, none, and the most frequent one."""
        of = self.population.frames[table][column]
        least = -np.inf if spec.least is None else spec.least
        most = np.inf if spec.most is None else spec.most
        rows = self.some(of)
        near = pd.concat([of.iloc[rows] + step for step in STEPS])
        fits = near.between(least, most).fillna(False).to_numpy(bool)
        self.put(table, np.tile(rows, len(STEPS))[fits], column, near[fits].tolist())
        if not spec.required:
            known = rows[of.iloc[rows].notna()]
            self.put(table, known, column, [None] * len(known))
            self.put(table, rows, column, of.mode().reindex([0] * len(rows)).tolist())

    def days(self, table: str, column: str, nothing: Sequence[None]) -> None:
        """Try every other month, on the same day of it."""
        of = self.population.frames[table][column]
        rows = self.some(self._span(of))
        new = self._in_each_span(of.iloc[rows])
        self.put(table, np.tile(rows, len(self.firsts)), column, new.tolist())
        if nothing:
            known = rows[of.iloc[rows].notna()]
            self.put(table, known, column, [None] * len(known))

    def _span(self, dates: pd.Series[pd.Timestamp]) -> pd.Series[int]:
        """Give the number of the month, or of the part of it, in which dates are."""
        return pd.Series(np.searchsorted(self.firsts, dates, side="right"), dates.index)

    def _in_each_span(self, dates: pd.Series[pd.Timestamp]) -> pd.Series[pd.Timestamp]:
        """Give the day of each month, or part of one, on which dates are; one after the other."""
        day = pd.Timedelta(days=1)
        months = self.firsts - (self.firsts.dt.day - 1) * day
        lasts = self.firsts.shift(-1).fillna(months.iloc[-1] + pd.offsets.MonthEnd() + day) - day
        spans = pd.DataFrame({"month": months, "first": self.firsts, "last": lasts})
        every = spans.loc[spans.index.repeat(len(dates))].reset_index(drop=True)
        of_month = pd.Series(np.tile(dates.dt.day.fillna(15) - 1, len(spans)))
        return (every["month"] + of_month * day).clip(every["first"], every["last"])

    def without(self, table: str) -> None:
        """Leave out a row to which no other one refers, or also those that come after it."""
        if any(table in t.parents for t in self.tables.values()):
            return
        member = self.population.member[table]
        every = np.concatenate(list(self.population.member.values()))
        n = np.bincount(every, minlength=self.population.size)
        taken, at = self.copies(table, np.arange(len(member)))
        drops = [np.isin(np.arange(len(taken.frames[table])), at)]
        if self.layout.date(table):
            days = Rows(taken.records).dates(table).to_numpy()
            drops.append(days[at][taken.member[table]] <= days)
        for dropped in drops:
            gone = np.bincount(taken.member[table][dropped], minlength=taken.size)
            kept = np.flatnonzero(n[member] > gone)
            some, rows = taken.taken(kept)
            self.add(some.dropping(table, np.flatnonzero(dropped[rows[table]])), member[kept])

    def again(self, table: str) -> None:
        """Add a row like another one: at another course, or a week later."""
        names, of = self.tables[table], self.population.frames[table]
        known = [
            (column, parent)
            for parent, column in names.parents.items()
            if parent not in self.population.member and column in of
        ]
        if identities(table, self.records.study):
            for column, parent in known:
                rows, others = self.some(of[column]), self.records.tables[parent][column]
                values = others.repeat(len(rows))
                self.added(table, np.tile(rows, len(others)), column, values.tolist())
        if names.own_date in of and set(names.parents) & set(self.population.member):
            rows = self.some(self._span(of[names.own_date]))
            later = of[names.own_date].iloc[rows] + pd.Timedelta(days=7)
            self.added(table, rows, names.own_date, later.tolist())

    def added(self, table: str, rows: Places, column: str, values: Sequence[Any]) -> None:
        taken, at = self.copies(table, rows)
        frame = taken.records.tables[table]
        more = frame.iloc[at].copy()
        more[column] = pd.Series(values, more.index, frame[column].dtype)
        parents = self.tables[table].parents.values()
        for name in self.tables[table].key:
            if name not in parents and name not in identities(table, self.records.study):
                more[name] = more[name] + "+"
        both = pd.concat([frame, more], ignore_index=True)
        member = np.concatenate([taken.member[table], taken.member[table][at]])
        found = replace(taken, member={**taken.member, table: member}).having(**{table: both})
        self.add(found, self.population.member[table][rows])

    def at_another_time(self, table: str) -> None:
        """Move all dates of a member to another month, or what follows the first of them."""
        date, of = self.tables[table].own_date, self.population.frames[table]
        if date not in of or set(self.tables[table].parents) & set(self.population.member):
            return
        rows = self.some(self._span(of[date]))
        spans = len(self.firsts)
        now = np.tile(of[date].iloc[rows].to_numpy(), spans)
        days = (self._in_each_span(of[date].iloc[rows]).to_numpy() - now).astype("timedelta64[D]")
        self.moved(table, np.tile(rows, spans), days.astype("int64"))
        if self.level:
            return
        delays = EVERY_DELAY if self.level is None else DELAYS
        every, days = np.tile(np.arange(len(of)), len(delays)), np.repeat(delays, len(of))
        self.moved(table, every, days, own=False)
        if self.level is None:
            self.moved(table, every, days, others=False)
        self.to_edges(table)

    def to_edges(self, table: str) -> None:
        """Move what follows the first date of a member just to an edge, or just before it."""
        day, of = pd.Timedelta(days=1), pd.Series(self.population.member[table])
        for name, frame in self.population.frames.items():
            date = self.tables[name].own_date
            if table in self.tables[name].parents and date in frame and len(frame):
                first = of.map(frame.groupby(self.population.member[name])[date].min())
                rows = np.flatnonzero(first.notna())
                for at in (at for edge in self.edges for at in (edge - day, edge)):
                    days = (at - first[rows]).dt.days.to_numpy()
                    self.moved(table, rows, days, own=False)

    def moved(
        self, table: str, rows: Places, days: Places, *, own: bool = True, others: bool = True
    ) -> None:
        """Move the dates of members by so many days: that of the table's rows, others, or both."""
        rows, days = rows[days != 0], days[days != 0]
        taken, _ = self.copies(table, rows)
        date = self.tables[table].own_date
        later: dict[str, pd.DataFrame] = {}
        for name, frame in taken.frames.items():
            delta = pd.to_timedelta(days[taken.member[name]], unit="D")
            columns = [
                column
                for column, spec in self.tables[name].columns.items()
                if spec.kind == "date"
                and column in frame
                and (own if (name, column) == (table, date) else others)
            ]
            later[name] = frame.assign(**{column: frame[column] + delta for column in columns})
        self.add(taken.having(**later), self.population.member[table][rows])
