"""An attack on whole releases: the study's counts, and what a reader knows about them.

The attacker knows what the gate knows, but shares no code with it: how the counts hang together
is written down here a second time, from what their names say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from gates import counts_of, released_of
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from lmm.counting.counts import Counts, Key, key
from lmm.disclosure import gate
from lmm.disclosure.profiles import PROFILES, Profile

Terms = dict[Key, int]
PROTECTING = [name for name in PROFILES if name != "none"]
TIME = ("month", "quarter", "contract_year", "phase")
YES = ("inside", "yes")

DIMENSIONS = {
    "attendances": (*TIME, "role", "organisation", "topic", "mode"),
    "staff": (*TIME, "role", "organisation"),
    "consultations": (*TIME, "kind", "profession", "profession?", "minutes?"),
    "families": TIME,
    "satisfaction": ("contract_year", "phase", "role", "topic", "mode"),
    "feedback_forms": ("role?", "content", "trainer", "relevance", "pace", "overall"),
    "registered": ("organisation?",),
    "contacts": ("kind", "mode", "outcome"),
    "seen": ("referral_source", "reason", "ward", "ethnic_group", "interpreter_needed"),
    "referred": ("referral_source?", "reason?", "ward?", "ethnic_group?", "interpreter_needed?"),
}


def is_no_more(part: Key, whole: Key) -> Terms:
    return {part: 1, whole: -1}


def days(records: Counts) -> dict[tuple[str, str], set[int]]:
    """List the days of the period that lie in each span."""
    every = pd.date_range(records.parameters.period_start, records.parameters.period_end)
    dates = every.to_series()
    levels = {
        "month": every.strftime("%Y-%m-01"),
        "quarter": every.to_period("Q").start_time.strftime("%Y-%m-%d"),
        "contract_year": records.contract_year(dates),
        "phase": records.phase(dates),
    }
    found = defaultdict(set)
    for dimension in TIME:
        for n, level in enumerate(levels[dimension]):
            found[dimension, str(level)].add(n)
    return found


def known(counts: dict[Key, int], records: Counts) -> Iterator[Terms]:
    """Say what a reader knows: each sum is at most 0. Only those that are true are used."""
    yield from of_dimensions(counts)
    yield from of_time(counts, records)
    yield from of_forms(counts, records)
    yield from of_families(counts, records)


def equal(whole: Key, parts: Iterable[Key]) -> Iterator[Terms]:
    yield {whole: 1, **dict.fromkeys(parts, -1)}
    yield {whole: -1, **dict.fromkeys(parts, 1)}


def along(counts: dict[Key, int], counted: str, dimension: str) -> Iterator[tuple[Key, str, Key]]:
    """List the counts along a dimension: name, level, and the name without that dimension."""
    for name in counts:
        levels = dict(name[1])
        if name[0] == counted and dimension in levels:
            level = levels.pop(dimension)
            yield name, level, (counted, tuple(levels.items()))


def of_dimensions(counts: dict[Key, int]) -> Iterator[Terms]:
    for counted, dimensions in DIMENSIONS.items():
        for dimension in dimensions:
            parts = defaultdict(list)
            for name, _, whole in along(counts, counted, dimension):
                parts[whole].append(name)
            for whole, names in parts.items():
                yield from equal(whole, names)


def of_time(counts: dict[Key, int], records: Counts) -> Iterator[Terms]:
    held = days(records)
    for counted, fine, coarse in product(DIMENSIONS, TIME, TIME):
        shorter = list(along(counts, counted, fine))
        for whole, level, others in along(counts, counted, coarse):
            parts = [
                part
                for part, span, rest in shorter
                if rest == others and held[fine, span] <= held[coarse, level]
            ]
            if fine != coarse and parts:
                yield from equal(whole, parts)


def of_forms(counts: dict[Key, int], records: Counts) -> Iterator[Terms]:
    satisfied, form = records.study.satisfaction, "feedback_forms"
    for name in counts:
        counted, within = name
        plain = tuple(pair for pair in within if pair != YES)
        yield is_no_more(name, (counted, plain))
        if counted == "satisfaction":
            yield is_no_more((counted, plain), ("attendances", plain))
            yield is_no_more((counted, plain), (form, plain))
        yield is_no_more(name, ("attendances" if counted == "staff" else "registered", within))
    for item in satisfied.items:
        share = "satisfaction" if item == satisfied.overall else f"{form}.{item}"
        scale = [key(form, **{item: answer}) for answer in satisfied.scale]
        off = [key(form, **{item: word}) for word in (*satisfied.dont_know, "not recorded")]
        yield from equal(key(share), scale)
        yield from equal(key(form), [key(share), *off])
        high = [key(form, **{item: answer}) for answer in satisfied.high]
        yield from equal(key(share, inside="yes"), high)
    yield {key("staff"): 1, key("staff_again"): 1, key("attendances"): -1}
    yield is_no_more(key("staff_again"), key("staff"))
    for column in ("organisation",):
        yield from equal(
            key("registered"),
            [key("registered", **{f"{column}?": word}) for word in ("recorded", "not recorded")],
        )


def of_families(counts: dict[Key, int], records: Counts) -> Iterator[Terms]:
    stages = ("referred", "accepted", "offered", "seen", "discharged")
    for earlier, later in pairwise(stages):
        yield is_no_more(key(later), key(earlier))
    yield from equal(key("seen"), [key("families")])
    yield is_no_more(key("families"), key("contacts", outcome="attended"))
    for name in counts:
        if name[0] == "seen":
            wide = tuple((f"{column}?", "recorded") for column, _ in name[1])
            yield is_no_more(name, ("referred", wide))
    months = [f"{month:%Y-%m-%d}" for month in records.calendar["month"]]
    for n, month in enumerate(months, 1):
        held, unseen = key("caseload", month_end=month), key("caseload_not_seen", month_end=month)
        yield is_no_more(unseen, held)
        yield is_no_more(held, key("accepted"))
        yield {held: 1, unseen: -1, **{key("families", month=m): -1 for m in months[:n]}}
    yield {held: 1, unseen: -1, key("seen"): -1, key("discharged"): 1}
    yield {held: -1, unseen: 1, key("seen"): 1, key("discharged"): -1}
    for of, whole in (("accepted", "accepted"), ("referred", "seen")):
        within = [key(f"{of}_seen_within_{n}", inside="yes") for n in (28, 56)]
        yield is_no_more(*within)
        yield from (is_no_more(wait, key(whole)) for wait in within)
        yield from (is_no_more(key(f"{of}_seen_within_{n}"), key(of)) for n in (28, 56))
    for n in (28, 56):
        sooner = key(f"accepted_seen_within_{n}", inside="yes")
        yield is_no_more(sooner, key(f"referred_seen_within_{n}", inside="yes"))


def narrowed(true: Counts, released: Counts) -> set[Key]:
    """List the small counts of which a reader can rule out the least or the greatest value."""
    profile = PROFILES[true.study.disclosure]
    cells = gate.linked(true)[0]
    sums = {cell.key for cell in cells if cell.sums}
    counts = {
        name: n
        for name, n in true.numbers.items()
        if name in released.numbers and true.declared[name[0]].about_people
    }
    place = {name: n for n, name in enumerate(counts)}
    facts = [
        terms
        for terms in known(counts, true)
        if terms.keys() <= counts.keys() and sum(n * counts[k] for k, n in terms.items()) <= 0
    ]
    matrix = lil_array((len(facts), len(counts)))
    for row, terms in enumerate(facts):
        for name, n in terms.items():
            matrix[row, place[name]] += n
    spans = [span(released.numbers[name], name in sums, profile) for name in counts]
    low, high = np.array(spans, dtype="float64").T
    small = [place[name] for name, count in counts.items() if profile.is_sensitive(count)]
    rules = LinearConstraint(matrix.tocsr(), -np.inf, 0)
    found: set[int] = set()
    for sign in (1, -1):
        groups = [small]
        while groups:  # one table of counts shows for many cells at once what they may be
            group = groups.pop()
            weights = np.zeros(len(counts))
            weights[group] = sign
            solved = milp(
                weights, integrality=np.ones(len(counts)), bounds=Bounds(low, high),
                constraints=rules, options={"presolve": False},  # which finds too little possible
            )  # fmt: skip
            assert solved.x is not None, "the attacker lost the true tables"
            at = np.round(solved.x)
            left = [n for n in group if (at[n] > 1 if sign == 1 else at[n] < profile.most)]
            if len(left) == len(group) == 1:
                found |= {*left}
            elif len(left) == len(group):
                groups += [left[::2], left[1::2]]
            elif left:
                groups.append(left)
    return {list(counts)[n] for n in found}


def span(value: int | None, is_sum: bool, profile: Profile) -> tuple[float, float]:
    """Give the counts that a shown value may stand for; ten thousand stands for no end."""
    if value is None:
        return 0, 10_000
    if value == 0:
        return 0, 0
    return (8, 10_000) if profile.sums and is_sum else profile.interval(value)


QUICK = ("nhs_digital", 0.3, 5)
SLOW = [
    (profile, share, seed)
    for profile in PROTECTING
    for share, seed in [(1.0, 1), (0.7, 4), (0.4, 3), (0.3, 5), (0.15, 2)]
    if (profile, share, seed) != QUICK
]


@pytest.mark.parametrize(
    ("profile", "share", "seed"),
    [QUICK, *(pytest.param(*each, marks=pytest.mark.slow) for each in SLOW)],
)
def test_no_small_count_of_a_release_is_narrowed(profile: str, share: float, seed: int) -> None:
    chosen = profile, share, seed
    assert narrowed(counts_of(*chosen), released_of(*chosen).counts) == set()


def test_the_attack_succeeds_where_counts_are_not_held_against_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linked, true = gate.linked, counts_of(*QUICK)
    with monkeypatch.context() as patch:
        patch.setattr(gate, "linked", lambda counts: (linked(counts)[0], [], linked(counts)[2]))
        bare = gate.release(true).counts
    assert narrowed(true, bare)
