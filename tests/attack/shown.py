"""What a release shows, read from its file, and which counts may stand behind each number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from attack.names import Meant, Name, Population

BIG = 2_000
"""Stands for no end."""

SMALL = {"opensafely": 7, "nhs_digital": 7, "midpoint6": 6}
"""Counts from 1 to this are protected."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Shown:
    """A release: numbers by name, None for a blank, and why some are blank."""

    profile: str
    numbers: Mapping[Name, int | None]
    decisions: Mapping[Name, str]


def read(text: str) -> dict[Name, int | None]:
    """Read a file of counts."""
    numbers: dict[Name, int | None] = {}
    for row in csv.DictReader(io.StringIO(text)):
        levels = [(row[by], row[by.replace("by", "level")]) for by in ("by", "by_2", "by_3")]
        within = [pair for pair in levels if pair[0]]
        within += [("inside", row["inside"])] if row["inside"] else []
        numbers[row["measure"], tuple(sorted(within))] = int(row["n"]) if row["n"] else None
    return numbers


def read_log(rows: Iterable[tuple[str, str, str]]) -> dict[Name, str]:
    """Read which blanks are small counts, and which are there to protect others."""
    found = {}
    for what, where, decision in rows:
        if decision != "withheld":
            pairs = [tuple(each.split(": ", 1)) for each in where.split(", ") if each]
            found[what, tuple(sorted((a, b) for a, b in pairs))] = decision
    return found


def rounded(count: int, profile: str) -> int:
    """Round a count that is not small."""
    if profile == "midpoint6":
        return -(-count // 6) * 6 - 3 if count else 0
    return (count + 2) // 5 * 5


def span(value: int, profile: str, *, is_sum: bool) -> Span:
    """Give the least and the greatest count that may be shown as a number."""
    if value == 0:
        return 0, 0
    if profile == "midpoint6":
        return value - 2, value + 3
    return (8, BIG) if is_sum else (max(8, value - 2), value + 2)


def spans(shown: Shown, population: Population) -> dict[Name, Span]:
    """Give what is known of each count of people by itself."""
    sums = totals(shown.numbers, population) if shown.profile == "opensafely" else set()
    by_meaning = {key(name, population): decision for name, decision in shown.decisions.items()}
    hidden = {"primary": (1, SMALL[shown.profile]), "incomplete": (8, BIG)}
    return {
        name: hidden.get(by_meaning.get(key(name, population), ""), (0, BIG))
        if value is None
        else span(value, shown.profile, is_sum=name in sums)
        for name, value in shown.numbers.items()
    }


def key(name: Name, population: Population) -> object:
    """Give what a name means, which is the same for two names of one count."""
    if name[0].startswith("caseload"):
        return name
    meant = population.meant(name)
    return meant.sort, meant.described


def totals(numbers: Iterable[Name], population: Population) -> set[Name]:
    """List the counts that are totals: all of their parts are counted, too."""
    meant = {name: population.meant(name) for name in numbers if not name[0].startswith("caseload")}
    groups: dict[tuple[object, ...], list[Name]] = {}
    for name in meant:
        dimensions = tuple(at for at, _ in name[1])
        groups.setdefault((name[0], dimensions), []).append(name)
    return {
        name
        for name, whole in meant.items()
        if any(_is_total(whole, [meant[part] for part in parts], population)
               for parts in groups.values() if meant[parts[0]].sort == whole.sort)
    }  # fmt: skip


TIME = {"month", "quarter", "contract_year", "phase"}


def _is_total(whole: Meant, group: Sequence[Meant], population: Population) -> bool:
    """Say whether those of a group that are part of a count make it up, told by one attribute."""
    attributes = {name for part in group for name in part.where}
    for by in sorted(attributes):
        others = {name: values for name, values in whole.where.items() if name != by}
        alike = [
            part.where[by]
            for part in group
            if by in part.where
            and {name: v for name, v in part.where.items() if name != by} == others
        ]
        if by in TIME and (by in whole.where or TIME & others.keys()):
            continue
        every = whole.where.get(by) or population.bags[whole.sort].values(by)
        parts = [values for values in alike if values < every]
        if parts and frozenset().union(*parts) == every and sum(map(len, parts)) == len(every):
            return True
    return False
