"""Answers weighted so that those who answered are like those who came, where that is known.

Whoever is of a kind that seldom answers stands for more of it. Raking finds weights that give
each course, and each role, as much weight as its attendances have: the inverse of a propensity to
answer that is a product of one of the course and one of the role. It mends what these explain of
the silence, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from lmm.statistics.clusters import Clusters
from lmm.statistics.effective_size import effective_size
from lmm.statistics.estimate import Estimate, check_confidence
from lmm.statistics.rounding import fixed
from lmm.statistics.shares import clopper_pearson
from lmm.study.setting import Basis

Numbers = npt.NDArray[np.float64]

METHOD = "raked, Korn-Graubard with CR2"

SETTLED, MOST_ROUNDS = 1e-13, 10_000
"""Weights are found when no margin is off by more of itself; how often they are corrected."""

MOST_UNEQUAL = 1e6
"""Weights of courses, or of roles, that differ by more run away from each other."""


def raked(answers: Numbers, rows: Numbers, columns: Numbers) -> Numbers | None:
    """Weight the answers of a table so that both its margins are as wanted.

    Iterative proportional fitting, of which R's ``survey::rake`` gives the same weights. Ours
    because neither statsmodels nor scipy has it. Source: Deming and Stephan (1940), Annals of
    Mathematical Statistics 11, 427-444; Deville, Sarndal and Sautory (1993), Journal of the
    American Statistical Association 88, 1013-1020.

    Parameters
    ----------
    answers
        How many there are of each row and column; none of either is empty.
    rows, columns
        The margins that the weighted answers are to have, of one sum.

    Returns
    -------
    array or None
        The weight of an answer in each cell, of the same shape; None where no weights do it.
    """
    by_row, by_column = np.ones(len(rows)), np.ones(len(columns))
    for _ in range(MOST_ROUNDS):
        by_row = rows / (answers @ by_column)
        by_column = columns / (by_row @ answers)
        if max(np.ptp(np.log(each)) for each in (by_row, by_column)) > log(MOST_UNEQUAL):
            return None
        off = np.abs((answers @ by_column) * by_row / rows - 1).max()
        if off < SETTLED:
            return np.outer(by_row, by_column)
    return None


@dataclass(frozen=True)
class Weighted:
    """High answers and all answers by cluster and group, with the weight of one in each.

    Attributes
    ----------
    high, answers, weights
        Of shape (clusters, groups).
    """

    high: npt.NDArray[np.int64]
    answers: npt.NDArray[np.int64]
    weights: Numbers

    @property
    def share(self) -> float:
        """The weighted share of high answers."""
        return float((self.weights * self.high).sum() / (self.weights * self.answers).sum())

    @property
    def design_effect(self) -> float:
        """What unequal weights cost: n times the sum of squared weights / the squared sum.

        Source: Kish (1965), Survey Sampling, section 11.7.
        """
        n, squares = self.answers.sum(), (self.weights**2 * self.answers).sum()
        return float(n * squares / (self.weights * self.answers).sum() ** 2)


def weighted_share(estimand: str, weighted: Weighted, confidence: float, basis: Basis) -> Estimate:
    """Give a weighted share with exact limits on its effective size.

    The effective size is that of the unweighted answers in their clusters, divided by the design
    effect of the weights: the two multiply where weights have nothing to do with the answers
    (Gabler, Haeder and Lahiri 1999, Survey Methodology 25, 105-106).

    Returns
    -------
    Estimate
        Numerator and denominator are unweighted. ``not_estimable`` where the clusters tell
        nothing of their spread.
    """
    check_confidence(confidence)
    each = (numbers.sum(axis=1).tolist() for numbers in (weighted.high, weighted.answers))
    clusters = Clusters.of(*each)
    if (without := clusters.no_spread(estimand, basis)) is not None:
        return without
    share, own = weighted.share, weighted.design_effect
    size = effective_size(clusters, confidence)[1] / own
    limits = clopper_pearson(size * share, size, confidence)
    used = weighted.weights[weighted.answers > 0] / (
        (weighted.weights * weighted.answers).sum() / weighted.answers.sum()
    )
    note = (
        f"{clusters.in_words}, weights from {fixed(used.min(), 2)} to {fixed(used.max(), 2)}, "
        f"their design effect {fixed(own, 2)}, effective size {fixed(size, 1)} of {clusters.total}"
    )
    return clusters.with_value(estimand, share, limits, METHOD, basis, note)
