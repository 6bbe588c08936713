"""The tables of records: those that the compendium knows, and those that a study has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import RootModel

from lmm.study.counted import MEASURES
from lmm.study.declared import Text
from lmm.study.forms import MAIN_FORM, Form
from lmm.study.measures import Measure
from lmm.study.once import once
from lmm.study.strict_yaml import read_yaml
from lmm.study.study import Study
from lmm.study.table import Column, Shares, Table


class _Tables(RootModel[dict[Text, Table]]):
    """Tables by name."""


TABLES: dict[str, Table] = read_yaml(
    Path(str(resources.files("lmm.study").joinpath("tables.yaml"))), _Tables
).root
"""The compendium's tables, of which none refers to one that comes after it."""

COUNTED_LABELS = {
    column.vocabulary: column.counted
    for table in TABLES.values()
    for column in table.columns.values()
    if column.counted
}
"""By vocabulary, the label that is counted and so has to be called this in every study."""


@once
def tables_of(study: Study) -> dict[str, Table]:
    """Give the tables of a study as it keeps them, each after those that it refers to.

    The items of the forms are filled in, and the study's own tables come after the
    compendium's. Of a table that is kept, columns that a service may lack are left out where it
    does, and of several dates only the one that holds is left; what refers to a table that is
    not kept refers to nothing.
    """
    return in_order({name: _as_kept(name, t, study) for name, t in declared_tables(study).items()})


def declared_tables(study: Study) -> dict[str, Table]:
    """Give the tables with everything that a service may keep of them."""
    forms = {
        name: _with_items(name, form, study)
        for name, form in study.forms.items()
        if whose(name, study) == "form"
    }
    own = {
        name: source.table for name, source in study.sources.items() if whose(name, study) == "own"
    }
    return {**TABLES, **forms, **own, "targets": _with_indicators(study)}


def indicators(study: Study) -> dict[str, Measure]:
    """Give what can have a target: the compendium's measures that are shown, and the study's."""
    return {**{name: m for name, m in MEASURES.items() if m.shown}, **study.measures}


def _with_indicators(study: Study) -> Table:
    """Give the table of targets: whose they can be, and what their cut-offs may be.

    Those of shares are shares. At an end of the scale nothing is ever sure to be green: all of
    22 can be, and the share behind them is under 1 all the same.
    """
    table, measures = TABLES["targets"], indicators(study)
    shares = [name for name, measure in measures.items() if measure.kind == "share"]
    cut_offs = [
        Shares(
            columns=("red_below", "green_from"), where={"indicator": name},
            rule=f"cut-offs of {name} are shares from 0 to 1",
        )
        for name in shares
    ]  # fmt: skip
    cut_offs += [
        Shares(
            columns=("green_from",), where={"indicator": name, "direction": "at least"}, below=1,
            rule=f"{name} can be green below 1, since no number of answers makes sure of all",
        )
        for name in shares
    ]  # fmt: skip
    cut_offs.append(
        Shares(
            columns=("green_from",), where={"direction": "at most"}, above=0, most=None,
            rule="what is to be at most can be green above 0, since nothing makes sure of none",
        )
    )  # fmt: skip
    known = {"kind": "label", "accepts": tuple(measures)}
    columns = {**table.columns, "indicator": table.columns["indicator"].model_copy(update=known)}
    return table.model_copy(update={"columns": columns, "shares": tuple(cut_offs)})


def whose(name: str, study: Study) -> Literal["known", "form", "own", ""]:
    """Say whose a table is: the compendium's, one of forms, or the study's own; "" of nobody's."""
    if name in study.forms and (name == MAIN_FORM or name not in TABLES):
        return "form"
    if name in TABLES:
        return "known"
    source = study.sources.get(name)
    return "own" if source and source.own_columns else ""


def _with_items(name: str, form: Form, study: Study) -> Table:
    """Give the table of a form: the columns of every form, and its items."""
    every = TABLES[MAIN_FORM]
    items = {
        item: Column(
            kind="label", meaning=f"“{wording}”", required=False, vocabulary=f"{name}.{item}"
        )
        for item, wording in form.items.items()
    }
    source = study.sources.get(name)
    row = every.row if name == MAIN_FORM else (source.row if source else "") or "one returned form"
    return every.model_copy(update={"row": row, "columns": {**every.columns, **items}})


def _as_kept(name: str, table: Table, study: Study) -> Table:
    kept = study.columns_kept(name) if study.keeps(name) else list(table.columns)
    columns = {
        column: spec
        if not spec.refers_to or study.keeps(spec.refers_to)
        else spec.model_copy(update={"refers_to": ""})
        for column, spec in table.columns.items()
        if column in kept or not spec.may_lack
    }
    found = table.model_copy(update={"columns": columns})
    holding = [date for date in table.date if _holds(date, kept, found)]
    return found.model_copy(update={"date": tuple(holding[:1])})


def _holds(date: str, kept: Collection[str], table: Table) -> bool:
    """Whether a date is kept: a column, or table.column of a table that is kept."""
    parent, dot, _ = date.partition(".")
    return parent in table.parents if dot else date in kept


def in_order(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Put tables after those that they refer to, and otherwise leave them in their order.

    Those that refer to each other in a circle come last (`check_study` names them).
    """
    placed: dict[str, Table] = {}
    waiting = dict(tables)
    while waiting:
        ready = (n for n, table in waiting.items() if not waiting.keys() & table.parents.keys())
        name = next(ready, None) or next(iter(waiting))
        placed[name] = waiting.pop(name)
    return placed
