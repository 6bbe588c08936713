"""The parts of ``study.yaml``: what each declares, and what it refuses by itself."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from itertools import pairwise, product
from pathlib import PurePath
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

STUDY_FILE = "study.yaml"

Heading = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""A heading as the file has it: of a workbook, it may have several lines."""


def _printable(text: str) -> str:
    if odd := [letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs")]:
        raise ValueError(f"holds the control character {odd[0]!a}; take it out")
    return text


Text = Annotated[Heading, AfterValidator(_printable)]


def _day(value: object) -> dt.date:
    if type(value) is dt.date:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return dt.date.fromisoformat(value)
    raise ValueError("write it as year-month-day, such as 2020-01-31")


Day = Annotated[dt.date, BeforeValidator(_day)]
"""A day of the calendar, written in one way only."""

Share = Annotated[float, Field(strict=True, ge=0, le=1)]


class Part(BaseModel):
    """A part of the study file: unknown keys are errors and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Period(Part):
    """A span of days, both ends included."""

    start: Day = Field(description="first day")
    end: Day = Field(description="last day")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"the end {self.end} comes before the start {self.start}")
        return self


class Closure(Period):
    """Days on which the service was closed: they are not exposure, and not zeros either."""

    reason: Text = Field(description="why it was closed")


class ReducedCapacity(Period):
    """Days on which less could be expected; only ever shown beside the unadjusted figures."""

    capacity: float = Field(strict=True, ge=0, lt=1, description="share of the usual capacity")
    indicators: tuple[Text, ...] = Field(description="the indicators that it holds for")
    reason: Text = Field(description="why less could be expected")
    basis: Literal["published", "assumed"] = Field(description="where the capacity comes from")


class Event(Part):
    """The date that splits the period in two, such as a lockdown."""

    date: Day = Field(description="first day of the time after it; within the period")
    name: Text = Field(description="what it is called in the reports")


class Satisfaction(Part):
    """How the feedback forms are read."""

    scale: dict[Text, tuple[str, ...]] = Field(
        description="answers from worst to best, each with the other spellings found in the forms"
    )
    high: tuple[Text, ...] = Field(description="the answers that count as high satisfaction")
    dont_know: dict[Text, tuple[str, ...]] = Field(
        default_factory=dict,
        description="an answer off the scale: counted, and left out of the denominator",
    )
    overall: Text = Field(description="the item that is held against the published figure")
    items: dict[Text, Text] = Field(description="column name of each item, and its wording")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if taken := self.items.keys() & {"form_id", "course_id", "role", "records"}:
            raise ValueError(f"items: {min(taken)!r} is a column of the forms itself; rename it")
        if odd := [name for name in self.items if not name[0].isalpha()]:
            raise ValueError(f"items: {odd[0]!r} does not begin with a letter; rename it")
        if len(set(self.items.values())) < len(self.items):
            raise ValueError("items: two have the same wording")
        if self.overall not in self.items:
            raise ValueError(f"overall: {self.overall!r} is not one of items {list(self.items)}")
        scale = list(self.scale)
        if "?" in self.high:
            raise ValueError(
                "high: the order of the scale has to be confirmed first, worst to "
                "best; then write its best answers here"
            )
        if not self.high or tuple(scale[-len(self.high) :]) != self.high:
            raise ValueError(f"high: {list(self.high)} is not the upper end of the scale {scale}")
        if both := self.scale.keys() & self.dont_know.keys():
            raise ValueError(f"dont_know: {min(both)!r} is on the scale")
        if len(self.dont_know) > 1:
            raise ValueError("dont_know: one answer, with its other spellings")
        return self

    def scale_of(self, item: str) -> tuple[str, ...]:
        """Give the answers of an item's scale, worst first."""
        return tuple(self.scale)

    def high_of(self, item: str) -> tuple[str, ...]:
        """Give the answers of an item that are high."""
        return self.high

    def dont_know_of(self, item: str) -> tuple[str, ...]:
        """Give the answer of an item that is off its scale, if there is one."""
        return tuple(self.dont_know)

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """Every accepted answer with its other spellings, worst first, don't know last."""
        return {**self.scale, **self.dont_know}


class NearlyMet(Part):
    """The operational definition of "met or nearly met"."""

    definition: Text = Field(description="the definition in words, shown in the report")
    rule: Literal[
        "green",
        "green or amber",
        "green or amber whose interval includes the target",
    ] = Field(description="which ratings count as met or nearly met")


NEARLY_MET_RULES: tuple[str, ...] = get_args(NearlyMet.model_fields["rule"].annotation)


class ReferencePopulation(Part):
    """The population that the families who attended are compared with, by one characteristic."""

    basis: Literal["published", "assumed"] = Field(description="where the shares come from")
    source: Text | None = Field(default=None, description="needed for published shares")
    licence: Text | None = Field(default=None, description="of the source")
    reason: Text | None = Field(default=None, description="why the shares are assumed so")
    shares: dict[Text, Share] = Field(
        description="share of each label; labels left out are not compared"
    )

    @model_validator(mode="after")
    def _accounted_for(self) -> Self:
        total = round(sum(self.shares.values()), 6)
        if not 0.99 <= total <= 1.01:  # printed percentages are rounded
            raise ValueError(f"shares: they add up to {total:.4g}, not to 1")
        if self.basis == "published" and not (self.source and self.licence):
            raise ValueError("published shares need their source and its licence")
        if self.basis == "assumed" and not self.reason:
            raise ValueError("assumed shares need their reason")
        return self


ROW_NUMBER = "(row number)"
"""Stands for a heading where the file has no identifier: each row is numbered instead."""

LINES_A_PART = 10_000_000
"""Rows of a table are numbered by their line; each further part begins at a multiple of this."""

Encoding = Literal["utf-8", "cp1252", "utf-16"]


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


OneOrMore = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_more, json_schema_input_type=str | tuple[Text, ...]),
]


def _cell(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise ValueError("put it in quotation marks")
    return value


Cell = Annotated[str | int | float | None, BeforeValidator(_cell)]

Line = Annotated[int, Field(strict=True, ge=1)]


def _in_order(lines: tuple[int, ...]) -> tuple[int, ...]:
    if any(later <= line for line, later in pairwise(lines)):
        raise ValueError("name the lines in their order, each once")
    return lines


Lines = Annotated[
    tuple[Line, ...],
    BeforeValidator(
        lambda value: (value,) if isinstance(value, int) else value,
        json_schema_input_type=Line | tuple[Line, ...],
    ),
    AfterValidator(_in_order),
]
"""One line or several, counted from 1."""


def unheaded(number: int) -> str:
    """Name a column that has no heading and holds cells; columns are counted from 1."""
    return f"(column {number})"


class TableSource(Part):
    """Where a table is and what its columns are called there."""

    files: OneOrMore = Field(
        default=(),
        alias="file",
        description="a file in data/raw, or several that hold parts of the table: "
        ".csv, .tsv, .txt, .xlsx, .xlsm or .parquet",
    )
    sheets: OneOrMore = Field(
        default=(),
        alias="sheet",
        description="a sheet of the workbook, or several that hold parts of the table; "
        "may be left out where only one sheet holds anything",
    )
    heading_lines: Lines = Field(
        default=(1,),
        min_length=1,
        max_length=5,
        alias="heading_line",
        description="line on which the headings stand; or several, the upper ones first, such as "
        "[1, 2]: an upper heading holds for the blanks to its right, and is joined with what "
        "stands below it, as in 'How did you find / The trainer'",
    )
    skip_lines: Lines = Field(
        default=(),
        description="lines below the headings that are no records, such as the wording of the "
        "questions below their codes",
    )
    encoding: Encoding = Field(default="utf-8", description="of a text file")
    delimiter: Literal[",", ";", "\t", "|"] = Field(
        default=",", description="what separates the cells of a text file"
    )
    columns: dict[Text, Heading] = Field(
        default_factory=dict,
        description="name in this compendium: heading in the file, or "
        f"'{ROW_NUMBER}' where a form or session has no identifier",
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

    @field_validator("files")
    @classmethod
    def _inside_raw(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if PurePath(name).name != name or name.startswith(".") or "\\" in name:
                raise ValueError(f"{name!r} must be the plain name of a file in data/raw")
        if len(set(names)) < len(names):
            raise ValueError("a file is named twice")
        return names

    @field_validator("sheets")
    @classmethod
    def _once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("a sheet is named twice")
        return names

    @field_validator("columns")
    @classmethod
    def _one_heading_each(cls, columns: dict[str, str]) -> dict[str, str]:
        for heading, times in Counter(columns.values()).items():
            if times > 1:
                names = " and ".join(name for name in columns if columns[name] == heading)
                raise ValueError(f"the heading {heading!r} is given for both {names}")
        return columns

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
            if not named.get(heading, "").endswith("_id"):
                raise ValueError(
                    f"pseudonymise: {heading!r} has to be the heading of an identifier under "
                    "columns:, such as staff_id; what is not needed belongs under drop:"
                )
        return self

    @model_validator(mode="after")
    def _headings_above_records(self) -> Self:
        if self.skip_lines and self.skip_lines[0] <= self.heading_lines[-1]:
            raise ValueError(
                "skip_lines: name lines below the headings; others are not read anyway"
            )
        return self

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """File and sheet of each part of the table; no sheet ("") where none is named."""
        return tuple(product(self.files, self.sheets or ("",)))

    def place(self, row: int) -> tuple[str, str, int]:
        """Give the file, the sheet and the line of a row's number (see `LINES_A_PART`)."""
        number, line = divmod(row, LINES_A_PART)
        return *(self.parts[number] if self.files else (STUDY_FILE, "")), line

    def heading(self, column: str) -> str:
        """Give the heading of a column as the file has it."""
        return self.columns.get(column, column)


def _table_tag(value: object) -> str:
    return "absent" if isinstance(value, str) else "table"


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


TableSourceOrAbsent = Annotated[
    Annotated[TableSource, Tag("table")] | Annotated[Literal["absent"], Tag("absent")],
    Discriminator(_table_tag),
    BeforeValidator(_folded),
]

Indicator = Literal["courses", "attendances", "staff", "consultations", "families", "satisfaction"]
"""Everything that is counted or can have a target."""

Disclosure = Literal["opensafely", "midpoint6", "nhs_digital", "none"]
