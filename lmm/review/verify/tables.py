"""Two versions of a table, compared by value: order and ways of writing a number hide nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd

from lmm.review.verify.item import Difference
from lmm.showing.tables import TOLERANCES
from lmm.study.problems import counted, cut

NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
"""A number as tables hold it; 007 is a name."""

Row = tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell that is other: its line in the table that was there, its column, and both texts."""

    line: int
    column: str
    made: str
    held: str

    @property
    def difference(self) -> Decimal | None:
        """By how much two numbers differ."""
        made, held = number(self.made), number(self.held)
        return None if made is None or held is None else abs(made - held)

    @property
    def place(self) -> str:
        """Where it is, and what stands there."""
        held, made = (cut(text) or "nothing" for text in (self.held, self.made))
        return f"line {self.line}, column {self.column}: {held}, where {made} was made"


def read(path: Path) -> pd.DataFrame:
    """Read a table as it is written, each cell as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def tolerances(path: Path) -> dict[str, float]:
    """Read by how much the numbers of a table may differ, as the roles of its columns declare."""
    beside = path.with_suffix(TOLERANCES)
    return json.loads(beside.read_text("utf-8")) if beside.is_file() else {}


@cache
def number(cell: str) -> Decimal | None:
    """Give the number that a cell holds; None if it holds none."""
    return Decimal(cell) if NUMBER.fullmatch(cell) else None


def same(made: str, held: str, tolerance: float = 0.0) -> bool:
    """Whether two cells hold the same: nothing is not 0, and 1.0 is 1."""
    one, other = number(made), number(held)
    if one is None or other is None:
        return made == held
    return abs(one - other) <= Decimal(str(tolerance))


def difference(
    made: pd.DataFrame, held: pd.DataFrame, tolerance: Mapping[str, float] | None = None
) -> Difference | None:
    """Say how two tables differ in what they hold; None if they hold the same.

    Rows are matched by the words in them, so that one row more or less is told as that.

    Parameters
    ----------
    tolerance
        By how much numbers may differ, by column; not at all by default.
    """
    headings = _headings(list(map(str, made)), list(map(str, held)))
    shared = [str(name) for name in made if name in held]
    left, right = _rows(made[shared]), _rows(held[shared])
    matched = _match(left, right)
    allowed = [(tolerance or {}).get(name, 0.0) for name in shared]
    cells = [
        Cell(n + 2, name, one, other)
        for m, n in matched.pairs
        for name, one, other, limit in zip(shared, left[m], right[n], allowed, strict=True)
        if not same(one, other, limit)
    ]
    return _told(headings, matched, cells, left, right)


@dataclass(frozen=True)
class _Matched:
    """Rows that belong together, by their numbers; those only made, and those only held."""

    pairs: Sequence[tuple[int, int]]
    missing: Sequence[int]
    extra: Sequence[int]

    @property
    def moved(self) -> list[int]:
        """The rows that do not stand where those before and after them say."""
        held = [n for _, n in sorted(self.pairs)]
        return sorted(n for n, there in zip(held, sorted(held), strict=True) if n != there)


def _rows(table: pd.DataFrame) -> list[Row]:
    return [tuple(map(str, row)) for row in table.itertuples(index=False, name=None)]


def _plain(row: Row) -> tuple[str | Decimal, ...]:
    """Give a row with its numbers as numbers."""
    return tuple(cell if (found := number(cell)) is None else found.normalize() for cell in row)


def _match(made: Sequence[Row], held: Sequence[Row]) -> _Matched:
    """Match rows that are the same, then those of the same words, then what is left, in order."""
    columns = zip(*made, *held, strict=True)
    words = [n for n, cells in enumerate(columns) if any(c and number(c) is None for c in cells)]
    missing, extra = list(range(len(made))), list(range(len(held)))
    pairs: list[tuple[int, int]] = []
    for key_of in (_plain, lambda row: tuple(row[n] for n in words)):
        mine, theirs = _keyed(made, missing, key_of), _keyed(held, extra, key_of)
        pairs += [(mine[key], theirs[key]) for key in mine if key in theirs]
        missing = [n for key, n in mine.items() if key not in theirs]
        extra = [n for key, n in theirs.items() if key not in mine]
    if len(missing) == len(extra):  # words of theirs are other
        return _Matched([*pairs, *zip(missing, extra, strict=True)], [], [])
    return _Matched(pairs, missing, extra)


Key = tuple[str | Decimal, ...]


def _keyed(
    rows: Sequence[Row], numbers: Iterable[int], key_of: Callable[[Row], Key]
) -> dict[tuple[Key, int], int]:
    """Find rows by their key, and by how many before them have the same."""
    seen: Counter[Key] = Counter()
    found = {}
    for n in numbers:
        key = key_of(rows[n])
        found[key, seen[key]] = n
        seen[key] += 1
    return found


def _headings(made: list[str], held: list[str]) -> list[str]:
    """Say how the headings differ."""
    said = [f"column {name} is missing" for name in made if name not in held]
    said += [f"column {name} was not made" for name in held if name not in made]
    if not said and made != held:
        said = ["the same columns in another order"]
    return said


def _told(
    headings: list[str],
    matched: _Matched,
    cells: Sequence[Cell],
    made: Sequence[Row],
    held: Sequence[Row],
) -> Difference | None:
    """Word what was found."""
    missing, extra, moved = matched.missing, matched.extra, matched.moved
    why = [
        *headings,
        *[f"{counted(len(missing), 'row')} missing"] * bool(missing),
        *[f"{counted(len(extra), 'row')} that no run makes"] * bool(extra),
        *[f"{counted(len(cells), 'cell')} of another value"] * bool(cells),
        *["rows in another order"] * bool(moved),
    ]
    if not why:
        return None
    places = [
        *(cell.place for cell in cells),
        *(f"missing: {cut(', '.join(filter(None, made[n])))}" for n in missing),
        *(f"line {n + 2}, in excess: {cut(', '.join(filter(None, held[n])))}" for n in extra),
        *(f"line {n + 2}, in another place" for n in moved),
    ]
    if cells and not (missing or extra or headings):
        parts, unit = len(cells), "cell"
    else:
        parts, unit = len(places) or len(headings), "row" if places else "column"
    sizes = [(cell.difference, cell) for cell in cells if cell.difference is not None]
    return Difference(
        "; ".join(why),
        parts,
        unit,
        max((float(by) for by, _ in sizes), default=None),
        max((float(by / _greater(cell)) for by, cell in sizes), default=None),
        tuple(places),
    )


def _greater(cell: Cell) -> Decimal:
    """Give the greater of two numbers that differ, so that it is not 0."""
    return max(abs(number(text) or Decimal()) for text in (cell.made, cell.held))
