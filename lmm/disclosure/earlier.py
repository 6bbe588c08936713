"""Earlier releases of a study: what they have told, of which a new one may not be subtracted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lmm.counting.counts import Key, key
from lmm.disclosure.plan import Cell, Told
from lmm.disclosure.search import FAR
from lmm.study.parameters import Parameters

RELEASED = "released before"
"""Stands among the levels of a count of an earlier release, with the name of that release."""


@dataclass(frozen=True)
class Earlier:
    """One release that was made before.

    Attributes
    ----------
    name
        What it is called among those that a study keeps.
    parameters
        Those that it was counted for.
    told
        What it tells of each count of people that it could show.
    """

    name: str
    parameters: Parameters
    told: Mapping[Key, Told]

    def named(self, name: Key) -> Key:
        """Name one of its counts, so that it is told apart from the same of another release."""
        measure, within = name
        return key(measure, **dict(within), **{RELEASED: self.name})


def spanning(parameters: Parameters, earlier: Iterable[Earlier]) -> Parameters:
    """Give the period that holds this one and those of all earlier releases."""
    every = [parameters, *(each.parameters for each in earlier)]
    return parameters.model_copy(
        update={
            "period_start": min(each.period_start for each in every),
            "period_end": max(each.period_end for each in every),
        }
    )


def is_here(name: Key) -> bool:
    """Whether a count is one of the new release."""
    return RELEASED not in dict(name[1])


def stands(told: Sequence[Told], count: int) -> Told | None:
    """Give what the last of several releases told of a count, if it is still true of it."""
    return next((each for each in reversed(told) if each.holds(count)), None)


def decided(name: Key, told: Sequence[Told], count: int) -> Cell | None:
    """Give a count that earlier releases have told something of; None if it is like a new one.

    It is shown, or not, as it was; what has become untrue, since records were corrected, is
    forgotten. Only of what was a small count nothing is shown: it is still one in what was
    released.
    """
    small = any(each.decision == "primary" for each in told)
    if last := stands(told, count):
        true = [each for each in told if each.holds(count)]
        known = max(each.low for each in true), min(each.high for each in true)
        return Cell(name, count, known=known, value=last.value, was_small=small)
    return Cell(name, count, known=(0, FAR), was_small=True) if small else None
