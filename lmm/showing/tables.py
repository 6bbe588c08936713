"""Result -> what a reader sees: rounded, worded, and harmless to display."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.analysis.roles import Role, named
from lmm.showing import joined
from lmm.showing.html import TEMPLATES
from lmm.statistics.rounding import fixed, in_percent, rounded
from lmm.study.problems import visible

SUPPRESSED = "suppressed"
"""Stands in place of a count that may not be shown."""

DECIMALS = 6
"""Stored results are rounded to this; what is shown is rounded further."""


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
class Readable:
    """Text cells under worded headings, what holds for all rows, and the notes below.

    Attributes
    ----------
    notes
        Each once, in order; the column of notes has their numbers, from 1.
    """

    cells: pd.DataFrame
    common: str
    notes: tuple[str, ...] = ()

    def html(self, caption: str) -> str:
        """Write the table as HTML: scoped headings, all text escaped."""
        return TEMPLATES.get_template("table.html.j2").render(
            caption=visible(caption),
            common=self.common,
            headings=list(self.cells),
            rows=list(self.cells.itertuples(index=False, name=None)),
            notes=self.notes,
        )

    def plain(self, caption: str) -> str:
        """Write the table as plain text."""
        lines = [visible(caption), self.common, self.cells.to_string(index=False)]
        lines += [f"Note {number}: {note}" for number, note in enumerate(self.notes, 1)]
        return "\n".join(filter(None, lines))


def readable(result: Result, *, percent: bool = False, spread: str = "") -> Readable:
    """Word and round a result for reading.

    Parameters
    ----------
    result
        The fields of the estimate record, where present, become one value and its interval;
        a number and its share, or the moments and quartiles of a quantity, are joined in the
        same way.
    percent
        Whether the estimates are shares, to be shown in percent.
    spread
        A column whose values become the columns of a wide table.
    """
    if result.is_estimates:
        laid = joined.estimates(result, percent=percent)
    else:
        laid = joined.summaries(suppressed_in_words(result))
    if spread:
        laid = joined.wide(laid, spread)
    laid = laid.with_table(laid.table.dropna(axis="columns", how="all"))
    once = _said_once(laid)
    sentences = [f"{laid.heading(name)}: {text}." for name, text in once.items() if text]
    laid = laid.with_table(laid.table.drop(columns=list(once)))
    cells = {
        laid.heading(name): [_cell(role, value) for value in laid.table[name]]
        for name, role in laid.roles.items()
    }
    notes: dict[str, int] = {}
    for name in laid.columns("note"):
        heading = laid.heading(name)
        cells[heading] = [_numbered(cell, notes) for cell in cells[heading]]
    return Readable(pd.DataFrame(cells), " ".join(sentences), tuple(notes))


def _numbered(cell: str, notes: dict[str, int]) -> str:
    """Give the numbers of the notes of a cell; those that are new get the next ones."""
    parts = dict.fromkeys(filter(None, cell.split("; ")))
    return ", ".join(map(str, sorted(notes.setdefault(part, len(notes) + 1) for part in parts)))


def _said_once(laid: Result) -> dict[str, str]:
    """Give the columns that are the same in all rows and are said once, with what they say."""
    first = [name for kind in joined.BESIDE for name in laid.columns(kind)]
    return {
        name: _cell(laid.roles[name], laid.table[name].iloc[0])
        for name in dict.fromkeys([*first, *laid.roles])
        if laid.roles[name].once and len(set(laid.table[name])) == 1
    }


def _cell(role: Role, value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%b %Y}" if role.kind == "month" else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return _number(role, value)
    text = str(value)
    if role.kind == "dimension":
        text = named(text)
    return visible(text)


def _number(role: Role, value: float) -> str:
    if role.kind in ("share", "probability"):
        return in_percent(value, 1)
    if role.kind == "p_value":
        return fixed(value, 3)
    if role.decimals is None:
        return f"{value:.4g}"
    return fixed(value, 0 if value.is_integer() else role.decimals)
