"""Result -> what a reader sees: rounded, worded, and harmless to display."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lmm.analysis.result import RECORD, Kind, Result, Role
from lmm.release.gate import SUPPRESSED
from lmm.showing.html import TEMPLATES
from lmm.statistics.rounding import fixed, in_percent, rounded
from lmm.study.problems import visible

DECIMALS = 6
"""Stored results are rounded to this; what is shown is rounded further."""

WORDS = {"not_estimable": "not estimable", "no_data": "no data", "short_series": "too short"}
"""Statuses as they stand in place of an estimate."""

IN_WORDS = {
    "estimate": Role("estimate", "Estimate and interval"),
    "share": Role("words", "Share, or summary"),
}
"""Columns into which others are joined."""


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
    """Text cells under worded headings, and what holds for all rows."""

    cells: pd.DataFrame
    common: str

    def html(self, caption: str) -> str:
        """Write the table as HTML: scoped headings, all text escaped."""
        return TEMPLATES.get_template("table.html.j2").render(
            caption=visible(caption),
            common=self.common,
            headings=list(self.cells),
            rows=list(self.cells.itertuples(index=False, name=None)),
        )

    def plain(self, caption: str) -> str:
        """Write the table as plain text."""
        lines = [visible(caption), self.common, self.cells.to_string(index=False)]
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
        laid = _estimates(result, percent=percent)
    else:
        laid = _summaries(suppressed_in_words(result))
    if spread:
        laid = _wide(laid, spread)
    laid = laid.with_table(laid.table.dropna(axis="columns", how="all"))
    once = _said_once(laid)
    sentences = [f"{laid.heading(name)}: {text}." for name, text in once.items() if text]
    laid = laid.with_table(laid.table.drop(columns=list(once)))
    cells = {
        laid.heading(name): [_cell(role, value) for value in laid.table[name]]
        for name, role in laid.roles.items()
    }
    return Readable(pd.DataFrame(cells), " ".join(sentences))


def _said_once(laid: Result) -> dict[str, str]:
    """Give the columns that are the same in all rows and are said once, with what they say."""
    first = [name for kind in AFTER for name in laid.columns(kind)]
    return {
        name: _cell(laid.roles[name], laid.table[name].iloc[0])
        for name in dict.fromkeys([*first, *laid.roles])
        if laid.roles[name].once and len(set(laid.table[name])) == 1
    }


def _estimates(result: Result, *, percent: bool) -> Result:
    """Join the fields of the estimate record into one column of values."""
    record = {role.kind for role in RECORD.values()}
    strata = [name for name, role in result.roles.items() if role.kind not in record]
    before = result.columns("numerator", "denominator")
    names = {kind: result.column(kind) for kind in VALUE}
    shown = [
        _value({kind: row[name] for kind, name in names.items()}, percent=percent)
        for row in result.table.to_dict("records")
    ]
    table = result.table[[*strata, *before, *result.columns(*AFTER)]]
    table.insert(len(strata) + len(before), names["estimate"], shown)
    return Result.of(table, **{**result.roles, names["estimate"]: IN_WORDS["estimate"]})


AFTER: tuple[Kind, ...] = ("method", "basis", "note")
"""What is said of an estimate beside its value."""

VALUE: tuple[Kind, ...] = ("status", "estimate", "low", "high", "denominator")
"""What the words for an estimate are made of."""


def _value(row: Mapping[str, Any], *, percent: bool) -> str:
    if row["status"] != "ok":
        status = str(row["status"])
        return WORDS.get(status, status)
    value, low, high = (row[name] for name in ("estimate", "low", "high"))
    if percent:
        return _unbroken(f"{in_percent(value, 1)} ({in_percent(low, 1)} to {in_percent(high, 1)})")
    if pd.isna(row["denominator"]):  # a count
        return _unbroken(f"{fixed(value)} ({fixed(low, 1)} to {fixed(high, 1)})")
    return _unbroken(f"{fixed(value, 2)} ({fixed(low, 2)} to {fixed(high, 2)})")


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _summaries(result: Result) -> Result:
    """Join shares of levels, and moments and quartiles of quantities, into one column."""
    moments = result.columns("moment")
    if not moments:
        return result
    share = result.column("share")
    shown = [
        in_percent(row[share], 1)
        if pd.notna(row[share])
        else ""
        if pd.isna(row[moments[0]])
        else "mean {} (SD {}); median {} (quartiles {} and {})".format(
            *(fixed(row[name], 1) for name in moments)
        )
        for row in result.table.to_dict("records")
    ]
    table = result.table.drop(columns=moments).assign(**{share: shown})
    return Result.of(table, **{**result.roles, share: IN_WORDS["share"]})


def _wide(laid: Result, spread: str) -> Result:
    """Give each value of a column a column of its own; say for each row what it rests on."""
    if laid.is_estimates:
        joined = laid.columns("numerator", "denominator", "estimate", "method", "note")
        shown = laid.table[laid.column("estimate")]
    else:
        joined, shown = _with_shares(laid)
    basis = laid.column("basis")
    rows = [name for name in laid.roles if name not in (*joined, spread, basis)]
    wide = [
        {
            **dict(zip(rows, keys, strict=True)),
            **dict(zip(group[spread], shown[group.index], strict=True)),
            basis: _bases(group[basis], group[spread]),
        }
        for keys, group in laid.table.groupby(rows, sort=False, dropna=False)
    ]
    values = dict.fromkeys(laid.table[spread], Role("words"))
    kept = {name: laid.roles[name] for name in (*rows, basis)}
    return Result.of(pd.DataFrame(wide), **{**values, **kept})


def _with_shares(laid: Result) -> tuple[list[str], pd.Series[str]]:
    """Join the counts of a table and their shares; give the names of the two, and the words."""
    share = laid.column("share")
    (number,) = (
        name
        for name in laid.columns("count", "number")
        if laid.roles[name].of == laid.roles[share].of
    )
    shown = [
        f"{row[number]}" + (f" ({in_percent(row[share], 1)})" if pd.notna(row[share]) else "")
        for row in laid.table.to_dict("records")
    ]
    return [number, share], pd.Series(shown, index=laid.table.index)


def _bases(bases: pd.Series[str], levels: pd.Series[str]) -> str:
    """Word what the cells of one row rest on, where they differ."""
    if len(set(bases)) == 1:
        return str(bases.iloc[0])
    return f"published ({', '.join(levels[bases == 'published'])}), otherwise assumed"


def _cell(role: Role, value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%b %Y}" if role.kind == "month" else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return _number(role, value)
    text = str(value)
    if role.kind == "dimension":
        text = text.removesuffix("_id").replace("_", " ")
    return visible(text)


def _number(role: Role, value: float) -> str:
    if role.kind in ("share", "probability"):
        return in_percent(value, 1)
    if role.kind == "p_value":
        return fixed(value, 3)
    if role.decimals is None:
        return f"{value:.4g}"
    return fixed(value, 0 if value.is_integer() else role.decimals)
