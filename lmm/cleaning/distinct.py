"""What is done to the cells of a column, done once for each distinct text.

Columns of millions of cells hold few different ones, but for identifiers; and most of these are
written so plainly that nothing is to be done to them. So a function on texts is asked for the
others alone.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lmm.study.labels import fold

TIDY = r"([!-~]+( [!-~]+)*)?"
"""Cells of plain letters, digits and signs in which no white space is to be evened out."""


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
        codes, index = cells.factorize()
        known = [str(text) for text in index.tolist()]
        texts = [made_of(text) for text in known]
        if texts == known:
            return cells
        made = pd.array(texts, dtype="str").take(codes)
        return pd.Series(made, index=cells.index, name=cells.name)
    asked = unlike(cells, unless)
    if not asked.any():
        return cells
    changed = cells.copy()
    changed[asked] = each(cells[asked], made_of)
    return changed


def are_few(cells: pd.Series[str], looked_at: int = 1_000) -> bool:
    """Guess by some cells whether there are few different ones, so that each is soon asked."""
    return cells.iloc[:: len(cells) // looked_at + 1].nunique() < looked_at // 4


def unlike(cells: pd.Series[str], form: str) -> pd.Series[bool]:
    """Say which cells are not wholly of a form, given as a regular expression."""
    return ~cells.str.fullmatch(form)


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
