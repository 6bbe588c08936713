"""What a draft proposes for each part of study.yaml, and what new studies begin with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, cast

import yaml

from lmm.study import fold

RECORDS = ("courses", "course_attendance", "feedback_forms", "consultations", "families",
           "family_contacts")  # fmt: skip


@cache
def defaults() -> dict[str, Any]:
    """Give what new studies begin with, and the words by which things are recognised."""
    text = resources.files("lmm.start").joinpath("defaults.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


@dataclass(frozen=True)
class Found:
    """A heading, and why it was taken for the column."""

    heading: str
    note: str = ""


@dataclass(frozen=True)
class TableDraft:
    """What study.yaml is to say of one table."""

    files: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    heading_line: int = 1
    encoding: str = "utf-8"
    delimiter: str = ","
    columns: Mapping[str, Found] = field(default_factory=dict)
    fixed: Mapping[str, Found] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """What study.yaml is to say; ``remarks`` by key are written beside it."""

    service: str
    start: dt.date
    end: dt.date
    vocabularies: Mapping[str, Mapping[str, Sequence[str]]]
    scale: Sequence[str]
    items: Mapping[str, str]
    tables: Mapping[str, TableDraft]
    date_formats: tuple[str, ...] = ("%d/%m/%Y",)
    missing: tuple[str, ...] = ("", "-", "n/a")
    total_row: tuple[str, ...] = ("total",)
    remarks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One sheet of one file, or several with the same headings, read as text."""

    files: tuple[str, ...]
    sheets: tuple[str, ...]
    heading_line: int
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    cells: Mapping[str, list[str]]
    """Of columns that do not look identifying; the others are only named in ``drop``."""
    drop: tuple[str, ...]


def plain(text: str) -> str:
    """Leave the words of a text, in small letters."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))
