"""A known step and known odds ratios, to see whether the analysis finds them again."""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit, ndtr

from lmm.analysis.monthly import monthly_series
from lmm.cleaning.contract import typed
from lmm.cleaning.records import Records
from lmm.counting.count import count
from lmm.counting.counts import Counts
from lmm.simulation.coverage import Found, Results, Setting, found
from lmm.simulation.settings import BASIS, COUNTS, COURSE_ANSWERS, RATIOS
from lmm.statistics.group_odds import odds_ratio
from lmm.statistics.grouped_answers import GroupedAnswers
from lmm.statistics.ordinal import compare
from lmm.statistics.segmented import NEGATIVE_BINOMIAL, QUASI, Fit, segmented, sensitivities
from lmm.statistics.segmented_fit import NotFittedError
from lmm.study.forms import Form
from lmm.study.parameters import Parameters
from lmm.study.problems import StudyError
from lmm.study.study import Study
from lmm.study.tables import tables_of

Numbers = npt.NDArray[np.float64]
Scatter = Literal["independent", "in batches", "like the month before"]

AUTOREGRESSIVE = "autoregressive, averaged"
STEP_MODELS = {"negative binomial": NEGATIVE_BINOMIAL, "autoregressive": AUTOREGRESSIVE}
"""The models that stand beside the main one, as they are called here."""

SCATTERS: tuple[Scatter, ...] = ("independent", "in batches", "like the month before")
SEASON = 0.25
"""How far the busiest month is above the mean, as a share of it."""

DISPERSION = 1.5
"""Variance / mean of counts that come in batches."""

LIKE_LAST_MONTH, MONTH_SPREAD = 0.5, 0.25
"""Correlation with the month before, and standard deviation, of the logarithm of the rate."""

PHASES = ("before", "from the event on")

COURSES_BEFORE, COURSES_AFTER = 22, 6
"""Courses of the synthetic records before the event and from it on."""

ANSWERS = {
    "overall answers, 99 % high": (0.0025, 0.0, 0.0075, 0.36, 0.63),
    "answers to an item, 90 % high": (0.0, 0.02, 0.08, 0.38, 0.52),
}
"""Probabilities of the answers before the event, worst first; made up, as in the records."""

ODDS_RATIOS, ALIKE = (1.0, 0.5), 0.1
"""True odds ratios of a higher answer; correlation within a course on the latent scale."""

ODDS_RATIO = {False: "proportional odds, clustered", True: "two answers, clustered"}
"""The model of the whole scale; and, if high answers are set against the rest, of these two."""


def bare_counts(study: Study) -> Counts:
    """Give the counts of a study in whose period nothing has happened: its calendar alone.

    Raises
    ------
    StudyError
        If the study's scale has not five answers.
    """
    if len(study.satisfaction.scale) != 5:
        raise StudyError("the simulated answers need a scale of five answers")
    tables = {
        name: typed(pd.DataFrame(columns=list(spec.columns), dtype="str"), spec.columns)
        for name, spec in tables_of(study).items()
    }
    return count(Records.within(tables, study, Parameters.of(study)))


def series(counts: Counts) -> pd.DataFrame:
    """Give the months of the study, open and after the event or not, with nothing counted."""
    return monthly_series(counts, "consultations")


def settings(counts: Counts) -> list[Setting]:
    """List the settings of the step and of the odds ratio, for `bare_counts`."""
    return [*_odds(counts), *_steps(counts)]


# --- the step --------------------------------------------------------------------------


def _steps(counts: Counts) -> list[Setting]:
    months, level = series(counts), counts.parameters.confidence
    return [
        Setting(
            "step at the event",
            f"true ratio {ratio:.12g}, counts {scatter}",
            ratio,
            partial(step_study, months, ratio, scatter, level),
            (QUASI,),
            scale="log",
        )
        for scatter in SCATTERS
        for ratio in RATIOS
    ]


def step_study(
    months: pd.DataFrame, ratio: float, scatter: Scatter, level: float, rng: np.random.Generator
) -> Results:
    """Count sessions month by month, with a season and a step, and fit every model."""
    drawn = months.assign(events=scattered(expected_counts(months, ratio), scatter, rng))
    names = (QUASI, *STEP_MODELS.values())
    try:
        fits: dict[str, Fit | str] = {QUASI: segmented(drawn, level)}
    except NotFittedError:
        return {name: Found(None) for name in names}
    for model, fit in sensitivities(drawn, level).items():
        fits[STEP_MODELS[model]] = fit
    return {name: Found(None if isinstance(fit, str) else fit.step()) for name, fit in fits.items()}


def expected_counts(months: pd.DataFrame, ratio: float) -> Numbers:
    """Give the true mean of each month; the month of the event lies on both sides of it."""
    opened = months["months_open"].to_numpy(dtype="float64")
    after = months["after"].to_numpy(dtype="float64")
    season = 1 + SEASON * np.cos(2 * np.pi * (months["month"].dt.month.to_numpy() - 2) / 12)
    rate = COUNTS["consultations"] / opened.sum()
    return np.asarray(rate * opened * season * (1 - after + after * ratio))


def scattered(
    expected: Numbers, scatter: Scatter, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw counts with these means.

    Independent ones are Poisson. Those in batches have a variance of `DISPERSION` times
    their mean. Where a month is like the one before, the rates wander about the means, each month
    correlated with the one before.
    """
    if scatter == "in batches":
        return rng.poisson(rng.gamma(expected / (DISPERSION - 1), DISPERSION - 1))
    if scatter == "like the month before":
        wander = rng.normal(size=len(expected))
        for month in range(1, len(expected)):
            fresh = np.sqrt(1 - LIKE_LAST_MONTH**2) * wander[month]
            wander[month] = LIKE_LAST_MONTH * wander[month - 1] + fresh
        return rng.poisson(expected * np.exp(MONTH_SPREAD * wander - MONTH_SPREAD**2 / 2))
    return rng.poisson(expected)


# --- the odds ratio --------------------------------------------------------------------


def _odds(counts: Counts) -> list[Setting]:
    form, level = counts.study.satisfaction, counts.parameters.confidence
    return [
        Setting(
            "odds ratio from the event on",
            f"{name}, true ratio {ratio:.12g}",
            ratio,
            partial(odds_study, form, level, weights, ratio),
            tuple(ODDS_RATIO.values()),
            scale="log",
            most=1000,
        )
        for name, weights in ANSWERS.items()
        for ratio in ODDS_RATIOS
    ]


def odds_study(
    form: Form,
    level: float,
    weights: tuple[float, ...],
    ratio: float,
    rng: np.random.Generator,
) -> Results:
    """Ask people who came in courses, and compare those from the event on with the others."""
    size = COURSES_BEFORE + COURSES_AFTER
    course = np.repeat(np.arange(size), rng.integers(*COURSE_ANSWERS, size=size, endpoint=True))
    later = course >= COURSES_BEFORE
    scale = form.scale_of(form.overall)
    answer = np.array(list(scale))[answers(course, later, weights, ratio, rng)]
    phase = np.where(later, PHASES[1], PHASES[0])
    given = pd.DataFrame({"answer": answer, "group": phase, "cluster": course})
    grouped = GroupedAnswers(
        given.value_counts().reset_index(name="n"),
        tuple(scale), form.high_of(form.overall), PHASES, "phase", "course",
    )  # fmt: skip
    return {
        name: found(
            odds_ratio("odds ratio", compare(grouped, level, BASIS, high_or_not=two), PHASES[1])
        )
        for two, name in ODDS_RATIO.items()
    }


def answers(
    course: npt.NDArray[np.intp],
    later: npt.NDArray[np.bool_],
    weights: tuple[float, ...],
    ratio: float,
    rng: np.random.Generator,
) -> npt.NDArray[np.intp]:
    """Draw the place on the scale of each answer.

    A latent normal deviate, partly shared by a course, is turned into a logistic one: so the
    odds of a higher answer differ by exactly ``ratio``, at every cut and over all courses,
    however alike the answers of one course are. (With a random effect added on the logit
    scale, the odds ratio over all courses would be another one.)
    """
    shared = rng.normal(size=int(course.max()) + 1)[course]
    own = rng.normal(size=len(course))
    latent = logit(ndtr(np.sqrt(ALIKE) * shared + np.sqrt(1 - ALIKE) * own))
    cuts = logit(np.cumsum(weights)[:-1])
    return np.asarray(np.searchsorted(cuts, latent + np.log(ratio) * later), dtype=np.intp)
