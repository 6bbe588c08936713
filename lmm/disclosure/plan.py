"""Statistical disclosure control of counts: what is suppressed, so that nothing leads back to it.

Counts are cells, linked by linear relations: years add up to the whole period, the highly
satisfied are part of those who answered. A count in the profile's sensitive range is
suppressed (primary suppression) or rounded. Then every sensitive count is attacked: the
attacker knows the profile, every relation, that counts are whole numbers from 0, what is
shown, and which suppressed cells hold a sensitive count. If some value of the sensitive
range can be ruled out, further cells are suppressed (secondary suppression) until none can.

Sources: Hundepool and others (2012), Statistical Disclosure Control, chapters 4.2 to 4.4, for
primary and secondary suppression and the attacker's intervals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import inf, log1p
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from lmm.disclosure.profiles import Profile

Key = Hashable
Decision = Literal["shown", "primary", "secondary", "implied"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One count.

    Attributes
    ----------
    published
        Whether it stands in a table; if not, it follows from counts that do.
    sums
        The ways in which it is made up of parts. Under a profile that shows sums of parts, the
        way of which the fewest parts are suppressed is taken.
    """

    key: Key
    count: int
    published: bool = True
    sums: tuple[tuple[Key, ...], ...] = ()


@dataclass(frozen=True)
class Relation:
    """The sum of coefficient times count is 0, or at most 0."""

    terms: tuple[tuple[Any, int], ...]
    sense: Literal["=", "<="] = "="


@dataclass(frozen=True)
class Plan:
    """What is done with each cell.

    Attributes
    ----------
    decisions
        By key.
    log
        Key, decision and reason of each published cell that is not shown.
    left_out
        How many suppressed parts the sum that is shown for a cell leaves out, where it does.
    """

    decisions: dict[Key, Decision]
    log: list[tuple[Any, Decision, str]]
    left_out: dict[Key, int]
    _values: dict[Key, int] = field(repr=False)

    def value(self, key: Key) -> int | None:
        """Give what is shown for a cell; None if it is suppressed, or not known at all."""
        return self._values.get(key)

    def complete(self, key: Key) -> int | None:
        """Give what is shown for a cell, unless it is a sum that leaves out suppressed parts."""
        return None if key in self.left_out else self.value(key)


def plan(cells: Iterable[Cell], relations: Iterable[Relation], profile: Profile) -> Plan:
    """Decide which cells are shown, so that no sensitive count can be narrowed.

    Every value of the sensitive range remains possible for every sensitive cell, for an
    attacker as described in the module. Where cells have to be suppressed besides, those are
    chosen that break an attacker's conclusion at the least cost, a cell's cost rising slowly
    with its count; what turns out to be unnecessary is shown again. A suppressed cell whose
    range cannot be kept while it is known to be sensitive is called secondary instead:
    readers see one mark for both.

    Raises
    ------
    ValueError
        If a key stands twice, a count is negative, or a relation does not hold.
    """
    ordered = sorted(cells, key=lambda cell: repr(cell.key))
    linked = sorted(relations, key=repr)
    _check(ordered, linked)
    decisions: dict[Key, Decision] = {cell.key: _first(cell, profile) for cell in ordered}
    for part, of_part in _components(ordered, linked):
        if any(profile.is_sensitive(cell.count) for cell in part):
            decisions |= _Component(part, of_part, profile, decisions).protected()
    values, left_out = _values(ordered, decisions, profile)
    for cell in ordered:  # a sum of nothing that is shown would read as none
        if decisions[cell.key] == "shown" and cell.key not in values:
            decisions[cell.key] = "secondary"
    log = [
        (cell.key, decisions[cell.key], _reason(decisions[cell.key], profile))
        for cell in ordered
        if decisions[cell.key] in ("primary", "secondary")
    ]
    return Plan(decisions, log, left_out, values)


def _check(cells: Sequence[Cell], relations: Sequence[Relation]) -> None:
    counts = {cell.key: cell.count for cell in cells}
    if len(counts) < len(cells):
        raise ValueError("a cell stands twice")
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count is negative")
    for relation in relations:
        total = sum(n * counts[key] for key, n in relation.terms)
        if total > 0 or (relation.sense == "=" and total < 0):
            raise ValueError(f"a relation does not hold: {relation}")


def _first(cell: Cell, profile: Profile) -> Decision:
    if not cell.published:
        return "implied"
    return "primary" if profile.redacts and profile.is_sensitive(cell.count) else "shown"


def _reason(decision: Decision, profile: Profile) -> str:
    if decision == "primary":
        return f"a count of 1 to {profile.most}"
    return "without it, a small count could be narrowed down"


def _values(
    cells: Sequence[Cell], decisions: dict[Key, Decision], profile: Profile
) -> tuple[dict[Key, int], dict[Key, int]]:
    """Give what is shown, and how many suppressed parts a sum leaves out."""
    shown = {cell.key: cell for cell in cells if decisions[cell.key] == "shown"}

    @cache
    def found(key: Key) -> tuple[int, int]:
        """Give the parts left out, and the value."""
        if key not in shown:
            return 1, 0
        cell = shown[key]
        if not (profile.sums and cell.sums):
            return 0, profile.rounded(cell.count)
        ways = [[found(part) for part in parts] for parts in cell.sums]
        fewest = min(ways, key=lambda parts: sum(left_out for left_out, _ in parts))
        return sum(left_out for left_out, _ in fewest), sum(value for _, value in fewest)

    values = {key: found(key)[1] for key, cell in shown.items() if found(key)[1] or not cell.count}
    return values, {key: found(key)[0] for key in values if found(key)[0]}


def _components(
    cells: Sequence[Cell], relations: Sequence[Relation]
) -> list[tuple[list[Cell], list[Relation]]]:
    """Split into parts that no relation links."""
    parent = {cell.key: cell.key for cell in cells}

    def root(key: Key) -> Key:
        while parent[key] != key:
            parent[key] = key = parent[parent[key]]
        return key

    for relation in relations:
        first, *others = (key for key, _ in relation.terms)
        for other in others:
            parent[root(other)] = root(first)
    parts: dict[Key, tuple[list[Cell], list[Relation]]] = defaultdict(lambda: ([], []))
    for cell in cells:
        parts[root(cell.key)][0].append(cell)
    for relation in relations:
        parts[root(relation.terms[0][0])][1].append(relation)
    return list(parts.values())


class _Component:
    """Linked cells under attack."""

    def __init__(
        self,
        cells: list[Cell],
        relations: list[Relation],
        profile: Profile,
        decisions: dict[Key, Decision],
    ) -> None:
        self.cells, self.profile = cells, profile
        self.decisions: list[Decision] = [decisions[cell.key] for cell in cells]
        self.place = {cell.key: n for n, cell in enumerate(cells)}
        self.equal = self._matrix([r for r in relations if r.sense == "="])
        self.at_most = self._matrix([r for r in relations if r.sense == "<="])
        self.known = coo_array(vstack([self.equal, self.at_most]))
        self.sensitive = [n for n, c in enumerate(cells) if profile.is_sensitive(c.count)]
        self.witnesses: Floats = np.empty((0, len(cells)))

    def _matrix(self, relations: list[Relation]) -> csr_array:
        entries = [
            (row, self.place[key], n)
            for row, relation in enumerate(relations)
            for key, n in relation.terms
        ]
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (len(relations), len(self.cells))
        return csr_array((np.array(values, dtype="float64"), (rows, columns)), shape=shape)

    def protected(self) -> dict[Key, Decision]:
        """Suppress until every attack fails, then show again what need not have been.

        Each round suppresses at least one cell more, or calls one primary cell secondary, so
        that it ends. With nothing left to know, the relations alone may still rule a value out
        (a count that is twice another is even): all is suppressed then, and stays so.
        """
        while (found := self._ruled_out()) is not None:
            if not (culprits := self._culprits(*found)):
                break
            for place in culprits:
                self.decisions[place] = "secondary"
        again = [
            n
            for n, cell in enumerate(self.cells)
            if self.decisions[n] == "secondary" and _first(cell, self.profile) == "shown"
        ]
        for n in sorted(again, key=lambda n: -self.cells[n].count):
            self.decisions[n] = "shown"
            if self._ruled_out() is not None:
                self.decisions[n] = "secondary"
        return {cell.key: d for cell, d in zip(self.cells, self.decisions, strict=True)}

    def _bounds(self) -> tuple[Floats, Floats]:
        """Give what is known of each cell by itself."""
        known = [self._known(n) for n in range(len(self.cells))]
        low, high = np.array(known, dtype="float64").T
        return low, high

    def _known(self, n: int) -> tuple[float, float]:
        cell, profile = self.cells[n], self.profile
        match self.decisions[n]:
            case "primary":
                return 1, profile.most
            case "shown" if not cell.count:
                return 0, 0
            case "shown" if profile.sums and cell.sums:
                return profile.most + 1, inf  # it is not suppressed, and not 0
            case "shown":
                return profile.interval(profile.rounded(cell.count))
            case _:
                return 0, inf

    def _ruled_out(self) -> tuple[int, int] | None:
        """Find a sensitive cell and a value of its range that the attacker can rule out.

        Solutions found on the way are kept: each shows values of all cells to be possible.
        """
        low, high = self._bounds()
        values = np.arange(1, self.profile.most + 1)
        fits = (self.witnesses >= low).all(axis=1) & (self.witnesses <= high).all(axis=1)
        possible = (self.witnesses[fits][:, self.sensitive, None] == values).any(axis=0)
        for place, n in enumerate(self.sensitive):
            for value in values:
                if possible[place, value - 1]:
                    continue
                others = [m for m, seen in zip(self.sensitive, possible[:, value - 1], strict=True)
                          if not seen]  # fmt: skip
                solution = self._possible(n, int(value), low, high, others)
                if solution is None:
                    return n, int(value)
                possible |= solution[self.sensitive, None] == values
                self.witnesses = np.vstack([self.witnesses, solution])
        return None

    def _possible(
        self, n: int, value: int, low: Floats, high: Floats, others: list[int]
    ) -> Floats | None:
        """Find whole counts that fit all that is known, with a cell at a value.

        As many of the other cells as can be are brought to that value with it, so that one
        solution answers for many; none of them has to be.
        """
        low, high = low.copy(), high.copy()
        low[n], high[n] = max(low[n], value), min(high[n], value)
        if low[n] > high[n]:
            return None
        found = self._solved(low, high, others, value)
        if found is None:  # presolving has called what can be solved infeasible
            found = self._solved(low, high, [], value, presolve=False)
        return found

    def _solved(
        self, low: Floats, high: Floats, near: list[int], value: int, *, presolve: bool = True
    ) -> Floats | None:
        """Solve for whole counts, with some cells as near to a value as they can be."""
        size, far = len(self.cells), len(near)
        above = self.known.shape[0] + np.arange(far)  # rules: cell - distance <= value, and
        below, distance = above + far, size + np.arange(far)  # -cell - distance <= -value
        one = np.ones(far)
        entries = np.r_[self.known.data, one, -one, -one, -one]
        rows = np.r_[self.known.row, above, above, below, below]
        columns = np.r_[self.known.col, near, distance, near, distance].astype("int64")
        shape = (self.known.shape[0] + 2 * far, size + far)
        rules = csr_array((entries, (rows, columns)), shape=shape)
        least = np.full(rules.shape[0], -np.inf)
        least[: self.equal.shape[0]] = 0
        most = np.repeat([0.0, value, -value], [self.known.shape[0], far, far])
        cost = np.zeros(size + far)
        cost[size:] = 1
        if not near:
            cost[self.sensitive] = 1  # nothing runs away
        found = milp(
            cost,
            integrality=np.repeat([1, 0], [size, far]),
            bounds=Bounds(np.r_[low, np.zeros(far)], np.r_[high, np.full(far, np.inf)]),
            constraints=LinearConstraint(rules, least, most),
            options={"presolve": presolve},
        )
        return None if found.x is None else np.round(found.x[:size])

    def _culprits(self, n: int, value: int) -> list[int]:
        """Name the cells to suppress so that a cell may have a value.

        The bounds of what is shown may be overstepped at a cost, and the cheapest way to do
        so is found; with a minimum of one cell, the one that is overstepped most.
        """
        low, high = self._bounds()
        free = [m for m, d in enumerate(self.decisions) if d in ("shown", "primary")]
        cost = np.array(
            [
                (100 if self.decisions[m] == "primary" else 1) * (1 + log1p(self.cells[m].count))
                for m in free
            ]
        )
        size, loose = len(self.cells), len(free)
        matrix, rows = self.known, self.equal.shape[0]
        pick = csr_array((np.ones(loose), (range(loose), free)), shape=(loose, size))
        eye = csr_array((np.ones(loose), (range(loose), range(loose))), shape=(loose, loose))
        above, below = hstack([pick, -eye, 0 * eye]), hstack([-pick, 0 * eye, -eye])
        finite = np.isfinite(high[free])
        nothing = csr_array((matrix.shape[0], 2 * loose))
        related: Any = csr_array(hstack([matrix, nothing]))
        limits: Any = csr_array(vstack([related[rows:], csr_array(above)[finite], below]))
        at_most = np.concatenate(
            [np.zeros(related.shape[0] - rows), high[free][finite], -low[free]]
        )
        bounds: list[tuple[float, float | None]] = [(0, None)] * (size + 2 * loose)
        bounds[n] = (value, value)
        found = linprog(
            np.concatenate([np.zeros(size), cost, cost]),
            A_ub=limits,
            b_ub=at_most,
            A_eq=related[:rows] if rows else None,
            b_eq=np.zeros(rows) if rows else None,
            bounds=bounds,
        )
        if found.x is None:
            return free
        over = found.x[size : size + loose] + found.x[size + loose :]
        chosen = [m for m, much in zip(free, over, strict=True) if much > 1e-6]
        return chosen or free  # only whole numbers are ruled out: nothing smaller is known
