"""Rows beside other rows of the same course: where the records show that they are never more.

A form is filled in by somebody who came. No column says by whom, but on no course, and from no
group of staff, are there more forms than people; other records with more would not be believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from scipy.sparse import coo_array, csr_array

from lmm.cleaning.contract import accepted
from lmm.disclosure.population import Population, identities
from lmm.study.tables import tables_of

Group = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""A table, one that it has more rows than, the columns of both, and what rows have in them."""


@dataclass(frozen=True)
class Beside:
    """What is compared.

    Attributes
    ----------
    groups
        In each of which the first table has never fewer rows than the second.
    totals
        What is left of the first table beside the second, in all and at each label.
    """

    groups: tuple[Group, ...]
    totals: tuple[Group, ...]

    @classmethod
    def of(cls, population: Population) -> Beside:
        """Find in which tables rows are never more than those of another one beside them."""
        groups: list[Group] = []
        totals: list[Group] = []
        for more, fewer, columns, levels in _pairs(population):
            n, of = (Counter(_places(population, name, columns).values()) for name in (more, fewer))
            if of and all(n[at] >= of[at] for at in of):
                groups += [(more, fewer, columns, at) for at in product(*levels)]
                totals += [(more, fewer, columns[1:], at) for at in product(*levels[1:])]
        return cls(tuple(groups), tuple(totals))


def left_beside(groups: Sequence[Group], population: Population) -> csr_array:
    """Give by how many rows each member adds to the difference: a row a group."""
    entries = [np.empty((3, 0), "int64")]
    place = {group: n for n, group in enumerate(groups)}
    for kind in dict.fromkeys((more, fewer, columns) for more, fewer, columns, _ in groups):
        more, fewer, columns = kind
        for table, sign in ((more, 1), (fewer, -1)):
            found = _places(population, table, columns)
            rows = [place.get((*kind, at), -1) for at in found.values()]
            who = population.member[table][np.array([*found], dtype="int64")]
            entries.append(np.vstack([rows, who, np.full(len(rows), sign)]))
    rows, who, n = np.hstack(entries)
    kept = rows >= 0
    shape = (len(groups), population.size)
    return csr_array(coo_array((n[kept], (rows[kept], who[kept])), shape=shape))


def _pairs(
    population: Population,
) -> Iterator[tuple[str, str, tuple[str, ...], list[tuple[str, ...]]]]:
    """Give people and anonymous rows of the same: by which columns, and the levels of each."""
    study = population.records.study
    tables = tables_of(study)
    for more, fewer in permutations(population.member, 2):
        if identities(fewer, study) or not identities(more, study):
            continue
        for parent, through in tables[more].parents.items():
            if parent in population.member or tables[fewer].parents.get(parent) != through:
                continue
            keys = tuple(population.records.tables[parent][through])
            yield more, fewer, (through,), [keys]
            for name, spec in tables[more].columns.items():
                other = tables[fewer].columns.get(name)
                if spec.vocabulary and other and other.vocabulary == spec.vocabulary:
                    yield more, fewer, (through, name), [keys, accepted(spec, study)]


def _places(
    population: Population, table: str, columns: tuple[str, ...]
) -> dict[int, tuple[str, ...]]:
    """Give what each row has in the columns, of the rows that took place and have it."""
    frame = population.frames[table]
    kept = frame[list(columns)].notna().all(axis=1)
    for name, spec in tables_of(population.records.study)[table].columns.items():
        if spec.counted and name in frame:
            kept &= frame[name] == spec.counted
    found = frame.loc[kept, list(columns)]
    at = zip(*(found[c].tolist() for c in columns), strict=True) if columns else [()] * len(found)
    return dict(zip(found.index.tolist(), at, strict=True))
