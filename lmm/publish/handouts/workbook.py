"""Every table of a run in one workbook: numbers as numbers, and words that are only words."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from lmm.publish.handouts.zipped import FIRST_DAY, without_dates
from lmm.study.problems import visible

NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?(e-?\d+)?", re.IGNORECASE)
"""Not "007", nor a number with more digits than a spreadsheet keeps."""

LONGEST_NAME, WIDEST = 31, 60
HEAD = PatternFill("solid", fgColor="F1F1F1")
FORBIDDEN = re.compile(r"[\\/*?:\[\]]")


@dataclass(frozen=True)
class Sheet:
    """One table: its name in ``outputs/tables``, and what is said of it above its rows."""

    name: str
    title: str
    said: tuple[str, ...]
    table: pd.DataFrame


def workbook(title: str, said: Sequence[str], sheets: Sequence[Sheet]) -> bytes:
    """Write a workbook with a list of its tables, and a sheet for each of them.

    Parameters
    ----------
    said
        What is said of all of them, above the list; the first is in the metadata, too.
    """
    book = Workbook()
    book.properties.creator = title
    book.properties.description = ". ".join(filter(None, said))
    first = book.active
    assert isinstance(first, Worksheet)  # as openpyxl makes it
    first.title = "Contents"
    names = unique_names([sheet.name for sheet in sheets], taken=("Contents",))
    _list(first, title, said, {names[sheet.name]: sheet for sheet in sheets})
    for sheet in sheets:
        _fill(book.create_sheet(names[sheet.name]), sheet)
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    """Write the workbook as openpyxl does, but for the moment at which this is."""
    made = io.BytesIO()
    book.properties.created = book.properties.modified = dt.datetime(*FIRST_DAY)
    with zipfile.ZipFile(made, "w") as archive:
        ExcelWriter(book, archive).save()
    return without_dates(made.getvalue())


def unique_names(names: Iterable[str], taken: Sequence[str] = ()) -> dict[str, str]:
    """Give each table a sheet's name: 31 letters at most, and no two that differ by case only."""
    found: dict[str, str] = {}
    used = {name.casefold() for name in taken}
    for name in names:
        short, number = FORBIDDEN.sub("_", name)[:LONGEST_NAME], 1
        while short.casefold() in used:
            number += 1
            ending = f"~{number}"
            short = FORBIDDEN.sub("_", name)[: LONGEST_NAME - len(ending)] + ending
        used.add(short.casefold())
        found[name] = short
    return found


def _list(sheet: Worksheet, title: str, said: Sequence[str], sheets: Mapping[str, Sheet]) -> None:
    """List the tables, each with a link to its sheet."""
    _put(sheet.cell(1, 1), title).font = Font(bold=True, size=14)
    row = 2
    for row, words in enumerate(filter(None, said), 2):
        _put(sheet.cell(row, 1), words)
    for name, each in sheets.items():
        row += 1
        link = _put(sheet.cell(row, 1), name)
        link.hyperlink = Hyperlink(link.coordinate, location=f"'{name}'!A1")
        link.font = Font(color="0563C1", underline="single")
        _put(sheet.cell(row, 2), each.title)
    sheet.column_dimensions["A"].width = LONGEST_NAME
    sheet.column_dimensions["B"].width = 2 * WIDEST


def _fill(sheet: Worksheet, content: Sheet) -> None:
    """Write what is said of a table, its headings, which stay in sight, and its rows."""
    _put(sheet.cell(1, 1), content.title).font = Font(bold=True)
    head = 2
    for words in filter(None, content.said):
        _put(sheet.cell(head, 1), words)
        head += 1
    for n, heading in enumerate(map(str, content.table), 1):
        cell = _put(sheet.cell(head, n), heading)
        cell.font, cell.fill = Font(bold=True), HEAD
        values = content.table[heading].tolist()
        width = _width([heading, *values])
        sheet.column_dimensions[get_column_letter(n)].width = width
        for row, value in enumerate(values, head + 1):
            _put_value(sheet.cell(row, n), value, wraps=len(value) > WIDEST)
    sheet.freeze_panes = sheet.cell(head + 1, 2)


def _width(cells: Sequence[str]) -> int:
    return min(WIDEST, max(map(len, cells))) + 2


def _put_value(cell: Cell, text: str, *, wraps: bool) -> None:
    if NUMBER.fullmatch(text):
        cell.value = float(text) if re.search("[.eE]", text) else int(text)
        return
    if text:
        _put(cell, text)
    if wraps:
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _put(cell: Cell, words: str) -> Cell:
    """Write words that stay words, also when a cell is edited and they look like a formula."""
    cell.value = visible(words)
    cell.data_type = "s"
    cell.quotePrefix = bool(re.match(r"[=+\-@\t\r]", words))
    return cell
