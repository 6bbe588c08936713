"""Small tables for the tests of cleaning: one good row a table, varied cell by cell."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from lmm.cleaning.contract import typed
from lmm.study.declared import STUDY_FILE
from lmm.study.study import Study, read_study
from lmm.study.tables import tables_of

HOME = Path(__file__).resolve().parents[1]
STUDY = read_study(HOME)
CONTENT = yaml.safe_load((HOME / STUDY_FILE).read_text("utf-8"))

GOOD: dict[str, dict[str, str]] = {
    "courses": {
        "course_id": "C01",
        "topic": "attachment",
        "date": "2018-05-01",
        "mode": "in person",
        "places": "20",
    },
    "course_attendance": {
        "course_id": "C01",
        "staff_id": "P001",
        "role": "health visitor",
        "organisation": "NHS community trust",
        "attended": "yes",
    },
    "feedback_forms": {
        "form_id": "FB001",
        "course_id": "C01",
        "role": "midwife",
        "content": "satisfied",
        "trainer": "very satisfied",
        "relevance": "neither",
        "pace": "don't know",
        "overall": "satisfied",
    },
    "consultations": {
        "session_id": "S001",
        "date": "2018-05-01",
        "kind": "support",
        "profession": "midwife",
        "mode": "online",
        "minutes": "60",
    },
    "families": {
        "family_id": "F001",
        "referred_on": "2018-05-01",
        "accepted_on": "2018-05-08",
        "offered_on": "2018-05-15",
        "discharged_on": "2018-08-01",
        "referral_source": "self",
        "ward": "Little Horton",
        "ethnic_group": "white",
        "interpreter_needed": "no",
        "reason": "bonding",
    },
    "family_contacts": {
        "contact_id": "K0001",
        "family_id": "F001",
        "date": "2018-05-15",
        "kind": "assessment",
        "mode": "in person",
        "outcome": "attended",
    },
    "targets": {
        "criterion": "reach",
        "indicator": "staff",
        "contract_year": "2018/19",
        "target": "140",
        "red_below": "0.6",
        "green_from": "1",
        "direction": "at least",
        "agreed_on": "2018-03-01",
        "agreed_by": "the board",
        "basis": "assumed",
    },
    "published_figures": {
        "figure": "courses",
        "meaning": "courses delivered",
        "value": "28",
        "printed": "28",
        "decimals": "0",
        "unit": "courses",
        "window_start": "2018-04-01",
        "window_end": "2021-01-31",
        "source": "the summary",
        "note": "",
    },
}
"""A row of each table as cleaning leaves it; the rows refer to each other."""


def text_table(table: str, *rows: dict[str, str], lines: list[int] | None = None) -> pd.DataFrame:
    """Give a table as text; each row is the good one with the given cells in place of its own."""
    lines = lines or list(range(2, 2 + len(rows)))
    return pd.DataFrame(
        [{**GOOD[table], **row} for row in rows],
        columns=list(GOOD[table]),
        index=pd.Index(lines, name="line", dtype="int64"),
        dtype="str",
    )


def typed_table(table: str, *rows: dict[str, str]) -> pd.DataFrame:
    """Give such a table with the contract's types."""
    return typed(text_table(table, *rows), tables_of(STUDY)[table].columns)


def all_text(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give every table as text: the good row, or the given table."""
    return {name: tables.get(name, text_table(name, {})) for name in GOOD}


def all_typed(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give every table with types: the good row, or the given table."""
    return {name: tables.get(name, typed_table(name, {})) for name in GOOD}


def write_study(folder: Path, **changes: object) -> Path:
    """Write this study's file with some values replaced; ``a__b`` is key b of key a.

    None leaves the key out.
    """
    content = copy.deepcopy(CONTENT)
    for keys, value in changes.items():
        *path, last = keys.split("__")
        part: dict[str, Any] = content
        for key in path:
            part = part[key]
        if value is None:
            del part[last]
        else:
            part[last] = value
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    (folder / STUDY_FILE).write_text(text, encoding="utf-8")
    return folder


def study_with(folder: Path, **changes: object) -> Study:
    """Write such a file and read it."""
    return read_study(write_study(folder, **changes))
