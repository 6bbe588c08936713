"""Which sheet of which file is which table, and which heading which column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from lmm.start.fitting import PEOPLE, could_be, is_written_freely, weight
from lmm.start.headings import ALIKE, is_telling, likeness, likeness_of_name
from lmm.start.labels import PLAIN, entry_of, is_told, known
from lmm.start.proposals import DRAFTED, OPEN, RECORDS, Found, Part, TableDraft, defaults, plain
from lmm.start.scales import asks_for_answers
from lmm.study.problems import Problem, StudyError
from lmm.study.source import ROW_NUMBER
from lmm.study.study import fold
from lmm.study.tables import COUNTED_LABELS

RIVAL = 0.1
"""Headings that are like a column within this of the best are named beside it."""

FEWEST_COLUMNS = 0.4
"""A sheet is taken for a table if this share of the required columns is found."""

MUCH_BETTER = 0.3
"""A sheet that fits a table by this much better than another is not taken for the other."""

ENOUGH = 3
"""What has to speak for a table: headings or cells that tell it count one each, the name of the
sheet or file two, and questions that are answered on a scale two."""

NAMED = 0.85
"""The name of a sheet or file that is so much like that of a table speaks for it."""

CHANCE = 0.7
"""Names that are less alike say nothing."""

NEEDED = {
    "courses": ("course_id", "date"),
    "course_attendance": ("course_id", "staff_id"),
    "feedback_forms": ("course_id",),
    "consultations": ("date",),
    "families": ("family_id", "referred_on"),
    "family_contacts": ("family_id", "date"),
}
"""What makes a sheet this table. Forms need an item as well. In place of a date whose heading is
not recognised stands any column of dates, and in place of a person's identifier a column of
e-mail addresses or one that could be it: which one is an open question."""

NUMBERED = ("form_id", "session_id", "contact_id")
"""Keys for which the number of the row will do."""

Weights = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Fit:
    """How well a sheet fits a table.

    Attributes
    ----------
    score
        The better the higher.
    found
        Heading by column.
    against
        What speaks against the table: it is taken for it only if nothing does.
    """

    score: float
    found: Mapping[str, str]
    against: tuple[str, ...]


def _weights(part: Part, table: str) -> Weights:
    """Weigh every heading for every column: column -> heading -> weight."""
    return {
        name: {heading: weight(part, heading, table, name) for heading in part.cells}
        for name in DRAFTED[table].columns
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


def fit(part: Part, table: str) -> Fit:
    """Weigh how well a sheet fits a table: by its columns, its name, and of equals its length."""
    weights = _weights(part, table)
    found = _matches(weights)
    spec = DRAFTED[table].columns
    required = _required(table)
    forms = table == "feedback_forms"
    items = asks_for_answers(part, _unused(part, found.values())) if forms else 0.0
    share = sum(min(1, weights[c][found[c]]) for c in required if c in found)
    share = (share + items) / (len(required) + forms)
    named = _named(part, table)
    more = sum(not spec[c].required for c in found)
    rows = max(map(len, part.cells.values()), default=0)
    score = share + 0.05 * min(more, 4) + 0.5 * named + 1e-6 * rows
    return Fit(score, found, tuple(_against(part, table, found, items, named)))


def _required(table: str) -> list[str]:
    """Name the columns that every service keeps, and that no number of the row can stand for."""
    spec = DRAFTED[table].columns
    return [c for c in spec if spec[c].required and not spec[c].may_lack and c not in NUMBERED]


def _against(
    part: Part, table: str, found: Mapping[str, str], items: float, named: float
) -> Iterable[str]:
    """Say what speaks against a table."""
    spec = DRAFTED[table].columns
    lacking = [c for c in NEEDED[table] if not _has(part, table, found, c, named)]
    if lacking:
        yield "no column is recognised as " + " or as ".join(spec[c].meaning for c in lacking)
    if table == "feedback_forms" and not items:
        yield "no column holds answers on a scale"
    required = _required(table)
    few = sum(c in found for c in required) < FEWEST_COLUMNS * len(required)
    telling = sum(_tells(part, table, column, heading) for column, heading in found.items())
    telling += sum(_hints(part, table, c, found) for c in required if c not in found)
    telling += 2 * (named >= NAMED) + 2 * (items == 1)
    if few or telling < ENOUGH:
        yield "too few of its headings and cells say so"


def _tells(part: Part, table: str, column: str, heading: str) -> bool:
    """Whether a column speaks for its table, and could not stand in a sheet of any kind."""
    vocabulary = DRAFTED[table].columns[column].vocabulary
    told = bool(vocabulary) and is_told(known(part.cells[heading])[:200], vocabulary)
    return told or is_telling(heading, column)


def _hints(part: Part, table: str, column: str, found: Mapping[str, str]) -> bool:
    """Whether a column that is asked for has a likely heading that tells the table."""
    others = _unused(part, found.values())
    return any(is_telling(h, column) and could_be(part, h, table, column) for h in others)


def _named(part: Part, table: str) -> float:
    """Say how much the names of a part are like that of a table; 0 if that may be chance."""
    best = max(
        *(likeness_of_name(sheet, table) for sheet in part.sheets),
        *((0.6 if part.sheets else 1) * likeness_of_name(Path(f).stem, table) for f in part.files),
        0,
    )
    return best if best >= CHANCE else 0.0


def _has(part: Part, table: str, found: Mapping[str, str], name: str, named: float) -> bool:
    """Whether what makes a table is there, if only as an open question."""
    if name in found:
        return True
    others = _unused(part, found.values())
    if DRAFTED[table].columns[name].kind == "date":
        if table == "families":  # a list of people has dates of all kinds, or none
            key = found.get("family_id", "")
            return named >= NAMED and is_telling(key, "family_id")
        return any(could_be(part, h, table, name) for h in others)
    people = name == PEOPLE.get(table) and any(could_be(part, h, table, name) for h in others)
    return people or (name in PEOPLE.values() and bool(part.people))


def _unused(part: Part, used: Iterable[str]) -> tuple[str, ...]:
    taken = set(used)
    return tuple(heading for heading in part.cells if heading not in taken)


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
    tables: dict[str, TableDraft] = {}
    matched: dict[str, Part] = {}
    problems: list[str] = []
    for row, column in sorted(zip(rows, columns, strict=True), key=lambda pair: pair[1]):
        score = float(scores[row, column])
        if score == 0 or score < scores[row].max() - MUCH_BETTER:
            continue
        table, part = RECORDS[column], parts[int(row)]
        problems += _doubled(part)
        tables[table], matched[table] = _table(part, table, score), part
    if problems:
        raise StudyError(*problems)
    return tables, matched


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


def _table(part: Part, table: str, score: float) -> TableDraft:
    weights = _weights(part, table)
    found = _matches(weights)
    unused = _unused(part, found.values())
    columns: dict[str, Found] = {}
    alike: dict[str, str] = {}
    secret: list[str] = []
    for name, column in DRAFTED[table].columns.items():
        if name in found:
            columns[name] = _found(name, found[name], weights[name], unused)
        elif name in NUMBERED and name in DRAFTED[table].key:
            columns[name] = Found(ROW_NUMBER, "no identifier found: the rows are numbered")
        elif name in PEOPLE.values() and len(part.people) == 1:
            secret = list(part.people)
            columns[name] = Found(secret[0], "the only column that tells people apart")
        elif column.required and not column.may_lack:
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
