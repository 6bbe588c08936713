"""Rows of text, kept by column: a table of millions of rows takes little more room than its text.

They are read a block of rows at a time, so that a row is a list of cells for a moment only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.cleaning import limits

Block = tuple[Sequence[int], Sequence[Sequence[str]]]
"""Some rows one below the other: the numbers of their lines, counted from 1, and their cells."""

Above = dict[int, Sequence[str]]
"""The lines down to the headings, by number."""

ROWS = 1_000
"""Rows of a block; with more at a time, looking for what can be freed takes longer than reading."""


class TooManyCellsError(ValueError):
    """A table has more cells than may be read; ``line`` says where."""

    def __init__(self, most: int, line: int) -> None:
        super().__init__(f"has more than {most / 1e6:.0f} million cells")
        self.line = line


@dataclass(frozen=True, eq=False)
class Lines(Mapping[int, Sequence[str]]):
    """Rows by the number of their line, in order, all as wide as the headings but for a few.

    Attributes
    ----------
    frame
        The cells: text, a column for each heading, numbered from 0; indexed by line.
    odd
        The rows of another width as they stand, blank lines among them. In the frame they are
        cut off or filled with "".
    """

    frame: pd.DataFrame
    odd: Mapping[int, Sequence[str]]

    @classmethod
    def of(cls, blocks: Iterable[Block], width: int, most: int | None = None) -> Self:
        """Put blocks of rows together.

        Parameters
        ----------
        width
            Of the headings.
        most
            Cells that there may be, an empty row counting 1: as many as a sheet may have, or
            more. In rows of another width it is never more.

        Raises
        ------
        TooManyCellsError
            If there are more.
        """
        import pyarrow as pa  # noqa: PLC0415

        numbers: list[npt.NDArray[np.int64]] = [np.zeros(0, "int64")]
        columns: list[list[Any]] = [[pa.array([], pa.large_string())] for _ in range(width)]
        odd: dict[int, Sequence[str]] = {}
        cells = odd_cells = 0
        for lines, rows in blocks:
            other = _odd(lines, rows, width)
            odd |= other
            odd_cells += sum(max(len(row), 1) for row in other.values())
            cells += len(rows) * max(width, 1)
            _check_number(odd_cells, limits.MOST_CELLS, lines)
            _check_number(cells, most or limits.MOST_CELLS, lines)
            even = [_filled(row, width) for row in rows] if other else rows
            numbers.append(np.array(lines, "int64"))
            for column, texts in zip(columns, zip(*even, strict=True), strict=False):
                column.append(pa.array(texts, pa.large_string()))
        made = cls.of_columns(np.concatenate(numbers), map(pa.chunked_array, columns))
        return cls(made.frame, odd)

    @classmethod
    def of_columns(cls, numbers: npt.ArrayLike, columns: Iterable[Any]) -> Self:
        """Put columns of cells side by side, each an array of Arrow in chunks."""
        import pyarrow as pa  # noqa: PLC0415

        wholes = (pa.chunked_array([pa.concat_arrays(column.chunks)]) for column in columns)
        texts = dict(enumerate(whole.to_pandas() for whole in wholes))
        index = pd.Index(np.asarray(numbers, "int64"), name="line")
        return cls(pd.DataFrame(texts, index=range(len(index))).set_axis(index, axis=0), {})

    def __getitem__(self, line: int) -> Sequence[str]:
        return self._rows[line]

    def __contains__(self, line: object) -> bool:
        return line in self.frame.index

    def __iter__(self) -> Iterator[int]:
        return iter(self.frame.index.tolist())

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def _rows(self) -> dict[int, Sequence[str]]:
        """All rows as lists; large, and only for what looks at a few of them one by one."""
        columns = [cells.tolist() for _, cells in self.frame.items()]
        rows = map(list, zip(*columns, strict=True)) if columns else ([] for _ in self)
        return {**dict(zip(self, rows, strict=True)), **self.odd}

    def column(self, number: int) -> pd.Series[str]:
        """Give the cells of a column, counted from 1, of the rows that reach so far."""
        if number > self.frame.shape[1]:
            return pd.Series(dtype="str")
        short = [line for line, row in self.odd.items() if len(row) < number]
        return self.frame[number - 1].drop(index=short)

    def only(self, kept: npt.NDArray[np.bool_] | slice) -> Self:
        """Keep some of the rows."""
        frame = self.frame[kept]
        odd = {line: row for line, row in self.odd.items() if line in frame.index}
        return type(self)(frame, odd)

    def without(self, left_out: Iterable[int]) -> Self:
        """Leave out the rows of some lines."""
        out = pd.Index(list(left_out), dtype="int64")
        return self if out.empty else self.only(~self.frame.index.isin(out))


def _check_number(cells: int, most: int, lines: Sequence[int]) -> None:
    if cells > most:
        raise TooManyCellsError(most, lines[0])


def _odd(
    lines: Sequence[int], rows: Sequence[Sequence[str]], width: int
) -> dict[int, Sequence[str]]:
    if {*map(len, rows)} <= {width}:
        return {}
    return {line: row for line, row in zip(lines, rows, strict=True) if len(row) != width}


def _filled(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]


def gathered(
    blocks: Iterable[Block], heading_lines: Sequence[int], most: int | None = None
) -> tuple[Above, Lines]:
    """Part the lines down to the headings from the rows below, and put these together.

    Raises
    ------
    TooManyCellsError
        If there are more cells.
    """
    above, below = _parted(iter(blocks), heading_lines[-1])
    width = max((len(above[line]) for line in heading_lines if line in above), default=0)
    return above, Lines.of(below, width, most=most)


def _parted(blocks: Iterator[Block], last: int) -> tuple[Above, Iterator[Block]]:
    """Part the rows up to a line, by their number, from those below it."""
    above: Above = {}
    for lines, rows in blocks:
        n = bisect_right(lines, last)
        above |= zip(lines[:n], rows[:n], strict=True)
        if n < len(lines):
            return above, chain([(lines[n:], rows[n:])], blocks)
    return above, iter(())
