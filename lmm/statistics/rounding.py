"""The one way of rounding: half up, on the decimal number that was meant.

A float that should be 0.0078125 may be a little under it on one processor and a little over it
on another; and where it is exact, Python rounds it to the even neighbour, which no reader
expects. So a number is first read to `DIGITS` significant digits, more than any estimate here
is good for, and that decimal number is rounded half up. An exact fraction on the boundary
between two last digits comes out the same everywhere.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

DIGITS = 14


def meant(value: float) -> Decimal:
    """Give the decimal number of `DIGITS` significant digits next to a float."""
    return Decimal(f"{value:.{DIGITS}g}")


def half_up(value: Decimal, decimals: int) -> Decimal:
    """Round a decimal number half up, away from 0; 0 has no sign."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def rounded(value: float, decimals: int) -> float:
    """Round a number half up; what is not finite stays as it is."""
    return float(half_up(meant(value), decimals)) if isfinite(value) else value


def fixed(value: float, decimals: int = 0) -> str:
    """Write a number with so many decimals."""
    return f"{half_up(meant(value), decimals):f}"


def in_percent(share: float, decimals: int = 0) -> str:
    """Write a share in percent, with so many decimals."""
    return f"{half_up(100 * meant(share), decimals):f}%"


MOST = 2
"""Decimals of a percentage that a study declares, at most."""


def declared_percent(share: float) -> str:
    """Write a share that a study declares, such as a cut-off, with the decimals that it needs."""
    percent = half_up(100 * meant(share), MOST)
    return in_percent(share, next(n for n in range(MOST + 1) if half_up(percent, n) == percent))


def level_in_percent(confidence: float) -> str:
    """Write a confidence level as it was declared: 95%, 97.5%."""
    return f"{100 * confidence:.4g}%"
