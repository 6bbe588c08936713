"""People who come by courses, with a known truth: against a target, and in two periods.

Courses are Poisson, and of dispersed sizes. A test of a true target rejects it where the limits
do not hold it, so that its rate of error is what is left of their coverage.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from lmm.simulation.coverage import Found, Results, Setting, found
from lmm.simulation.settings import BASIS, COURSES, RATIOS, TO_TARGET
from lmm.statistics.batches import Batches, mean_size
from lmm.statistics.rates import COMPOUND, rate_ratio, ratio_to_target

COURSES_EXPECTED = {"a contract year": 9, "the whole period": 28}
"""Courses expected in a time."""

COURSE_SIZE, SPREADS = 15, {"alike": 0.1, "various": 0.5}
"""Mean number of people a course, and its standard deviation over the mean (gamma)."""

BY_COURSE, COURSES_ALIKE = COMPOUND, "compound Poisson, courses taken as alike"
IGNORING, BY_COURSE_RATIO = "Garwood exact, ignoring courses", "conditional, by course"
SIZE = "Student's t, given the courses"
IGNORING_RATIO = "conditional exact, ignoring courses"


def settings(level: float, months: tuple[float, float]) -> list[Setting]:
    """List the settings, for the level of the intervals and the months before and after."""
    to_target = [
        Setting(
            "people by courses to target",
            f"{time}, {expected} courses expected, sizes {name}",
            TO_TARGET,
            partial(people_study, expected, spread, level),
            (BY_COURSE, COURSES_ALIKE),
        )
        for time, expected in COURSES_EXPECTED.items()
        for name, spread in SPREADS.items()
    ]
    ratios = [
        Setting(
            "people by courses, two periods",
            f"sizes {name}, true ratio {ratio:.12g}",
            ratio,
            partial(people_ratio_study, ratio, spread, months, level),
            (BY_COURSE_RATIO,),
        )
        for name, spread in SPREADS.items()
        for ratio in RATIOS
    ]
    sizes = [
        Setting(
            "people a course",
            f"{time}, {expected} courses expected, sizes {name}",
            COURSE_SIZE,
            partial(size_study, expected, spread, level),
            (SIZE,),
        )
        for time, expected in COURSES_EXPECTED.items()
        for name, spread in SPREADS.items()
    ]
    return [*to_target, *sizes, *ratios]


def size_study(expected: int, spread: float, level: float, rng: np.random.Generator) -> Results:
    """Give the mean number of people that a course brings, given how many courses there were."""
    batches = Batches.of(course_sizes(expected, spread, rng))
    return {SIZE: found(mean_size("size", batches, level, BASIS))}


def people_study(expected: int, spread: float, level: float, rng: np.random.Generator) -> Results:
    """Count those whom Poisson courses bring, and divide by a target that is missed by a tenth.

    The other courses of the whole period tell how large a course can be.
    """
    sizes = course_sizes(expected, spread, rng)
    others = course_sizes(COURSES - expected, spread, rng)
    total, target = sum(sizes), expected * COURSE_SIZE / TO_TARGET
    whole = total + sum(others)
    mean = whole / max(1, len(sizes) + len(others))
    batches: dict[str, Batches | None] = {
        BY_COURSE: Batches.of(sizes, others),
        COURSES_ALIKE: Batches.alike(len(sizes), total, mean),
        IGNORING: None,
    }
    return {
        name: found(ratio_to_target("ratio", total, target, level, BASIS, each))
        for name, each in batches.items()
    }


def people_ratio_study(
    ratio: float,
    spread: float,
    months: tuple[float, float],
    level: float,
    rng: np.random.Generator,
) -> Results:
    """Compare those whom courses bring from the event on with those before."""
    before, after = months
    monthly = COURSES / sum(months)
    old = course_sizes(monthly * before, spread, rng)
    new = course_sizes(ratio * monthly * after, spread, rng)
    both = (Batches.of(new), Batches.of(old))
    given = ("ratio", sum(new), after, sum(old), before, level, BASIS)
    if not old:
        return {BY_COURSE_RATIO: Found(None), IGNORING_RATIO: Found(None)}
    return {
        BY_COURSE_RATIO: found(rate_ratio(*given, both)),
        IGNORING_RATIO: found(rate_ratio(*given)),
    }


def course_sizes(expected: float, spread: float, rng: np.random.Generator) -> list[int]:
    """Draw Poisson courses, and people for each: one, and Poisson about a gamma mean."""
    courses = int(rng.poisson(expected))
    shape = 1 / spread**2
    means = rng.gamma(shape, (COURSE_SIZE - 1) / shape, size=courses)
    return [1 + int(n) for n in rng.poisson(means)]
