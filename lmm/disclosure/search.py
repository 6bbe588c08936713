"""A search for populations that lead to counts within bounds, by exchanging one member at a time.

The search is in whole numbers throughout, so that it finds the same on every machine. It makes
the exchange that leaves least outside the bounds; where none helps, what is outside is given more
weight until one does (Morris 1993, The breakout method for escaping from local minima, AAAI).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

Whole = npt.NDArray[np.signedinteger[Any]]
FAR = 2**40
"""A count beyond all."""

WEIGHT = 8
"""Of a count outside its bounds, where one beside its goal has 1."""


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

    @cached_property
    def rows(self) -> csr_array:
        """The effects, and after them those of taking a move back."""
        both: csr_array = hstack([self.effects, -self.effects], format="csr", dtype="int64")
        return both

    @cached_property
    def columns(self) -> csc_array:
        """The same by column."""
        return csc_array(self.rows)

    @cached_property
    def largest(self) -> Whole:
        """How much a move changes each count at most."""
        if not self.most.size:
            return np.zeros(self.effects.shape[0], "int64")
        found: Whole = abs(self.effects).max(axis=1).toarray().ravel()
        return found

    @cached_property
    def parts(self) -> Whole:
        """For each count, the number of the part that it hangs together with.

        Counts hang together if a move changes them both, or moves of the same member.
        """
        once = np.flatnonzero(self.source >= 0)
        one = np.ones(len(once), "int64")
        shape = int(self.source.max(initial=-1)) + 1, len(self.source)
        members = csr_array((one, (self.source[once], once)), shape)
        linked = csr_array(vstack([abs(self.effects), members]))
        found: Whole = connected_components(linked @ linked.T, directed=False)[1]
        return found[: self.effects.shape[0]]

    def within(self, rows: Whole) -> tuple[Moves, Whole]:
        """Give the moves that change these counts and no others, and their numbers.

        A member who is exchanged elsewhere first is not exchanged here too.
        """
        some = csr_array(self.effects[rows])
        every = np.bincount(self.effects.indices, minlength=len(self.most))
        here = np.bincount(some.indices, minlength=len(self.most))
        inside = (here == every) & (here > 0)
        _, first, member = np.unique(self.source, return_index=True, return_inverse=True)
        kept = np.flatnonzero(inside & ((self.source < 0) | inside[first[member]]))
        return Moves(csr_array(some[:, kept]), self.most[kept], self.source[kept]), kept

    @cached_property
    def _of_source(self) -> tuple[Whole, Whole]:
        order = np.argsort(self.source, kind="stable")
        sources = np.arange(self.source.max(initial=-1) + 2)
        return order, np.searchsorted(self.source[order], sources)

    def excluded(self, move: int) -> Whole:
        """Give the moves of which one at most is made together with a move."""
        source, (order, begins) = self.source[move], self._of_source
        return order[begins[source] : begins[source + 1]] if source >= 0 else order[:0]


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
    pull, goal
        How much it matters that a count is at its goal; 0 where it does not.
    """

    def __init__(self, moves: Moves, counts: Whole, made: Whole, low: Whole, high: Whole) -> None:
        self.moves, self.counts, self.made = moves, counts.copy(), made.copy()
        self.low, self.high = low.copy(), high.copy()
        self.weight = np.full(len(counts), WEIGHT)
        self.pull, self.goal = np.zeros(len(counts), "int64"), np.zeros(len(counts), "int64")
        self._closed = np.concatenate([(made >= moves.most) * FAR, (made == 0) * FAR])
        for move in np.flatnonzero(made):
            self._closed[moves.excluded(int(move))] = FAR
        self._gain = np.zeros(moves.rows.nnz, "int64")
        self._gains = np.zeros(moves.rows.shape[1], "int64")
        self._at_ease = np.ones(len(counts), "bool")
        self.weigh(np.arange(len(counts)))

    def copy(self) -> Self:
        """Give the same to go on from."""
        other = copy(self)
        for name in ("counts", "made", "low", "high", "weight", "pull", "goal", "_closed",
                     "_gain", "_gains", "_at_ease"):  # fmt: skip
            setattr(other, name, getattr(self, name).copy())
        return other

    @property
    def outside(self) -> Whole:
        """How far each count is outside its bounds."""
        outside: Whole = np.maximum(np.maximum(self.low - self.counts, self.counts - self.high), 0)
        return outside

    def weigh(self, rows: Whole) -> None:
        """Work out again what moves do to some counts, of which something has changed.

        Most are at ease, before and after: no move brings or leaves them outside their bounds.
        """
        wide = self.moves.largest[rows]
        at_ease = (self.pull[rows] == 0) & (self.counts[rows] - wide >= self.low[rows])
        at_ease &= self.counts[rows] + wide <= self.high[rows]
        was, self._at_ease[rows] = self._at_ease[rows], at_ease
        if not (rows := rows[~(was & at_ease)]).size:
            return
        at, n = self._entries(rows)
        row = np.repeat(rows, n)
        after = self._costs(row, self.counts[row] + self.moves.rows.data[at])
        gain = after - np.repeat(self._costs(rows, self.counts[rows]), n)
        np.add.at(self._gains, self.moves.rows.indices[at], gain - self._gain[at])
        self._gain[at] = gain

    def _entries(self, rows: Whole) -> tuple[Whole, Whole]:
        """Say where the effects on some counts are kept, and how many there are on each."""
        begins = self.moves.rows.indptr[rows]
        n = self.moves.rows.indptr[rows + 1] - begins
        return np.repeat(begins - (np.cumsum(n) - n), n) + np.arange(n.sum()), n

    def _costs(self, rows: Whole, counts: Whole) -> Whole:
        outside = np.maximum(np.maximum(self.low[rows] - counts, counts - self.high[rows]), 0)
        costs: Whole = self.weight[rows] * outside + self.pull[rows] * abs(counts - self.goal[rows])
        return costs

    def bound(self, row: int, low: int, high: int) -> None:
        """Change the bounds of one count."""
        self.low[row], self.high[row] = low, high
        self.weigh(np.array([row]))

    def pulled(self, rows: Whole, goals: Whole) -> None:
        """Draw some counts to goals, and no others."""
        pull, goal = np.zeros_like(self.pull), self.goal.copy()
        pull[rows], goal[rows] = 1, goals
        other = np.flatnonzero((pull != self.pull) | (goal != self.goal))
        self.pull, self.goal = pull, goal
        self.weigh(other)

    def finds(self, patience: int) -> bool:
        """Go on until all counts are within their bounds.

        Goals count for as long as they do not stand in the way.

        Parameters
        ----------
        patience
            After how many exchanges that bring nothing nearer to give up.
        """
        least, idle = FAR, 0
        while idle < patience:
            if not self._step():
                outside = np.flatnonzero(self.outside)
                if not outside.size:
                    return True
                if self.pull.any():
                    self.pulled(outside[:0], outside[:0])
                else:
                    self._press(outside, WEIGHT)
            left = int(self.outside.sum())
            least, idle = (left, 0) if left < least else (least, idle + 1)
        return not self.outside.any()

    def nearest(self, patience: int, cost: Whole) -> Self | None:
        """Look for the population of which it costs least that counts are outside their bounds.

        Parameters
        ----------
        patience
            After how many exchanges that bring nothing cheaper to give up.
        cost
            Of each count, if it is outside; `FAR` where it must not be.

        Returns
        -------
        Search
            None if there is none but with counts outside that must not be.
        """
        best, least, idle = None, FAR, 0
        usual = np.minimum(cost, 10 * cost[cost < FAR].max(initial=1))
        self.weight = usual.copy()
        self.weigh(np.arange(len(usual)))
        while idle < patience and least:
            helped = self._step()
            outside = np.flatnonzero(self.outside)
            costs, idle = int(cost[outside].sum()), idle + 1
            if costs < least:
                best, least, idle = self.copy(), costs, 0
            if not helped:
                self._press(outside, usual[outside])
        return best

    def _step(self) -> bool:
        """Make the move that helps most, if one does."""
        if not self._gains.size:
            return False
        gains = self._gains + self._closed
        best = int(np.argmin(gains))
        if helps := bool(gains[best] < 0):
            self._make(best)
        return helps

    def _press(self, outside: Whole, weight: Whole | int) -> None:
        """Give more weight to what is outside, and pass it by on the other side if need be."""
        self.weight[outside] += weight
        self.weigh(outside)
        gains = self._gains + self._closed
        if gains.size and gains.min() == 0:
            moves = self.moves.rows.indices[self._entries(outside)[0]]
            level = moves[gains[moves] == 0]
            if level.size:
                self._make(int(level.min()))

    def settle(self) -> None:
        """Give everything the same weight again."""
        rows = np.flatnonzero(self.weight != WEIGHT)
        self.weight[rows] = WEIGHT
        self.weigh(rows)

    def _make(self, move: int) -> None:
        moves, size = self.moves, len(self.made)
        part = slice(moves.columns.indptr[move], moves.columns.indptr[move + 1])
        rows = moves.columns.indices[part]
        self.counts[rows] += moves.columns.data[part]
        back, move = divmod(move, size)
        self.made[move] += -1 if back else 1
        self._closed[moves.excluded(move)] = FAR * (1 - back)
        self._closed[move] = FAR * int(self.made[move] >= moves.most[move])
        self._closed[move + size] = FAR * int(self.made[move] == 0)
        self.weigh(rows.astype("int64"))
