"""What a sheet of a workbook says that its reader passes over in silence.

One pass over the sheet's part finds how far the sheet reaches, how much its cells hold, what is
merged, the errors such as #REF!, and the formulas that were never calculated.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from lmm.cleaning import limits
from lmm.cleaning.book_xml import Book, damage_told, parse
from lmm.study.problems import StudyError, refuse

MOST_MARKS = 10_000
"""Merged ranges that a sheet may have, and cells that cannot be read."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Where every sheet ends."""

ERROR = 20
"""Letters that are kept of a cell: the errors are shorter."""

Range = tuple[int, int, int, int]
"""First column, first line, last column and last line, counted from 1."""


@dataclass
class SheetFacts:
    """What one pass found.

    Attributes
    ----------
    filled
        Whether any cell holds something.
    broken
        Cells that would read as empty: line, column, and what each holds.
    merged
        Ranges of cells that are one.
    """

    filled: bool = False
    broken: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)


def facts(book: Book, sheet: str) -> SheetFacts:
    """Pass once over a sheet.

    Raises
    ------
    StudyError
        If it cannot be read, or holds so much that reading it would take all memory.
    """
    found = _Pass(book, sheet)
    with damage_told(book.path, sheet), book.open() as archive:
        parse(archive, book.sheets[sheet], found.start, found.end, found.characters)
    return found.facts


class _Pass:
    """Where the pass stands, and what it found so far."""

    def __init__(self, book: Book, sheet: str) -> None:
        self.book, self.sheet = book, sheet
        self.facts = SheetFacts()
        self.line = self.column = self.cells = self.letters = 0
        self.lowest = self.rightmost = (0, 0)
        self.within: set[str] = set()
        self.kind = self.text = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self.line, self.column = int(attributes.get("r", self.line + 1)), 0
        elif name == "c":
            self._go_to(attributes.get("r", ""))
            self.within, self.kind, self.text = {"c"}, attributes.get("t", "n"), ""
        elif self.within:
            self.within.add(name)
        elif name == "mergeCell":
            first, _, last = attributes["ref"].partition(":")
            (line, column), (last_line, last_column) = _place(first), _place(last or first)
            self.facts.merged.append((column, line, last_column, last_line))
            if len(self.facts.merged) > MOST_MARKS:
                raise self._too_many("merged ranges", "unmerge them and fill each cell")

    def characters(self, text: str) -> None:
        if self.within & {"v", "is"}:
            self.letters += len(text)
            if len(self.text) < ERROR:
                self.text += text[:ERROR]

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "c" and self.within:
            self._close_cell()
            self.within = set()

    def _go_to(self, reference: str) -> None:
        if reference:
            self.line, self.column = _place(reference)
        else:
            self.column += 1

    def _close_cell(self) -> None:
        if not self.within & {"v", "is", "f"}:
            return  # nothing but a format
        self._reach()
        self._count()
        uncalculated = "f" in self.within and not self.text and not self._is_empty_text()
        if self.kind == "e":
            self._break(f"holds the error {self.text}")
        elif uncalculated:
            self._break("holds a formula without a saved result")
        self.facts.filled |= bool(self.text) or uncalculated

    def _count(self) -> None:
        """Refuse a sheet whose cells hold too much: a text counts in each cell that shares it."""
        self.cells += 1
        if self.kind == "s":
            texts = self.book.lengths
            if not self.text.isdecimal() or int(self.text) >= len(texts):
                raise ValueError(f"there is no text number {self.text!r}")
            self.letters += texts[int(self.text)]
        if self.cells > limits.MOST_CELLS:
            raise self._too_many("cells", "save it anew", limits.MOST_CELLS)
        if self.letters > limits.MOST_LETTERS:
            raise limits.too_many_letters(self.book.path, self.sheet)

    def _break(self, what: str) -> None:
        self.facts.broken.append((self.line, self.column, what))
        if len(self.facts.broken) > MOST_MARKS:
            raise self._too_many("errors, and formulas without a result,", "mend them")

    def _too_many(self, what: str, fix: str, most: int = MOST_MARKS) -> StudyError:
        why = f"has more than {most:,} {what}"
        return refuse(why, self.book.path, sheet=self.sheet, fix=fix)

    def _is_empty_text(self) -> bool:
        return self.kind == "str" and "v" in self.within

    def _reach(self) -> None:
        """Refuse a sheet of which so much would be read; every cell up to the last one is."""
        self.lowest = max(self.lowest, (self.line, self.column))
        self.rightmost = max(self.rightmost, (self.column, self.line))
        lines, columns = self.lowest[0], self.rightmost[0]
        if lines * columns > limits.MOST_CELLS:
            ends = {cell_name(*self.lowest), cell_name(*reversed(self.rightmost))}
            raise refuse(
                f"reaches to the cell {' and to '.join(sorted(ends))}: {lines:,} lines of "
                f"{columns:,} columns, more than {limits.MOST_CELLS / 1e6:.0f} million cells",
                self.book.path,
                sheet=self.sheet,
                fix="delete the rows below the records and the columns beside them, and save it",
            )


def cell_name(line: int, column: int) -> str:
    """Name a cell as Excel does: A1."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    return f"{get_column_letter(column)}{line}"


_CELL = re.compile(r"([A-Za-z]{1,3})([1-9]\d{0,6})")


def _place(reference: str) -> tuple[int, int]:
    """Find the line and the column of a cell such as B12."""
    found = _CELL.fullmatch(reference)
    if not found or int(found[2]) > LAST_ROW or _column(found[1]) > LAST_COLUMN:
        raise ValueError(f"there is no cell {reference[:ERROR]!r}")
    return int(found[2]), _column(found[1])


@cache
def _column(letters: str) -> int:
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415

    column: int = column_index_from_string(letters)
    return column
