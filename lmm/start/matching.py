"""Which sheet of which file is which table, and which heading which column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from lmm.start.fitting import PEOPLE, could_be, is_written_freely
from lmm.start.headings import ALIKE, likeness
from lmm.start.labels import PLAIN, entry_of, known
from lmm.start.proposals import OPEN, RECORDS, Found, Part, TableDraft, defaults, plain
from lmm.start.sheet_fit import NUMBERED, fit, matches, unused_in, weights_of
from lmm.study.labels import fold
from lmm.study.problems import Problem, StudyError
from lmm.study.source import ROW_NUMBER
from lmm.study.tables import COUNTED_LABELS, TABLES

RIVAL = 0.1
"""Headings that are like a column within this of the best are named beside it."""

MUCH_BETTER = 0.3
"""A sheet that fits a table by this much better than another is not taken for the other."""


def assign(parts: Sequence[Part]) -> tuple[dict[str, TableDraft], dict[str, Part]]:
    """Assign the parts to tables, one to one, the best on the whole.

    A part for which no table has enough to say is assigned to none; see `nearest`.

    Raises
    ------
    StudyError
        If headings of a table cannot be told apart.
    """
    if not parts:
        return {}, {}
    fits = [[fit(part, table) for table in RECORDS] for part in parts]
    scores = np.array([[0.0 if f.against else f.score for f in row] for row in fits])
    rows, columns = linear_sum_assignment(scores, maximize=True)
    good = scores[rows, columns] >= np.maximum(scores[rows].max(axis=1) - MUCH_BETTER, 1e-9)
    taken = sorted(zip(columns[good], rows[good], strict=True))
    matched = {RECORDS[column]: parts[int(row)] for column, row in taken}
    if problems := [problem for part in matched.values() for problem in _doubled(part)]:
        raise StudyError(*problems)
    best = {RECORDS[column]: float(scores[row, column]) for column, row in taken}
    return {t: _table(part, t, best[t], matched) for t, part in matched.items()}, matched


def nearest(part: Part) -> str:
    """Name the two tables that a part is most like, and what speaks against each."""
    fits = {table: fit(part, table) for table in RECORDS}
    best = sorted(fits, key=lambda table: fits[table].score, reverse=True)[:2]
    said = {t: "; ".join(fits[t].against) or "another sheet fits it better" for t in best}
    return " and ".join(f"{table} ({why})" for table, why in said.items())


def _doubled(part: Part) -> list[str]:
    return [
        Problem(
            f"the heading {heading!r} stands more than once",
            file=part.files[0],
            sheet=next(iter(part.sheets), ""),
            line=part.heading_lines[-1],
            fix="rename all but one, so that they can be told apart",
        )
        for heading in part.doubled
    ]


def _table(part: Part, table: str, score: float, there: Collection[str]) -> TableDraft:
    """Draft a table from a part; ``there`` are the tables of which anything was found."""
    weights = weights_of(part, table)
    found = matches(weights)
    unused = unused_in(part, found.values())
    columns: dict[str, Found] = {}
    alike: dict[str, str] = {}
    secret: list[str] = []
    for name, column in TABLES[table].columns.items():
        if name in found:
            columns[name] = _found(name, found[name], weights[name], unused)
        elif name in NUMBERED and name in TABLES[table].key:
            columns[name] = Found(ROW_NUMBER, "no identifier found: the rows are numbered")
        elif name in PEOPLE.values() and len(part.people) == 1:
            secret = list(part.people)
            columns[name] = Found(secret[0], "the only column that tells people apart")
        elif _is_asked_for(name, table, found, there):
            mark = OPEN * (1 + sum(given.is_open for given in columns.values()))
            could = tuple(h for h in unused if could_be(part, h, table, name))[:4]
            columns[name] = Found(mark, _asked(part, could, column.vocabulary), could)
            if column.kind == "label" and column.vocabulary not in COUNTED_LABELS:
                alike[name] = str(next(iter(defaults()["vocabularies"][column.vocabulary])))
    return TableDraft(
        files=part.files,
        sheets=part.sheets,
        heading_lines=part.heading_lines,
        skip_lines=part.skip_lines,
        encoding=part.encoding,
        delimiter=part.delimiter,
        columns=columns,
        alike=alike,
        drop=tuple(heading for heading in part.drop if heading not in secret),
        pseudonymise=tuple(secret),
        unused=unused,
        free_text=tuple(h for h in unused if is_written_freely(known(part.cells[h]))),
        unheaded=part.unheaded,
        finished=part.finished,
        note=f"taken for this table ({score:.2f})",
    )


def _is_asked_for(name: str, table: str, found: Mapping[str, str], there: Collection[str]) -> bool:
    """Whether a column has to be named: one that is required, or that alone says when rows were."""
    spec = TABLES[table]
    if name != spec.own_date:
        return spec.columns[name].required and not spec.columns[name].may_lack
    others = (date.partition(".")[0] for date in spec.date if "." in date)
    return not any(parent in there and spec.parents[parent] in found for parent in others)


def _asked(part: Part, could: Sequence[str], vocabulary: str) -> str:
    """Ask for a heading; where a label is counted, say which cells of the likely ones would be."""
    counted = COUNTED_LABELS.get(vocabulary, "")
    cells = dict.fromkeys(c for heading in could for c in known(part.cells[heading]))
    would = [c for c in cells if fold(c) not in PLAIN and entry_of(c, vocabulary) == counted]
    named = ", ".join(map(repr, would)) if counted else ""
    return "not found: name its heading" + (f" ({named} would count as {counted})" if named else "")


def _found(name: str, heading: str, weights: Mapping[str, float], unused: Sequence[str]) -> Found:
    best = weights[heading]
    rivals = tuple(other for other in unused if weights[other] >= max(ALIKE, best - RIVAL))
    if plain(heading) == plain(name.replace("_", " ")):
        note = "same name"
    elif likeness(heading, name) < ALIKE:
        note = "by its cells"
    else:
        note = f"similar ({min(1, best):.2f})"
    return Found(heading, note, rivals)
