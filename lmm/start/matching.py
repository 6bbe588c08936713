"""Which sheet of which file is which table, and which heading which column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from lmm.cleaning.contract import COUNTED_LABELS, TABLES, Column
from lmm.declared import ROW_NUMBER
from lmm.problems import Problem, StudyError
from lmm.start.days import is_dated
from lmm.start.headings import ALIKE, likeness, likeness_of_name
from lmm.start.labels import is_free_text, is_told, known, spelled
from lmm.start.proposals import OPEN, RECORDS, Found, Part, TableDraft, defaults, plain
from lmm.start.scales import asks_for_answers

RIVAL = 0.1
"""Headings that are like a column within this of the best are named beside it."""

FEWEST_COLUMNS = 0.4
"""A sheet is taken for a table if this share of the required columns is found."""

MOSTLY = 0.8
"""A column in which fewer of the cells differ is no identifier of its rows."""

MUCH_BETTER = 0.3
"""A sheet that fits a table by this much better than another is not taken for the other."""

NEEDED = {
    "courses": ("course_id", "date"),
    "course_attendance": ("course_id", "staff_id"),
    "feedback_forms": ("course_id",),
    "consultations": ("date",),
    "families": ("family_id",),
    "family_contacts": ("family_id", "date"),
}
"""What makes a sheet this table. Forms need an item as well. In place of a date whose heading
is not recognised stands any column of dates: which one is an open question."""

NUMBERED = ("form_id", "session_id", "contact_id")
"""Keys for which the number of the row will do."""


# --- cells -------------------------------------------------------------------------------


def _weight(heading: str, cells: Sequence[str], table: str, name: str) -> float:
    """Say from 0 to about 1 how well a heading and what stands under it fit a column."""
    spec = TABLES[table].columns[name]
    like, found = likeness(heading, name), known(cells)[:200]
    if not found:
        return like
    if spec.kind == "label":
        return _label_weight(like, found, spec)
    dated = sum(map(is_dated, found)) > 0.5 * len(found)
    if spec.kind == "date":
        return like * (1.0 if dated else 0.3)
    if spec.kind == "whole number":
        numbers = sum(cell.replace(".", "").isdigit() for cell in found)
        return like * (1.0 if numbers > 0.5 * len(found) else 0.4)
    differ = len(set(found)) >= MOSTLY * len(found) or TABLES[table].key != (name,)
    return like * (1.0 if differ and not dated else 0.3)


def _label_weight(like: float, cells: Sequence[str], spec: Column) -> float:
    """Weigh labels: known spellings speak for a column, free text and others against it."""
    dated = sum(map(is_dated, cells)) > 0.5 * len(cells)
    if dated or len(set(cells)) > 40 or _is_private(cells, spec):
        return like * 0.3
    share = spelled(cells, spec.vocabulary)
    if spec.required and is_told(cells, spec.vocabulary):
        like = max(like, ALIKE)
    if spec.vocabulary in COUNTED_LABELS:
        return like * (1.0 if share >= 0.5 else 0.3)
    if spec.vocabulary == "mode" and share < 0.3:
        return like * 0.7
    return like + 0.15 * share


def _is_private(cells: Sequence[str], spec: Column) -> bool:
    """Whether labels may say something of a person; topics of courses say nothing."""
    return spec.vocabulary != "topic" and is_free_text(cells, spec.vocabulary)


def _is_written_freely(cells: Sequence[str]) -> bool:
    words = [cell for cell in cells if not is_dated(cell) and re.search(r"[^\W\d]", cell)]
    return bool(words) and is_free_text(words)


def _could_be(cells: Sequence[str], spec: Column) -> bool:
    """Whether a column whose heading is not recognised could be the one that is looked for."""
    found = known(cells)[:200]
    if not found or spec.kind not in ("date", "label"):
        return False
    dated = sum(map(is_dated, found)) > 0.5 * len(found)
    if spec.kind == "date" or dated:
        return dated and spec.kind == "date"
    closed = spec.vocabulary in COUNTED_LABELS or spec.vocabulary == "mode"
    few = len(set(found)) <= 12 and not _is_private(found, spec)
    words = any(len(cell) > 3 for cell in found) and not all(cell.isdigit() for cell in found)
    return few and (spelled(found, spec.vocabulary) >= 0.5 if closed else words)


# --- which is which ----------------------------------------------------------------------


Weights = Mapping[str, Mapping[str, float]]


def _weights(part: Part, table: str) -> Weights:
    """Weigh every heading for every column: column -> heading -> weight."""
    return {
        name: {
            heading: _weight(heading, cells, table, name) for heading, cells in part.cells.items()
        }
        for name in TABLES[table].columns
    }


def _matches(weights: Weights) -> dict[str, str]:
    """Assign headings to the columns of a table, one to one, the best on the whole."""
    columns = list(weights)
    headings = list(weights[columns[0]])
    matrix = np.array([list(row.values()) for row in weights.values()]).reshape(len(columns), -1)
    matrix[matrix < ALIKE] = 0
    rows, places = linear_sum_assignment(matrix, maximize=True)
    return {
        columns[row]: headings[place]
        for row, place in zip(rows, places, strict=True)
        if matrix[row, place] >= ALIKE
    }


def _score(part: Part, table: str) -> float:
    """Weigh how well a sheet fits a table: by its columns, its name, and of equals its length.

    A sheet without what makes the table scores nothing.
    """
    weights = _weights(part, table)
    found = _matches(weights)
    spec = TABLES[table].columns
    required = [c for c in spec if spec[c].required and c not in NUMBERED]
    if sum(c in found for c in required) < FEWEST_COLUMNS * len(required):
        return 0.0
    if not all(_has(part, table, found, name) for name in NEEDED[table]):
        return 0.0
    forms = table == "feedback_forms"
    items = asks_for_answers(part, _unused(part, found.values())) if forms else 0.0
    if forms and not items:
        return 0.0
    more = sum(not spec[c].required for c in found)
    share = sum(min(1, weights[c][found[c]]) for c in required if c in found)
    share = (share + items) / (len(required) + forms)
    named = max(
        *(likeness_of_name(sheet, table) for sheet in part.sheets),
        *((0.6 if part.sheets else 1) * likeness_of_name(Path(f).stem, table) for f in part.files),
        0,
    )
    rows = max(map(len, part.cells.values()), default=0)
    return share + 0.05 * min(more, 4) + 0.5 * named + 1e-6 * rows


def _has(part: Part, table: str, found: Mapping[str, str], name: str) -> bool:
    spec = TABLES[table].columns[name]
    others = _unused(part, found.values()) if spec.kind == "date" else ()
    return name in found or any(_could_be(part.cells[heading], spec) for heading in others)


def _unused(part: Part, used: Iterable[str]) -> tuple[str, ...]:
    taken = set(used)
    return tuple(heading for heading in part.cells if heading not in taken)


def assign(parts: Sequence[Part]) -> tuple[dict[str, TableDraft], dict[str, Part]]:
    """Assign the parts to tables, one to one, the best on the whole.

    Raises
    ------
    StudyError
        If there are none, or headings of a table cannot be told apart.
    """
    if not parts:
        raise StudyError("no table was found in the files: headings and rows are needed")
    weight = np.array([[_score(part, table) for table in RECORDS] for part in parts])
    rows, columns = linear_sum_assignment(weight, maximize=True)
    tables: dict[str, TableDraft] = {}
    matched: dict[str, Part] = {}
    problems: list[str] = []
    for row, column in sorted(zip(rows, columns, strict=True), key=lambda pair: pair[1]):
        score = float(weight[row, column])
        if score == 0 or score < weight[row].max() - MUCH_BETTER:
            continue
        table, part = RECORDS[column], parts[int(row)]
        problems += _doubled(part)
        tables[table], matched[table] = _table(part, table, score), part
    if problems:
        raise StudyError(*problems)
    return tables, matched


def _doubled(part: Part) -> list[str]:
    return [
        Problem(
            f"the heading {heading!r} stands more than once",
            file=part.files[0],
            sheet=next(iter(part.sheets), ""),
            line=part.heading_line,
            fix="rename all but one, so that they can be told apart",
        )
        for heading in part.doubled
    ]


def _table(part: Part, table: str, score: float) -> TableDraft:
    weights = _weights(part, table)
    found = _matches(weights)
    unused = _unused(part, found.values())
    columns: dict[str, Found] = {}
    alike: dict[str, str] = {}
    for name, column in TABLES[table].columns.items():
        if name in found:
            columns[name] = _found(name, found[name], weights[name], unused)
        elif name in NUMBERED and name in TABLES[table].key:
            columns[name] = Found(ROW_NUMBER, "no identifier found: the rows are numbered")
        elif column.required and not column.may_lack:
            mark = OPEN * (1 + sum(given.is_open for given in columns.values()))
            could = tuple(h for h in unused if _could_be(part.cells[h], column))[:4]
            columns[name] = Found(mark, "not found: name its heading", could)
            if column.kind == "label" and column.vocabulary not in COUNTED_LABELS:
                alike[name] = str(next(iter(defaults()["vocabularies"][column.vocabulary])))
    return TableDraft(
        files=part.files,
        sheets=part.sheets,
        heading_line=part.heading_line,
        encoding=part.encoding,
        delimiter=part.delimiter,
        columns=columns,
        alike=alike,
        drop=part.drop,
        unused=unused,
        free_text=tuple(h for h in unused if _is_written_freely(known(part.cells[h]))),
        note=f"taken for this table ({score:.2f})",
    )


def _found(name: str, heading: str, weights: Mapping[str, float], unused: Sequence[str]) -> Found:
    weight = weights[heading]
    rivals = tuple(other for other in unused if weights[other] >= max(ALIKE, weight - RIVAL))
    if plain(heading) == plain(name.replace("_", " ")):
        note = "same name"
    elif likeness(heading, name) < ALIKE:
        note = "by its cells"
    else:
        note = f"similar ({min(1, weight):.2f})"
    return Found(heading, note, rivals)
