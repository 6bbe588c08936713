"""Whole numbers that nobody has told, and what is known to hold between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Terms = dict[int, int]
"""A sum: how often each of the unknown numbers is in it."""

MANY = 2_000
"""Stands for no end: a study that is attacked is far smaller."""


def add(*sums: Terms) -> Terms:
    """Add sums up."""
    found: Terms = {}
    for terms in sums:
        for unknown, n in terms.items():
            found[unknown] = found.get(unknown, 0) + n
    return {unknown: n for unknown, n in found.items() if n}


def times(n: int, terms: Terms) -> Terms:
    """Give a multiple of a sum."""
    return {unknown: n * k for unknown, k in terms.items()}


def total(unknowns: Iterable[int]) -> Terms:
    """Give the sum of some of the unknown numbers."""
    return add(*({unknown: 1} for unknown in unknowns))


@dataclass
class Program:
    """Unknown numbers from 0, and rules: a sum lies between two numbers."""

    most: list[int] = field(default_factory=list)
    rules: list[tuple[Terms, int, int]] = field(default_factory=list)

    def new(self, most: int = MANY) -> int:
        """Add an unknown number."""
        self.most.append(most)
        return len(self.most) - 1

    def rule(self, terms: Terms, low: int = 0, high: int = MANY) -> None:
        """Add what holds."""
        self.rules.append((terms, low, high))

    def same(self, one: Terms, other: Terms) -> None:
        """Say that two sums are equal."""
        self.rule(add(one, times(-1, other)), 0, 0)
