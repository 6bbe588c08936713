"""What is decided on: counts, and what a release tells of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from lmm.disclosure.profiles import Profile

Key = Hashable
Decision = Literal["shown", "primary", "secondary", "known"]
Why = Literal["shown", "primary", "secondary", "incomplete"]

FAR = 2**40
"""A count beyond all."""


@dataclass(frozen=True)
class Cell:
    """One count.

    Attributes
    ----------
    sums
        The ways in which it is made up of parts. Under a profile that shows sums of parts, the
        way of which the fewest parts are suppressed is taken.
    known
        The lowest and highest that it can be for all that everybody knows, of a count that an
        earlier release had or that stands in no table; None for one that is to be decided on.
    value
        What is shown of a count that is known, if anything is.
    protected
        Whether it is to be protected if it is small.
    was_small
        Whether it was small in an earlier release, and is to be protected whatever it is now.
    """

    key: Key
    count: int
    sums: tuple[tuple[Key, ...], ...] = ()
    known: tuple[int, int] | None = None
    value: int | None = None
    protected: bool = True
    was_small: bool = False


@dataclass(frozen=True)
class Told:
    """What a release tells of a count.

    Attributes
    ----------
    value
        What is shown; None if it is suppressed.
    low, high
        The lowest and highest that it can be by itself; `FAR` is no end.
    decision
        Why it is not shown; "shown" if it is.
    """

    value: int | None
    low: int
    high: int
    decision: Why

    def holds(self, count: int) -> bool:
        """Whether it is true of a count."""
        return self.low <= count <= self.high


def first(cell: Cell, profile: Profile) -> Decision:
    """Decide on a cell by itself: whether it is known, a small count, or neither."""
    if cell.known is not None:
        return "known"
    return "primary" if profile.redacts and profile.is_sensitive(cell.count) else "shown"
