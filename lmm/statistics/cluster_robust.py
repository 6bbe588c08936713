"""The variance of a share between clusters, and how well so many clusters can tell it.

Bell and McCaffrey (2002, Survey Methodology 28, 169-181) correct the variance that is taken from
the residuals of clusters, so that it is right on average under a working model, and give it the
degrees of freedom of Satterthwaite under that model; Pustejovsky and Tipton (2018, Journal of
Business and Economic Statistics 36, 672-683) have it for any working model and call it CR2.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import Self

from lmm.statistics.clusters import Clusters


@dataclass(frozen=True)
class ClusterRobust:
    """The CR2 variance of a share under a working correlation.

    For a mean without predictors all of it has a closed form: a few sums over clusters. Ours
    because statsmodels has neither CR2 nor its degrees of freedom. R's ``clubSandwich`` agrees,
    with the correlation as its ``target``.

    Attributes
    ----------
    variance
        Of the share; 0 where all clusters have one share.
    df
        Satterthwaite's degrees of freedom of the variance: clusters - 1 for clusters of one
        size, near 1 where one cluster holds nearly all trials.
    assumed_design_effect
        The variance that the working model itself gives, over that of independent trials.
    """

    variance: float
    df: float
    assumed_design_effect: float

    @classmethod
    def of(cls, clusters: Clusters, correlation: float) -> Self:
        """Take the variance of two clusters or more.

        Parameters
        ----------
        correlation
            Of any two trials of one cluster, in the working model.
        """
        n = clusters.total
        weights = [m / n for m in clusters.trials]
        assumed = [m * (1 + (m - 1) * correlation) for m in clusters.trials]
        all_of_it = fsum(assumed)
        # What the working model expects of each squared residual, less than is assumed of it.
        expected = [
            v * (1 - 2 * w) + w * w * all_of_it for v, w in zip(assumed, weights, strict=True)
        ]
        factors = [v / e for v, e in zip(assumed, expected, strict=True)]
        squares = (
            a * ((x * n - m * clusters.events) / n) ** 2
            for a, x, m in zip(factors, clusters.successes, clusters.trials, strict=True)
        )
        return cls(
            variance=fsum(squares) / n**2,
            df=degrees_of_freedom(weights, assumed, factors),
            assumed_design_effect=all_of_it / n,
        )


def degrees_of_freedom(weights: list[float], assumed: list[float], factors: list[float]) -> float:
    """Match the first two moments of a sum of corrected squares to a chi-squared.

    The residuals of two clusters i and j have the covariance -(w_i u_j + w_j u_i), with the
    weights w and u = assumed - w * all / 2; so that the sum of the squared covariances of all
    pairs comes apart into sums over clusters.

    Parameters
    ----------
    weights
        Of each cluster in the estimate; they add up to 1.
    assumed
        The variance of each cluster's sum in the working model.
    factors
        By which each squared residual is multiplied.
    """
    all_of_it = fsum(assumed)
    rows = [
        (a, w, v - w * all_of_it / 2, a * (v * (1 - 2 * w) + w * w * all_of_it))
        for a, w, v in zip(factors, weights, assumed, strict=True)
    ]
    ww = fsum(a * w * w for a, w, _, _ in rows)
    uu = fsum(a * u * u for a, _, u, _ in rows)
    wu = fsum(a * w * u for a, w, u, _ in rows)
    own = fsum(c * c - (2 * a * w * u) ** 2 for a, w, u, c in rows)
    return max(fsum(c for *_, c in rows) ** 2 / (2 * ww * uu + 2 * wu * wu + own), 1.0)
