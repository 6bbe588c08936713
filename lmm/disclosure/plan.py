"""Statistical disclosure control of counts: what is suppressed, so that no small count is known.

A count in the profile's sensitive range is suppressed (primary suppression) or rounded. Then
every sensitive count has to be able to be any value of that range: for each there must be another
population, a witness, that leads to the very same release. Witnesses are looked for; where none
is found further counts are suppressed (secondary suppression) until there is one.

Sources: Hundepool and others (2012), Statistical Disclosure Control, chapters 4.2 to 4.4, for
primary and secondary suppression and for protection of the whole range.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from lmm.disclosure import exact
from lmm.disclosure.profiles import Profile
from lmm.disclosure.search import FAR, Moves, Search, Whole

Key = Hashable
Decision = Literal["shown", "primary", "secondary", "known"]
Why = Literal["shown", "primary", "secondary", "incomplete"]

STEPS = 60
"""After how many exchanges that bring nothing nearer a search gives up."""

ROUNDS = 4
"""How often exchanges are offered that may lead nearer, where none was found."""


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
        The lowest and highest that it can be by itself; `lmm.disclosure.search.FAR` is no end.
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
        for cell in cells:
            first, decided = _first(cell, profile), self.decisions[cell.key]
            if (first == "primary") != (decided == "primary") and decided != "secondary":
                return False
            if cell.known and not cell.known[0] <= cell.count <= cell.known[1]:
                return False
        return _numbers(cells, self.decisions, profile) == self._numbers


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
    decisions: dict[Key, Decision] = {cell.key: _first(cell, profile) for cell in cells}
    every = _Kinds(kinds, nearer)
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


class _Kinds:
    """The exchanges of each level, worked out when they are first asked for."""

    def __init__(self, kinds: Iterator[Moves], nearer: Callable[[Whole], Moves] | None) -> None:
        self._left, self._nearer, self._known = kinds, nearer, list[Moves]()

    def level(self, n: int) -> Moves:
        """Give those of a level, or of the last one that there is."""
        while len(self._known) <= n and (more := next(self._left, None)):
            self._known.append(more)
        return self._known[min(n, len(self._known) - 1)]

    def more(self, made: Whole) -> bool:
        """Have one level more, for moves that lead near to what is looked for, if there can be."""
        if self._nearer and (found := self._nearer(made)).most.size > self.widest.most.size:
            self._known.append(found)
            return True
        return False

    @property
    def widest(self) -> Moves:
        """Those of the last level asked for."""
        return self._known[-1]


def _together(proofs: Sequence[_Part], kinds: _Kinds) -> list[Whole]:
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


def _first(cell: Cell, profile: Profile) -> Decision:
    if cell.known is not None:
        return "known"
    return "primary" if profile.redacts and profile.is_sensitive(cell.count) else "shown"


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
            value = profile.rounded(cell.count)
            return _Number(value, *(profile.interval(value) if value else (0, 0)))
        ways = [[found(part) for part in parts] for parts in cell.sums]
        fewest = min(ways, key=lambda parts: sum(part.left_out for part in parts))
        return _Number(*(sum(numbers) for numbers in zip(*fewest, strict=True)))

    every = {key: found(key) for key in (*shown, *known)}
    return {key: n for key, n in every.items() if n.value or key in known or not shown[key].count}


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


class _Part:
    """Cells that hang together, what is decided of them, and the populations that prove it."""

    def __init__(
        self, cells: Sequence[Cell], rows: Whole, kinds: _Kinds, profile: Profile, steps: int
    ) -> None:
        self.cells, self.rows, self.kinds = cells, rows, kinds
        self.profile, self.steps = profile, steps
        self.decisions = [_first(cell, profile) for cell in cells]
        small = [c.was_small or (c.protected and profile.is_sensitive(c.count)) for c in cells]
        self.small = np.flatnonzero(small)
        self.values = np.arange(1, profile.most + 1)
        self.unproved: list[int] = []
        self.limits = np.array([self.bounds(n) for n in range(len(cells))], "int64").reshape(-1, 2)
        true = np.array([cell.count for cell in cells], dtype="int64")
        self.states = [(true, np.empty(0, "int64"))]
        self.seen = self.has(true)
        low, high = self.limits[self.small].T[..., None]
        self.lost: npt.NDArray[np.bool_] = np.asarray((self.values < low) | (self.values > high))
        self.wide, self.wider = -1, True
        if self.small.size:
            self.widen()

    def widen(self) -> None:
        """Let more kinds of members be exchanged; say if there are no more."""
        every = self.kinds.level(self.wide + 1)
        self.wider = self.wide < 0 or every is not self.kinds.level(self.wide)
        self.wide += self.wider
        moves, self.moves = every.within(self.rows)
        more = len(moves.most) - len(self.states[0][1])
        self.states = [(counts, np.pad(made, (0, more))) for counts, made in self.states]
        self.true = Search(moves, *self.states[0], *self.limits.T)
        self.here = Search(moves, *self.states[-1], *self.limits.T)

    def protected(self) -> dict[Key, Decision]:
        """Protect the part, and give what is decided."""
        if self.small.size:
            self.protect()
        return {cell.key: d for cell, d in zip(self.cells, self.decisions, strict=True)}

    def keys_unproved(self) -> list[Key]:
        """Give the cells for which a value was found in no population."""
        return [self.cells[n].key for n in self.unproved]

    def bounds(self, n: int) -> tuple[int, int]:
        """Give what is known of a cell by itself."""
        cell, profile = self.cells[n], self.profile
        if cell.known is not None:
            return cell.known
        match self.decisions[n]:
            case "primary":
                return 1, profile.most
            case "shown" if not cell.count:
                return 0, 0
            case "shown" if profile.sums and cell.sums:
                return profile.most + 1, FAR  # it is not suppressed, and not 0
            case "shown":
                return profile.interval(profile.rounded(cell.count))
            case _:
                return 0, FAR

    def decide(self, n: int, decision: Decision) -> None:
        """Decide on a cell, and search accordingly."""
        self.decisions[n] = decision
        self.limits[n] = self.bounds(n)
        self.true.bound(n, *self.limits[n])
        self.here.bound(n, *self.limits[n])

    def has(self, counts: Whole) -> npt.NDArray[np.bool_]:
        """Say which value each small count has; a row a count, a column a value."""
        return np.asarray(counts[self.small, None] == self.values)

    def keep(self, found: Search, n: int) -> None:
        """Keep a population in which a count has a value, and go on from it.

        What it has outside of what is shown is suppressed.
        """
        found.bound(n, *self.limits[n])
        for m in np.flatnonzero(found.outside).tolist():
            self.decide(m, "secondary")
            found.bound(m, *self.limits[m])
        found.settle()
        self.states.append((found.counts.copy(), found.made.copy()))
        self.seen |= self.has(found.counts)
        self.here = found

    def protect(self) -> None:
        """Find a witness for every value of every small count, or suppress until there is one."""
        for value in self.values.tolist():
            for place, n in enumerate(self.small.tolist()):
                while not self.done[place, value - 1] and n not in self.unproved:
                    if not self.reaches(n, value):
                        self.clear(n, value)
        again = [
            place
            for place, cell in enumerate(self.cells)
            if self.decisions[place] == "secondary" and _first(cell, self.profile) == "shown"
        ]
        for place in sorted(again, key=lambda place: -self.size(place)):
            self.show_again(place)

    @property
    def done(self) -> npt.NDArray[np.bool_]:
        """Say for which value of which small count nothing is left to be found."""
        return self.seen | self.lost

    def reaches(self, n: int, value: int) -> bool:
        """Look for a population in which a count has a value, and as many others as can be."""
        search = self.here.copy()
        far = abs(search.counts[self.small, None] - self.values) + FAR * self.done
        left = ~self.done.all(axis=1)
        search.pulled(self.small[left], self.values[far[left].argmin(axis=1)])
        search.bound(n, value, value)
        if found := search.finds(self.steps):
            self.keep(search, n)
        return found

    def clear(self, n: int, value: int) -> None:
        """Suppress what stands in the way of a population in which a count has a value.

        If there is none at all, more kinds of members are exchanged; if there are no more, it is
        looked for exactly, and further on, whatever is suppressed for it. A value for which there
        is none even then, because of what is known from earlier releases, was ruled out by these.
        """
        search = self.true.copy()
        search.bound(n, value, value)
        cost = np.array([self.cost(m) for m in range(len(self.cells))])
        cost[n] = FAR
        patience = self.steps if self.wider else 10 * self.steps
        if nearest := search.nearest(patience, cost):
            self.keep(nearest, n)
        elif self.wider:
            self.widen()
        elif not self.suppress(n, value):
            if any(cell.known not in (None, (0, FAR)) for cell in self.cells):
                self.lost[self.small == n, value - 1] = True
            else:
                self.unproved.append(n)
                for m, decision in enumerate(self.decisions):
                    if decision in ("shown", "primary"):
                        self.decide(m, "secondary")

    def suppress(self, n: int, value: int) -> bool:
        """Look for a population in which a count has a value, whatever is suppressed for it."""
        fresh = [cell.known is None for cell in self.cells]
        low, high = np.where(fresh, [[0], [FAR]], self.limits.T)
        low[n] = high[n] = value
        for _ in range(ROUNDS):
            moves, true = self.true.moves, self.true.counts
            near, within = exact.nearest(moves, low - true, high - true, n)
            if within and (made := self.fitted(low, high)) is not None:
                counts = true + moves.effects @ made
                self.keep(Search(moves, counts, made, *self.limits.T), n)
                return True
            if not self.kinds.more(self.moves[near]):
                break
            self.widen()
        return False

    def fitted(self, low: Whole, high: Whole) -> Whole | None:
        """Say how often each move is made in a population within bounds, if one is found."""
        search = Search(self.true.moves, *self.states[0], low, high)
        if search.finds(10 * self.steps):
            return search.made
        true = self.true.counts
        return exact.fits(self.true.moves, low - true, high - true)

    def size(self, n: int) -> int:
        """Give the size of a cell as it would be shown: what is blank may tell no more."""
        return self.profile.rounded(self.cells[n].count)

    def cost(self, n: int) -> int:
        """Give what it costs to suppress a cell; FAR where that would not help."""
        if self.decisions[n] not in ("shown", "primary"):
            return FAR
        each = 100 if self.decisions[n] == "primary" else 1
        return each * (2 + self.size(n).bit_length())

    def show_again(self, n: int) -> None:
        """Show a cell again, unless a small count is not safe with it."""
        if self.unproved:
            return
        before = self.here, self.seen
        self.decide(n, "shown")
        fitting = self.fitting()
        self.seen = np.any([self.has(counts) for counts, _ in fitting], axis=0)
        if self.here.outside.any():
            self.here = Search(self.here.moves, *fitting[-1], *self.limits.T)
        for place, value in np.argwhere(~self.done).tolist():
            if not self.seen[place, value] and not self.reaches(int(self.small[place]), value + 1):
                self.here, self.seen = before
                self.decide(n, "secondary")
                return

    def fitting(self) -> list[tuple[Whole, Whole]]:
        """Give the populations found that lead to what is shown."""
        low, high = self.limits.T
        return [s for s in self.states if ((low <= s[0]) & (s[0] <= high)).all()]

    def few(self) -> list[Whole]:
        """Choose few populations that have every value of every small count between them."""
        if not self.small.size:
            return []
        states = self.fitting()
        has = np.array([self.has(counts).ravel() for counts, _ in states])
        chosen: list[Whole] = []
        left = has.any(axis=0)
        while left.any():
            best = int((has & left).sum(axis=1).argmax())
            chosen.append(states[best][1])
            left &= ~has[best]
        return chosen
