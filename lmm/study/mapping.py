"""What a study has to map: the required columns of its tables, and what its own declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lmm.study.declared import STUDY_FILE
from lmm.study.forms import MAIN_FORM
from lmm.study.problems import Problem, StudyError, nearest
from lmm.study.source import ROW_NUMBER
from lmm.study.study import Study
from lmm.study.table import Table
from lmm.study.tables import (
    COUNTED_LABELS,
    TABLES,
    declared_tables,
    in_order,
    indicators,
    tables_of,
    whose,
)

Tables = Mapping[str, Table]


def check_study(study: Study) -> None:
    """Raise if ``study.yaml`` does not map what is needed of the tables that it names.

    A table that it does not name is one that the service does not keep.

    Raises
    ------
    StudyError
        With one line for each table, column, list and form that is missing, unknown, or does
        not fit the others.
    """
    tables = declared_tables(study)
    looks = (_names, _columns, _own, _misnumbered, _references, _dates)
    problems = [
        *_labels(study), *_indicators(study), *_forms(study),
        *(problem for look in looks for problem in look(study, tables)),
    ]  # fmt: skip
    if problems:
        raise StudyError(*sorted(Problem(why, file=STUDY_FILE) for why in set(problems)))


def _labels(study: Study) -> Iterator[str]:
    for vocabulary, label in COUNTED_LABELS.items():
        if label not in study.vocabularies.get(vocabulary, {label}):
            yield (
                f"vocabularies: {vocabulary}: there is no label {label!r}, which is counted; call "
                f"the label that means it so, with your word as its spelling: {label!r}: "
                "[your word]"
            )


def _indicators(study: Study) -> Iterator[str]:
    """Name what ``reduced_capacity`` and ``wording`` say of measures that there are not."""
    known = indicators(study)
    for name in (name for part in study.reduced_capacity for name in part.indicators):
        if name not in known:
            yield f"reduced_capacity: {name!r} is no measure; there are {', '.join(known)}"
    for name in study.wording:
        if name in study.measures:
            yield f"wording: {name} is a measure of your own; change its label under measures:"
        elif name not in known:
            there = ", ".join(each for each in known if each not in study.measures)
            yield f"wording: {name!r} is no measure of the compendium; there are {there}"


def _forms(study: Study) -> Iterator[str]:
    if study.keeps(MAIN_FORM) and MAIN_FORM not in study.forms:
        yield f"forms: {MAIN_FORM} is missing: its scale and items; or declare the table absent"
    for name in study.forms:
        if name in TABLES and name != MAIN_FORM:
            yield f"forms: {name} is a table of another kind; name the form otherwise"
        elif name not in study.tables:
            yield f"forms: {name} has no table; say under tables: where it is, or that it is absent"


def _names(study: Study, tables: Tables) -> Iterator[str]:
    for name in study.tables.keys() - tables.keys():
        near = nearest(name, tables)
        meant = f"did you mean {near}? " if near else ""
        yield (
            f"tables: {name} is unknown; {meant}there are {', '.join(tables)}; one of your own "
            "says what a row is, and the kind of each column"
        )


def _columns(study: Study, tables: Tables) -> Iterator[str]:
    for name in tables.keys() & study.sources.keys():
        table, given = tables[name], study.columns_kept(name)
        items = study.forms[name].items if whose(name, study) == "form" else {}
        for column, spec in table.columns.items():
            needed = column in items or (spec.required and not spec.may_lack)
            if needed and column not in given:  # an item is declared to be read
                yield f"tables: {name}: columns: {column} is missing"
            if column in given and spec.vocabulary and spec.vocabulary not in study.lists:
                yield f"vocabularies: {spec.vocabulary} is missing"
        for column in given:
            if column not in table.columns and whose(name, study) != "own":
                there = ", ".join(table.columns)
                yield f"tables: {name}: columns: {column} is unknown; there are {there}"


def _own(study: Study, tables: Tables) -> Iterator[str]:
    """Say of the study's own tables what is not declared, and of others what cannot be."""
    for name, source in study.sources.items():
        kind = whose(name, study)
        if kind == "own":
            for column in source.given.keys() - source.own_columns.keys():
                fix = "give its kind as well as its heading, as of the other columns"
                yield f"tables: {name}: columns: {column}: {fix}"
        if kind not in ("known", "form"):
            continue
        if source.own_columns:
            column = next(iter(source.own_columns))
            fix = f"write {column}: and its heading"
            yield f"tables: {name}: columns: {column}: its kind is known, or no column's; {fix}"
        if source.row and name in TABLES:
            fix = "leave row out, or name your own table otherwise"
            yield f"tables: {name} is a table that the compendium knows; {fix}"
        if source.key or source.date:
            yield f"tables: {name}: its key and date are known; leave them out"


def _misnumbered(study: Study, tables: Tables) -> Iterator[str]:
    """Name the columns that may not be numbered by row: only one that stands alone can be."""
    named_elsewhere = {
        (parent, column)
        for child, table in tables.items()
        for parent, column in table.parents.items()
        if study.keeps(child)
    }
    for name in tables.keys() & study.sources.keys():
        for column, heading in study.sources[name].columns.items():
            alone = tables[name].key == (column,) and (name, column) not in named_elsewhere
            if heading == ROW_NUMBER and not alone:
                yield (
                    f"tables: {name}: columns: {column} cannot be {ROW_NUMBER!r}: "
                    "two rows would never mean the same one; name the heading of the column that "
                    "holds it, or declare the table absent"
                )


def _references(study: Study, tables: Tables) -> Iterator[str]:
    """Hold the references of the study's own tables to what they lead to."""
    for name in study.sources:
        if whose(name, study) != "own":
            continue
        for parent, column in tables[name].parents.items():
            where = f"tables: {name}: columns: {column}: refers_to"
            if parent not in tables:
                yield f"{where}: there is no table {parent!r}; there are {', '.join(tables)}"
            elif tables[parent].key != (column,):
                key = " and ".join(tables[parent].key)
                yield f"{where}: the key of {parent} is {key}, and has to be called so here"
            elif not study.keeps(parent):
                yield f"{where}: {parent} is absent; leave refers_to out"
        for date in tables[name].date:
            parent, dot, column = date.partition(".")
            spec = tables[parent].columns.get(column) if parent in tables else None
            if dot and parent in tables and (spec is None or spec.kind != "date"):
                yield f"tables: {name}: date: {column!r} is no date of {parent}"
    yield from _circles(tables)


def _circles(tables: Tables) -> Iterator[str]:
    placed: set[str] = set()
    for name, table in in_order(tables).items():
        if later := (table.parents.keys() & tables.keys()) - placed:
            yield f"tables: {name} and {min(later)} refer to each other in a circle"
        placed.add(name)


def _dates(study: Study, tables: Tables) -> Iterator[str]:
    """Name the tables of which nothing says when a row was."""
    kept = tables_of(study)
    for name in tables.keys() & study.sources.keys():
        table = tables[name]
        if not table.date or kept[name].date or whose(name, study) == "own":
            continue
        if (own := table.own_date) and not table.columns[own].may_lack:
            continue  # it is missing, and said to be
        if own:
            others = " or ".join(date for date in table.date if date != own)
            unless = f", because there is no {others}" if others else ""
            yield f"tables: {name}: columns: {own} is missing: it says when a row was{unless}"
            continue
        for parent in table.parents.keys() - study.sources.keys():
            yield (
                f"tables: {parent} cannot be absent while {name} is there, which refers to it; "
                f"if {name} is another table, correct its mapping, or declare it absent as well"
            )
