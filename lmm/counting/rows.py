"""The rows behind a measure: which count, when, for whom, and what each is by any dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lmm.cleaning.contract import accepted as labels_of
from lmm.cleaning.records import Records
from lmm.study.counted import DERIVED, END, Derived
from lmm.study.measures import AtLeast, AtMost, Condition, Measure
from lmm.study.setting import Setting, bounds
from lmm.study.table import Column
from lmm.study.tables import tables_of

RECORDED, NOT_RECORDED = "recorded", "not recorded"
"""Levels of ``column?``; the second is also the level of a label that is not known."""


@dataclass(frozen=True)
class Place:
    """Where a column is found from the rows of a table.

    Attributes
    ----------
    table, column
        Where it stands.
    through
        The columns of references that lead there, from the rows on.
    """

    table: str
    column: str
    through: tuple[str, ...] = ()


class Layout:
    """What the tables of a study hold: which columns there are, and what they refer to."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.tables = tables_of(setting.study)
        self.derived: Mapping[str, Mapping[str, Derived]] = DERIVED

    def find(self, table: str, name: str) -> Place | None:
        """Find a column of a table, or else of one that it refers to; None if it is not kept."""
        study = self.setting.study
        if not study.keeps(table) or table not in self.tables:
            return None
        if name == "overall" and table in study.forms:
            name = study.forms[table].overall
        head, _, rest = name.partition(".")
        if head == table and rest:
            name, rest = rest, ""
        if self.setting.keeps(table, name) or self._follows(table, name):
            return Place(table, name)
        for column, spec in self.tables[table].columns.items():
            if (parent := spec.refers_to) and self.setting.keeps(table, column):
                wanted = rest if rest and head == parent else name
                if found := self.find(parent, wanted):
                    return Place(found.table, found.column, (column, *found.through))
        return None

    def _follows(self, table: str, name: str) -> bool:
        """Whether a column follows from others, all of which are kept."""
        derived = self.derived.get(table, {}).get(name)
        if derived is None:
            return False
        needed = [derived.days_to, derived.since, derived.number_within, derived.next_within]
        found = all(self.find(table, name) for name in needed if name not in (None, END))
        return found and (not derived.table or self.setting.study.keeps(derived.table))

    def date(self, table: str, named: str | None = None) -> Place | None:
        """Find the column that places the rows of a table in time."""
        if table not in self.tables:
            return None
        for name in (named,) if named else self.tables[table].date:
            if found := self.find(table, name):
                return found
        return None

    def spec(self, place: Place) -> Column | None:
        """Give the declaration of a column; None for one that follows from others."""
        return self.tables[place.table].columns.get(place.column)

    def labels(self, place: Place) -> tuple[str, ...]:
        """Give the labels of a column in order, and that it is not recorded; none if it has any."""
        spec = self.spec(place)
        if spec is None or spec.kind != "label":
            return ()
        return (*labels_of(spec, self.setting.study), NOT_RECORDED)


class Rows:
    """The columns of a study's records, wherever they stand."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.layout = Layout(records)
        self._derived: dict[tuple[str, str], pd.Series] = {}

    def column(self, table: str, place: Place) -> pd.Series:
        """Give a column for each row of a table, through the references that lead to it."""
        if not place.through:
            return self._own(place.table, place.column)
        reference, *further = place.through
        parent = self.layout.tables[table].columns[reference].refers_to
        key = self._own(table, reference)
        values = self.column(parent, Place(place.table, place.column, tuple(further)))
        lookup = values.set_axis(self.records.tables[parent][reference], axis=0)
        return lookup.reindex(key).set_axis(key.index, axis=0)

    def _own(self, table: str, name: str) -> pd.Series:
        frame = self.records.tables[table]
        if name in frame:
            return frame[name]
        if (table, name) not in self._derived:
            self._derived[table, name] = self._derive(table, self.layout.derived[table][name])
        return self._derived[table, name]

    def _derive(self, table: str, made: Derived) -> pd.Series:
        if made.days_to:
            return self._days(table, made)
        if within := made.number_within or made.next_within:
            return self._in_order(table, within, made)
        frame = self.records.tables[table]
        (key,) = self.layout.tables[table].key
        others = self.records.tables[made.table]
        each = others[self.holds(made.table, made.where)].groupby(key)
        if made.number:
            found: pd.Series = each.size()
        else:
            dates = each[made.column]
            found = dates.min() if made.first else dates.max()
        return found.reindex(frame[key]).set_axis(frame.index, axis=0)

    def _days(self, table: str, made: Derived) -> pd.Series:
        """Give the days from the date of each row, or another day, to some day."""
        begins = self.dates(table, made.since)
        if made.days_to == END:
            return (bounds(self.records.parameters)[1] - begins).dt.days
        return (self.dates(table, made.days_to) - begins).dt.days

    def _in_order(self, table: str, within: str, made: Derived) -> pd.Series:
        """Give the number of each row among those of one value by date, or when the next was."""
        place = self.layout.find(table, within)
        assert place is not None
        rows = pd.DataFrame({"of": self.column(table, place), "date": self.dates(table)})
        each = rows[self.holds(table, made.where)].sort_values("date", kind="stable").groupby("of")
        found = each.cumcount() + 1 if made.number_within else each["date"].shift(-1)
        return found.reindex(rows.index)

    def dates(self, table: str, named: str | None = None) -> pd.Series[pd.Timestamp]:
        """Give the day of each row of a table."""
        place = self.layout.date(table, named)
        assert place is not None
        return self.column(table, place)

    def holds(self, table: str, where: Mapping[str, Condition]) -> pd.Series[bool]:
        """Say of each row of a table whether all conditions hold."""
        every = pd.Series(True, index=self.records.tables[table].index)
        for name, condition in where.items():
            place = self.layout.find(table, name)
            assert place is not None
            every &= self._meets(self.column(table, place), place, condition)
        return every

    def _meets(self, values: pd.Series, place: Place, condition: Condition) -> pd.Series[bool]:
        if isinstance(condition, AtMost):
            return (values <= condition.at_most).fillna(False).astype("bool")
        if isinstance(condition, AtLeast):
            return (values >= condition.at_least).fillna(False).astype("bool")
        if condition == (RECORDED,):
            return values.notna()
        if condition == (NOT_RECORDED,):
            return values.isna()
        return values.isin(accepted(place, condition, self.records))


def accepted(place: Place, condition: tuple[str, ...], setting: Setting) -> list[str]:
    """Give the labels that meet a condition: of an item, those that are high or on the scale."""
    form = setting.study.forms.get(place.table)
    if form is None or place.column not in form.items:
        return list(condition)
    words = {"high": form.high_of(place.column), "answered": tuple(form.scale_of(place.column))}
    return [label for word in condition for label in words.get(word, (word,))]


def counted_rows(measure: Measure, rows: Rows) -> pd.DataFrame:
    """Give a row for each thing that a measure counts within the period.

    Returns
    -------
    DataFrame
        Indexed as the table: ``n``, what each adds to the count, and ``inside``, whether it is
        in the numerator of a share. Who is counted once is there with the first row on record,
        if that lies in the period: who came before is not new.
    """
    table, layout = measure.rows, rows.layout
    where = {**measure.where, **kept_conditions(measure, layout)}
    inside = rows.holds(table, where)
    base = rows.holds(table, measure.among) if measure.kind == "share" else inside
    found = pd.DataFrame({"inside": inside & base, "n": 1})[base]
    if measure.of:
        place = layout.find(table, measure.of)
        assert place is not None
        found["n"] = rows.column(table, place).reindex(found.index).fillna(0).astype("int64")
    within = _within(measure, rows)
    if not measure.once_for:
        return found[within.reindex(found.index)]
    who = layout.find(table, measure.once_for)
    assert who is not None
    person = rows.column(table, who).reindex(found.index)
    often = person.map(person.value_counts()) >= measure.rows_each
    days = rows.dates(table, measure.date).reindex(found.index)
    order = pd.DataFrame({"day": days, "person": person})[often].sort_values("day", kind="stable")
    first = order.drop_duplicates("person").index
    return found.loc[first[within.reindex(first)]]


def _within(measure: Measure, rows: Rows) -> pd.Series[bool]:
    """Say which rows of a table lie in the period, by the date of the measure if it has one.

    Where that is not known it is the date of the table that says so.
    """
    inside = rows.records.inside(measure.rows)
    if not measure.date:
        return inside
    days = rows.dates(measure.rows, measure.date)
    first, last = bounds(rows.records.parameters)
    return days.between(first, last).where(days.notna(), inside).astype("bool")


def kept_conditions(measure: Measure, layout: Layout) -> dict[str, Condition]:
    """Give the conditions that hold only where the service keeps their column."""
    kept = measure.where_kept.items()
    return {name: held for name, held in kept if layout.find(measure.rows, name)}
