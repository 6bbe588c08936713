"""How much headings and names of sheets are like those of columns and tables."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import cache

from lmm.cleaning.contract import TABLES
from lmm.start.proposals import RECORDS, defaults, plain

ALIKE = 0.62
"""A heading less like a column than this is not taken for it."""


@cache
def likeness(heading: str, column: str) -> float:
    """Say from 0 to 1 how much a heading is like a column's name or one of its synonyms."""
    mine = plain(heading)
    names = [column.replace("_", " "), *defaults()["columns"].get(column, [])]
    best = 0.0
    for place, name in enumerate(names):
        other = plain(str(name))
        ratio = SequenceMatcher(None, mine, other).ratio()
        if other and set(other.split()) <= set(mine.split()):
            ratio = max(ratio, 0.75)
        best = max(best, ratio - 0.002 * place)
    doubtful = {str(word) for word in defaults()["doubtful"].get(column, [])}
    return best * (0.8 if doubtful & set(mine.split()) else 1.0)


@cache
def is_known_heading(heading: str) -> bool:
    """Whether a text is like the heading of any column."""
    return any(likeness(heading, c) > ALIKE for name in RECORDS for c in TABLES[name].columns)


def likeness_of_name(name: str, table: str) -> float:
    """Say from 0 to 1 how much the name of a sheet or file is like that of a table."""
    mine = plain(name)
    words = [plain(str(word)) for word in defaults()["tables"][table]]
    near = max(SequenceMatcher(None, mine, word).ratio() for word in words)
    return max(near, 0.9 * any(re.search(rf"\b{word}\b", mine) for word in words))
