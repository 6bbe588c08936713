"""Earlier releases of a study: what they have told, of which a new one may not be subtracted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lmm.counting.counts import Counts, Key, key
from lmm.disclosure.cells import FAR, Cell, Told
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


def counted_of_people(counts: Counts) -> list[Key]:
    """Name the counts of people that may be released."""
    declared = counts.declared
    return [
        (measure, within)
        for measure, within in counts.numbers
        if declared[measure].about_people
        and not counts.is_too_fine(measure, *(at for at, _ in within if at != "inside"))
    ]


def is_here(name: Key) -> bool:
    """Whether a count is one of the new release."""
    return RELEASED not in dict(name[1])


def stands(told: Sequence[Told], count: int) -> Told | None:
    """Give what is told of a count of which earlier releases have told something.

    It is what the last of them told that is still true. What has become untrue, since records
    were corrected, is told anew; but nothing is told any more of what was a small count, which
    it still is in what was released.
    """
    true = [each for each in told if each.holds(count)]
    if true:
        return true[-1]
    return Told(None, 0, FAR, "secondary") if was_small(told) else None


def was_small(told: Iterable[Told]) -> bool:
    """Whether a release knew a count for a small one."""
    return any(each.decision == "primary" for each in told)


def known(name: Key, told: Sequence[Told], count: int, value: int | None) -> Cell:
    """Give the cell of a count on which nothing is to be decided: all that is true is known.

    What was small is protected as such, unless what is true says that it is not any more.
    """
    true = [(each.low, each.high) for each in told if each.holds(count)]
    low, high = max((0, *(n for n, _ in true))), min((FAR, *(n for _, n in true)))
    small = any(low <= t.low and t.high <= high for t in told if t.decision == "primary")
    return Cell(name, count, known=(low, high), value=value, was_small=small)
