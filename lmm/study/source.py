"""Where a table of records is, and what its columns are called there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from lmm.study.declared import Cell, Heading, OneOrMore, Text
from lmm.study.place import Place
from lmm.study.table import Cells, Column, Declaration, Table

ROW_NUMBER = "(row number)"
"""Stands for a heading where the file has no identifier: each row is numbered instead."""


def unheaded(number: int) -> str:
    """Name a column that has no heading and holds cells; columns are counted from 1."""
    return f"(column {number})"


class OwnColumn(Cells):
    """A column of a table of your own: its heading, and how its cells are read."""

    kind: Literal["identifier", "date", "label", "whole number", "number"] = Field(
        description="how the cells are read; free text, in which people may be named, is not"
    )
    heading: Heading | None = Field(
        default=None, description="heading in the file; left out for a column under fixed:"
    )


def _column_tag(value: object) -> str:
    return "<own>" if isinstance(value, dict | OwnColumn) else "<heading>"


HeadingOrColumn = Annotated[
    Annotated[Heading, Tag("<heading>")] | Annotated[OwnColumn, Tag("<own>")],
    Discriminator(_column_tag),
]


class TableSource(Place, Declaration):
    """Where a table is and what its columns are called there; of your own, what it is as well."""

    given: dict[Text, HeadingOrColumn] = Field(
        default_factory=dict,
        alias="columns",
        description="name in this compendium: heading in the file, or "
        f"'{ROW_NUMBER}' where a form or session has no identifier; of a table of your own, its "
        "name, and its heading and kind",
    )
    fixed: dict[Text, Text] = Field(
        default_factory=dict,
        description="columns that the file lacks because all rows have the same value",
    )
    keep: dict[Heading, OneOrMore] = Field(
        default_factory=dict,
        description="which rows are records: heading in the file, and what has to stand in the "
        "cell, such as Finished: 'True'; the others are left out, and counted in the account",
    )
    drop: tuple[Heading, ...] = Field(
        default=(),
        description="headings of columns that identify people: they are never read; a column "
        "without a heading is called by its number, '(column 5)'",
    )
    pseudonymise: tuple[Heading, ...] = Field(
        default=(),
        description="headings of columns that identify people and are needed to tell them apart, "
        "such as e-mail addresses: while the file is read, each cell is replaced by a code made "
        "with a secret key in data/, and it is never kept, shown or written",
    )
    not_identifying: tuple[Heading, ...] = Field(
        default=(),
        description="headings that look like those of names, addresses or numbers of people, "
        "and are not; what stands in the cells is looked at all the same",
    )
    rows: tuple[dict[Text, Cell], ...] = Field(
        default=(), description="the rows themselves, in place of a file, for a short table"
    )

    @field_validator("given")
    @classmethod
    def _one_heading_each(cls, given: dict[str, str | OwnColumn]) -> dict[str, str | OwnColumn]:
        columns = _headings(given)
        for heading, times in Counter(columns.values()).items():
            if times > 1:
                names = " and ".join(name for name in columns if columns[name] == heading)
                raise ValueError(f"the heading {heading!r} is given for both {names}")
        return given

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.files) == bool(self.rows):
            raise ValueError("give either its file or its rows; a table you do not have is: absent")
        if self.rows and (self.columns or self.fixed or self.drop):
            raise ValueError("rows use this compendium's names: leave out columns, fixed and drop")
        if self.rows and (self.keep or self.skip_lines):
            raise ValueError("rows stand here as they are: leave out keep and skip_lines")
        if self.files and not self.columns:
            raise ValueError("columns are missing: name in this compendium: heading in the file")
        if both := self.columns.keys() & self.fixed.keys():
            raise ValueError(f"{min(both)!r} stands under both columns and fixed")
        if both := {*self.columns.values(), *self.keep} & set(self.drop):
            raise ValueError(f"{min(both)!r} is both read and dropped")
        return self

    @model_validator(mode="after")
    def _pseudonyms_are_identifiers(self) -> Self:
        named = {heading: column for column, heading in self.columns.items()}
        for heading in self.pseudonymise:
            if heading in self.keep:
                raise ValueError(f"{heading!r} stands under both keep and pseudonymise")
            column = named.get(heading, "")
            own = self.own_columns.get(column)
            if not (own.kind == "identifier" if own else column.endswith("_id")):
                raise ValueError(
                    f"pseudonymise: {heading!r} has to be the heading of an identifier under "
                    "columns:, such as staff_id; what is not needed belongs under drop:"
                )
        return self

    @model_validator(mode="after")
    def _own_table(self) -> Self:
        declared = [name for name in Declaration.model_fields if getattr(self, name)]
        if (declared or self.own_columns) and not self.row:
            raise ValueError("row is missing: what a row of your own table is")
        if not self.own_columns:
            return self
        for name, column in self.own_columns.items():
            if not (column.heading or name in self.fixed or self.rows):
                raise ValueError(f"columns: {name}: give its heading, or its value under fixed:")
        self.check(self.own_columns)
        return self

    @property
    def columns(self) -> dict[str, str]:
        """Heading in the file by name of the column, of those that have one."""
        return _headings(self.given)

    @property
    def own_columns(self) -> dict[str, OwnColumn]:
        """The columns that are no column of the compendium, and so say their kind."""
        return {name: c for name, c in self.given.items() if isinstance(c, OwnColumn)}

    @property
    def table(self) -> Table:
        """What a table of the study's own declares of its rows."""
        declared = {name: getattr(self, name) for name in Declaration.model_fields}
        columns = {
            name: Column(**own.model_dump(exclude={"heading"}, exclude_unset=True))
            for name, own in self.own_columns.items()
        }
        return Table(**declared, columns=columns)

    def heading(self, column: str) -> str:
        """Give the heading of a column as the file has it."""
        return self.columns.get(column, column)


def _headings(given: Mapping[str, str | OwnColumn]) -> dict[str, str]:
    headings = {n: c.heading if isinstance(c, OwnColumn) else c for n, c in given.items()}
    return {name: heading for name, heading in headings.items() if heading}


def _table_tag(value: object) -> str:
    return "<absent>" if isinstance(value, str) else "<table>"


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


TableSourceOrAbsent = Annotated[
    Annotated[TableSource, Tag("<table>")] | Annotated[Literal["absent"], Tag("<absent>")],
    Discriminator(_table_tag),
    BeforeValidator(_folded),
]
