"""Whether the overall answer differs between groups: proportional odds, clustered on course.

One predictor at a time: the phase, the topic, the mode or the respondent's role. The model is
McCullagh's (1980, Journal of the Royal Statistical Society B 42, 109-142), fitted by statsmodels
as if answers were independent; its covariance then allows for what answers from one course
share. It is marginal. statsmodels has no ordinal model with a random effect of the course, and
none is imitated here.

What cannot be estimated is refused before a model is fitted, because statsmodels answers an
infinite odds ratio with a large number and no warning:

- An answer that nobody gave is dropped. One given fewer than 5 times per coefficient is merged
  with its neighbour (Vittinghoff and McCulloch 2007, American Journal of Epidemiology 165,
  710-718); the note names it. High and not high are never merged: too few of either, no model.
- At least 10 courses, and 2 in each group.
- No empty cell of group and answer. This is stricter than the absence of separation.

The shares of `exact_shares` need none of this. Intervals are Wald intervals on the logarithm of
the odds, with Student's t on courses - 1 degrees of freedom (Cameron and Miller 2015, Journal of
Human Resources 50, 317-372), from the clustered or the model-based standard error, whichever is
larger: with few courses the clustered one can be absurdly small. As Korn and Graubard cap the
effective sample size at the sample size, clustering is never taken to add information.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from scipy.special import expit, logit
from statsmodels.miscmodels.ordinal_model import OrderedModel

from lmm.analysis.estimates import RECORD_FIELDS, Estimate, Status, as_table, proportion
from lmm.analysis.measures import answers
from lmm.cleaning.records import Records

Predictor = Literal["phase", "topic", "mode", "role"]
Outcome = Literal["a higher answer", "high satisfaction"]
Vector = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Scale = list[tuple[str, ...]]

PREDICTORS: tuple[Predictor, ...] = ("phase", "topic", "mode", "role")
OUTCOMES: tuple[Outcome, ...] = ("a higher answer", "high satisfaction")
"""The whole scale, rare answers merged; and the top boxes against the rest."""

FEWEST_COURSES = 10
FEWEST_COURSES_A_GROUP = 2
FEWEST_PER_COEFFICIENT = 5

STEPS = np.array([0.0, -1.0, 1.0])
"""From an estimate to itself and to its lower and upper limits."""


# --- results ---------------------------------------------------------------------------


def odds_ratios(records: Records, by: tuple[Predictor, ...] = PREDICTORS) -> pd.DataFrame:
    """Compare each group with the first: the odds of a higher answer, and of a high one.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by, outcome, stratum, against``; the numerator is the
        answers of the group and the denominator all answers of the model. Over 1: more
        satisfied than the group that it is held against.
    """
    rows = []
    for name in by:
        for outcome in OUTCOMES:
            found = compare(records, name, outcome)
            for group in found.others:
                strata = {"by": name, "outcome": outcome, "stratum": group}
                rows.append(({**strata, "against": found.first}, _odds_ratio(found, group)))
    return _laid(rows, ["by", "outcome", "stratum", "against"])


def _odds_ratio(found: Comparison, group: str) -> Estimate:
    estimand, counts = f"odds ratio of {found.outcome}", found.of_all(group)
    if found.model is None or group not in found.used:
        return found.without_value(estimand, group, counts)
    value, gradient = found.model.log_odds_ratio(found.used.index(group))
    error, method = found.model.standard_error(gradient)
    limits = np.exp(value + found.reach() * error * STEPS)
    name = "proportional odds" if len(found.scale) > 2 else "logistic (two answers)"
    return found.estimate(estimand, counts, limits, f"{name}, {method}")


def answer_probabilities(records: Records, by: tuple[Predictor, ...] = PREDICTORS) -> pd.DataFrame:
    """Predict from the model with which probability each group gives each answer.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by, stratum, answer``, by the delta method on the logit;
        the numerator is how many of the group gave the answer, the denominator how many
        answered. Where there is no model, one row a group with the reason.
    """
    rows = []
    for name in by:
        found = compare(records, name)
        for group in found.groups:
            for code, label in enumerate(found.labels if found.modelled(group) else ["any"]):
                strata = {"by": name, "stratum": group, "answer": label}
                rows.append((strata, _probability(found, group, code)))
    return _laid(rows, ["by", "stratum", "answer"])


def _probability(found: Comparison, group: str, answer: int) -> Estimate:
    estimand = "probability of the answer"
    if found.model is None or group not in found.used:
        return found.without_value(estimand, group, (None, found.of_all(group)[0]))
    at = found.used.index(group)
    value, gradient = found.model.probability(at, answer)
    error, method = found.model.standard_error(gradient / (value * (1 - value)))
    limits = expit(logit(value) + found.reach() * error * STEPS)
    counts = found.counts[at, answer], found.counts[at].sum()
    return found.estimate(estimand, counts, limits, f"delta method on the logit, {method}")


def odds_ratios_by_cut(records: Records, by: tuple[Predictor, ...] = PREDICTORS) -> pd.DataFrame:
    """Compare each group with the first at each cut of the scale on its own.

    Proportional odds say that a group has the same odds ratio at every cut. With one
    predictor the separate binary logits need no fitting: they are the observed log odds.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by, stratum, against, cut``; the numerator is how many
        of the group answered above the cut, the denominator how many answered.
    """
    rows = []
    for name in by:
        found = compare(records, name)
        cuts = [f"above “{label}”" for label in found.labels[:-1]]
        for group in found.others:
            for cut, label in enumerate(cuts if found.modelled(group) else ["any"]):
                strata = {"by": name, "stratum": group, "against": found.first, "cut": label}
                rows.append((strata, _odds_ratio_at(found, group, cut)))
    return _laid(rows, ["by", "stratum", "against", "cut"])


def _odds_ratio_at(found: Comparison, group: str, cut: int) -> Estimate:
    estimand = "odds ratio of an answer above the cut"
    if not found.modelled(group):
        return found.without_value(estimand, group, (None, found.of_all(group)[0]))
    at = found.used.index(group)
    contrasts = CutContrasts.of(found.answer, found.group, found.course)
    error, method = contrasts.standard_error(at, cut)
    limits = np.exp(contrasts.log_odds_ratios[at - 1, cut] + found.reach() * error * STEPS)
    counts = found.counts[at, cut + 1 :].sum(), found.counts[at].sum()
    return found.estimate(estimand, counts, limits, f"binary logit, {method}")


def proportional_odds_check(
    records: Records, by: tuple[Predictor, ...] = PREDICTORS
) -> pd.DataFrame:
    """Test whether the odds ratios of `odds_ratios_by_cut` are the same at every cut.

    A Wald test in the manner of Brant (1990, Biometrics 46, 1171-1178), with the covariance
    of all binary logits taken jointly and clustered on course, and Korn and Graubard's (1990,
    The American Statistician 44, 270-276) F for few clusters. A large p-value does not show
    that odds are proportional.

    Returns
    -------
    DataFrame
        ``by, f, df, df_courses, p_value, method, status, basis, note``: one row a predictor.
    """
    rows = [{"by": name, **_check(compare(records, name))} for name in by]
    numbers = ["f", "df", "df_courses", "p_value"]
    columns = ["by", *numbers, "method", "status", "basis", "note"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, "float64"))


def _check(found: Comparison) -> dict[str, object]:
    basis = found.records.basis()
    without = {"method": "", "status": "not_estimable", "basis": basis}
    if found.model is None:
        return {**without, "status": found.status, "note": found.note}
    if len(found.scale) < 3:
        text = "two answers are left, hence one cut: there is nothing to check"
        return {**without, "note": "; ".join(filter(None, (text, found.note)))}
    test = CutContrasts.of(found.answer, found.group, found.course).test()
    if test is None:
        text = f"more differences between cuts than {found.model.courses} courses can show"
        return {**without, "note": text}
    method = "Brant-type Wald test, clustered on course"
    return {
        **test._asdict(), "method": method, "status": "ok", "basis": basis, "note": found.note
    }  # fmt: skip


def exact_shares(records: Records, by: tuple[Predictor, ...] = PREDICTORS) -> pd.DataFrame:
    """Give the share with high satisfaction of each group exactly, without any model.

    Returns
    -------
    DataFrame
        Estimates with the strata ``by`` and ``stratum``, first of all respondents; intervals
        are those of Clopper and Pearson (1934, Biometrika 26, 404-413) and ignore clustering.
    """
    forms = answers(records)
    forms = forms[forms["answered"]]
    rows = [({"by": "all", "stratum": "all"}, _exact_share(records, forms, "satisfaction"))]
    for name in by:
        for group in _groups(records, name):
            strata = {"by": str(name), "stratum": group}
            rows.append((strata, _exact_share(records, forms[forms[name] == group])))
    return as_table(rows)


def _exact_share(records: Records, forms: pd.DataFrame, figure: str = "") -> Estimate:
    high, n = int(forms["high"].sum()), len(forms)
    estimate = proportion(
        "share of respondents with high satisfaction", high, n,
        records.parameters.confidence, records.basis(figure), "clopper-pearson",
    )  # fmt: skip
    if n and high in (0, n):
        said = "all answers are" if high else "no answer is"
        estimate = estimate.noted(f"{said} high, which tells what each respondent said")
    return estimate.noted("ignores clustering") if n else estimate


def _laid(rows: list[tuple[dict[str, str], Estimate]], strata: list[str]) -> pd.DataFrame:
    """Lay out estimates, with their columns where a study has nothing to compare."""
    return as_table(rows).reindex(columns=[*strata, *RECORD_FIELDS])


# --- what is compared ------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """The answers of the groups of one predictor, and the model where there can be one.

    Attributes
    ----------
    groups, used
        All declared groups, and those with answers; the first of these is compared with.
    scale
        The answers that the model tells apart, worst first; each is one or more labels.
    answer, group, course
        Codes of each answer: its place in ``scale`` and ``used``, and its course.
    status, note
        Why there is no model, or what was done to have one.
    """

    records: Records
    outcome: Outcome
    groups: list[str]
    used: list[str]
    scale: Scale
    answer: Codes
    group: Codes
    course: Codes
    status: Status = "ok"
    note: str = ""
    model: ProportionalOdds | None = None

    @property
    def first(self) -> str:
        """The group that the others are held against."""
        return self.used[0] if self.used else self.groups[0]

    @property
    def others(self) -> list[str]:
        """Every other declared group."""
        return [group for group in self.groups if group != self.first]

    @property
    def labels(self) -> list[str]:
        """The answers that the model tells apart, in words."""
        if self.outcome == "high satisfaction":
            return ["not high", "high"]
        return [" or ".join(labels) for labels in self.scale]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """How many of each group gave each answer: groups in rows."""
        table = np.zeros((len(self.used), len(self.scale)), dtype=np.int64)
        np.add.at(table, (self.group, self.answer), 1)
        return table

    @property
    def courses(self) -> dict[str, int]:
        """From how many courses each group's answers come."""
        return {
            group: len(np.unique(self.course[self.group == code]))
            for code, group in enumerate(self.used)
        }

    def modelled(self, group: str) -> bool:
        """Whether the model says anything of a group."""
        return self.model is not None and group in self.used

    def of_all(self, group: str) -> tuple[int, int]:
        """Count the answers of a group, and those of the model."""
        at = self.used.index(group) if group in self.used else -1
        return int((self.group == at).sum()), len(self.group)

    def reach(self) -> float:
        """Give how many standard errors an interval reaches to each side."""
        courses = len(np.unique(self.course))
        return float(stats.t.ppf((1 + self.records.parameters.confidence) / 2, courses - 1))

    def estimate(
        self, estimand: str, counts: tuple[int, int], limits: Vector, method: str
    ) -> Estimate:
        """Record a value and its limits."""
        value, low, high = (float(limit) for limit in limits)
        basis = self.records.basis()
        numbers = (int(counts[0]), int(counts[1]), value, low, high)
        return Estimate(estimand, *numbers, method, "ok", basis, self.note)

    def without_value(self, estimand: str, group: str, counts: tuple[int | None, int]) -> Estimate:
        """Record that the model says nothing of a group, and why."""
        status, note = self.status, self.note
        if group not in self.used:
            status, note = "no_data", "nobody in this group answered"
        return Estimate.without_value(estimand, *counts, status, self.records.basis(), note)


def compare(records: Records, by: Predictor, outcome: Outcome = "a higher answer") -> Comparison:
    """Put together the answers of the groups of one predictor, and fit the model if possible.

    Raises
    ------
    ValueError
        If a form belongs to a group that is not declared.
    """
    forms = answers(records)
    forms = forms[forms["answered"]]
    known = forms[forms[by].notna()]
    groups = _groups(records, by)
    if unknown := sorted(set(known[by]) - set(groups)):
        raise ValueError(f"{by}: {', '.join(unknown)} is not declared")
    used = [group for group in groups if (known[by] == group).any()]
    given = known[records.study.satisfaction.overall]
    scale, notes = _scale(records, given, outcome, FEWEST_PER_COEFFICIENT * (len(used) - 1))
    place = {label: code for code, labels in enumerate(scale) for label in labels}
    at = {group: code for code, group in enumerate(used)}
    courses = pd.factorize(known["course_id"])[0]
    answer, group, course = (
        np.asarray(codes, dtype=np.intp) for codes in (given.map(place), known[by].map(at), courses)
    )
    found = Comparison(records, outcome, groups, used, scale, answer, group, course)
    return _fitted(found, [*notes, *_cautions(forms, found, by)])


def _groups(records: Records, by: Predictor) -> list[str]:
    return records.phases if by == "phase" else list(records.study.labels(by))


def _scale(
    records: Records, given: pd.Series[str], outcome: Outcome, fewest: int
) -> tuple[Scale, list[str]]:
    """Decide which answers are told apart, and say what was merged or dropped."""
    satisfaction = records.study.satisfaction
    counts = {label: int((given == label).sum()) for label in satisfaction.scale}
    if outcome == "high satisfaction":
        rest = tuple(label for label in counts if label not in satisfaction.high)
        return [rest, satisfaction.high], []
    scale = merge_rare(counts, satisfaction.high, fewest)
    unused = [label for label, number in counts.items() if number == 0]
    notes = [f"nobody answered {', '.join(unused)}"] if unused else []
    for merged in scale:
        if len(merged) > 1:
            parts = " and ".join(f"{label} ({counts[label]})" for label in merged)
            notes.append(f"{parts} are taken as one answer: fewer than {fewest} are too few")
    return scale, notes


def merge_rare(counts: dict[str, int], high: tuple[str, ...], fewest: int) -> Scale:
    """Drop answers that nobody gave and merge rare ones with a neighbour, the rarest first.

    A neighbour on the same side of the line between high and not high is preferred, and
    then the rarer one.

    Parameters
    ----------
    counts
        How often each answer was given, worst answer first.
    high
        The answers above the line.
    fewest
        Answers given less often than this are merged.
    """
    scale: Scale = [(label,) for label, number in counts.items() if number]

    def number(place: int) -> int:
        return sum(counts[label] for label in scale[place])

    def sides(place: int) -> set[bool]:
        return {label in high for label in scale[place]}

    while len(scale) > 1:
        rarest = min(range(len(scale)), key=number)
        if number(rarest) >= fewest:
            break
        beside = [place for place in (rarest - 1, rarest + 1) if 0 <= place < len(scale)]
        other = min(beside, key=lambda at: (sides(at) != sides(rarest), number(at)))
        lower, upper = sorted((rarest, other))
        scale[lower : upper + 1] = [scale[lower] + scale[upper]]
    return scale


def _cautions(forms: pd.DataFrame, found: Comparison, by: Predictor) -> list[str]:
    """Say what a reader must know of the groups before believing an interval."""
    notes = []
    if left_out := len(forms) - len(found.answer):
        notes.append(f"{left_out} answers without a {by} are left out")
    if len(found.used) > 2:
        notes.append(f"{len(found.used) - 1} comparisons, not adjusted for their number")
    for other in PREDICTORS[: PREDICTORS.index(by)]:
        pairs = forms[[by, other]].drop_duplicates()
        if len(pairs) == forms[by].nunique() == forms[other].nunique():
            notes.append(f"the groups are those of {other}: the two cannot be told apart")
    few = [f"{group}: {n}" for group, n in found.courses.items() if n < FEWEST_COURSES]
    if few:
        notes.append(f"few courses ({', '.join(few)}): the interval may be too narrow")
    return notes


def _fitted(found: Comparison, notes: list[str]) -> Comparison:
    """Fit the model, or record why not."""
    status, reason = _obstacle(found)
    if status != "ok":
        return replace(found, status=status, note=reason)
    model = fit_proportional_odds(found.answer, found.group, found.course)
    if model is None:
        return replace(found, status="not_estimable", note="the model did not converge")
    return replace(found, model=model, note="; ".join(notes))


def _obstacle(found: Comparison) -> tuple[Status, str]:
    """Say what stands in the way of a model; nothing if nothing does."""
    if not found.used:
        return "no_data", "no answers"
    if len(found.used) == 1:
        return "not_estimable", f"only {found.used[0]} answered"
    if len(found.scale) == 1:
        merged = len(found.scale[0]) > 1
        text = "rare answers merged, one is left" if merged else "all gave the same answer"
        return "not_estimable", f"{text}: {found.labels[0]}"
    reasons = [*_too_few(found), *_empty_cells(found)]
    return ("not_estimable" if reasons else "ok"), "; ".join(reasons)


def _too_few(found: Comparison) -> Iterator[str]:
    """Name the answers and the groups that are too few for a model."""
    fewest = FEWEST_PER_COEFFICIENT * (len(found.used) - 1)
    for label, number in zip(found.labels, found.counts.sum(axis=0).tolist(), strict=True):
        if number < fewest:
            yield f"{label}: {number} answers, and {fewest} are needed"
    courses = len(np.unique(found.course))
    if courses < FEWEST_COURSES:
        yield f"{courses} courses, and {FEWEST_COURSES} are needed"
    for group, number in found.courses.items():
        if number < FEWEST_COURSES_A_GROUP:
            yield f"{group}: {number} course, and {FEWEST_COURSES_A_GROUP} are needed"


def _empty_cells(found: Comparison) -> Iterator[str]:
    """Name the answers that nobody in a group gave."""
    for label, column in zip(found.labels, found.counts.T, strict=True):
        groups = [group for group, n in zip(found.used, column, strict=True) if n == 0]
        if groups:
            yield f"nobody answered “{label}” in {', '.join(groups)}"


# --- the model -------------------------------------------------------------------------


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
