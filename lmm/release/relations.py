"""How counts hang together: what an attacker who knows the tables can add and subtract.

The relations follow from the names of the counts. Levels of a dimension add up to their
whole; months and quarters lie within years and phases; some counts are part of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

import pandas as pd

from lmm.cleaning.records import Records
from lmm.release.disclose import Cell, Relation
from lmm.release.results import Key, item_answers, key

Counts = Mapping[Key, int]

PART_OF = (
    ("answers", "forms"),
    ("answers", "attendances"),
    ("attendances", "registers"),
    ("staff", "attendances"),
    ("caseload not seen", "caseload"),
    ("seen of accepted", "seen of referred"),
    ("seen", "families"),  # those referred before the period are seen in it, too
)
"""Counts that, within the same levels, cannot be more than others."""

STAGES = ("referred", "accepted", "offered", "seen", "discharged")


def linked(counts: Counts, records: Records) -> tuple[list[Cell], list[Relation]]:
    """Give the published counts, those that they imply, and the relations between all of them.

    Parameters
    ----------
    counts
        What is to be released, in the order of the tables.
    """
    implied: dict[Key, int] = {}
    sums: dict[Key, tuple[Key, ...]] = {}
    relations: list[Relation] = []
    for whole, parts in _partitions(counts):
        rest = counts[whole] - sum(counts[part] for part in parts)
        if rest < 0:  # one can be in several levels: they do not add up
            relations += [_at_most(part, whole) for part in parts]
            continue
        if rest:
            other = (
                "the rest of",
                (*whole[1], ("of", whole[0]), ("by", _dimension(whole, parts[0]))),
            )
            implied[other] = rest
            relations.append(_adds_up(whole, [*parts, other]))
            continue
        sums.setdefault(whole, tuple(parts))
        relations.append(_adds_up(whole, parts))
    for fine, coarse in (("month", "quarter"), ("month", "contract_year"), ("month", "phase"),
                         ("quarter", "contract_year"), ("quarter", "phase")):  # fmt: skip
        relations += _nested(counts, fine, coarse, records)
    for first, second in pairwise(STAGES):
        if key(first) in counts and key(second) in counts:
            lost = ("not among the", (("after", first), ("next", second)))
            implied[lost] = counts[key(first)] - counts[key(second)]
            relations.append(_adds_up(key(first), [key(second), lost]))
    relations += _parts(counts)
    relations += _items(counts, records)
    cells = [Cell(name, n, is_sum_of=sums.get(name, ())) for name, n in counts.items()]
    cells += [Cell(name, n, published=False) for name, n in implied.items()]
    return cells, relations


def _adds_up(whole: Key, parts: Iterable[Key]) -> Relation:
    return Relation(((whole, -1), *((part, 1) for part in parts)), "=")


def _at_most(part: Key, whole: Key) -> Relation:
    return Relation(((part, 1), (whole, -1)), "<=")


def _partitions(counts: Counts) -> list[tuple[Key, list[Key]]]:
    """List each count with its levels along one dimension."""
    found: dict[tuple[Key, str], list[Key]] = defaultdict(list)
    for name in counts:
        counted, within = name
        for dimension, level in within:
            rest = tuple(pair for pair in within if pair != (dimension, level))
            if (counted, rest) in counts:
                found[(counted, rest), dimension].append(name)
    return [(whole, parts) for (whole, _), parts in found.items()]


def _dimension(whole: Key, part: Key) -> str:
    return next(name for name, _ in part[1] if name not in dict(whole[1]))


def _nested(counts: Counts, fine: str, coarse: str, records: Records) -> list[Relation]:
    """Relate counts of short spans to those of the longer ones that hold them."""
    spans: dict[Key, list[Key]] = {
        name: [] for name in counts if [dimension for dimension, _ in name[1]] == [coarse]
    }
    for name in counts:
        counted, within = name
        if [dimension for dimension, _ in within] != [fine]:
            continue
        start = pd.Timestamp(within[0][1])
        holder = _holder(start, fine, coarse, records)
        whole: Key = (counted, ((coarse, holder),))
        if whole in spans:
            spans[whole].append(name)
    relations = []
    for whole, parts in spans.items():
        exact = sum(counts[part] for part in parts) == counts[whole]
        terms = ((whole, -1), *((part, 1) for part in parts))
        if parts:
            relations.append(Relation(terms, "=" if exact else "<="))
    return relations


def _holder(start: pd.Timestamp, fine: str, coarse: str, records: Records) -> str:
    """Name the longer span that holds a shorter one whole; "" where none does."""
    end = start + pd.DateOffset(months=1 if fine == "month" else 3) - pd.Timedelta(days=1)
    days = pd.Series([start, end])
    if coarse == "quarter":
        first = records.study.contract_year_starts
        return f"{start - pd.DateOffset(months=(start.month - first) % 3):%Y-%m-%d}"
    held = records.contract_year(days) if coarse == "contract_year" else records.phase(days)
    return held[0] if held[0] == held[1] else ""


def _parts(counts: Counts) -> list[Relation]:
    """Relate counts to those that they are part of, within the same levels."""
    found = [
        _at_most(name, whole)
        for name in counts
        for part, of in PART_OF
        if name[0] == part and (whole := (of, name[1])) in counts
    ]
    ends = {"seen of accepted": "accepted", "seen of referred": "seen", "caseload": "accepted"}
    found += [
        _at_most(name, key(ends[name[0]]))
        for name in counts
        if name[0] in ends and key(ends[name[0]]) in counts
    ]
    seen = [name for name in counts if name[0].startswith("seen of")]
    found += [
        _at_most(one, other)
        for one in seen
        for other in seen
        if one[0] == other[0] and int(one[1][0][1]) < int(other[1][0][1])
    ]
    found = [r for r in found if sum(n * counts[name] for name, n in r.terms) <= 0]
    met, families = key("seen"), key("families")
    if {met, families} <= counts.keys() and counts[met] == counts[families]:
        found.append(_adds_up(families, [met]))
    return found


def _items(counts: Counts, records: Records) -> list[Relation]:
    """Relate the answers to each item to the forms, and the high ones to all of them."""
    chosen = records.study.satisfaction
    relations = []
    for wording in chosen.items.values():
        given = key(item_answers(wording, records))
        others = [key("forms", **{wording: w}) for w in ("don't know", "not recorded")]
        if {given, key("forms"), *others} <= counts.keys():
            relations.append(_adds_up(key("forms"), [given, *others]))
        high = key(given[0], high="yes")
        answers = [key(given[0], answer=answer) for answer in chosen.high]
        if {high, *answers} <= counts.keys():
            relations.append(_adds_up(high, answers))
    return relations
