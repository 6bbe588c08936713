"""How counts hang together: what an attacker who knows the tables can add and subtract.

The relations follow from the names of the counts. Levels of a dimension add up to their
whole; months and quarters lie within years and phases; some counts are part of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations, pairwise

import pandas as pd

from lmm.cleaning.records import Records
from lmm.disclosure.plan import Cell, Relation
from lmm.release.results import Key, item_answers, key

Counts = Mapping[Key, int]
Levels = tuple[tuple[str, str], ...]

SPANS = ("month", "quarter", "contract_year", "phase")
"""Dimensions of time; a level of an earlier one can lie within a level of a later one."""

PART_OF = (
    ("answers", "forms"),
    ("answers", "attendances"),
    ("attendances", "registers"),
    ("staff", "attendances"),
    ("caseload not seen", "caseload"),
    ("seen of accepted", "seen of referred"),
    ("seen", "families"),  # those referred before the period are seen in it, too
)
"""Counts that, within the same levels, are part of others; what is left of these is implied."""

STAGES = ("referred", "accepted", "offered", "seen", "discharged")


def linked(counts: Counts, records: Records) -> tuple[list[Cell], list[Relation]]:
    """Give the published counts, those that they imply, and the relations between all of them.

    Parameters
    ----------
    counts
        What is to be released, in the order of the tables.
    """
    sums: dict[Key, list[tuple[Key, ...]]] = defaultdict(list)
    relations: list[Relation] = []
    rests: list[tuple[Key, list[Key], str]] = []
    for whole, parts in _partitions(counts):
        rest = counts[whole] - sum(counts[part] for part in parts)
        if rest < 0:  # one can be in several levels: they do not add up
            relations += [_at_most(part, whole) for part in parts]
        elif rest:
            rests.append((whole, parts, _dimension(whole, parts[0])))
        else:
            sums[whole].append(tuple(parts))
            relations.append(_adds_up(whole, parts))
    rests += [(whole, [part], part[0]) for part, whole in _contained(counts)]
    implied: dict[Key, int] = {}
    for whole, parts, by in rests:
        other = "the rest of", (*whole[1], ("of", whole[0]), ("by", by))
        implied[other] = counts[whole] - sum(counts[part] for part in parts)
        relations.append(_adds_up(whole, [*parts, other]))
    for fine, coarse in combinations(SPANS, 2):
        relations += _nested(counts, fine, coarse, records)
    relations += _comparisons(counts, records)
    relations += _items(counts, records)
    seen, families = key("seen"), key("families")
    if seen in counts and counts[seen] == counts.get(families):
        sums[seen].append((families,))
    cells = [Cell(name, n, sums=tuple(sums[name])) for name, n in counts.items()]
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
    spans = {
        level: _span(dimension, level, records)
        for _, within in counts
        for dimension, level in within
        if dimension in (fine, coarse)
    }
    parts: dict[Key, list[Key]] = defaultdict(list)
    for part, level, others in _along(counts, fine):
        for whole, longer, rest in _along(counts, coarse):
            (first, last), (start, end) = spans[level], spans[longer]
            if (part[0], others) == (whole[0], rest) and start <= first and last <= end:
                parts[whole].append(part)
    return [
        Relation(
            ((whole, -1), *((part, 1) for part in held)),
            "=" if sum(counts[part] for part in held) == counts[whole] else "<=",
        )
        for whole, held in parts.items()
    ]


def _along(counts: Counts, dimension: str) -> list[tuple[Key, str, Levels]]:
    """List the counts along a dimension, with their level of it and those of the others."""
    return [
        (name, dict(name[1])[dimension], tuple(pair for pair in name[1] if pair[0] != dimension))
        for name in counts
        if dimension in dict(name[1])
    ]


def _span(dimension: str, level: str, records: Records) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and the last day of a span, within the period."""
    chosen = records.parameters
    start, event, end = map(
        pd.Timestamp, (chosen.period_start, chosen.event_date, chosen.period_end)
    )
    if dimension == "phase":
        day = pd.Timedelta(days=1)
        return (start, event - day) if level == records.phases[0] else (event, end)
    if dimension == "contract_year":
        first = pd.Timestamp(int(level[:4]), records.study.contract_year_starts, 1)
    else:
        first = pd.Timestamp(level)
    months = {"month": 1, "quarter": 3, "contract_year": 12}[dimension]
    last = first + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    return max(first, start), min(last, end)


def _contained(counts: Counts) -> list[tuple[Key, Key]]:
    """List the counts that are part of another within the same levels, each with that one."""
    found = [
        (name, whole)
        for name in counts
        for part, of in PART_OF
        if name[0] == part and (whole := (of, name[1])) in counts
    ]
    stages = [key(stage) for stage in STAGES if key(stage) in counts]
    found += [(second, first) for first, second in pairwise(stages)]
    return [(part, whole) for part, whole in found if counts[part] <= counts[whole]]


def _comparisons(counts: Counts, records: Records) -> list[Relation]:
    """Say which counts cannot be more than others, or than what is left of others."""
    ends = {"seen of accepted": "accepted", "seen of referred": "seen", "caseload": "accepted"}
    terms = [{name: 1, key(ends[name[0]]): -1} for name in counts if name[0] in ends]
    seen = [name for name in counts if name[0].startswith("seen of")]
    terms += [
        {one: 1, other: -1}
        for one in seen
        for other in seen
        if one[0] == other[0] and int(one[1][0][1]) < int(other[1][0][1])
    ]
    terms.append(
        {key("staff"): 1, key("staff", courses="more than one"): 1, key("attendances"): -1}
    )
    terms.append({key("families"): 1, key("seen"): -1})  # where none was referred before
    terms += _of_the_caseload(records)
    return [
        Relation(tuple(each.items()), "=" if total == 0 else "<=")
        for each in terms
        if each.keys() <= counts.keys()
        and (total := sum(n * counts[name] for name, n in each.items())) <= 0
    ]


def _of_the_caseload(records: Records) -> list[dict[Key, int]]:
    """Hold those of a caseload who were seen against those seen by then, and not discharged."""
    found = []
    months = [f"{month:%Y-%m-%d}" for month in records.calendar["month"]]
    for n, month in enumerate(months, 1):
        held = {key("caseload", month_end=month): 1, key("caseload not seen", month_end=month): -1}
        found.append(held | {key("families", month=earlier): -1 for earlier in months[:n]})
    if months:
        found.append(held | {key("seen"): -1, key("discharged"): 1})
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
