"""An attacker who runs the gate asks which tables would have led to just this release.

Which counts are blank depends on the true ones. Of all one-way tables up to a size this says how
many small counts have values that no table with the same release has. It is told in
docs/disclosure.md; nothing is promised of it.

    PYTHONPATH=tests python -m attack.runs_the_gate > tests/attack/RUNS_THE_GATE.csv
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import product

import numpy as np
from populations import exchanges

from attack.shown import SMALL
from lmm.disclosure.plan import Cell, plan
from lmm.disclosure.profiles import PROFILES

Counts = tuple[int, ...]
SIZES = ((2, 22), (3, 16))
"""Parts of a table, and the largest count of a part."""

BEYOND = 8
"""Tables with parts up to this beyond the largest count are tried for the same release."""


def released(counts: Counts, profile: str) -> tuple[int | None, ...]:
    """Give what is shown of the parts and of their total."""
    names = [f"part {n}" for n in range(len(counts))]
    cells = [Cell(name, n) for name, n in zip(names, counts, strict=True)]
    cells.append(Cell("total", sum(counts), sums=(tuple(names),)))
    kinds = np.vstack([np.eye(len(counts), dtype=int), np.ones((1, len(counts)), dtype=int)])
    found = plan(cells, exchanges(kinds, counts), PROFILES[profile])
    return tuple(found.complete(cell.key) for cell in cells)


def narrowed(profile: str, parts: int, most: int) -> tuple[int, int, int]:
    """Count small counts, those that are recovered, and those that are narrowed.

    Of tables that differ in the order of their parts one is worked out.
    """
    alike: dict[tuple[int | None, ...], list[Counts]] = defaultdict(list)
    known: dict[Counts, tuple[int | None, ...]] = {}
    for counts in product(range(most + BEYOND + 1), repeat=parts):
        order = sorted(range(parts), key=lambda n: (counts[n], n))
        first = tuple(counts[n] for n in order)
        if first not in known:
            known[first] = released(first, profile)
        shown = dict(zip(order, known[first], strict=False))
        alike[*(shown[n] for n in range(parts)), known[first][-1]].append(counts)
    left = [
        len({counts[n] for counts in several} & set(range(1, SMALL[profile] + 1)))
        for several in alike.values()
        for counts in several
        for n in range(parts)
        if max(counts) <= most and 1 <= counts[n] <= SMALL[profile]
    ]
    return len(left), sum(n == 1 for n in left), sum(n < SMALL[profile] for n in left)


def rows() -> Iterable[str]:
    """Give the table, a line at a time."""
    yield "profile,parts,up to,small,recovered,narrowed"
    for (parts, most), profile in product(SIZES, SMALL):
        yield ",".join(map(str, (profile, parts, most, *narrowed(profile, parts, most))))


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write(row + "\n")
        sys.stdout.flush()
