"""Whether the overall answer differs between groups: proportional odds, clustered on course.

One predictor at a time: the phase, the topic, the mode or the respondent's role. The model is
McCullagh's (1980, Journal of the Royal Statistical Society B 42, 109-142), fitted as if answers
were independent; its covariance then allows for what answers from one course share. It is
marginal: an ordinal model with a random effect of the course is not imitated here.

What cannot be estimated is refused before a model is fitted, because the steps towards an
infinite odds ratio stop at a large number:

- An answer that nobody gave is dropped. One given fewer than 5 times per coefficient is merged
  with its neighbour (Vittinghoff and McCulloch 2007, American Journal of Epidemiology 165,
  710-718); the note names it. On the
  whole scale an answer without a neighbour on its own side of high is merged across; where high
  is set against the rest, the two are never merged: too few of either, no model.
- At least 10 courses, and 2 in each group.
- No empty cell of group and answer. This is stricter than the absence of separation.

The shares of `exact_shares` need none of this. Intervals are Wald intervals on the logarithm of
the odds, with Student's t on courses - 1 degrees of freedom (Cameron and Miller 2015, Journal of
Human Resources 50, 317-372), from the clustered or the model-based standard error, whichever is
larger: with few courses the clustered one can be absurdly small. As Korn and Graubard cap the
effective sample size at the sample size, clustering is never taken to add information.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats
from scipy.special import expit, logit

from lmm.analysis.measures import answers
from lmm.cleaning.records import Records
from lmm.statistics.estimate import RECORD_FIELDS, Estimate, Status, as_table
from lmm.statistics.proportional_odds import (
    Codes,
    CutContrasts,
    ProportionalOdds,
    Vector,
    fit_proportional_odds,
)
from lmm.statistics.shares import proportion

Predictor = Literal["phase", "topic", "mode", "role"]
Outcome = Literal["a higher answer", "high satisfaction"]
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
