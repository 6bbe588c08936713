"""A share over everyone who came, where those of one role answer less often and otherwise.

Whoever answers is like those of the same course and role who do not: what raking can mend.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from lmm.simulation.coverage import Found, Results, Setting, found_share
from lmm.simulation.settings import BASIS, COURSES, high_answers
from lmm.statistics.effective_size import effective_size_interval
from lmm.statistics.raking import Weighted, raked, weighted_share

CAME = np.array([8, 9])
"""How many of each of two roles came to each course."""

ANSWERS_OFTEN = np.array([0.85, 0.45])
"""The share of each role that answers."""

OF_ROLES = ((0.98, 0.98), (0.98, 0.92), (0.9, 0.7))
"""The true share of high answers of each role."""

LIKENESS = 0.1
"""Correlation of two answers from one course."""

RAKED, UNWEIGHTED = "raked by course and role", "not weighted"


def settings(level: float) -> list[Setting]:
    """List the settings."""
    return [
        Setting(
            "share over all who came, silence by role",
            f"true shares {often:.12g} of the role that answers often, {seldom:.12g} of the other",
            float(CAME @ (often, seldom) / CAME.sum()),
            partial(silent_study, (often, seldom), level),
            (RAKED,),
        )
        for often, seldom in OF_ROLES
    ]


def silent_study(shares: tuple[float, float], level: float, rng: np.random.Generator) -> Results:
    """Ask all who came, of whom some say nothing, and weight those who answer."""
    answers = rng.binomial(CAME, ANSWERS_OFTEN, size=(COURSES, 2))
    each = [high_answers(answers[:, n], share, LIKENESS, rng) for n, share in enumerate(shares)]
    heard = answers.sum(axis=1) > 0
    answers, high = answers[heard], np.stack(each, axis=1)[heard]
    courses = np.full(len(answers), CAME.sum() * COURSES / len(answers), "float64")
    weights = raked(answers.astype("float64"), courses, CAME * float(COURSES))
    plain = effective_size_interval(
        "share", high.sum(axis=1).tolist(), answers.sum(axis=1).tolist(), level, BASIS
    )
    found = Found(None)
    if weights is not None:
        found = found_share(weighted_share("share", Weighted(high, answers, weights), level, BASIS))
    return {RAKED: found, UNWEIGHTED: found_share(plain)}
