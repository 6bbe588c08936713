"""Columns that say what did not take place: did not attend, cancelled, was not brought.

The words are those of the vocabulary `contact_outcome` in ``defaults.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from lmm.start.headings import likeness
from lmm.start.labels import PLAIN, entry_of
from lmm.start.proposals import defaults, plain
from lmm.study.labels import fold

NOT_HELD = ("did not attend", "cancelled")
"""The outcomes of what did not take place."""

LONGEST = 60
"""Letters of a cell in which such words are looked for; longer ones are told at length."""

ASKS = 0.8
"""A heading as much like that of an outcome asks whether somebody came."""

ASKS_OF_MISSING = re.compile(r"^((was|were|is) )?(missed|absent|no show|cancelled|canceled|dna)\b")
"""How a heading begins that asks for what did not take place."""

CROSS = "x"
"""Says yes under a heading that asks who was missing."""


@cache
def _telling() -> re.Pattern[str]:
    """Words that tell it wherever they stand in a cell: of one alone, only those that are clear."""
    entries = defaults()["vocabularies"]["contact_outcome"]
    words = [fold(str(word)) for entry in NOT_HELD for word in (entry, *entries[entry])]
    clear = [w for w in words if " " in w or w.startswith("cancel") or w == "dna"]
    return re.compile(rf"\b({'|'.join(map(re.escape, clear))})\b")


def asks_of_missing(heading: str, cells: Sequence[str]) -> bool:
    """Whether a column asks who did not come, such as DNA or Cancelled, so that yes means no."""
    marks = {fold(cell) for cell in cells}
    said = PLAIN | {CROSS} | _marks("yes") | _marks("no")
    return bool(ASKS_OF_MISSING.search(plain(heading))) and marks <= said


def missed(heading: str, cells: Sequence[str]) -> list[str]:
    """Give the cells that say that something did not take place."""
    found = [cell for cell in cells if cell.strip()]
    if asks_of_missing(heading, found):
        return [c for c in found if fold(c) == CROSS or entry_of(c, "yes_no") == "yes"]
    asks = max(likeness(heading, "outcome"), likeness(heading, "attended")) >= ASKS
    if asks and {fold(cell) for cell in found} <= PLAIN | _marks("yes") | _marks("no"):
        return [cell for cell in found if entry_of(cell, "yes_no") == "no"]
    return [cell for cell in found if _is_missed(cell)]


@cache
def _marks(answer: str) -> frozenset[str]:
    return frozenset(fold(str(s)) for s in defaults()["vocabularies"]["yes_no"][answer])


@cache
def _is_missed(cell: str) -> bool:
    if len(cell) > LONGEST or fold(cell) in PLAIN:
        return False
    return entry_of(cell, "contact_outcome") in NOT_HELD or bool(_telling().search(fold(cell)))
