"""The gate: what is released of a result, by the study's disclosure profile.

Which counts are suppressed is decided once, for all results together, from the clean
records; each notebook comes to the same decision by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from lmm.cleaning.records import Records
from lmm.disclosure.plan import Plan, plan
from lmm.disclosure.profiles import PROFILES
from lmm.release.relations import linked
from lmm.release.results import (
    RESULTS,
    Counted,
    CoursesOnly,
    Derived,
    Key,
    Need,
    Result,
    Withheld,
    not_about_people,
)

SUPPRESSED = "suppressed"
UNLISTED = Withheld((), "it is not among the results that are known to be safe")

RECORD_NUMBERS = ("numerator", "denominator", "estimate", "low", "high")

WORDS = {
    "opensafely": "Counts of 1 to 7 are suppressed, the others rounded to the nearest 5; "
    "totals are sums of rounded counts, and suppressed where parts of them are.",
    "midpoint6": "Counts are rounded to the middle of each six (1 to 6 become 3), and suppressed "
    "where they would give a small one away.",
    "nhs_digital": "Counts of 1 to 7 are suppressed, the others rounded to the nearest 5.",
    "none": "",
}
"""What a reader of a protected table is told."""


@dataclass(frozen=True)
class Released:
    """What may be seen of a result.

    Attributes
    ----------
    table
        The protected result; None where there is none.
    counts
        Its columns of counts: a cell without a number there is suppressed.
    why_not
        Why there is no table, in a sentence.
    """

    table: pd.DataFrame | None
    counts: tuple[str, ...] = ()
    why_not: str = ""


class Gate:
    """Releases results of one study; see the module."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.profile = records.study.disclosure
        self._tables: dict[str, pd.DataFrame] = {}

    @property
    def is_open(self) -> bool:
        """Whether results pass as they are, which only synthetic records may."""
        return not self.records.study.is_protected

    def release(self, name: str, result: pd.DataFrame) -> Released:
        """Protect a result; what is not known to be safe is withheld."""
        known = RESULTS.get(name, UNLISTED)
        if missing := [need for need in known.needs if not self._keeps(need)]:
            return Released(None, why_not=f"This service keeps no {_in_words(missing[0])}.")
        if self.is_open:
            return Released(result)
        found = self._protected(known, result)
        if found.table is not None:
            self._tables[name] = found.table
        return found

    def _keeps(self, need: Need) -> bool:
        ways = [each.partition(".") for each in _ways(need)]
        return any(
            self.records.keeps(table, column) if column else self.records.study.keeps(table)
            for table, _, column in ways
        )

    def _protected(self, known: Result, result: pd.DataFrame) -> Released:
        match known:
            case Withheld():
                why = f"Not released: {known.why}. See the page on disclosure."
                return Released(None, why_not=why)
            case CoursesOnly():
                rows = [
                    n for n, row in enumerate(result.to_dict("records")) if not_about_people(row)
                ]
                return Released(result.iloc[rows].reset_index(drop=True))
            case Derived():
                return Released(known.make(self.records, result, self._table))
            case Counted():
                return self._counted(known, result)

    def _table(self, name: str) -> pd.DataFrame:
        """Give a released table, releasing it first if that has not been done.

        One without any column stands for a result that the service's records do not allow.
        """
        if name not in self._tables:
            known = RESULTS[name]
            start = known.compute(self.records) if isinstance(known, Counted) else pd.DataFrame()
            self.release(name, start)
        return self._tables.get(name, pd.DataFrame())

    def _counted(self, known: Counted, result: pd.DataFrame) -> Released:
        rows: list[dict[Any, Any]] = []
        counts: dict[str, None] = {}
        for row in result.to_dict("records"):
            if not_about_people(row):
                rows.append({**row, "open": True})
                continue
            cells = known.cells(row, self.records)
            counts |= dict.fromkeys(cells)
            kept = {name: row[name] for name in known.keep if name in row}
            shown = {column: self.plan.complete(name) for column, name in cells.items()}
            rows.append({**kept, **shown, "open": False})
        laid = pd.DataFrame(rows, columns=[*result.columns, "open"])
        numbers = dict.fromkeys(counts, "Int64") | {
            name: "float64" for name in RECORD_NUMBERS if name in laid
        }
        made = known.remake(laid.astype(numbers), self.records)
        made = made.drop(columns="open").astype({n: t for n, t in numbers.items() if n in made})
        words = made.select_dtypes(["object", "str"]).columns
        return Released(
            made.assign(**{name: made[name].fillna("") for name in words}), tuple(counts)
        )

    @cached_property
    def plan(self) -> Plan:
        """What is done with each count, over all results of the study."""
        cells, relations = linked(self.counts, self.records)
        return plan(cells, relations, PROFILES[str(self.profile)])

    @cached_property
    def counts(self) -> dict[Key, int]:
        """Every count about people that a result shows, in the order of the results."""
        found: dict[Key, int] = {}
        for name, known in RESULTS.items():
            if not isinstance(known, Counted) or not all(map(self._keeps, known.needs)):
                continue
            for row in known.compute(self.records).to_dict("records"):
                if not_about_people(row):
                    continue
                for column, cell in known.cells(row, self.records).items():
                    if pd.isna(row[column]):
                        continue
                    count = int(row[column])
                    if found.setdefault(cell, count) != count:
                        raise ValueError(f"{name}: {cell} is counted in two ways")
        return found

    def log(self) -> pd.DataFrame:
        """Say of each count that is not shown which it is and why, without its value."""
        incomplete = "parts of it are suppressed, and what is left is no total"
        rows = [
            (counted, ", ".join(f"{name}: {level}" for name, level in within), decision, why)
            for (counted, within), decision, why in (
                *self.plan.log,
                *((name, "incomplete", incomplete) for name in self.plan.left_out),
            )
        ]
        withheld = [
            (name, "the whole result", "withheld", known.why)
            for name, known in RESULTS.items()
            if isinstance(known, Withheld) and all(map(self._keeps, known.needs))
        ]
        return pd.DataFrame([*rows, *withheld], columns=["what", "where", "decision", "why"])


def _ways(need: Need) -> tuple[str, ...]:
    return (need,) if isinstance(need, str) else need


def _in_words(need: Need) -> str:
    """Word what is lacking: a table, or a column of one; of several, one would be enough."""
    names = [each.replace("_", " ") for each in _ways(need)]
    table = names[0].partition(".")[0]
    *others, last = [name.rpartition(".")[-1] for name in names]
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"column {listed} in its table of {table}" if "." in names[0] else f"table of {listed}"
