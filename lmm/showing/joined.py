"""Columns joined for a reader: an estimate and its interval, a number and its share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, log10
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.analysis.roles import RECORD, Kind, Role
from lmm.statistics.rounding import fixed, in_percent, rounded
from lmm.statistics.shares import WORST_CASE

WORDS = {
    "not_estimable": "not estimable",
    "no_data": "no data",
    "short_series": "too short",
    "suppressed": "suppressed",
}
"""Statuses as they stand in place of an estimate."""

NOT_REACHED = "not reached"
"""A limit that lies further than the records go."""

STEPS = 20
"""An interval is written to as many decimals as part it into so many steps, and no more."""

SUMMARY = Role("words", "Share, or summary")

BESIDE: tuple[Kind, ...] = ("method", "basis", "note")
"""What is said of an estimate beside its value."""


def estimates(result: Result) -> Result:
    """Join the fields of the estimate record into a column of counts and one of values."""
    names = {kind: result.column(kind) for kind in ("numerator", "denominator", "estimate")}
    of, made = _of(result), _values(result)
    before = [name for name, role in result.roles.items() if role.kind not in _RECORD]
    table = result.table[before].copy()
    roles = dict(result.roles)
    if of is not None:
        table[names["numerator"]] = of
        roles[names["numerator"]] = Role("numerator", _heading(result))
    table[names["estimate"]] = made
    roles[names["estimate"]] = Role("estimate", roles[names["estimate"]].of)
    table[result.columns(*BESIDE)] = result.table[result.columns(*BESIDE)]
    return Result.of(table, **roles)


def _heading(result: Result) -> str:
    """Head the column of what estimates are made of: "n of N", or "Achieved of expected"."""
    part, whole = (result.roles[result.column(kind)] for kind in ("numerator", "denominator"))
    if part == RECORD["numerator"]:
        return "n of N"
    return f"{part.heading} {whole.of or 'of'} {whole.heading}"


_RECORD = {role.kind for role in RECORD.values()}


def _of(result: Result) -> pd.Series[str] | None:
    """Give what each estimate is made of, "3 of 4"; nothing where it is the count itself."""
    table = result.table
    part, whole, value = (
        table[result.column(kind)] for kind in ("numerator", "denominator", "estimate")
    )
    statuses = table[result.column("status")]
    if not whole.notna().any():
        return None if (part.isna() | (part == value)).all() else part.map(_one).astype("str")
    between = result.roles[result.column("denominator")].of or "of"
    return pd.Series(
        [
            _made_of(n, of, between, hides=status == "suppressed")
            for n, of, status in zip(part, whole, statuses, strict=True)
        ],
        index=table.index,
        dtype="str",
    )


def _made_of(part: float, whole: float, between: str, *, hides: bool) -> str:
    if pd.isna(whole) or (pd.isna(part) and not hides):
        return _one(part)
    return f"{_one(part) or WORDS['suppressed']} {between} {_one(whole)}"


def _one(number: float) -> str:
    """Write a count, or a number that is no whole one, such as what was expected."""
    return "" if pd.isna(number) else fixed(number, 0 if float(number).is_integer() else 1)


def decimals_of(numbers: pd.Series[float], most: int = 1) -> int:
    """Give how many decimals a column of numbers is written with: none, if all are whole."""
    known = numbers.dropna().astype("float64")
    return 0 if (known == known.round()).all() else most


def _values(result: Result) -> list[str]:
    """Word each estimate with its interval, to the digits that the intervals of its kind allow."""
    rows = result.by_role()
    in_percent_of = result.roles[result.column("estimate")].in_percent
    shares = rows["scale"] == "share" if "scale" in rows else pd.Series(in_percent_of, rows.index)
    rows = rows.assign(percent=shares, counted=rows["denominator"].isna())
    kinds = [*result.columns("measure"), *result.columns("stratum", of="quantity")]
    grouped = [rows["percent"], rows["counted"], *(result.table[name] for name in kinds)]
    shown = pd.Series("", index=rows.index, dtype="str")
    for _, group in rows.groupby(grouped, sort=False, dropna=False):
        known = group.loc[group["status"] == "ok", ["estimate", "low", "high"]]
        values = list(known.itertuples(index=False, name=None))
        digits = digits_for(values, percent=bool(group["percent"].iloc[0]))
        words = [_value(row, digits) for row in group.to_dict("records")]
        shown.update(pd.Series(words, index=group.index, dtype="str"))
    return shown.tolist()


def digits_for(known: Sequence[tuple[float, float, float]], *, percent: bool) -> int:
    """Give the decimals worth writing in values with lower and upper limits, by the narrowest.

    Shares are written in percent. None are worth it where all numbers are whole.
    """
    scale = 100 if percent else 1
    if all((scale * number).is_integer() for row in known for number in row):
        return 0
    width = min((scale * (high - low) for _, low, high in known if high > low), default=0.0)
    return max(0, ceil(rounded(log10(STEPS / width), 9))) if width > 0 else 1


def _value(row: dict[Any, Any], digits: int) -> str:
    value, low, high, status = (row[name] for name in ("estimate", "low", "high", "status"))
    written = in_percent if row["percent"] else fixed
    if status == "short_series" and pd.notna(value):
        least = NOT_REACHED if pd.isna(low) else fixed(low, digits)
        return unbroken(f"{fixed(value, digits)} ({least} to {NOT_REACHED})")
    if status != "ok":
        return WORDS.get(str(status), str(status))
    least = written(low, digits).removesuffix("%")
    if row["method"] == WORST_CASE:  # the value is of those who answered, and not of this row
        return unbroken(f"{least} to {written(high, digits)}")
    exact = 0 if row["counted"] else digits  # a count is whole, whatever its interval
    return unbroken(f"{written(value, exact)} ({least} to {written(high, digits)})")


def unbroken(text: str) -> str:
    """Keep a text on one line."""
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
        else _moments(*(row[name] for name in moments))
        for row in result.table.to_dict("records")
    ]
    heading = result.roles[share].heading
    role = Role("words", heading) if heading else SUMMARY
    table = result.table.drop(columns=moments).assign(**{share: shown})
    return Result.of(table, **{**result.roles, share: role})


def _moments(mean: float, sd: float, median: float, lower: float, upper: float) -> str:
    """Word the moments of a quantity; a single value has no standard deviation."""
    about = f" (SD {fixed(sd, 1)})" if pd.notna(sd) else ""
    quartiles = f"quartiles {fixed(lower, 1)} and {fixed(upper, 1)}"
    return f"mean {fixed(mean, 1)}{about}; median {fixed(median, 1)} ({quartiles})"


def wide(laid: Result) -> Result:
    """Give each value of a column that goes across a column of its own.

    Of estimates, a row keeps the notes that hold for all of them; the others stay in the CSV.
    """
    across = next((name for name in map(str, laid.table) if laid.roles[name].across), None)
    if across is None:
        return laid
    if laid.columns("estimate"):
        joined = laid.columns("numerator", "denominator", "estimate", "method", "note")
        shown = _totals(laid)
    else:
        joined, shown = _with_shares(laid)
    basis = laid.column("basis")
    rows = [name for name in laid.roles if name not in (*joined, across, basis)]
    made = []
    for keys, group in laid.table.groupby(rows, sort=False, dropna=False):
        rests_on, published = _bases(group[basis], group[across])
        notes = [*(_common(group[name]) for name in laid.columns("note") if name in joined)]
        made.append(
            {
                **dict(zip(rows, keys, strict=True)),
                **dict(zip(group[across], shown[group.index], strict=True)),
                basis: rests_on,
                "note": "; ".join(filter(None, [*notes, published])),
            }
        )
    values = dict.fromkeys(laid.table[across], Role("estimate"))
    kept = {name: laid.roles[name] for name in (*rows, basis)}
    return Result.of(pd.DataFrame(made), **{**values, **kept})


def _common(notes: pd.Series[str]) -> str:
    """Give the notes that stand beside every one of some estimates."""
    first, *others = (note.split("; ") for note in notes)
    return "; ".join(note for note in first if all(note in other for other in others))


def _totals(laid: Result) -> pd.Series[str]:
    """Give the estimates in words; of a total without an interval, the total."""
    shown = laid.table[laid.column("estimate")]
    totals = laid.columns("numerator")
    if not totals:
        return shown
    total = laid.table[totals[0]]
    bare = (shown == WORDS["not_estimable"]) & (total != "") & ~total.str.contains(" of ")
    return shown.mask(bare, total + " (no interval)")


def _with_shares(laid: Result) -> tuple[list[str], pd.Series[str]]:
    """Join the counts of a table and their shares; give the names of the two, and the words."""
    shares = laid.columns("share")
    of = laid.roles[shares[0]].of if shares else None
    (number,) = laid.columns("count", "number", of=of)[:1]
    statuses = laid.columns("status")
    shown = [
        _with_share(row[number], row[shares[0]] if shares else None, row.get("status", "ok"))
        for row in laid.table.to_dict("records")
    ]
    return [number, *shares, *statuses], pd.Series(shown, index=laid.table.index, dtype="str")


def _with_share(number: Any, share: Any, status: str) -> str:
    if pd.isna(number):
        return WORDS.get(status, "")
    return f"{number}" if pd.isna(share) else f"{number} ({in_percent(share, 1)})"


def _bases(bases: Iterable[str], levels: Iterable[str]) -> tuple[str, str]:
    """Say what the cells of one row rest on, and which of them on a published figure."""
    pairs = list(zip(bases, levels, strict=True))
    if len({basis for basis, _ in pairs}) == 1:
        return pairs[0][0], ""
    published = ", ".join(str(level) for basis, level in pairs if basis == "published")
    others = next(basis for basis, _ in pairs if basis != "published")
    return others, f"{published}: rests on a published figure"
