"""The covariance of a model whose answers come in clusters, where these are few.

Scores that are added up over clusters vary less than they should, because the parameters were
fitted to them, the more so the larger a cluster's part. Bell and McCaffrey (2002, Survey
Methodology 28, 169-181) enlarge each cluster's score for that and give the variance Satterthwaite's
degrees of freedom, both as if answers were independent; see `lmm.statistics.cluster_robust`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

LEAST = 1e-9
"""What is left of a cluster's score when the parameters fit it alone; never divided by less."""


@dataclass(frozen=True)
class FewClusters:
    """The CR2 covariance of fitted parameters, and its degrees of freedom.

    Ours because statsmodels has no CR2. R's ``clubSandwich`` has it for logistic regression, where
    it agrees, and not for proportional odds.

    Attributes
    ----------
    information
        The information that each cluster's answers are expected to give, of shape (clusters,
        parameters, parameters).
    adjustment
        What each cluster's score is multiplied by, of the same shape.
    inverse
        Of the observed information of all answers.
    scores
        Of each cluster, not adjusted: (clusters, parameters).
    """

    information: Vector
    adjustment: Vector
    inverse: Vector
    scores: Vector

    @classmethod
    def of(cls, scores: Vector, information: Vector, inverse: Vector) -> Self:
        """Adjust the scores of clusters, (clusters, parameters), for what was fitted to them."""
        root, back = _roots(information.sum(axis=0))
        part = np.einsum("ij,cjk,kl->cil", back, information, back)
        values, vectors = np.linalg.eigh(np.eye(len(inverse)) - part)
        powers = np.maximum(values, LEAST) ** -0.5
        symmetric = np.einsum("cij,cj,ckj->cik", vectors, powers, vectors)
        adjustment = np.einsum("ij,cjk,kl->cil", root, symmetric, back)
        return cls(information, adjustment, inverse, scores)

    @property
    def covariance(self) -> Vector:
        """The sum over clusters of the squares of their adjusted influence."""
        adjusted = np.einsum("ckl,cl->ck", self.adjustment, self.scores) @ self.inverse
        return np.asarray(adjusted.T @ adjusted)

    def df(self, gradient: Vector) -> float:
        """Give Satterthwaite's degrees of freedom of the variance of a linear combination."""
        return self.joint_df(gradient[None])

    def joint_df(self, gradients: Vector) -> float:
        """Give the degrees of freedom of the covariance of several linear combinations.

        Those of the Wishart distribution that the covariance is taken to have, by the variances
        of all its entries: HTZ of Tipton and Pustejovsky (2015, Journal of Educational and
        Behavioral Statistics 40, 604-634); of one combination they are Satterthwaite's.

        Parameters
        ----------
        gradients
            A row each.
        """
        moments = self._moments(gradients)
        expected = np.einsum("stcc->st", moments)
        _, back = _roots(expected)
        moments = np.einsum("is,jt,stcd->ijcd", back, back, moments)
        own = np.einsum("sscd,ttcd->", moments, moments)
        crossed = np.einsum("stcd,stdc->", moments, moments)
        q = len(gradients)
        return float(q * (q + 1) / (own + crossed))

    def _moments(self, gradients: Vector) -> Vector:
        """Give the expected products of the influences of any two clusters on two combinations."""
        weights = np.einsum("clk,sl->sck", self.adjustment, gradients @ self.inverse)
        shared = np.einsum("ckl,scl->sck", self.information, weights)
        common = np.linalg.solve(
            self.information.sum(axis=0), shared.reshape(-1, shared.shape[2]).T
        )
        common = np.einsum("sck,ktd->stcd", shared, common.reshape(-1, *shared.shape[:2]))
        alone = np.einsum("sck,tck->stc", weights, shared)
        return np.asarray(np.eye(shared.shape[1]) * alone[..., None] - common)


def _roots(matrix: Vector) -> tuple[Vector, Vector]:
    """Give the symmetric square root of an information matrix, and its inverse."""
    values, vectors = np.linalg.eigh(matrix)
    root, back = ((vectors * values**power) @ vectors.T for power in (0.5, -0.5))
    return root, back
