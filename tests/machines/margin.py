"""How far numbers are from the boundary at which their last digit would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf

from lmm.statistics.rounding import half_up, rounded

TIMES = 100
"""A number must be this many times as far from a boundary as the machines differ by."""

ON_BOUNDARY = 1e-12
"""Relative to the number: nearer than this, it is taken to lie on the boundary."""

SIMPLE = 1_000_000
"""The largest denominator of a fraction that counts are taken to make."""


@dataclass(frozen=True)
class Margin:
    """What was found over all numbers of a kind.

    Attributes
    ----------
    numbers, exact
        How many there are, and how many of them are fractions on a boundary.
    spread
        The largest difference between machines of one number, relative to it.
    nearest
        The distance to the boundary of the number that is nearest to one, in units of its last
        digit.
    least
        The least ratio of distance to spread; infinite where no number differs.
    failures
        What is too near, or on a boundary without being a fraction.
    """

    numbers: int
    exact: int
    spread: float
    nearest: float
    least: float
    failures: list[str]

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f"{self.numbers:,} numbers; largest relative difference between machines "
            f"{self.spread:.2g}; nearest to a boundary {self.nearest:.2g} of a last digit, and "
            f"never less than {self.least:.3g} times the difference; {self.exact} lie on a "
            "boundary and are fractions, rounded half up"
        )


def margins(machines: Sequence[Mapping[str, float]], decimals: int) -> Margin:
    """Compare the numbers that several machines found, before they are rounded."""
    failures = [f"{key}: not on every machine" for m in machines for key in machines[0].keys() ^ m]
    exact, spread, nearest, least = 0, 0.0, 0.5, inf
    for key in machines[0]:
        values = [machine[key] for machine in machines if key in machine]
        low, high = min(values), max(values)
        spread = max(spread, (high - low) / max(abs(high), 1e-300))
        distance = float(boundary_distance(low, decimals))
        if distance <= ON_BOUNDARY * max(abs(low), 1):
            exact += 1
            failures += [f"{key}: {low!r} {why}" for why in _not_exact(values, decimals)]
            continue
        nearest = min(nearest, distance * 10**decimals)
        if high > low:
            least = min(least, distance / (high - low))
            if distance < TIMES * (high - low):
                failures.append(f"{key}: {low!r} to {high!r}, {distance:.2g} from a boundary")
    return Margin(len(machines[0]), exact, spread, nearest, least, failures)


def boundary_distance(value: float, decimals: int) -> Fraction:
    """Give the distance of a number to where its last digit would change."""
    scaled = abs(Fraction(value)) * 10**decimals
    return abs(scaled - int(scaled) - Fraction(1, 2)) / 10**decimals


def _not_exact(values: Sequence[float], decimals: int) -> list[str]:
    """Say why numbers on a boundary are not one fraction, rounded as one."""
    fraction = Fraction(values[0]).limit_denominator(SIMPLE)
    if any(abs(Fraction(x) - fraction) > ON_BOUNDARY * max(abs(x), 1) for x in values):
        return ["lies on a boundary and is no simple fraction"]
    meant = half_up(Decimal(fraction.numerator) / Decimal(fraction.denominator), decimals)
    wrong = [x for x in values if rounded(x, decimals) != float(meant)]
    return [f"is not rounded as {fraction}"] if wrong else []
