"""One file or sheet that holds a part of a table: which lines and columns of it are records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from lmm.cleaning.dates import with_epoch
from lmm.cleaning.distinct import each
from lmm.cleaning.headings import as_declared, heading_problems, without_heading
from lmm.cleaning.identifiers import identifying
from lmm.cleaning.layout import DECLARED, FOOTER, LONGEST_FOOTER, NOT_KEPT, footer, named_columns
from lmm.cleaning.ledger import LEFT_OUT
from lmm.cleaning.lines import Lines
from lmm.cleaning.sources import Sheet, check_file, read_sheet
from lmm.study.labels import fold
from lmm.study.problems import Problem, StudyError
from lmm.study.source import ROW_NUMBER, TableSource
from lmm.study.study import Study
from lmm.study.table import Column

Encode = Callable[["pd.Series[str]"], "pd.Series[str]"]
"""Gives the pseudonyms of a column of cells that identify people."""


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
    check_file(path, study.folder, of_records=True)
    sheet = read_sheet(
        path,
        sheet=place[1] or None,
        heading_lines=source.heading_lines,
        encoding=source.encoding,
        delimiter=source.delimiter,
    )
    left_out = _no_records(study, source, sheet)
    rows = sheet.rows.without(left_out)
    wanted = {c: title for c, title in source.columns.items() if title != ROW_NUMBER}
    declared = (*wanted.values(), *source.drop, *source.keep, *source.not_identifying)
    headings = as_declared(named_columns(sheet.headings, rows), declared)
    sheet = replace(sheet, headings=headings, rows=rows)
    sought = wanted | {f"keep: {title}": title for title in source.keep}
    problems = heading_problems(sheet, source, place, sought) or _ragged(sheet, place)
    if problems := problems or without_heading(sheet, source, place):
        raise StudyError(*problems)
    found = _columns(sheet, source, place, encode)
    left_out |= _not_kept(rows, found, source)
    if sheet.epoch != 1900:
        for title in (title for c, title in wanted.items() if columns[c].kind == "date"):
            found[title] = each(found[title], lambda cell: with_epoch(cell, sheet.epoch))
    frame = pd.DataFrame(
        {column: found[wanted[column]] if column in wanted else "" for column in columns},
        index=rows.frame.index,
        dtype="str",
    )
    every = frame.reindex(frame.index.union([*left_out]), fill_value="") if left_out else frame
    return every.assign(**{LEFT_OUT: _reasons(left_out, every.index)})


def _reasons(left_out: Mapping[int, str], lines: pd.Index[int]) -> pd.Series[str]:
    reasons = pd.Series(left_out, dtype="str")
    return reasons.reindex(lines, fill_value="")


def _no_records(study: Study, source: TableSource, sheet: Sheet) -> dict[int, str]:
    """Say of lines below the headings why they are no records; of sums, cleaning does."""
    width, totals = len(sheet.headings), set(map(fold, study.total_row))
    rows = sheet.rows.only(slice(-LONGEST_FOOTER, None))
    left_out = {
        line: FOOTER
        for line in footer(sheet.rows, width)
        if len(rows[line]) < width or fold(next(filter(None, rows[line]))) not in totals
    }
    return left_out | {line: DECLARED for line in source.skip_lines if line in sheet.rows}


def _columns(
    sheet: Sheet, source: TableSource, place: tuple[str, str], encode: Encode
) -> dict[str, pd.Series[str]]:
    """Give the cells of each column by its heading, but for those that are dropped.

    What is to be pseudonymised goes no further than this.

    Raises
    ------
    StudyError
        Naming each of them that looks like a direct identifier.
    """
    pairs = [(title, sheet.rows.frame[n]) for n, title in enumerate(sheet.headings)]
    secret = {*source.drop, *source.pseudonymise}
    kept = [(title, column) for title, column in pairs if title not in secret]
    if found_identifying := identifying(
        kept, file=place[0], sheet=place[1], not_identifying=source.not_identifying
    ):
        raise StudyError(*found_identifying)
    coded = {title: encode(column) for title, column in pairs if title in source.pseudonymise}
    return dict(kept) | coded


def _not_kept(
    rows: Lines, found: Mapping[str, pd.Series[str]], source: TableSource
) -> dict[int, str]:
    """Say of each row that `keep:` leaves out what stands in it; empty rows are no records."""
    reasons: dict[int, str] = {}
    for title, accepted in source.keep.items():
        is_other = ~each(found[title], fold).isin(set(map(fold, accepted)))
        others = found[title][is_other & (rows.frame != "").any(axis=1)]
        why = f"{NOT_KEPT}{title} is " + each(others, repr)
        reasons = dict(zip(others.index.tolist(), why.tolist(), strict=True)) | reasons
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
        for line, cells in sheet.rows.odd.items()
        if cells
    ]
