"""What holds between counts in everything that was drawn, and what of it the gate does not know.

Three kinds of relations are looked for: one count is never more than another; two together are
never more than a third; two together are always a third. Each is explained if it follows from
the relations of the gate for counts from 0, by steps from parts to wholes or else by a linear
program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations
from typing import Any

import numpy as np
from drawn_records import drawn
from scipy.optimize import linprog
from scipy.sparse import csr_array

from lmm.counting.count import count
from lmm.counting.counts import Counts, Key
from lmm.disclosure.plan import Relation
from lmm.disclosure.relations import linked

Array = np.ndarray[Any, Any]
TOGETHER = (
    {"course_attendance", "feedback_forms"},
    {"consultations"},
    {"families", "family_contacts"},
)
"""Tables whose rows have to do with each other; those of two sets are drawn independently."""


@cache
def counted(seed: int) -> Counts:
    """Count a draw of records."""
    return count(drawn(seed))


def together(draws: list[Counts]) -> Counts:
    """Give the counts of the records of all draws: nobody is in two of them, so they add up."""
    names = dict.fromkeys(name for counts in draws for name in counts.numbers)
    return draws[0].showing(
        {name: sum(counts.numbers.get(name) or 0 for counts in draws) for name in names}
    )


class Explained:
    """The relations of the gate, and what follows from them.

    Attributes
    ----------
    released
        The counts that may be released; on request, those in all alone.
    """

    def __init__(self, counts: Counts, *, in_all: bool = False) -> None:
        cells, self.relations, _ = linked(counts)
        self.names = [cell.key for cell in cells]
        self.released = [
            cell.key
            for cell in cells
            if cell.published and cell.count and not (in_all and {*dict(cell.key[1])} - {"inside"})
        ]
        self.place = {name: n for n, name in enumerate(self.names)}

    @cached_property
    def steps(self) -> Array:
        """Whether each released count is part of each other by steps from part to whole."""
        above = np.eye(len(self.names), dtype=bool)
        for relation in self.relations:
            wholes = [self.place[name] for name, n in relation.terms if n < 0]
            parts = [self.place[name] for name, n in relation.terms if n > 0]
            if len(wholes) == 1 and (wholes[0], -1) in self._terms(relation):
                above[parts, wholes[0]] = True
        while (further := (above.astype("float32") @ above) > 0).sum() > above.sum():
            above = further
        return above

    def _terms(self, relation: Relation) -> list[tuple[int, int]]:
        return [(self.place[name], n) for name, n in relation.terms]

    @cached_property
    def apart(self) -> Array:
        """Whether two counts are parts of a third that share nothing, by steps."""
        size = len(self.names)
        found = np.zeros((size, size, size), dtype=bool)
        for relation in self.relations:
            parts = [self.place[name] for name, n in relation.terms if n == 1]
            wholes = [self.place[name] for name, n in relation.terms if n < 0]
            if len(wholes) == 1:
                under = self.steps[:, parts].astype("float32")
                two = np.outer(under.sum(1), under.sum(1)) > under @ under.T
                found[:, :, self.steps[wholes[0]]] |= two[:, :, None]
        return found

    @cached_property
    def _matrices(self) -> dict[str, csr_array]:
        of = {sense: [r for r in self.relations if r.sense == sense] for sense in ("=", "<=")}
        found = {}
        for sense, relations in of.items():
            matrix = np.zeros((len(relations), len(self.names)))
            for row, relation in enumerate(relations):
                for place, n in self._terms(relation):
                    matrix[row, place] += n
            found[sense] = csr_array(matrix)
        return found

    def follows(self, *terms: tuple[Key, int]) -> bool:
        """Whether a sum of coefficient times count cannot be over 0, by a linear program."""
        cost = np.zeros(len(self.names))
        for name, n in terms:
            cost[self.place[name]] -= n
        equal, most = self._matrices["="], self._matrices["<="]
        solved = linprog(
            cost, A_eq=equal, b_eq=np.zeros(equal.shape[0]), A_ub=most,
            b_ub=np.zeros(most.shape[0]), bounds=(0, 1),
        )  # fmt: skip
        return bool(solved.fun > -1e-6)


@dataclass
class Found:
    """What holds in every draw.

    Attributes
    ----------
    draws
        The counts of each draw.
    gate
        What the gate knows of them.
    """

    draws: list[Counts]
    gate: Explained

    @cached_property
    def numbers(self) -> Array:
        """A row for each draw, and for draws whose independent parts are put together anew."""
        names = self.gate.released
        drawn = np.array([[c.numbers[name] or 0 for name in names] for c in self.draws])
        tables = [self.draws[0].declared[name[0]].rows for name in names]
        order, rows = np.random.default_rng(0), [drawn]
        for _ in range(8):
            mixed = drawn.copy()
            for group in TOGETHER:
                of_group = [n for n, table in enumerate(tables) if table in group]
                mixed[:, of_group] = drawn[order.permutation(len(drawn))][:, of_group]
            rows.append(mixed)
        return np.vstack(rows)

    @cached_property
    def contained(self) -> Array:
        """Whether each released count is never more than each other."""
        each = [(self.numbers[:, [n]] <= self.numbers).all(0) for n in range(self.numbers.shape[1])]
        return np.array(each) & ~np.eye(len(each), dtype=bool)

    @property
    def _places(self) -> list[int]:
        return [self.gate.place[name] for name in self.gate.released]

    def parts(self) -> Iterator[tuple[Key, Key]]:
        """Give each count that is never more than another one, where the gate cannot say why."""
        names = self.gate.released
        by_steps = self.gate.steps[np.ix_(self._places, self._places)]
        for part, whole in np.argwhere(self.contained & ~by_steps):
            if not self.gate.follows((names[part], 1), (names[whole], -1)):
                yield names[part], names[whole]

    def pairs(self) -> Iterator[tuple[Key, Key, Key]]:
        """Give two counts that are never more than a third together, in the same way.

        Only those in all and at the ends of months: of levels there are too many.
        """
        names, numbers = self.gate.released, self.numbers
        plain = [not {*dict(of)} - {"month_end"} for _, of in names]
        for whole in np.flatnonzero(plain):
            name, parts = names[whole], np.flatnonzero(self.contained[:, whole] & plain)
            for one, other in combinations(parts, 2):
                if (numbers[:, one] + numbers[:, other] <= numbers[:, whole]).all():
                    places = [self._places[n] for n in (one, other, whole)]
                    terms = (names[one], 1), (names[other], 1), (name, -1)
                    if not self.gate.apart[tuple(places)] and not self.gate.follows(*terms):
                        yield names[one], names[other], name

    def sums(self) -> Iterator[tuple[Key, Key, Key]]:
        """Give two counts that are always a third together, in the same way."""
        names, numbers = self.gate.released, self.numbers
        for whole, name in enumerate(names):
            for one in np.flatnonzero(self.contained[:, whole]):
                left = numbers[:, whole] - numbers[:, one]
                for other in np.flatnonzero((left == numbers[:, one + 1 :].T).all(1)) + one + 1:
                    terms = (names[one], -1), (names[other], -1), (name, 1)
                    if left.any() and not self.gate.follows(*terms):
                        yield names[one], names[other], name
