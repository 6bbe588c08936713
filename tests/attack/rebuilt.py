"""A population as records, so that they can be counted and released again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count

from attack.bags import Kind
from attack.names import Population
from attack.rebuilt_families import expanded, families
from attack.scene import NOT_RECORDED, Scene
from attack.solver import Numbers
from attack.studies import Row
from attack.training import FIRST, SECOND, descriptions

Person = tuple[str, str]
"""A role and an organisation."""


def rows_of(of: Population, numbers: Numbers) -> dict[str, list[Row]]:
    """Write a population as the rows of its tables."""
    scene = of.scene
    found: dict[str, list[Row]] = {"courses": _courses(of, numbers)}
    if "attendances" in of.bags:
        found["course_attendance"] = [*_came(of, numbers), *_stayed_away(of, numbers)]
    if "forms" in of.bags:
        found["feedback_forms"] = _forms(of, numbers)
    if "sessions" in of.bags:
        found["consultations"] = _sessions(of, numbers)
    if "referred" in of.bags:
        found |= families(of, numbers)
    for name, source in scene.study.sources.items():
        if source.own_columns:
            found[name] = [*_of_own(of, numbers, name)]
    return {name: _kept(rows, name, scene) for name, rows in found.items() if scene.keeps(name)}


def _kept(rows: Sequence[Row], table: str, scene: Scene) -> list[Row]:
    """Leave out columns that the service does not keep, and what is not recorded."""
    return [
        {name: "" if cell == NOT_RECORDED else cell for name, cell in row.items()
         if scene.keeps(table, name)}
        for row in rows
    ]  # fmt: skip


def _courses(of: Population, numbers: Numbers) -> list[Row]:
    like: dict[str, Kind] = {}
    for name in ("attendances", "forms"):
        for kind in expanded(of.bags[name], 0, numbers) if name in of.bags else ():
            like[kind["course"]] = {at: kind[at] for at in ("topic", "mode")}
    usual = descriptions(of.scene)[0]
    return [
        {"course_id": course, "date": f"{day}", **like.get(course, usual)}
        for course, day in of.scene.courses
    ]


def _came(of: Population, numbers: Numbers) -> Iterator[Row]:
    """Write who came: for the first time, or among those who had come before."""
    names = count()
    once: dict[Person, list[str]] = defaultdict(list)
    more: dict[Person, list[str]] = defaultdict(list)
    here: dict[str, list[Kind]] = defaultdict(list)
    for kind in expanded(of.bags["attendances"], 0, numbers):
        here[kind["course"]].append(kind)
    for course, _ in of.scene.courses:
        came: list[tuple[Person, str, str]] = []
        for kind in here[course]:
            person = kind["role"], kind["organisation"]
            if kind["step"] == FIRST:
                who = f"P{next(names)}"
            else:
                who = (once if kind["step"] == SECOND else more)[person].pop(0)
            came.append((person, kind["step"], who))
        for person, step, who in came:
            (once if step == FIRST else more)[person].append(who)
            yield {"course_id": course, "staff_id": who, "role": person[0],
                   "organisation": person[1], "attended": "yes"}  # fmt: skip


def _stayed_away(of: Population, numbers: Numbers) -> Iterator[Row]:
    """Write who was registered and did not come, each of them another person."""
    absent = of.bags["registered"].factors[0][len(of.bags["attendances"].factors[0]) :]
    courses = [course for course, _ in of.scene.courses]
    organisations = of.bags["registered"].values("organisation")
    role = of.scene.labels("course_attendance", "role")[0]
    for n, (kind, unknown) in enumerate(absent):
        for k in range(numbers[unknown]):
            yield {
                "course_id": courses[n // len(organisations)],
                "staff_id": f"N{n}-{k}",
                "role": role,
                "organisation": kind["organisation"],
                "attended": "no",
            }


def _forms(of: Population, numbers: Numbers) -> list[Row]:
    bag = of.bags["forms"]
    items = [sorted(expanded(bag, n, numbers), key=lambda kind: kind["era"])
             for n in range(1, len(bag.factors))]  # fmt: skip
    rows = []
    main = sorted(expanded(bag, 0, numbers), key=lambda kind: kind["era"])
    for n, kind in enumerate(main):
        row = {"form_id": f"B{n}", "course_id": kind["course"], **kind}
        for answers in items:
            row |= answers[n]
        rows.append(row)
    return rows


def _sessions(of: Population, numbers: Numbers) -> list[Row]:
    factors = [
        sorted(expanded(of.bags["sessions"], n, numbers), key=lambda kind: kind["era"])
        for n in range(3)
    ]
    first = {str(of.scene.when(each)): each.first for each in of.scene.stretches}
    mode = of.scene.labels("consultations", "mode")[0]
    return [
        {"session_id": f"S{n}", "date": f"{first[str(time)]}", "kind": given["kind"],
         "profession": given["profession"], "mode": mode, "outcome": "attended",
         "minutes": "60" if length["minutes"] == "recorded" else ""}
        for n, (time, given, length) in enumerate(zip(*factors, strict=True))
    ]  # fmt: skip


def _of_own(of: Population, numbers: Numbers, table: str) -> Iterator[Row]:
    """Write the rows of a table of the study's own, its numbers spread evenly over its rows."""
    first = {str(of.scene.when(each)): each.first for each in of.scene.stretches}
    columns = of.scene.study.sources[table].own_columns
    number = next((name for name, c in columns.items() if c.kind == "whole number"), "")
    sums = {}
    if number:
        for kind, unknown in of.bags[f"{table}.{number}"].factors[0]:
            sums[str(kind)] = int(numbers[unknown])
    key = of.scene.study.sources[table].key[0]
    for n, (kind, unknown) in enumerate(of.bags[table].factors[0]):
        plain = {name: value for name, value in kind.items() if name != number}
        time = {name: kind[name] for name in of.scene.times[0]}
        many = int(numbers[unknown])
        for k in range(many):
            row = {**plain, key: f"R{n}-{k}", "date": f"{first[str(time)]}"}
            if number and kind[number] == "recorded":
                row[number] = str(sums[str(plain)] * (k + 1) // many - sums[str(plain)] * k // many)
            yield row
