"""How much headings and names of sheets are like those of columns and tables."""

from __future__ import annotations

import re
from functools import cache

from rapidfuzz import fuzz

from lmm.start.proposals import RECORDS, defaults, plain
from lmm.study.tables import TABLES

ALIKE = 0.62
"""A heading less like a column than this is not taken for it."""

NEARLY = 0.8
"""Words that share fewer of their letters than this are alike by chance."""

HOLDS = 0.75
"""How much a heading that holds the words of a column among others is like it."""

HOLDS_GENERIC = 0.65
"""The same where the words stand in headings of every kind, such as "date" or "type"."""


@cache
def likeness(heading: str, column: str) -> float:
    """Say from 0 to 1 how much a heading is like a column's name or one of its synonyms."""
    mine = plain(heading)
    best = max(
        _like(mine, name, n, whole=column in _identifiers())
        for n, name in enumerate(_names(column))
    )
    if column in _identifiers() and _is_thing_and_number(mine, column):
        best = max(best, HOLDS)
    doubtful = {str(word) for word in defaults()["doubtful"].get(column, [])}
    return best * (0.8 if doubtful & set(mine.split()) else 1.0)


@cache
def is_telling(heading: str, column: str) -> bool:
    """Whether a heading is like a column by words that are not in headings of every kind."""
    mine = plain(heading)
    telling = [name for name in _names(column) if not _is_generic(name)]
    thing = column in _identifiers() and _is_thing_and_number(mine, column)
    return thing or max((_like(mine, name) for name in telling), default=0.0) >= ALIKE


def _like(mine: str, name: str, place: int = 0, *, whole: bool = False) -> float:
    """Compare two headings; ``whole`` if generic words among others say nothing, as of numbers."""
    ratio = fuzz.ratio(mine, name) / 100
    like = ratio if ratio >= NEARLY else 0.0
    if set(name.split()) <= set(mine.split()):
        among = 0.0 if whole else HOLDS_GENERIC
        like = max(like, among if _is_generic(name) else HOLDS)
    return max(0.0, like - 0.002 * place)


@cache
def _names(column: str) -> tuple[str, ...]:
    known = (column.replace("_", " "), *map(str, defaults()["columns"].get(column, [])))
    return tuple(dict.fromkeys(filter(None, map(plain, known))))


@cache
def _identifiers() -> frozenset[str]:
    every = (column for name in RECORDS for column in TABLES[name].columns.items())
    return frozenset(name for name, spec in every if spec.kind == "identifier")


def _is_generic(name: str) -> bool:
    return set(name.split()) <= set(map(str, defaults()["generic"]))


def _is_thing_and_number(mine: str, column: str) -> bool:
    """Whether a heading is a word for the number of what a table lists, such as "training ref"."""
    words = set(mine.split())
    numbers = words & set(map(str, defaults()["numbers"]))
    return bool(numbers) and bool(words - numbers) and words - numbers <= _things(column)


@cache
def _things(column: str) -> frozenset[str]:
    """Give the words, one of each, for what the table lists whose key a column is."""
    tables = [name for name in RECORDS if TABLES[name].key == (column,)]
    words = {plain(str(word)) for name in tables for word in defaults()["tables"][name]}
    return frozenset(re.sub(r"ies$", "y", w).removesuffix("s") for w in words if " " not in w)


@cache
def is_known_heading(heading: str) -> bool:
    """Whether a text is like the heading of any column."""
    return any(likeness(heading, c) > ALIKE for name in RECORDS for c in TABLES[name].columns)


@cache
def is_date_heading(heading: str) -> bool:
    """Whether a text is like the heading of any column of dates."""
    return any(
        column.kind == "date" and likeness(heading, name) > ALIKE
        for table in RECORDS
        for name, column in TABLES[table].columns.items()
    )


@cache
def likeness_of_name(name: str, table: str) -> float:
    """Say from 0 to 1 how much the name of a sheet or file is like that of a table."""
    mine = plain(name)
    words = [plain(str(word)) for word in defaults()["tables"][table]]
    near = max(fuzz.ratio(mine, word) / 100 for word in words)
    return max(near, 0.9 * any(re.search(rf"\b{word}\b", mine) for word in words))
