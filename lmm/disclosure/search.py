"""A search for populations that lead to counts within bounds, by exchanging one member at a time.

The search is in whole numbers throughout, so that it finds the same on every machine. It makes
the exchange that leaves least outside the bounds; where none helps, what is outside is given more
weight until one does (Morris 1993, The breakout method for escaping from local minima, AAAI).
"""

from __future__ import annotations

from copy import copy
from typing import Self

import numpy as np
import numpy.typing as npt

from lmm.disclosure.cells import FAR
from lmm.disclosure.moves import Moves, Touched, Whole

WEIGHT = 8
"""Of a count outside its bounds, where one beside its goal has 1."""


def _row(n: int) -> property:
    """Give an attribute that is a row of what is known of each count."""

    def get(search: Search) -> Whole:
        row: Whole = search._state[n]
        return row

    return property(get)


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
        self.moves, self.made = moves, made.copy()
        zero = np.zeros_like(counts)
        self._state = np.array([counts, low, high, zero + WEIGHT, zero, zero], "int64")
        self.outside = np.zeros(len(counts), "int64")
        self._brings = np.zeros(len(moves.changes.row), "int64")
        self._closed = self._closed_at(made)
        self._score = FAR * self._closed
        self.weigh(np.arange(len(counts)))

    counts, low, high, weight, pull, goal = (_row(n) for n in range(6))

    def copy(self) -> Self:
        """Give the same to go on from."""
        other = copy(self)
        for name in ("made", "outside", "_state", "_brings", "_closed", "_score"):
            setattr(other, name, getattr(self, name).copy())
        return other

    @property
    def _gains(self) -> Whole:
        """What each move brings, whether it can be made or not."""
        gains: Whole = self._score - FAR * self._closed
        return gains

    def weigh(self, rows: Whole) -> None:
        """Work out again what moves do to some counts, of which something has changed."""
        if rows.size:
            self._weigh(self.moves.changes.touched(rows))

    def _weigh(self, touched: Touched) -> None:
        counts, low, high, weight, pull, goal = self._state.take(touched.row, axis=1)
        counts += touched.by
        outside = np.maximum(low - counts, counts - high)
        np.maximum(outside, 0, out=outside)
        self.outside[touched.rows] = outside[touched.first]
        costs = weight * outside + pull * abs(counts - goal)
        brings = costs - costs[touched.none]
        more = brings - self._brings[touched.changes]
        other = more.nonzero()[0]
        if other.size:
            changes = touched.changes[other]
            self._brings[changes] = brings[other]
            moves, n = self.moves.changes.making(changes)
            np.add.at(self._score, moves, more[other].repeat(n))

    def bound(self, row: int, low: int, high: int) -> None:
        """Change the bounds of one count."""
        self.low[row], self.high[row] = low, high
        self._weigh(self.moves.of_rows((row,))[1])

    def pulled(self, rows: Whole, goals: Whole) -> None:
        """Draw some counts to goals, and no others."""
        before = self._state[4:].copy()
        self.pull[:] = 0
        self.pull[rows], self.goal[rows] = 1, goals
        self.weigh(np.flatnonzero((self._state[4:] != before).any(axis=0)))

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
        moves, touched = self.moves.of_rows(tuple(outside.tolist()))
        self._weigh(touched)
        if self._score.size and self._score.min() == 0:
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
        by, touched = self.moves.of_move(move)
        self.counts[touched.rows] += by
        back, move = divmod(move, len(self.made))
        self.made[move] += -1 if back else 1
        once = self.moves.excluded(move)
        if once.size:
            self._close(once, not back)
        else:
            self._close(move, self.made[move] >= self.moves.most[move])
        self._close(move + len(self.made), self.made[move] == 0)
        self._weigh(touched)

    def _close(self, moves: Whole | int, closed: bool) -> None:
        """Say whether some moves cannot be made."""
        self._score[moves] += FAR * (int(closed) - self._closed[moves])
        self._closed[moves] = closed
