"""Columns that are not read and say that some rows are of what did not take place."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lmm.cleaning.headings import as_declared
from lmm.cleaning.sources import read_sheet
from lmm.counting.counted_tables import took_place
from lmm.counting.declared import measures_of
from lmm.start.missed import missed
from lmm.study.problems import Problem, counted
from lmm.study.source import TableSource
from lmm.study.study import Study
from lmm.study.tables import declared_tables


def not_held(study: Study, tables: Collection[str]) -> Iterator[Problem]:
    """Name the columns that say so and are not read.

    Parameters
    ----------
    tables
        Names of those that could be read; only they are looked at.
    """
    for table, column in took_place(measures_of(study), declared_tables(study)).items():
        if study.keeps(table) and table in tables:
            source = study.sources[table]
            for place in source.parts:
                yield from _unread(study, source, place, column)


def _unread(
    study: Study, source: TableSource, place: tuple[str, str], column: str
) -> Iterator[Problem]:
    sheet = read_sheet(
        study.raw / place[0],
        sheet=place[1] or None,
        heading_lines=source.heading_lines,
        encoding=source.encoding,
        delimiter=source.delimiter,
    )
    declared = (*source.columns.values(), *source.drop, *source.pseudonymise, *source.keep)
    for number, heading in enumerate(as_declared(sheet.headings, declared)):
        if heading and heading not in declared:
            cells = sheet.rows.column(number + 1).tolist()
            if found := missed(heading, cells):
                why = f"is not used, and holds {found[0]!r}: {counted(len(found), 'row')} of "
                why += f"{len(cells)} that did not take place {_effect(source, column)}"
                yield Problem(why, fix=_fix(source, column, heading), file=place[0],
                              sheet=place[1], column=heading)  # fmt: skip


def _effect(source: TableSource, column: str) -> str:
    if column in source.columns:
        return f"count by what {source.columns[column]!r} says of them"
    return "count as if they had"


def _fix(source: TableSource, column: str, heading: str) -> str:
    if not column:
        return "take the rows out of the file, or correct the column"
    if column in source.columns:
        return f"see which of the two columns says what took place, and map it as {column}:"
    return f"map it under columns: in study.yaml: {column}: {heading!r}"
