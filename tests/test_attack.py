"""Random releases under attack: every table that fits what is shown is written down.

The attacker shares nothing with the code attacked but what it released: it lists all whole
numbers that are rounded to what is shown, or suppressed with that mark, puts them together in
every way that the sums and parts allow, and looks which values of each small count are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from lmm.disclosure.plan import Cell, Plan, Relation, plan
from lmm.disclosure.profiles import PROFILES, Profile

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
    """

    rows: np.ndarray
    sums: dict[int, tuple[int, ...]]
    relations: tuple[tuple[tuple[tuple[int, int], ...], str], ...]
    at_most: tuple[tuple[int, int], ...] = ()
    unpublished: tuple[int, ...] = ()
    total_sums: tuple[int, ...] = ()


def _adds(whole: int, *parts: int) -> tuple[tuple[tuple[int, int], ...], str]:
    return ((whole, -1), *((part, 1) for part in parts)), "="


def one_way(random: np.random.Generator) -> Layout:
    k = int(random.integers(2, 5))
    rows = np.vstack([np.eye(k, dtype=int), np.ones((1, k), dtype=int)])
    return Layout(rows, {k: tuple(range(k))}, (_adds(k, *range(k)),))


def two_way(random: np.random.Generator) -> Layout:
    """Two by two with its margins."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    return Layout(
        rows,
        {4: (0, 1), 5: (2, 3), 6: (0, 2), 7: (1, 3), 8: (4, 5)},
        (_adds(4, 0, 1), _adds(5, 2, 3), _adds(6, 0, 2), _adds(7, 1, 3), _adds(8, 4, 5),
         _adds(8, 6, 7)),
    )  # fmt: skip


def two_margins(random: np.random.Generator) -> Layout:
    """One total, by two characteristics that are not crossed."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 1, -1], [1, 1, 1, 0]]
    )
    return Layout(rows, {5: (0, 1, 2)}, (_adds(5, 0, 1, 2), _adds(5, 3, 4)))


def nested(random: np.random.Generator) -> Layout:
    """Four quarters within two years and within two phases."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 1, 1, 0], [0, 0, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    return Layout(
        rows,
        {4: (0, 1), 5: (2, 3), 8: (4, 5)},
        (_adds(4, 0, 1), _adds(5, 2, 3), _adds(6, 0, 1, 2), _adds(7, 3), _adds(8, 4, 5),
         _adds(8, 6, 7)),
    )  # fmt: skip


def satisfied(random: np.random.Generator) -> Layout:
    """Answers and high answers in two groups; those not high are published nowhere."""
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    return Layout(
        rows,
        {6: (0, 2), 8: (4, 5)},
        (_adds(4, 0, 1), _adds(5, 2, 3), _adds(6, 0, 2), _adds(7, 1, 3), _adds(8, 4, 5),
         _adds(8, 6, 7)),
        unpublished=(1, 3, 7),
    )  # fmt: skip


def people(random: np.random.Generator) -> Layout:
    """People by year, who may come in several: no more in a year than in all, and in sum."""
    rows = np.eye(4, dtype=int)
    at_most = ((0, 3), (1, 3), (2, 3))
    relations = tuple((((low, 1), (high, -1)), "<=") for low, high in at_most)
    more = (((3, 1), (0, -1), (1, -1), (2, -1)), "<=")
    return Layout(rows, {}, (*relations, more), at_most, total_sums=(3,))


LAYOUTS: list[Callable[[np.random.Generator], Layout]] = [
    one_way, two_way, two_margins, nested, satisfied, people,
]  # fmt: skip


def _count(random: np.random.Generator) -> int:
    kind = random.random()
    return (
        0 if kind < 0.15 else int(random.integers(1, 9) if kind < 0.75 else random.integers(8, 15))
    )


def draw(random: np.random.Generator) -> tuple[Layout, np.ndarray]:
    """Draw a release: small counts are the most frequent."""
    layout = LAYOUTS[int(random.integers(len(LAYOUTS)))](random)
    while True:
        free = np.array([_count(random) for _ in range(layout.rows.shape[1])])
        if layout.at_most:
            parts = free[:3]
            free[3] = random.integers(parts.max(), parts.sum() + 1)
        counts = layout.rows @ free
        if (counts >= 0).all():
            return layout, counts


def _sums(n: int, layout: Layout) -> tuple[tuple[int, ...], ...]:
    return (layout.sums[n],) if n in layout.sums else ()


def release(layout: Layout, counts: np.ndarray, profile: Profile) -> Plan:
    cells = [
        Cell(n, int(count), n not in layout.unpublished, _sums(n, layout))
        for n, count in enumerate(counts)
    ]
    return plan(cells, [Relation(terms, sense) for terms, sense in layout.relations], profile)  # type: ignore[arg-type]


def without_secondary(layout: Layout, counts: np.ndarray, profile: Profile) -> Plan:
    """Release as if no table could be held against another."""
    cells = [
        Cell(n, int(count), n not in layout.unpublished, _sums(n, layout))
        for n, count in enumerate(counts)
    ]
    return plan(cells, [], profile)


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
        layout, counts = draw(random)
        released = protect(layout, counts, profile)
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


@pytest.mark.parametrize(
    ("releases", "seed"),
    [(300, 1), pytest.param(10_000, 2, marks=pytest.mark.slow)],
    ids=["some", "ten thousand"],
)
def test_no_small_count_is_recovered_or_narrowed(releases: int, seed: int) -> None:
    found = attack(releases, seed, release)
    assert found["small counts"] > 2 * releases
    assert found["shown"] > 2 * releases  # it is no protection to show nothing
    assert (found["recovered"], found["narrowed"]) == (0, 0), dict(found)


def test_the_attack_succeeds_where_nothing_is_suppressed_besides() -> None:
    found = attack(400, 3, without_secondary)
    assert found["recovered"] > 20, dict(found)
    assert found["narrowed"] > 100, dict(found)
