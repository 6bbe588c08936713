"""Exchanges that may be made in a population, and what they do to its counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array, csr_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

Whole = npt.NDArray[np.signedinteger[Any]]

RECENT = 4096
"""So many moves are remembered with what they touch."""


class Touched(NamedTuple):
    """Changes that could be made to some counts.

    Attributes
    ----------
    rows
        The counts.
    changes
        All changes of them, those of one count after those of another.
    row, by
        Of each change, the count and by how much it changes.
    first, none
        Where among these stands the change by 0 of each count, and of the count of each change.
    """

    rows: Whole
    changes: Whole
    row: Whole
    by: Whole
    first: Whole
    none: Whole


class Changes(NamedTuple):
    """What moves do to counts: all that change a count by as much make one change.

    Attributes
    ----------
    row, by
        Of each change, the count and by how much it changes. Those of a count stand together;
        the first of them is by 0, and no move makes it.
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

    def touched(self, rows: Whole) -> Touched:
        """Give all changes of some counts."""
        changes, n = _between(self.of_row, rows)
        first = n.cumsum() - n
        return Touched(rows, changes, self.row[changes], self.by[changes], first, first.repeat(n))

    def making(self, changes: Whole) -> tuple[Whole, Whole]:
        """Give the moves that make some changes, and how many make each."""
        places, n = _between(self.begins, changes)
        return self.moves[places], n


def _between(begins: Whole, which: Whole) -> tuple[Whole, Whole]:
    """Give all places from where some begin to where the next do, and how many each has."""
    first = begins[which]
    n = begins[which + 1] - first
    ends = n.cumsum()
    return (first - ends + n).repeat(n) + np.arange(ends[-1] if ends.size else 0), n


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
        """What they do to counts."""
        size, n = self.rows.shape[0], np.diff(self.rows.indptr)
        row = np.concatenate([np.arange(size), np.repeat(np.arange(size), n)])
        by = np.concatenate([np.zeros(size, "int64"), self.rows.data])
        order = np.lexsort((by, by != 0, row))
        row, by = row[order], by[order]
        new = (np.diff(row, prepend=-1) != 0) | (np.diff(by, prepend=0) != 0)
        made, first = by != 0, np.flatnonzero(new)
        begins = np.append(made.cumsum() - made, made.sum())[np.append(first, len(row))]
        moves = self.rows.indices[order[made] - size].astype("int64")
        of_row = np.searchsorted(row[first], np.arange(size + 1))
        return Changes(row[first], by[first], of_row, moves, begins)

    @cached_property
    def of_move(self) -> Callable[[int], tuple[Whole, Touched]]:
        """Give by how much a move changes counts, and what can be changed of these."""

        @lru_cache(RECENT)
        def found(move: int) -> tuple[Whole, Touched]:
            part = slice(*self.columns.indptr[move : move + 2])
            rows = self.columns.indices[part].astype("int64")
            return self.columns.data[part], self.changes.touched(rows)

        return found

    @cached_property
    def of_rows(self) -> Callable[[tuple[int, ...]], tuple[Whole, Touched]]:
        """Give the moves that change some of a few counts, and what can be changed of these."""

        @lru_cache(RECENT)
        def found(rows: tuple[int, ...]) -> tuple[Whole, Touched]:
            touched = self.changes.touched(np.array(rows, "int64"))
            return self.changes.making(touched.changes)[0], touched

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
