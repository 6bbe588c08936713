"""Labels in the cells of existing files, and which known label each is a spelling of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from rapidfuzz import fuzz

from lmm.start.proposals import Part, TableDraft, defaults, of_kind
from lmm.study.labels import fold
from lmm.study.problems import visible
from lmm.study.tables import COUNTED_LABELS, TABLES

LONGEST = 40
"""Letters that a label has at most: longer ones that are no known spelling are free text."""

MOSTLY = 0.5
"""Free text differs in more than this share of the cells."""

PLAIN = frozenset({"y", "n", "yes", "no", "true", "false", "1", "0"})
"""Answers to any question, which do not tell one column from another."""


def seen(parts: Sequence[Part], words: Sequence[str]) -> list[str]:
    """Give those of some words that stand alone in a cell."""
    cells = {fold(c) for part in parts for column in part.cells.values() for c in column}
    return [str(word) for word in words if fold(str(word)) in cells]


def known(cells: Sequence[str]) -> list[str]:
    """Leave out cells in which nothing stands, or a word for nothing."""
    nothing = {fold(str(w)) for w in (*defaults()["missing"], *defaults()["totals"])}
    return [cell for cell in cells if cell and fold(cell) not in nothing]


def vocabularies(
    tables: Mapping[str, TableDraft], matched: Mapping[str, Part]
) -> dict[str, dict[str, list[str]]]:
    """List the labels found under the entry that each is most like, others on their own.

    Of a column that could be another, only known labels are listed.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for (table, name), cells in of_kind("label", tables, matched):
        vocabulary = TABLES[table].columns[name].vocabulary
        entries = found.setdefault(vocabulary, {})
        is_open = tables[table].columns[name].is_open
        for label in dict.fromkeys(known(cells)):
            entry = _known_as(label, vocabulary) or ("" if is_open else label)
            if entry and visible(label) == label:
                _enter(label, entry, entries)
    for vocabulary, entries in found.items():
        if not entries:
            entries.update({e: list(map(str, s)) for e, s in _entries(vocabulary).items()})
    for table, draft in tables.items():
        for name, label in draft.alike.items():
            found[TABLES[table].columns[name].vocabulary].setdefault(label, [])
    for vocabulary, label in COUNTED_LABELS.items():
        found.setdefault(vocabulary, {}).setdefault(label, [])
    return found


def _enter(label: str, entry: str, entries: dict[str, list[str]]) -> None:
    same = next((e for e in entries if fold(e) == fold(entry)), entry)
    spellings = entries.setdefault(same, [])
    if fold(label) != fold(same) and fold(label) not in map(fold, spellings):
        spellings.append(label)


def _entries(vocabulary: str) -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = defaults()["vocabularies"].get(vocabulary, {})
    return found


def entry_of(label: str, vocabulary: str) -> str:
    """Give the known entry that a label is a spelling of, or the label itself."""
    return _known_as(label, vocabulary) or label


@cache
def _known_as(label: str, vocabulary: str) -> str:
    """Give the known entry that a label is, begins with, or is very like; else nothing.

    Where a label is counted, that it begins with another spelling proves too little: somebody
    who "came to the door" was not seen.
    """
    spellings = {
        fold(str(spelling)): str(entry)
        for entry, others in _entries(vocabulary).items()
        for spelling in (entry, *others)
    }
    mine = fold(label)
    by_letters = {_bare(spelling): entry for spelling, entry in spellings.items()}
    if entry := by_letters.get(_bare(mine)):
        return entry
    for spelling, entry in spellings.items():
        other = len(spelling) >= 4 and vocabulary not in COUNTED_LABELS
        telling = spelling == fold(entry) or other
        if telling and re.match(rf"{re.escape(spelling)}\b", mine):
            return entry
    alike = [e for e in map(str, _entries(vocabulary)) if fold(e)[:1] == mine[:1]]  # un-attended
    near = {entry: fuzz.ratio(mine, fold(entry)) / 100 for entry in alike}
    best = max(near, key=lambda entry: near[entry], default="")
    return best if near.get(best, 0) >= 0.84 else ""


def _bare(text: str) -> str:
    """Leave out what stands between letters: G.P. is GP."""
    return re.sub(r"[\W_]+", "", fold(text)) or fold(text)


# --- what a column's cells say of it -----------------------------------------------------


def spelled(cells: Sequence[str], vocabulary: str) -> float:
    """Give the share of cells that are known spellings."""
    return sum(bool(_known_as(cell, vocabulary)) for cell in cells) / max(1, len(cells))


def is_told(cells: Sequence[str], vocabulary: str) -> bool:
    """Whether cells by themselves say what they are: known, and more than yes and no."""
    telling = [cell for cell in cells if fold(cell) not in PLAIN]
    return bool(telling) and spelled(cells, vocabulary) >= 0.8 and spelled(telling, vocabulary) > 0


def is_free_text(cells: Sequence[str], vocabulary: str = "") -> bool:
    """Whether cells look written freely, so that they may say anything of anyone."""
    exact = {_bare(str(s)) for e, others in _entries(vocabulary).items() for s in (e, *others)}
    unknown = Counter(fold(cell) for cell in cells if _bare(cell) not in exact)
    long = any(len(cell) > LONGEST and times < 3 for cell, times in unknown.items())
    return long or len(unknown) > MOSTLY * len(cells)
