"""The data contract: what a clean table must look like.

The tables are declared as data (`lmm.study.tables`). The cells' types and the pandera schemas
that hold the clean tables to the contract come from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa

from lmm.cleaning.distinct import among
from lmm.cleaning.rules import rules_of
from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.study.table import Column, Kind, Table
from lmm.study.tables import tables_of

Frames = Mapping[str, pd.DataFrame]

DTYPES: dict[Kind, str] = {
    "identifier": "str",
    "date": "datetime64[us]",
    "label": "str",
    "whole number": "Int64",
    "number": "float64",
    "text": "str",
}


def accepted(column: Column, study: Study) -> tuple[str, ...]:
    """Give the labels that may stand in a column; none where anything of its kind may."""
    return study.labels(column.vocabulary) if column.vocabulary else column.accepts


def typed(text: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Turn canonical text cells (ISO dates, plain numbers, "" for missing) into typed ones."""
    return pd.DataFrame(
        {name: _typed_cells(text[name], column) for name, column in columns.items()},
        index=text.index,
    )


def _typed_cells(cells: pd.Series[str], column: Column) -> pd.Series[Any]:
    known = cells.mask(cells == "")
    if column.kind == "date":
        return pd.to_datetime(known, format="%Y-%m-%d").astype("datetime64[us]")
    if column.kind == "whole number":
        return pd.to_numeric(known).astype("Int64")
    if column.kind == "number":
        return pd.to_numeric(known).astype("float64")
    return known.astype("str")


def schema(table: Table, study: Study) -> pa.DataFrameSchema:
    """Build the pandera schema of a clean table."""
    return pa.DataFrameSchema(
        {name: _schema_column(column, study) for name, column in table.columns.items()},
        checks=[pa.Check(rule.holds, name=rule.text, error=rule.text) for rule in rules_of(table)],
        unique=list(table.key),
        strict=True,
    )


def _schema_column(column: Column, study: Study) -> pa.Column:
    checks = []
    if labels := accepted(column, study):
        checks.append(pa.Check.isin(labels))
    if column.least is not None:
        checks.append(pa.Check.ge(column.least))
    if column.most is not None:
        checks.append(pa.Check.le(column.most))
    return pa.Column(DTYPES[column.kind], checks, nullable=not column.required)


def check_tables(tables: Frames, study: Study) -> None:
    """Hold the clean tables to the contract.

    Parameters
    ----------
    tables
        Typed frames by table name, indexed by line number in the raw file.

    Raises
    ------
    StudyError
        With one line for each breach, over all tables at once; what has to hold between
        tables is looked at when each of them holds by itself.
    """
    contract = tables_of(study)
    problems = [
        problem
        for name, frame in tables.items()
        for problem in breaches(name, frame, contract[name], study)
    ]
    if not problems:  # only then are keys unique and types right
        problems = [p for name in tables for p in _orphans(name, tables, contract[name])]
        problems += _early_contacts(tables, contract)
    if problems:
        raise StudyError(*problems)


def breaches(name: str, frame: pd.DataFrame, table: Table, study: Study) -> list[str]:
    """Say what of a typed table the contract does not allow."""
    try:
        schema(table, study).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases.to_dict("records")
        # pandera repeats what does not hold for a whole row under each of its columns
        return list(dict.fromkeys(f"{name}: {_breach(case, table)}" for case in cases))
    return []


def _breach(case: Mapping[Any, Any], table: Table) -> str:
    where = "" if pd.isna(case["index"]) else f"line {case['index']}: "
    check = case["check"]
    if check == "multiple_fields_uniqueness":
        return f"{where}another row has the same {' and '.join(table.key)}"
    if check in {rule.text for rule in rules_of(table)}:
        return f"{where}does not hold: {check}"
    column = f"{case['column']}: " if isinstance(case["column"], str) else ""
    return f"{where}{column}{check} does not hold for {case['failure_case']!r}"


def _orphans(name: str, tables: Frames, table: Table) -> list[str]:
    frame = tables[name]
    return [
        f"{name}: line {line}: {column} {value!r} is not in {parent}"
        for parent, column in table.parents.items()
        for line, value in frame.loc[~among(frame[column], tables[parent][column]), column].items()
    ]


def _early_contacts(tables: Frames, contract: Mapping[str, Table]) -> list[str]:
    if "families" not in contract["family_contacts"].parents:
        return []
    referred = tables["families"].set_index("family_id")["referred_on"]
    contacts = tables["family_contacts"]
    early = contacts[contacts["date"] < referred.reindex(contacts["family_id"]).to_numpy()]
    return [
        f"family_contacts: line {line}: the contact is before the referral" for line in early.index
    ]
