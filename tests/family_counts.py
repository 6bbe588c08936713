"""Counts of families described by their dates, open or behind the gate."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.disclosure.gate import release
from lmm.study.declared import ReferencePopulation
from lmm.study.parameters import Parameters
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of

ROOT = Path(__file__).resolve().parents[1]
STUDY = read_study(ROOT)

Family = dict[str, str]

HELD = {"kind": "therapeutic session", "mode": "in person"}  # of every contact


def records_of(*rows: Family, study: Study = STUDY, **parameters: str) -> Records:
    """Make records of families: dates by field, and ``seen`` for the first session attended."""
    tables = {
        name: typed(pd.DataFrame(columns=list(spec.columns), dtype="str"), spec.columns)
        for name, spec in tables_of(study).items()
    }
    spec = tables_of(study)
    rows = tuple({"family_id": f"F{n}", **row} for n, row in enumerate(rows))
    columns = spec["families"].columns
    text = pd.DataFrame(list(rows), columns=list(columns), dtype="str").fillna("")
    tables["families"] = typed(text, columns)
    contacts = [
        {"family_id": row["family_id"], "date": row[what], "outcome": outcome, **HELD}
        for row in rows
        for what, outcome in (("missed", "did not attend"), ("seen", "attended"))
        if what in row
    ]
    columns = spec["family_contacts"].columns
    text = pd.DataFrame(contacts, columns=list(columns), dtype="str").fillna("")
    tables["family_contacts"] = typed(text, columns)
    return Records.within(tables, study, Parameters.of(study, parameters))


def counts_of(*rows: Family, study: Study = STUDY, **parameters: str) -> Counts:
    """Count the families of `records_of`."""
    return count(records_of(*rows, study=study, **parameters))


def released_of(*rows: Family, study: Study = STUDY) -> Counts:
    """Give the same counts as they pass the gate: 1 to 7 redacted, others rounded to 5."""
    protected = study.model_copy(update={"disclosure": "opensafely"})
    return release(records_of(*rows, study=protected)).counts


def without(study: Study, table: str, column: str = "") -> Study:
    """Give the study of a service that does not keep a table, or a column of it."""
    source = study.sources[table]
    given = {name: title for name, title in source.given.items() if name != column}
    kept = source.model_copy(update={"given": given}) if column else "absent"
    return study.model_copy(update={"tables": {**study.tables, table: kept}})


def family(referred: str, **more: str) -> Family:
    """Describe a family accepted on the day of its referral, unless said otherwise."""
    return {"referred_on": referred, "accepted_on": referred, **more}


def with_reference(**reference: ReferencePopulation) -> Study:
    return STUDY.model_copy(update={"reference_population": reference})
