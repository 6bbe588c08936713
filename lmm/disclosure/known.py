"""What is known of counts beside their meaning: how a service of this kind works.

Everything here is listed by hand, and holds only where the records show it: a form is filled in
by somebody who came, a family is offered an appointment after it was accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from lmm.counting.counts import Counts, Key, key
from lmm.disclosure.plan import Relation

STAGES = ("referred", "accepted", "offered", "seen", "discharged")
"""Counts of families, each of which is part of the one before where the records show it."""

WITHIN = (("satisfaction", "attendances"), ("seen", "families"))
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
        for part, of in WITHIN
        if name[0] == part and (whole := (of, name[1])) in numbers
    ]
    implied = {(key("accepted"), key("referred")), (key("discharged"), key("seen"))}
    found.parts = [
        pair for pair in pairs if pair not in implied and numbers[pair[0]] <= numbers[pair[1]]
    ]
    for terms in _comparisons(counts, numbers):
        if terms.keys() <= numbers.keys():
            total = sum(n * numbers[name] for name, n in terms.items())
            if total <= 0:
                found.relations.append(Relation(tuple(terms.items()), "=" if total == 0 else "<="))
    return found


def _comparisons(counts: Counts, numbers: Mapping[Key, int]) -> list[dict[Key, int]]:
    """List sums that cannot be over 0."""
    terms = [{key("families"): 1, key("seen"): -1}]  # where none was referred before
    months = [str(month.date()) for month in counts.calendar["month"]]
    for n, month in enumerate(months, 1):
        books, unseen = key("caseload", month_end=month), key("caseload_not_seen", month_end=month)
        terms += [{books: 1, key("accepted"): -1}, {unseen: 1, books: -1}]
        held = {books: 1, unseen: -1}
        terms.append(held | {key("families", month=earlier): -1 for earlier in months[:n]})
    if months:
        terms.append(held | {key("seen"): -1, key("discharged"): 1})
    for days in (28, 56):
        within = key(f"referred_seen_within_{days}", inside="yes")
        terms.append({within: 1, key("seen"): -1})
    return terms
