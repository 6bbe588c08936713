"""The only reader of tables: raw files as text, clean tables as typed frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from lmm.cleaning.contract import check_study, tables_of, typed
from lmm.cleaning.headings import as_declared, heading_problems, without_heading
from lmm.cleaning.identifiers import identifying
from lmm.cleaning.layout import DECLARED, FOOTER, NOT_KEPT, footer, named_columns
from lmm.cleaning.ledger import LEFT_OUT
from lmm.cleaning.records import Records
from lmm.cleaning.save import RECORDS_COLUMN, unguarded
from lmm.cleaning.sources import Sheet, check_file, read_sheet
from lmm.declared import LINES_A_PART, ROW_NUMBER, TableSource
from lmm.parameters import Parameters
from lmm.problems import Problem, StudyError
from lmm.study import Study, fold, read_study


def read_raw(study: Study) -> dict[str, pd.DataFrame]:
    """Read every raw table as text.

    Returns
    -------
    dict
        By table name, a frame of strings whose columns are the contract's and whose index,
        ``line``, numbers the rows by their line (see `lmm.study.LINES_A_PART`). A table that
        the service does not keep is empty, and so is a column that it does not keep. Where
        rows of a table are no records, a column more, `LEFT_OUT`, gives the reason.

    Raises
    ------
    StudyError
        With one line for each file that cannot be read, each heading that is missing, and
        each column that looks like a direct identifier.
    """
    frames, problems = read_all(study)
    if problems:
        raise StudyError(*problems)
    return frames


def read_all(study: Study) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read what can be read; give the frames, and the problems of the others.

    Raises
    ------
    StudyError
        If ``study.yaml`` does not fit the contract.
    """
    check_study(study)
    frames: dict[str, pd.DataFrame] = {}
    problems: list[str] = []
    for name, table in tables_of(study).items():
        empty = pd.DataFrame(columns=list(table.columns), dtype="str", index=_lines([]))
        if not study.keeps(name):
            frames[name] = empty
            continue
        try:
            parts = _parts(study, study.sources[name], list(table.columns))
        except StudyError as error:
            problems += error.problems
        else:
            frames[name] = _joined(parts) if parts else empty
    return frames, list(dict.fromkeys(problems))


def _lines(numbers: Iterable[int]) -> pd.Index[int]:
    return pd.Index(list(numbers), name="line", dtype="int64")


def _parts(study: Study, source: TableSource, columns: list[str]) -> list[pd.DataFrame]:
    """Read each part of a table; the problems of all of them are named at once."""
    if source.rows:
        cells = [[_plain(row.get(name)) for name in columns] for row in source.rows]
        lines = _lines(range(1, len(cells) + 1))
        return [pd.DataFrame(cells, columns=columns, index=lines, dtype="str")]
    parts: list[pd.DataFrame] = []
    problems: list[str] = []
    for number, place in enumerate(source.parts):
        try:
            part = _read(study, source, place, columns)
        except StudyError as error:
            problems += error.problems
        else:
            parts.append(part.set_axis(_lines(part.index + number * LINES_A_PART), axis=0))
    if problems:
        raise StudyError(*problems)
    if source.fixed or ROW_NUMBER in source.columns.values():
        parts = [_completed(part, source) for part in parts]
    return parts


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of a table together; why rows are left out stays where any are."""
    whole = pd.concat(parts)
    some = LEFT_OUT in whole and bool(whole[LEFT_OUT].any())
    return whole if some else whole.drop(columns=LEFT_OUT, errors="ignore")


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell)


def _completed(part: pd.DataFrame, source: TableSource) -> pd.DataFrame:
    """Fill the columns that have one value throughout, or number the rows."""
    numbered = [name for name, heading in source.columns.items() if heading == ROW_NUMBER]
    return part.assign(
        **{str(name): value for name, value in source.fixed.items()},
        **{name: part.index.astype("str") for name in numbered},
    )


def _read(
    study: Study, source: TableSource, place: tuple[str, str], columns: list[str]
) -> pd.DataFrame:
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
    found = _columns(sheet, source, place)
    left_out |= _not_kept(rows, found, source)
    blank = [""] * len(rows)
    frame = pd.DataFrame(
        {column: found[wanted[column]] if column in wanted else blank for column in columns},
        index=_lines(rows),
        dtype="str",
    )
    every = frame.reindex(_lines(sorted({*rows, *left_out})), fill_value="")
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


def _columns(sheet: Sheet, source: TableSource, place: tuple[str, str]) -> dict[str, list[str]]:
    """Give the cells of each column by its heading, but for those that are dropped.

    Raises
    ------
    StudyError
        Naming each of them that looks like a direct identifier.
    """
    width = len(sheet.headings)
    cells = [row or [""] * width for row in sheet.rows.values()]
    by_column = list(zip(*cells, strict=True)) if cells else [()] * width
    kept = [
        (title, list(column))
        for title, column in zip(sheet.headings, by_column, strict=True)
        if title not in source.drop
    ]
    if found_identifying := identifying(
        kept, file=place[0], sheet=place[1], not_identifying=source.not_identifying
    ):
        raise StudyError(*found_identifying)
    return dict(kept)


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


def load_records(period_start: str, period_end: str, event_date: str, confidence: float) -> Records:
    """Load the clean tables of the enclosing study, cut to the period of the parameters.

    The parameters are those of the notebooks' parameters cell; see `Parameters`.

    Raises
    ------
    StudyError
        If a parameter is wrong, a clean table is missing, or records that are declared
        synthetic and records that are declared real are mixed.
    """
    study = read_study()
    given = {
        "period_start": period_start,
        "period_end": period_end,
        "event_date": event_date,
        "confidence": confidence,
    }
    return Records.within(read_clean(study), study, Parameters.of(study, given))


def read_clean(study: Study) -> dict[str, pd.DataFrame]:
    """Read the tables that the cleaning step wrote, with the contract's types."""
    return {name: _read_clean(study, name) for name in tables_of(study)}


def _read_clean(study: Study, name: str) -> pd.DataFrame:
    path = study.processed / f"{name}.csv"
    if not path.is_file():
        raise StudyError(f"{path.name}: there is no clean table yet; `lmm run` makes it")
    text = pd.read_csv(path, dtype="str", keep_default_na=False).map(unguarded)
    if RECORDS_COLUMN not in text:
        raise StudyError(f"{path.name}: the column {RECORDS_COLUMN!r} is gone; `lmm run` writes it")
    kinds = set(text.pop(RECORDS_COLUMN))
    if not kinds <= {study.records.value}:
        raise StudyError(
            f"{path.name}: holds {' and '.join(sorted(kinds))} records, "
            f"but study.yaml declares {study.records.value} ones"
        )
    return typed(text, tables_of(study)[name].columns)
