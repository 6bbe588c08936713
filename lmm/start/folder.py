"""The folder of a new study: study.yaml, templates, and a README."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from lmm.cleaning.contract import TABLES, Column
from lmm.problems import StudyError
from lmm.start.archive import repeatable
from lmm.start.draft import draft_from
from lmm.start.proposals import Draft, Found, TableDraft, defaults
from lmm.start.schema import study_schema
from lmm.start.wording import study_text

KEPT = ("courses", "course_attendance", "feedback_forms", "consultations", "families",
        "family_contacts")  # fmt: skip
"""Tables of records, which have a sheet each; targets stand in study.yaml."""

BOOK = "records.xlsx"


def new_study(folder: Path, service: str, files: Sequence[Path] = ()) -> list[Path]:
    """Write the folder of a new study.

    Parameters
    ----------
    files
        Exports to draft the mapping from; they are copied. Without any, the study maps the
        empty workbook that is written.

    Returns
    -------
    list
        The paths written.

    Raises
    ------
    StudyError
        If the folder holds anything already, or a file cannot be read.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder}: there is something already; name a new folder")
    names = [file.name for file in files]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise StudyError(f"{doubled[0]}: two files have this name; rename one")
    draft = draft_from(service, files) if files else template(service)
    text = study_text(draft)
    raw, templates = folder / "data" / "raw", folder / "templates"
    raw.mkdir(parents=True)
    templates.mkdir()
    for file in files:
        shutil.copyfile(file, raw / file.name)
    book = workbook(draft)
    (templates / BOOK if files else raw / BOOK).write_bytes(book)
    for name in TABLES:
        (templates / f"{name}.csv").write_text(_heading_row(name, draft), encoding="utf-8")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    schema = json.dumps(study_schema(), indent=2, ensure_ascii=False) + "\n"
    (folder / "study.schema.json").write_text(schema, encoding="utf-8")
    (folder / "README.md").write_text(README.format(service=service), encoding="utf-8")
    (folder / ".gitignore").write_text("data/\noutputs.failed/\n.stage-*/\n", encoding="utf-8")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def template(service: str) -> Draft:
    """Describe the empty workbook."""
    today = dt.date.today()
    start = dt.date(today.year - 1 - (today.month < 4), 4, 1)
    tables = {
        name: TableDraft(
            files=(BOOK,),
            sheets=(title(name),),
            columns={c: Found(heading(c)) for c in _columns(name)},
        )
        for name in KEPT
    }
    return Draft(
        service=service,
        start=start,
        end=dt.date(start.year + 1, 3, 31),
        vocabularies={name: dict(labels) for name, labels in defaults()["vocabularies"].items()},
        scale=defaults()["scales"][0],
        items={"overall": "The course overall"},
        tables=tables,
    )


def title(table: str) -> str:
    """Name the sheet of a table."""
    return table.replace("_", " ").capitalize()


def heading(column: str) -> str:
    """Word the heading of a column in the templates."""
    return column.replace("_", " ").capitalize().removesuffix(" id") + " ref" * column.endswith(
        "_id"
    )


def _columns(table: str) -> list[str]:
    items = ["overall"] if table == "feedback_forms" else []
    return [*TABLES[table].columns, *items]


def _heading_row(table: str, draft: Draft) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([heading(c) for c in _columns(table)])
    return text.getvalue()


# --- the workbook ------------------------------------------------------------------------


def workbook(draft: Draft) -> bytes:
    """Write the empty workbook: a sheet a table, lists to choose from, and notes."""
    book = Workbook()
    book.remove(book.active)
    lists = {**draft.vocabularies, "answer": dict.fromkeys(draft.scale, ())}
    columns = {name: n for n, name in enumerate(lists, 1)}
    for table in KEPT:
        sheet = book.create_sheet(title(table))
        for n, name in enumerate(_columns(table), 1):
            spec = TABLES[table].columns.get(name) or Column(
                "label", "answer on the scale", required=False, vocabulary="answer"
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


def _lists(book: Any, lists: dict[str, Any]) -> None:
    sheet = book.create_sheet("Lists")
    for n, (name, labels) in enumerate(lists.items(), 1):
        sheet.cell(1, n, name.replace("_", " ").capitalize()).font = Font(bold=True)
        for row, label in enumerate(labels, 2):
            sheet.cell(row, n, label)


def _notes(book: Any) -> None:
    sheet = book.create_sheet("Notes")
    sheet.append(["One row a record, from line 2 on. Never a name, address, phone, e-mail, date "
                  "of birth or NHS number. The lists to choose from stand on the sheet Lists; "
                  "keep them and the vocabularies of study.yaml alike."])  # fmt: skip
    sheet.append(["Sheet", "Column", "What it holds", "Must be filled in"])
    for table in KEPT:
        for name, spec in TABLES[table].columns.items():
            must = "yes" if spec.required else "no"
            sheet.append([title(table), heading(name), spec.meaning, must])
    for letter, width in zip("ABCD", (20, 24, 60, 18), strict=True):
        sheet.column_dimensions[letter].width = width


README = """\
# {service}: an evaluation

- `study.yaml` describes the service: its period, its files, its words, its targets. Editors that
  know YAML offer what may stand there, from `study.schema.json`.
- `data/raw/` holds the records as they are kept. Nothing is ever written there.
- `templates/` has empty tables, if you want to keep records in that form.
- `data/processed/` and `outputs/` are made by `lmm run`. What may leave the service is
  `outputs/`, after a person has looked through it; what is in `data/` never leaves.

1. Look through `study.yaml`, and remove its line `draft: true` when it is right.
2. `lmm check` names everything that is wrong with the file or the records.
3. `lmm run` makes the three reports; open `outputs/site/index.html`.
"""
