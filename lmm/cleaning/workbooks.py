"""Excel workbooks -> rows of text; what cannot be read for certain is refused.

Errors such as #REF! and formulas that were never calculated read as empty cells, merged cells
as one that is filled, and long numbers without their last digits. All are refused, which can
only be done for .xlsx and .xlsm.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lmm.cleaning.book_xml import Book, damage_told, open_book
from lmm.cleaning.sheet_xml import Range, SheetFacts, cell_name, facts
from lmm.study.problems import Problem, StudyError, refuse

WORKBOOKS = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods")

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of old and of encrypted Office files."""

CERTAIN = 10**15
"""A workbook keeps fifteen digits of a number; from here on the last ones are lost."""

Lines = dict[int, list[Any]]


def sheet_names(path: Path) -> tuple[str, ...]:
    """Name the sheets of a workbook that hold anything.

    Raises
    ------
    StudyError
        If the workbook cannot be opened.
    """
    _check_kind(path)
    book = open_book(path)
    return tuple(name for name in book.sheets if facts(book, name).filled)


def read_workbook(
    path: Path, sheet: str | None, heading_line: int
) -> tuple[dict[int, list[str]], int]:
    """Read one sheet.

    Returns
    -------
    tuple
        Cells by number of the line, counted from 1, and the year from which the workbook counts
        days: 1904, or else 1900.

    Raises
    ------
    StudyError
        If the sheet is not certain, or what stands in it cannot be read for certain.
    """
    _check_kind(path)
    book = open_book(path)
    listed = ", ".join(map(repr, book.sheets))
    if sheet is None:
        filled = [name for name in book.sheets if facts(book, name).filled]
        if len(filled) != 1:
            what = "several sheets" if filled else "nothing"
            raise refuse(f"holds {what}: {listed}", path, fix="name one as sheet: in study.yaml")
        sheet = filled[0]
    if sheet not in book.sheets:
        raise refuse(f"has no sheet {sheet!r}", path, fix=f"there are {listed or 'none'}")
    found = facts(book, sheet)
    lines = _cells(book, sheet)
    if not lines:
        fix = "its first line should be the headings"
        raise refuse("the sheet is empty", path, sheet=sheet, fix=fix)
    if problems := _uncertain(path, sheet, heading_line, found, lines):
        raise StudyError(*problems)
    texts = {line: [text_of(cell) for cell in cells] for line, cells in lines.items()}
    return _without_empty_columns(texts), book.epoch


def _check_kind(path: Path) -> None:
    """Refuse what is no workbook of the kind that is read."""
    with path.open("rb") as file:
        head = file.read(8)
    if head == OLE:
        what = "is protected by a password, or is an old .xls workbook"
        raise refuse(what, path, fix="save it as an .xlsx without a password")
    if head[:2] != b"PK":
        fix = "open it in Excel and save it as .xlsx, or name it as what it is"
        raise refuse("is not a workbook, whatever its name says", path, fix=fix)


def _cells(book: Book, sheet: str) -> Lines:
    """Read the typed cells of a sheet down to the last line in which something stands."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    with damage_told(book.path, sheet):
        table = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_name(sheet)
        lines: Lines = dict(enumerate(table.to_python(skip_empty_area=False), 1))
    while lines and not _filled(next(reversed(lines.values()))):
        lines.popitem()
    return lines


def _filled(cells: Iterable[Any]) -> int:
    return sum(cell not in ("", None) for cell in cells)


def _without_empty_columns(lines: dict[int, list[str]]) -> dict[int, list[str]]:
    """Leave out columns in which nothing stands."""
    width = max(map(len, lines.values()))
    rows = [[*cells, *[""] * (width - len(cells))] for cells in lines.values()]
    kept = [n for n in range(width) if any(cells[n] for cells in rows)]
    return {line: [cells[n] for n in kept] for line, cells in zip(lines, rows, strict=True)}


# --- what is not certain -----------------------------------------------------------------


def _uncertain(
    path: Path, sheet: str, heading_line: int, found: SheetFacts, lines: Lines
) -> list[Problem]:
    """Name what stands in the headings or the records and cannot be read for certain."""
    where: dict[str, Any] = {"file": path.name, "sheet": sheet}
    problems = []
    merged = [r for r in found.merged if r[3] >= heading_line and _matters(r, lines)]
    for what, ranges in (
        ("headings", [r for r in merged if r[1] <= heading_line]),
        ("cells", [r for r in merged if r[1] > heading_line]),
    ):
        if ranges:
            named = _some(f"{cell_name(r[1], r[0])}:{cell_name(r[3], r[2])}" for r in ranges)
            why = f"the {what} {named} are merged, so that it is not certain what belongs where"
            fix = "unmerge them in the workbook and fill each cell"
            problems.append(Problem(why, line=ranges[0][1], fix=fix, **where))
    groups: dict[tuple[int, str], list[int]] = {}
    for line, column, what in (*found.broken, *_long_numbers(lines)):
        if line >= heading_line:
            groups.setdefault((column, what), []).append(line)
    for (column, what), at in groups.items():
        also = f" (also {_some(cell_name(n, column) for n in at[1:])})" if at[1:] else ""
        why = f"cell {cell_name(at[0], column)} {what}{also}"
        fix = TYPE_ANEW if what == LONG else "open the workbook, mend the cell, and save it"
        problems.append(Problem(why, line=at[0], fix=fix, **where))
    return problems


LONG = "holds a number of more than 15 digits, of which a workbook keeps no more"
TYPE_ANEW = "format the column as text and enter the numbers once more"


def _long_numbers(lines: Lines) -> Iterable[tuple[int, int, str]]:
    for line, cells in lines.items():
        for column, cell in enumerate(cells, 1):
            if isinstance(cell, int | float) and abs(cell) >= CERTAIN:
                yield line, column, LONG


def _matters(merged: Range, lines: Lines) -> bool:
    """Whether a merged range is among the records, and no title that has its lines to itself."""
    left, top, right, bottom = merged
    rows = [lines[line] for line in range(top, min(bottom, len(lines)) + 1)]
    others = any(_filled([*row[: left - 1], *row[right:]]) for row in rows)
    return any(left <= len(row) for row in rows) and (left == right or others)


def _some(names: Iterable[str]) -> str:
    """List a few names, and say how many more there are."""
    every, most = list(names), 5
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more


def text_of(cell: Any) -> str:
    """Write a typed cell as text."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < CERTAIN:
            return str(int(cell))
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else str(cell)[:16]
        case dt.date():
            return cell.isoformat()
        case _:
            return str(cell)
