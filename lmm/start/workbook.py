"""The empty workbook of a new study: a sheet a table, lists to choose from, and notes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from lmm.start.archive import repeatable
from lmm.start.proposals import RECORDS, Draft
from lmm.study.forms import MAIN_FORM
from lmm.study.table import Column
from lmm.study.tables import TABLES


def title(table: str) -> str:
    """Name the sheet of a table."""
    return table.replace("_", " ").capitalize()


def heading(column: str) -> str:
    """Word the heading of a column in the templates."""
    return column.replace("_", " ").capitalize().removesuffix(" id") + " ref" * column.endswith(
        "_id"
    )


def columns_of(table: str) -> list[str]:
    """Name the columns of a table in the templates."""
    spec = TABLES[table]
    twice = spec.own_date if len(spec.date) > 1 else ""  # the course of a form has its day
    items = ["overall"] if table == MAIN_FORM else []
    return [*(name for name in spec.columns if name != twice), *items]


def workbook(draft: Draft) -> bytes:
    """Write the empty workbook: a sheet a table, lists to choose from, and notes."""
    book = Workbook()
    book.remove(book.active)
    lists = {**draft.vocabularies, "answer": dict.fromkeys(draft.scale, ())}
    columns = {name: n for n, name in enumerate(lists, 1)}
    for table in RECORDS:
        sheet = book.create_sheet(title(table))
        for n, name in enumerate(columns_of(table), 1):
            spec = TABLES[table].columns.get(name) or Column(
                kind="label", meaning="answer on the scale", required=False, vocabulary="answer"
            )
            cell = sheet.cell(1, n, heading(name))
            cell.font = Font(bold=True)
            cell.comment = Comment(spec.meaning, "template")
            letter = get_column_letter(n)
            sheet.column_dimensions[letter].width = max(14, len(heading(name)) + 4)
            if rule := _validation(spec, columns, lists):
                sheet.add_data_validation(rule)
                rule.add(f"{letter}2:{letter}5000")
            if spec.kind == "date":
                for row in range(2, 201):
                    sheet.cell(row, n).number_format = "dd/mm/yyyy"
        sheet.freeze_panes = "A2"
    _lists(book, lists)
    _notes(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return repeatable(buffer.getvalue())


def _validation(
    spec: Column, columns: dict[str, int], lists: dict[str, Any]
) -> DataValidation | None:
    if spec.kind == "label" and spec.vocabulary in columns:
        letter = get_column_letter(columns[spec.vocabulary])
        last = len(lists[spec.vocabulary]) + 1
        return DataValidation("list", formula1=f"Lists!${letter}$2:${letter}${last}")
    if spec.kind == "date":
        return DataValidation("date", operator="greaterThan", formula1="36526")
    if spec.kind == "whole number":
        low, high = int(spec.least or 0), int(spec.most or 1_000_000)
        return DataValidation("whole", operator="between", formula1=str(low), formula2=str(high))
    return None


def _lists(book: Any, lists: Mapping[str, Any]) -> None:
    sheet = book.create_sheet("Lists")
    for n, (name, labels) in enumerate(lists.items(), 1):
        sheet.cell(1, n, name.replace("_", " ").capitalize()).font = Font(bold=True)
        for row, label in enumerate(labels, 2):
            sheet.cell(row, n, label).data_type = "s"  # and never a formula


def _notes(book: Any) -> None:
    sheet = book.create_sheet("Notes")
    sheet.append(["One row a record, from line 2 on. Never a name, address, phone, e-mail, date "
                  "of birth or NHS number. The lists to choose from stand on the sheet Lists; "
                  "keep them and the vocabularies of study.yaml alike."])  # fmt: skip
    sheet.append(["Sheet", "Column", "What it holds", "Must be filled in"])
    for table in RECORDS:
        for name in (name for name in columns_of(table) if name in TABLES[table].columns):
            spec = TABLES[table].columns[name]
            must = "yes" if spec.required else "no"
            sheet.append([title(table), heading(name), spec.meaning, must])
    for letter, width in zip("ABCD", (20, 24, 60, 18), strict=True):
        sheet.column_dimensions[letter].width = width
