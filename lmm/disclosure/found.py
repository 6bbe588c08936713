"""The populations that a search has found, and which of them lead to what is shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from lmm.disclosure.search import Whole


class Found:
    """Populations, the true one first, and their values of the small counts.

    Attributes
    ----------
    outside
        By population, of how many counts it has another number than what is shown allows.
    """

    def __init__(self, true: Whole, small: Whole, most: int) -> None:
        """Begin with the true counts, of which some are small: 1 to `most`."""
        self.small, self.most = small, most
        self._counts = true[None]
        self._made: list[tuple[Whole, Whole]] = []
        self.outside = np.empty(0, "int64")
        self.add(true, true[:0])

    def add(self, counts: Whole, made: Whole) -> None:
        """Add a population that leads to what is shown, and how often each move is made in it."""
        size = len(self._made)
        if size == len(self._counts):
            self._counts = np.concatenate([self._counts, np.empty_like(self._counts)])
        self._counts[size] = counts
        moves = np.flatnonzero(made)
        self._made.append((moves, made[moves]))
        self.outside = np.append(self.outside, 0)

    def bound(self, n: int, before: Whole, now: Whole) -> None:
        """Take in that a count may lie within other bounds."""
        counts = self._counts[: len(self._made), n]
        for (low, high), more in ((before, -1), (now, 1)):
            self.outside += more * ((counts < low) | (counts > high))

    def _values(self, which: Whole) -> Whole:
        """Give the small counts in some of them; one more than the most stands for all beyond."""
        values = self._counts[np.ix_(which, self.small)]
        small: Whole = np.minimum(values, self.most + 1).astype("int16")
        return small

    @property
    def fitting(self) -> Whole:
        """The numbers of those that lead to what is shown."""
        return np.flatnonzero(self.outside == 0)

    def seen(self) -> npt.NDArray[np.bool_]:
        """Say which value which small count has in any that fits; a row a count."""
        values = self._values(self.fitting)
        each = [(values == value).any(axis=0) for value in range(1, self.most + 1)]
        return np.array(each).reshape(self.most, -1).T

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
        if not self.small.size:
            return []
        fitting = self.fitting
        values = self._values(fitting)
        of, place = ((values >= 1) & (values <= self.most)).nonzero()
        pairs = place * self.most + values[of, place] - 1
        shape = len(fitting), self.small.size * self.most
        has = csr_array(coo_array((np.ones(len(of), "int64"), (of, pairs)), shape))
        in_which, left = has.tocsc(), np.diff(has.tocsc().indptr) > 0
        more, chosen = np.diff(has.indptr), list[int]()
        while left.any():
            best = int(more.argmax())
            chosen.append(int(fitting[best]))
            new = has.indices[has.indptr[best] : has.indptr[best + 1]]
            new = new[left[new]]
            more -= np.bincount(in_which[:, new].indices, minlength=len(more))
            left[new] = False
        return chosen
