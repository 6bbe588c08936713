"""One file or sheet that holds a part of a table: which lines and columns of it are records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from lmm.cleaning.dates import with_epoch
from lmm.cleaning.headings import as_declared, heading_problems, without_heading
from lmm.cleaning.identifiers import identifying
from lmm.cleaning.layout import DECLARED, FOOTER, NOT_KEPT, footer, named_columns
from lmm.cleaning.ledger import LEFT_OUT
from lmm.cleaning.sources import Sheet, check_file, read_sheet
from lmm.study.labels import fold
from lmm.study.problems import Problem, StudyError
from lmm.study.source import ROW_NUMBER, TableSource
from lmm.study.study import Study
from lmm.study.table import Column

Encode = Callable[[Sequence[str]], list[str]]
"""Gives the pseudonyms of cells that identify people."""


def read_part(
    study: Study,
    source: TableSource,
    place: tuple[str, str],
    columns: Mapping[str, Column],
    encode: Encode,
) -> pd.DataFrame:
    """Read one part of a table.

    Parameters
    ----------
    place
        File and sheet; no sheet ("") where none is named.
    columns
        The table's columns by name; one that the source lacks is blank.
    encode
        Gives the pseudonyms of cells.

    Returns
    -------
    pandas.DataFrame
        Text by line of the file, and the column `LEFT_OUT`.

    Raises
    ------
    StudyError
        Naming what cannot be read for certain, is missing, or looks like a direct identifier.
    """
    path = study.raw / place[0]
    check_file(path, study.folder)
    sheet = read_sheet(
        path,
        sheet=place[1] or None,
        heading_lines=source.heading_lines,
        encoding=source.encoding,
        delimiter=source.delimiter,
    )
    left_out = _no_records(study, source, sheet)
    rows = {line: cells for line, cells in sheet.rows.items() if line not in left_out}
    wanted = {c: title for c, title in source.columns.items() if title != ROW_NUMBER}
    declared = (*wanted.values(), *source.drop, *source.keep, *source.not_identifying)
    headings = as_declared(named_columns(sheet.headings, rows.values()), declared)
    sheet = replace(sheet, headings=headings, rows=rows)
    sought = wanted | {f"keep: {title}": title for title in source.keep}
    problems = heading_problems(sheet, source, place, sought) or _ragged(sheet, place)
    if problems := problems or without_heading(sheet, source, place):
        raise StudyError(*problems)
    found = _columns(sheet, source, place, encode)
    left_out |= _not_kept(rows, found, source)
    for column, title in wanted.items():
        if columns[column].kind == "date":
            found[title] = [with_epoch(cell, sheet.epoch) for cell in found[title]]
    blank = [""] * len(rows)
    frame = pd.DataFrame(
        {column: found[wanted[column]] if column in wanted else blank for column in columns},
        index=list(rows),
        dtype="str",
    )
    every = frame.reindex(sorted({*rows, *left_out}), fill_value="")
    return every.assign(**{LEFT_OUT: [left_out.get(line, "") for line in every.index]})


def _no_records(study: Study, source: TableSource, sheet: Sheet) -> dict[int, str]:
    """Say of lines below the headings why they are no records; of sums, cleaning does."""
    width, totals = len(sheet.headings), set(map(fold, study.total_row))
    left_out = {
        line: FOOTER
        for line in footer(sheet.rows, width)
        if len(sheet.rows[line]) < width or fold(next(filter(None, sheet.rows[line]))) not in totals
    }
    return left_out | {line: DECLARED for line in source.skip_lines if line in sheet.rows}


def _columns(
    sheet: Sheet, source: TableSource, place: tuple[str, str], encode: Encode
) -> dict[str, list[str]]:
    """Give the cells of each column by its heading, but for those that are dropped.

    What is to be pseudonymised goes no further than this.

    Raises
    ------
    StudyError
        Naming each of them that looks like a direct identifier.
    """
    width = len(sheet.headings)
    cells = [row or [""] * width for row in sheet.rows.values()]
    by_column = list(zip(*cells, strict=True)) if cells else [()] * width
    pairs = list(zip(sheet.headings, map(list, by_column), strict=True))
    secret = {*source.drop, *source.pseudonymise}
    kept = [(title, column) for title, column in pairs if title not in secret]
    if found_identifying := identifying(
        kept, file=place[0], sheet=place[1], not_identifying=source.not_identifying
    ):
        raise StudyError(*found_identifying)
    coded = {title: encode(column) for title, column in pairs if title in source.pseudonymise}
    return dict(kept) | coded


def _not_kept(
    rows: Mapping[int, Sequence[str]], found: Mapping[str, list[str]], source: TableSource
) -> dict[int, str]:
    """Say of each row that `keep:` leaves out what stands in it; empty rows are no records."""
    reasons: dict[int, str] = {}
    for title, accepted in source.keep.items():
        meant = set(map(fold, accepted))
        for (line, row), cell in zip(rows.items(), found[title], strict=True):
            if any(row) and fold(cell) not in meant:
                reasons.setdefault(line, f"{NOT_KEPT}{title} is {cell!r}")
    return reasons


def _ragged(sheet: Sheet, place: tuple[str, str]) -> list[str]:
    width = len(sheet.headings)
    return [
        Problem(
            f"{len(cells)} cells where the heading has {width}",
            file=place[0],
            sheet=place[1],
            line=line,
            fix="look for a missing quotation mark or a cut-off line",
        )
        for line, cells in sheet.rows.items()
        if cells and len(cells) != width
    ]
