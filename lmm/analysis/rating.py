"""Red, amber or green, and met or not: how a figure is rated against its cut-offs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

from lmm.statistics.zones import TOLERANCE, Direction

SIDE: dict[Direction, int] = {"at least": 1, "at most": -1}
"""Whether more of it is better."""

Rag = Literal["green", "amber", "red", "not rated"]
Verdict = Literal["met", "nearly met", "not met", "not rated"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def rate_value(
    value: float | None, red_below: float, green_from: float, direction: Direction = "at least"
) -> Rag:
    """Rate a figure red, amber or green; one on a cut-off is on its good side."""
    if value is None or not (math.isfinite(red_below) and math.isfinite(green_from)):
        return "not rated"
    side = SIDE[direction]
    if side * (value - green_from) >= -TOLERANCE:
        return "green"
    return "red" if side * (value - red_below) < -TOLERANCE else "amber"


def verdict_of(
    limits: tuple[float, float] | None,
    rag: Rag,
    reached: float,
    rule: str,
    direction: Direction = "at least",
) -> Verdict:
    """Apply a definition of "met or nearly met" to a rating and the interval behind it.

    Parameters
    ----------
    limits
        Of the figure; None where it has no value.
    reached
        The value to reach, or not to exceed.
    """
    if rag == "not rated" or limits is None:
        return "not rated"
    if rag == "green":
        return "met"
    if math.isnan(reached):
        return "not rated"
    side, best = SIDE[direction], limits[1] if direction == "at least" else limits[0]
    nearly = {
        "green": False,
        "green or amber": True,
        "green or amber whose interval includes the target": side * (best - reached) >= -TOLERANCE,
    }[rule]
    return "nearly met" if rag == "amber" and nearly else "not met"


def all_met(verdicts: Sequence[str]) -> Literal["yes", "no", "not rated"]:
    """Whether every target was met or nearly met, if every one could be rated."""
    if "not met" in verdicts:
        return "no"
    return "yes" if verdicts and "not rated" not in verdicts else "not rated"
