"""How counts hang together: what an attacker who knows the tables can add and subtract.

What follows from the meaning of the counts is found here; what is known besides, of how a
service works, is listed in `lmm.disclosure.known`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lmm.counting.counts import Counts, Key
from lmm.counting.meaning import Meaning, Meanings
from lmm.counting.spans import SPANS
from lmm.disclosure.known import Known, known
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
    every: dict[Key, int] = {}
    for name, n in counts.numbers.items():
        measure, within = name
        by = (at for at, _ in within if at != "inside")
        if counts.declared[measure].about_people and not counts.is_too_fine(measure, *by):
            same[name] = by_meaning.setdefault(meanings.of(name), name)
            assert n is not None
            every[name] = n
    found = _Found({name: meaning for meaning, name in by_meaning.items()}, meanings, every, same)
    found.of_meaning()
    found.of_service(known(counts, every))
    cells = [Cell(name, every[name], sums=tuple(found.sums[name])) for name in found.meaning]
    cells += [Cell(name, n, published=False) for name, n in found.implied.items()]
    return cells, found.relations, same


class _Found:
    """Relations found so far."""

    def __init__(
        self,
        meaning: dict[Key, Meaning],
        meanings: Meanings,
        numbers: dict[Key, int],
        same: dict[Key, Key],
    ) -> None:
        self.meaning, self.meanings, self.numbers, self.same = meaning, meanings, numbers, same
        self.relations: list[Relation] = []
        self.sums: dict[Key, list[tuple[Key, ...]]] = defaultdict(list)
        self.implied: dict[Key, int] = {}
        self.called: dict[Key, list[Key]] = defaultdict(list)
        for name, one in same.items():
            self.called[one].append(name)

    def of_meaning(self) -> None:
        """Find what follows from what the counts count."""
        self.nothing()
        self.partitions()
        self.spans()
        self.once()
        self.added_up()
        self.narrower()

    def of_service(self, listed: Known) -> None:
        """Add what is listed, of the counts that stand for those of the same meaning."""
        for part, whole in dict.fromkeys((self.same[a], self.same[b]) for a, b in listed.parts):
            if part != whole:
                self.rest(whole, [part], part[0])
        for relation in listed.relations:
            terms: dict[Key, int] = defaultdict(int)
            for name, n in relation.terms:
                terms[self.same[name]] += n
            if left := tuple((name, n) for name, n in terms.items() if n):
                self.relations.append(Relation(left, relation.sense))

    def kinds(self, names: Iterable[Key]) -> list[list[Key]]:
        """Sort counts by measure and dimensions, under each of which they share nothing.

        A count is sorted in by every name that it has; what is all in a larger kind is left out.
        """
        found: dict[tuple[object, ...], list[Key]] = defaultdict(list)
        for name in names:
            called = [(of, tuple(at for at, _ in within)) for of, within in self.called[name]]
            for kind in dict.fromkeys(called):
                found[kind].append(name)
        unique = {frozenset(kind): kind for kind in found.values()}
        return [kind for of, kind in unique.items() if not any(of < other for other in unique)]

    def rest(self, whole: Key, parts: Sequence[Key], by: str) -> None:
        """Add what is left of a whole, which is a count that nobody shows."""
        other = "the rest of", (*whole[1], ("of", whole[0]), ("by", by))
        self.implied[other] = self.numbers[whole] - sum(self.numbers[part] for part in parts)
        self.relations.append(adds_up(whole, [*parts, other]))

    def nothing(self) -> None:
        """Say that nothing can be at a level that a required column never has."""
        for name, meaning in self.meaning.items():
            if not all(meaning.conditions.values()) and not self.numbers[name]:
                self.relations.append(adds_up(name, []))

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
        narrower = [
            name
            for name in names
            if self._values(name, column) < every and self._is_part(name, whole)
        ]
        for parts in self.kinds(narrower):
            covered = [value for part in parts for value in self._values(part, column)]
            if len(covered) > len(set(covered)):  # nested: each is part of the next
                for part in parts:
                    self.relations.append(at_most(part, whole))
            elif set(covered) == every:
                self.relations.append(adds_up(whole, parts))
                self.sums[whole].append(tuple(parts))
            else:
                self.rest(whole, parts, f"{column}: {parts[0]}")

    def _is_part(self, part: Key, whole: Key) -> bool:
        return self.meanings.is_part(self.meaning[part], self.meaning[whole])

    def _values(self, name: Key, column: str) -> frozenset[str]:
        conditions = self.meaning[name].conditions
        return conditions[column] if column in conditions else self.meanings.universe(column)

    def spans(self) -> None:
        """Relate counts of short spans of time to those of longer ones that hold them."""
        alike: dict[tuple[object, ...], list[Key]] = defaultdict(list)
        for name, meaning in self.meaning.items():
            if meaning.days:
                alike[meaning.of, meaning.where].append(name)
        order = [*SPANS, "whole"]
        for names in alike.values():
            grains: dict[str, list[Key]] = defaultdict(list)
            for name in names:
                called = [dict(within) for _, within in self.called[name]]
                spans = [next((at for at in SPANS if at in within), "whole") for within in called]
                for span in dict.fromkeys(spans):
                    grains[span].append(name)
            for fine in order:
                for coarse in order[order.index(fine) + 1 :]:
                    for whole in grains[coarse]:
                        self._within(whole, grains[fine], is_sum=coarse == "whole")

    def _within(self, whole: Key, names: Sequence[Key], *, is_sum: bool) -> None:
        """Relate a span to the shorter ones in it, by each date that these are told by."""
        by_date: dict[str, list[Key]] = defaultdict(list)
        for name in names:
            if name != whole and self._is_part(name, whole):
                by_date[self.meaning[name].dated].append(name)
        for parts in by_date.values():
            if self.numbers[whole] > sum(self.numbers[part] for part in parts):
                self.rest(whole, parts, f"days beside {parts[0]}")  # days in none, or no date
                continue
            self.relations.append(adds_up(whole, parts))  # without a rest, also if days are left:
            if is_sum:  # a reader may guess that nothing happened on them
                self.sums[whole].append(tuple(parts))

    def once(self) -> None:
        """Hold people against rows: who is counted once has a row, and those often several."""
        rows = self._rows()
        people: dict[tuple[Key, Meaning], list[tuple[int, Key]]] = defaultdict(list)
        for name, m in self.meaning.items():
            where = tuple(sorted(m.on_one_row.items()))
            if m.of.once_for and (whole := rows.get((m.of.rows, where, m.days, m.dated))):
                alike = replace(m, of=replace(m.of, often=1))
                people[whole, alike].append((m.of.often, name))
        for (whole, meaning), found in people.items():
            (before, everyone), *often = sorted(found)
            self.rest(whole, [everyone], f"once: {everyone[0]}")
            terms = {everyone: before, whole: -1}
            for least, part in often:
                self.rest(everyone, [part], part[0])
                terms[part], before = least - before, least
            by_level = meaning.conditions != meaning.on_rows  # of which only the first rows are
            if often and not by_level and self.meanings.is_whole(meaning):
                self.relations.append(Relation(tuple(terms.items()), "<="))

    def _rows(self) -> dict[tuple[object, ...], Key]:
        """Find counts of rows by what they count."""
        return {
            (m.of.rows, m.where, m.days, m.dated): name
            for name, m in self.meaning.items()
            if m.of.are_rows
        }

    def added_up(self) -> None:
        """Hold sums against rows: each row adds from the least to the greatest number."""
        rows = self._rows()
        for name, m in self.meaning.items():
            whole = rows.get((m.of.rows, m.where, m.days, m.dated))
            if m.of.of and whole:
                least, most = self.meanings.range_of(m.of)
                if least:
                    self.relations.append(Relation(((whole, least), (name, -1)), "<="))
                if most is not None:
                    self.relations.append(Relation(((name, 1), (whole, -most)), "<="))

    def narrower(self) -> None:
        """Relate what remains: counts that are part of others, with none between the two.

        Those of one measure by the same dimensions share nothing, so that they are part of the
        other count together.
        """
        above, by_table = self._above(), defaultdict[str, list[Key]](list)
        for name, meaning in self.meaning.items():
            by_table[meaning.of.rows].append(name)
        wider = {
            part: {whole for whole in names if whole != part and self._is_part(part, whole)}
            for names in by_table.values()
            for part in names
        }
        nearest: dict[Key, list[Key]] = defaultdict(list)
        for part, wholes in wider.items():
            for whole in wholes - above[part]:
                if not any(whole in wider[between] for between in wholes):
                    nearest[whole].append(part)
        for whole, found in nearest.items():
            for parts in self.kinds(found):
                self.rest(whole, parts, f"part of it: {parts[0]}")

    def _above(self) -> dict[Key, set[Key]]:
        """Give for each count those that it is part of by the relations found."""
        steps: dict[Key, set[Key]] = defaultdict(set)
        for relation in self.relations:
            wholes = [(name, n) for name, n in relation.terms if n < 0]
            if len(wholes) == 1 and wholes[0][1] == -1:
                for name, n in relation.terms:
                    steps[name] |= {wholes[0][0]} if n > 0 else set()
        found: dict[Key, set[Key]] = {}
        for name in self.meaning:
            above, ahead = set[Key](), [*steps[name]]
            while ahead:
                if (at := ahead.pop()) not in above:
                    above.add(at)
                    ahead += steps[at]
            found[name] = above
        return found


def adds_up(whole: Key, parts: Iterable[Key]) -> Relation:
    """Say that parts are a whole."""
    return Relation(((whole, -1), *((part, 1) for part in parts)), "=")


def at_most(part: Key, whole: Key) -> Relation:
    """Say that a count is no more than another."""
    return Relation(((part, 1), (whole, -1)), "<=")
