"""Populations of few kinds of people, for `lmm.disclosure.plan.plan`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.sparse import csr_array

from lmm.disclosure.search import Moves

MOST = 40
"""How many of each kind may come."""


def exchanges(kinds: np.ndarray, people: Sequence[int] | np.ndarray) -> Iterator[Moves]:
    """Let people come and go.

    Parameters
    ----------
    kinds
        A row a cell, a column a kind of person: what one of them adds to the cell.
    people
        How many there are of each kind.
    """
    kinds, people = np.asarray(kinds, dtype="int64"), np.asarray(people, dtype="int64")
    there = people > 0
    effects = csr_array(np.hstack([kinds, -kinds[:, there]]))
    most = np.concatenate([np.full(len(people), MOST), people[there]])
    yield Moves(effects, most, np.full(len(most), -1))


def each_by_itself(counts: Sequence[int] | np.ndarray) -> Iterator[Moves]:
    """Let every cell be made up of people of its own."""
    return exchanges(np.eye(len(counts), dtype="int64"), counts)
