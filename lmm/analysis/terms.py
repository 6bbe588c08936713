"""What the results of a study rest on, beside its records and the code: what is registered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from lmm.counting.counts import Counts
from lmm.study.counted import DERIVED
from lmm.study.measures import Measure
from lmm.study.study import Study
from lmm.study.table import Table
from lmm.study.tables import tables_of

Terms = dict[str, Any]
"""Nested by name, of what JSON holds."""

IN_WORDS = ("meaning", "row")
"""Of tables and columns: words for readers, which change no result."""


def terms_of(counts: Counts, reading: Mapping[str, str]) -> Terms:
    """Give what results rest on, as JSON holds it.

    Parameters
    ----------
    reading
        How each table is read, as `reading_of` gives it.
    """
    study, tables = counts.study, tables_of(counts.study)
    plain = study.model_dump(mode="json")
    measures = {name: _measure(name, m, counts, tables) for name, m in counts.declared.items()}
    behind = {table for each in measures.values() for table in each["tables"]}
    said = {
        "parameters": {**counts.parameters.as_text(), "event": study.event.name},
        "disclosure": plain["disclosure"],
        "contract_year_starts": study.contract_year_starts,
        "closures": plain["closures"],
        "records_from": study.period.on_record_from,
        "measures": measures,
        "tables": {name: _table(name, t, study) for name, t in tables.items() if name in behind},
        "reading": {name: digest for name, digest in reading.items() if name in behind},
        "targets": _rows(counts.targets, "indicator", "contract_year"),
        "published_figures": _rows(counts.published_figures, "figure"),
        "nearly_met": study.nearly_met.rule,
        "rated_from": plain["rated_from"],
        "reduced_capacity": plain["reduced_capacity"],
        "reference_population": plain["reference_population"],
        "staff_trained_counts": study.staff_trained_counts,
    }
    found: Terms = json.loads(json.dumps(said, default=str))
    return found


def reading_of(study: Study) -> dict[str, str]:
    """Give a digest of how each table is read: headings, spellings, dates, what is left out.

    Names of files and sheets are no part of it: another export is no other plan. What it
    stands for is the service's own, and goes with no release.
    """
    common = {"missing", "date_formats", "total_row"}
    own = {"given", "fixed", "keep", "skip_lines", "pseudonymise"}
    whole = study.model_dump(mode="json", include=common)
    found = {}
    for name, source in study.sources.items():
        lists = {c.vocabulary: study.lists.get(c.vocabulary, {})
                 for c in tables_of(study)[name].columns.values() if c.vocabulary}  # fmt: skip
        said = [whole, lists, source.model_dump(mode="json", include=own)]
        found[name] = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
    return found


def _measure(
    name: str, measure: Measure, counts: Counts, tables: Mapping[str, Table]
) -> dict[str, Any]:
    declared = measure.model_dump(mode="json", exclude_defaults=True)
    return {**declared, "label": counts.label(name), "tables": _behind(measure.rows, tables)}


def _behind(name: str, tables: Mapping[str, Table]) -> list[str]:
    """Name the tables that a row of one rests on: those that it refers to, and is derived from."""
    waiting, seen = [name], list[str]()
    while waiting:
        if (each := waiting.pop()) in seen or each not in tables:
            continue
        seen.append(each)
        waiting += tables[each].parents
        waiting += [derived.table for derived in DERIVED.get(each, {}).values() if derived.table]
    return sorted(seen)


def _table(name: str, table: Table, study: Study) -> dict[str, Any]:
    said = table.model_dump(mode="json", exclude_defaults=True, exclude={*IN_WORDS, "columns"})
    columns = {}
    for column, cells in table.columns.items():
        declared = cells.model_dump(mode="json", exclude_defaults=True, exclude={*IN_WORDS})
        if cells.vocabulary:
            declared["accepts"] = study.labels(cells.vocabulary)
        columns[column] = declared
    derived = {
        column: each.model_dump(mode="json", exclude_defaults=True)
        for column, each in DERIVED.get(name, {}).items()
    }
    form = study.forms.get(name)
    asked = {} if form is None else {item: form.high_of(item) for item in form.items}
    rest = {"derived": derived, "high": asked, "overall": form.overall if form else ""}
    return {**said, "columns": columns, **{key: value for key, value in rest.items() if value}}


def _rows(table: pd.DataFrame, *names: str) -> dict[str, Any]:
    """Nest the rows of a table by what names them; what is missing stays out."""
    found: dict[str, Any] = {}
    for row in table.to_dict("records"):
        inside, said = found, dict(_said(row))
        for name in names[:-1]:
            inside = inside.setdefault(str(said.pop(name, "")), {})
        inside[str(said.pop(names[-1], ""))] = said
    return found


def _said(row: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if pd.isna(value) or value == "":
            continue
        yield str(name), f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
