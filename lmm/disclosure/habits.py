"""What may be: the contract, the period, and what has never been otherwise in the records.

Some things no contract says and everybody knows: a family is offered an appointment after it was
accepted, nobody is seen who was not accepted, a form is filled in by somebody who came. Where
the records keep to it without exception, an attacker would not believe in others that do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, permutations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.cleaning.rules import rules_of
from lmm.counting.rows import Place, Rows
from lmm.disclosure.population import Population, identities
from lmm.study.setting import bounds
from lmm.study.tables import tables_of

Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Habits:
    """What holds of all rows of a table.

    Attributes
    ----------
    orders
        Of a table, pairs of dates of which the first is never the later one.
    follows
        Of a table, pairs of dates of which the first is known wherever the second is.
    apart
        Of a table, pairs of dates that are never known together; twice the same is never known.
    constant
        Of a table, labels that nobody has two of, such as their role.
    """

    orders: frozenset[tuple[str, str, str]]
    follows: frozenset[tuple[str, str, str]]
    apart: frozenset[tuple[str, str, str]]
    constant: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, population: Population) -> Habits:
        """Learn the habits of a service from its records."""
        orders, follows, apart = (set[tuple[str, str, str]]() for _ in range(3))
        for table, dates in _dates(population):
            names = [str(name) for name in dates]
            known = dates.notna()
            apart |= {
                (table, one, other)
                for one, other in combinations_with_replacement(names, 2)
                if not (known[one] & known[other]).any()
            }
            for one, other in permutations(names, 2):
                if "." in one and "." in other:
                    continue  # of the parent alone
                both = (known[one] & known[other]).any()
                if both and not (dates[one] > dates[other]).any():
                    orders.add((table, one, other))
                if known[other].any() and known[one][known[other]].all():
                    follows.add((table, one, other))
        constant = {at for at, often, several in _labels(population)
                    if often.any() and not several.any()}  # fmt: skip
        return cls(frozenset(orders), frozenset(follows), frozenset(apart), frozenset(constant))

    def kept(self, population: Population) -> Truths:
        """Say of each member whether it keeps to them."""
        fine = np.ones(population.size, dtype=bool)
        for table, dates in _dates(population):
            known, broken = dates.notna(), np.zeros(len(dates), dtype=bool)
            for one, other in _of(table, self.orders):
                broken |= (dates[one] > dates[other]).to_numpy()
            for one, other in _of(table, self.follows):
                broken |= (~known[one] & known[other]).to_numpy()
            for one, other in _of(table, self.apart):
                broken |= (known[one] & known[other]).to_numpy()
            fine[population.member[table][broken]] = False
        for at, _, several in _labels(population):
            if at in self.constant:
                fine &= ~several
        return fine


def _of(table: str, pairs: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    return ((one, other) for of, one, other in pairs if of == table)


def _labels(population: Population) -> Iterator[tuple[tuple[str, str], Truths, Truths]]:
    """Give the labels of people who may come again; which members do, and which have two of it."""
    study = population.records.study
    for table, frame in population.frames.items():
        for name, spec in tables_of(study)[table].columns.items():
            if identities(table, study) and spec.kind == "label" and name in frame:
                pairs = pd.DataFrame({"who": population.member[table], "label": frame[name]})
                rows, labels = (
                    np.bincount(who, minlength=population.size)
                    for who in (pairs["who"], pairs.drop_duplicates()["who"])
                )
                yield (table, name), rows > 1, labels > 1


def _dates(population: Population) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the dates of each row: its own, those that follow from others, those of its parents."""
    rows = Rows(population.records)
    for table in population.member:
        found = {}
        for name, path in _columns(table, rows, population):
            found[name] = rows.column(table, path)
        yield table, pd.DataFrame(found, index=population.frames[table].index)


def _columns(table: str, rows: Rows, population: Population) -> Iterator[tuple[str, Place]]:
    declared = tables_of(population.records.study)
    frame = population.frames[table]
    derived = rows.layout.derived.get(table, {})
    for name, spec in declared[table].columns.items():
        if spec.kind == "date" and name in frame:
            yield name, Place(table, name)
    for name, made in derived.items():
        if made.first and rows.layout.find(table, name):
            yield name, Place(table, name)
    for parent, column in declared[table].parents.items():
        if parent in population.member and column in frame:
            for name, place in _columns(parent, rows, population):
                yield f"{parent}.{name}", Place(place.table, place.column, (column, *place.through))


def cut(population: Population) -> Population:
    """Leave out what is not on record: rows that hang on others, and later dates."""
    first, last = _on_record(population)
    for name, table in tables_of(population.records.study).items():
        if name not in population.member:
            continue
        frame = population.frames[name]
        later = {day: frame[day].where(frame[day] <= last) for day in table.unknown_after_end}
        population = population.having(**{name: frame.assign(**later)})
        if table.own_date in frame and set(table.parents) & set(population.member):
            outside = ~frame[table.own_date].between(first, last)
            population = population.dropping(name, np.flatnonzero(outside))
    return population


def _on_record(population: Population) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and the last day of what is known."""
    records = population.records
    return pd.Timestamp(records.study.period.on_record_from), bounds(records.parameters)[1]


def may_be(population: Population) -> Truths:
    """Say of each member whether it is on record by then and keeps the contract."""
    first, last = _on_record(population)
    fine = np.ones(population.size, dtype=bool)
    for name, table in tables_of(population.records.study).items():
        if name not in population.member:
            continue
        frame = population.frames[name]
        key = frame[list(table.key)]
        broken = (key.duplicated() & key.notna().all(axis=1)).to_numpy(copy=True)
        for rule in rules_of(table):
            if set(rule.columns) <= set(frame.columns):
                broken |= ~rule.holds(frame).to_numpy(bool)
        if table.own_date in frame:
            broken |= ~frame[table.own_date].between(first, last).to_numpy()
        fine[population.member[name][broken]] = False
    return fine
