"""Cells that hang together: what is decided of them, and the populations that prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from lmm.disclosure import exact
from lmm.disclosure.cells import FAR, Cell, Decision, Key, first
from lmm.disclosure.found import Found
from lmm.disclosure.moves import Moves, Whole
from lmm.disclosure.profiles import Profile
from lmm.disclosure.search import Search, usual

ROUNDS = 4
"""How often exchanges are offered that may lead nearer, where none was found."""


class Kinds:
    """The exchanges of each level, worked out when they are first asked for."""

    def __init__(self, kinds: Iterator[Moves], nearer: Callable[[Whole], Moves] | None) -> None:
        self._left, self._nearer, self._known = kinds, nearer, list[Moves]()

    def level(self, n: int) -> Moves:
        """Give those of a level, or of the last one that there is."""
        while len(self._known) <= n and (more := next(self._left, None)):
            self._known.append(more)
        return self._known[min(n, len(self._known) - 1)]

    def more(self, made: Whole) -> bool:
        """Have one level more, for moves that lead near to what is looked for, if there can be."""
        if self._nearer and (found := self._nearer(made)).most.size > self.widest.most.size:
            self._known.append(found)
            return True
        return False

    @property
    def widest(self) -> Moves:
        """Those of the last level asked for."""
        return self._known[-1]


class Part:
    """Cells that hang together, what is decided of them, and the populations that prove it."""

    def __init__(
        self, cells: Sequence[Cell], rows: Whole, kinds: Kinds, profile: Profile, steps: int
    ) -> None:
        self.cells, self.rows, self.kinds = cells, rows, kinds
        self.profile, self.steps = profile, steps
        self.decisions = [first(cell, profile) for cell in cells]
        small = [c.was_small or (c.protected and profile.is_sensitive(c.count)) for c in cells]
        self.small = np.flatnonzero(small)
        self.unproved: list[int] = []
        self.limits = np.array([self.bounds(n) for n in range(len(cells))], "int64").reshape(-1, 2)
        self.costs = np.array([self.cost(n) for n in range(len(cells))], "int64")
        self.counts = np.array([cell.count for cell in cells], dtype="int64")
        self.found = Found(self.counts, self.small, profile.most)
        self.seen = self.found.has(self.counts)
        low, high = self.limits[self.small].T[..., None]
        self.lost: npt.NDArray[np.bool_] = np.asarray(
            (self.found.values < low) | (self.found.values > high)
        )
        self.wide, self.wider = -1, True
        if self.small.size:
            self.widen()

    def widen(self) -> None:
        """Let more kinds of members be exchanged; say if there are no more."""
        every = self.kinds.level(self.wide + 1)
        self.wider = self.wide < 0 or every is not self.kinds.level(self.wide)
        self.wide += self.wider
        moves, self.moves = every.within(self.rows)
        nobody = np.zeros_like(moves.most)
        self.true = Search(moves, self.counts, nobody, *self.limits.T)
        self.here = Search(moves, *self.found.last(len(nobody)), *self.limits.T)

    def protected(self) -> dict[Key, Decision]:
        """Protect the part, and give what is decided."""
        if self.small.size:
            self.protect()
        return {cell.key: d for cell, d in zip(self.cells, self.decisions, strict=True)}

    def keys_unproved(self) -> list[Key]:
        """Give the cells for which a value was found in no population."""
        return [self.cells[n].key for n in self.unproved]

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
        self.costs[n] = self.cost(n)
        before, self.limits[n] = self.limits[n].copy(), self.bounds(n)
        self.found.bound(n, before, self.limits[n])
        self.true.bound(n, *self.limits[n])
        self.here.bound(n, *self.limits[n])

    def keep(self, found: Search, n: int) -> None:
        """Keep a population in which a count has a value, and go on from it.

        What it has outside of what is shown is suppressed.
        """
        found.bound(n, *self.limits[n])
        for m in np.flatnonzero(found.outside).tolist():
            self.decide(m, "secondary")
            found.bound(m, *self.limits[m])
        found.settle()
        self.found.add(found.counts, found.made)
        self.seen |= self.found.has(found.counts)
        self.here = found

    def protect(self) -> None:
        """Find a witness for every value of every small count, or suppress until there is one."""
        for value in self.found.values.tolist():
            for place, n in enumerate(self.small.tolist()):
                while not self.done[place, value - 1] and n not in self.unproved:
                    if not self.reaches(n, value):
                        self.clear(n, value)
        again = [
            place
            for place, cell in enumerate(self.cells)
            if self.decisions[place] == "secondary" and first(cell, self.profile) == "shown"
        ]
        for place in sorted(again, key=lambda place: -self.size(place)):
            self.show_again(place)

    @property
    def done(self) -> npt.NDArray[np.bool_]:
        """Say for which value of which small count nothing is left to be found."""
        return self.seen | self.lost

    def reaches(self, n: int, value: int) -> bool:
        """Look for a population in which a count has a value, and as many others as can be."""
        search = self.here.copy()
        far = abs(search.counts[self.small, None] - self.found.values) + FAR * self.done
        left = ~self.done.all(axis=1)
        search.pulled(self.small[left], self.found.values[far[left].argmin(axis=1)])
        search.bound(n, value, value)
        if found := search.finds(self.steps):
            self.keep(search, n)
        return found

    def clear(self, n: int, value: int) -> None:
        """Suppress what stands in the way of a population in which a count has a value.

        If there is none at all, more kinds of members are exchanged; if there are no more, it is
        looked for exactly, and further on, whatever is suppressed for it. A value for which there
        is none even then, because of what is known from earlier releases, was ruled out by these.
        """
        self.true.weighted(usual(self.costs))  # what has not changed is not weighed again below
        search, cost = self.true.copy(), self.costs.copy()
        search.bound(n, value, value)
        cost[n] = FAR
        patience = self.steps if self.wider else 10 * self.steps
        if nearest := search.nearest(patience, cost):
            self.keep(nearest, n)
        elif self.wider:
            self.widen()
        elif not self.suppress(n, value):
            if any(cell.known not in (None, (0, FAR)) for cell in self.cells):
                self.lost[self.small == n, value - 1] = True
            else:
                self.unproved.append(n)
                for m, decision in enumerate(self.decisions):
                    if decision in ("shown", "primary"):
                        self.decide(m, "secondary")

    def suppress(self, n: int, value: int) -> bool:
        """Look for a population in which a count has a value, whatever is suppressed for it."""
        fresh = [cell.known is None for cell in self.cells]
        low, high = np.where(fresh, [[0], [FAR]], self.limits.T)
        low[n] = high[n] = value
        for _ in range(ROUNDS):
            moves, true = self.true.moves, self.true.counts
            near, within = exact.nearest(moves, low - true, high - true, n)
            if within and (made := self.fitted(low, high)) is not None:
                counts = true + moves.effects @ made
                self.keep(Search(moves, counts, made, *self.limits.T), n)
                return True
            if not self.kinds.more(self.moves[near]):
                break
            self.widen()
        return False

    def fitted(self, low: Whole, high: Whole) -> Whole | None:
        """Say how often each move is made in a population within bounds, if one is found."""
        search = Search(self.true.moves, self.counts, np.zeros_like(self.true.made), low, high)
        if search.finds(10 * self.steps):
            return search.made
        true = self.true.counts
        return exact.fits(self.true.moves, low - true, high - true)

    def size(self, n: int) -> int:
        """Give the size of a cell as it would be shown: what is blank may tell no more."""
        return self.profile.rounded(self.cells[n].count)

    def cost(self, n: int) -> int:
        """Give what it costs to suppress a cell; FAR where that would not help."""
        if self.decisions[n] not in ("shown", "primary"):
            return FAR
        each = 100 if self.decisions[n] == "primary" else 1
        return each * (2 + self.size(n).bit_length())

    def show_again(self, n: int) -> None:
        """Show a cell again, unless a small count is not safe with it."""
        if self.unproved:
            return
        before = self.here, self.seen
        self.decide(n, "shown")
        self.seen = self.found.seen()
        if self.here.outside.any():
            self.here = self.here.copy()
            self.here.go_to(*self.found.last(len(self.here.made)))
        for place, value in np.argwhere(~self.done).tolist():
            if not self.seen[place, value] and not self.reaches(int(self.small[place]), value + 1):
                self.here, self.seen = before
                self.decide(n, "secondary")
                return

    def few(self) -> list[Whole]:
        """Choose few populations that have every value of every small count between them."""
        size = len(self.true.made) if self.small.size else 0
        return [self.found.made(n, size) for n in self.found.few()]
