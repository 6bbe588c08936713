"""Small studies as plain data, and their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attack.names import Name
from attack.shown import Shown, read, read_log
from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.disclosure.gate import Released, release
from lmm.study.parameters import Parameters
from lmm.study.study import Study
from lmm.study.tables import TABLES, tables_of

Row = dict[str, str]
Rows = Mapping[str, Sequence[Row]]

YES_NO = {"yes": [], "no": []}
VOCABULARIES: dict[str, dict[str, list[str]]] = {
    "topic": {"bonding": []},
    "mode": {"in person": []},
    "role": {"midwife": [], "father": []},
    "organisation": {"trust": [], "nursery": []},
    "consultation_kind": {"support": [], "guidance": []},
    "contact_kind": {"session": []},
    "contact_outcome": {"attended": [], "cancelled": []},
    "referral_source": {"GP": [], "self": []},
    "ward": {"north": [], "south": []},
    "ethnic_group": {"white": [], "other": []},
    "reason": {"bonding": [], "mood": []},
    "yes_no": YES_NO,
}
FORMS = {
    "feedback_forms": {
        "scale": {"dissatisfied": [], "satisfied": []},
        "high": ["satisfied"],
        "overall": "overall",
        "items": {"overall": "The course", "pace": "The pace"},
    }
}


@dataclass(frozen=True)
class Drawn:
    """A study and the rows of its tables."""

    study: Study
    rows: Rows


def study_of(disclosure: str, tables: Mapping[str, Any], **given: Any) -> Study:
    """Declare a study that keeps some tables, each with the columns named."""
    sources = {
        name: {"file": f"{name}.csv", "columns": {column: column for column in kept}}
        if not isinstance(kept, Mapping)
        else {"file": f"{name}.csv", **kept}
        for name, kept in tables.items()
    }  # fmt: skip
    return Study.model_validate({
        "schema": 1, "service": "A small service", "records": "real",
        "period": {"start": "2019-11-15", "end": "2020-05-31"},
        "event": {"date": "2020-03-23", "name": "lockdown"}, "contract_year_starts": 4,
        "disclosure": disclosure, "staff_trained_counts": "people",
        "date_formats": ["%Y-%m-%d"], "missing": [""],
        "nearly_met": {"rule": "green or amber whose interval includes the target",
                       "definition": "as it is"},
        "vocabularies": VOCABULARIES, "forms": FORMS if "feedback_forms" in tables else {},
        "tables": {**dict.fromkeys(TABLES, "absent"), **sources}, **given,
    })  # fmt: skip


def records_of(study: Study, rows: Rows, **parameters: str) -> Records:
    """Give the records of a study from rows of text."""
    return Records.within(tables_of_rows(study, rows), study, Parameters.of(study, parameters))


def tables_of_rows(study: Study, rows: Rows) -> dict[str, pd.DataFrame]:
    """Give the clean tables of a study from rows of text."""
    tables = {}
    declared = tables_of(study)
    for name in (*study.sources, "targets", "published_figures"):
        columns = declared[name].columns
        frame = pd.DataFrame([*rows.get(name, ())], columns=list(columns), dtype="str").fillna("")
        tables[name] = typed(frame, columns)
    return tables


def passed(records: Records) -> Released:
    """Pass the gate; the one place that asks it."""
    return release(records)


def released_text(records: Records) -> str:
    """Give the file of counts of a release."""
    return passed(records).counts.tidy().to_csv(index=False)


def released(records: Records) -> Shown:
    """Release counts, and read what is shown."""
    return shown_in(passed(records))


def shown_in(found: Released) -> Shown:
    """Read what is shown from the file of counts, and why the others are not from the log."""
    log = found.log[["what", "where", "decision"]].itertuples(index=False, name=None)
    return Shown(
        str(found.counts.study.disclosure),
        read(found.counts.tidy().to_csv(index=False)),
        read_log((str(what), str(where), str(decision)) for what, where, decision in log),
    )


def exact(records: Records, shown: Shown) -> dict[Name, int]:
    """Give the true numbers of the counts that a release names."""
    numbers = read(count(records).tidy().to_csv(index=False))
    return {name: n for name, n in numbers.items() if name in shown.numbers and n is not None}
