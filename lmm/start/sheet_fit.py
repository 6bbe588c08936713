"""How well a sheet fits a table: by its headings, its cells, and its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from lmm.start.fitting import PEOPLE, could_be, weight
from lmm.start.headings import ALIKE, is_telling, likeness_of_name
from lmm.start.labels import is_told, known
from lmm.start.proposals import RECORDS, Part
from lmm.start.scales import asks_for_answers
from lmm.study.forms import MAIN_FORM
from lmm.study.tables import TABLES

FEWEST_COLUMNS = 0.4
"""A sheet is taken for a table if this share of the required columns is found."""

ENOUGH = 3
"""What has to speak for a table: headings or cells that tell it count one each, the name of the
sheet or file two, and questions that are answered on a scale two."""

NAMED = 0.85
"""The name of a sheet or file that is so much like that of a table speaks for it."""

CHANCE = 0.7
"""Names that are less alike say nothing."""

NUMBERED = frozenset(
    key
    for name in RECORDS
    if len(TABLES[name].key) == 1 and not any(name in table.parents for table in TABLES.values())
    for key in TABLES[name].key
)
"""Keys for which the number of the row will do, as nothing refers to them."""

Weights = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Fit:
    """How well a sheet fits a table.

    Attributes
    ----------
    score
        The better the higher.
    against
        What speaks against the table: it is taken for it only if nothing does.
    """

    score: float
    against: tuple[str, ...]


def weights_of(part: Part, table: str) -> Weights:
    """Weigh every heading for every column: column -> heading -> weight."""
    return {
        name: {heading: weight(part, heading, table, name) for heading in part.cells}
        for name in TABLES[table].columns
    }


def matches(weights: Weights) -> dict[str, str]:
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
    weights = weights_of(part, table)
    found = matches(weights)
    spec = TABLES[table].columns
    wanted = _wanted(table)
    forms = table == MAIN_FORM
    items = asks_for_answers(part, unused_in(part, found.values())) if forms else 0.0
    likes = ([min(1, weights[c][found[c]]) for c in one if c in found] for one in wanted)
    share = (sum(max(like, default=0) for like in likes) + items) / (len(wanted) + forms)
    named = _named(part, table)
    more = sum(not spec[c].required for c in found)
    rows = max(map(len, part.cells.values()), default=0)
    score = share + 0.05 * min(more, 4) + 0.5 * named + 1e-6 * rows
    return Fit(score, tuple(_against(part, table, found, items, named)))


def _wanted(table: str) -> list[tuple[str, ...]]:
    """Name the columns that every service keeps; of several together, one is enough.

    Left out are those for which the number of the row will do. What says when a row was is there
    in any case: its date, or the reference to what has one.
    """
    spec = TABLES[table].columns
    kept = [c for c in spec if spec[c].required and not spec[c].may_lack and c not in NUMBERED]
    dated = _dating(table)
    return [*((c,) for c in kept), *([dated] if not set(kept) & set(dated) else [])]


def _dating(table: str) -> tuple[str, ...]:
    """Name the columns of which one says when a row was."""
    parents = TABLES[table].parents
    return tuple(
        parents[date.partition(".")[0]] if "." in date else date for date in TABLES[table].date
    )


def _makes(table: str) -> list[tuple[str, ...]]:
    """Name what makes a sheet this table: its identifiers, and when a row was.

    Forms need an item as well. In place of a date whose heading is not recognised stands any
    column of dates, and in place of a person's identifier a column of e-mail addresses or one
    that could be it: which one is an open question.
    """
    spec, dated = TABLES[table].columns, set(_dating(table))
    return [one for one in _wanted(table) if spec[one[0]].kind == "identifier" or dated & {*one}]


def _against(
    part: Part, table: str, found: Mapping[str, str], items: float, named: float
) -> Iterable[str]:
    """Say what speaks against a table."""
    spec = TABLES[table].columns
    lacking = [
        c
        for one in _makes(table)
        if not any(_has(part, table, found, c, named) for c in one)
        for c in one
    ]
    if lacking:
        yield "no column is recognised as " + " or as ".join(spec[c].meaning for c in lacking)
    if table == MAIN_FORM and not items:
        yield "no column holds answers on a scale"
    wanted = _wanted(table)
    open_ones = [one for one in wanted if not found.keys() & {*one}]
    few = len(wanted) - len(open_ones) < FEWEST_COLUMNS * len(wanted)
    telling = sum(_tells(part, table, column, heading) for column, heading in found.items())
    telling += sum(any(_hints(part, table, c, found) for c in one) for one in open_ones)
    telling += 2 * (named >= NAMED) + 2 * (items == 1)
    if few or telling < ENOUGH:
        yield "too few of its headings and cells say so"


def _tells(part: Part, table: str, column: str, heading: str) -> bool:
    """Whether a column speaks for its table, and could not stand in a sheet of any kind."""
    vocabulary = TABLES[table].columns[column].vocabulary
    told = bool(vocabulary) and is_told(known(part.cells[heading])[:200], vocabulary)
    return told or is_telling(heading, column)


def _hints(part: Part, table: str, column: str, found: Mapping[str, str]) -> bool:
    """Whether a column that is asked for has a likely heading that tells the table."""
    others = unused_in(part, found.values())
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
    others = unused_in(part, found.values())
    if TABLES[table].columns[name].kind == "date":
        if table == "families":  # a list of people has dates of all kinds, or none
            key = found.get("family_id", "")
            return named >= NAMED and is_telling(key, "family_id")
        return any(could_be(part, h, table, name) for h in others)
    people = name == PEOPLE.get(table) and any(could_be(part, h, table, name) for h in others)
    return people or (name in PEOPLE.values() and bool(part.people))


def unused_in(part: Part, used: Iterable[str]) -> tuple[str, ...]:
    """Name the headings of a part that were taken for no column."""
    taken = set(used)
    return tuple(heading for heading in part.cells if heading not in taken)
