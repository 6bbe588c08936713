"""Looks for whole numbers that fit, and knows where there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack
from scipy.sparse.csgraph import connected_components

from attack.program import Program, Terms

Numbers = npt.NDArray[np.int64]
QUICKLY = 20
"""How many branches are tried where it does not matter to find the best."""


def matrix(sums: Sequence[Terms], size: int) -> csr_array:
    """Write sums as the rows of a matrix."""
    entries = [(row, at, n) for row, terms in enumerate(sums) for at, n in terms.items()]
    rows, columns, values = np.array(entries, dtype="int64").reshape(-1, 3).T
    return csr_array(coo_array((values, (rows, columns)), shape=(len(sums), size)))


@dataclass(frozen=True)
class Solver:
    """Unknown numbers up to some size, and sums of them that lie between two numbers."""

    rules: csr_array
    low: Numbers
    high: Numbers
    most: Numbers

    @classmethod
    def of(cls, program: Program) -> Solver:
        """Give the solver of a program."""
        low, high = np.array([rule[1:] for rule in program.rules], dtype="int64").reshape(-1, 2).T
        rules = matrix([rule[0] for rule in program.rules], len(program.most))
        return cls(rules, low, high, np.array(program.most, dtype="int64"))

    def parts(self, sums: csr_array) -> Iterator[tuple[Numbers, Solver]]:
        """Give the unknown numbers that rules or sums link, and the solver of these alone."""
        links = abs(csr_array(vstack([self.rules, sums])))
        linked = links.T @ links
        number, part = connected_components(linked, directed=False)
        for n in range(number):
            here = np.flatnonzero(part == n)
            rules = self.rules[:, here]
            held = np.flatnonzero(np.diff(rules.indptr))
            yield here, Solver(rules[held], self.low[held], self.high[held], self.most[here])

    def at(self, total: csr_array, value: int) -> Solver:
        """Give the same where a sum has to be at a value."""
        rules = csr_array(vstack([self.rules, total]))
        return replace(
            self, rules=rules, low=np.append(self.low, value), high=np.append(self.high, value)
        )

    def near(self, sums: csr_array, value: int) -> Numbers | None:
        """Find numbers that fit, with as many sums at a value as is easily found.

        Returns
        -------
        ndarray of int or None
            None if there are no such numbers, which is certain.
        """
        found = self._solved(sums, value, node_limit=QUICKLY)
        if found is None:
            found = self._solved(sums[:0], value)
        if found is None:  # presolving has called infeasible what is not
            found = self._solved(sums[:0], value, presolve=False)
        return found

    def _solved(self, sums: csr_array, value: int, **options: object) -> Numbers | None:
        """Solve with a distance of each sum from the value, and as small distances as can be."""
        size, far = len(self.most), sums.shape[0]
        off = csr_array(np.eye(far))
        rules = vstack([
            hstack([self.rules, csr_array((self.rules.shape[0], far))]),
            hstack([sums, off]),
            hstack([sums, -off]),
        ])  # fmt: skip
        end, aim = np.full(far, np.inf), np.full(far, value)
        found = milp(
            np.repeat([0, 1], [size, far]),
            integrality=np.repeat([1, 0], [size, far]),
            bounds=Bounds(0, np.r_[self.most, end]),
            constraints=LinearConstraint(
                csr_array(rules), np.r_[self.low, aim, -end], np.r_[self.high, end, aim]
            ),
            options=options,
        )
        return None if found.x is None else self._checked(np.round(found.x[:size]).astype("int64"))

    def _checked(self, numbers: Numbers) -> Numbers:
        held = self.rules @ numbers
        fits = (held >= self.low) & (held <= self.high)
        assert fits.all() and (numbers >= 0).all(), "what was found does not fit"
        return numbers
