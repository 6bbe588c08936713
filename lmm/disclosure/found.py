"""The populations that a search has found, and which of them lead to what is shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from lmm.disclosure.moves import Whole


class Found:
    """Populations, the true one first, and their values of the small counts.

    Attributes
    ----------
    outside
        By population, of how many counts it has another number than what is shown allows.
    """

    def __init__(self, true: Whole, small: Whole, most: int) -> None:
        """Begin with the true counts, of which some are small: 1 to `most`."""
        self.small, self.values = small, np.arange(1, most + 1)
        self._counts = true[None]
        self._has = np.zeros((1, small.size), "uint32")
        self._made: list[tuple[Whole, Whole]] = []
        self.outside = np.empty(0, "int64")
        self.add(true, true[:0])

    def add(self, counts: Whole, made: Whole) -> None:
        """Add a population that leads to what is shown, and how often each move is made in it."""
        size, moves = len(self._made), np.flatnonzero(made)
        if size == len(self._counts):
            self._counts, self._has = (np.tile(each, (2, 1)) for each in (self._counts, self._has))
        self._counts[size], self._has[size] = counts, self.has(counts) @ (1 << self.values)
        self._made.append((moves, made[moves]))
        self.outside = np.append(self.outside, 0)

    def has(self, counts: Whole) -> npt.NDArray[np.bool_]:
        """Say which value each small count has; a row a count, a column a value."""
        return np.asarray(counts[self.small, None] == self.values)

    def bound(self, n: int, before: Whole, now: Whole) -> None:
        """Take in that a count may lie within other bounds."""
        counts = self._counts[: len(self._made), n]
        for (low, high), more in ((before, -1), (now, 1)):
            self.outside += more * ((counts < low) | (counts > high))

    @property
    def fitting(self) -> Whole:
        """The numbers of those that lead to what is shown."""
        return np.flatnonzero(self.outside == 0)

    def seen(self) -> npt.NDArray[np.bool_]:
        """Say which value which small count has in any that fits, like `has`."""
        every = np.bitwise_or.reduce(self._has[self.fitting], axis=0)
        return np.asarray((every[:, None] >> self.values & 1) > 0)

    def last(self, size: int) -> tuple[Whole, Whole]:
        """Give the counts of the last that fits, and how often each of so many moves is made."""
        last = int(self.fitting[-1])
        return self._counts[last], self.made(last, size)

    def made(self, n: int, size: int) -> Whole:
        """Say how often each of so many moves is made in a population."""
        made = np.zeros(size, "int64")
        moves, often = self._made[n]
        made[moves] = often
        return made

    def few(self) -> list[int]:
        """Choose few that fit and have every value of every small count between them."""
        fitting = self.fitting
        each = [self.has(self._counts[n]).ravel().nonzero()[0] for n in fitting]
        of = np.repeat(np.arange(len(each)), [len(pairs) for pairs in each])
        pairs, shape = np.concatenate(each), (len(each), self.small.size * self.values.size)
        has = csr_array(coo_array((np.ones(len(of), "int64"), (of, pairs)), shape))
        which = has.tocsc()
        more, left = np.diff(has.indptr), np.diff(which.indptr) > 0
        chosen: list[int] = []
        while left.any():
            best = int(more.argmax())
            chosen.append(int(fitting[best]))
            new = has.indices[has.indptr[best] : has.indptr[best + 1]]
            new = new[left[new]]
            more -= np.bincount(which[:, new].indices, minlength=len(more))
            left[new] = False
        return chosen
