"""Which sheet of which file is which table, and which heading which column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from lmm.cleaning.contract import TABLES, Column
from lmm.cleaning.identifiers import identifying
from lmm.cleaning.sources import TEXT, Sheet, check_file, read_sheet
from lmm.cleaning.workbooks import WORKBOOKS, sheet_names
from lmm.declared import ROW_NUMBER, Encoding
from lmm.problems import StudyError
from lmm.start.proposals import RECORDS, Found, Part, TableDraft, defaults, plain

Delimiter = str
ALIKE = 0.62
"""A heading less like a column than this is not taken for it."""

FEWEST_COLUMNS = 0.5
"""A sheet is taken for a table if this share of the required columns is found."""


MOSTLY = 0.8
"""A column in which fewer of the cells differ is no identifier of its rows."""

MUCH_BETTER = 0.3
"""A sheet that fits a table by this much better than another is not taken for the other."""


def parts_of(file: Path) -> list[Part]:
    """Read each sheet of a file that holds headings and rows.

    Raises
    ------
    StudyError
        If the file cannot be read.
    """
    check_file(file, file.resolve().parent)
    found = []
    sheets = sheet_names(file) if file.suffix.lower() in WORKBOOKS else ()
    for sheet in sheets or ("",):
        encoding, delimiter = _text_form(file)
        whole = read_sheet(file, sheet=sheet or None, encoding=encoding, delimiter=delimiter)
        lines = {1: whole.headings, **whole.rows}
        line = _heading_line(lines)
        table = read_sheet(
            file, sheet=sheet or None, heading_line=line, encoding=encoding, delimiter=delimiter
        )
        if table.rows and sum(map(bool, table.headings)) > 1:
            found.append(_part(file.name, sheet, line, encoding, delimiter, table))
    return found


def _part(file: str, sheet: str, line: int, encoding: str, delimiter: str, table: Sheet) -> Part:
    width = len(table.headings)
    rows = [row for row in table.rows.values() if len(row) == width]
    by_column = list(zip(*rows, strict=True)) if rows else [()] * width
    columns = {h: list(cells) for h, cells in zip(table.headings, by_column, strict=True) if h}
    risky = {p.column for p in identifying(columns.items(), file=file)}
    kept = {h: [" ".join(c.split()) for c in cells] for h, cells in columns.items()
            if h not in risky}  # fmt: skip
    drop = tuple(h for h in columns if h in risky)
    sheets = (sheet,) if sheet else ()
    return Part((file,), sheets, line, encoding, delimiter, tuple(columns), kept, drop)


def joined(parts: Sequence[Part]) -> list[Part]:
    """Put together what has the same headings: files, sheets, or the same sheets of each file."""
    groups: dict[object, list[Part]] = defaultdict(list)
    for part in parts:
        groups[part.headings, part.heading_line, part.delimiter].append(part)
    return [whole for group in groups.values() for whole in _whole(group)]


def _whole(group: Sequence[Part]) -> list[Part]:
    files = tuple(dict.fromkeys(part.files[0] for part in group))
    sheets = tuple(dict.fromkeys(sheet for part in group for sheet in part.sheets))
    if len(group) < len(files) * max(1, len(sheets)):  # study.yaml names sheets of every file
        return [
            whole
            for sheet in (*((name,) for name in sheets), ())
            if (alike := [part for part in group if part.sheets == sheet])
            for whole in _whole(alike)
        ]
    first = group[0]
    drop = tuple(dict.fromkeys(heading for part in group for heading in part.drop))
    return [
        replace(
            first,
            files=files,
            sheets=sheets,
            encoding=next((p.encoding for p in group if p.encoding != "utf-8"), "utf-8"),
            cells={
                heading: [cell for part in group for cell in part.cells[heading]]
                for heading in first.cells
                if heading not in drop
            },
            drop=drop,
        )
    ]


def _text_form(file: Path) -> tuple[Encoding, Delimiter]:
    """Try the encodings, and take the mark that separates most cells."""
    if file.suffix.lower() not in TEXT:
        return "utf-8", ","
    content = file.read_bytes()
    encoding: Encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = "cp1252", content.decode("cp1252", errors="replace")
    head = "\n".join(text.splitlines()[:20])
    return encoding, max(",;\t|", key=head.count) if head else ","


def _heading_line(lines: Mapping[int, Sequence[str]]) -> int:
    """Find the line most like headings among the first ones: many words, known ones best."""
    best, line = -1.0, 1
    for number, cells in list(lines.items())[:12]:
        words = [cell.strip() for cell in cells if cell.strip()]
        if len(set(words)) < max(2, len(words)) or any(re.search(r"\d{3}", w) for w in words):
            continue
        known = sum(max(_likeness(word, c) for c in _all_columns()) > ALIKE for word in words)
        score = known + len(words) / 100
        if score > best:
            best, line = score, number
    return line


@cache
def _all_columns() -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for name in RECORDS for c in TABLES[name].columns))


# --- which is which ----------------------------------------------------------------------


@cache
def _likeness(heading: str, column: str) -> float:
    """Say from 0 to 1 how much a heading is like a column's name or one of its synonyms."""
    mine = plain(heading)
    names = [column.replace("_", " "), *defaults()["columns"].get(column, [])]
    best = 0.0
    for place, name in enumerate(names):
        other = plain(str(name))
        ratio = SequenceMatcher(None, mine, other).ratio()
        shared = set(mine.split()) & set(other.split())
        if shared and set(other.split()) <= set(mine.split()):
            ratio = max(ratio, 0.75)
        best = max(best, ratio - 0.002 * place)
    return best


def _fits(cells: Sequence[str], spec: Column, *, is_key: bool) -> float:
    """Weigh what stands in a column: dates for dates, numbers for numbers, each once for a key."""
    known = [cell for cell in cells if cell][:200]
    if not known:
        return 1.0
    if is_key and len(set(known)) < MOSTLY * len(known):
        return 0.3
    if spec.kind == "date":
        return 1.0 if sum(map(_looks_dated, known)) > 0.5 * len(known) else 0.3
    if spec.kind == "whole number":
        return 1.0 if sum(c.replace(".", "").isdigit() for c in known) > 0.5 * len(known) else 0.4
    dated = sum(map(_looks_dated, known)) > 0.5 * len(known)
    distinct = len(set(known))
    if spec.kind == "label":
        return 0.3 if dated or distinct > 40 else 1.0
    return 0.3 if dated else 1.0


def _looks_dated(cell: str) -> bool:
    return bool(re.fullmatch(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{2,4}( \d\d:\d\d)?", cell))


def _matches(part: Part, table: str) -> dict[str, tuple[str, float]]:
    """Assign headings to the columns of a table, one to one, the best on the whole."""
    columns, headings = list(TABLES[table].columns), list(part.cells)
    weight = np.array(
        [
            [
                _likeness(h, name) * _fits(part.cells[h], spec, is_key=TABLES[table].key == (name,))
                for h in headings
            ]
            for name, spec in TABLES[table].columns.items()
        ]
    ).reshape(len(columns), len(headings))
    rows, places = linear_sum_assignment(weight, maximize=True)
    return {
        columns[r]: (headings[p], float(weight[r, p]))
        for r, p in zip(rows, places, strict=True)
        if weight[r, p] >= ALIKE
    }


def _score(part: Part, table: str) -> float:
    """Weigh how well a sheet fits a table: by its columns, its name, and of equals its length."""
    required = [c for c, spec in TABLES[table].columns.items() if spec.required]
    found = _matches(part, table)
    share = sum(found[c][1] for c in required if c in found) / len(required)
    name = plain((*part.sheets, Path(part.files[0]).stem)[0])
    words = [plain(word) for word in defaults()["tables"][table]]
    named = max(SequenceMatcher(None, name, word).ratio() for word in words)
    named = max(named, 0.9 * any(re.search(rf"\b{word}\b", name) for word in words))
    rows = max(map(len, part.cells.values()), default=0)
    return share + 0.5 * named + 1e-6 * rows


def assign(parts: Sequence[Part]) -> tuple[dict[str, TableDraft], dict[str, Part]]:
    """Assign the parts to tables, one to one, the best on the whole."""
    if not parts:
        raise StudyError("no table was found in the files: headings and rows are needed")
    weight = np.array([[_score(part, table) for table in RECORDS] for part in parts])
    rows, columns = linear_sum_assignment(weight, maximize=True)
    tables: dict[str, TableDraft] = {}
    matched: dict[str, Part] = {}
    for row, column in sorted(zip(rows, columns, strict=True), key=lambda pair: pair[1]):
        table, part = RECORDS[column], parts[int(row)]
        required = [c for c, spec in TABLES[table].columns.items() if spec.required]
        found = _matches(part, table)
        if sum(c in found for c in required) < FEWEST_COLUMNS * len(required):
            continue
        if weight[row, column] < weight[row].max() - MUCH_BETTER:
            continue
        tables[table] = _table(part, table, found, float(weight[row, column]))
        matched[table] = part
    return tables, matched


def _table(
    part: Part, table: str, found: Mapping[str, tuple[str, float]], score: float
) -> TableDraft:
    spec = TABLES[table]
    columns, fixed = {}, {}
    for name, column in spec.columns.items():
        if name in found:
            heading, how = found[name]
            same = plain(heading) == plain(name.replace("_", " "))
            columns[name] = Found(heading, "same name" if same else f"similar ({how:.2f})")
        elif name in spec.key and table not in ("courses", "families", "course_attendance"):
            columns[name] = Found(ROW_NUMBER, "no identifier found: the rows are numbered")
        elif column.required and column.kind == "label":
            label = next(iter(defaults()["vocabularies"][column.vocabulary]))
            fixed[name] = Found(label, "not found: taken to be this in every row")
        elif column.required and not column.may_lack:
            columns[name] = Found("?", "not found: name the heading")
    used = {found_.heading for found_ in columns.values()}
    return TableDraft(
        files=part.files,
        sheets=part.sheets,
        heading_line=part.heading_line,
        encoding=part.encoding,
        delimiter=part.delimiter,
        columns=columns,
        fixed=fixed,
        drop=part.drop,
        unused=tuple(h for h in part.cells if h not in used),
        note=f"taken for this table ({score:.2f})",
    )


def of_kind(
    kind: str, tables: Mapping[str, TableDraft], matched: Mapping[str, Part]
) -> Iterable[tuple[tuple[str, str], list[str]]]:
    """Give the cells of the columns of one kind, by table and column."""
    for table, draft in tables.items():
        for name, spec in TABLES[table].columns.items():
            if spec.kind == kind and name in draft.columns:
                heading = draft.columns[name].heading
                yield (table, name), matched[table].cells.get(heading, [])
