"""Random releases under attack: every table that fits what is shown is written down.

The attacker shares nothing with the code attacked but what it released: it lists all whole
numbers that are rounded to what is shown, or suppressed with that mark, puts them together in
every way that the sums and parts allow, and looks which values of each small count are left.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from populations import each_by_itself, exchanges

from lmm.disclosure.plan import Cell, Plan, plan
from lmm.disclosure.profiles import PROFILES, Profile
from lmm.disclosure.search import FAR

BEYOND = 8
"""Counts suppressed besides are tried up to this beyond the largest count: not all there are."""

EXACT = Profile("exact", 7, True, False, lambda count: count, lambda value: (value, value))
PROFILES_ATTACKED = [
    PROFILES["opensafely"],
    PROFILES["midpoint6"],
    PROFILES["nhs_digital"],
    EXACT,
]


@dataclass(frozen=True)
class Layout:
    """A kind of release: free counts, and sums of them.

    Attributes
    ----------
    rows
        One row a cell, one column a free count: its coefficients.
    sums
        For cells that are totals, their parts.
    at_most
        Pairs of cells of which the first cannot be more than the second.
    unpublished
        Cells that follow from others and stand in no table.
    total_sums
        Cells that cannot be more than those before them together.
    kinds
        One row a cell, one column a kind of person: what one of them adds to it.
    members
        Makes people out of the free counts: a row a cell, a column a person. Without it, the
        kinds of people are the free counts.
    """

    rows: np.ndarray
    sums: dict[int, tuple[int, ...]]
    at_most: tuple[tuple[int, int], ...] = ()
    unpublished: tuple[int, ...] = ()
    total_sums: tuple[int, ...] = ()
    kinds: np.ndarray | None = None
    members: Callable[[np.ndarray], np.ndarray] | None = None

    def population(self, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the kinds of people, and how many there are of each."""
        if self.members is None or self.kinds is None:
            return self.rows, free
        same = (self.kinds[:, :, None] == self.members(free)[:, None]).all(axis=0)
        return self.kinds, same.sum(axis=1)


def one_way(random: np.random.Generator) -> Layout:
    k = int(random.integers(2, 5))
    rows = np.vstack([np.eye(k, dtype=int), np.ones((1, k), dtype=int)])
    return Layout(rows, {k: tuple(range(k))})


def two_way(random: np.random.Generator) -> Layout:
    """Two by two with its margins."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    return Layout(rows, {4: (0, 1), 5: (2, 3), 6: (0, 2), 7: (1, 3), 8: (4, 5)})


def two_margins(random: np.random.Generator) -> Layout:
    """One total, by two characteristics that are not crossed."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, -1], [1, 1, 1, 0]]
    )
    kinds = np.array(
        [[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1], [1, 0, 1, 0, 1, 0],
         [0, 1, 0, 1, 0, 1], [1, 1, 1, 1, 1, 1]]
    )  # fmt: skip

    def members(free: np.ndarray) -> np.ndarray:
        first = np.repeat([0, 2, 4], free[:3])
        return kinds[:, first + (np.arange(len(first)) >= free[3])]

    return Layout(rows, {5: (0, 1, 2)}, kinds=kinds, members=members)


def nested(random: np.random.Generator) -> Layout:
    """Four quarters within two years and within two phases."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 1, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    return Layout(rows, {4: (0, 1), 5: (2, 3), 8: (4, 5)})


def satisfied(random: np.random.Generator) -> Layout:
    """Answers and high answers in two groups; those not high are published nowhere."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    return Layout(rows, {6: (0, 2), 8: (4, 5)}, unpublished=(1, 3, 7))


def people(random: np.random.Generator) -> Layout:
    """People by year, who may come in several: no more in a year than in all, and in sum."""
    kinds = np.array([[*years, 1] for years in itertools.product((0, 1), repeat=3) if any(years)]).T

    def members(free: np.ndarray) -> np.ndarray:
        visits = np.repeat(np.arange(3), free[:3])
        came = np.zeros((4, free[3]), dtype=int)
        came[visits, np.arange(len(visits)) % max(1, free[3])] = 1
        came[3] = 1
        return came

    at_most = ((0, 3), (1, 3), (2, 3))
    return Layout(np.eye(4, dtype=int), {}, at_most, total_sums=(3,), kinds=kinds, members=members)


LAYOUTS: list[Callable[[np.random.Generator], Layout]] = [
    one_way, two_way, two_margins, nested, satisfied, people,
]  # fmt: skip


def _count(random: np.random.Generator) -> int:
    kind = random.random()
    return (
        0 if kind < 0.15 else int(random.integers(1, 9) if kind < 0.75 else random.integers(8, 15))
    )


def draw(random: np.random.Generator) -> tuple[Layout, np.ndarray]:
    """Draw the free counts of a release: small ones are the most frequent."""
    layout = LAYOUTS[int(random.integers(len(LAYOUTS)))](random)
    while True:
        free = np.array([_count(random) for _ in range(layout.rows.shape[1])])
        if layout.at_most:
            parts = free[:3]
            free[3] = random.integers(parts.max(), parts.sum() + 1)
        if (layout.rows @ free >= 0).all():
            return layout, free


def _sums(n: int, layout: Layout) -> tuple[tuple[int, ...], ...]:
    return (layout.sums[n],) if n in layout.sums else ()


def cells_of(layout: Layout, counts: np.ndarray) -> list[Cell]:
    return [
        Cell(n, int(count), _sums(n, layout), (0, FAR) if n in layout.unpublished else None)
        for n, count in enumerate(counts)
    ]


def release(layout: Layout, free: np.ndarray, profile: Profile) -> Plan:
    kinds, numbers = layout.population(free)
    return plan(cells_of(layout, layout.rows @ free), exchanges(kinds, numbers), profile)


def without_secondary(layout: Layout, free: np.ndarray, profile: Profile) -> Plan:
    """Release as if no table could be held against another."""
    counts = layout.rows @ free
    return plan(cells_of(layout, counts), each_by_itself(counts), profile)


# --- the attacker -------------------------------------------------------------------------


def shown_as(count: int, profile: str) -> int | None:
    """Give what the rules make of one count: None where they suppress it."""
    if profile == "midpoint6":
        return 0 if count == 0 else 6 * ((count + 5) // 6) - 3
    if 1 <= count <= 7:
        return None
    return count if profile == "exact" else 5 * int(count / 5 + 0.5)


def candidates(n: int, layout: Layout, found: Plan, profile: Profile, cap: int) -> list[int]:
    """List the counts that a cell may hold, looked at by itself."""
    decision, value = found.decisions[n], found.value(n)
    if decision == "primary":
        return list(range(1, 8))
    if value is None:
        return list(range(cap + 1))
    if profile.name == "opensafely" and layout.sums.get(n):
        return [0] if value == 0 else list(range(8, 200))
    return [count for count in range(200) if shown_as(count, profile.name) == value]


def possible(layout: Layout, found: Plan, profile: Profile, cap: int) -> dict[int, set[int]]:
    """List the values that each cell has in some table that fits everything."""
    columns = layout.rows.shape[1]
    base = [
        next(n for n, row in enumerate(layout.rows) if row[c] == 1 and np.abs(row).sum() == 1)
        for c in range(columns)
    ]
    lists = [np.array(candidates(n, layout, found, profile, cap), "int16") for n in base]
    free = np.stack([g.ravel() for g in np.meshgrid(*lists, indexing="ij", copy=False)])
    for n, row in enumerate(layout.rows):
        if n in base:
            continue
        allowed = np.zeros(2000, dtype=bool)
        allowed[candidates(n, layout, found, profile, cap)] = True
        allowed |= found.value(n) is None and found.decisions[n] != "primary"
        held = row.astype("int16") @ free
        free = free[:, (held >= 0) & allowed[held]]
    for low, high in layout.at_most:
        free = free[:, layout.rows[low] @ free <= layout.rows[high] @ free]
    for n in layout.total_sums:
        free = free[:, layout.rows[n] @ free <= layout.rows[:n].sum(axis=0) @ free]
    return {n: set(np.unique(row @ free).tolist()) for n, row in enumerate(layout.rows)}


def attack(
    releases: int, seed: int, protect: Callable[[Layout, np.ndarray, Profile], Plan]
) -> Counter[str]:
    """Attack random releases and count what became of their small counts."""
    random = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    for number in range(releases):
        profile = PROFILES_ATTACKED[number % len(PROFILES_ATTACKED)]
        layout, free = draw(random)
        counts = layout.rows @ free
        released = protect(layout, free, profile)
        left = possible(layout, released, profile, int(counts.max()) + BEYOND)
        whole = set(range(1, profile.most + 1))
        found["releases"] += 1
        found["secondary"] += sum(d == "secondary" for d in released.decisions.values())
        found["shown"] += sum(d == "shown" for d in released.decisions.values())
        for n, count in enumerate(counts):
            assert int(count) in left[n], "the attacker lost the true table"
            if 1 <= count <= profile.most:
                found["small counts"] += 1
                found["recovered"] += left[n] == {int(count)}
                found["narrowed"] += not whole <= left[n]
    return found


def test_no_small_count_is_recovered_or_narrowed() -> None:
    """Of ten thousand others it is told on the page (tests/test_disclosure_page.py)."""
    found = attack(120, 1, release)
    assert found["small counts"] > 2 * 120
    assert found["shown"] > 2 * 120  # it is no protection to show nothing
    assert (found["recovered"], found["narrowed"]) == (0, 0), dict(found)


def test_the_attack_succeeds_where_nothing_is_suppressed_besides() -> None:
    found = attack(150, 3, without_secondary)
    assert found["recovered"] > 20, dict(found)
    assert found["narrowed"] > 100, dict(found)
