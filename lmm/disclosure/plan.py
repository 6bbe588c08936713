"""Statistical disclosure control of counts: what is suppressed, so that no small count is known.

A count in the profile's sensitive range is suppressed (primary suppression) or rounded. Then
every sensitive count has to be able to be any value of that range: for each there must be another
population, a witness, that leads to the very same release. Witnesses are looked for; where none
is found further counts are suppressed (secondary suppression) until there is one.

Sources: Hundepool and others (2012), Statistical Disclosure Control, chapters 4.2 to 4.4, for
primary and secondary suppression and for protection of the whole range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lmm.disclosure.cells import FAR, Cell, Decision, Key, Told, first
from lmm.disclosure.moves import Moves, Whole
from lmm.disclosure.part import Kinds
from lmm.disclosure.part import Part as _Part
from lmm.disclosure.profiles import Profile

STEPS = 60
"""After how many exchanges that bring nothing nearer a search gives up."""


@dataclass(frozen=True)
class Plan:
    """What is done with each cell.

    Attributes
    ----------
    decisions
        By key.
    told
        What is told of each cell that is decided on.
    witnesses
        How often each move is made in each of the populations that prove the plan.
    unproved
        Cells for which a value was found in no population, although all is suppressed that
        hangs together with them.
    """

    decisions: dict[Key, Decision]
    told: dict[Key, Told]
    witnesses: list[Whole] = field(repr=False)
    unproved: list[Key]
    _numbers: dict[Key, _Number] = field(repr=False)

    def value(self, key: Key) -> int | None:
        """Give what is shown for a cell; None if it is suppressed, or not known at all.

        It may be a sum that leaves out suppressed parts: then nothing is told of it.
        """
        return self._numbers[key].value if key in self._numbers else None

    def complete(self, key: Key) -> int | None:
        """Give what is shown for a cell, unless it is a sum that leaves out suppressed parts."""
        return self.told[key].value if key in self.told else None

    def shows(self, cells: Sequence[Cell], profile: Profile) -> bool:
        """Whether other counts, of which the same are suppressed, would be shown like this."""
        return bool(self.shows_each(cells, [[cell.count] for cell in cells], profile).all())

    def shows_each(
        self, cells: Sequence[Cell], counts: npt.ArrayLike, profile: Profile
    ) -> npt.NDArray[np.bool_]:
        """Say the same of other populations: a row of counts for each cell, a column for each."""
        fine = np.ones(np.shape(counts)[1], "bool")
        for cell, here in zip(cells, np.asarray(counts), strict=True):
            values, which = np.unique(here, return_inverse=True)
            shown = [self._shows_as(cell, n, profile) for n in values.tolist()]
            fine &= np.array(shown, "bool")[which]
        return fine

    def _shows_as(self, cell: Cell, count: int, profile: Profile) -> bool:
        """Whether a cell with this count would be shown as it is, if all its parts are."""
        if cell.known:
            return cell.known[0] <= count <= cell.known[1]
        decided, number = self.decisions[cell.key], self._numbers.get(cell.key)
        small = profile.redacts and profile.is_sensitive(count)
        if decided != "shown":
            return small or decided == "secondary"
        if small or number is None:
            return False
        if profile.sums and cell.sums:
            return bool(number.value or not count)
        return number == _alone(count, profile)


def plan(
    cells: Sequence[Cell],
    kinds: Iterator[Moves],
    profile: Profile,
    *,
    nearer: Callable[[Whole], Moves] | None = None,
    steps: int = STEPS,
) -> Plan:
    """Decide which cells are shown, so that no sensitive count can be narrowed.

    Parameters
    ----------
    cells
        In the order of the rows of the moves.
    kinds
        Exchanges of members of the population: first the likeliest, then, where with these a
        witness is not found, all of before and more.
    nearer
        Gives, for moves that lead near to what is looked for, all of before and likely ones.
    steps
        After how many that bring nothing nearer a search gives up.

    Where cells have to be suppressed besides, those are chosen that stand in the way of a
    population with a missing value, at the least cost, a cell's cost rising slowly with its
    count; what turns out to be unnecessary is shown again. A suppressed cell whose range cannot
    be kept while it is known to be sensitive is called secondary instead: readers see one mark
    for both.

    Raises
    ------
    ValueError
        If a key stands twice, a count is negative, or one is not what is known of it.
    """
    _check(cells)
    decisions: dict[Key, Decision] = {cell.key: first(cell, profile) for cell in cells}
    every = Kinds(kinds, nearer)
    proofs: list[_Part] = []
    parts = every.level(0).parts
    order = sorted(range(len(cells)), key=lambda n: repr(cells[n].key))
    for part in dict.fromkeys(parts[order].tolist()):
        rows = np.array([n for n in order if parts[n] == part])
        proofs.append(_Part([cells[n] for n in rows], rows, every, profile, steps))
        decisions |= proofs[-1].protected()
    numbers = _numbers(cells, decisions, profile)
    shown = [key for key, decision in decisions.items() if decision == "shown"]
    while empty := [key for key in shown if key not in numbers]:  # a sum of nothing reads as 0
        decisions.update(dict.fromkeys(empty, "secondary"))
        shown = [key for key in shown if decisions[key] == "shown"]
        numbers = _numbers(cells, decisions, profile)
    told = {
        key: _told(decision, numbers.get(key), profile)
        for key, decision in decisions.items()
        if decision != "known"
    }
    unproved = [key for proof in proofs for key in proof.keys_unproved()]
    return Plan(decisions, told, _together(proofs, every), unproved, numbers)


def _together(proofs: Sequence[_Part], kinds: Kinds) -> list[Whole]:
    """Put populations for one part and for another together, since neither changes the other."""
    chosen = [proof.few() for proof in proofs]
    found = [np.zeros_like(kinds.widest.most) for _ in range(max(map(len, chosen), default=0))]
    for proof, each in zip(proofs, chosen, strict=True):
        for whole, made in zip(found, each, strict=False):
            whole[proof.moves[: len(made)]] = made
    return found


def _check(cells: Sequence[Cell]) -> None:
    if len({cell.key for cell in cells}) < len(cells):
        raise ValueError("a cell stands twice")
    if any(cell.count < 0 for cell in cells if cell.known is None):
        raise ValueError("a count is negative")
    known = ((cell.count, *cell.known) for cell in cells if cell.known is not None)
    if any(not low <= count <= high for count, low, high in known):
        raise ValueError("a count is not what is known of it")


class _Number(NamedTuple):
    """What is shown for a cell, the range that it stands for, and how many parts it leaves out."""

    value: int
    low: int
    high: int
    left_out: int = 0


NONE = _Number(0, 0, 0, left_out=1)
"""Of a part that is not shown."""


def _numbers(
    cells: Sequence[Cell], decisions: Mapping[Key, Decision], profile: Profile
) -> dict[Key, _Number]:
    """Give what is shown."""
    shown = {cell.key: cell for cell in cells if decisions[cell.key] == "shown"}
    known = {cell.key: cell for cell in cells if cell.known and cell.value is not None}

    @cache
    def found(key: Key) -> _Number:
        if key in known:
            return _known(known[key])
        if key not in shown:
            return NONE
        cell = shown[key]
        if not (profile.sums and cell.sums):
            return _alone(cell.count, profile)
        ways = [[found(part) for part in parts] for parts in cell.sums]
        fewest = min(ways, key=lambda parts: sum(part.left_out for part in parts))
        return _Number(*(sum(numbers) for numbers in zip(*fewest, strict=True)))

    every = {key: found(key) for key in (*shown, *known)}
    return {key: n for key, n in every.items() if n.value or key in known or not shown[key].count}


def _alone(count: int, profile: Profile) -> _Number:
    value = profile.rounded(count)
    return _Number(value, *(profile.interval(value) if value else (0, 0)))


def _known(cell: Cell) -> _Number:
    assert cell.known is not None
    assert cell.value is not None
    return _Number(cell.value, *cell.known)


def _told(decision: Decision, number: _Number | None, profile: Profile) -> Told:
    if decision == "primary":
        return Told(None, 1, profile.most, decision)
    if number is None:
        return Told(None, 0, FAR, "secondary")
    if number.left_out:
        return Told(None, profile.most + 1, FAR, "incomplete")
    low = number.low and max(number.low, 1 + profile.most * profile.redacts)
    return Told(number.value, low, number.high, "shown")
