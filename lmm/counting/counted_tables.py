"""What measures say of the tables whose rows they count: who comes, and what took place."""

from __future__ import annotations

from collections.abc import Mapping

from lmm.study.measures import Measure
from lmm.study.table import Column, Table
from lmm.study.tables import COUNTED_LABELS

Measures = Mapping[str, Measure]


def people(measures: Measures) -> dict[str, str]:
    """Give, by table, the identifier of those who can come more than once and count once."""
    return {m.rows: m.once_for for m in measures.values() if m.once_for}


def took_place(measures: Measures, tables: Mapping[str, Table]) -> dict[str, str]:
    """Give, by table, the column that says whether what a row is of took place.

    Only of tables whose rows are counted as activity; "" for one in which every row counts.
    """
    found: dict[str, str] = {}
    for m in measures.values():
        if m.shown and m.kind == "count" and m.rows in tables:
            columns = tables[m.rows].columns
            told = [c for c in (*m.where, *m.where_kept) if _is_counted(c, columns)]
            found[m.rows] = next(iter(told), found.get(m.rows, ""))
    return found


def _is_counted(name: str, columns: Mapping[str, Column]) -> bool:
    return name in columns and columns[name].vocabulary in COUNTED_LABELS


def of_people(measures: Measures) -> frozenset[str]:
    """Name the tables of which a row is about people."""
    return frozenset(m.rows for m in measures.values() if m.about_people)
