"""What the compendium counts: its measures and the columns that it derives, as data."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from pydantic import Field, model_validator

from lmm.study.declared import Part, Text
from lmm.study.measures import Condition, Measure
from lmm.study.strict_yaml import read_yaml


class Derived(Part):
    """A column that follows from others; exactly one of the three is given."""

    first: Text | None = None
    """``table.column``: the first date among the rows that refer to the row."""
    number: Text | None = None
    """A table: the number of its rows that refer to the row."""
    days_to: Text | None = None
    """A date, or ``end of period``: the days to it from the date of the row."""
    where: dict[Text, Condition] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> Derived:
        if sum(x is not None for x in (self.first, self.number, self.days_to)) != 1:
            raise ValueError("give one of first, number and days_to")
        return self

    @property
    def table(self) -> str:
        """The table that it is made from; none for days."""
        return (self.first or self.number or "").partition(".")[0]


class _Counted(Part):
    derived: dict[Text, dict[Text, Derived]]
    measures: dict[Text, Measure]


_READ = read_yaml(Path(str(resources.files("lmm.study").joinpath("measures.yaml"))), _Counted)

DERIVED = _READ.derived
"""By table, the columns that follow from others."""

MEASURES = _READ.measures
"""The compendium's measures by name, in the order in which they are shown."""
