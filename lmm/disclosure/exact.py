"""Populations that exchanges lead to, by integer programming: where a search finds none.

The solver is HiGHS. What it proposes has to fit in whole numbers.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from lmm.disclosure.moves import Moves, Whole

BRANCHES = 2_000
"""How many branches are tried."""

PART = 1e-4
"""What is less than this is 0."""

FIRST = 1_000
"""How much more it matters that the first count is within its bounds than that another one is."""


def fits(moves: Moves, low: Whole, high: Whole) -> Whole | None:
    """Look for few exchanges that change no count by less or by more than they may.

    Returns
    -------
    Whole
        How often each move is made; None if no way is found.
    """
    if not moves.most.size:
        return None
    rules, low, high = _rules(moves, low, high)
    one = np.ones_like(moves.most)
    solved = milp(
        one,
        constraints=LinearConstraint(rules, low, high),
        integrality=one,
        bounds=Bounds(0, moves.most),
        options={"node_limit": BRANCHES, "mip_rel_gap": 0.5},
    )
    if solved.x is None:
        return None
    made: Whole = np.rint(solved.x).astype("int64")
    change = rules @ made
    return made if ((low <= change) & (change <= high)).all() else None


def nearest(moves: Moves, low: Whole, high: Whole, first: int) -> tuple[Whole, bool]:
    """Say which moves are made where counts are nearest to their bounds, one count above all.

    Returns
    -------
    moves, within
        The second says whether all counts are within their bounds, if moves may be made in part.
        Where they are not, no whole number of moves brings them there either.
    """
    rules, low, high = _rules(moves, low, high)
    size, n = len(moves.most), len(low)
    weight = np.ones(n)
    weight[first] = FIRST
    solved = milp(
        np.concatenate([np.zeros(size), weight, weight]),
        constraints=LinearConstraint(hstack([rules, eye_array(n), -eye_array(n)]), low, high),
        bounds=Bounds(0, np.concatenate([moves.most, np.full(2 * n, np.inf)])),
    )
    if solved.x is None:
        return np.empty(0, "int64"), False
    made: Whole = np.flatnonzero(solved.x[:size] > PART)
    return made, bool(solved.x[size:].sum() < PART)


def _rules(moves: Moves, low: Whole, high: Whole) -> tuple[csr_array, Whole, Whole]:
    """Give what moves add to each count and its bounds; and that nobody is exchanged twice."""
    once = np.flatnonzero(moves.source >= 0)
    shape = int(moves.source.max(initial=-1)) + 1, len(moves.source)
    twice = csr_array((np.ones(len(once), "int64"), (moves.source[once], once)), shape)
    nobody = np.zeros(shape[0], "int64")
    rules = csr_array(vstack([moves.effects, twice]))
    return rules, np.concatenate([low, nobody]), np.concatenate([high, nobody + 1])
