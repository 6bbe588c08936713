"""What is known of counts beside their meaning: how a service of this kind works.

Everything here is listed by hand, and holds only where the records show it: a form is filled in
by somebody who came, a family is offered an appointment after it was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from lmm.counting.counts import Counts, Key, key
from lmm.counting.declared import WITHIN
from lmm.disclosure.plan import Relation
from lmm.study.setting import bounds

STAGES = ("referred", "accepted", "offered", "seen", "discharged")
"""Counts of families, each of which is part of the one before where the records show it."""

PARTS = (
    ("feedback_forms", "attendances"),
    ("satisfaction", "attendances"),
    ("seen", "families"),
)
"""Counts that are part of others within the same levels: forms are filled in by those who came;
the families referred in the period and seen are among those seen in it."""


@dataclass
class Known:
    """Which counts are part of others, and how others compare."""

    parts: list[tuple[Key, Key]] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)


def known(counts: Counts, numbers: Mapping[Key, int]) -> Known:
    """Give what holds of these counts; what does not hold of them is left out."""
    found = Known()
    stages = [key(stage) for stage in STAGES if key(stage) in numbers]
    pairs = list(pairwise(reversed(stages)))
    pairs += [
        (name, whole)
        for name in numbers
        for part, of in PARTS
        if name[0] == part and (whole := (of, name[1])) in numbers
    ]
    implied = {(key("accepted"), key("referred")), (key("discharged"), key("seen"))}
    found.parts = [
        pair for pair in pairs if pair not in implied and numbers[pair[0]] <= numbers[pair[1]]
    ]
    for terms in _comparisons(counts):
        if terms.keys() <= numbers.keys():
            total = sum(n * numbers[name] for name, n in terms.items())
            if total <= 0:
                found.relations.append(Relation(tuple(terms.items()), "=" if total == 0 else "<="))
    return found


def _comparisons(counts: Counts) -> Iterator[dict[Key, int]]:
    """List sums that cannot be over 0."""
    yield {key("families"): 1, key("seen"): -1}  # where none was referred before
    first, last = bounds(counts.parameters)
    months = list(counts.calendar["month"])
    for n, month in enumerate(months, 1):
        books, unseen = (
            key(of, month_end=month.date()) for of in ("caseload", "caseload_not_seen")
        )
        yield {books: 1, key("accepted"): -1}
        yield {unseen: 1, books: -1}
        so_far = _first_seen(months[:n])
        yield {books: 1, unseen: -1, **dict.fromkeys(so_far, -1)}
        # who has been seen was accepted before, and is none of those not seen
        yield {unseen: 1, key("accepted"): -1, **dict.fromkeys(so_far, 1)}
        if month == months[-1]:
            yield {books: 1, unseen: -1, key("seen"): -1, key("discharged"): 1}
    for days in WITHIN:
        of_all, of_accepted = (
            key(f"{of}_seen_within_{days}", inside="yes") for of in ("referred", "accepted")
        )
        yield {of_all: 1, key("seen"): -1}
        yield {of_all: 1, of_accepted: -1}  # who was seen was accepted
        ends = [(month, min(month + pd.offsets.MonthEnd(), last)) for month in months]
        if soon := [month for month, end in ends if (end - first).days <= days]:
            yield {of_all: -1, **dict.fromkeys(_first_seen(soon), 1)}  # nobody was waiting before


def _first_seen(months: Iterable[pd.Timestamp]) -> list[Key]:
    """Name the families whose first session was in each month."""
    return [key("families", month=month.date()) for month in months]
