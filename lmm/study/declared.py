"""The parts of ``study.yaml`` that are no tables: what each declares, and refuses by itself."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

STUDY_FILE = "study.yaml"

MOST_CONFIDENCE = 0.9999
"""Nearer to 1 the limits of intervals grow without bounds, and say nothing."""


class UnansweredError(ValueError):
    """A draft asks something here, and nobody has answered yet."""


Heading = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""A heading as the file has it: of a workbook, it may have several lines."""


def _printable(text: str) -> str:
    if text.isprintable():
        return text
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


class Analysed(Period):
    """The days that are analysed, and how far the records go back before them."""

    records_from: Day | None = Field(
        default=None,
        description="first day of the records, where they go back before the period: who came "
        "then is not counted as new",
    )

    @model_validator(mode="after")
    def _not_later(self) -> Self:
        if self.records_from and self.records_from > self.start:
            raise ValueError(f"records_from {self.records_from} comes after the start {self.start}")
        return self

    @property
    def on_record_from(self) -> dt.date:
        """First day of the records."""
        return self.records_from or self.start


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


class NearlyMet(Part):
    """The operational definition of "met or nearly met"."""

    definition: Text = Field(description="the definition in words, shown in the report")
    rule: Literal[
        "green",
        "green or amber",
        "green or amber whose interval includes the target",
    ] = Field(description="which ratings count as met or nearly met")


NEARLY_MET_RULES: tuple[str, ...] = get_args(NearlyMet.model_fields["rule"].annotation)


class RatedFrom(Part):
    """From how much on a target is rated; on less a rating would be chance and no finding."""

    count: float = Field(
        default=5, ge=0, description="least count that is expected by its pro-rata target"
    )
    share: int = Field(
        default=10, ge=1, strict=True, description="least denominator of a share, such as answers"
    )


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
