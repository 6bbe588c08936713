"""Populations found by integer programming, and by neighbours of who leads near them."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from populations import exchanges
from scipy.sparse import csr_array

from lmm.disclosure.exact import fits, nearest
from lmm.disclosure.plan import Cell, plan
from lmm.disclosure.profiles import thresholds
from lmm.disclosure.search import FAR, Moves, Whole

UNROUNDED = thresholds("unrounded", 7, 1, sums=False)


def moves_of(
    effects: Sequence[Sequence[int]], most: Sequence[int], source: Sequence[int] | None = None
) -> Moves:
    """Give moves: a row a count, a column a move."""
    given = [-1] * len(most) if source is None else source
    return Moves(csr_array(np.array(effects)), np.array(most), np.array(given))


def within(*bounds: tuple[int, int]) -> tuple[Whole, Whole]:
    low, high = np.array(bounds, dtype="int64").T
    return low, high


@pytest.mark.parametrize(
    ("most", "change", "made"),
    [
        ((9, 9), 1, [2, 1]),
        ((9, 0), 1, None),
        ((1, 9), 1, None),
        ((9, 9), 0, [0, 0]),
        ((0, 0), 1, None),
    ],
)
def test_few_whole_moves_are_found_if_there_are_any(
    most: tuple[int, int], change: int, made: list[int] | None
) -> None:
    """Threes come and fives go, so many of each at most."""
    found = fits(moves_of([[3, -5]], most), *within((change, change)))
    assert (found if found is None else found.tolist()) == made


def test_no_member_is_exchanged_twice() -> None:
    both = [[1, 0], [0, 1]]
    one, two = (moves_of(both, (1, 1), source) for source in ((0, 0), (0, 1)))
    assert fits(one, *within((1, 1), (1, 1))) is None
    assert fits(two, *within((1, 1), (1, 1))) is not None


def test_without_moves_nothing_is_found() -> None:
    nobody = Moves(csr_array((1, 0), dtype="int64"), np.empty(0, int), np.empty(0, int))
    assert fits(nobody, *within((0, 0))) is None
    assert nearest(nobody, *within((1, 1)), 0)[0].tolist() == []


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4), st.integers(-9, 9))
def test_whatever_is_found_fits(effects: list[int], change: int) -> None:
    moves = moves_of([effects, [1] * len(effects)], [3] * len(effects))
    low, high = within((change, change), (0, FAR))
    every = np.array(np.meshgrid(*[range(4)] * len(effects))).reshape(len(effects), -1)
    found = fits(moves, low, high)
    assert (found is not None) == (effects @ every == change).any()
    assert found is None or (found @ effects == change and (found >= 0).all() and max(found) <= 3)


def test_the_nearest_moves_are_those_that_bring_the_first_count_to_its_value() -> None:
    """Both counts cannot be had; the other way round the other one is left where it is."""
    moves = moves_of([[1, 0], [1, 1]], (5, 5))
    low, high = within((2, 2), (0, 0))
    assert nearest(moves, low, high, 0)[0].tolist() == [0]
    assert nearest(moves, low, high, 1)[0].tolist() == []
    assert not nearest(moves, low, high, 0)[1]
    for alone in (0, 1):  # if both can be had, that leaves the other one where it is
        either = moves_of([[1, 1], [int(alone != n) for n in (0, 1)]], (5, 5))
        found, fit = nearest(either, low, high, 0)
        assert (found.tolist(), fit) == ([alone], True)


def test_what_does_not_fit_in_whole_numbers_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = SimpleNamespace(x=np.array([0.4]))
    monkeypatch.setattr("lmm.disclosure.exact.milp", lambda *_, **__: solved)
    assert fits(moves_of([[1]], [5]), *within((1, 1))) is None
    assert fits(moves_of([[1]], [5]), *within((0, 1))) is not None


@pytest.mark.parametrize("offered", [True, False])
def test_a_value_is_looked_for_among_neighbours_of_who_leads_near_it(offered: bool) -> None:
    """Of small ones and others there are 9, as was told; others come and go near by only.

    If they cannot, all that is told leaves 2 small ones, and nothing new has to be suppressed.
    """
    cells = [Cell("small", 2), Cell("told", 9, known=(9, 9), value=9), Cell("new", 30)]
    small = moves_of([[1, -1, 0], [1, -1, 1], [0, 0, 1]], (9, 2, 0))
    others = moves_of([[1, -1, 0, 0], [1, -1, 1, -1], [0, 0, 1, -1]], (9, 2, 9, 7))
    asked: list[list[int]] = []

    def nearer(moves: Whole) -> Moves:
        asked.append(moves.tolist())
        return others if offered else small

    found = plan(cells, iter([small]), UNROUNDED, nearer=nearer)
    assert asked[0] == [1]  # for there to be 1, one goes
    assert found.unproved == []
    assert found.decisions["new"] == ("secondary" if offered else "shown")
    adds = (others if offered else small).effects.toarray()[0]
    values = {2, *(2 + int(adds @ made) for made in found.witnesses)}
    assert values == ({1, 2, 3, 4, 5, 6, 7} if offered else {2})


def test_where_the_search_gives_up_at_once_a_plan_is_proved_exactly() -> None:
    """Of 4 and 12, which are 16 in all, one more cannot be shown; few exchanges leave the 12."""
    cells = [Cell("few", 4), Cell("many", 12), Cell("all", 16)]
    kinds = exchanges(np.array([[1, 0], [0, 1], [1, 1]]), [4, 12])
    found = plan(cells, kinds, UNROUNDED, steps=0)
    assert found.unproved == []
    assert found.decisions == {"few": "primary", "many": "shown", "all": "secondary"}
    assert found.shows(cells, UNROUNDED)
