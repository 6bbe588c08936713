"""What a draft proposes for each part of study.yaml, and what new studies begin with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, cast

import yaml

from lmm.cleaning.records import DESCRIBE_NOBODY
from lmm.study.labels import fold
from lmm.study.tables import TABLES

RECORDS = tuple(name for name in TABLES if name not in DESCRIBE_NOBODY)
"""The tables of records, which are looked for in files."""

OPEN = "?"
"""Stands where a person has to answer; the study cannot run before. The next one in a table is
written ``??``, as no heading may be given twice."""

CONFIRM = "please confirm"
"""How a line of a draft ends that holds a guess, or tells of one in the next line."""


@cache
def defaults() -> dict[str, Any]:
    """Give what new studies begin with, and the words by which things are recognised."""
    text = resources.files("lmm.start").joinpath("defaults.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


@dataclass(frozen=True)
class Found:
    """A heading, why it was taken for the column, and other headings that it could be."""

    heading: str
    note: str = ""
    rivals: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person has to name the heading."""
        return not self.heading.strip(OPEN)


@dataclass(frozen=True)
class TableDraft:
    """What study.yaml is to say of one table.

    Attributes
    ----------
    alike
        Values that may be put under ``fixed:`` for columns that were not found.
    unused, free_text
        Headings that were taken for no column, and those of them that hold free text.
    unheaded
        Columns that hold cells under no heading, by their number.
    finished
        The heading that says which rows are finished answers, and what then stands there.
    """

    files: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    heading_lines: tuple[int, ...] = (1,)
    skip_lines: tuple[int, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    columns: Mapping[str, Found] = field(default_factory=dict)
    alike: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    free_text: tuple[str, ...] = ()
    pseudonymise: tuple[str, ...] = ()
    unheaded: tuple[str, ...] = ()
    finished: tuple[str, str] = ("", "")
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """What study.yaml is to say; ``remarks`` by key are written beside it.

    Attributes
    ----------
    lacking
        Why a table is absent although something like it was found.
    unused, unread
        What is said of files and sheets that are no table, and why others were not read.
    """

    service: str
    start: dt.date
    end: dt.date
    vocabularies: Mapping[str, Mapping[str, Sequence[str]]]
    scale: Sequence[str]
    items: Mapping[str, str]
    overall: str
    tables: Mapping[str, TableDraft]
    high: tuple[str, ...] = ()
    date_formats: tuple[str, ...] = ("%d/%m/%Y",)
    missing: tuple[str, ...] = ("", "-", "n/a")
    total_row: tuple[str, ...] = ("total",)
    remarks: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One sheet of one file, or several with the same headings, read as text."""

    files: tuple[str, ...]
    sheets: tuple[str, ...]
    heading_lines: tuple[int, ...]
    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    cells: Mapping[str, list[str]]
    """Of columns that do not look identifying; the others are only named in ``drop``."""
    drop: tuple[str, ...]
    doubled: tuple[str, ...] = ()
    """Headings that stand more than once, so that they cannot be told apart."""
    skip_lines: tuple[int, ...] = ()
    unheaded: tuple[str, ...] = ()
    """Columns that hold cells under no heading, by their number."""
    people: tuple[str, ...] = ()
    """Those of ``drop`` whose cells tell people apart, as e-mail addresses do."""

    @property
    def finished(self) -> tuple[str, str]:
        """The heading that says whether an answer was finished, and what then stands there."""
        found = (
            (heading, cell)
            for heading, cells in self.cells.items()
            if plain(heading) == "finished" and {fold(c) for c in cells} <= {"true", "false"}
            for cell in cells
            if fold(cell) == "true"
        )
        return next(found, ("", ""))

    @property
    def place(self) -> str:
        """Name the files and sheets."""
        sheets = "".join(f", sheet {name}" for name in self.sheets)
        return ", ".join(f"{file}{sheets}" for file in self.files)


def plain(text: str) -> str:
    """Leave the words of a text, in small letters."""
    return " ".join(re.findall(r"[a-z0-9]+", fold(text)))


def of_kind(
    kind: str, tables: Mapping[str, TableDraft], matched: Mapping[str, Part]
) -> Iterable[tuple[tuple[str, str], list[str]]]:
    """Give the cells of the columns of one kind, by table and column.

    Where the heading is an open question, the cells are those of all that it could be.
    """
    for table, draft in tables.items():
        for name, spec in TABLES[table].columns.items():
            if spec.kind == kind and name in draft.columns:
                found = draft.columns[name]
                headings = found.rivals if found.is_open else (found.heading,)
                cells = matched[table].cells
                yield (table, name), [c for h in headings for c in cells.get(h, [])]
