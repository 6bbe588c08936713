"""The parts of a sentence that are alike in all answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from lmm.analysis.result import Result
from lmm.showing.cited import fixed, in_percent
from lmm.showing.joined import NOT_REACHED, digits_for
from lmm.showing.wording import ended, level

WHY = {
    "suppressed": "suppressed, so that nobody can be identified",
    "no_data": "not known: nothing was recorded",
    "not_estimable": "not estimable",
    "short_series": "not known yet: the records are too few or too short",
}
"""What is said in place of a value, by status."""

HIDDEN = "a suppressed number of"

OVERLAP = "overlap, which shows neither a difference nor that there is none"
"""Of intervals that have a point in common."""


def rows_of(result: Result) -> list[Any]:
    """List the rows of a result as named tuples, by the roles of its columns."""
    return list(result.by_role().itertuples(index=False))


def listed(parts: Iterable[str], last: str = "and") -> str:
    """Join with commas and a last "and"; with semicolons where a part has a comma."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    if any(", " in part for part in found):
        return f"{'; '.join(found[:-1])}; {last} {found[-1]}"
    return f"{', '.join(found[:-1])} {last} {found[-1]}"


def counted(n: Any, one: str, many: str) -> str:
    """Count things: "1 month", "3 months", "no month"; "a suppressed number of months"."""
    if pd.isna(n):
        return f"{HIDDEN} {many}"
    return f"{fixed(n) if n else 'no'} {one if n <= 1 else many}"


def largest(rows: Iterable[Any], of: str) -> list[Any]:
    """Give the rows with the largest value that is shown, several if they tie, none if it is 0."""
    known = [row for row in rows if pd.notna(getattr(row, of))]
    most = max((getattr(row, of) for row in known), default=0)
    return [row for row in known if most and getattr(row, of) == most]


def if_hidden(values: Iterable[Any]) -> str:
    """Say behind a superlative that it is of what is shown, if some is not."""
    return " shown" if any(map(pd.isna, values)) else ""


def p_value(p: float) -> str:
    """Write a p-value: "p = 0.008", or "p under 0.001"."""
    return "p under 0.001" if p < 0.0005 else f"p = {fixed(p, 3)}"


def in_weeks(days: int) -> str:
    """Write a span of days, and how many weeks it is if these are whole: "8 weeks (56 days)"."""
    weeks, more = days // 7, days % 7
    return (
        f"{fixed(days)} days" if more or weeks < 2 else f"{fixed(weeks)} weeks ({fixed(days)} days)"
    )


def is_known(row: Any) -> bool:
    """Whether a row has a value and an interval."""
    return bool(row.status == "ok")


def interval(row: Any, *, percent: bool = False, named: bool = True) -> str:
    """Word a value with its interval, "0.83 (95% interval 0.45 to 1.52)", or why there is none."""
    if row.status == "short_series" and pd.notna(row.estimate):
        least = NOT_REACHED if pd.isna(row.low) else fixed(row.low)
        return f"{fixed(row.estimate)} ({least} to {NOT_REACHED})"
    if not is_known(row):
        return WHY[row.status]
    written = in_percent if percent else fixed
    digits = digits_for([(row.estimate, row.low, row.high)], percent=percent)
    low = in_percent(row.low, digits, sign="") if percent else fixed(row.low, digits)
    limits = f"{low} to {written(row.high, digits)}"
    return f"{written(row.estimate, digits)} ({f'{level()} interval ' if named else ''}{limits})"


def number(n: Any) -> str:
    """Write a count; "a suppressed number of" where it is not shown."""
    return HIDDEN if pd.isna(n) else fixed(n)


def of_them(n: Any, share: Any) -> str:
    """Write a count and its share, as far as these are shown."""
    return number(n) if pd.isna(share) else f"{number(n)} ({in_percent(share)})"


def sentence(text: str) -> str:
    """Begin with a capital and end with a full stop."""
    return ended(f"{text[:1].upper()}{text[1:]}")


def share_common_point(rows: Sequence[Any]) -> bool:
    """Whether the intervals of rows have a point in common."""
    return bool(max(row.low for row in rows) <= min(row.high for row in rows))
