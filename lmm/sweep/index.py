"""The index of a sweep: a row for each number that was released, from all items."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lmm.analysis.result import Result
from lmm.analysis.roles import RECORD, Kind
from lmm.showing.tables import SUPPRESSED
from lmm.study.study import Study
from lmm.sweep.items import ITEMS, Item

INDEX, CELLS = "index.parquet", "cells.parquet"
"""The index of a sweep, and that part of it which one item makes."""

SCHEMA = pa.schema([
    ("study", pa.string()), ("service", pa.string()), ("records", pa.string()),
    ("notebook", pa.string()), ("period_start", pa.string()), ("period_end", pa.string()),
    ("event_date", pa.string()), ("confidence", pa.float64()),
    ("table", pa.string()), ("row", pa.int64()), ("column", pa.string()),
    ("scale", pa.string()), ("strata", pa.string()),
    ("estimand", pa.string()), ("estimate", pa.float64()), ("low", pa.float64()),
    ("high", pa.float64()), ("numerator", pa.float64()), ("denominator", pa.float64()),
    ("status", pa.string()), ("basis", pa.string()), ("note", pa.string()),
    ("item", pa.string()), ("report", pa.string()),
])  # fmt: skip
"""Its columns.

``row`` counts from 0 in ``table``; ``scale`` is "share" of what is one; ``strata`` is JSON, of
words by column.
"""

STRATA: tuple[Kind, ...] = ("stratum", "dimension", "measure", "scale", "words", "date", "month")
NUMBERS: tuple[Kind, ...] = ("count", "number", "share", "probability", "moment", "p_value")
TEXT = ("estimand", "status", "basis", "note")
VALUES = ("estimate", "low", "high", "numerator", "denominator")

Cells = dict[str, Any]


def write_cells(
    results: Iterable[tuple[str, Result]], item: Item, study: Study, outputs: Path
) -> None:
    """Keep the numbers of an item's results among them."""
    about = {
        "study": item.study, "service": item.service, "records": study.kind,
        "notebook": item.notebook, **item.parameters, "item": item.id, "report": report_of(item),
    }  # fmt: skip
    rows = [{**about, **cell} for name, result in results for cell in _cells(name, result)]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, outputs / CELLS)


def report_of(item: Item) -> str:
    """Give the page of an item's report, as seen from the sweep's first page."""
    return f"{ITEMS}/{item.id}/site/{item.notebook}.html"


def _cells(name: str, result: Result) -> Iterator[Cells]:
    """Give the numbers of a result: one a row of estimates, and one a column of any other."""
    strata = result.columns(*STRATA)
    columns = result.columns(*NUMBERS)
    known = [each for each in RECORD if each in result.columns(each)]  # type: ignore[arg-type]
    for number, row in enumerate(result.table.to_dict("records")):
        words = {each: _word(row[each]) for each in strata}
        told: Cells = {"table": name, "row": number, "strata": json.dumps(words)}
        told |= {each: _text(row[each]) for each in TEXT if each in known}
        if result.is_estimates:
            values = {each: _number(row[each]) for each in VALUES if each in known}
            yield {**told, "column": "estimate", "scale": _scale(result, row), **values}
        for column in columns:
            value = _number(row[column])
            is_hidden = value is None and result.roles[column].kind == "count"
            status = SUPPRESSED if is_hidden and not told.get("status") else told.get("status")
            scale = "share" if result.roles[column].kind in ("share", "probability") else None
            told |= {"column": column, "scale": scale, "estimate": value, "status": status}
            yield dict(told)


def _scale(result: Result, row: Mapping[Hashable, Any]) -> str | None:
    """Say whether an estimate is a share."""
    if scales := result.columns("scale"):
        return str(row[scales[0]])
    return "share" if result.roles[result.column("estimate")].in_percent else None


def _word(cell: object) -> str | None:
    if pd.isna(cell):  # type: ignore[call-overload]
        return None
    return f"{cell:%Y-%m-%d}" if hasattr(cell, "strftime") else str(cell)


def _text(cell: object) -> str | None:
    return None if pd.isna(cell) else str(cell)  # type: ignore[call-overload]


def _number(cell: Any) -> float | None:
    return None if pd.isna(cell) else float(cell)


def write_index(items: Iterable[Item], to: Path) -> pa.Table:
    """Join the numbers of items into the index, and give it; a new one takes an old one's place."""
    made = to / f".{INDEX}"
    parts = []
    with pq.ParquetWriter(made, SCHEMA) as writer:
        for item in items:
            part = pq.read_table(to / ITEMS / item.id / CELLS, schema=SCHEMA)
            writer.write_table(part)
            parts.append(part)
    made.replace(to / INDEX)
    return pa.concat_tables(parts) if parts else SCHEMA.empty_table()
