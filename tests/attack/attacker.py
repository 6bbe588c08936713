"""The attack: which values of each small count are behind no population that fits a release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from attack.calendar import Period, stretches
from attack.names import INSIDE, Name, Population, no_form
from attack.program import Program, Terms, add, times
from attack.scene import Scene
from attack.shown import Shown, spans
from attack.solver import Numbers, Solver, matrix
from lmm.cleaning.records import Records
from lmm.study.study import Study


@dataclass(frozen=True)
class Release:
    """One release and its first and last day.

    Of people and families all those that are looked at together have their first day in common.
    """

    period: Period
    shown: Shown

    @classmethod
    def of(cls, records: Records, shown: Shown) -> Self:
        """Give the release of records."""
        return cls((records.parameters.period_start, records.parameters.period_end), shown)


@dataclass(frozen=True)
class Target:
    """A small count that is to be protected: how it is called, made up, and what it is."""

    name: str
    terms: Terms
    count: int


@dataclass
class Found:
    """What an attack has found: for each target the values that remain possible."""

    targets: list[Target]
    possible: dict[str, set[int]]
    most: int
    solved: int
    populations: list[Numbers]

    @property
    def recovered(self) -> list[str]:
        """Targets of which one value is left."""
        return [t.name for t in self.targets if len(self.possible[t.name]) == 1]

    @property
    def narrowed(self) -> list[str]:
        """Targets of which a value is ruled out."""
        return [t.name for t in self.targets if len(self.possible[t.name]) < self.most]


def population(study: Study, releases: Sequence[Release], event: dt.date) -> Population:
    """Set up what is unknown of a study, and what is known before anything else is read."""
    periods = tuple(release.period for release in releases)
    held = {
        (dict(name[1])["course_id"], dt.date.fromisoformat(dict(name[1])["day"]))
        for release in releases
        for name, n in release.shown.numbers.items()
        if n and name[0] == "courses" and {at for at, _ in name[1]} == {"course_id", "day"}
    }
    courses = tuple(sorted(held, key=lambda course: (course[1], course[0])))
    return Population.of(Scene(study, stretches(study, periods, event), periods, courses))


def is_of_people(name: Name, study: Study) -> bool:
    """Say whether a count is of people; courses and what else a service did is exact."""
    if name[0] in study.measures:
        return study.measures[name[0]].about_people
    return name[0] not in ("courses", "places")


def told(
    program: Program,
    of: Population,
    releases: Sequence[Release],
    true: Sequence[Mapping[Name, int]] = (),
) -> None:
    """Add what the releases tell.

    Parameters
    ----------
    true
        Counts of each release in the records that are attacked, if these have been corrected
        since: somebody tells what of the releases is still true of them.
    """
    for n, release in enumerate(releases):
        shown = release.shown
        people = {k: v for k, v in shown.numbers.items() if is_of_people(k, of.scene.study)}
        known = spans(Shown(shown.profile, people, shown.decisions), of)
        known |= {
            name: (exact, exact)
            for name, exact in shown.numbers.items()
            if name not in people and name[0] not in ("courses", "places") and exact is not None
        }
        for name, (low, high) in known.items():
            if not true or low <= true[n].get(name, 0) <= high:
                program.rule(of.terms(name, n), low, high)


def targets(of: Population, true: Mapping[Name, int], most: int, release: int = 0) -> list[Target]:
    """List the small counts of a release, shown or not, and those that follow from others."""
    people = [name for name in true if is_of_people(name, of.scene.study)]
    found = [Target(worded(name), of.terms(name, release), true[name]) for name in people]
    for name in people:
        within = (*name[1], INSIDE)
        inside = name[0], tuple(sorted(within))
        if inside in true:
            terms = add(of.terms(name, release), times(-1, of.terms(inside, release)))
            found.append(Target(f"not {worded(inside)}", terms, true[name] - true[inside]))
    total, forms = ("attendances", ()), ("feedback_forms", ())
    if total in true and forms in true:
        found.append(Target("no form", no_form(of, release), true[total] - true[forms]))
    return [target for target in found if 1 <= target.count <= most]


def worded(name: Name) -> str:
    """Write a name."""
    return f"{name[0]}({', '.join(f'{at}={level}' for at, level in name[1])})"


def attack(of: Population, aims: Sequence[Target], most: int) -> Found:
    """Look for a population with each value of each target.

    Raises
    ------
    ValueError
        If no population fits what is told at all.
    """
    alike = {tuple(sorted(aim.terms.items())): n for n, aim in enumerate(aims)}
    only = [aims[n] for n in alike.values()]
    solver = Solver.of(of.program)
    search = Search(matrix([aim.terms for aim in only], len(solver.most)), most)
    for here, part in solver.parts(search.sums):
        search.run(here, part)
    row = {terms: n for n, terms in enumerate(alike)}
    values = [{v for v in range(1, most + 1) if seen[v]} for seen in search.seen]
    possible = {aim.name: values[row[tuple(sorted(aim.terms.items()))]] for aim in aims}
    return Found(list(aims), possible, most, search.solved, search.populations())


class Search:
    """Populations found so far; each shows values of all targets to be possible.

    Training, sessions and families have nothing to do with each other. So populations are put
    together from parts that are looked for one after another.
    """

    def __init__(self, sums: csr_array, most: int) -> None:
        self.sums, self.most, self.solved = sums, most, 0
        self.seen = np.zeros((sums.shape[0], most + 1), dtype=bool)
        self.found: list[tuple[Numbers, list[Numbers]]] = []

    def run(self, here: Numbers, part: Solver) -> None:
        """Look for every value of what is counted in one part."""
        sums = self.sums[:, here]
        rows = np.flatnonzero(np.diff(sums.indptr))
        witnesses: list[Numbers] = []
        self.found.append((here, witnesses))
        self._keep(part.near(sums[:0], 0), sums, rows, witnesses)
        if not witnesses:
            raise ValueError("no population fits what is told")
        for value in range(1, self.most + 1):
            self._many(part, sums, rows, value, witnesses)
            for n in self._left(rows, value):
                if not self.seen[n, value]:
                    near = sums[self._left(rows, value)]
                    self._keep(part.at(sums[[n]], value).near(near, value), sums, rows, witnesses)

    def _many(
        self, part: Solver, sums: csr_array, rows: Numbers, value: int, witnesses: list[Numbers]
    ) -> None:
        """Bring many counts to a value at once, as long as that brings much."""
        while len(left := self._left(rows, value)):
            self._keep(part.near(sums[left], value), sums, rows, witnesses)
            if len(self._left(rows, value)) > 0.7 * len(left):
                return

    def _left(self, rows: Numbers, value: int) -> Numbers:
        return rows[~self.seen[rows, value]]

    def _keep(
        self, numbers: Numbers | None, sums: csr_array, rows: Numbers, witnesses: list[Numbers]
    ) -> None:
        self.solved += 1
        if numbers is not None:
            witnesses.append(numbers)
            at = sums[rows] @ numbers
            within = (at >= 1) & (at <= self.most)
            self.seen[rows[within], at[within]] = True

    def populations(self) -> list[Numbers]:
        """Put the parts that were found together to populations."""
        size = sum(len(here) for here, _ in self.found)
        many = max((len(witnesses) for _, witnesses in self.found), default=0)
        whole = np.zeros((many, size), dtype="int64")
        for here, witnesses in self.found:
            for n in range(many):
                whole[n, here] = witnesses[n % len(witnesses)]
        return [*whole]
