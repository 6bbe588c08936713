"""An attack on whole releases: the study's tables, and what a reader knows about them.

The attacker knows what `lmm.release.relations` knows, but shares no code with it: how the
counts of the tables hang together is written down here a second time, from what they mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
from gates import gate_of, records_of
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

from lmm.cleaning.records import Records
from lmm.disclosure.plan import PROFILES, Profile
from lmm.release import gate as gates
from lmm.release.gate import Gate
from lmm.release.results import Key, item_answers, key

Terms = dict[Key, int]
PROTECTING = [name for name in PROFILES if name != "none"]

DIMENSIONS = {
    "attendances": ("month", "quarter", "contract_year", "phase", "role", "organisation",
                    "topic", "mode"),
    "staff": ("month", "quarter", "contract_year", "phase", "role", "organisation"),
    "consultations": ("month", "quarter", "contract_year", "phase", "kind", "profession"),
    "families": ("month", "quarter", "contract_year", "phase"),
    "answers": ("contract_year", "phase", "role", "topic", "mode", "answer"),
    "seen": ("Referred by", "Reason for referral", "Ward", "Ethnic group of the mother",
             "Interpreter needed"),
}  # fmt: skip


def is_no_more(part: Key, whole: Key) -> Terms:
    return {part: 1, whole: -1}


SPANS = ("month", "quarter", "contract_year", "phase")


def days(records: Records) -> dict[tuple[str, str], set[int]]:
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
    for dimension in SPANS:
        for n, level in enumerate(levels[dimension]):
            found[dimension, str(level)].add(n)
    return found


def known(counts: dict[Key, int], records: Records) -> Iterator[Terms]:
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


def of_time(counts: dict[Key, int], records: Records) -> Iterator[Terms]:
    held = days(records)
    for counted, fine, coarse in product(DIMENSIONS, SPANS, SPANS):
        shorter = list(along(counts, counted, fine))
        for whole, level, others in along(counts, counted, coarse):
            parts = [
                part
                for part, span, rest in shorter
                if rest == others and held[fine, span] <= held[coarse, level]
            ]
            if fine != coarse and parts:
                yield from equal(whole, parts)


def of_forms(counts: dict[Key, int], records: Records) -> Iterator[Terms]:
    for name in counts:
        counted, within = name
        if counted == "answers":
            yield is_no_more(name, ("attendances", within))
            yield is_no_more(name, ("forms", within))
            if ("high", "yes") in within:
                yield is_no_more(name, ("answers", tuple(p for p in within if p[0] != "high")))
        yield is_no_more(name, ("attendances" if counted == "staff" else "registers", within))
    yield from equal(
        key("answers", high="yes"),
        [key("answers", answer=answer) for answer in records.study.satisfaction.high],
    )
    for wording in records.study.satisfaction.items.values():
        gaps = [key("forms", **{wording: w}) for w in ("don't know", "not recorded")]
        yield from equal(key("forms"), [key(item_answers(wording, records)), *gaps])
    yield {key("staff"): 1, key("staff", courses="more than one"): 1, key("attendances"): -1}


def of_families(counts: dict[Key, int], records: Records) -> Iterator[Terms]:
    stages = ("referred", "accepted", "offered", "seen", "discharged")
    for earlier, later in pairwise(stages):
        yield is_no_more(key(later), key(earlier))
    yield from equal(key("seen"), [key("families")])
    months = [f"{month:%Y-%m-%d}" for month in records.calendar["month"]]
    for n, month in enumerate(months, 1):
        held, unseen = key("caseload", month_end=month), key("caseload not seen", month_end=month)
        yield is_no_more(unseen, held)
        yield is_no_more(held, key("accepted"))
        yield {held: 1, unseen: -1, **{key("families", month=m): -1 for m in months[:n]}}
    yield {held: 1, unseen: -1, key("seen"): -1, key("discharged"): 1}
    yield {held: -1, unseen: 1, key("seen"): 1, key("discharged"): -1}
    for of, whole in (("accepted", "accepted"), ("referred", "seen")):
        waits = sorted(along(counts, f"seen of {of}", "within"), key=lambda wait: int(wait[1]))
        yield from (is_no_more(sooner[0], later[0]) for sooner, later in pairwise(waits))
        yield from (is_no_more(wait, key(whole)) for wait, _, _ in waits)
    for sooner, days_waited, _ in along(counts, "seen of accepted", "within"):
        yield is_no_more(sooner, key("seen of referred", within=days_waited))


def narrowed(gate: Gate) -> set[Key]:
    """List the small counts of which a reader can rule out the least or the greatest value."""
    profile, counts = PROFILES[gate.profile], gate.counts
    place = {name: n for n, name in enumerate(counts)}
    facts = [
        terms
        for terms in known(counts, gate.records)
        if terms.keys() <= counts.keys() and sum(n * counts[k] for k, n in terms.items()) <= 0
    ]
    matrix = lil_array((len(facts), len(counts)))
    for row, terms in enumerate(facts):
        for name, n in terms.items():
            matrix[row, place[name]] += n
    sums = {cell.key for cell in gates.linked(counts, gate.records)[0] if cell.sums}
    spans = [span(gate.plan.complete(name), name in sums, profile) for name in counts]
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
    assert narrowed(gate_of(profile, share, seed)) == set()


def test_the_attack_succeeds_where_tables_are_not_held_against_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linked = gates.linked
    monkeypatch.setattr(gates, "linked", lambda *given: (linked(*given)[0], []))
    assert narrowed(Gate(records_of(*QUICK)))
