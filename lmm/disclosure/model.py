"""A release as a model: the counts that may be released, and exchanges that would change them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csc_array, csr_array, hstack, vstack

from lmm.cleaning.records import Records
from lmm.counting.counts import Counts, Key
from lmm.counting.spans import SPANS
from lmm.disclosure.beside import Beside, left_beside
from lmm.disclosure.cells import FAR, Cell, Told
from lmm.disclosure.earlier import (
    RELEASED,
    Earlier,
    counted_of_people,
    is_here,
    known,
    stands,
)
from lmm.disclosure.moves import Moves, Whole
from lmm.disclosure.neighbours import SPREAD, neighbours
from lmm.disclosure.population import Places, Population, joined
from lmm.study.setting import bounds

MORE, ALIKE = 20, 8
"""How often somebody like a member may be added; how many exchanges of one effect are kept."""

SOME = 50
"""So many neighbours of each table, that have rows in it, have neighbours from the start."""


class Model:
    """How the counts of a study change as members of its population are exchanged.

    Attributes
    ----------
    names
        The counts that earlier releases have told of, then those that may be released.
    same
        For each of them, the first that is the same in every population.
    stands
        For those that stand for others, what is told of it as it was before, if it is.
    asked
        Whose neighbours have all been offered; -1 is nobody.
    cells
        For `lmm.disclosure.plan.plan`: those that stand for others, what is left of one beside
        another, and what is known of rows beside others.
    """

    def __init__(self, records: Records, counts: Counts, earlier: Sequence[Earlier] = ()) -> None:
        """Take the records of the periods of all releases, and the counts of the new one."""
        self.counts, self.earlier = counts, earlier
        self.names = [
            *(each.named(name) for each in earlier for name in each.told),
            *counted_of_people(counts),
        ]
        self.place = {name: n for n, name in enumerate(self.names)}
        self.members = self.everybody = Population.of(records)
        self.beside = Beside.of(self.members)
        self.adds = self._adds(self.members)
        self.source = np.arange(self.members.size)
        self.gone = self.come = np.empty(0, "int64")
        self.asked = np.array([-1])
        self.same = {name: name for name in self.names}
        self.widen(0)
        if earlier:
            self.widen(None, self._some(np.arange(self.members.size, len(self.source))))
        self.same = self._same()
        self.cells, self._rows = self._cells()

    def _adds(self, population: Population) -> csr_array:
        """Give what each member adds to each count, and to what is compared beside it."""
        views = self._views(population)
        names, every = self._counted(views)
        left = [left_beside(self.beside.totals, view) for view in views]
        return csr_array(
            vstack(
                [self._placed(names) @ every, left_beside(self.beside.groups, population), *left]
            )
        )

    def _placed(self, names: Sequence[Key]) -> csr_array:
        """Give the matrix that puts what is counted in the order of the names."""
        found = [(self.place[name], n) for n, name in enumerate(names) if name in self.place]
        rows, columns = np.array(found, dtype="int64").reshape(-1, 2).T
        one = np.ones(len(rows), "int64")
        return csr_array(coo_array((one, (rows, columns)), (len(self.names), len(names))))

    def _views(self, population: Population) -> list[Population]:
        """Give a population as it is known within the period of each release, the new one first."""
        every = [self.counts.parameters, *(each.parameters for each in self.earlier)]
        return [population.within(parameters) for parameters in every]

    def _counted(self, views: Sequence[Population]) -> tuple[list[Key], csr_array]:
        """Count within the period of each release."""
        (names, here), *then = (view.counted() for view in views)
        for each, (of, _) in zip(self.earlier, then, strict=True):
            names += map(each.named, of)
        return names, csr_array(vstack([here, *(adds for _, adds in then)]))

    def widen(self, level: int | None, of: Places | None = None) -> None:
        """Add neighbours of the members, or of some of the neighbours that there are."""
        some = self.members if of is None else self.everybody.taken(of)[0]
        more, source = neighbours(some, level, self._edges())
        source = source if of is None else self.source[of[source]]
        adds = self._adds(more)
        alike = adds[[self.place[self.same[name]] for name in self.names]]
        differ = (abs(adds[: len(self.names)] - alike)).sum(axis=0)
        kept = np.flatnonzero(differ == 0)  # so that what is the same stays the same
        self.everybody = joined([self.everybody, more.taken(kept)[0]])
        self.adds = csr_array(hstack([self.adds, adds[:, kept]]))
        self.source = np.concatenate([self.source, source[kept]])

    def _edges(self) -> list[pd.Timestamp]:
        """Give the days with which the periods of earlier releases begin, or what comes after."""
        every = [each.parameters for each in self.earlier]
        spans = map(bounds, [*every, self.counts.parameters] if every else [])
        return [day for first, last in spans for day in (first, last + pd.Timedelta(days=1))]

    @property
    def standing(self) -> list[Key]:
        """The counts that stand for others; their cells are the first, in this order."""
        return list(dict.fromkeys(self.same.values()))

    @property
    def stand_in(self) -> Places:
        """For each of the names, the place of the cell that stands for it."""
        place = {name: n for n, name in enumerate(self.standing)}
        return np.array([place[self.same[name]] for name in self.names], "int64")

    def _same(self) -> dict[Key, Key]:
        """Find counts to which every member adds the same: of one release, or of one thing.

        Different things that were counted in different releases may be the same by chance.
        """
        first: dict[tuple[object, ...], Key] = {}
        found = {}
        for name, (columns, n) in zip(self.names, _rows(self.adds), strict=False):
            adds, release = (columns.tobytes(), n.tobytes()), dict(name[1]).get(RELEASED)
            one = first.setdefault((adds, "in", release), name)
            thing = tuple(level for level in one[1] if level[0] not in (*SPANS, RELEASED))
            found[name] = first.setdefault((adds, "of", one[0], thing), one)
        return found

    def _cells(self) -> tuple[list[Cell], csr_array]:
        """Name the cells, and of which counts each is the sum or difference."""
        place = self.place
        true = self.adds[:, : self.members.size].sum(axis=1)
        ways, told = self._ways(), self._told()
        here = {self.same[name] for name in self.names if is_here(name)}
        cells, rows = [], list[dict[int, int]]()
        self.stands: dict[Key, Told] = {}
        for name in self.standing:
            n, before = int(true[place[name]]), told[name]
            if last := stands(before, n):
                self.stands[name] = last
            if last or name not in here:
                cells.append(known(name, before, n, last.value if last else None))
            else:
                cells.append(Cell(name, n, tuple(ways[name])))
            rows.append({place[name]: 1})
        for part, whole in dict.fromkeys([*self._shares(), *self._parts(), *self._since()]):
            left = int(true[place[whole]] - true[place[part]])
            cells.append(Cell(("left", whole, part), left, known=(0, FAR)))
            rows.append({place[whole]: 1, place[part]: -1})
        names = ("", *(each.name for each in self.earlier))
        beside: list[tuple[Hashable, ...]] = [("beside", *group) for group in self.beside.groups]
        beside += [("left beside", *group, of) for of in names for group in self.beside.totals]
        for n, key in enumerate(beside, len(self.names)):
            total = key[0] != "beside"
            cells.append(Cell(key, int(true[n]), known=(0, FAR), protected=total))
            rows.append({n: 1})
        entries = [(n, at, k) for n, row in enumerate(rows) for at, k in row.items()]
        at, columns, k = np.array(entries, dtype="int64").reshape(-1, 3).T
        return cells, csr_array(coo_array((k, (at, columns)), (len(rows), self.adds.shape[0])))

    def _told(self) -> dict[Key, list[Told]]:
        """Give what each earlier release has told of each count that stands for others."""
        found: dict[Key, list[Told]] = defaultdict(list)
        for each in self.earlier:
            for name, told in each.told.items():
                found[self.same[each.named(name)]].append(told)
        return found

    def _ways(self) -> dict[Key, list[tuple[Key, ...]]]:
        """Find the ways in which a count is made up of those within one dimension more."""
        parts: dict[tuple[Key, str], list[Key]] = defaultdict(list)
        for measure, within in self.names:
            for at in within:
                if at[0] not in ("inside", RELEASED):
                    whole = measure, tuple(pair for pair in within if pair != at)
                    parts[whole, at[0]].append((measure, within))
        place = self.place
        ways: dict[Key, list[tuple[Key, ...]]] = defaultdict(list)
        for (whole, _), names in parts.items():
            if whole not in place:
                continue
            apart = self.adds[[place[name] for name in names]].sum(axis=0)
            one, several = self.same[whole], tuple(self.same[name] for name in names)
            if (apart == self.adds[[place[whole]]].toarray()[0]).all() and one not in several:
                ways[one].append(several)
        return ways

    def _shares(self) -> Iterator[tuple[Key, Key]]:
        """Give the numerator and the denominator of each share."""
        for measure, within in self.names:
            whole = measure, tuple(pair for pair in within if pair[0] != "inside")
            part, of = self.same[measure, within], self.same[whole]
            if part != of:
                yield part, of

    def _parts(self) -> Iterator[tuple[Key, Key]]:
        """Find counts of the same within that are part of another one, with none between."""
        within: dict[object, dict[int, None]] = defaultdict(dict)
        for name in self.names:
            one = self.same[name]
            if one == name or (is_here(name) and not is_here(one)):
                at = tuple(pair for pair in name[1] if pair[0] != "inside")
                within[at][self.place[one]] = None
        for places in map(list, within.values()):
            some = self.adds[places]
            adds = np.unique(some[:, np.unique(some.indices)].toarray(), axis=1)
            under = np.asarray((adds[:, None] <= adds[None]).all(axis=2))
            np.fill_diagonal(under, val=False)
            between = (under.astype("int64") @ under) > 0
            for part, whole in np.argwhere(under & ~between):
                yield self.names[places[part]], self.names[places[whole]]

    def _since(self) -> Iterator[tuple[Key, Key]]:
        """Give counts of which one, in another release, is part of the other."""
        releases: dict[Key, dict[Key, None]] = defaultdict(dict)
        for each in self.earlier:
            for name in each.told:
                releases[name][self.same[each.named(name)]] = None
        for name, every in releases.items():
            if name in self.same:
                every[self.same[name]] = None
            for one, other in combinations(every, 2):
                more = self.adds[[self.place[other]]] - self.adds[[self.place[one]]]
                if (more.data >= 0).all():
                    yield one, other
                elif (more.data <= 0).all():
                    yield other, one

    def kinds(self) -> Iterator[Moves]:
        """Give the exchanges with the neighbours that there are, then with more of them.

        In the end somebody like each neighbour may come besides, too.
        """
        offered = self.members.size
        true, nobody = np.arange(offered), np.full(offered, -1)
        gone, come = np.concatenate([true, nobody]), np.concatenate([nobody, true])
        for level in range(len(SPREAD)):
            if level:
                self.widen(level)
            new = np.arange(offered, len(self.source))
            offered = len(self.source)
            yield self._moves(np.concatenate([gone, self.source[new]]), np.concatenate([come, new]))
            gone = come = np.empty(0, "int64")
        everybody = np.arange(self.members.size, offered)
        yield self._moves(np.full(everybody.size, -1), everybody)

    def nearer(self, moves: Whole) -> Moves:
        """Give all exchanges, and those with neighbours of who comes by some of them.

        Whoever is known by several releases has to differ in more than one thing.
        """
        come, offered = np.setdiff1d(self.come[moves], self.asked), len(self.source)
        self.asked = np.union1d(self.asked, come)
        self.widen(None, come)
        new = np.arange(offered, len(self.source))
        gone = np.concatenate([self.source[new], np.full(new.size, -1)])
        return self._moves(gone, np.tile(new, 2))

    def _some(self, members: Places) -> Places:
        """Choose members of each table."""
        mixed, found = np.random.default_rng(0).permutation(members), [members[:0]]
        for of in self.everybody.member.values():
            found.append(mixed[np.isin(mixed, of)][:SOME])
        return np.unique(np.concatenate(found))

    def _moves(self, gone: Places, come: Places) -> Moves:
        effects = self._offer(gone, come)
        return Moves(effects, np.where(self.gone < 0, MORE, 1), self.gone)

    def _offer(self, gone: Places, come: Places) -> csr_array:
        """Add exchanges, but none without an effect, and not many of the same effect.

        Returns
        -------
        csr_array
            What each of all exchanges adds to each cell.
        """
        gone, come = np.concatenate([self.gone, gone]), np.concatenate([self.come, come])
        effects = self._effects(gone, come)
        weights = np.random.default_rng(0).integers(-(2**62), 2**62, effects.shape[0])
        alike = pd.DataFrame({"effect": effects.T @ weights, "added": gone < 0})
        often = alike.groupby(["effect", "added"]).cumcount()
        kept = (np.diff(effects.indptr) > 0) & (often < np.where(gone < 0, 1, ALIKE)).to_numpy()
        self.gone, self.come = gone[kept], come[kept]
        return csr_array(effects[:, np.flatnonzero(kept)])

    def _effects(self, gone: Places, come: Places) -> csc_array:
        """Give what it adds to each cell that members go and others come; -1 is nobody."""
        nobody = csc_array(np.zeros((len(self.cells), 1), "int64"))
        adds: csc_array = hstack([self._rows @ self.adds, nobody], format="csc")
        effects = csc_array(adds[:, come] - adds[:, gone])
        effects.eliminate_zeros()
        return effects

    def planned(self, witnesses: Sequence[Whole]) -> Whole:
        """Give the counts of other populations as the plan takes them to be.

        Returns
        -------
        ndarray
            A row a cell, a column a population.
        """
        true = np.array([cell.count for cell in self.cells])
        change = self._effects(self.gone, self.come) @ self._made(witnesses)
        counts: Whole = true[:, None] + change.toarray()
        return counts

    def records(self, witness: Whole) -> Records:
        """Make the records of another population, from how often each exchange is made."""
        (often,) = self._often([witness]).toarray().T
        members = np.repeat(np.arange(often.size), often)
        return self.everybody.taken(members)[0].records

    def _made(self, witnesses: Sequence[Whole]) -> csr_array:
        """Say how often each exchange is made: a row an exchange, a column a population."""
        found = [np.flatnonzero(made) for made in witnesses]
        of = np.repeat(np.arange(len(found)), [len(moves) for moves in found])
        often = [made[moves] for made, moves in zip(witnesses, found, strict=True)]
        moves, n = (np.concatenate([*each, self.gone[:0]]) for each in (found, often))
        return csr_array(coo_array((n, (moves, of)), shape=(len(self.gone), len(found))))

    def _often(self, witnesses: Sequence[Whole]) -> csr_array:
        """Say how often each member or neighbour is there: a row each, a column a population."""
        size, moves = len(self.source), np.arange(len(self.gone))
        some, other = np.flatnonzero(self.come >= 0), np.flatnonzero(self.gone >= 0)
        who = np.concatenate([self.come[some], self.gone[other]])
        n = np.repeat([1, -1], [some.size, other.size])
        exchanged = coo_array((n, (who, moves[np.concatenate([some, other])])), (size, moves.size))
        here = np.ones((self.members.size, len(witnesses)), "int64")
        true = coo_array((here.ravel(), here.nonzero()), (size, len(witnesses)))
        often: csr_array = csr_array(true) + csr_array(exchanged) @ self._made(witnesses)
        often.eliminate_zeros()
        return often

    def counted_again(self, witnesses: Sequence[Whole]) -> Whole:
        """Count the records of other populations, all of them at once.

        Whoever is in one of them is counted with the others who are in any, and once.

        Returns
        -------
        ndarray
            A row for each of the `names`, a column a population.
        """
        often = self._often(witnesses)
        who = np.flatnonzero(np.diff(often.indptr))
        people, _ = self.everybody.taken(who)
        names, adds = self._counted(self._views(people))
        return np.asarray((self._placed(names) @ adds @ often[who]).toarray())


def _rows(matrix: csr_array) -> Iterator[tuple[Whole, Whole]]:
    """Give the places and values of each row."""
    matrix.sort_indices()
    for begin, end in pairwise(matrix.indptr):
        yield matrix.indices[begin:end], matrix.data[begin:end]
