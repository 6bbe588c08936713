"""Columns joined for a reader: an estimate and its interval, a number and its share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.analysis.roles import RECORD, Kind, Role
from lmm.statistics.rounding import fixed, in_percent

WORDS = {"not_estimable": "not estimable", "no_data": "no data", "short_series": "too short"}
"""Statuses as they stand in place of an estimate."""

NOT_REACHED = "not reached"
"""A limit that lies further than the records go."""

IN_WORDS = {
    "estimate": Role("estimate", "Estimate and interval"),
    "share": Role("words", "Share, or summary"),
}
"""Columns into which others are joined."""

BESIDE: tuple[Kind, ...] = ("method", "basis", "note")
"""What is said of an estimate beside its value."""

VALUE: tuple[Kind, ...] = ("status", "estimate", "low", "high", "denominator")
"""What the words for an estimate are made of."""


def estimates(result: Result, *, percent: bool) -> Result:
    """Join the fields of the estimate record into one column of values."""
    record = {role.kind for role in RECORD.values()}
    strata = [name for name, role in result.roles.items() if role.kind not in record]
    before = result.columns("numerator", "denominator")
    names = {kind: result.column(kind) for kind in VALUE}
    shown = [
        _value({kind: row[name] for kind, name in names.items()}, percent=percent)
        for row in result.table.to_dict("records")
    ]
    table = result.table[[*strata, *before, *result.columns(*BESIDE)]]
    table.insert(len(strata) + len(before), names["estimate"], shown)
    return Result.of(table, **{**result.roles, names["estimate"]: IN_WORDS["estimate"]})


def _value(row: Mapping[str, Any], *, percent: bool) -> str:
    value, low, high = (row[name] for name in ("estimate", "low", "high"))
    if row["status"] == "short_series" and pd.notna(value):
        least = NOT_REACHED if pd.isna(low) else fixed(low, 2)
        return _unbroken(f"{fixed(value, 2)} ({least} to {NOT_REACHED})")
    if row["status"] != "ok":
        status = str(row["status"])
        return WORDS.get(status, status)
    if percent:
        return _unbroken(f"{in_percent(value, 1)} ({in_percent(low, 1)} to {in_percent(high, 1)})")
    if pd.isna(row["denominator"]):  # a count
        return _unbroken(f"{fixed(value)} ({fixed(low, 1)} to {fixed(high, 1)})")
    return _unbroken(f"{fixed(value, 2)} ({fixed(low, 2)} to {fixed(high, 2)})")


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def summaries(result: Result) -> Result:
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


def wide(laid: Result, spread: str) -> Result:
    """Give each value of a column a column of its own; say for each row what it rests on.

    Of estimates, a row keeps the notes that hold for all of them; the others stay in the CSV.
    """
    if laid.is_estimates:
        joined = laid.columns("numerator", "denominator", "estimate", "method", "note")
        shown = _totals(laid)
    else:
        joined, shown = _with_shares(laid)
    basis, notes = laid.column("basis"), laid.columns("note") if laid.is_estimates else []
    rows = [name for name in laid.roles if name not in (*joined, spread, basis)]
    made = [
        {
            **dict(zip(rows, keys, strict=True)),
            **dict(zip(group[spread], shown[group.index], strict=True)),
            basis: _bases(group[basis], group[spread]),
            **{name: _common(group[name]) for name in notes},
        }
        for keys, group in laid.table.groupby(rows, sort=False, dropna=False)
    ]
    values = dict.fromkeys(laid.table[spread], Role("words"))
    kept = {name: laid.roles[name] for name in (*rows, basis, *notes)}
    return Result.of(pd.DataFrame(made), **{**values, **kept})


def _common(notes: pd.Series[str]) -> str:
    """Give the notes that stand beside every one of some estimates."""
    first, *others = (note.split("; ") for note in notes)
    return "; ".join(note for note in first if all(note in other for other in others))


def _totals(laid: Result) -> pd.Series[str]:
    """Give the estimates in words; of a total without an interval, the total."""
    shown, table = laid.table[laid.column("estimate")], laid.table
    total, of = table[laid.column("numerator")], table[laid.column("denominator")]
    bare = (shown == WORDS["not_estimable"]) & total.notna() & of.isna()
    return shown.mask(bare, total.map(lambda n: "" if pd.isna(n) else f"{fixed(n)} (no interval)"))


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
