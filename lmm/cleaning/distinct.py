"""What is done to the cells of a column, done once for each distinct text.

Columns of millions of cells hold few different ones, but for identifiers; and most of these are
written so plainly that nothing is to be done to them. So a function on texts is asked for the
others alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.cleaning.keys import LONGEST, PLAIN, WHOLE
from lmm.study.labels import fold

TIDY = r"([!-~]+( [!-~]+)*)?"
"""Cells of plain letters, digits and signs in which no white space is to be evened out."""

LETTERS = {TIDY: "[!-~]", WHOLE: "[ -*,-~]", PLAIN: "[A-Z0-9/_-]"}
"""Of forms, letters of which up to `LONGEST` are of the form: most cells hold no others."""

Codes = npt.NDArray[np.signedinteger[Any]]


def each(
    cells: pd.Series[str], made_of: Callable[[str], str], *, unless: str = ""
) -> pd.Series[str]:
    """Give what a function makes of each cell.

    Parameters
    ----------
    unless
        A regular expression: cells that are wholly of this form are as the function would leave
        them, so that it need not be asked.
    """
    if not unless or are_few(cells):
        codes, known = coded(cells)
        return spread([made_of(text) for text in known], codes, cells, known)
    asked = unlike(cells, unless)
    if not asked.any():
        return cells
    changed = cells.copy()
    changed[asked] = each(cells[asked], made_of)
    return changed


def coded(cells: pd.Series[str]) -> tuple[Codes, list[str]]:
    """Give the distinct texts of a column, and of each cell which of them it is."""
    codes, texts = cells.factorize()
    return codes, [str(text) for text in texts.tolist()]


def spread(
    texts: list[str], codes: Codes, cells: pd.Series[str], known: list[str]
) -> pd.Series[str]:
    """Give cells the texts that they are coded as, instead of the known ones."""
    if texts == known:
        return cells
    made = pd.array(texts, dtype="str").take(codes)
    return pd.Series(made, index=cells.index, name=cells.name)


def are_few(cells: pd.Series[str], looked_at: int = 1_000) -> bool:
    """Guess by some cells whether there are few different ones, so that each is soon asked."""
    return cells.iloc[:: len(cells) // looked_at + 1].nunique() < looked_at // 4


def unlike(cells: pd.Series[str], form: str) -> pd.Series[bool]:
    """Say which cells are not wholly of a form, given as a regular expression."""
    if form not in LETTERS:
        return ~cells.str.fullmatch(form)
    found = _long_or_holding_others(cells, LETTERS[form])
    if found.any():
        found[found] = ~cells[found].str.fullmatch(form).to_numpy()
    return pd.Series(found, index=cells.index)


def _long_or_holding_others(cells: pd.Series[str], letters: str) -> npt.NDArray[np.bool_]:
    """Say which cells are long or hold other letters, in one pass over the bytes of a column."""
    import pyarrow as pa  # noqa: PLC0415

    column = pa.array(cells, pa.large_string())
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    _, places, text = column.buffers()
    begins = np.frombuffer(places, "int64")[column.offset :][: len(column) + 1]
    found = np.diff(begins) > LONGEST
    if found.size:
        within = np.frombuffer(text or b"", "uint8")[begins[0] : begins[-1]]
        others = np.flatnonzero(_other_bytes(letters)[within])
        found[np.searchsorted(begins[1:] - begins[0], others, side="right")] = True
    return found


@cache
def _other_bytes(letters: str) -> npt.NDArray[np.bool_]:
    """Say of each byte whether it is none of these letters, all of which are of one byte."""
    return np.array([not re.fullmatch(letters, chr(byte)) for byte in range(256)])


def folded(cells: pd.Series[str]) -> pd.Series[str]:
    """Fold cells in which white space is evened out, as `lmm.study.labels.fold` does."""
    texts = cells.str.lower().array  # of plain letters that is all
    plain = cells.str.isascii().to_numpy()
    if not plain.all():
        texts[~plain] = each(cells[~plain], fold).array
    return pd.Series(texts, index=cells.index, name=cells.name)


def among(cells: pd.Series[str], known: pd.Series[str]) -> pd.Series[bool]:
    """Say which cells are among the known ones, of which there may be as many."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import compute  # noqa: PLC0415

    values = pa.array(known, pa.large_string())
    found = compute.is_in(pa.array(cells, pa.large_string()), value_set=values)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=cells.index)
