"""What is counted, as data: the form in which ``study.yaml`` and the compendium declare it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from lmm.study.declared import OneOrMore, Part, Text


class AtMost(Part):
    """A whole number up to a limit."""

    at_most: int = Field(strict=True, ge=0, description="the largest number that counts")


class AtLeast(Part):
    """A whole number from a limit on."""

    at_least: int = Field(strict=True, ge=0, description="the smallest number that counts")


Condition = OneOrMore | AtMost | AtLeast
"""Which rows count: the label, or one of the labels, that stands in a column; ``recorded`` or
``not recorded``; for an item of a form ``high`` or ``answered``; or a number up to a limit, or
from one on."""


def _up_to_three(names: tuple[str, ...]) -> tuple[str, ...]:
    if not 1 <= len(names) <= 3:
        raise ValueError("by: cross one, two or three dimensions")
    return names


Combination = Annotated[OneOrMore, AfterValidator(_up_to_three)]
"""A dimension, or several that are crossed."""

TIME = ("month", "quarter", "contract_year", "phase", "day")
"""The spans of time that ``time`` stands for."""


class Measure(Part):
    """One thing that is counted."""

    label: Text = Field(description="what is counted, in the words of the reports")
    rows: Text = Field(description="the table whose rows are counted")
    where: dict[Text, Condition] = Field(
        default_factory=dict, description="column: what has to stand in it, for a row to count"
    )
    where_kept: dict[Text, Condition] = Field(
        default_factory=dict, description="the same, where the service keeps the column"
    )
    date: Text | None = Field(
        default=None, description="when it happened: a column, or that of the table"
    )
    once_for: Text | None = Field(
        default=None, description="whom to count once, on the first row on record: an identifier"
    )
    rows_each: int = Field(
        default=1, strict=True, ge=1, description="who has fewer such rows does not count"
    )
    kind: Literal["count", "share", "sum", "stock"] = Field(
        default="count",
        description="a number of rows; the share of those in `among` that are in `where`; the "
        "sum of a column of whole numbers; or the number held at the end of each month",
    )
    of: Text | None = Field(default=None, description="of a sum: the column added up")
    among: dict[Text, Condition] = Field(
        default_factory=dict, description="of a share: which rows are in the denominator"
    )
    since: Text | None = Field(default=None, description="of a stock: the day it begins")
    until: tuple[Text, ...] = Field(
        default=(), description="of a stock: the days of which the first ends it"
    )
    clustered_by: Text | None = Field(
        default=None, description="of a share: what its rows come in, such as courses"
    )
    by: tuple[Combination, ...] = Field(
        default=(("time",),),
        description="what it is counted by beside in all: columns of the table or of one that "
        "it refers to, `column?` for whether it is recorded, spans of time, or `time` for all "
        "of these; several in brackets are crossed",
    )
    shown: bool = Field(
        default=True, strict=True, description="whether it is shown as activity of the service"
    )
    about_people: bool = Field(
        default=True, strict=True, description="no, for what the service did: never protected"
    )
    released: bool = Field(
        default=True, strict=True, description="no, for counts too fine to release of people"
    )

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.kind == "sum") != (self.of is not None):
            raise ValueError("of: a sum names the column that it adds up, and nothing else does")
        if (self.kind == "share") != bool(self.among):
            raise ValueError("among: a share names its denominator, and nothing else does")
        if (self.kind == "stock") != (self.since is not None):
            raise ValueError("since: a stock names the day on which it begins")
        if self.clustered_by and self.kind != "share":
            raise ValueError("clustered_by: only a share is clustered")
        if self.rows_each > 1 and not self.once_for:
            raise ValueError("rows_each: say whom it is once_for")
        return self

    @property
    def combinations(self) -> tuple[tuple[str, ...], ...]:
        """What it is counted by, beside in all, each combination once."""
        if self.kind == "stock":
            return (("month_end",),)
        plain = [
            one
            for combination in self.by
            for one in ([(span,) for span in TIME] if combination == ("time",) else [combination])
        ]
        clusters = (self.clustered_by,) if self.clustered_by else ()
        crossed = [(*one, *clusters) for one in [(), *plain]] if clusters else []
        return tuple(dict.fromkeys([*plain, *crossed]))
