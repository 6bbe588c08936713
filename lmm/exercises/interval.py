"""Exercise 1, an interval: whether it holds the truth as often as it says."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from scipy import stats

from lmm.exercises.asked import Case, ask, shown
from lmm.exercises.exercise import ANSWER, wrong
from lmm.statistics.shares import clopper_pearson

Limits = dict[tuple[int, float], list[tuple[float, float]]]
"""By number of answers and confidence: the limits for none satisfied, one, and so on."""

SHORT_OF, WIDER = 0.007, 1.06
"""How far coverage may fall short, and how many times as wide as the exact limits it may be.

With 20 to 60 answers, the limits of Wilson, Jeffreys, Agresti and Coull, Clopper and Pearson, and
those of a uniform prior fall short by no more than 0.005 and are no wider than 1.01 times; those of
the textbook fall short by 0.01 even where the edges are mended.
"""

TRUTHS = np.arange(0.005, 1, 0.005)


def put(function: Callable[..., Any], case: Case) -> Any:
    """Ask for the limits of a share."""
    return function(**case)


def check(folder: Path, chance: Generator) -> None:
    """Ask for shares at the edges and between, and see how often their limits hold the truth."""
    sizes = [int(n) for n in chance.choice(np.arange(20, 61), 3, replace=False)]
    levels = [0.95, float(chance.choice([0.8, 0.85])), float(chance.choice([0.98, 0.99]))]
    cases: list[Case] = [{"satisfied": 301, "answered": 304, "confidence": 0.95}]
    cases += [
        {"satisfied": x, "answered": n, "confidence": level}
        for n in sizes
        for level in levels
        for x in range(n + 1)
    ]
    nobody: Case = {"satisfied": 0, "answered": 0, "confidence": 0.95}
    answers = ask(folder / ANSWER, "interval", put, [*cases, nobody])
    limits: Limits = {}
    for case, answer in zip(cases, answers, strict=False):
        limits.setdefault((int(case["answered"]), case["confidence"]), []).append(
            _pair(case, answer)
        )
    for (n, level), found in limits.items():
        if len(found) == n + 1:
            _holds_truth(n, level, found)
            _not_too_wide(n, level, found)
    if next(answers) is not None:
        raise wrong(
            "nobody answered, and still there is an interval", f"{shown(nobody)}: give None"
        )


def _pair(case: Case, answer: Any) -> tuple[float, float]:
    """Hold one answer to what any interval of a share has to be."""
    fine = isinstance(answer, list) and len(answer) == 2
    if not fine or not all(isinstance(x, int | float) and isfinite(x) for x in answer):
        raise wrong(f"{shown(case)}: {answer!r} is no pair of numbers", "give (low, high)")
    low, high = map(float, answer)
    share = case["satisfied"] / case["answered"]
    said = f"{shown(case)}: the interval is {low:.4f} to {high:.4f}"
    if low < 0 or high > 1:
        raise wrong(f"{said}, and there is no share below 0 or above 1")
    if low == high:
        raise wrong(f"{said}, as if {case['answered']} answers left no doubt at all")
    if not low <= share + 1e-12 or not share - 1e-12 <= high:
        raise wrong(f"{said}, and leaves out the share that was seen, {share:.4f}")
    return low, high


def _holds_truth(n: int, level: float, found: list[tuple[float, float]]) -> None:
    """Add up, over true shares, how probable the answers are whose limits hold the truth."""
    low, high = np.array(found).T[:, :, np.newaxis]
    chances = stats.binom.pmf(np.arange(n + 1)[:, np.newaxis], n, TRUTHS)
    coverage = float((chances * ((low <= TRUTHS) & (high >= TRUTHS))).sum(axis=0).mean())
    if coverage < level - SHORT_OF:
        raise wrong(
            f"of intervals from {n} answers with confidence={level}, {coverage:.1%} hold the true "
            f"share, over all that it could be, and {level:.0%} are promised"
        )


def _not_too_wide(n: int, level: float, found: list[tuple[float, float]]) -> None:
    exact = [clopper_pearson(x, n, level) for x in range(n + 1)]
    times = sum(high - low for low, high in found) / sum(high - low for low, high in exact)
    if times > WIDER:
        raise wrong(
            f"intervals from {n} answers with confidence={level} are {times:.2f} times as wide as "
            "the exact ones: they say less than the answers do"
        )
