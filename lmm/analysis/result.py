"""What an analysis gives: a table, what each of its columns is, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pandas as pd

from lmm.analysis.roles import RECORD, Kind, Role
from lmm.counting.counts import Asked
from lmm.statistics.estimate import RECORD_FIELDS, Estimate, as_table
from lmm.study.problems import visible

Row = tuple[dict[str, Any], Estimate]
"""The strata of an estimate, and the estimate."""


@dataclass(frozen=True)
class Source:
    """What a result was made from.

    Attributes
    ----------
    function, given
        The full name of the function, and what it was given besides counts, as it is written.
    counts
        What it asked for: measures, and by which dimensions.
    measure
        The column that names the measure of a row, if there is one.
    """

    function: str
    given: str
    counts: tuple[Asked, ...]
    measure: str = ""


@dataclass(frozen=True, eq=False)
class Result:
    """A table and what its columns are; or no table, and why not.

    Attributes
    ----------
    roles
        What each column is, by its name.
    why_not
        Why there is no result, in a sentence; the table is then empty.
    source
        What it was made from; None for one that no analysis has made.
    title
        Of a table of it; "" if its name in words will do.

    Raises
    ------
    ValueError
        If a column has no role, or there are rows of what is said not to be there.
    """

    table: pd.DataFrame
    roles: Mapping[str, Role] = field(default_factory=dict)
    why_not: str = ""
    source: Source | None = None
    title: str = ""

    def __post_init__(self) -> None:
        if unknown := [str(name) for name in self.table if name not in self.roles]:
            raise ValueError(f"the result does not say what its column {unknown[0]!r} is")
        if self.why_not and len(self.table):
            raise ValueError(f"a result with rows, of which is said: {self.why_not}")

    @classmethod
    def of(cls, table: pd.DataFrame, /, **roles: Role) -> Self:
        """Say what the columns of a table are.

        Parameters
        ----------
        roles
            By column; those of `RECORD` need not be given. One of a column that the table
            does not have is left out, as columns depend on what a service keeps.
        """
        known = {**RECORD, **roles}
        return cls(table, {str(name): known[name] for name in table if name in known})

    @classmethod
    def of_estimates(cls, rows: Iterable[Row], /, **roles: Role) -> Self:
        """Lay out estimates, each beside its strata; without any, the columns are there.

        Parameters
        ----------
        roles
            Of the columns of the strata.
        """
        table = as_table(rows)
        if table.empty:
            strata = [name for name in roles if name not in RECORD_FIELDS]
            table = table.reindex(columns=[*strata, *RECORD_FIELDS])
        return cls.of(table, **roles)

    @classmethod
    def absent(cls, why: str) -> Self:
        """Say in a sentence why there is no result."""
        return cls(pd.DataFrame(), why_not=why)

    def columns(self, *kinds: Kind, of: str | None = None) -> list[str]:
        """Give the columns of these kinds, in the order of the table; those of one ``of``."""
        return [
            str(name)
            for name in self.table
            if (role := self.roles[str(name)]).kind in kinds and of in (None, role.of)
        ]

    def column(self, kind: Kind, of: str | None = None) -> str:
        """Give the one column of a kind; a ValueError is raised if there is not exactly one."""
        found = self.columns(kind, of=of)
        if len(found) != 1:
            which = kind if of is None else f"{kind} of {of}"
            raise ValueError(f"one column of the kind {which!r} is needed, and there are {found}")
        return found[0]

    def by_role(self) -> pd.DataFrame:
        """Give the table with its columns under what they are, whatever they are called.

        Returns
        -------
        DataFrame
            A column is there under its kind where it is the only one of it, and under its kind
            and its ``of`` where it is the only one of both: ``count`` and ``count_of_families``.
            So whoever draws a result need not know the names of its columns.
        """
        found: dict[str, pd.Series[Any]] = {}
        for name, role in self.roles.items():
            if self.columns(role.kind) == [name]:
                found[role.kind] = self.table[name]
            if role.of and self.columns(role.kind, of=role.of) == [name]:
                found[f"{role.kind}_of_{role.of.replace(' ', '_')}"] = self.table[name]
        return pd.DataFrame(found, index=self.table.index)

    @property
    def is_estimates(self) -> bool:
        """Whether each row is an estimate."""
        return bool(self.columns("estimate"))

    def heading(self, name: str) -> str:
        """Give the heading of a column as a reader sees it."""
        text = visible(name)
        return self.roles[name].heading or (text[:1].upper() + text[1:]).replace("_", " ")

    def with_table(self, table: pd.DataFrame) -> Self:
        """Give a result of the same meaning with other rows, or fewer columns."""
        roles = {name: self.roles[name] for name in map(str, table) if name in self.roles}
        return replace(self, table=table, roles=roles)

    def where(self, mask: pd.Series[bool]) -> Self:
        """Give the rows for which something holds, numbered anew."""
        return self.with_table(self.table[mask].reset_index(drop=True))
