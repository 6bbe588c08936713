"""The table of planted faults: a row each, written as soon as it is known."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from benchmarks.faults.checks import Answer
from benchmarks.faults.fault import Fault

PLACE = Path(__file__).resolve().parent / "faults.csv"
CHECKS = ("cheap", "tests", "lasting", "nbval", "verify")


@dataclass
class Row:
    """One planted fault and what the checks said; blank where it was not asked.

    Attributes
    ----------
    cheap
        Whether the cheapest of the tests that it meets catch it; the others are asked if not.
    tests, tests_by
        Whether `make test` catches it, and by which test.
    lasting, lasting_by
        The same by a test that a refresh of what is committed leaves as it is.
    nbval, nbval_by
        The same by nbval alone.
    verify, verify_by
        The same by `lmm verify`.
    seconds
        Of the check that caught it, or of all of them.
    """

    id: str
    kind: str
    generated: str
    place: str
    what: str
    cheap: str = ""
    tests: str = ""
    tests_by: str = ""
    lasting: str = ""
    lasting_by: str = ""
    nbval: str = ""
    nbval_by: str = ""
    verify: str = ""
    verify_by: str = ""
    seconds: str = ""
    commit: str = ""

    @classmethod
    def of(cls, fault: Fault) -> Row:
        """Begin the row of a fault."""
        generated = "yes" if fault.generated else "no"
        return cls(fault.id, fault.kind, generated, fault.place, fault.what)

    def note(self, check: str, answer: Answer) -> None:
        """Write down what a check said."""
        setattr(self, check, "yes" if answer.caught else "no")
        if check != "cheap":
            setattr(self, f"{check}_by", answer.by)

    def forget(self) -> None:
        """Forget what did not catch it, unless a test does; of a mutation, one that lasts."""
        if self.tests == "yes" and (self.lasting == "yes" or self.generated == "no"):
            return
        for check in CHECKS:
            if getattr(self, check) == "no":
                setattr(self, check, "")
        if not self.lasting:
            self.tests = ""


def rows_for(faults: Iterable[Fault], known: Mapping[str, Row], commit: str) -> dict[str, Row]:
    """Give a row for each fault: that which is known, if it is of the very same change.

    What did not catch it at another commit is asked anew: tests may have come since.
    """
    rows = {}
    for fault in faults:
        row = Row.of(fault)
        before = known.get(fault.id)
        if before is not None and before.what == row.what:
            row = replace(before, place=row.place)
            if row.commit != commit:
                row.forget()
        rows[fault.id] = row
    return rows


def read(place: Path = PLACE) -> dict[str, Row]:
    """Read the table, by fault."""
    return {row["id"]: Row(**row) for row in rows_of(place)}


def rows_of(place: Path) -> list[dict[str, str]]:
    """Read the rows of a CSV file; none if it is not there."""
    if not place.exists():
        return []
    with place.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(rows: dict[str, Row], place: Path = PLACE) -> None:
    """Write the table, in an order that does not depend on that of the runs."""
    new = place.with_suffix(".new")
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [each.name for each in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in sorted(rows.values(), key=lambda row: row.id))
    new.replace(place)
