"""A population as records: its families and the contacts with them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from attack.bags import Bag, Kind
from attack.calendar import DAY
from attack.families import LABELS, UNSEEN, WAITS, Move, Step, eras, steps
from attack.names import Population
from attack.scene import NOT_RECORDED, Scene
from attack.solver import Numbers
from attack.studies import Row


@dataclass
class Family:
    """A family and its days so far."""

    era: int
    accepted_in: Step | None = None
    days: dict[str, dt.date] = field(default_factory=dict)


def families(of: Population, numbers: Numbers) -> dict[str, list[Row]]:
    """Write the rows of families and contacts."""
    every = [*_moved(of, numbers)]
    _offered(of, numbers, every)
    rows = []
    labels = {name: _labels(of, numbers, name) for name in LABELS}
    for n, family in enumerate(every):
        met = str(_era(of.scene, family.days["seen"])) if "seen" in family.days else UNSEEN
        row = {"family_id": f"F{n}"}
        for column, day in family.days.items():
            row[f"{column}_on"] = f"{day}"
        for name, found in labels.items():
            if found:
                row[name] = found[str(family.era), met].pop()
        rows.append(row)
    return {"families": rows, "family_contacts": _contacts(of, numbers, rows)}


def expanded(bag: Bag, factor: int, numbers: Numbers) -> Iterator[Kind]:
    """Give each thing of a bag, as far as a factor describes it."""
    for kind, unknown in bag.factors[factor]:
        for _ in range(numbers[unknown]):
            yield kind


def _era(scene: Scene, day: dt.date) -> int:
    return next(each.era for each in scene.stretches if each.first <= day <= each.last)


def _moved(of: Population, numbers: Numbers) -> Iterator[Family]:
    """Move families through the steps, as many as the numbers say."""
    every = steps(of.scene)
    groups: dict[tuple[int, int], list[Family]] = defaultdict(list)
    for era, never in of.ways.never.items():
        first = eras(of.scene)[era][0]
        for _ in range(numbers[never]):
            yield Family(era, None, {"referred": first})
    for move in of.ways.moves:
        if move.source is None:
            assert move.number is not None and move.goal is not None
            new = [Family(move.era, every[move.step]) for _ in range(numbers[move.number])]
            groups[move.era, move.goal] += new
            yield from new
            continue
        group = groups[move.era, move.source]
        many = len(group) if move.number is None else int(numbers[move.number])
        moving, group[:] = group[:many], group[many:]
        for family in moving:
            _dated(family, move, every[move.step], of.scene)
        if move.goal is not None:
            groups[move.era, move.goal] += moving
    for family in (family for group in groups.values() for family in group):
        _waiting(family, of.scene)


def _dated(family: Family, move: Move, step: Step, scene: Scene) -> None:
    """Give the days that a move settles."""
    if move.goal is None:
        _waiting(family, scene)
        family.days["discharged"] = step.last
    if move.seen is None:
        return
    assert family.accepted_in is not None
    shortest, longest = WAITS[move.wait]
    first, last = eras(scene)[family.era]
    day = move.seen.first
    while day <= move.seen.last:
        referred = min(last, family.accepted_in.last, day - shortest * DAY)
        if referred >= max(first, day - min(longest, 10_000) * DAY):
            accepted = max(referred, family.accepted_in.first)
            family.days = {"referred": referred, "accepted": accepted, "offered": day, "seen": day}
            return
        day += DAY
    raise AssertionError("no days fit")


def _waiting(family: Family, scene: Scene) -> None:
    """Give the days of a family that has not been seen."""
    if not family.days:
        assert family.accepted_in is not None
        referred = min(eras(scene)[family.era][1], family.accepted_in.last)
        accepted = max(referred, family.accepted_in.first)
        family.days = {"referred": referred, "accepted": accepted}


def _offered(of: Population, numbers: Numbers, every: list[Family]) -> None:
    """Offer an appointment to as many of those not seen as there have to be."""
    offered = sum(numbers[unknown] for _, unknown in of.bags["offered"].factors[0])
    left = offered - sum("offered" in family.days for family in every)
    for family in every:
        if left and "accepted" in family.days and "offered" not in family.days:
            assert family.accepted_in is not None
            family.days["offered"] = family.accepted_in.last
            left -= 1


def _labels(of: Population, numbers: Numbers, name: str) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for n, factor in enumerate(of.bags["referred"].factors):
        if factor and name in factor[0][0]:
            for kind in expanded(of.bags["referred"], n, numbers):
                label = kind[name]
                found[kind["era"], kind["met"]].append("" if label == NOT_RECORDED else label)
    return found


def _contacts(of: Population, numbers: Numbers, families: list[Row]) -> list[Row]:
    """Write the contacts: the first session of each family seen, and whatever else there was."""
    if "contacts" not in of.bags:
        return []
    rows: list[Row] = []
    begins: dict[tuple[str, str], str] = {}
    first: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for each in of.scene.stretches:
        at = str(each.era), each.levels["contract_year"]
        begins.setdefault(at, f"{each.first}")
        first[at] += [
            f for f in families if f"{each.first}" <= f.get("seen_on", "") <= f"{each.last}"
        ]
    earliest = {
        column: min((f for f in families if column in f), key=lambda f: f[column], default={})
        for column in ("seen_on", "referred_on")
    }
    for n, kind in enumerate(expanded(of.bags["contacts"], 0, numbers)):
        column = "seen_on" if kind["outcome"] == "attended" else "referred_on"
        at = kind["era"], kind["contract_year"]
        if column == "seen_on" and first[at]:
            family = first[at].pop()
            day = family[column]
        else:
            family = earliest[column]
            day = max(family[column], begins[at])
        given = {"kind": kind["kind"], "outcome": kind["outcome"], "mode": kind["mode"]}
        row = {"contact_id": f"K{n}", "family_id": family["family_id"], "date": day}
        rows.append({**row, **given})
    return rows
