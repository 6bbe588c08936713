"""A search for populations that lead to counts within bounds, by exchanging one member at a time.

The search is in whole numbers throughout, so that it finds the same on every machine. It makes
the exchange that leaves least outside the bounds; where none helps, what is outside is given more
weight until one does (Morris 1993, The breakout method for escaping from local minima, AAAI).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

Whole = npt.NDArray[np.signedinteger[Any]]
FAR = 2**40
"""A count beyond all."""

WEIGHT = 8
"""Of a count outside its bounds, where one beside its goal has 1."""


class Changes(NamedTuple):
    """Moves by what they do to each count; all that change it by as much are one change.

    Attributes
    ----------
    row, by
        Of each change, the count and by how much it changes. Those of a count lie together.
    of_row
        Where those of each count begin, and where the last end.
    moves, begins
        The moves that make each change, one after another, and where those of each begin.
    """

    row: Whole
    by: Whole
    of_row: Whole
    moves: Whole
    begins: Whole


def _between(begins: Whole, rows: Whole) -> tuple[Whole, Whole]:
    """Give all places from where some rows begin to where the next do, and how many each has."""
    first = begins[rows]
    n = begins[rows + 1] - first
    ends = n.cumsum()
    return (first - ends + n).repeat(n) + np.arange(n.sum()), n


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
    def changes(self) -> Changes:
        """The same by what they do to each count."""
        rows = self.rows
        row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        order = np.lexsort((rows.data, row))
        row, by = row[order], rows.data[order]
        first = np.flatnonzero(
            np.diff(row, prepend=-1).astype(bool) | np.diff(by, prepend=0).astype(bool)
        )
        of_row = np.searchsorted(row[first], np.arange(rows.shape[0] + 1))
        moves, begins = rows.indices[order].astype("int64"), np.append(first, len(row))
        return Changes(row[first], by[first], of_row, moves, begins)

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


def usual(cost: Whole) -> Whole:
    """Give weights from what it costs that counts are outside; most to those that must not be."""
    weight: Whole = np.minimum(cost, 10 * cost[cost < FAR].max(initial=1))
    return weight


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
        self.outside = np.zeros(len(counts), "int64")
        self._brings = np.zeros(len(moves.changes.row), "int64")
        self._closed = self._closed_at(made)
        self._score = FAR * self._closed
        self.weigh(np.arange(len(counts)))

    def copy(self) -> Self:
        """Give the same to go on from."""
        other = copy(self)
        for name in ("counts", "made", "low", "high", "weight", "pull", "goal", "outside",
                     "_brings", "_closed", "_score"):  # fmt: skip
            setattr(other, name, getattr(self, name).copy())
        return other

    @property
    def _gains(self) -> Whole:
        """What each move brings, whether it can be made or not."""
        gains: Whole = self._score - FAR * self._closed
        return gains

    def weigh(self, rows: Whole) -> None:
        """Work out again what moves do to some counts, of which something has changed."""
        every = self.moves.changes
        now = self._costs(rows, self.counts[rows])
        self.outside[rows] = self._outside(rows, self.counts[rows])
        changes, n = _between(every.of_row, rows)
        row = rows.repeat(n)
        brings = self._costs(row, self.counts[row] + every.by[changes]) - now.repeat(n)
        more = brings - self._brings[changes]
        other = more.nonzero()[0]
        if other.size:
            self._brings[changes] = brings
            moves, n = _between(every.begins, changes[other])
            np.add.at(self._score, every.moves[moves], more[other].repeat(n))

    def _outside(self, rows: Whole, counts: Whole) -> Whole:
        """How far counts would be outside the bounds of these rows."""
        outside: Whole = np.maximum(self.low[rows] - counts, counts - self.high[rows])
        return np.maximum(outside, 0, out=outside)

    def _costs(self, rows: Whole, counts: Whole) -> Whole:
        costs: Whole = self.weight[rows] * self._outside(rows, counts)
        costs += self.pull[rows] * abs(counts - self.goal[rows])
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
        best, least, idle, weight = None, FAR, 0, usual(cost)
        self.weighted(weight)
        while idle < patience and least:
            helped = self._step()
            outside = np.flatnonzero(self.outside)
            costs, idle = int(cost[outside].sum()), idle + 1
            if costs < least:
                best, least, idle = (self.counts.copy(), self.made.copy()), costs, 0
            if not helped:
                self._press(outside, weight[outside])
        if best is None:
            return None
        self.go_to(*best)
        return self

    def _step(self) -> bool:
        """Make the move that helps most, if one does."""
        if not self._score.size:
            return False
        best = int(self._score.argmin())
        if helps := bool(self._score[best] < 0):
            self._make(best)
        return helps

    def _press(self, outside: Whole, weight: Whole | int) -> None:
        """Give more weight to what is outside, and pass it by on the other side if need be."""
        self.weight[outside] += weight
        self.weigh(outside)
        if self._score.size and self._score.min() == 0:
            changes = self.moves.changes
            moves = changes.moves[_between(changes.begins, _between(changes.of_row, outside)[0])[0]]
            level = moves[self._score[moves] == 0]
            if level.size:
                self._make(int(level.min()))

    def weighted(self, weight: Whole) -> None:
        """Give counts other weights."""
        rows = np.flatnonzero(self.weight != weight)
        self.weight[rows] = weight[rows]
        self.weigh(rows)

    def settle(self) -> None:
        """Give everything the same weight again."""
        self.weighted(np.full_like(self.weight, WEIGHT))

    def go_to(self, counts: Whole, made: Whole) -> None:
        """Go over to another population."""
        rows, moves = np.flatnonzero(self.counts != counts), np.flatnonzero(self.made != made)
        self.counts[rows], self.made[moves] = counts[rows], made[moves]
        closed = self._closed_at(made)
        self._score += FAR * (closed.astype("int64") - self._closed)
        self._closed = closed
        self.weigh(rows)

    def _closed_at(self, made: Whole) -> npt.NDArray[np.bool_]:
        """Say which moves cannot be made, or taken back, where these are made."""
        closed = np.concatenate([made >= self.moves.most, made == 0])
        for move in np.flatnonzero(made):
            closed[self.moves.excluded(int(move))] = True
        return closed

    def _make(self, move: int) -> None:
        moves, size = self.moves, len(self.made)
        part = slice(moves.columns.indptr[move], moves.columns.indptr[move + 1])
        rows = moves.columns.indices[part]
        self.counts[rows] += moves.columns.data[part]
        back, move = divmod(move, size)
        self.made[move] += -1 if back else 1
        self._close(moves.excluded(move), not back)
        self._close(move, self.made[move] >= moves.most[move])
        self._close(move + size, self.made[move] == 0)
        self.weigh(rows.astype("int64"))

    def _close(self, moves: Whole | int, closed: bool) -> None:
        """Say whether some moves cannot be made."""
        self._score[moves] += FAR * (int(closed) - self._closed[moves])
        self._closed[moves] = closed
