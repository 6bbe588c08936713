"""Cells that say the right thing in another way; cleaning has to read all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from lmm.study.forms import MAIN_FORM
from lmm.study.study import Study
from lmm.study.table import Kind
from lmm.study.tables import tables_of
from lmm.synthetic.draw import Draw
from lmm.synthetic.extras import Mess, Row

EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August"]
MONTHS += ["September", "October", "November", "December"]


def _columns(mess: Mess, *kinds: Kind) -> list[str]:
    contract = tables_of(mess.study)[mess.table].columns
    return [name for name, column in contract.items() if column.kind in kinds]


def _vocabulary(mess: Mess, column: str) -> str:
    return tables_of(mess.study)[mess.table].columns[column].vocabulary


def _rewrite(
    rows: list[Row],
    columns: Iterable[str],
    share: float,
    draw: Draw,
    write: Callable[[str, str], str],
) -> list[Row]:
    """Write a share of the filled cells of some columns in another way.

    ``write`` is given the column and the cell.
    """
    chosen = set(columns)
    return [
        {
            column: write(column, cell)
            if column in chosen and cell and draw.chance(share)
            else cell
            for column, cell in row.items()
        }
        for row in rows
    ]


def _variants(study: Study, vocabulary: str, label: str) -> tuple[str, ...]:
    return study.lists[vocabulary].get(label, ())


def answers_as_numbers(rows: list[Row], mess: Mess) -> list[Row]:
    """Write three in ten answers as the number printed on the form."""

    def number(column: str, cell: str) -> str:
        spellings = _variants(mess.study, f"{MAIN_FORM}.{column}", cell)
        return next(filter(str.isdigit, spellings), cell)

    return _rewrite(rows, mess.study.satisfaction.items, 0.3, mess.draw, number)


def curly_apostrophes(rows: list[Row], mess: Mess) -> list[Row]:
    """Write half of the apostrophes as a word processor does."""

    def curl(column: str, cell: str) -> str:
        curly = cell.replace("'", "’")
        return curly if curly in _variants(mess.study, _vocabulary(mess, column), cell) else cell

    return _rewrite(rows, _columns(mess, "label"), 0.5, mess.draw, curl)


def spelling_variants(rows: list[Row], mess: Mess) -> list[Row]:
    """Spell some labels in one of the other ways that the study knows."""

    def respell(column: str, cell: str) -> str:
        variants = _variants(mess.study, _vocabulary(mess, column), cell)
        words = [word for word in variants if not word.isdigit() and "’" not in word]
        return mess.draw.pick(words) if words else cell

    return _rewrite(rows, _columns(mess, "label"), 0.08, mess.draw, respell)


def other_case(rows: list[Row], mess: Mess) -> list[Row]:
    """Write some labels in capitals, in small letters or with a capital first."""

    def recase(column: str, cell: str) -> str:
        return mess.draw.pick((str.upper, str.lower, str.capitalize))(cell)

    return _rewrite(rows, _columns(mess, "label"), 0.12, mess.draw, recase)


def excel_dates(rows: list[Row], mess: Mess) -> list[Row]:
    """Leave some dates as the number that Excel keeps for them."""
    if "excel" not in mess.study.date_formats:
        return rows

    def serial(column: str, cell: str) -> str:
        day = _iso(cell)
        return str((day - EXCEL_DAY_ZERO).days) if day else cell

    return _rewrite(rows, _columns(mess, "date"), 0.06, mess.draw, serial)


def date_formats(rows: list[Row], mess: Mess) -> list[Row]:
    """Write the dates in the study's formats, most of them in the first one."""
    formats = [form for form in mess.study.date_formats if form != "excel"]
    weights = {form: 1.0 if n else 4.0 for n, form in enumerate(formats)}

    def write(column: str, cell: str) -> str:
        day = _iso(cell)
        return write_date(day, mess.draw.weighted(weights)) if day else cell

    return _rewrite(rows, _columns(mess, "date"), 1, mess.draw, write)


def _iso(cell: str) -> dt.date | None:
    """Read a tidy date; cells that are not one stay as they are."""
    try:
        return dt.datetime.strptime(cell, "%Y-%m-%d").date()
    except ValueError:
        return None


def write_date(day: dt.date, form: str) -> str:
    """Write a date in a strptime format, with English months on every machine."""
    month = MONTHS[day.month - 1]
    parts = {
        "%d": f"{day.day:02d}",
        "%m": f"{day.month:02d}",
        "%Y": f"{day.year:04d}",
        "%y": f"{day.year % 100:02d}",
        "%B": month,
        "%b": month[:3],
    }
    for directive, text in parts.items():
        form = form.replace(directive, text)
    return form


def decimals(rows: list[Row], mess: Mess) -> list[Row]:
    """Write some whole numbers as a spreadsheet does that took them for decimals."""

    def decimal(column: str, cell: str) -> str:
        return f"{cell}.0" if cell.isdigit() else cell

    return _rewrite(rows, _columns(mess, "whole number"), 0.15, mess.draw, decimal)


def words_for_missing(rows: list[Row], mess: Mess) -> list[Row]:
    """Write half of the empty cells as one of the study's words for missing."""
    words = [word for word in mess.study.missing if word]

    def word(cell: str) -> str:
        if cell or not words or mess.draw.chance(0.5):
            return cell
        chosen = mess.draw.pick(words)
        return chosen.upper() if "/" in chosen else chosen

    return [{column: word(cell) for column, cell in row.items()} for row in rows]


def loose_identifiers(rows: list[Row], mess: Mess) -> list[Row]:
    """Write some identifiers in small letters, with a space within, or with spaces around."""

    def loosen(column: str, cell: str) -> str:
        return mess.draw.pick(
            (cell.lower(), f" {cell}", f"{cell} ", f" {cell.lower()} ", f"{cell[0]} {cell[1:]}")
        )

    return _rewrite(rows, _columns(mess, "identifier"), 0.04, mess.draw, loosen)


def stray_spaces(rows: list[Row], mess: Mess) -> list[Row]:
    """Put spaces before or after some labels and dates, or double those within."""

    def space(column: str, cell: str) -> str:
        return mess.draw.pick((f" {cell}", f"{cell} ", f"{cell}  ", cell.replace(" ", "  ")))

    return _rewrite(rows, _columns(mess, "label", "date"), 0.06, mess.draw, space)


def hard_spaces(rows: list[Row], mess: Mess) -> list[Row]:
    """Put non-breaking spaces into some labels, or else after them."""

    def harden(column: str, cell: str) -> str:
        return cell.replace(" ", "\xa0") if " " in cell else f"{cell}\xa0"

    return _rewrite(rows, _columns(mess, "label"), 0.03, mess.draw, harden)
