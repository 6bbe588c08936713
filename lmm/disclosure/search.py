"""A search for populations that lead to counts within bounds, by exchanging one member at a time.

The search is in whole numbers throughout, so that it finds the same on every machine. It goes to
the exchange that leaves least outside the bounds; where none helps, what is outside is given more
weight until one does (Morris 1993, The breakout method for escaping from local minima, AAAI).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array, hstack
from scipy.sparse.csgraph import connected_components

Whole = npt.NDArray[np.int64]
FAR = 2**40
"""A count beyond all."""


@dataclass(frozen=True)
class Moves:
    """Exchanges that may be made in a population.

    Attributes
    ----------
    effects
        What each adds to each count: a row a count, a column a move.
    most
        How often each can be made.
    source
        The member who is exchanged, and can be but once; -1 where somebody is added.
    """

    effects: csr_array
    most: Whole
    source: Whole


class Search:
    """A population under way; see the module.

    Attributes
    ----------
    counts
        As they are now.
    made
        How often each move has been made.
    low, high
        The bounds of each count, both included.
    """

    def __init__(self, moves: Moves, low: Whole, high: Whole) -> None:
        self.moves, self.low, self.high = moves, low.copy(), high.copy()
        self._rows = csr_array(hstack([moves.effects, -moves.effects])).astype("int64")
        self._columns = csc_array(self._rows)
        self._size = len(moves.most)  # moves that are taken back come after those that are made
        self._order = np.argsort(moves.source, kind="stable")
        sources = np.arange(moves.source.max(initial=-1) + 2)
        self._begins = np.searchsorted(moves.source[self._order], sources)

    def start(self, counts: Whole, made: Whole) -> None:
        """Go on from a population."""
        self.counts, self.made = counts.copy(), made.copy()
        self.weight = np.ones(len(counts), "int64")
        self._closed = np.concatenate([(made >= self.moves.most) * FAR, (made == 0) * FAR])
        for move in np.flatnonzero(made):
            self._closed[self._excluded(move)] = FAR
        self._weigh_all()

    def _weigh_all(self) -> None:
        row = np.repeat(np.arange(len(self.counts)), np.diff(self._rows.indptr))
        after = self._outside(self.counts[row] + self._rows.data, self.low[row], self.high[row])
        self._gain = self.weight[row] * (after - self.outside[row])
        self._gains = np.zeros(2 * self._size, "int64")
        np.add.at(self._gains, self._rows.indices, self._gain)

    @staticmethod
    def _outside(counts: Whole, low: Whole, high: Whole) -> Whole:
        return np.maximum(low - counts, 0) + np.maximum(counts - high, 0)

    @property
    def outside(self) -> Whole:
        """How far each count is outside its bounds."""
        return self._outside(self.counts, self.low, self.high)

    def _excluded(self, move: int) -> Whole:
        """Give the moves of which one at most is made together with a move."""
        source = self.moves.source[move]
        if source < 0:
            return np.empty(0, "int64")
        return self._order[self._begins[source] : self._begins[source + 1]]

    def _weigh(self, row: int) -> None:
        """Work out again what moves do to one count."""
        part = slice(self._rows.indptr[row], self._rows.indptr[row + 1])
        low, high, now = self.low[row], self.high[row], self.counts[row]
        after = self._outside(now + self._rows.data[part], low, high)
        gain = self.weight[row] * (after - max(low - now, now - high, 0))
        self._gains[self._rows.indices[part]] += gain - self._gain[part]
        self._gain[part] = gain

    def bound(self, row: int, low: int, high: int) -> None:
        """Change the bounds of one count."""
        self.low[row], self.high[row] = low, high
        self._weigh(row)

    def finds(self, steps: int) -> bool:
        """Go on until all counts are within their bounds, or for so many steps."""
        for _ in range(steps):
            if self._step():
                continue
            outside = np.flatnonzero(self.outside)
            if not outside.size:
                return True
            self._press(outside)
        return not self.outside.any()

    def _step(self) -> bool:
        """Make the move that helps most, if one does."""
        gains = self._gains + self._closed
        best = int(np.argmin(gains))
        if helps := bool(gains[best] < 0):
            self._make(best)
        return helps

    def _press(self, outside: Whole) -> None:
        """Give more weight to what is outside."""
        self.weight[outside] += np.maximum(1, self.weight[outside] // 4)
        for row in outside:
            self._weigh(row)

    def settle(self) -> None:
        """Give everything the same weight again."""
        for row in np.flatnonzero(self.weight != 1):
            self.weight[row] = 1
            self._weigh(row)

    def nearest(self, steps: int, cost: Whole) -> tuple[Whole, Whole] | None:
        """Look for the population of which it costs least that counts are outside their bounds.

        Parameters
        ----------
        cost
            Of each count, if it is outside; `FAR` where it must not be.

        Returns
        -------
        counts, made
            None if there is none but with counts outside that must not be.
        """
        best, least = None, FAR
        self.weight = np.minimum(cost, cost[cost < FAR].max(initial=1) * 10)
        self._weigh_all()
        for _ in range(steps):
            outside = self.outside > 0
            if (costs := int(cost[outside].sum())) < least:
                best, least = (self.counts.copy(), self.made.copy()), costs
            if not outside.any():
                break
            if not self._step():
                self._press(np.flatnonzero(outside))
        return best

    def linked(self, row: int) -> list[int]:
        """Give the counts that hang together with one: some member adds to both."""
        return np.flatnonzero(self._parts == self._parts[row]).tolist()

    @cached_property
    def _parts(self) -> Whole:
        return connected_components(self._rows @ self._rows.T, directed=False)[1]

    def _make(self, move: int) -> None:
        part = slice(self._columns.indptr[move], self._columns.indptr[move + 1])
        rows = self._columns.indices[part]
        self.counts[rows] += self._columns.data[part]
        back, move = divmod(move, self._size)
        self.made[move] += -1 if back else 1
        self._closed[self._excluded(move)] = FAR * (1 - back)
        self._closed[move] = FAR * int(self.made[move] >= self.moves.most[move])
        self._closed[move + self._size] = FAR * int(self.made[move] == 0)
        for row in rows:
            self._weigh(row)
