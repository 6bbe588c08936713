"""Whether odds are proportional: the odds ratios at every cut of the scale, and their test.

Proportional odds say that a group has the same odds ratio at every cut. With groups as the only
predictor the separate binary logits need no fitting: they are the observed log odds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from scipy import stats
from scipy.special import logit

from lmm.statistics.few_clusters import Vector
from lmm.statistics.proportional_odds import Counts


class WaldTest(NamedTuple):
    """An F test: the statistic, its two degrees of freedom and the p-value."""

    f: float
    df: int
    df_clusters: int
    p_value: float


@dataclass(frozen=True)
class CutContrasts:
    """The log odds ratio of each group against the first, separately at each cut.

    Attributes
    ----------
    log_odds_ratios
        Groups after the first in rows, cuts in columns.
    covariance
        That of ``log_odds_ratios`` row by row, clustered.
    clusters
        How many there are.
    """

    log_odds_ratios: Vector
    covariance: Vector
    clusters: int

    @classmethod
    def of(cls, answers: Counts) -> Self:
        """Take the observed log odds; every group has answers on both sides of each cut.

        Parameters
        ----------
        answers
            Counts of shape (clusters, groups, answers).
        """
        size = answers.sum(axis=2)
        above = size[:, :, None] - answers.cumsum(axis=2)[:, :, :-1]
        total = size.sum(axis=0)[:, None]
        share = above.sum(axis=0) / total
        variance = 1 / (total * share * (1 - share))
        influence = (above - size[:, :, None] * share) * variance
        contrast = influence[:, 1:] - influence[:, :1]
        return cls(
            log_odds_ratios=logit(share[1:]) - logit(share[:1]),
            covariance=clustered_covariance(contrast.reshape(len(answers), -1)),
            clusters=len(answers),
        )

    def test(self) -> WaldTest | None:
        """Test whether each group has one log odds ratio at all cuts; None if impossible.

        A Wald test in the manner of Brant (1990, Biometrics 46, 1171-1178), with the covariance
        of all binary logits taken jointly and clustered, and Korn and Graubard's (1990, The
        American Statistician 44, 270-276) F for few clusters. It is impossible with more
        differences between cuts than the clusters can show.
        """
        groups, cuts = self.log_odds_ratios.shape
        later_less_first = np.eye(cuts)[1:] - np.eye(cuts)[0]
        contrasts = np.kron(np.eye(groups), later_less_first)
        differences = contrasts @ self.log_odds_ratios.ravel()
        covariance = contrasts @ self.covariance @ contrasts.T
        df, residual = len(differences), self.clusters - len(differences)
        if residual < 1 or np.linalg.matrix_rank(covariance) < df:
            return None
        wald = float(differences @ np.linalg.solve(covariance, differences))
        f = wald * residual / (df * (self.clusters - 1))
        return WaldTest(f, df, residual, float(stats.f.sf(f, df, residual)))


def clustered_covariance(influence: Vector) -> Vector:
    """Take the covariance of influences that are summed over each cluster (a row a cluster).

    The factor clusters / (clusters - 1) is the small-sample one of Liang and Zeger's sandwich
    as in Cameron and Miller (2015); R's ``sandwich::vcovCL`` applies the same by default.
    """
    return np.asarray(len(influence) / (len(influence) - 1) * influence.T @ influence)
