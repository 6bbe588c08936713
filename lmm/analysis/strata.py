"""The strata that shares are shown by: the levels of a dimension, and the courses one by one."""

from __future__ import annotations

from collections.abc import Iterator

from lmm.counting.counts import Counts
from lmm.counting.rows import NOT_RECORDED

Stratum = dict[str, str]
"""``by`` and ``stratum``, as a row of a table has them."""

COURSE = "course_id"

SMALL = 5
"""Courses with fewer answers than this are shown together."""

POOLED = f"courses with fewer than {SMALL} answers"
"""What these are called, behind how many they are."""


def strata(
    counts: Counts, by: tuple[str, ...], *measures: str
) -> Iterator[tuple[Stratum, dict[str, str]]]:
    """Give all, then every known level of the dimensions that measures are counted by.

    Yields
    ------
    tuple
        The stratum, and what to count within.
    """
    yield {"by": "all", "stratum": "all"}, {}
    for name in by:
        if name != COURSE and all(counts.has(measure, name) for measure in measures):
            for level in counts.levels(measures[0], name):
                if level != NOT_RECORDED:
                    yield {"by": name, "stratum": level}, {name: level}


def courses(counts: Counts, answered: str) -> Iterator[tuple[Stratum, list[str]]]:
    """Give the courses that somebody came to or answered on, in the order of their dates.

    Courses with few answers come last and are one stratum, if there are several: a single one
    would be no less visible.

    Parameters
    ----------
    answered
        The share whose denominator counts the answers; its counts by course are released.

    Yields
    ------
    tuple
        The stratum, and its courses.
    """
    answers = counts.by(answered, COURSE).set_index(COURSE)["n"]
    there = set(answers.index)
    if counts.has("attendances", COURSE):
        there |= set(counts.by("attendances", COURSE)[COURSE])
    dated = list(counts.by("courses", "day", COURSE)[COURSE]) if counts.has("courses") else []
    ordered = [course for course in dated or sorted(there) if course in there]
    small = [course for course in ordered if answers.get(course, 0) < SMALL]
    pooled = small if len(small) > 1 else []
    for course in ordered:
        if course not in pooled:
            yield {"by": COURSE, "stratum": course}, [course]
    if pooled:
        yield {"by": COURSE, "stratum": f"{len(pooled)} {POOLED}"}, pooled
