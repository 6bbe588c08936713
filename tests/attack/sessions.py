"""Sessions of consultation, and tables of a study's own whose rows have a day and heads."""

from __future__ import annotations

from attack.bags import Bag, Kind, crossed
from attack.program import Program, add, times
from attack.scene import NOT_RECORDED, Scene
from lmm.study.table import Cells


def sessions(program: Program, scene: Scene) -> dict[str, Bag]:
    """Give the sessions that took place; the others are counted nowhere."""
    if not scene.keeps("consultations"):
        return {}
    table = "consultations"
    given = crossed({
        "era": scene.eras,
        "kind": scene.labels(table, "kind", "consultation_kind"),
        "profession": scene.labels(table, "profession", "role", told=False),
    })  # fmt: skip
    minutes = [NOT_RECORDED, *(["recorded"] if scene.keeps(table, "minutes") else [])]
    lengths = crossed({"era": scene.eras, "minutes": minutes})
    return {"sessions": Bag.of(program, [scene.times, given, lengths])}


def own(program: Program, scene: Scene) -> dict[str, Bag]:
    """Give the rows of each table that the study adds, and their numbers added up.

    A row has a day, and may have labels and one number, such as heads. The numbers of the rows
    of a kind add up to anything between the least and the greatest for each row.
    """
    bags: dict[str, Bag] = {}
    for name, source in scene.study.sources.items():
        if columns := source.own_columns:
            rows, numbers = _of_own(program, scene, dict(columns))
            bags[name] = Bag([rows])
            bags |= {f"{name}.{column}": Bag([sums]) for column, sums in numbers.items()}
    return bags


Counted = list[tuple[Kind, int]]


def _of_own(
    program: Program, scene: Scene, columns: dict[str, Cells]
) -> tuple[Counted, dict[str, Counted]]:
    labels = {
        name: [*scene.study.labels(cells.vocabulary or name),
               *([] if cells.required else [NOT_RECORDED])]
        for name, cells in columns.items()
        if cells.kind == "label"
    }  # fmt: skip
    number = next((name for name, c in columns.items() if c.kind == "whole number"), "")
    told = ["recorded", *([] if number and columns[number].required else [NOT_RECORDED])]
    rows: Counted = []
    sums: Counted = []
    for kind in ({**time, **like} for time in scene.times for like in crossed(labels)):
        for known in told if number else [""]:
            rows.append(({**kind, **({number: known} if number else {})}, program.new()))
        if number:
            held, sums = rows[-len(told)][1], [*sums, (kind, program.new())]
            least, most = columns[number].least or 0, columns[number].most
            program.rule(add({sums[-1][1]: 1}, times(-int(least), {held: 1})), 0, 10**6)
            if most is not None:
                program.rule(add({held: int(most)}, {sums[-1][1]: -1}), 0, 10**6)
    return rows, {number: sums} if number else {}
