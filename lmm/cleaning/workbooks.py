"""Excel workbooks -> rows of text; what cannot be read for certain is refused.

Errors such as #REF! and formulas that were never calculated read as empty cells, and merged
cells as one that is filled. Both are refused, which can only be done for .xlsx and .xlsm.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

from lmm.problems import Problem, StudyError, refuse

WORKBOOKS = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods")

UNPACKED = 1_000_000_000
"""Bytes that a workbook, which is a zip archive, may unpack to."""

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of old and of encrypted Office files."""


def sheet_names(path: Path) -> tuple[str, ...]:
    """Name the sheets of a workbook that hold anything.

    Raises
    ------
    StudyError
        If the workbook cannot be opened.
    """
    book = _open(path)
    return tuple(name for name in _worksheets(book) if _filled(book, name))


def read_workbook(path: Path, sheet: str | None, heading_line: int) -> dict[int, list[str]]:
    """Read one sheet: cells by number of the line, counted from 1.

    Raises
    ------
    StudyError
        If the sheet is not certain, or what stands in it cannot be read for certain.
    """
    book = _open(path)
    names = _worksheets(book)
    listed = ", ".join(repr(name) for name in names)
    if sheet is None:
        filled = [name for name in names if _filled(book, name)]
        if len(filled) != 1:
            what = "several sheets" if filled else "nothing"
            raise refuse(f"holds {what}: {listed}", path, fix="name one as sheet: in study.yaml")
        sheet = filled[0]
    if sheet not in names:
        raise refuse(f"has no sheet {sheet!r}; there are {listed or 'none'}", path)
    table = book.get_sheet_by_name(sheet)
    _refuse_merged(path, sheet, table, heading_line)
    cells = table.to_python(skip_empty_area=False)
    _refuse_broken(path, sheet, heading_line)
    lines = {n: [text_of(cell) for cell in row] for n, row in enumerate(cells, 1)}
    while lines and not any(next(reversed(lines.values()))):
        lines.popitem()
    if not lines:
        raise refuse("the sheet is empty; a line of headings is needed", path, sheet=sheet)
    return _without_empty_columns(lines)


def _open(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    with path.open("rb") as file:
        head = file.read(8)
    if head == OLE:
        what = "is protected by a password, or is an old .xls workbook"
        raise refuse(what, path, fix="save it as an .xlsx without a password")
    if head[:2] == b"PK":
        _check_archive(path)
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError) as error:
        what = "cut off or no workbook" if head[:2] == b"PK" else "not a workbook"
        fix = "open it in Excel and save it as .xlsx, or name it as what it is"
        raise refuse(f"is {what}, whatever its name says ({error})", path, fix=fix) from None


def _check_archive(path: Path) -> None:
    """Refuse an archive that is no workbook, or that unpacks to far more than it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return  # calamine words it
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise refuse("is an archive that holds no workbook", path, fix="unpack it")
    if sum(part.file_size for part in parts) > UNPACKED:
        raise refuse(f"unpacks to more than {UNPACKED / 1e6:.0f} MB", path)


def _worksheets(book: Any) -> list[str]:
    return [each.name for each in book.sheets_metadata if str(each.typ).endswith("WorkSheet")]


def _filled(book: Any, name: str) -> bool:
    rows = book.get_sheet_by_name(name).iter_rows()
    return any(cell not in ("", None) for row in rows for cell in row)


def _without_empty_columns(lines: dict[int, list[str]]) -> dict[int, list[str]]:
    """Leave out columns in which nothing stands."""
    width = max(map(len, lines.values()))
    rows = [[*cells, *[""] * (width - len(cells))] for cells in lines.values()]
    kept = [n for n in range(width) if any(cells[n] for cells in rows)]
    return {line: [cells[n] for n in kept] for line, cells in zip(lines, rows, strict=True)}


def _refuse_merged(path: Path, sheet: str, table: Any, heading_line: int) -> None:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    for (top, left), (bottom, right) in table.merged_cell_ranges or ():
        if bottom + 1 >= heading_line:
            first, last = get_column_letter(left + 1), get_column_letter(right + 1)
            place = f"{first}{top + 1}:{last}{bottom + 1}"
            what = "headings" if top + 1 <= heading_line else "cells"
            raise refuse(
                f"the {what} {place} are merged, so that it is not certain what belongs where",
                path,
                sheet=sheet,
                line=top + 1,
                fix="unmerge them in the workbook and fill each cell",
            )


def _refuse_broken(path: Path, sheet: str, heading_line: int) -> None:
    """Refuse errors such as #REF! and formulas without a saved value: they read as empty."""
    with zipfile.ZipFile(path) as archive:
        parts = [n for n in archive.namelist() if n.startswith("xl/worksheets/")]
        texts = [archive.read(name) for name in parts]
    if not any(b't="e"' in text or b"<f" in text for text in texts):
        return
    from openpyxl import load_workbook  # noqa: PLC0415

    values = load_workbook(path, data_only=True)[sheet]
    formulas = load_workbook(path)[sheet]
    problems = []
    for row in formulas.iter_rows(min_row=heading_line):
        for cell in row:
            value = values[cell.coordinate]
            if value.data_type == "e":
                what = f"holds the error {value.value}"
            elif cell.data_type == "f" and value.value is None:
                what = "holds a formula without a saved result"
            else:
                continue
            problems.append(
                Problem(
                    f"cell {cell.coordinate} {what}",
                    file=path.name,
                    sheet=sheet,
                    line=cell.row,
                    fix="open the workbook, mend the cell, and save it",
                )
            )
    if problems:
        raise StudyError(*problems)


def text_of(cell: Any) -> str:
    """Write a typed cell as text."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else str(cell)[:16]
        case dt.date():
            return cell.isoformat()
        case _:
            return str(cell)
