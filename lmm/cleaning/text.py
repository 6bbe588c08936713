"""Delimited text -> rows: what is no text of the declared encoding is refused.

One strict reader says what a row is. Text in which no quotation mark stands and every row is as
wide as its headings is all lines and delimiters: of that a quicker reader makes the same.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from lmm.cleaning import limits
from lmm.cleaning.lines import ROWS, Above, Block, Lines, gathered
from lmm.cleaning.workbooks import OLE
from lmm.study.problems import refuse


def read_text(
    path: Path, heading_lines: Sequence[int], encoding: str, delimiter: str
) -> tuple[Above, Lines]:
    """Read the lines down to the headings, and the rows below them.

    Raises
    ------
    StudyError
        If the file is no text of this encoding, or no delimited text.
    TooManyCellsError
        If it has more cells than are read.
    """
    content, text = _checked(path, encoding)
    plain = text.encode() if encoding != "utf-8" else content.removeprefix(BYTE_ORDER_MARK)
    if _is_plain(plain) and (found := _columns(plain, heading_lines, delimiter)):
        return found
    del plain, text
    rows = _rows(path, content, encoding, delimiter)
    return gathered(rows, heading_lines, limits.MOST_TEXT_CELLS)


def _rows(path: Path, content: bytes, encoding: str, delimiter: str) -> Iterator[Block]:
    """Read any text, row by row."""
    text = io.TextIOWrapper(io.BytesIO(content), CODECS.get(encoding, encoding), newline="")
    reader = csv.reader(text, strict=True, delimiter=delimiter)
    end = 0
    try:
        while rows := list(islice(reader, ROWS)):
            yield _numbered(rows, end + 1, reader.line_num), rows
            end = reader.line_num
    except csv.Error as error:
        raise refuse(f"not readable as CSV: {error}", path, line=reader.line_num) from None
    if not end:
        raise refuse("the file is empty", path, fix="its first line should be the headings")


_LINE_END = re.compile(r"\r\n|\r|\n")


def _numbered(rows: Sequence[Sequence[str]], first: int, last: int) -> Sequence[int]:
    """Give the lines on which rows start that fill the lines from the first to the last."""
    if len(rows) == last - first + 1:
        return range(first, last + 1)
    inside = (sum(len(_LINE_END.findall(cell)) for cell in row) for row in rows)
    return list(accumulate((1 + ends for ends in inside), initial=first))[:-1]


def _is_plain(text: bytes) -> bool:
    """Whether nothing but line ends and delimiters parts the cells of a text."""
    line_ends = b"\r" not in text or text.count(b"\r\n") == text.count(b"\r")
    return line_ends and b'"' not in text


def _columns(
    text: bytes, heading_lines: Sequence[int], delimiter: str
) -> tuple[Above, Lines] | None:
    """Read plain text column by column if each line is a row as wide as the headings."""
    lines = io.BytesIO(text)
    titles = [lines.readline().decode() for _ in range(heading_lines[-1])]
    body = text[lines.tell() :]
    if not body or max(map(len, titles)) > csv.field_size_limit():
        return None
    above: Above = dict(enumerate(csv.reader(titles, delimiter=delimiter), 1))
    width = max(len(above[line]) for line in heading_lines)
    columns = _cells(body, width, delimiter)
    rows = len(columns[0]) if columns else 0
    if rows != body.count(b"\n") + (not body.endswith(b"\n")):  # some are blank, or none is read
        return None
    first = len(titles) + 1
    return above, Lines.of_columns(range(first, first + rows), columns)


def _cells(body: bytes, width: int, delimiter: str) -> list[Any]:
    """Give the columns of lines that are all so wide, but for blank ones; none of others."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415
    from pyarrow import csv as quick  # noqa: PLC0415

    if width < 2 or body.startswith(BYTE_ORDER_MARK):  # it would be taken off
        return []
    names = [str(number) for number in range(width)]
    texts = dict.fromkeys(names, pa.large_string())
    try:
        columns: list[Any] = quick.read_csv(
            pa.py_buffer(body),
            quick.ReadOptions(column_names=names, use_threads=False),
            quick.ParseOptions(delimiter=delimiter, quote_char=False, escape_char=False),
            quick.ConvertOptions(column_types=texts, strings_can_be_null=False),
        ).columns
    except pa.ArrowInvalid:  # rows of several widths, or longer than a block
        return []
    longest = max(compute.max(compute.binary_length(cells)).as_py() or 0 for cells in columns)
    many = len(columns[0]) * width > limits.MOST_TEXT_CELLS
    return [] if many or longest > csv.field_size_limit() else columns


BYTE_ORDER_MARK = b"\xef\xbb\xbf"

CODECS = {"utf-8": "utf-8-sig"}
"""By declared encoding, what leaves out its mark, for those that need not have one."""


def _checked(path: Path, encoding: str) -> tuple[bytes, str]:
    """Give the bytes of a file that is text of an encoding throughout, and the text."""
    content = path.read_bytes()
    if content[:4] == b"PK\x03\x04" or content[:8] == OLE:
        raise refuse("is a workbook or an archive, not text", path, fix="let its name say so")
    _check_mark(path, content, encoding)
    try:
        text = content.decode(CODECS.get(encoding, encoding))
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
    begins = any(byte in content for byte in (b"\xc2", b"\xc3", b"\xe2"))
    if encoding == "cp1252" and begins and (twice := _UTF8.search(content)):
        _refuse_mixed(path, content, twice)
    return content, text


MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    BYTE_ORDER_MARK: "utf-8",
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
