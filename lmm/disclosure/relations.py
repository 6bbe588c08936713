"""How counts hang together: what an attacker who knows the tables can add and subtract.

What follows from the meaning of the counts is found here; what is known besides, of how a
service works, is listed in `lmm.disclosure.known`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from lmm.counting.counts import Counts, Key
from lmm.counting.meaning import Meaning, Meanings
from lmm.counting.spans import SPANS
from lmm.disclosure.known import known
from lmm.disclosure.plan import Cell, Relation

Numbers = Mapping[Key, int]


def linked(counts: Counts) -> tuple[list[Cell], list[Relation], dict[Key, Key]]:
    """Give the counts to protect, those that they imply, and the relations between all of them.

    Returns
    -------
    cells, relations
        For `lmm.disclosure.plan.plan`.
    same
        For each count that may be released, the one of the same meaning that stands for it.
    """
    meanings = Meanings(counts)
    by_meaning: dict[Meaning, Key] = {}
    same: dict[Key, Key] = {}
    numbers: dict[Key, int] = {}
    for name, n in counts.numbers.items():
        if counts.declared[name[0]].about_people and meanings.is_coarse(name):
            same[name] = by_meaning.setdefault(meanings.of(name), name)
            assert n is not None
            numbers[same[name]] = n
    found = _Found({name: meaning for meaning, name in by_meaning.items()}, meanings, numbers)
    found.partitions()
    found.spans()
    found.once()
    for part, whole in known(counts, numbers).parts:
        found.rest(whole, [part], part[0])
    relations = [*found.relations, *known(counts, numbers).relations]
    cells = [Cell(name, n, sums=tuple(found.sums[name])) for name, n in numbers.items()]
    cells += [Cell(name, n, published=False) for name, n in found.implied.items()]
    return cells, relations, same


class _Found:
    """Relations found so far."""

    def __init__(
        self, meaning: dict[Key, Meaning], meanings: Meanings, numbers: dict[Key, int]
    ) -> None:
        self.meaning, self.meanings, self.numbers = meaning, meanings, numbers
        self.relations: list[Relation] = []
        self.sums: dict[Key, list[tuple[Key, ...]]] = defaultdict(list)
        self.implied: dict[Key, int] = {}

    def rest(self, whole: Key, parts: Sequence[Key], by: str) -> None:
        """Add what is left of a whole, which is a count that nobody shows."""
        other = "the rest of", (*whole[1], ("of", whole[0]), ("by", by))
        self.implied[other] = self.numbers[whole] - sum(self.numbers[part] for part in parts)
        self.relations.append(adds_up(whole, [*parts, other]))

    def partitions(self) -> None:
        """Relate counts whose conditions differ in one column."""
        alike: dict[tuple[Any, ...], list[Key]] = defaultdict(list)
        for name, meaning in self.meaning.items():
            for column in self._columns(meaning):
                others = tuple(pair for pair in meaning.where if pair[0] != column)
                alike[meaning.of, others, meaning.days, column].append(name)
        for (*_, column), names in alike.items():
            for whole in names:
                self._parts(whole, names, column)

    def _columns(self, meaning: Meaning) -> set[str]:
        """Columns by which counts of the same things differ."""
        return {
            column
            for other in self.meaning.values()
            if other.of == meaning.of
            for column, _ in other.where
        }

    def _parts(self, whole: Key, names: Sequence[Key], column: str) -> None:
        every = self._values(whole, column)
        grains: dict[tuple[object, ...], list[Key]] = defaultdict(list)
        for name in names:
            if self._values(name, column) < every:
                grains[name[0], tuple(at for at, _ in name[1])].append(name)
        for parts in grains.values():
            covered = [value for part in parts for value in self._values(part, column)]
            if len(covered) > len(set(covered)):  # nested: each is part of the next
                for part in parts:
                    self.relations.append(at_most(part, whole))
            elif set(covered) == every:
                self.relations.append(adds_up(whole, parts))
                self.sums[whole].append(tuple(parts))
            else:
                self.rest(whole, parts, f"{column}: {parts[0]}")

    def _values(self, name: Key, column: str) -> frozenset[str]:
        conditions = self.meaning[name].conditions
        return conditions[column] if column in conditions else self.meanings.universe(column)

    def spans(self) -> None:
        """Relate counts of short spans of time to those of longer ones that hold them."""
        alike: dict[tuple[object, ...], dict[str, list[Key]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for name, meaning in self.meaning.items():
            if meaning.days:
                grain = next((at for at, _ in name[1] if at in SPANS), "whole")
                alike[meaning.of, meaning.where][grain].append(name)
        order = [*SPANS, "whole"]
        for grains in alike.values():
            for fine in order:
                for coarse in order[order.index(fine) + 1 :]:
                    for whole in grains.get(coarse, []):
                        self._within(whole, grains.get(fine, []), is_sum=coarse == "whole")

    def _within(self, whole: Key, names: Sequence[Key], *, is_sum: bool) -> None:
        first, last = self._days(whole)
        parts = [n for n in names if first <= self._days(n)[0] and self._days(n)[1] <= last]
        if not parts:
            return
        length = sum((end - start).days + 1 for start, end in map(self._days, parts))
        left = self.numbers[whole] - sum(self.numbers[part] for part in parts)
        if length < (last - first).days + 1 and left:  # days that are in none of the parts
            self.rest(whole, parts, f"days beside {parts[0]}")
            return
        self.relations.append(adds_up(whole, parts))  # without a rest, also if days are left:
        if is_sum:  # a reader may guess that nothing happened on them
            self.sums[whole].append(tuple(parts))

    def _days(self, name: Key) -> tuple[pd.Timestamp, pd.Timestamp]:
        days = self.meaning[name].days
        assert days is not None
        return days

    def once(self) -> None:
        """Hold people against rows: who is counted once has a row, and those often several."""
        rows = {(m.of[0], m.where, m.days): name for name, m in self.meaning.items()
                if not m.of[1] and not any(m.of[3:])}  # fmt: skip
        people: dict[Key, list[tuple[int, Key]]] = defaultdict(list)
        for name, meaning in self.meaning.items():
            whole = rows.get((meaning.of[0], meaning.where, meaning.days))
            if meaning.of[1] and whole:
                people[whole].append((int(meaning.of[2]), name))
        for whole, found in people.items():
            (_, everyone), *often = sorted(found)
            self.rest(whole, [everyone], "once")
            for _, part in often:
                self.rest(everyone, [part], part[0])
                self.relations.append(Relation(((everyone, 1), (part, 1), (whole, -1)), "<="))


def adds_up(whole: Key, parts: Iterable[Key]) -> Relation:
    """Say that parts are a whole."""
    return Relation(((whole, -1), *((part, 1) for part in parts)), "=")


def at_most(part: Key, whole: Key) -> Relation:
    """Say that a count is no more than another."""
    return Relation(((part, 1), (whole, -1)), "<=")
