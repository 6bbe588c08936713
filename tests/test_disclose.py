"""The protection of counts: documented examples, edges of every profile, textbook tables.

What an attacker makes of many small releases is in test_attack.py; here are three-way tables,
which have too many possible contents to write all of them down.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from populations import each_by_itself, exchanges
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag, csr_array

from lmm.disclosure.plan import Cell, Plan, Told, _Part, plan
from lmm.disclosure.profiles import PROFILES, Profile
from lmm.disclosure.search import FAR, Moves, Search

QUICK = settings(max_examples=40, deadline=None, derandomize=True, database=None)
REDACTING = ["opensafely", "nhs_digital"]
PROTECTING = [*REDACTING, "midpoint6"]

UNROUNDED = Profile("unrounded", 7, True, False, lambda count: count, lambda value: (value, value))
"""Suppresses without rounding, as the tables of textbooks do: sums are exact."""


def one_way(counts: Sequence[int], profile: Profile) -> Plan:
    """Plan the release of counts and of their total."""
    names = [f"part {n}" for n in range(len(counts))]
    cells = [Cell(name, count) for name, count in zip(names, counts, strict=True)]
    total = Cell("total", sum(counts), sums=(tuple(names),))
    kinds = np.vstack([np.eye(len(counts)), np.ones(len(counts))])
    return plan([*cells, total], exchanges(kinds, counts), profile)


def values(found: Plan) -> list[int | None]:
    """Give the released values of a one-way table, the total last."""
    return [found.value(name) for name in sorted(found.decisions)]


def alone(count: int, profile: str) -> int | None:
    return plan([Cell("count", count)], each_by_itself([count]), PROFILES[profile]).value("count")


# The rules


@pytest.mark.parametrize(
    ("counts", "shown"),
    [([3, 8, 16, 23], [None, 10, 15, 25, 50]), ([18, 23, 31, 44], [20, 25, 30, 45, 120])],
)
def test_the_example_of_opensafely(counts: list[int], shown: list[int | None]) -> None:
    """From the section on rounding of https://docs.opensafely.org/outputs/sdc/."""
    assert values(one_way(counts, PROFILES["opensafely"])) == shown


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        ("opensafely", [0, None, None, None, None, 10, 10, 10, 15, 15, 20]),
        ("nhs_digital", [0, None, None, None, None, 10, 10, 10, 15, 15, 20]),
        ("midpoint6", [0, 3, 3, 3, 9, 9, 9, 9, 15, 15, 15]),
        ("none", [0, 1, 5, 6, 7, 8, 10, 12, 13, 17, 18]),
    ],
)
def test_a_count_by_itself(profile: str, shown: list[int | None]) -> None:
    assert [alone(count, profile) for count in (0, 1, 5, 6, 7, 8, 10, 12, 13, 17, 18)] == shown


def test_the_totals_of_nhs_digital_are_rounded_like_any_count() -> None:
    counts = [11, 11, 11, 11]
    assert values(one_way(counts, PROFILES["nhs_digital"])) == [10, 10, 10, 10, 45]
    assert values(one_way(counts, PROFILES["opensafely"])) == [10, 10, 10, 10, 40]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_an_interval_holds_all_counts_shown_alike_and_no_other(profile: Profile) -> None:
    released = [count for count in range(1, 200) if not _redacted(count, profile)]
    for count in released:
        low, high = profile.interval(profile.rounded(count))
        alike = [other for other in range(300) if profile.rounded(other) == profile.rounded(count)]
        assert [n for n in alike if not _redacted(n, profile)] == list(range(low, high + 1))


def _redacted(count: int, profile: Profile) -> bool:
    return profile.redacts and profile.is_sensitive(count)


def test_zero_is_shown_and_not_sensitive() -> None:
    for name, profile in PROFILES.items():
        assert not profile.is_sensitive(0)
        assert alone(0, name) == 0


def test_a_total_of_which_no_part_is_shown_is_not_shown_as_none() -> None:
    found = one_way([7, 7], PROFILES["opensafely"])
    assert values(found) == [None, None, None]
    assert one_way([0, 0], PROFILES["opensafely"]).value("total") == 0


def test_a_sum_of_sums_follows_what_is_shown_of_its_parts() -> None:
    cells = [
        Cell("a", 3), Cell("b", 11), Cell("c", 13), Cell("d", 22),
        Cell("ab", 14, sums=(("a", "b"),)), Cell("cd", 35, sums=(("c", "d"),)),
        Cell("all", 49, sums=(("ab", "cd"),)),
    ]  # fmt: skip
    kinds = np.vstack([np.eye(4), [1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    found = plan(cells, exchanges(kinds, [3, 11, 13, 22]), PROFILES["opensafely"])
    assert [found.value(key) for key in ("a", "b", "c", "d")] == [None, 10, 15, 20]
    assert [found.value(key) for key in ("ab", "cd", "all")] == [10, 35, 45]


# Secondary suppression


def test_one_suppressed_cell_of_a_row_is_not_left_alone() -> None:
    """The first example of every textbook: 30 - 12 - 15 gives the suppressed 3."""
    found = one_way([3, 12, 15], UNROUNDED)
    assert found.decisions["part 0"] == "primary"
    assert "secondary" in found.decisions.values()
    assert values(found).count(None) >= 2


def test_two_by_two_needs_a_second_cell_in_the_row_and_in_the_column() -> None:
    """One suppressed cell of a table with margins; they are large enough to stay."""
    found = plan(*two_way([[5, 40], [30, 60]]), UNROUNDED)
    suppressed = {key for key, decision in found.decisions.items() if decision != "shown"}
    assert "00" in suppressed
    assert suppressed & {"01", "0*"}, "the row gives it away"
    assert suppressed & {"10", "*0"}, "the column gives it away"


def two_way(counts: list[list[int]]) -> tuple[list[Cell], Iterator[Moves]]:
    """Lay out a table with margins: '01' is row 0, column 1, and '*' stands for all."""
    rows, columns = range(len(counts)), range(len(counts[0]))
    inner = [(str(r), str(c)) for r in rows for c in columns]
    keys = [*inner, *((str(r), "*") for r in rows), *(("*", str(c)) for c in columns), ("*", "*")]
    kinds = np.array([[covers(key, cell) for cell in inner] for key in keys], dtype=int)
    people = np.array(counts).ravel()
    cells = [Cell("".join(k), int(n)) for k, n in zip(keys, kinds @ people, strict=True)]
    return cells, exchanges(kinds, people)


def covers(key: tuple[object, ...], cell: tuple[object, ...]) -> bool:
    """Whether a margin sums an inner cell."""
    return all(level in ("*", at) for level, at in zip(key, cell, strict=True))


@pytest.mark.parametrize("profile", PROTECTING)
def test_a_count_that_only_follows_from_others_is_protected_too(profile: str) -> None:
    """23 of 24 were satisfied: the one who was not stands in no table."""

    def satisfied(high: int, protected: bool = True) -> Plan:
        rest = Cell("not high", 24 - high, known=(0, FAR), protected=protected)
        kinds = np.array([[1, 1], [1, 0], [0, 1]])
        cells = [Cell("answered", 24), Cell("high", high), rest]
        return plan(cells, exchanges(kinds, [high, 24 - high]), PROFILES[profile])

    for found in (satisfied(13), satisfied(23, protected=False)):
        assert {*found.decisions.values()} == {"shown", "known"}
    found = satisfied(23)
    assert found.decisions["not high"] == "known"
    assert found.value("not high") is None
    assert None in (found.value("answered"), found.value("high"))


@pytest.mark.parametrize(("both", "shown"), [(1, 8), (0, None)])
def test_a_count_may_be_narrowed_by_what_it_cannot_exceed(both: int, shown: int | None) -> None:
    """People of two years, 1 to 7 each: 9 ever leave no year with 1, while 8 do."""
    cells = [Cell("year 1", 5), Cell("year 2", 4), Cell("ever", 9 - both)]
    kinds = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 1]])
    found = plan(cells, exchanges(kinds, [5 - both, 4 - both, both]), UNROUNDED)
    assert found.value("ever") == shown


def test_what_hangs_together_with_no_small_count_is_left_alone() -> None:
    cells, small = two_way([[5, 40], [30, 60]])
    far = [Cell("far", 500), Cell("further", 501)]
    found = plan([*cells, *far], beside(small, each_by_itself([500, 501])), UNROUNDED)
    assert (found.value("far"), found.value("further")) == (500, 501)


def beside(*populations: Iterator[Moves]) -> Iterator[Moves]:
    """Let people of several populations come and go, who are counted in no cell together."""
    for several in zip(*populations, strict=True):
        effects = csr_array(block_diag([moves.effects for moves in several]))
        most, source = (
            np.concatenate([getattr(moves, name) for moves in several])
            for name in ("most", "source")
        )
        yield Moves(effects, most, source)


@pytest.mark.parametrize(
    ("counts", "cell", "shown"),
    [([[6, 38, 1], [17, 2, 0]], "*1", 40), ([[7, 0, 3], [8, 2, 0]], "12", 0)],
)
def test_what_need_not_be_suppressed_is_shown_again(
    counts: list[list[int]], cell: str, shown: int
) -> None:
    """Cells that are given up on the way and turn out not to be needed."""
    assert plan(*two_way(counts), UNROUNDED).value(cell) == shown


def test_a_total_that_is_a_sum_of_what_is_shown_tells_nothing_more() -> None:
    """1 and 49: a total of 50 leaves at most 4 for the small count if it is rounded itself."""
    assert values(one_way([1, 49], PROFILES["opensafely"])) == [None, 50, 50]
    assert values(one_way([1, 49], PROFILES["nhs_digital"])) != [None, 50, 50]


@pytest.mark.parametrize(("rest", "twice"), [(0, 2), (31, 17)])
def test_a_count_is_not_known_to_be_odd_or_even(rest: int, twice: int) -> None:
    """Two equal counts add up to a small one and what is beside it: fractions would fit all."""
    cells = [
        Cell("one", twice), Cell("other", twice), Cell("difference", 0),
        Cell("small", 2 * twice - rest), Cell("rest", rest),
    ]  # fmt: skip
    kinds = np.array(
        [
            [1, 1, 1, 1, 1],
            [1, 1, 1, 0, 0],
            [0, 0, 0, 1, 1],
            [2, 1, 0, 1, 0],
            [0, 1, 2, 0, 1],
        ]
    )
    people = (
        [twice - rest, rest, 0, 0, 0] if rest < twice else [0, 2 * twice - rest, rest - twice, 0, 0]
    )
    found = plan(cells, exchanges(kinds, people), UNROUNDED)
    assert None in (found.value("difference"), found.value("rest"))


@pytest.mark.parametrize(("add", "kept"), [(1, True), (2, False), (3, False)])
def test_a_value_that_no_population_has_is_not_taken_to_be_safe(add: int, kept: bool) -> None:
    """Where each adds 2 or 3, the count is never 1, whatever is suppressed."""
    cells = [Cell("sum", 6), Cell("people", 6 // add)]
    found = plan(cells, exchanges(np.array([[add], [1]]), [6 // add]), UNROUNDED)
    assert (found.unproved == []) == kept


@pytest.mark.parametrize("profile", PROTECTING)
def test_where_a_value_is_ruled_out_all_that_hangs_together_is_suppressed(profile: str) -> None:
    """A count that is three times another is never 1, whatever is suppressed."""
    cells = [Cell("one", 6), Cell("third", 2)]
    found = plan(cells, exchanges(np.array([[3], [1]]), [2]), PROFILES[profile])
    assert set(found.decisions.values()) == {"secondary"}
    assert "one" in found.unproved


def test_what_was_ruled_out_before_is_no_reason_to_suppress_what_is_new() -> None:
    """Of 8 in all 5 to 7 are others, as it was told: that 1 to 3 are left is known already."""
    cells = [
        Cell("small", 2),
        Cell("all", 8, known=(8, 8), value=8),
        Cell("others", 6, known=(5, 7), value=5),
        Cell("new", 30),
    ]
    kinds = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 1, 1]])
    found = plan(cells, exchanges(kinds, [2, 6, 22]), UNROUNDED)
    assert (found.decisions["small"], found.decisions["new"]) == ("primary", "shown")
    assert found.unproved == []
    assert found.shows(cells, UNROUNDED)
    told = [dataclasses.replace(cells[1], count=9), *cells[2:], cells[0]]
    assert not found.shows(told, UNROUNDED)  # another release than that of before


def test_what_is_told_of_a_small_count_is_not_given_up_for_values_that_it_rules_out() -> None:
    cells = [Cell("told", 2, known=(1, 3)), Cell("other", 500)]
    found = plan(cells, each_by_itself([2, 500]), UNROUNDED)
    assert found.decisions == {"told": "known", "other": "shown"}


def test_a_count_that_nobody_changes_is_not_taken_to_be_safe() -> None:
    kinds = exchanges(np.array([[0], [1]]), [500])
    found = plan([Cell("fixed", 3), Cell("other", 500)], kinds, UNROUNDED)
    assert found.unproved == ["fixed"]
    assert found.decisions == {"fixed": "secondary", "other": "shown"}


def test_more_kinds_of_people_are_taken_where_the_first_do_not_do() -> None:
    """At first two of three may go, and then others may come."""
    some = Moves(csr_array([[-1]]), np.array([2]), np.array([-1]))
    more = Moves(csr_array([[-1, 1]]), np.array([2, 4]), np.array([-1, -1]))
    for kinds, unproved in ([some], ["count"]), ([some, more], []):
        found = plan([Cell("count", 3)], iter(kinds), UNROUNDED)
        assert found.unproved == unproved
        assert found.decisions == {"count": "secondary" if unproved else "primary"}


# The plan


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_what_is_unknown_has_no_value(profile: Profile) -> None:
    found = one_way([3, 12, 13], profile)
    assert found.value("part 99") is None
    assert found.value(("part 0",)) is None


def test_what_is_told_of_a_count_is_its_range() -> None:
    found = one_way([3, 101, 102], UNROUNDED)
    assert found.told == {
        "part 0": Told(None, 1, 7, "primary"),
        "part 1": Told(None, 0, FAR, "secondary"),
        "part 2": Told(102, 102, 102, "shown"),
        "total": Told(206, 206, 206, "shown"),
    }
    total = one_way([9, 16, 23], PROFILES["opensafely"]).told["total"]
    assert total == Told(50, 8 + 13 + 23, 12 + 17 + 27, "shown")
    hidden = one_way([3, 8, 16, 23], PROFILES["opensafely"])
    assert (hidden.value("total"), hidden.told["total"]) == (50, Told(None, 8, FAR, "incomplete"))


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([Cell("a", 1), Cell("a", 2)], "twice"),
        ([Cell("a", -1)], "negative"),
        ([Cell("a", 8), Cell("a, not b", -1, known=(0, FAR))], "is not what is known of it"),
    ],
)
def test_counts_that_cannot_be_are_refused(cells: list[Cell], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        plan(cells, each_by_itself([cell.count for cell in cells]), PROFILES["opensafely"])


COUNTS = st.lists(st.integers(0, 7) | st.integers(0, 60), min_size=1, max_size=6)
PROFILE = st.sampled_from([*PROFILES.values(), UNROUNDED])


@QUICK
@given(COUNTS, PROFILE)
def test_of_what_is_shown_each_value_follows_the_rules(counts: list[int], profile: Profile) -> None:
    found = one_way(counts, profile)
    true = dict(zip(sorted(found.decisions), [*counts, sum(counts)], strict=True))
    for key, decision in found.decisions.items():
        value = found.value(key)
        assert (value is None) == (decision != "shown")
        assert not (profile.redacts and profile.is_sensitive(true[key]) and decision == "shown")
        if value is not None and not (profile.sums and key == "total"):
            assert value == profile.rounded(true[key])
    total = found.value("total")
    if profile.sums and total is not None:
        assert total == sum(found.value(key) or 0 for key in true if key != "total")


@settings(QUICK, max_examples=15)
@given(COUNTS, PROFILE, st.randoms(use_true_random=False))
def test_a_plan_depends_on_the_counts_and_not_on_their_order(counts, profile, random) -> None:
    cells, kinds = two_way([counts, counts[::-1]])
    moves = next(kinds)
    first = plan(cells, iter([moves]), profile)
    order = list(range(len(cells)))
    random.shuffle(order)
    mixed = dataclasses.replace(moves, effects=moves.effects[order])
    second = plan([cells[n] for n in order], iter([mixed]), profile)
    assert first.decisions == second.decisions
    assert first.told == second.told
    assert [first.value(c.key) for c in cells] == [second.value(c.key) for c in cells]


@settings(QUICK, max_examples=25)
@given(COUNTS, st.data())
def test_what_each_move_brings_is_known_at_any_time(counts: list[int], data: st.DataObject) -> None:
    """As if it were worked out for all of them, whatever has been done before."""
    cells, kinds = two_way([counts, counts[::-1]])
    moves = next(kinds)
    true = np.array([cell.count for cell in cells])
    search = Search(moves, true, np.zeros_like(moves.most), true - 2, true + 2)
    every = moves.rows.toarray()
    for _ in range(5):
        row, low = data.draw(st.integers(0, len(cells) - 1)), data.draw(st.integers(0, 20))
        search.bound(row, low, low + data.draw(st.sampled_from([0, 3, FAR])))
        goals = data.draw(st.lists(st.integers(0, 20), max_size=2))
        search.pulled(np.arange(len(goals)), np.array(goals, dtype="int64"))
        search.finds(2)
        search.copy().pulled(np.arange(len(cells)), true + 9)  # to others it does nothing

        def costs(n: np.ndarray) -> np.ndarray:
            far = np.maximum(np.maximum(search.low[:, None] - n, n - search.high[:, None]), 0)
            from_goal = search.pull[:, None] * abs(n - search.goal[:, None])
            return (search.weight[:, None] * far + from_goal).sum(axis=0)

        now = search.counts[:, None]
        assert search._gains.tolist() == (costs(now + every) - costs(now)).tolist()


def test_one_exchange_is_tried_with_the_least_patience() -> None:
    cells, kinds = two_way([[3, 4], [5, 6]])
    moves = next(kinds)
    true = np.array([cell.count for cell in cells])
    search = Search(moves, true, np.zeros_like(moves.most), true, true)
    found = search.nearest(1, np.ones_like(true))
    assert found is not None
    assert not found.outside.any() or found.counts.tolist() != true.tolist()


def test_the_largest_counts_are_the_first_to_be_shown_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[int] = []
    monkeypatch.setattr(_Part, "show_again", lambda part, n: tried.append(part.size(n)))
    cells, kinds = two_way([[2, 3, 12], [2, 2, 33], [1, 1, 2]])
    plan(cells, kinds, PROFILES["opensafely"])
    assert len(set(tried)) > 1
    assert tried == sorted(tried, reverse=True)


@settings(QUICK, max_examples=15)
@given(COUNTS, PROFILE)
def test_the_witnesses_of_a_plan_prove_it(counts: list[int], profile: Profile) -> None:
    cells, kinds = two_way([counts, counts[::-1]])
    moves = next(kinds)
    found = plan(cells, iter([moves]), profile)
    true = np.array([cell.count for cell in cells])
    others = [true + moves.effects @ made for made in found.witnesses]
    for other in others:
        changed = [dataclasses.replace(c, count=int(n)) for c, n in zip(cells, other, strict=True)]
        assert found.shows(changed, profile)
    for n, cell in enumerate(cells):
        if profile.is_sensitive(cell.count) and cell.key not in found.unproved:
            assert {int(other[n]) for other in others} >= set(range(1, profile.most + 1))


def test_a_value_is_found_on_the_other_side_of_one_that_cannot_be() -> None:
    """From two it is one only by way of none or of three, which are as far from it as two is."""
    cells = [Cell("either", 2), Cell("second", 0, known=(0, 99))]
    found = plan(cells, exchanges(np.array([[2, 1], [0, 1]]), [1, 0]), PROFILES["nhs_digital"])
    assert found.unproved == []


def test_a_member_exchanged_in_one_part_is_not_exchanged_in_another() -> None:
    """Of one member there are two exchanges, in counts that nothing else ties together."""
    moves = Moves(csr_array(np.eye(2, dtype=int)), np.ones(2, int), np.zeros(2, int))
    assert moves.within(np.array([0]))[1].tolist() == [0]
    assert moves.within(np.array([1]))[1].tolist() == []
    assert len(set(moves.parts.tolist())) == 1


def test_a_total_that_hangs_on_a_sum_of_nothing_is_suppressed_as_well() -> None:
    """``ab`` has no part that is shown; then ``all`` of it is the way with the fewest left out."""
    cells = [
        Cell("a", 4), Cell("b", 5), Cell("ab", 9, sums=(("a", "b"),)),
        Cell("p", 8), Cell("q", 1), Cell("all", 9, sums=(("ab",), ("p", "q"))),
    ]  # fmt: skip
    kinds = np.array(
        [[1, 1, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    )
    found = plan(cells, exchanges(kinds, [3, 1, 5, 0]), PROFILES["opensafely"])
    assert [found.decisions[key] for key in ("ab", "all")] == ["secondary", "secondary"]
    assert {key for key, told in found.told.items() if told.value is None} >= {
        "a", "b", "q", "ab", "all"
    }  # fmt: skip


def test_what_is_blank_does_not_tell_small_tables_apart() -> None:
    """A cell's cost is that of what would be shown for it, which is the same for 1 to 6."""
    shown = set()
    for counts in ([1, 1, 1], [1, 1, 4], [1, 2, 3], [2, 2, 2]):
        found = one_way(counts, PROFILES["midpoint6"])
        shown.add(tuple(values(found)))
    assert len(shown) == 1


def test_in_a_witness_each_member_is_exchanged_once_at_most() -> None:
    """Of six, each might also be counted in one cell or in the other, and in both by nobody."""
    cells = [Cell("one", 2), Cell("other", 2)]
    effects = np.hstack([np.eye(2)] * 6 + [-np.eye(2)])
    source = np.array([*np.repeat(range(6), 2), -1, -1])
    moves = Moves(csr_array(effects), np.array([1] * 12 + [2, 2]), source)
    found = plan(cells, iter([moves]), UNROUNDED)
    assert found.unproved == []
    for made in found.witnesses:
        assert all(made[source == member].sum() <= 1 for member in range(6))


@QUICK
@given(COUNTS)
def test_without_a_profile_everything_is_shown(counts: list[int]) -> None:
    found = one_way(counts, PROFILES["none"])
    assert values(found) == [*counts, sum(counts)]
    assert all(told.decision == "shown" for told in found.told.values())


def test_profiles_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PROFILES["opensafely"].most = 0  # type: ignore[misc]


# Three-way tables under attack

INNER = list(itertools.product((0, 1), repeat=3))
MARGINS = list(itertools.product((0, 1, "*"), repeat=3))
"""The cells and all margins of a two by two by two table; '*' stands for both levels."""

WITHIN = {m: np.array([covers(m, cell) for cell in INNER], dtype=int) for m in MARGINS}
"""For each margin, which of the eight inner cells it sums."""


def split(margin: tuple[int | str, ...], axis: int) -> tuple[tuple[int | str, ...], ...]:
    return tuple((*margin[:axis], level, *margin[axis + 1 :]) for level in (0, 1))


def three_way(inner: np.ndarray, profile: Profile, *, linked: bool) -> Plan:
    """Plan the release of all margins; not linked, as if each stood for itself."""
    cells = []
    for margin in MARGINS:
        axes = [axis for axis in range(3) if margin[axis] == "*"]
        parts = (split(margin, axes[0]),) if axes else ()
        cells.append(Cell(margin, int(WITHIN[margin] @ inner), sums=parts))
    if linked:
        kinds = exchanges(np.array([WITHIN[margin] for margin in MARGINS]), inner)
    else:
        kinds = each_by_itself([cell.count for cell in cells])
    return plan(cells, kinds, profile)


def holds(value: int | None, decision: str, profile: str, is_sum: bool) -> tuple[float, float]:
    """Give the lowest and highest count that may stand behind what is seen of one cell."""
    if decision == "primary":
        return 1, 7
    if value is None:
        return 0, np.inf
    if value == 0:
        return 0, 0
    if profile == "opensafely" and is_sum:
        return 8, np.inf
    return {
        "unrounded": (value, value),
        "midpoint6": (value - 2, value + 3),
    }.get(profile, (max(8, value - 2), value + 2))


def still_possible(released: Plan, profile: Profile) -> dict[object, set[int]]:
    """Look for whole numbers behind the release with each small value in each margin."""
    seen = [
        holds(released.value(m), released.decisions[m], profile.name, "*" in m) for m in MARGINS
    ]
    matrix, (low, high) = np.array([WITHIN[m] for m in MARGINS]), np.array(seen).T
    found: dict[object, set[int]] = {margin: set() for margin in MARGINS}
    for n, margin in enumerate(MARGINS):
        for value in range(1, profile.most + 1):
            if not low[n] <= value <= high[n]:
                continue
            least, most = low.copy(), high.copy()
            least[n] = most[n] = value
            limits = LinearConstraint(matrix, least, most)
            result = milp(np.zeros(8), integrality=np.ones(8), bounds=Bounds(0), constraints=limits)
            if result.x is not None:
                found[margin].add(value)
    return found


def attack_three_way(releases: int) -> Counter[str]:
    """Attack random three-way tables as they are released, and suppressed and rounded only."""
    random = np.random.default_rng(20180401)
    found: Counter[str] = Counter(releases=releases)
    for number in range(releases):
        profile = [*(PROFILES[name] for name in PROTECTING), UNROUNDED][number % 4]
        kinds = random.choice([1, 9, 15], p=[0.2, 0.5, 0.3], size=8)
        inner = random.integers(0, kinds)
        counts = {margin: int(WITHIN[margin] @ inner) for margin in MARGINS}
        small = [margin for margin, count in counts.items() if profile.is_sensitive(count)]
        whole = set(range(1, profile.most + 1))
        left = still_possible(three_way(inner, profile, linked=True), profile)
        bare = still_possible(three_way(inner, profile, linked=False), profile)
        found["small"] += len(small)
        found["narrowed"] += sum(left[margin] != whole for margin in small)
        found["recovered without"] += sum(bare[margin] == {counts[margin]} for margin in small)
        found["narrowed without"] += sum(bare[margin] != whole for margin in small)
    return found


def test_no_small_count_of_a_three_way_table_is_narrowed() -> None:
    """And of those same tables many are, where nothing is suppressed besides.

    How many, of more of them, is told on the page (tests/test_disclosure_page.py).
    """
    found = attack_three_way(4)
    assert found["narrowed"] == 0
    assert found["small"] > 3 * found["releases"]
    assert found["narrowed without"] > found["small"] / 3
