"""How well what stands under a heading fits the column that it is like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from lmm.counting.counted_tables import people
from lmm.start.days import is_dated
from lmm.start.headings import ALIKE, likeness
from lmm.start.labels import is_free_text, is_told, known, spelled
from lmm.start.missed import asks_of_missing
from lmm.start.proposals import Part
from lmm.start.scales import asks_for_answers
from lmm.study.counted import MEASURES
from lmm.study.table import Column
from lmm.study.tables import COUNTED_LABELS, TABLES

MOSTLY = 0.8
"""A column in which fewer of the cells differ is no identifier of its rows; a counted label of
which fewer of the cells are explained has to be asked about."""

UNFIT = 0.3
"""What is left of the likeness of a heading whose cells do not fit."""

ENOUGH = 10
"""Rows from which on a person would be expected to come twice."""

PEOPLE = people(MEASURES)
"""By table, the identifier of those who can come more than once."""


def weight(part: Part, heading: str, table: str, name: str) -> float:
    """Say from 0 to about 1 how well a heading and what stands under it fit a column."""
    spec = TABLES[table].columns[name]
    like, found = likeness(heading, name), known(part.cells[heading])[:200]
    if not found:
        return like
    if spec.kind == "label":
        asks = spec.vocabulary in COUNTED_LABELS and asks_of_missing(heading, found)
        return _label_weight(like * (UNFIT if asks else 1.0), found, spec)
    if spec.kind == "date":
        return like * (1.0 if _dated(found) else UNFIT)
    if spec.kind == "whole number":
        numbers = sum(cell.replace(".", "").isdigit() for cell in found)
        return like * (1.0 if numbers > 0.5 * len(found) else 0.4)
    key = len(set(found)) >= MOSTLY * len(found) or TABLES[table].key != (name,)
    tells = PEOPLE.get(table) != name or _tells_people_apart(found)
    other = _dated(found) or asks_for_answers(part, [heading]) == 1
    return like * (1.0 if key and tells and not other else UNFIT)


def _tells_people_apart(cells: Sequence[str]) -> bool:
    """Whether cells can stand for people who come more than once.

    Rows and tickets are numbered so that none stands twice, or each is one more; what has no
    numbers in it and few values is a label.
    """
    if len(set(cells)) < len(cells):
        numbered = sum(bool(re.search(r"\d", cell)) for cell in cells) > 0.5 * len(cells)
        return numbered or len(set(cells)) >= 0.3 * len(cells)
    steps = [int(b) - int(a) == 1 for a, b in pairwise(cells) if a.isdecimal() and b.isdecimal()]
    running = len(cells) > 3 and sum(steps) >= MOSTLY * (len(cells) - 1)
    return not running and len(cells) < ENOUGH


def _label_weight(like: float, cells: Sequence[str], spec: Column) -> float:
    """Weigh labels: known spellings speak for a column, free text and others against it."""
    if _dated(cells) or len(set(cells)) > 40 or is_private(cells, spec):
        return like * UNFIT
    share = spelled(cells, spec.vocabulary)
    if spec.required and is_told(cells, spec.vocabulary):
        like = max(like, ALIKE)
    if spec.vocabulary in COUNTED_LABELS:
        return like * (1.0 if share >= MOSTLY else UNFIT)
    if share < 0.5 and not _holds_words(cells):
        return like * UNFIT
    if spec.vocabulary == "mode" and share < 0.3:
        return like * 0.7
    return like + 0.15 * share


def is_private(cells: Sequence[str], spec: Column) -> bool:
    """Whether labels may say something of a person; topics of courses say nothing."""
    return spec.vocabulary != "topic" and is_free_text(cells, spec.vocabulary)


def is_written_freely(cells: Sequence[str]) -> bool:
    """Whether cells hold words, and look written freely."""
    words = [cell for cell in cells if not is_dated(cell) and re.search(r"[^\W\d]", cell)]
    return bool(words) and is_free_text(words)


def could_be(part: Part, heading: str, table: str, name: str) -> bool:
    """Whether a column that was not taken could be the one that is looked for."""
    spec = TABLES[table].columns[name]
    found = known(part.cells[heading])[:200]
    if not found or spec.kind == "whole number":
        return False
    if spec.kind == "identifier":
        return likeness(heading, name) >= ALIKE and not _dated(found)
    if spec.kind == "date" or _dated(found):
        return spec.kind == "date" and _dated(found)
    if len(set(found)) > 12 or is_private(found, spec):
        return False
    if spec.vocabulary in COUNTED_LABELS or spec.vocabulary == "mode":
        alike = likeness(heading, name) >= ALIKE and _holds_words(found)
        differ = len(set(found)) > 1 and all(c in "01" for c in found if c.isdigit())
        return alike or (differ and spelled(found, spec.vocabulary) >= 0.5)
    return _holds_words(found)


def _dated(cells: Sequence[str]) -> bool:
    return sum(map(is_dated, cells)) > 0.5 * len(cells)


def _holds_words(cells: Sequence[str]) -> bool:
    return any(len(cell) > 3 for cell in cells) and not all(cell.isdigit() for cell in cells)
