"""Which of a study's tables stand in other files, by the headings that it gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from lmm.start.headings import ALIKE, likeness
from lmm.start.proposals import OPEN, Part
from lmm.study.labels import fold
from lmm.study.source import ROW_NUMBER, TableSource
from lmm.study.study import Study
from lmm.study.tables import declared_tables, whose

ENOUGH = 0.5
"""A sheet is taken for a table if it has this share of its headings."""


@dataclass(frozen=True)
class Found:
    """A table of the other study, found in files.

    Attributes
    ----------
    headings
        By column, as the file has them; `OPEN`, once or more, where a person has to name one.
    notes
        What a person has to confirm or to answer.
    """

    part: Part
    headings: Mapping[str, str]
    notes: tuple[str, ...]


def found_in(parts: Sequence[Part], study: Study) -> dict[str, Found]:
    """Find the tables of a study in the parts of files."""
    return {name: _found(name, part, study) for name, part in _matched(study, parts).items()}


def _matched(study: Study, parts: Sequence[Part]) -> dict[str, Part]:
    """Assign the files to the tables, one to one, the best on the whole."""
    names = [name for name, source in study.sources.items() if source.files]
    if not (names and parts):
        return {}
    scores = np.array([[_score(study.sources[name], part) for part in parts] for name in names])
    rows, columns = linear_sum_assignment(np.where(scores < ENOUGH, 0, scores), maximize=True)
    pairs = sorted(zip(rows, columns, strict=True))
    return {
        names[row]: parts[int(column)] for row, column in pairs if scores[row, column] >= ENOUGH
    }


def _score(source: TableSource, part: Part) -> float:
    """Give the share of a table's headings that a sheet has; of equals, that of the same name."""
    wanted = {fold(heading) for heading in source.columns.values() if heading != ROW_NUMBER}
    there = set(map(fold, part.headings))
    stems = {fold(Path(file).stem) for file in source.files} | set(map(fold, source.sheets))
    named = {fold(Path(file).stem) for file in part.files} | set(map(fold, part.sheets))
    share = len(wanted & there) / max(1, len(wanted))
    return share + 0.01 * bool(stems & named) if share >= ENOUGH else 0.0


def _found(name: str, part: Part, study: Study) -> Found:
    """Find each column by its heading in the other study, or else by one that is like it."""
    source, table = study.sources[name], declared_tables(study)[name]
    there = {fold(heading): heading for heading in part.headings}
    headings = {
        column: heading if heading == ROW_NUMBER else there.get(fold(heading), "")
        for column, heading in source.columns.items()
    }
    notes = []
    for column in [column for column, heading in headings.items() if not heading]:
        free = [h for h in part.cells if h not in headings.values()]
        best = max(free, key=lambda h: likeness(h, column), default="")
        if best and likeness(best, column) >= ALIKE:
            headings[column] = best
            notes.append(f"{column}: {best!r} instead of {source.columns[column]!r}")
        elif table.columns[column].required or whose(name, study) == "form":
            headings[column] = OPEN * (1 + sum(not h.strip(OPEN) for h in headings.values() if h))
            notes.append(f"{column}: {source.columns[column]!r} is not there: name its heading")
        else:
            del headings[column]
            notes.append(f"{column}: {source.columns[column]!r} is not there, and left out")
    if unused := [h for h in part.cells if h not in (*headings.values(), *source.keep)]:
        notes.append(f"not used: {', '.join(map(repr, unused))}")
    return Found(part, headings, tuple(notes))
