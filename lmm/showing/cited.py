"""Numbers that know the cells of a table that they come from, so that a sentence can say so.

An answer is a function from a result to sentences. It is asked a second time, with a result whose
numbers remember their cells: what is written of one stands between marks then, which `read`
takes out again. So nobody has to say where a number of a sentence comes from, and nobody can say
it wrongly. What is counted over rows, such as how many targets are green, comes from no cell.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, SupportsFloat

import numpy as np
import pandas as pd

from lmm.analysis.result import Result
from lmm.statistics import rounding
from lmm.study.problems import visible

Cell = tuple[int, str]
"""A row of a table, from 0, and a column."""

OPEN, MIDDLE, CLOSE = "\ue000", "\ue001", "\ue002"
"""Around the cells of a number, and around how it is written; of no language."""

MONTHS = "|".join(calendar.month_name[1:])
NUMBER = re.compile(
    rf"(?:{MONTHS}) \d{{4}}|\d{{4}}(?:/\d\d|-\d\d-\d\d)"
    r"|\d+(?:\.\d+)?%(?= (?:intervals?|certain)\b)"
    r"|(?P<result>(?<![A-Za-z\d])(?:\d[\d,.]*\d|\d)%?)"
)
"""Numbers of a sentence. A date is no result, nor is how sure an interval or a rating has to be,
nor a name such as C12."""


class _Kept:
    """What a number that knows its cells does: whatever is calculated with it knows them, too."""

    cells: frozenset[Cell]

    def __add__(self, other: Any) -> Any:
        return _kept(_plain(self) + _plain(other), self, other)

    def __radd__(self, other: Any) -> Any:
        return _kept(_plain(other) + _plain(self), self, other)

    def __sub__(self, other: Any) -> Any:
        return _kept(_plain(self) - _plain(other), self, other)

    def __rsub__(self, other: Any) -> Any:
        return _kept(_plain(other) - _plain(self), self, other)

    def __mul__(self, other: Any) -> Any:
        return _kept(_plain(self) * _plain(other), self, other)

    def __rmul__(self, other: Any) -> Any:
        return _kept(_plain(other) * _plain(self), self, other)

    def __floordiv__(self, other: Any) -> Any:
        return _kept(_plain(self) // _plain(other), self, other)

    def __mod__(self, other: Any) -> Any:
        return _kept(_plain(self) % _plain(other), self, other)


class _Number(_Kept, float):
    pass


class _Whole(_Kept, int):
    pass


class _Words(str):
    """Words of a cell: the numbers in them come from it."""

    cells: frozenset[Cell]

    def __format__(self, how: str) -> str:
        def marked(found: re.Match[str]) -> str:
            return _marked(found[0], self) if found["result"] else found[0]

        return NUMBER.sub(marked, format(str(self), how))


def _with(value: Any, cells: frozenset[Cell]) -> Any:
    value.cells = cells
    return value


def _plain(value: Any) -> Any:
    match value:
        case _Number():
            return float(value)
        case _Whole():
            return int(value)
    return value


def _kept(value: Any, *of: Any) -> Any:
    cells: frozenset[Cell] = frozenset().union(*(getattr(each, "cells", ()) for each in of))
    return _with(_Whole(value) if isinstance(value, int) else _Number(value), cells)


def of_cell(value: float, row: int, column: str) -> float:
    """Give a number that knows its cell."""
    found: float = _with(_Number(value), frozenset([(row, column)]))
    return found


def cited(result: Result) -> Result:
    """Give the same result with numbers, and words with numbers in them, that know their cells."""
    words = result.columns("words", "stratum")
    columns = {
        str(name): [_cell(value, (n, str(name)), str(name) in words) for n, value in enumerate(col)]
        for name, col in result.table.items()
    }
    table = result.table.assign(
        **{
            name: pd.Series(values, result.table.index, dtype="object")
            for name, values in columns.items()
            if any(hasattr(each, "cells") or isinstance(each, str) for each in values)
        }
    )
    return result.with_table(table)


def _cell(value: Any, at: Cell, is_words: bool) -> Any:
    if isinstance(value, str):
        text = visible(value)  # no label can pass for a mark
        has_number = is_words and any(letter.isdigit() for letter in text)
        return _with(_Words(text), frozenset([at])) if has_number else text
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return _with(_Whole(value), frozenset([at]))
    if isinstance(value, float | np.floating) and not np.isnan(value):
        return _with(_Number(value), frozenset([at]))
    return value


# --- writing ----------------------------------------------------------------------------------


def _marked(text: str, of: object) -> str:
    """Put the cells of a number around how it is written, if it knows them."""
    cells = getattr(of, "cells", None)
    if not cells:
        return text
    names = "+".join(f"{row}.{column}" for row, column in sorted(cells))
    return f"{OPEN}{names}{MIDDLE}{text}{CLOSE}"


def fixed(value: SupportsFloat, decimals: int = 0) -> str:
    """Write a number with so many decimals; see `lmm.statistics.rounding.fixed`."""
    return _marked(rounding.fixed(_plain(value), decimals), value)


def in_percent(share: float, decimals: int = 0, *, sign: str = "%") -> str:
    """Write a share in percent; see `lmm.statistics.rounding.in_percent`.

    Parameters
    ----------
    sign
        Nothing, where the sign stands behind a later number.
    """
    text = rounding.in_percent(_plain(share), decimals).removesuffix("%")
    return _marked(f"{text}{sign}", share)


def declared_percent(share: float) -> str:
    """Write a share that is declared; see `lmm.statistics.rounding.declared_percent`."""
    return _marked(rounding.declared_percent(_plain(share)), share)


# --- reading ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Numeral:
    """A number of a sentence.

    Attributes
    ----------
    begins, ends
        Where it stands in the sentence.
    cells
        What it is written from; none for one that is counted over the rows of the table.
    """

    begins: int
    ends: int
    cells: tuple[Cell, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The cells by the line of the file that is kept, below its headings, and the column."""
        return tuple(f"{row + 2}:{column}" for row, column in self.cells)


def read(sentence: str) -> tuple[str, tuple[Numeral, ...]]:
    """Take the marks out of a sentence; give it, and its numbers in order."""
    text, found = "", []
    for part, cells in _parts(sentence):
        begins = len(text)
        text += visible(part)
        if cells:
            found.append(Numeral(begins, len(text), cells))
    return text, tuple(sorted([*found, *_counted(text, found)], key=lambda each: each.begins))


def _parts(sentence: str) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    end = 0
    for mark in re.finditer(f"{OPEN}([^{MIDDLE}]*){MIDDLE}([^{CLOSE}]*){CLOSE}", sentence):
        yield sentence[end : mark.start()], ()
        named = (each.partition(".") for each in mark[1].split("+"))
        yield mark[2], tuple((int(row), column) for row, _, column in named)
        end = mark.end()
    yield sentence[end:], ()


def _counted(text: str, known: list[Numeral]) -> Iterator[Numeral]:
    """Find the numbers of a sentence that come from no cell."""
    for found in NUMBER.finditer(text):
        inside = any(each.begins < found.end() and found.start() < each.ends for each in known)
        if found["result"] and not inside:
            yield Numeral(*found.span(), ())


Answer = Callable[[Result], Any]
"""Gives the sentences that answer the question of a section."""


def with_numerals(answer: Answer, result: Result) -> list[tuple[str, tuple[Numeral, ...]]]:
    """Give the sentences of an answer, and the numbers of each.

    Raises
    ------
    ValueError
        If the answer says something else of numbers that know their cells, which would be a
        fault of how it writes them.
    """
    plain = [visible(sentence) for sentence in answer(result)]
    found = [read(sentence) for sentence in answer(cited(result))]
    if [text for text, _ in found] != plain:
        raise ValueError(f"{plain} is said otherwise of the same numbers: {found}")
    return found
