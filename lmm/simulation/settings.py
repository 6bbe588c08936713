"""Counts, rates, shares and ratios with a known truth, in studies of this one's size.

The sizes are those of the published summary and of the synthetic records; the truths are not
calibrated to anything. Counts are Poisson, independent answers binomial. Answers of one course
resemble each other by the beta-binomial model: each course has a share of its own, and the
correlation of two answers from one course is known.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt

from lmm.simulation.coverage import Results, Setting, found, found_share
from lmm.statistics.bootstrap import cluster_bootstrap
from lmm.statistics.effective_size import effective_size_interval
from lmm.statistics.gee import gee_share
from lmm.statistics.rates import count, rate, rate_ratio, ratio_to_target
from lmm.statistics.shares import proportion
from lmm.study.setting import Basis

COUNTS = {"families": 62, "courses": 28, "consultations": 251}
"""The published counts of the whole period."""

ANSWERS, COURSES, COURSE_ANSWERS = 304, 28, (5, 17)
"""Answers on the scale in all; courses; and the fewest and the most answers of a course."""

TARGETS = {"families": 24, "courses": 10, "consultations": 85}
"""The assumed targets of a contract year."""

SHARES = (0.99, 0.9, 0.65)
CLUSTERED_SHARES, LIKENESS = (0.99, 0.98, 0.95, 0.8), (0.0, 0.05, 0.2)
EQUATION_SHARES = (0.95, 0.9, 0.65)
"""Shares with enough answers of either kind for estimating equations."""

RATIOS = (1.0, 0.6)
TO_TARGET = 0.9

BASIS: Basis = "assumed"

GARWOOD, RATE = "Garwood exact", "exact under 10, Byar from 10 on"
WILSON, EXACT_SHARE = "Wilson", "Clopper-Pearson"
CLUSTERED = "Korn-Graubard with CR2"
NAIVE, BOOTSTRAP = "Wilson, ignoring courses", "cluster bootstrap"
EQUATIONS = "GEE, exchangeable"
EXACT_RATIO, TO_TARGET_INTERVAL = "conditional exact", "Garwood exact / target"


def settings(level: float, months: tuple[float, float]) -> list[Setting]:
    """List the settings.

    Parameters
    ----------
    level
        Confidence level that the intervals state.
    months
        Months open before the event and from it on.
    """
    return [
        *_counts(level),
        *_rates(level, sum(months)),
        *_shares(level),
        *_clustered(level),
        *_resampled(level),
        *_equations(level),
        *_ratios(level, months),
        *_to_target(level),
    ]


def _counts(level: float) -> list[Setting]:
    return [
        Setting(
            "count", f"{name}, mean {mean}", mean, partial(count_study, mean, level), (GARWOOD,)
        )
        for name, mean in COUNTS.items()
    ]


def count_study(mean: float, level: float, rng: np.random.Generator) -> Results:
    """Count events."""
    return {GARWOOD: found(count("count", int(rng.poisson(mean)), level, BASIS))}


def _rates(level: float, months: float) -> list[Setting]:
    spans = {"whole period": months, "contract year": 12.0, "quarter": 3.0}
    return [
        Setting(
            "rate a month",
            f"{name}, {span}, {mean / months * length:.1f} expected",
            mean / months,
            partial(rate_study, mean / months, length, level),
            (RATE,),
        )
        for span, length in spans.items()
        for name, mean in COUNTS.items()
    ]


def rate_study(mean: float, months: float, level: float, rng: np.random.Generator) -> Results:
    """Count events over months open and divide."""
    return {RATE: found(rate("rate", int(rng.poisson(mean * months)), months, level, BASIS))}


def _shares(level: float) -> list[Setting]:
    return [
        Setting(
            "share, independent answers",
            f"true share {share:.12g}, {ANSWERS} answers",
            share,
            partial(share_study, share, level),
            (WILSON, EXACT_SHARE),
        )
        for share in SHARES
    ]


def share_study(share: float, level: float, rng: np.random.Generator) -> Results:
    """Ask people who answer independently of each other."""
    high = int(rng.binomial(ANSWERS, share))
    return {
        WILSON: found_share(proportion("share", high, ANSWERS, level, BASIS)),
        EXACT_SHARE: found_share(
            proportion("share", high, ANSWERS, level, BASIS, "clopper-pearson")
        ),
    }


def _clustered(level: float) -> list[Setting]:
    return [
        Setting(
            "share, answers in courses",
            f"true share {share:.12g}, correlation {likeness:.12g}",
            share,
            partial(clustered_study, share, likeness, level),
            (CLUSTERED,),
        )
        for share in CLUSTERED_SHARES
        for likeness in LIKENESS
    ]


def clustered_study(
    share: float, likeness: float, level: float, rng: np.random.Generator
) -> Results:
    """Ask people who came in courses, with and without regard to the courses."""
    high, answers = course_answers(share, likeness, rng)
    total, all_answers = int(high.sum()), int(answers.sum())
    naive = proportion("share", total, all_answers, level, BASIS)
    return {
        CLUSTERED: found_share(
            effective_size_interval("share", high.tolist(), answers.tolist(), level, BASIS)
        ),
        NAIVE: found_share(naive),
    }


def course_answers(
    share: float, likeness: float, rng: np.random.Generator, courses: int = COURSES
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Draw the high answers and all answers of each course.

    Parameters
    ----------
    share
        The true share of high answers.
    likeness
        Correlation of two answers from one course.
    """
    answers = rng.integers(*COURSE_ANSWERS, size=courses, endpoint=True)
    return high_answers(answers, share, likeness, rng), answers


def high_answers(
    answers: npt.NDArray[np.int64], share: float, likeness: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw the high answers of courses with so many answers."""
    shares = np.full(len(answers), share)
    if likeness:
        size = (1 - likeness) / likeness
        shares = rng.beta(share * size, (1 - share) * size, size=len(answers))
    return rng.binomial(answers, shares)


def _resampled(level: float) -> list[Setting]:
    return [
        Setting(
            "share, answers in courses, bootstrap",
            f"true share {share:.12g}, correlation {likeness:.12g}",
            share,
            partial(bootstrap_study, share, likeness, level),
            (),
            most=1000,
        )
        for share in CLUSTERED_SHARES
        for likeness in LIKENESS
    ]


def bootstrap_study(
    share: float, likeness: float, level: float, rng: np.random.Generator
) -> Results:
    """Ask people who came in courses, and draw the courses again."""
    high, answers = course_answers(share, likeness, rng)
    seed = int(rng.integers(2**32))
    estimate = cluster_bootstrap("share", high.tolist(), answers.tolist(), level, BASIS, seed=seed)
    return {BOOTSTRAP: found_share(estimate)}


def _equations(level: float) -> list[Setting]:
    return [
        Setting(
            "share, answers in courses, GEE",
            f"true share {share:.12g}, correlation {likeness:.12g}",
            share,
            partial(equations_study, share, likeness, level),
            (),
            most=1000,
        )
        for share in EQUATION_SHARES
        for likeness in LIKENESS
    ]


def equations_study(
    share: float, likeness: float, level: float, rng: np.random.Generator
) -> Results:
    """Ask people who came in courses, and fit estimating equations where the guards let them."""
    high, answers = course_answers(share, likeness, rng)
    estimate = gee_share("share", high.tolist(), answers.tolist(), level, BASIS)
    return {EQUATIONS: found_share(estimate)}


def _ratios(level: float, months: tuple[float, float]) -> list[Setting]:
    return [
        Setting(
            "ratio of two periods",
            f"{name}, true ratio {ratio:.12g}",
            ratio,
            partial(ratio_study, ratio, COUNTS[name] / sum(months), months, level),
            (EXACT_RATIO,),
        )
        for name in ("families", "courses")
        for ratio in RATIOS
    ]


def ratio_study(
    ratio: float,
    base_rate: float,
    months: tuple[float, float],
    level: float,
    rng: np.random.Generator,
) -> Results:
    """Count before the event and from it on."""
    before, after = months
    base = int(rng.poisson(base_rate * before))
    events = int(rng.poisson(ratio * base_rate * after))
    return {EXACT_RATIO: found(rate_ratio("ratio", events, after, base, before, level, BASIS))}


def _to_target(level: float) -> list[Setting]:
    return [
        Setting(
            "ratio to target",
            f"{name}, target {target} a year, true ratio {TO_TARGET:.12g}",
            TO_TARGET,
            partial(target_study, target, level),
            (TO_TARGET_INTERVAL,),
        )
        for name, target in TARGETS.items()
    ]


def target_study(target: int, level: float, rng: np.random.Generator) -> Results:
    """Count for a contract year and divide by the target."""
    events = int(rng.poisson(TO_TARGET * target))
    return {TO_TARGET_INTERVAL: found(ratio_to_target("ratio", events, target, level, BASIS))}
