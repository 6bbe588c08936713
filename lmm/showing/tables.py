"""Result -> what a reader sees: rounded, worded, and harmless to display."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import groupby
from math import floor, log10
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.analysis.roles import Kind, Role, named
from lmm.showing import joined
from lmm.showing.html import TEMPLATES
from lmm.showing.wording import ended
from lmm.statistics.rounding import declared_percent, fixed, in_percent, rounded
from lmm.study.problems import visible

SUPPRESSED = "suppressed"
"""Stands in place of a count that may not be shown."""

DECIMALS = 6
"""Stored results are rounded to this; what is shown is rounded further."""


TOLERANCES = ".tolerances.json"
"""Ends the name of the file beside a table that says by how much its numbers may differ."""


def stored(table: pd.DataFrame) -> pd.DataFrame:
    """Round a result, and make its words harmless: what is kept, shown and drawn."""
    floats = table.select_dtypes("float").columns
    words = table.select_dtypes(["object", "str"]).columns
    return table.assign(
        **{name: table[name].map(lambda x: rounded(x, DECIMALS)) for name in floats},
        **{name: table[name].map(_harmless) for name in words},
    )


def _harmless(cell: object) -> object:
    return visible(cell) if isinstance(cell, str) else cell


def suppressed_in_words(result: Result) -> Result:
    """Say in the cells of counts without a number that they are suppressed.

    Where there is a column of statuses, only those are whose status says so: a month in which
    the service was closed has no count either.
    """
    table, statuses = result.table, result.columns("status")
    may_be = table[statuses[0]] == SUPPRESSED if statuses else True
    said = {
        name: table[name].astype("object").mask(table[name].isna() & may_be, SUPPRESSED)
        for name in result.columns("count")
    }
    return result.with_table(table.assign(**said))


@dataclass(frozen=True)
class Column:
    """A heading, and whether what stands below it is numbers, which are aligned to the right."""

    heading: str
    is_number: bool


@dataclass(frozen=True)
class Group:
    """Rows under a heading of their own; without one where the rows say it themselves."""

    heading: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Readable:
    """A table in words: what holds for all rows, the rows by group, and the notes below.

    Attributes
    ----------
    notes
        Each once, in order; the column of notes has their numbers, from 1.
    """

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    common: str
    notes: tuple[str, ...] = ()

    def html(self, caption: str, *, name: str = "") -> str:
        """Write the table as HTML, in which all text is escaped; its name is its anchor."""
        return TEMPLATES.get_template("table.html.j2").render(
            table=self, caption=visible(caption), name=name
        )

    @property
    def is_long(self) -> bool:
        """Whether a reader has to ask for the rows, because they are many."""
        return sum(len(group.rows) for group in self.groups) > LONG

    def plain(self, caption: str) -> str:
        """Write the table as plain text."""
        empty = [""] * (len(self.columns) - 1)
        rows = [
            row
            for group in self.groups
            for row in ([(group.heading, *empty)] if group.heading else []) + list(group.rows)
        ]
        cells = pd.DataFrame(rows, columns=[column.heading for column in self.columns])
        lines = [visible(caption), self.common, cells.to_string(index=False)]
        lines += [f"Note {number}: {note}" for number, note in enumerate(self.notes, 1)]
        return "\n".join(filter(None, lines))


LONG = 24
"""A table of more rows is folded on a page: two years by month are still read."""


def readable(result: Result) -> Readable:
    """Word and round a result for reading, as the roles of its columns say.

    The fields of the estimate record become what it is made of, and its value with the interval;
    a number and its share, or the moments and quartiles of a quantity, are joined in the same
    way. Rows that have a stratum in common stand under a heading; what all of them share is said
    there, or under the caption, once.
    """
    result = _without_rests(result)
    if result.is_estimates:
        laid = joined.estimates(result)
    else:
        laid = joined.summaries(suppressed_in_words(result))
    scales = laid.table[laid.column("scale")] if laid.columns("scale") else None
    laid = joined.wide(_shown(laid))
    cells = pd.DataFrame(
        {name: _cells(laid.roles[name], laid.table[name], scales) for name in map(str, laid.table)}
    )
    common = _said_once(laid, cells)
    notes: dict[str, int] = {}
    kept = cells.drop(columns=[name for name, _ in common])
    for name in [each for each in laid.columns("note") if each in kept]:
        kept[name] = [_numbered(cell, notes) for cell in kept[name]]
    columns, groups = _grouped(laid, kept)
    said = " ".join(
        ended(f"{laid.heading(name)}: {text}") for name, text in common if text not in ("", "all")
    )
    return Readable(columns, groups, said, tuple(notes))


def _without_rests(result: Result) -> Result:
    """Leave out the first of two parts of a whole, of which the second has the rest."""
    whole = next((name for name, role in result.roles.items() if role.whole), None)
    if whole is None:
        return result
    labels = [name for name in result.columns(*LABELS) if name != whole]
    parts = result.table.groupby(labels, sort=False)[whole]
    is_rest = (parts.transform("size") == 2) & (parts.cumcount() == 0)
    return result.where(~is_rest)


def _shown(laid: Result) -> Result:
    """Leave out columns that are kept aside, are empty, or say that all is well."""
    table = laid.table.dropna(axis="columns", how="all")
    left_out = [
        name
        for name in map(str, table)
        if laid.roles[name].aside
        or (laid.roles[name].kind == "status" and (table[name] == "ok").all())
    ]
    return laid.with_table(table.drop(columns=left_out))


def _numbered(cell: str, notes: dict[str, int]) -> str:
    """Give the numbers of the notes of a cell; those that are new get the next ones."""
    parts = dict.fromkeys(filter(None, cell.split("; ")))
    return ", ".join(map(str, sorted(notes.setdefault(part, len(notes) + 1) for part in parts)))


def _said_once(laid: Result, cells: pd.DataFrame) -> list[tuple[str, str]]:
    """Give the columns that are the same in all rows and are said once, with what they say."""
    first = [name for kind in joined.BESIDE for name in laid.columns(kind)]
    alike = [
        name
        for name in dict.fromkeys([*first, *map(str, cells)])
        if laid.roles[name].once or (len(cells) > 2 and laid.roles[name].kind in ONCE)
        if len(set(cells[name])) == 1
    ]
    labels = [name for name in laid.columns(*LABELS) if name in cells]
    if set(labels) <= set(alike):  # a row needs something to be called by
        alike = [name for name in alike if name != labels[-1:][0]] if labels else alike
    return [(name, str(cells[name].iloc[0])) for name in alike]


ONCE: tuple[Kind, ...] = (
    "stratum", "dimension", "measure", "words", "date", "count", "number", "share",
)  # fmt: skip
"""What is said once where it is the same in several rows, beside what is declared so."""


# --- groups of rows --------------------------------------------------------------------------

FEWEST = 1.5
"""Rows are grouped if a heading stands above so many of them on average, at least."""


def _grouped(laid: Result, cells: pd.DataFrame) -> tuple[tuple[Column, ...], tuple[Group, ...]]:
    """Part the rows into groups, whose heading says what they share."""
    keys = _keys(laid, cells)
    runs = (cells[keys] != cells[keys].shift()).any(axis=1).cumsum() if keys else cells.index * 0
    parts = [rows for _, rows in cells.groupby(runs, sort=False)]
    shared = [
        name
        for name in cells.columns.difference(keys, sort=False)
        if keys and _may_be_shared(laid, name) and all(len(set(part[name])) == 1 for part in parts)
    ]
    rest = [name for name in map(str, cells) if name not in (*keys, *shared)]
    labels = [name for name in rest if name in laid.columns(*LABELS)]
    order = [*labels, *(name for name in rest if name not in labels)]
    columns = tuple(
        Column(_heading(laid, name), laid.roles[name].kind in NUMBERS) for name in order
    )
    groups = [
        Group(_words(laid, part, keys, shared), _together(laid, part[order])) for part in parts
    ]
    return columns, tuple(groups)


def _together(laid: Result, rows: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Give rows below each other that have no value, for the same reasons, as one."""
    label, values = str(rows.columns[0]), laid.columns("estimate", "status")
    counts = laid.columns("numerator")
    alike = [name for name in map(str, rows) if name not in (label, *counts)]
    found: list[dict[Hashable, Any]] = []
    for _, run in groupby(rows.to_dict("records"), lambda row: [row[name] for name in alike]):
        first, *others = run
        empty = any(first.get(name) in joined.WORDS.values() for name in values)
        if empty and len(others) > 1:
            blank: dict[Hashable, Any] = {name: "" for name in counts if name in rows}
            found.append(
                {**first, **blank, label: ", ".join(row[label] for row in (first, *others))}
            )
        else:
            found += [first, *others]
    return tuple(tuple(map(str, row.values())) for row in found)


LABELS: tuple[Kind, ...] = ("stratum", "dimension", "measure", "month")
NUMBERS: tuple[Kind, ...] = (
    "count", "number", "share", "probability", "p_value", "numerator", "denominator", "estimate",
)  # fmt: skip


def _keys(laid: Result, cells: pd.DataFrame) -> list[str]:
    """Give the first columns of what a row is about, as far as they repeat."""
    labels = [name for name in laid.columns("stratum", "dimension", "measure") if name in cells]
    for last in range(len(labels), 0, -1):
        keys = labels[:last]
        runs = int((cells[keys] != cells[keys].shift()).any(axis=1).sum())
        if 1 < runs <= len(cells) / FEWEST and runs == len(cells[keys].drop_duplicates()):
            return keys if last < cells.shape[1] else []
    return []


def _may_be_shared(laid: Result, name: str) -> bool:
    role = laid.roles[name]
    return (role.once and role.kind not in joined.BESIDE) or role.of == "reference"


def _words(laid: Result, rows: pd.DataFrame, keys: list[str], shared: list[str]) -> str:
    """Word the heading of a group: what its rows are about, and what else they share."""
    first = rows.iloc[0] if keys else None
    if first is None:
        return ""
    named_by = [str(first[name]) for name in keys if first[name]]
    if named_by[:1] == ["all"]:
        return ""
    said = [
        f"{laid.heading(name)[:1].lower()}{laid.heading(name)[1:]} {first[name]}"
        for name in shared
        if first[name]
    ]
    text = "; ".join(filter(None, (", ".join(named_by), *said)))
    return f"{text[:1].upper()}{text[1:]}"


def _heading(laid: Result, name: str) -> str:
    """Head a column; one of estimates by what is estimated."""
    role = laid.roles[name]
    if role.kind != "estimate" or name != "estimate":
        return laid.heading(name)
    return (
        f"{role.of[:1].upper()}{role.of[1:]} and interval" if role.of else "Estimate and interval"
    )


# --- cells -----------------------------------------------------------------------------------


def _cells(role: Role, values: pd.Series[Any], scales: pd.Series[str] | None) -> list[str]:
    """Word the cells of a column, its numbers all with as many decimals."""
    known = pd.to_numeric(values, errors="coerce").dropna() if role.kind in NUMBERS else values[:0]
    if role.in_percent and scales is not None:
        known = known[scales[known.index] != "share"]
    places = _places(role, known)
    if role.in_percent and scales is not None:
        return [
            declared_percent(value)
            if scale == "share" and pd.notna(value)
            else _cell(role, value, places)
            for value, scale in zip(values, scales, strict=True)
        ]
    return [_cell(role, value, places) for value in values]


def _places(role: Role, known: pd.Series[float]) -> int:
    """Give the decimals of a column of numbers: none if all are whole, four digits by default."""
    if known.empty or joined.decimals_of(known) == 0:
        return 0
    if role.decimals is not None:
        return role.decimals
    largest = float(known.abs().max())
    most = max(0, 3 - floor(log10(largest)))
    return next(
        (n for n in range(most) if all(rounded(x, n) == rounded(x, most) for x in known)), most
    )


def _cell(role: Role, value: Any, places: int) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%b %Y}" if role.kind == "month" else f"{value:%Y-%m-%d}"
    if role.kind in ("share", "probability") and not isinstance(value, str):
        return in_percent(value, 1)
    if role.kind == "p_value":
        return fixed(value, 3)
    if isinstance(value, float):
        return fixed(value, places)
    text = str(value)
    if role.kind == "dimension":
        text = named(text)
    if role.kind == "status":
        text = joined.WORDS.get(text, text)
    return visible(text)
