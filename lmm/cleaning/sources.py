"""Files as they come -> rows of text: delimited text, Excel, Parquet.

Nothing is interpreted but the types that a workbook or a Parquet file has for its cells:
dates are written year-month-day, whole numbers without a decimal point.
"""

from __future__ import annotations

import csv
import io
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lmm.cleaning import limits
from lmm.cleaning.layout import joined_headings
from lmm.cleaning.parquet import read_parquet
from lmm.cleaning.workbooks import OLE, OTHER_WORKBOOKS, WORKBOOKS, read_workbook
from lmm.study.problems import refuse

TEXT = {".csv": ",", ".tsv": "\t", ".txt": ","}
PARQUET = (".parquet",)
ENDINGS = (*TEXT, *WORKBOOKS, *PARQUET)

LARGEST = 200_000_000
"""Bytes that a file may have; records of a service are far smaller."""

LONGEST_HEADING = 1_000
"""Letters that a heading may have: what is longer is no heading."""


@dataclass(frozen=True)
class Sheet:
    """One table as it stands in a file.

    Attributes
    ----------
    headings
        Cells of the heading line, without spaces around them; of several lines, joined.
    rows
        Cells by number of the line on which the row starts, counted from 1.
    epoch
        Year from which a workbook counts days: 1904, or else 1900.
    """

    headings: list[str]
    rows: dict[int, list[str]]
    lines_above: dict[int, list[str]]
    epoch: int = 1900


def check_file(path: Path, home: Path) -> None:
    """Refuse what is no ordinary file of reasonable size within a folder.

    Raises
    ------
    StudyError
        Naming the file.
    """
    if path.name.startswith("~$"):
        fix = "close Excel, and leave this file out"
        raise refuse("is no workbook, but Excel's mark that one is open", path, fix=fix)
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            path.open("rb").close()
    except FileNotFoundError:
        what = f"there is no such file in {path.parent}"
        raise refuse(what, path, fix="put it there, or correct its name in study.yaml") from None
    except (OSError, ValueError) as error:
        why = f"cannot be opened: {getattr(error, 'strerror', error)}"
        raise refuse(why, path, fix="see who may read it, and where it lies") from None
    if not path.resolve().is_relative_to(home.resolve()):
        raise refuse("is a link that leads out of the study's folder", path, fix="copy the file")
    if not stat.S_ISREG(found.st_mode):
        raise refuse("cannot be opened: it is no ordinary file", path, fix="put a file there")
    if found.st_size > LARGEST:
        size = f"{found.st_size / 1e6:.0f} MB, more than the {LARGEST / 1e6:.0f} MB"
        raise refuse(f"has {size} that a file may have", path, fix="split it, or name fewer rows")


def read_sheet(
    path: Path,
    *,
    sheet: str | None = None,
    heading_lines: Sequence[int] = (1,),
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Sheet:
    """Read one table of a file as text.

    Parameters
    ----------
    sheet
        Of a workbook; may be left out where only one sheet holds anything.
    heading_lines
        The lines with the headings; what stands above the last of them is no record.

    Raises
    ------
    StudyError
        If the file is not what its name says, or what stands in it cannot be read for certain.
    """
    ending = path.suffix.lower()
    epoch = 1900
    if ending in WORKBOOKS:
        lines, epoch = read_workbook(path, sheet, heading_lines[-1])
    elif ending in PARQUET:
        lines = read_parquet(path)
    elif ending in TEXT:
        lines = _delimited(path, encoding, delimiter)
    elif ending in OTHER_WORKBOOKS:
        what = f"is an {ending} workbook, in which errors and merged cells go unseen"
        raise refuse(what, path, fix="open it and save it as .xlsx")
    else:
        what = f"is of no kind that is read: {', '.join(ENDINGS)}"
        raise refuse(what, path, fix="save it as one of these")
    above = {line: cells for line, cells in lines.items() if line < heading_lines[0]}
    rows = {line: cells for line, cells in lines.items() if line > heading_lines[-1]}
    return Sheet(_headings(path, sheet or "", lines, heading_lines), rows, above, epoch)


def _headings(
    path: Path, sheet: str, lines: Mapping[int, list[str]], numbers: Sequence[int]
) -> list[str]:
    """Give the headings, and refuse those that are not there or are none."""
    if missing := [number for number in numbers if number not in lines]:
        what = f"there is no line {missing[0]}, where the headings should be"
        raise refuse(what, path, sheet=sheet, fix="correct heading_line: in study.yaml")
    headings = joined_headings([lines[number] for number in numbers])
    if (longest := max(map(len, headings), default=0)) > LONGEST_HEADING:
        why = f"a heading has {longest:,} letters, more than {LONGEST_HEADING:,}"
        fix = "look for a quotation mark that is not closed, or shorten it"
        raise refuse(why, path, sheet=sheet, line=numbers[-1], fix=fix)
    return headings


# --- delimited text ----------------------------------------------------------------------


def _delimited(path: Path, encoding: str, delimiter: str) -> dict[int, list[str]]:
    text = _decoded(path, encoding)
    if len(text) > limits.MOST_LETTERS:
        raise limits.too_many_letters(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    lines: dict[int, list[str]] = {}
    start = 1
    number = 0
    try:
        for cells in reader:
            lines[start] = cells
            number += max(len(cells), 1)
            if number > limits.MOST_CELLS:
                what = f"has more than {limits.MOST_CELLS / 1e6:.0f} million cells"
                raise refuse(what, path, line=start, fix="keep the rows that are needed")
            start = reader.line_num + 1
    except csv.Error as error:
        raise refuse(f"not readable as CSV: {error}", path, line=reader.line_num) from None
    if not lines:
        raise refuse("the file is empty", path, fix="its first line should be the headings")
    return lines


def _decoded(path: Path, encoding: str) -> str:
    content = path.read_bytes()
    if content[:4] == b"PK\x03\x04" or content[:8] == OLE:
        raise refuse("is a workbook or an archive, not text", path, fix="let its name say so")
    _check_mark(path, content, encoding)
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        if encoding == "utf-16":
            raise refuse("is cut off, or no utf-16 text", path, line=line, fix=COPY) from None
        raise refuse(
            f"byte {content[error.start]:#04x} is not {encoding} text",
            path,
            line=line,
            fix="name the file's encoding in study.yaml (utf-8 or cp1252)",
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise refuse("holds a NUL character, as no text does", path, line=line)
    if encoding == "cp1252" and (twice := _UTF8.search(content)):
        _refuse_mixed(path, content, twice)
    return text


MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"\xef\xbb\xbf": "utf-8",
}
"""First bytes that say what a text is; the longer ones come first."""

COPY = "save it once more, as UTF-8, where it comes from"

_UTF8 = re.compile(rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xe2\x80[\x80-\xbf]")
"""Letters of UTF-8 that read as two or three in cp1252, and that no words there hold."""


def _check_mark(path: Path, content: bytes, encoding: str) -> None:
    """Refuse a text whose first bytes say that it is another than is declared."""
    found = next((name for mark, name in MARKS.items() if content.startswith(mark)), "")
    if found == "utf-32":
        raise refuse("is UTF-32 text, which is not read", path, fix=COPY)
    if found and found != encoding:
        what = f"is not {encoding} but {found.upper()} text"
        raise refuse(what, path, fix=f"set encoding: {found}")
    if encoding == "utf-16" and not found and content:
        what = "is not utf-16 text: it does not begin with its mark"
        raise refuse(what, path, fix=f"set encoding: utf-8, or {COPY}")


def _refuse_mixed(path: Path, content: bytes, found: re.Match[bytes]) -> None:
    """Refuse what is UTF-8, throughout or in places, and declared to be cp1252."""
    line = content[: found.start()].count(b"\n") + 1
    shown, meant = found[0].decode("cp1252", errors="replace"), found[0].decode()
    try:
        content.decode()
    except UnicodeDecodeError:
        why, fix = "is utf-8 in places and cp1252 in others", COPY
    else:
        why, fix = "is not cp1252 but UTF-8 text", "set encoding: utf-8"
    raise refuse(f"{why}: {meant!r} would be read as {shown!r}", path, line=line, fix=fix)
