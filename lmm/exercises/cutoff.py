"""Exercise 3, a cut-off: on it, beside it, and where less is better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from numpy.random import Generator

from lmm.exercises.asked import Case, ask, shown
from lmm.exercises.exercise import ANSWER, wrong

RATINGS = ("green", "amber", "red", "not rated")


MANY = (2500, 25_000)
"""Of so many, one more or less is 0.04 or 0.004 % from a cut-off, which no rounding may hide."""


def put(function: Callable[..., Any], case: Case) -> Any:
    """Ask for a rating."""
    return function(**case)


def check(folder: Path, chance: Generator) -> None:
    """Ask for ratings of shares on each cut-off, a hair beside it, and far from both."""
    cases = list(drawn(chance))
    answers = ask(folder / ANSWER, "rate", put, cases)
    for case, answer in zip(cases, answers, strict=True):
        if answer not in RATINGS:
            raise wrong(f"{shown(case)}: {answer!r}", f"give one of {', '.join(RATINGS)}")
        if answer != right(**case):
            raise wrong(told_wrong(case, answer))


def drawn(chance: Generator) -> Iterator[Case]:
    """Draw shares around cut-offs, in percent, and last of all a share of nobody."""
    for direction in ("at least", "at most"):
        for _ in range(30):
            low, high = sorted(int(x) for x in chance.choice(range(5, 96), 2, replace=False))
            red, green = (low, high) if direction == "at least" else (high, low)
            cut_offs = {"red_below": red / 100, "green_from": green / 100, "direction": direction}
            few = 100 * int(chance.integers(4, 9))
            for trials in (few, *MANY):
                for cut in (green, red):
                    on = cut * trials // 100
                    for successes in (on, on - 1, on + 1):
                        yield {"successes": successes, "trials": trials, **cut_offs}
            trials = few
            yield {"successes": int(chance.integers(0, trials)), "trials": trials, **cut_offs}
    yield {"successes": 0, "trials": 0, **cut_offs}


def right(successes: int, trials: int, red_below: float, green_from: float, direction: str) -> str:
    """Rate a share as `lmm.analysis.rating.rate_value` does, in whole numbers throughout."""
    if trials == 0:
        return "not rated"
    share, red, green = Fraction(successes, trials), _exact(red_below), _exact(green_from)
    if direction == "at most":
        share, red, green = -share, -red, -green
    return "green" if share >= green else "amber" if share >= red else "red"


def told_wrong(case: Case, answer: str) -> str:
    """Say what a share should have been rated, and why."""
    return f"{shown(case)} is {right(**case)}, and not {answer}{_reason(**case)}"


def _exact(cut_off: float) -> Fraction:
    return Fraction(str(cut_off))


def _reason(
    successes: int, trials: int, red_below: float, green_from: float, direction: str
) -> str:
    if trials == 0:
        return ": there is nothing to rate"
    share, better = Fraction(successes, trials), {"at least": "more", "at most": "less"}[direction]
    name, cut = min(
        (("green_from", green_from), ("red_below", red_below)),
        key=lambda each: abs(share - _exact(each[1])),
    )
    what = f": the share is {float(share):.6g}"
    if share == _exact(cut):
        return f"{what}, exactly on {name} and so on its good side; {better} is better"
    if abs(share - _exact(cut)) < Fraction(1, 100):
        side = "above" if share > _exact(cut) else "below"
        return f"{what}, {side} {name}, however it would be printed; {better} is better"
    return f"{what}; {better} is better"
