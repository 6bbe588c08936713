"""Records as a population: who or what they describe, one member after another.

A member is all rows that belong together: a member of staff and each course that they came to, a
family and its contacts, a session. What a member adds to each count depends on nobody else, so
that the counts of any population are sums over its members.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from lmm.cleaning.records import Records
from lmm.counting.count import tallies
from lmm.counting.counts import Key
from lmm.counting.declared import measures_of
from lmm.study.parameters import Parameters
from lmm.study.study import Study
from lmm.study.tables import tables_of

Places = npt.NDArray[np.signedinteger[Any]]
"""Numbers of rows, or of members."""


def described(study: Study) -> list[str]:
    """Name the tables whose rows describe people; the others are known as they are."""
    about = {m.rows for m in measures_of(study).values() if m.about_people}
    return [name for name in tables_of(study) if name in about]


@dataclass(frozen=True)
class Population:
    """Records with the member that each row belongs to.

    Attributes
    ----------
    records
        Each table that describes people is indexed from 0.
    member
        By table, the number of the member that each row belongs to.
    size
        How many members there are.
    """

    records: Records
    member: Mapping[str, Places]
    size: int

    @classmethod
    def of(cls, records: Records) -> Population:
        """Find the members that records describe."""
        kept = [name for name in described(records.study) if name in records.tables]
        frames = {name: records.tables[name].reset_index(drop=True) for name in kept}
        starts = np.cumsum([0, *(len(frame) for frame in frames.values())])
        begins = dict(zip(frames, starts, strict=False))
        one, other = np.hstack([*_links(frames, begins, records.study)]).astype("int64")
        graph = coo_array((np.ones(len(one)), (one, other)), shape=(starts[-1], starts[-1]))
        size, labels = connected_components(graph, directed=False)
        member = {name: labels[at : at + len(frames[name])] for name, at in begins.items()}
        return cls(replace(records, tables={**records.tables, **frames}), member, size)

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables that describe people."""
        return {name: self.records.tables[name] for name in self.member}

    def within(self, parameters: Parameters) -> Population:
        """Give the same members as they are known within the period of the parameters."""
        if parameters == self.records.parameters:
            return self
        cut = self.records.within_period(parameters)
        rows = {name: cut.tables[name].index for name in self.member}
        frames = {name: cut.tables[name].reset_index(drop=True) for name in self.member}
        member = {name: self.member[name][rows[name]] for name in self.member}
        records = replace(cut, tables={**cut.tables, **frames})
        return Population(records, member, self.size)

    def having(self, **tables: pd.DataFrame) -> Population:
        """Give the same with other cells."""
        return replace(
            self, records=replace(self.records, tables={**self.records.tables, **tables})
        )

    def dropping(self, table: str, rows: Places) -> Population:
        """Give the same without some rows of a table."""
        kept = np.delete(np.arange(len(self.frames[table])), rows)
        frame = self.frames[table].iloc[kept].reset_index(drop=True)
        member = {**self.member, table: np.delete(self.member[table], rows)}
        return replace(self, member=member).having(**{table: frame})

    @cached_property
    def _sorted(self) -> dict[str, tuple[Places, Places, Places]]:
        """By table, the rows by member; where those of each begin; how many they are."""
        found = {}
        for name, member in self.member.items():
            n = np.bincount(member, minlength=self.size)
            found[name] = np.argsort(member, kind="stable"), np.cumsum(n) - n, n
        return found

    def taken(self, members: Places) -> tuple[Population, dict[str, Places]]:
        """Copy members, each as somebody of their own, also where one is taken twice.

        Returns
        -------
        population
            Of as many members as are asked for, in that order.
        rows
            By table, the row here that each of its rows is a copy of.
        """
        tables, member, rows = dict(self.records.tables), {}, {}
        for name, (order, begins, n) in self._sorted.items():
            often = n[members]
            member[name] = np.repeat(np.arange(len(members)), often)
            steps = np.arange(often.sum()) - np.repeat(np.cumsum(often) - often, often)
            rows[name] = order[np.repeat(begins[members], often) + steps]
            frame = self.records.tables[name].iloc[rows[name]].reset_index(drop=True)
            tables[name] = self._renamed(name, frame, member[name])
        taken = Population(replace(self.records, tables=tables), member, len(members))
        return taken, rows

    def _renamed(self, table: str, frame: pd.DataFrame, member: Places) -> pd.DataFrame:
        """Give each member identifiers of its own."""
        names = pd.Series(member.astype("str"), dtype="str")
        columns = _renamed_columns(table, self.records.study, self.member)
        again = {name: frame[name].str.cat(names, sep="~") for name in columns if name in frame}
        return frame.assign(**again)

    def counted(self) -> tuple[list[Key], csr_array]:
        """Give what each member adds to each count that may be released.

        A row a count, a column a member.
        """
        names: dict[Key, int] = {}
        entries: list[Places] = []
        for tally in tallies(self.records, fine=False):
            place = np.array([names.setdefault(name, len(names)) for name in tally.names], "int64")
            if tally.table in self.member:
                who = self.member[tally.table][tally.rows]
                entries.append(np.vstack([place[tally.lies], who, tally.n]))
        found = np.hstack([*entries, np.empty((3, 0))]).astype("int64")
        rows, columns, n = found[:, found[2] != 0]
        matrix = coo_array((n, (rows, columns)), shape=(len(names), self.size))
        return list(names), csr_array(matrix)


def _links(
    frames: Mapping[str, pd.DataFrame], begins: Mapping[str, int], study: Study
) -> Iterator[Places]:
    """Give pairs of rows that belong together: of one person, or of one row that both refer to."""
    yield np.empty((2, 0), dtype="int64")
    for name, frame in frames.items():
        parents = {p: c for p, c in tables_of(study)[name].parents.items() if p in frames}
        for column in dict.fromkeys([*identities(name, study), *parents.values()]):
            if column in frame:
                rows = pd.Series(frame.index)[frame[column].notna()]
                first = rows.groupby(frame[column]).transform("first")
                yield np.vstack([rows, first]) + begins[name]
        for parent, column in parents.items():
            if column in frame:
                keys = pd.Series(frames[parent].index, frames[parent][column])
                found = keys.reindex(frame[column]).set_axis(frame.index).dropna()
                yield np.vstack([found.index + begins[name], found + begins[parent]])


def identities(table: str, study: Study) -> list[str]:
    """Give the columns of a table by which people are told apart where they are counted once."""
    every = (m.once_for for m in measures_of(study).values() if m.rows == table)
    return list(dict.fromkeys(name for name in every if name))


def _renamed_columns(table: str, study: Study, described: Mapping[str, object]) -> list[str]:
    """Give the identifiers that no other member may have."""
    columns = tables_of(study)[table].columns
    known = [name for name, c in columns.items() if c.refers_to and c.refers_to not in described]
    return [
        name
        for name, column in columns.items()
        if column.kind == "identifier" and name not in known
    ]


def joined(populations: Sequence[Population]) -> Population:
    """Put populations together; nobody is in two of them."""
    first = populations[0]
    starts = np.cumsum([0, *(each.size for each in populations)])
    tables, member = dict(first.records.tables), {}
    for name in first.member:
        member[name] = np.concatenate(
            [each.member[name] + at for each, at in zip(populations, starts, strict=False)]
        )
        frames = [each.records.tables[name] for each in populations]
        tables[name] = first._renamed(name, pd.concat(frames, ignore_index=True), member[name])
    return Population(replace(first.records, tables=tables), member, int(starts[-1]))
