"""What the compendium counts: its measures and the columns that it derives, as data."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from pydantic import Field, model_validator

from lmm.study.declared import Part, Text
from lmm.study.measures import Condition, Measure
from lmm.study.strict_yaml import read_yaml

END = "end of period"
"""Stands for the last day of the period, where a day is named."""

KINDS = ("first", "last", "number", "days_to", "number_within", "next_within")


class Derived(Part):
    """A column that follows from others; exactly one of `KINDS` is given."""

    first: Text | None = None
    """``table.column``: the first date among the rows that refer to the row."""
    last: Text | None = None
    """The same: the last date."""
    number: Text | None = None
    """A table: the number of its rows that refer to the row."""
    days_to: Text | None = None
    """A date, or ``end of period``: the days to it from the date of the row, or ``since``."""
    since: Text | None = None
    """A date: from when the days are counted."""
    number_within: Text | None = None
    """A column: of the rows with the same value in it, by date, the number of the row."""
    next_within: Text | None = None
    """The same: the date of the next row."""
    where: dict[Text, Condition] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> Derived:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"give one of {', '.join(KINDS)}")
        return self

    @property
    def is_date(self) -> bool:
        """Whether it is a date, and not a whole number."""
        return bool(self.first or self.last or self.next_within)

    @property
    def table(self) -> str:
        """The table that refers to the row, from which it is made; none for others."""
        return (self.first or self.last or self.number or "").partition(".")[0]

    @property
    def column(self) -> str:
        """The column of that table; none where its rows are counted."""
        return (self.first or self.last or "").partition(".")[2]


class _Counted(Part):
    derived: dict[Text, dict[Text, Derived]]
    measures: dict[Text, Measure]


_READ = read_yaml(Path(str(resources.files("lmm.study").joinpath("measures.yaml"))), _Counted)

DERIVED = _READ.derived
"""By table, the columns that follow from others."""

MEASURES = _READ.measures
"""The compendium's measures by name, in the order in which they are shown."""
