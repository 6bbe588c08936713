"""Files as they come -> rows of text: delimited text, Excel, Parquet.

Nothing is interpreted but the types that a workbook or a Parquet file has for its cells:
dates are written year-month-day, whole numbers without a decimal point.
"""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmm.cleaning.workbooks import OLE, OTHER_WORKBOOKS, WORKBOOKS, read_workbook, text_of
from lmm.problems import refuse

TEXT = {".csv": ",", ".tsv": "\t", ".txt": ","}
PARQUET = (".parquet",)
ENDINGS = (*TEXT, *WORKBOOKS, *PARQUET)

LARGEST = 200_000_000
"""Bytes that a file may have; records of a service are far smaller."""


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
        lines = read_workbook(path, sheet, heading_line)
    elif ending in PARQUET:
        lines = _parquet(path)
    elif ending in TEXT:
        lines = _delimited(path, encoding, delimiter)
    elif ending in OTHER_WORKBOOKS:
        what = f"is an {ending} workbook, in which errors and merged cells go unseen"
        raise refuse(what, path, fix="open it and save it as .xlsx")
    else:
        raise refuse(f"is of no kind that is read: {', '.join(ENDINGS)}", path)
    above = {line: cells for line, cells in lines.items() if line < heading_line}
    if heading_line not in lines:
        what = "the file is empty" if not lines else f"there is no line {heading_line}"
        raise refuse(f"{what}; a line of headings is needed", path, sheet=sheet or "")
    headings = [title.strip() for title in lines[heading_line]]
    rows = {line: cells for line, cells in lines.items() if line > heading_line}
    return Sheet(headings, rows, above)


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
    return {1: list(table.column_names)} | {n: [text_of(cell) for cell in row] for n, row in rows}
