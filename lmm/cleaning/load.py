"""The only reader of tables: raw files as text, clean tables as typed frames."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from lmm.cleaning.contract import typed
from lmm.cleaning.first_read import note_first_read
from lmm.cleaning.ledger import LEFT_OUT
from lmm.cleaning.parts import Encode, read_part
from lmm.cleaning.pseudonyms import kept_key, new_key, pseudonyms
from lmm.cleaning.save import read_saved
from lmm.study.mapping import check_study
from lmm.study.place import LINES_A_PART
from lmm.study.problems import StudyError
from lmm.study.source import ROW_NUMBER, TableSource
from lmm.study.study import Study
from lmm.study.table import Column, Table
from lmm.study.tables import tables_of


def read_raw(study: Study, only: Collection[str] = ()) -> dict[str, pd.DataFrame]:
    """Read every raw table as text.

    Parameters
    ----------
    only
        Tables that are read, if not all are: the others are empty.

    Returns
    -------
    dict
        By table name, a frame of strings whose columns are the contract's and whose index,
        ``line``, numbers the rows by their line (see `lmm.study.place.LINES_A_PART`). A table that
        the service does not keep is empty, and so is a column that it does not keep. Where
        rows of a table are no records, a column more, `LEFT_OUT`, gives the reason.

    Raises
    ------
    StudyError
        With one line for each file that cannot be read, each heading that is missing, and
        each column that looks like a direct identifier.
    """
    frames, problems = read_all(study, only)
    if problems:
        raise StudyError(*problems)
    return frames


def read_all(study: Study, only: Collection[str] = ()) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Read what can be read; give the frames, and the problems of the others.

    That records of real people were read is noted in the study, the first time.

    Raises
    ------
    StudyError
        If ``study.yaml`` does not fit the contract, or the key of the pseudonyms is none.
    """
    check_study(study)
    encode = _encoder(study)
    frames: dict[str, pd.DataFrame] = {}
    problems: list[str] = []
    for name, table in tables_of(study).items():
        if only and name not in only:
            frames[name] = _empty(table)
            continue
        parts: list[pd.DataFrame] = []
        wrong: list[str] = []
        for read in _parts(study, name, encode):
            try:
                parts.append(read())
            except StudyError as error:
                wrong += error.problems
        problems += wrong
        if not wrong:
            frames[name] = _joined(parts)
    note_first_read(study, frames)
    return frames, list(dict.fromkeys(problems))


def reader(study: Study) -> Callable[[str], Iterator[pd.DataFrame]]:
    """Give what reads a table by its name, one file or sheet after the other.

    Each part is as `read_raw` gives the whole. What is wrong with the first that cannot be read
    is raised as a `StudyError`.

    Raises
    ------
    StudyError
        If ``study.yaml`` does not fit the contract, or the key of the pseudonyms is none.
    """
    check_study(study)
    encode = _encoder(study)

    def read(name: str) -> Iterator[pd.DataFrame]:
        for part in _parts(study, name, encode):
            frame = part()
            note_first_read(study, {name: frame})
            yield frame

    return read


def _encoder(study: Study) -> Encode:
    return partial(pseudonyms, key=kept_key(study) or new_key(), missing=study.missing)


def _empty(table: Table) -> pd.DataFrame:
    return pd.DataFrame(columns=list(table.columns), dtype="str", index=_lines([]))


def _lines(numbers: npt.ArrayLike) -> pd.Index[int]:
    lines: pd.Index[int] = pd.Index(np.asarray(numbers, "int64"), name="line")
    return lines


def _parts(study: Study, name: str, encode: Encode) -> list[Callable[[], pd.DataFrame]]:
    """Give what reads each part of a table; of one that is not kept, or has none, an empty one."""
    table = tables_of(study)[name]
    parts: list[Callable[[], pd.DataFrame]] = []
    if study.keeps(name):
        source, columns = study.sources[name], table.columns
        parts = [
            partial(_part, study, source, number, place, columns, encode)
            for number, place in enumerate(source.parts)
        ]
        if source.rows:
            parts = [partial(_written, source, columns)]
    return parts or [partial(_empty, table)]


def _written(source: TableSource, columns: Mapping[str, Column]) -> pd.DataFrame:
    """Give the rows that stand in the study file."""
    cells = [[_plain(row.get(name)) for name in columns] for row in source.rows]
    lines = _lines(range(1, len(cells) + 1))
    return pd.DataFrame(cells, columns=list(columns), index=lines, dtype="str")


def _part(
    study: Study,
    source: TableSource,
    number: int,
    place: tuple[str, str],
    columns: Mapping[str, Column],
    encode: Encode,
) -> pd.DataFrame:
    part = read_part(study, source, place, columns, encode)
    part = part.set_axis(_lines(part.index + number * LINES_A_PART), axis=0)
    if source.fixed or ROW_NUMBER in source.columns.values():
        return _completed(part, source)
    return part


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of a table together; why rows are left out stays where any are."""
    whole = pd.concat(parts) if parts[1:] else parts[0]
    some = LEFT_OUT in whole and bool(whole[LEFT_OUT].any())
    return whole if some else whole.drop(columns=LEFT_OUT, errors="ignore")


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell)


def _completed(part: pd.DataFrame, source: TableSource) -> pd.DataFrame:
    """Fill the columns that have one value throughout, or number the rows; empty ones stay so."""
    numbered = [name for name, heading in source.columns.items() if heading == ROW_NUMBER]
    whole = part.assign(
        **{str(name): value for name, value in source.fixed.items()},
        **{name: part.index.astype("str") for name in numbered},
    )
    is_empty = (part.drop(columns=LEFT_OUT) == "").all(axis=1)
    return whole.where(~is_empty, part)


def read_clean(study: Study) -> dict[str, pd.DataFrame]:
    """Read the tables that the cleaning step wrote, with the contract's types.

    Raises
    ------
    StudyError
        If there are none, or within a run: its notebooks are handed counts and never records.
    """
    if study.is_staged:
        raise StudyError(
            "the clean tables are not read within a run: its notebooks are handed counts, by "
            "lmm.publish.counts.load_counts; what they need is declared under measures:"
        )
    return {name: _read_clean(study, name) for name in tables_of(study)}


def _read_clean(study: Study, name: str) -> pd.DataFrame:
    text = read_saved(study.processed / f"{name}.csv", study, "`lmm run` makes it")
    return typed(text, tables_of(study)[name].columns).reset_index(drop=True)
