"""The model of proportional odds, with its covariance clustered.

Answers come as an array of counts of shape (clusters, groups, answers). When the model is not
fitted is decided in `lmm.statistics.ordinal`; its check at every cut is in
`lmm.statistics.cut_contrasts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from lmm.statistics.few_clusters import FewClusters, Vector

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ProportionalOdds:
    """A fitted model of proportional odds.

    Attributes
    ----------
    groups
        How many there are.
    parameters
        Log odds ratios of the second and each later group against the first, over 0 where
        answers are higher, then the thresholds between answers.
    model_based
        Covariance of ``parameters``: the inverse of the observed information.
    clusters
        The scores summed over clusters, from which the clustered covariance and its degrees of
        freedom are taken.
    """

    groups: int
    parameters: Vector
    model_based: Vector
    clusters: FewClusters

    @cached_property
    def clustered(self) -> Vector:
        """The CR2 covariance of ``parameters``."""
        return self.clusters.covariance

    def log_odds_ratio(self, group: int) -> tuple[float, Vector]:
        """Give the log odds ratio of a group against the first, and its gradient."""
        gradient = np.zeros_like(self.parameters)
        gradient[group - 1] = 1
        return float(self.parameters[group - 1]), gradient

    def probability(self, group: int, answer: int) -> tuple[float, Vector]:
        """Give the probability of an answer, and its gradient."""
        value, gradient = 0.0, np.zeros_like(self.parameters)
        first = self.groups - 1
        shift = self.parameters[group - 1] if group else 0.0
        for sign, cut in ((1, answer), (-1, answer - 1)):
            if first + cut == len(self.parameters):  # everything is below the last answer's end
                value += 1
            elif cut >= 0:
                below = float(expit(self.parameters[first + cut] - shift))
                value += sign * below
                gradient[first + cut] += sign * below * (1 - below)
                if group:
                    gradient[group - 1] -= sign * below * (1 - below)
        return value, gradient

    def standard_error(self, gradient: Vector) -> tuple[float, bool]:
        """Give the larger of the two standard errors, and whether it is the clustered one.

        With few clusters the clustered one can be absurdly small. As the effective size of a
        share is at most its size, clustering is never taken to add information.
        """
        clustered, model_based = (
            float(gradient @ covariance @ gradient)
            for covariance in (self.clustered, self.model_based)
        )
        return float(np.sqrt(max(clustered, model_based))), clustered >= model_based


CONVERGED = 1e-12
"""The score at the maximum, in standard errors: far below the digits that are ever shown."""

MOST_STEPS = 50


def fit_proportional_odds(answers: Counts) -> ProportionalOdds | None:
    """Fit the model by Newton's steps, with its covariance clustered.

    The likelihood is concave (Pratt 1981, Journal of the American Statistical Association 76,
    103-106), so that they lead to its maximum from anywhere. Ours because `OrderedModel` of
    statsmodels takes score and information by finite differences: good to about five digits, of
    which the last differ between processors.

    Parameters
    ----------
    answers
        Counts of shape (clusters, groups, answers). Every answer and every cluster is used.
        The caller has ruled out separation.

    Returns
    -------
    ProportionalOdds or None
        None if the maximum was not found.
    """
    counts = answers.sum(axis=0).astype(np.float64)
    parameters = _no_difference(counts)
    for _ in range(MOST_STEPS):
        scores, information = _derivatives(parameters, counts)
        score = np.einsum("ga,gak->k", counts, scores)
        if (inverse := _inverse(information)) is None:
            return None
        step = inverse @ score
        if score @ step < CONVERGED**2:
            clusters = FewClusters.of(
                np.einsum("cga,gak->ck", answers, scores),
                _expected_information(parameters, answers, scores),
                inverse,
            )
            return ProportionalOdds(len(counts), parameters, inverse, clusters)
        parameters = _uphill(parameters, step, counts)
    return None


def _no_difference(counts: Vector) -> Vector:
    """Begin where all groups answer alike: the thresholds are the log odds of all answers."""
    below = counts.sum(axis=0).cumsum()
    return np.concatenate([np.zeros(len(counts) - 1), logit(below[:-1] / below[-1])])


def _ends(counts: Vector) -> tuple[Vector, Vector]:
    """Lay out the upper and the lower end of each answer of each group, as linear predictors.

    Returns
    -------
    tuple
        Two arrays of shape (groups, answers, parameters); the ends of the whole scale, which
        are infinite, are rows of zeros.
    """
    groups, answers = counts.shape
    upper = np.zeros((groups, answers, groups - 1 + answers - 1))
    for cut in range(answers - 1):
        upper[:, cut, groups - 1 + cut] = 1
        upper[1:, cut, : groups - 1] = -np.eye(groups - 1)
    lower = np.zeros_like(upper)
    lower[:, 1:] = upper[:, :-1]
    return upper, lower


def _probabilities(parameters: Vector, counts: Vector) -> tuple[Vector, Vector, Vector]:
    """Give the probability of each answer by group, and those below its upper and lower end."""
    upper, lower = _ends(counts)
    below_upper, below_lower = expit(upper @ parameters), expit(lower @ parameters)
    below_upper[:, -1], below_lower[:, 0] = 1, 0
    return below_upper - below_lower, below_upper, below_lower


def _derivatives(parameters: Vector, counts: Vector) -> tuple[Vector, Vector]:
    """Differentiate the logarithm of the likelihood.

    Returns
    -------
    tuple
        The score of one answer, of shape (groups, answers, parameters), and the observed
        information of all answers.
    """
    upper, lower = _ends(counts)
    probability, *below = _probabilities(parameters, counts)
    scores = np.zeros_like(upper)
    bend = np.zeros((len(parameters), len(parameters)))
    for end, share, sign in zip((upper, lower), below, (1, -1), strict=True):
        density = sign * share * (1 - share) / probability
        scores += density[..., None] * end
        bend += np.einsum("ga,gak,gal->kl", counts * density * (1 - 2 * share), end, end)
    return scores, np.einsum("ga,gak,gal->kl", counts, scores, scores) - bend


def _expected_information(parameters: Vector, answers: Counts, scores: Vector) -> Vector:
    """Give what each cluster's answers are expected to tell: (clusters, parameters, parameters)."""
    probability, *_ = _probabilities(parameters, answers.sum(axis=0))
    of_one = np.einsum("ga,gak,gal->gkl", probability, scores, scores)
    return np.asarray(np.einsum("cg,gkl->ckl", answers.sum(axis=2).astype(np.float64), of_one))


def _uphill(parameters: Vector, step: Vector, counts: Vector) -> Vector:
    """Take a step, or half of it and so on, that does not lower the likelihood."""
    before = _log_likelihood(parameters, counts)
    while _log_likelihood(parameters + step, counts) < before - 1e-9 * abs(before):
        step = step / 2
    return parameters + step


def _log_likelihood(parameters: Vector, counts: Vector) -> float:
    probability, *_ = _probabilities(parameters, counts)
    if probability.min() <= 0:  # thresholds out of order
        return -np.inf
    return float((counts * np.log(probability)).sum())


def _inverse(information: Vector) -> Vector | None:
    """Invert an information matrix, which has positive eigenvalues only."""
    if not np.all(np.isfinite(information)) or np.linalg.eigvalsh(information)[0] <= 0:
        return None
    return np.asarray(np.linalg.inv(information))
