"""The model of proportional odds, with its covariance clustered, and its check at every cut.

Nothing here knows of records: answers, groups and courses come as codes. What the model is for,
and when it is not fitted, is in `lmm.analysis.ordinal`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, logit

Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True)
class ProportionalOdds:
    """A fitted model of proportional odds.

    Attributes
    ----------
    groups, courses
        How many there are.
    parameters
        Log odds ratios of the second and each later group against the first, over 0 where
        answers are higher, then the thresholds between answers.
    model_based, clustered
        Covariances of ``parameters``: the inverse of the observed information; and the sandwich
        of scores summed over courses, times courses / (courses - 1).
    """

    groups: int
    courses: int
    parameters: Vector
    model_based: Vector
    clustered: Vector

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

    def standard_error(self, gradient: Vector) -> tuple[float, str]:
        """Give the larger of the two standard errors, and its name."""
        clustered, model_based = (
            float(gradient @ covariance @ gradient)
            for covariance in (self.clustered, self.model_based)
        )
        return _larger(clustered, model_based)


def _larger(clustered: float, model_based: float) -> tuple[float, str]:
    """Choose between two variances; see the top of this module."""
    if clustered >= model_based:
        return float(np.sqrt(clustered)), "clustered on course"
    return float(np.sqrt(model_based)), "model-based: clustering adds nothing"


CONVERGED = 1e-12
"""The score at the maximum, in standard errors: far below the digits that are ever shown."""

MOST_STEPS = 50


def fit_proportional_odds(answer: Codes, group: Codes, course: Codes) -> ProportionalOdds | None:
    """Fit the model by Newton's steps, with its covariance clustered on course.

    The likelihood is concave (Pratt 1981, Journal of the American Statistical Association 76,
    103-106), so that they lead to its maximum from anywhere. Ours because `OrderedModel` of
    statsmodels takes score and information by finite differences: good to about five digits, of
    which the last differ between processors.

    Parameters
    ----------
    answer, group, course
        Codes from 0 of each answer: the place on the scale, of which every one is used, the
        group, and the course. The caller has ruled out separation.

    Returns
    -------
    ProportionalOdds or None
        None if the maximum was not found.
    """
    counts = np.zeros((int(group.max()) + 1, int(answer.max()) + 1))
    np.add.at(counts, (group, answer), 1)
    parameters = _no_difference(counts)
    for _ in range(MOST_STEPS):
        scores, information = _derivatives(parameters, counts)
        score = np.einsum("ga,gak->k", counts, scores)
        if (inverse := _inverse(information)) is None:
            return None
        step = inverse @ score
        if score @ step < CONVERGED**2:
            influence = scores[group, answer] @ inverse
            clustered = clustered_covariance(influence, course)
            courses = len(np.unique(course))
            return ProportionalOdds(len(counts), courses, parameters, inverse, clustered)
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


def clustered_covariance(influence: Vector, course: Codes) -> Vector:
    """Sum influences (a row an answer) over courses and take their covariance.

    The factor courses / (courses - 1) is the small-sample one of Liang and Zeger's sandwich
    as in Cameron and Miller (2015); R's ``sandwich::vcovCL`` applies the same by default.
    """
    _, place = np.unique(course, return_inverse=True)
    sums = np.zeros((int(place.max()) + 1, influence.shape[1]))
    np.add.at(sums, place, influence)
    return np.asarray(len(sums) / (len(sums) - 1) * sums.T @ sums)


class WaldTest(NamedTuple):
    """An F test: the statistic, its two degrees of freedom and the p-value."""

    f: float
    df: int
    df_courses: int
    p_value: float


@dataclass(frozen=True)
class CutContrasts:
    """The log odds ratio of each group against the first, separately at each cut.

    Attributes
    ----------
    log_odds_ratios, variances
        Groups after the first in rows, cuts in columns; variances are the model-based ones.
    covariance
        That of ``log_odds_ratios`` row by row, clustered on course.
    courses
        How many there are.
    """

    log_odds_ratios: Vector
    variances: Vector
    covariance: Vector
    courses: int

    @classmethod
    def of(cls, answer: Codes, group: Codes, course: Codes) -> Self:
        """Take the observed log odds; every group has answers on both sides of each cut."""
        member = (group[:, None] == np.arange(group.max() + 1)).astype(np.float64)
        above = (answer[:, None] > np.arange(answer.max())).astype(np.float64)
        size = member.sum(axis=0)[:, None]
        share = member.T @ above / size
        variance = 1 / (size * share * (1 - share))
        influence = member[:, :, None] * (above[:, None, :] - share) * variance
        contrast = influence[:, 1:] - influence[:, :1]
        return cls(
            log_odds_ratios=logit(share[1:]) - logit(share[:1]),
            variances=variance[1:] + variance[:1],
            covariance=clustered_covariance(contrast.reshape(len(answer), -1), course),
            courses=len(np.unique(course)),
        )

    def standard_error(self, group: int, cut: int) -> tuple[float, str]:
        """Give the larger of the two standard errors of one log odds ratio, and its name."""
        place = (group - 1) * self.log_odds_ratios.shape[1] + cut
        return _larger(float(self.covariance[place, place]), float(self.variances[group - 1, cut]))

    def test(self) -> WaldTest | None:
        """Test whether each group has one log odds ratio at all cuts; None if impossible."""
        groups, cuts = self.log_odds_ratios.shape
        later_less_first = np.eye(cuts)[1:] - np.eye(cuts)[0]
        contrasts = np.kron(np.eye(groups), later_less_first)
        differences = contrasts @ self.log_odds_ratios.ravel()
        covariance = contrasts @ self.covariance @ contrasts.T
        df, residual = len(differences), self.courses - len(differences)
        if residual < 1 or np.linalg.matrix_rank(covariance) < df:
            return None
        wald = float(differences @ np.linalg.solve(covariance, differences))
        f = wald * residual / (df * (self.courses - 1))
        return WaldTest(f, df, residual, float(stats.f.sf(f, df, residual)))
