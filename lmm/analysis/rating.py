"""Red, amber or green, and met or not: how a figure is rated against its cut-offs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

from lmm.statistics.estimate import Estimate
from lmm.statistics.zones import TOLERANCE

Rag = Literal["green", "amber", "red", "not rated"]
Verdict = Literal["met", "nearly met", "not met", "not rated"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def rate_against(estimate: Estimate, red_below: float, green_from: float) -> Rag:
    """Rate a point estimate; see `rate_value`."""
    return rate_value(estimate.estimate, red_below, green_from)


def rate_value(value: float | None, red_below: float, green_from: float) -> Rag:
    """Rate a figure red, amber or green; one on a cut-off is on its good side."""
    if value is None or not (math.isfinite(red_below) and math.isfinite(green_from)):
        return "not rated"
    if value >= green_from - TOLERANCE:
        return "green"
    return "red" if value < red_below - TOLERANCE else "amber"


def verdict(estimate: Estimate, rag: Rag, reached: float, rule: str) -> Verdict:
    """Apply the study's definition of "met or nearly met"; ``reached`` is the value to reach."""
    return verdict_of(estimate.high, rag, reached, rule)


def verdict_of(high: float | None, rag: Rag, reached: float, rule: str) -> Verdict:
    """Apply a definition of "met or nearly met" to a rating and the upper limit behind it."""
    if rag == "not rated" or high is None:
        return "not rated"
    if rag == "green":
        return "met"
    if math.isnan(reached):
        return "not rated"
    nearly = {
        "green": False,
        "green or amber": True,
        "green or amber whose interval includes the target": high >= reached - TOLERANCE,
    }[rule]
    return "nearly met" if rag == "amber" and nearly else "not met"


def all_met(verdicts: Sequence[str]) -> Literal["yes", "no", "not rated"]:
    """Whether every target was met or nearly met, if every one could be rated."""
    if "not met" in verdicts:
        return "no"
    return "yes" if verdicts and "not rated" not in verdicts else "not rated"
