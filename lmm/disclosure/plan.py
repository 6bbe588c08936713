"""Statistical disclosure control of counts: what is suppressed, so that no small count is known.

A count in the profile's sensitive range is suppressed (primary suppression) or rounded. Then
every sensitive count has to be able to be any value of that range: for each there must be another
population, a witness, that leads to the very same release. Witnesses are looked for; where none
is found further counts are suppressed (secondary suppression) until there is one.

Sources: Hundepool and others (2012), Statistical Disclosure Control, chapters 4.2 to 4.4, for
primary and secondary suppression and for protection of the whole range.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from lmm.disclosure.profiles import Profile
from lmm.disclosure.search import FAR, Moves, Search, Whole

Key = Hashable
Decision = Literal["shown", "primary", "secondary", "known"]

STEPS = 120
"""Exchanges after which a search gives up, or begins again from the true population."""


@dataclass(frozen=True)
class Cell:
    """One count.

    Attributes
    ----------
    sums
        The ways in which it is made up of parts. Under a profile that shows sums of parts, the
        way of which the fewest parts are suppressed is taken.
    known
        The lowest and highest that it can be for all that everybody knows, of a count that stands
        in no table of this release; None for one that is to be shown or suppressed.
    protected
        Whether it is to be protected if it is small.
    """

    key: Key
    count: int
    sums: tuple[tuple[Key, ...], ...] = ()
    known: tuple[int, int] | None = None
    protected: bool = True


@dataclass(frozen=True)
class Plan:
    """What is done with each cell.

    Attributes
    ----------
    decisions
        By key.
    log
        Key, decision and reason of each cell that is not shown.
    left_out
        How many suppressed parts the sum that is shown for a cell leaves out, where it does.
    witnesses
        How often each move is made in each of the populations that prove the plan.
    unproved
        Cells for which a value was found in no population, although all is suppressed that
        hangs together with them.
    """

    decisions: dict[Key, Decision]
    log: list[tuple[Any, Decision, str]]
    left_out: dict[Key, int]
    witnesses: list[Whole] = field(repr=False)
    unproved: list[Key]
    _values: dict[Key, int] = field(repr=False)

    def value(self, key: Key) -> int | None:
        """Give what is shown for a cell; None if it is suppressed, or not known at all."""
        return self._values.get(key)

    def complete(self, key: Key) -> int | None:
        """Give what is shown for a cell, unless it is a sum that leaves out suppressed parts."""
        return None if key in self.left_out else self.value(key)

    def shows(self, cells: Sequence[Cell], profile: Profile) -> bool:
        """Whether other counts, of which the same are suppressed, would be shown like this."""
        for cell in cells:
            first, decided = _first(cell, profile), self.decisions[cell.key]
            if (first == "primary") != (decided == "primary") and decided != "secondary":
                return False
        return _values(cells, self.decisions, profile) == (self._values, self.left_out)


def plan(
    cells: Sequence[Cell], kinds: Iterator[Moves], profile: Profile, *, steps: int = STEPS
) -> Plan:
    """Decide which cells are shown, so that no sensitive count can be narrowed.

    Parameters
    ----------
    cells
        In the order of the rows of the moves.
    kinds
        Exchanges of members of the population: first the likeliest, then, where with these a
        witness is not found, all of before and more.
    steps
        After how many a search gives up.

    Where cells have to be suppressed besides, those are chosen that stand in the way of a
    population with a missing value, at the least cost, a cell's cost rising slowly with its
    count; what turns out to be unnecessary is shown again. A suppressed cell whose range cannot
    be kept while it is known to be sensitive is called secondary instead: readers see one mark
    for both.

    Raises
    ------
    ValueError
        If a key stands twice, or a count is negative.
    """
    _check(cells)
    planned = _Planned(cells, kinds, profile, steps)
    planned.protect()
    decisions: dict[Key, Decision] = {
        cell.key: decided for cell, decided in zip(cells, planned.decisions, strict=True)
    }
    values, left_out = _values(cells, decisions, profile)
    shown = [key for key, decision in decisions.items() if decision == "shown"]
    while empty := [key for key in shown if key not in values]:  # a sum of nothing would read as 0
        decisions.update(dict.fromkeys(empty, "secondary"))
        shown = [key for key in shown if decisions[key] == "shown"]
        values, left_out = _values(cells, decisions, profile)
    log = [
        (cell.key, decisions[cell.key], _reason(decisions[cell.key], profile))
        for cell in cells
        if decisions[cell.key] in ("primary", "secondary")
    ]
    unproved = [cells[n].key for n in planned.unproved]
    return Plan(decisions, log, left_out, planned.few(), unproved, values)


def _check(cells: Sequence[Cell]) -> None:
    if len({cell.key for cell in cells}) < len(cells):
        raise ValueError("a cell stands twice")
    if any(cell.count < 0 for cell in cells if cell.known is None):
        raise ValueError("a count is negative")


def _first(cell: Cell, profile: Profile) -> Decision:
    if cell.known is not None:
        return "known"
    return "primary" if profile.redacts and profile.is_sensitive(cell.count) else "shown"


def _reason(decision: Decision, profile: Profile) -> str:
    if decision == "primary":
        return f"a count of 1 to {profile.most}"
    return "without it, a small count could be narrowed down"


def _values(
    cells: Sequence[Cell], decisions: Mapping[Key, Decision], profile: Profile
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


class _Planned:
    """Decisions so far, and the populations that prove them."""

    def __init__(
        self, cells: Sequence[Cell], kinds: Iterator[Moves], profile: Profile, steps: int
    ) -> None:
        self.cells, self.kinds, self.profile, self.steps = cells, kinds, profile, steps
        self.decisions = [_first(cell, profile) for cell in cells]
        small = [c.protected and profile.is_sensitive(c.count) for c in cells]
        self.small = np.flatnonzero(small)
        self.values = np.arange(1, profile.most + 1)
        self.unproved: list[int] = []
        self.limits = np.array([self.bounds(n) for n in range(len(cells))], "int64").reshape(-1, 2)
        true = np.array([cell.count for cell in cells], dtype="int64")
        self.states = [(true, np.empty(0, "int64"))]
        self.seen = self.has(true)
        self.widen()

    def widen(self) -> bool:
        """Let more kinds of members be exchanged, if there are more."""
        moves = next(self.kinds, None)
        if moves is None:
            return False
        more = len(moves.most) - len(self.states[0][1])
        self.states = [(counts, np.pad(made, (0, more))) for counts, made in self.states]
        self.true = Search(moves, *self.states[0], *self.limits.T)
        self.here = Search(moves, *self.states[-1], *self.limits.T)
        return True

    def bounds(self, n: int) -> tuple[int, int]:
        """Give what is known of a cell by itself."""
        cell, profile = self.cells[n], self.profile
        if cell.known is not None:
            return cell.known
        match self.decisions[n]:
            case "primary":
                return 1, profile.most
            case "shown" if not cell.count:
                return 0, 0
            case "shown" if profile.sums and cell.sums:
                return profile.most + 1, FAR  # it is not suppressed, and not 0
            case "shown":
                return profile.interval(profile.rounded(cell.count))
            case _:
                return 0, FAR

    def decide(self, n: int, decision: Decision) -> None:
        """Decide on a cell, and search accordingly."""
        self.decisions[n] = decision
        self.limits[n] = self.bounds(n)
        self.true.bound(n, *self.limits[n])
        self.here.bound(n, *self.limits[n])

    def has(self, counts: Whole) -> npt.NDArray[np.bool_]:
        """Say which value each small count has; a row a count, a column a value."""
        return np.asarray(counts[self.small, None] == self.values)

    def keep(self, state: Search) -> None:
        """Keep a population that leads to what is shown, and go on from it."""
        self.states.append((state.counts.copy(), state.made.copy()))
        self.seen |= self.has(state.counts)
        self.here = state

    def protect(self) -> None:
        """Find a witness for every value of every small count, or suppress until there is one."""
        for value in self.values.tolist():
            for place, n in enumerate(self.small.tolist()):
                while not self.seen[place, value - 1] and n not in self.unproved:
                    if not self.reaches(n, value, self.steps):
                        self.clear(n, value)
        again = [
            place
            for place, cell in enumerate(self.cells)
            if self.decisions[place] == "secondary" and _first(cell, self.profile) == "shown"
        ]
        for place in sorted(again, key=lambda place: -self.cells[place].count):
            self.show_again(place)

    def reaches(self, n: int, value: int, steps: int) -> bool:
        """Look for a population in which a count has a value, and as many others as can be."""
        found = self.here.copy()
        far = abs(found.counts[self.small, None] - self.values) + FAR * self.seen
        parts = found.moves.parts
        left = ~self.seen.all(axis=1) & (parts[self.small] == parts[n])
        found.pulled(self.small[left], self.values[far[left].argmin(axis=1)])
        found.bound(n, value, value)
        if found.finds(steps):
            found.bound(n, *self.limits[n])
            found.settle()
            self.keep(found)
            return True
        return False

    def clear(self, n: int, value: int) -> None:
        """Suppress what stands in the way of a population in which a count has a value."""
        search = self.true.copy()
        search.bound(n, value, value)
        cost = np.array([self.cost(m) for m in range(len(self.cells))])
        cost[n] = FAR
        if nearest := search.nearest(self.steps, cost):
            nearest.bound(n, *self.limits[n])
            for m in np.flatnonzero(nearest.outside).tolist():
                self.decide(m, "secondary")
                nearest.bound(m, *self.limits[m])
            nearest.settle()
            self.keep(nearest)
        elif not self.widen():
            parts = self.here.moves.parts
            for m in np.flatnonzero(parts == parts[n]):
                if self.decisions[m] in ("shown", "primary"):
                    self.decide(int(m), "secondary")
            if not self.reaches(n, value, 2 * self.steps):
                self.unproved.append(n)

    def cost(self, n: int) -> int:
        """Give what it costs to suppress a cell; FAR where that would not help."""
        if self.decisions[n] not in ("shown", "primary"):
            return FAR
        each = 100 if self.decisions[n] == "primary" else 1
        return each * (2 + self.cells[n].count.bit_length())

    def show_again(self, n: int) -> None:
        """Show a cell again, unless a small count is not safe with it."""
        parts, before = self.here.moves.parts, (self.here, self.seen)
        if any(parts[m] == parts[n] for m in self.unproved):
            return
        self.decide(n, "shown")
        fitting = self.fitting()
        self.seen = np.any([self.has(counts) for counts, _ in fitting], axis=0)
        if self.here.outside.any():
            self.here = Search(self.here.moves, *fitting[-1], *self.limits.T)
        for place, value in np.argwhere(~self.seen & ~np.isin(self.small, self.unproved)[:, None]):
            if not self.seen[place, value] and not self.reaches(
                int(self.small[place]), int(value) + 1, self.steps
            ):
                self.here, self.seen = before
                self.decide(n, "secondary")
                return

    def fitting(self) -> list[tuple[Whole, Whole]]:
        """Give the populations found that lead to what is shown."""
        low, high = self.limits.T
        return [s for s in self.states if ((low <= s[0]) & (s[0] <= high)).all()]

    def few(self) -> list[Whole]:
        """Choose few populations that have every value of every small count between them.

        What hangs together with nothing else is exchanged independently, so that a population
        for one part and one for another are one for both.
        """
        moves, states = self.here.moves, self.fitting()
        first = moves.columns.indices[moves.columns.indptr[: len(moves.most)]]
        part_of_move = moves.parts[first]
        whole: list[Whole] = []
        for part in np.unique(moves.parts[self.small]):
            chosen = self._few_of(moves.parts[self.small] == part, states)
            whole += [np.zeros_like(moves.most)] * (len(chosen) - len(whole))
            for n, made in enumerate(chosen):
                whole[n] = np.where(part_of_move == part, made, whole[n])
        return whole

    def _few_of(self, some: Whole, states: Sequence[tuple[Whole, Whole]]) -> list[Whole]:
        has = np.array([self.has(counts)[some].ravel() for counts, _ in states])
        chosen: list[Whole] = []
        left = has.any(axis=0)
        while left.any():
            best = int((has & left).sum(axis=1).argmax())
            chosen.append(states[best][1])
            left &= ~has[best]
        return chosen
