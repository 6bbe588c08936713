"""Everything that a study counts: the compendium's measures, those of its tables, and its own."""

from __future__ import annotations

from typing import Any

from lmm.study.counted import MEASURES
from lmm.study.forms import MAIN_FORM
from lmm.study.measures import Measure
from lmm.study.once import once
from lmm.study.study import Study
from lmm.study.tables import TABLES, tables_of

GROUPS = ("topic", "mode", "role", "phase")
"""What the answers of a form are compared by."""

WITHIN = (28, 56)
"""Days since referral within which the share of families seen is given; each is a measure."""

MAIN = "satisfaction"
"""The measure of the overall item of the main form."""


@once
def measures_of(study: Study) -> dict[str, Measure]:
    """Give every measure of a study by name, in the order in which they are shown."""
    return {**MEASURES, **_of_forms(study), **_of_own_tables(study), **study.measures}


def of_item(form: str, item: str, study: Study) -> str:
    """Name the share with a high answer to an item of a form."""
    overall = form == MAIN_FORM and item == study.forms[form].overall
    return MAIN if overall else f"{form}.{item}"


def complete(form: str, item: str) -> str:
    """Name the share with a high answer to an item among forms with every item answered."""
    return f"{form}.{item} complete"


def _of_forms(study: Study) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for name, form in study.forms.items():
        among = dict.fromkeys(form.items, ("answered",))
        crossed = [(form.overall, by, "course_id") for by in GROUPS]
        found[name] = Measure(
            label=f"forms returned ({name.replace('_', ' ')})" if name != MAIN_FORM
            else "forms returned",
            rows=name,
            shown=False,
            by=(("role?",), *((item,) for item in form.items), *crossed),
        )  # fmt: skip
        for item, wording in form.items.items():
            share: dict[str, Any] = {
                "label": f"high answers to “{wording}”",
                "rows": name,
                "kind": "share",
                "where": {item: ("high",)},
            }
            is_overall = item == form.overall
            groups = tuple((by,) for by in (*GROUPS, "contract_year")) if is_overall else ()
            if of_item(name, item, study) not in MEASURES:
                found[f"{name}.{item}"] = Measure(
                    **share, among={item: among[item]}, by=groups,
                    clustered_by="course_id" if is_overall else None,
                )  # fmt: skip
            found[complete(name, item)] = Measure(
                **share, among=among, by=(), shown=False, released=False
            )
    return found


def _of_own_tables(study: Study) -> dict[str, Measure]:
    """Count the rows of each table that a study has added, by what may not be recorded of them."""
    return {
        f"{name}.rows": Measure(
            label=f"rows of {name.replace('_', ' ')}",
            rows=name,
            shown=False,
            by=tuple(
                (f"{column}?",)
                for column, cells in table.columns.items()
                if not cells.required and cells.kind != "date"
            ),
        )
        for name, table in tables_of(study).items()
        if name not in TABLES and name not in study.forms
    }
