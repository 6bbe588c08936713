"""What a table of records is: its rows, key and columns, its rules, and how it is cleaned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lmm.study.declared import OneOrMore, Part, Text

Kind = Literal["identifier", "date", "label", "whole number", "number", "text"]

Step = Literal[
    "standardise", "within_period", "contract_years", "references", "not_before_referral",
    "rules", "repeats", "one_attendance", "unique_ids",
]  # fmt: skip
"""Steps of cleaning, by name; `lmm.cleaning.steps` has them."""


Pair = Annotated[tuple[Text, ...], Field(min_length=2, max_length=2)]
"""Two columns that are compared."""


class Cells(Part):
    """How the cells of a column are read and which values are accepted."""

    kind: Kind = Field(description="how the cells are read")
    meaning: Text = Field(default="", description="what stands in the cells")
    required: bool = Field(
        default=True, strict=True, description="whether a row without it is left out"
    )
    vocabulary: Text = Field(default="", description="the list under vocabularies: of its labels")
    accepts: tuple[Text, ...] = Field(
        default=(), description="its labels themselves, where no vocabulary has them"
    )
    refers_to: Text = Field(
        default="", description="the table whose key it is: rows that it lacks are left out"
    )
    least: int | float | None = Field(default=None, description="smallest number accepted")
    most: int | float | None = Field(default=None, description="greatest number accepted")

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        has_labels = bool(self.vocabulary or self.accepts)
        if (self.kind == "label") != has_labels:
            raise ValueError("a label, and nothing else, has a vocabulary")
        if self.refers_to and self.kind != "identifier":
            raise ValueError("refers_to: only an identifier refers to another table")
        if (self.least, self.most) != (None, None) and "number" not in self.kind:
            raise ValueError("least and most are bounds of numbers")
        return self


class Column(Cells):
    """One column of a table."""

    may_lack: bool = Field(
        default=False,
        strict=True,
        description="whether a service may not keep it at all; where it does, it is required",
    )
    counted: Text = Field(
        default="", description="the label of the rows that count: of what took place"
    )


class Shares(Part):
    """Numbers that are shares from 0 to 1 in the rows where other columns hold these labels."""

    columns: tuple[Text, ...] = Field(description="the columns of numbers")
    where: dict[Text, Text] = Field(default_factory=dict, description="label by column")
    above: float | None = Field(default=None, description="a number that they are greater than")
    below: float | None = Field(default=None, description="a number that they are smaller than")
    most: float | None = Field(default=1, description="the greatest number that they may be")
    rule: Text = Field(description="the rule in words")


class InOrder(Part):
    """Two numbers of which the first is not the greater one where columns hold these labels."""

    columns: Pair = Field(description="the two columns of numbers")
    where: dict[Text, Text] = Field(description="label by column")


class Declaration(Part):
    """What is declared of the rows of a table, wherever its columns are described."""

    row: Text = Field(
        default="", description="what a row of your own table is, such as one visit to the drop-in"
    )
    key: OneOrMore = Field(
        default=(), description="the column that tells its rows apart, or several together"
    )
    date: OneOrMore = Field(
        default=(),
        description="the column of dates by which a row belongs to a period, or table.column of "
        "a table that it refers to; of several, the first that is kept holds",
    )
    unknown_after_end: tuple[Text, ...] = Field(
        default=(), description="dates that are not yet known at the end of a period before them"
    )
    not_before: tuple[Pair, ...] = Field(
        default=(), description="pairs of dates, of which the first may not be the earlier one"
    )
    at_most: tuple[Pair | InOrder, ...] = Field(
        default=(),
        description="pairs of numbers, of which the first may not be the greater one; in all rows, "
        "or where other columns hold some label",
    )
    shares: tuple[Shares, ...] = Field(
        default=(), description="columns whose numbers are shares from 0 to 1"
    )

    @property
    def own_date(self) -> str:
        """The first column of its own by which a row belongs to a period; "" if there is none."""
        return next((name for name in self.date if "." not in name), "")

    def check(self, columns: Mapping[str, Cells]) -> None:
        """Refuse what names no column, or one of another kind.

        Raises
        ------
        ValueError
            Naming the key and what stands there.
        """
        if not self.key:
            raise ValueError("key is missing: the column that tells the rows apart")
        for name in self.key:
            self._column("key", name, columns)
        dates = [("date", name) for name in self.date if "." not in name]
        dates += [("unknown_after_end", name) for name in self.unknown_after_end]
        dates += [("not_before", name) for pair in self.not_before for name in pair]
        pairs = [pair.columns if isinstance(pair, InOrder) else pair for pair in self.at_most]
        numbers = [("at_most", name) for pair in pairs for name in pair]
        numbers += [("shares", name) for share in self.shares for name in share.columns]
        for key, name in dates:
            self._column(key, name, columns, "date")
        for key, name in numbers:
            self._column(key, name, columns, "number", "whole number")
        conditions = [("shares", share.where) for share in self.shares]
        conditions += [
            ("at_most", pair.where) for pair in self.at_most if isinstance(pair, InOrder)
        ]
        for key, name in ((key, name) for key, where in conditions for name in where):
            self._column(f"{key}: where", name, columns, "label")
        parents = {column.refers_to for column in columns.values()}
        for name in self.date:
            if "." in name and name.partition(".")[0] not in parents:
                raise ValueError(f"date: no column refers to {name.partition('.')[0]!r}")

    @staticmethod
    def _column(key: str, name: str, columns: Mapping[str, Cells], *kinds: str) -> None:
        if name not in columns:
            raise ValueError(f"{key}: {name!r} is none of its columns {list(columns)}")
        if kinds and columns[name].kind not in kinds:
            raise ValueError(f"{key}: {name!r} is no {kinds[0]} but of kind {columns[name].kind!r}")


class Table(Declaration):
    """One table: what a row is, its key, its columns, its rules, and how it is cleaned."""

    columns: dict[Text, Column]
    steps: tuple[Step, ...] = (
        "standardise", "within_period", "references", "rules", "repeats", "unique_ids",
    )  # fmt: skip

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        self.check(self.columns)
        return self

    @property
    def parents(self) -> dict[str, str]:
        """The tables that it refers to, each with the column that does."""
        return {column.refers_to: name for name, column in self.columns.items() if column.refers_to}
