"""Files as they come -> rows of text: delimited text, Excel and OpenDocument, Parquet.

Nothing is interpreted but the types that a workbook or a Parquet file has for its cells:
dates are written year-month-day, whole numbers without a decimal point.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmm.study import Problem, StudyError

TEXT = {".csv": ",", ".tsv": "\t", ".txt": ","}
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
PARQUET = (".parquet",)
ENDINGS = (*TEXT, *WORKBOOKS, *PARQUET)

LARGEST = 200_000_000
"""Bytes that a file may have; records of a service are far smaller."""

UNPACKED = 1_000_000_000
"""Bytes that a workbook, which is a zip archive, may unpack to."""

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""First bytes of old and of encrypted Office files."""


@dataclass(frozen=True)
class Sheet:
    """One table as it stands in a file.

    Attributes
    ----------
    headings
        Cells of the heading line, without spaces around them.
    rows
        Cells by number of the line on which the row starts, counted from 1.
    """

    headings: list[str]
    rows: dict[int, list[str]]
    lines_above: dict[int, list[str]]


def refuse(why: str, path: Path, *, fix: str = "", sheet: str = "", line: int = 0) -> StudyError:
    """Word why a file cannot be read."""
    return StudyError(Problem(why, file=path.name, sheet=sheet, line=line, fix=fix))


def check_file(path: Path, home: Path) -> None:
    """Refuse what is no ordinary file of reasonable size within a folder.

    Raises
    ------
    StudyError
        Naming the file.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise refuse(f"there is no such file in {path.parent}", path) from None
    except (OSError, ValueError) as error:
        raise refuse(f"cannot be opened: {error}", path) from None
    if not path.resolve().is_relative_to(home.resolve()):
        raise refuse("is a link that leads out of the study's folder", path, fix="copy the file")
    if not stat.S_ISREG(found.st_mode):
        raise refuse("cannot be opened: it is no ordinary file", path)
    if found.st_size > LARGEST:
        size = f"{found.st_size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB"
        raise refuse(f"has {size} that a file may have", path, fix="split it, or name fewer rows")


def read_sheet(
    path: Path,
    *,
    sheet: str | None = None,
    heading_line: int = 1,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Sheet:
    """Read one table of a file as text.

    Parameters
    ----------
    sheet
        Of a workbook; may be left out where only one sheet holds anything.
    heading_line
        The line with the headings; what stands above is no record.

    Raises
    ------
    StudyError
        If the file is not what its name says, or what stands in it cannot be read for certain.
    """
    ending = path.suffix.lower()
    if ending in WORKBOOKS:
        lines = _workbook(path, sheet, heading_line)
    elif ending in PARQUET:
        lines = _parquet(path)
    elif ending in TEXT:
        lines = _delimited(path, encoding, delimiter)
    else:
        raise refuse(f"is of no kind that is read: {', '.join(ENDINGS)}", path)
    above = {line: cells for line, cells in lines.items() if line < heading_line}
    if heading_line not in lines:
        what = "the file is empty" if not lines else f"there is no line {heading_line}"
        raise refuse(f"{what}; a line of headings is needed", path, sheet=sheet or "")
    headings = [title.strip() for title in lines[heading_line]]
    rows = {line: cells for line, cells in lines.items() if line > heading_line}
    return Sheet(headings, rows, above)


def sheet_names(path: Path) -> tuple[str, ...]:
    """Name the sheets of a workbook that hold anything; none for other files.

    Raises
    ------
    StudyError
        If the workbook cannot be opened.
    """
    if path.suffix.lower() not in WORKBOOKS:
        return ()
    book = _open(path)
    return tuple(name for name in _worksheets(book) if _filled(book, name))


# --- delimited text ----------------------------------------------------------------------


def _delimited(path: Path, encoding: str, delimiter: str) -> dict[int, list[str]]:
    text = _decoded(path, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    lines: dict[int, list[str]] = {}
    start = 1
    try:
        for cells in reader:
            lines[start] = cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise refuse(f"not readable as CSV: {error}", path, line=reader.line_num) from None
    if not lines:
        raise refuse("the file is empty; its first line should be the headings", path)
    return lines


def _decoded(path: Path, encoding: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be opened: {error.strerror}", path) from None
    if content[:4] == b"PK\x03\x04" or content[:8] == OLE:
        raise refuse("is a workbook or an archive, not text", path, fix="let its name say so")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") and encoding != "utf-16":
        raise refuse(f"is not {encoding} but UTF-16 text", path, fix="set encoding: utf-16")
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refuse(
            f"byte {content[error.start]:#04x} is not {encoding} text",
            path,
            line=line,
            fix="name the file's encoding in study.yaml (utf-8 or cp1252)",
        ) from None
    except UnicodeError as error:
        raise refuse(f"is not {encoding} text: {error}", path) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise refuse("holds a NUL character, as no text does", path, line=line)
    return text


# --- workbooks ---------------------------------------------------------------------------


def _open(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415

    with path.open("rb") as file:
        head = file.read(8)
    locked = "is protected by a password"
    if head == OLE and path.suffix.lower() != ".xls":
        raise refuse(f"{locked}, or is an old .xls file", path, fix="save it as a plain .xlsx")
    if head[:4] == b"PK\x03\x04":
        _check_archive(path)
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise refuse(locked, path, fix="save it without one") from None
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
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise refuse("is an archive that holds no workbook", path, fix="unpack it")
    if sum(part.file_size for part in parts) > UNPACKED:
        raise refuse(f"unpacks to more than {UNPACKED / 1e6:.0f} MB", path)


def _worksheets(book: Any) -> list[str]:
    return [each.name for each in book.sheets_metadata if str(each.typ).endswith("WorkSheet")]


def _filled(book: Any, name: str) -> bool:
    rows = book.get_sheet_by_name(name).iter_rows()
    return any(cell not in ("", None) for row in rows for cell in row)


def _workbook(path: Path, sheet: str | None, heading_line: int) -> dict[int, list[str]]:
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
    _refuse_broken(path, sheet, cells, heading_line)
    lines = {n: [_text(cell) for cell in row] for n, row in enumerate(cells, 1)}
    while lines and not any(next(reversed(lines.values()))):
        lines.popitem()
    if not lines:
        raise refuse("the sheet is empty; a line of headings is needed", path, sheet=sheet)
    return _without_empty_columns(lines)


def _without_empty_columns(lines: dict[int, list[str]]) -> dict[int, list[str]]:
    """Leave out columns in which nothing stands."""
    width = max(map(len, lines.values()))
    rows = [[*cells, *[""] * (width - len(cells))] for cells in lines.values()]
    kept = [n for n in range(width) if any(cells[n] for cells in rows)]
    return {line: [cells[n] for n in kept] for line, cells in zip(lines, rows, strict=True)}


def _refuse_merged(path: Path, sheet: str, table: Any, heading_line: int) -> None:
    for (top, left), (bottom, right) in table.merged_cell_ranges or ():
        if bottom + 1 >= heading_line:
            place = f"{_letter(left)}{top + 1}:{_letter(right)}{bottom + 1}"
            what = "headings" if top + 1 <= heading_line else "cells"
            raise refuse(
                f"the {what} {place} are merged, so that it is not certain what belongs where",
                path,
                sheet=sheet,
                line=top + 1,
                fix="unmerge them in the workbook and fill each cell",
            )


def _refuse_broken(path: Path, sheet: str, cells: list[list[Any]], heading_line: int) -> None:
    """Refuse errors such as #REF! and formulas without a saved value: they read as empty."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return
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


def _letter(column: int) -> str:
    """Name a column as spreadsheets do, from 0 for A."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _text(cell: Any) -> str:
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


# --- Parquet -----------------------------------------------------------------------------


def _parquet(path: Path) -> dict[int, list[str]]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        why = str(error).splitlines()[0]
        raise refuse(f"is cut off or no Parquet file ({why})", path) from None
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    if nested:
        raise refuse(f"the column {nested[0]!r} holds lists or records, not cells", path)
    columns: Iterable[list[Any]] = [column.to_pylist() for column in table.columns]
    rows = enumerate(zip(*columns, strict=True), 2)
    return {1: list(table.column_names)} | {n: [_text(cell) for cell in row] for n, row in rows}
