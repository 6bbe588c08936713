"""The model of proportional odds, with its covariance clustered, and its check at every cut.

Nothing here knows of records: answers, groups and courses come as codes. What the model is for,
and when it is not fitted, is in `lmm.analysis.ordinal`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, logit
from statsmodels.miscmodels.ordinal_model import OrderedModel

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
        answers are higher, then the thresholds between answers (not statsmodels' increments).
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


def fit_proportional_odds(answer: Codes, group: Codes, course: Codes) -> ProportionalOdds | None:
    """Fit the model by statsmodels, with its covariance clustered on course.

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
    groups = int(group.max()) + 1
    design = (group[:, None] == np.arange(1, groups)).astype(np.float64)
    model = OrderedModel(answer, design, distr="logit")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whatever it warns of, _inverse finds
        fit = model.fit(method="bfgs", gtol=1e-7, maxiter=1000, disp=False)
        found = np.asarray(fit.params)
        scores, inverse = model.score_obs(found), _inverse(-model.hessian(found))
    if inverse is None or not _at_maximum(scores.sum(axis=0), inverse):
        return None
    natural = _increments_to_thresholds(found, groups - 1)
    thresholds = model.transform_threshold_params(found)[1:-1]
    return ProportionalOdds(
        groups=groups,
        courses=len(np.unique(course)),
        parameters=np.concatenate([found[: groups - 1], thresholds]),
        model_based=natural @ inverse @ natural.T,
        clustered=clustered_covariance(scores @ inverse @ natural.T, course),
    )


def _inverse(information: Vector) -> Vector | None:
    """Invert an information matrix, which at a maximum has positive eigenvalues only."""
    if not np.all(np.isfinite(information)) or np.linalg.eigvalsh(information)[0] <= 0:
        return None
    return np.asarray(np.linalg.inv(information))


def _at_maximum(score: Vector, inverse: Vector) -> bool:
    """Tell whether the maximum is within a thousandth of a standard error, all in all."""
    return bool(score @ inverse @ score < 1e-6)


def _increments_to_thresholds(parameters: Vector, ratios: int) -> Vector:
    """Differentiate the thresholds by what statsmodels estimates.

    These are the first threshold and the logarithms of the increments to the later ones.
    """
    steps = np.concatenate([[1.0], np.exp(parameters[ratios + 1 :])])
    jacobian = np.eye(len(parameters))
    jacobian[ratios:, ratios:] = np.tril(np.tile(steps, (len(steps), 1)))
    return jacobian


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
