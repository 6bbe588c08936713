"""What an analysis gives: a table, what each of its columns is, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar

import pandas as pd

from lmm.statistics.estimate import RECORD_FIELDS, Estimate, as_table
from lmm.study.problems import visible
from lmm.study.setting import Setting

Kind = Literal[
    "stratum", "dimension", "measure", "words", "date", "month",
    "count", "number", "share", "probability", "moment", "p_value",
    "estimand", "numerator", "denominator", "estimate", "low", "high",
    "method", "status", "basis", "note",
]  # fmt: skip
"""What a column may be; the constructors of this module say what each means."""


@dataclass(frozen=True)
class Role:
    """What a column of a result is.

    Attributes
    ----------
    heading
        As a reader sees it; by default the column's name in words.
    decimals
        Of a number that is not whole; None for four significant digits.
    of
        What is counted, or what the column says. It tells columns of one kind apart, and a
        share has the ``of`` of the count that it belongs to. That of an estimate names what
        is estimated, in fewer words than its estimand; that of a dimension is the level
        under which the clusters stand, such as courses.
    once
        Whether it is said once, under the caption, where all rows share its value.
    """

    kind: Kind
    heading: str = ""
    decimals: int | None = None
    of: str = ""
    once: bool = False


# --- what a row is about ------------------------------------------------------------------


def stratum(heading: str = "", of: str = "") -> Role:
    """Declare words that say what a row is about."""
    return Role("stratum", heading, of=of)


def dimension(heading: str = "By", of: str = "") -> Role:
    """Declare the name of the column that the row's stratum is a level of."""
    return Role("dimension", heading, of=of)


def named(dimension: str) -> str:
    """Name a level of one dimension in the singular, such as "course" for ``course_id``."""
    return dimension.removesuffix("_id").replace("_", " ")


def measure(heading: str = "") -> Role:
    """Declare the name of what is counted; a reader sees the study's own word for it."""
    return Role("measure", heading)


def words(heading: str = "", of: str = "", *, once: bool = False) -> Role:
    """Declare words that were found or given."""
    return Role("words", heading, of=of, once=once)


def date(heading: str = "", *, once: bool = False) -> Role:
    """Declare a day."""
    return Role("date", heading, once=once)


def month(heading: str = "") -> Role:
    """Declare a month, by its first day."""
    return Role("month", heading)


# --- numbers ------------------------------------------------------------------------------


def count(heading: str = "", of: str = "") -> Role:
    """Declare how many there are of something.

    A cell without a number is a suppressed one, unless a column of statuses says otherwise.
    """
    return Role("count", heading, 0, of)


def number(heading: str = "", decimals: int | None = None, of: str = "") -> Role:
    """Declare a number that is no count of people, or one that may be missing."""
    return Role("number", heading, decimals, of)


def share(heading: str = "", of: str = "") -> Role:
    """Declare a share, from 0 to 1, or a difference of shares; shown in percent."""
    return Role("share", heading, 1, of)


def probability(heading: str = "", of: str = "") -> Role:
    """Declare a probability, from 0 to 1; shown in percent."""
    return Role("probability", heading, 1, of)


def moment(heading: str = "") -> Role:
    """Declare a mean, SD, median, lower or upper quartile: five columns, in this order."""
    return Role("moment", heading, 1)


def p_value(heading: str = "p") -> Role:
    """Declare a p-value."""
    return Role("p_value", heading, 3)


def estimate_of(of: str) -> Role:
    """Declare what the estimates of a table are estimates of, in a few words."""
    return Role("estimate", of=of)


RECORD: Mapping[str, Role] = {
    "estimand": Role("estimand"),
    "numerator": Role("numerator", "n", 1),
    "denominator": Role("denominator", "of", 1),
    "estimate": Role("estimate"),
    "low": Role("low"),
    "high": Role("high"),
    "method": Role("method", once=True),
    "status": Role("status"),
    "basis": Role("basis", "Rests on", once=True),
    "note": Role("note", once=True),
}
"""The fields of `lmm.statistics.estimates.Estimate`; columns of these names are these."""

Row = tuple[dict[str, Any], Estimate]
"""The strata of an estimate, and the estimate."""


@dataclass(frozen=True, eq=False)
class Result:
    """A table and what its columns are; or no table, and why not.

    Attributes
    ----------
    roles
        What each column is, by its name.
    why_not
        Why there is no result, in a sentence; the table is then empty.

    Raises
    ------
    ValueError
        If a column has no role, or there are rows of what is said not to be there.
    """

    table: pd.DataFrame
    roles: Mapping[str, Role] = field(default_factory=dict)
    why_not: str = ""

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
        return type(self)(table, roles, self.why_not)

    def where(self, mask: pd.Series[bool]) -> Self:
        """Give the rows for which something holds, numbered anew."""
        return self.with_table(self.table[mask].reset_index(drop=True))


# --- what the service has to keep ---------------------------------------------------------

Need = str | tuple[str, ...]
"""A table, or a column as ``table.column``; of several in a tuple, one is enough."""

S = TypeVar("S", bound=Setting)
P = ParamSpec("P")


def needs(
    *needed: Need,
) -> Callable[[Callable[Concatenate[S, P], Result]], Callable[Concatenate[S, P], Result]]:
    """Have an analysis done only where the service keeps what it needs; see `lacking`.

    The first argument of the function are the records.
    """

    def decorate(
        analyse: Callable[Concatenate[S, P], Result],
    ) -> Callable[Concatenate[S, P], Result]:
        @wraps(analyse)
        def analysed(records: S, /, *args: P.args, **kwargs: P.kwargs) -> Result:
            if why_not := lacking(records, *needed):
                return Result.absent(why_not)
            return analyse(records, *args, **kwargs)

        return analysed

    return decorate


def lacking(records: Setting, *needed: Need) -> str:
    """Say in a sentence which of these a service does not keep; nothing where it keeps all."""
    missing = [need for need in needed if not _keeps(records, need)]
    return f"This service keeps no {_in_words(missing[0])}." if missing else ""


def _keeps(records: Setting, need: Need) -> bool:
    ways = [each.partition(".") for each in _ways(need)]
    return any(
        records.keeps(table, column) if column else records.study.keeps(table)
        for table, _, column in ways
    )


def _ways(need: Need) -> tuple[str, ...]:
    return (need,) if isinstance(need, str) else need


def _in_words(need: Need) -> str:
    """Word what is lacking: a table, or a column of one; of several, one would be enough."""
    names = [each.replace("_", " ") for each in _ways(need)]
    table = names[0].partition(".")[0]
    *others, last = [name.rpartition(".")[-1] for name in names]
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"column {listed} in its table of {table}" if "." in names[0] else f"table of {listed}"
