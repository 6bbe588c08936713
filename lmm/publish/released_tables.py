"""The tables of a release, read and held to what the study declares: each cell that is not so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from lmm.cleaning.contract import breaches, typed
from lmm.cleaning.save import RECORDS_COLUMN, unguarded
from lmm.counting.counts import INSIDE, PAIRS, TIDY, Counts
from lmm.counting.dimensions import Dimension
from lmm.counting.rows import NOT_RECORDED
from lmm.study.problems import Problem, StudyError, counted, refuse
from lmm.study.setting import Setting
from lmm.study.study import Study
from lmm.study.table import Column
from lmm.study.tables import tables_of

DECLARED = ("targets", "published_figures")
"""Tables that describe nobody and are handed on with the counts."""

MEND = "take the file from the release as it was given to you, or ask for it once more"

MOST = 10
"""Problems of one file that are told one by one."""

Found = tuple[str, str]
"""The column in which something is wrong, and what."""


def read_text(path: Path) -> pd.DataFrame:
    """Read a table as text, indexed by its lines.

    Raises
    ------
    StudyError
        If it is missing, or no table.
    """
    try:
        text = pd.read_csv(path, dtype="str", keep_default_na=False)
    except FileNotFoundError:
        raise refuse("is missing", path, fix=MEND) from None
    except (OSError, ValueError):  # no text, no table, nothing
        raise refuse("cannot be read as a table", path, fix=MEND) from None
    if not isinstance(text.index, pd.RangeIndex):
        raise refuse("has rows that are longer than its headings", path, fix=MEND)
    return text.map(unguarded).set_axis(range(2, len(text) + 2), axis=0)


def read_declared(path: Path, study: Study) -> pd.DataFrame:
    """Read a table that describes nobody, with the types of the contract.

    Raises
    ------
    StudyError
        For each cell that the contract does not allow.
    """
    text, table = read_text(path), tables_of(study)[path.stem]
    _check_headings(text, list(table.columns), path)
    _refuse(path, _of_another_kind(text, table.columns))
    _refuse(path, _records(text, study))
    frame = typed(text, table.columns)
    if found := breaches(path.name, frame, table, study):
        raise StudyError(*(f"{problem}; {MEND}" for problem in found[:MOST]))
    return frame.reset_index(drop=True)


def check_counts(table: pd.DataFrame, setting: Setting, path: Path) -> None:
    """Hold the rows of counts, as text, to what the study counts.

    Raises
    ------
    StudyError
        With a line for each cell that cannot be so.
    """
    _check_headings(table, TIDY, path)
    _refuse(path, _records(table, setting.study))
    _refuse(path, _counts(table, Counts.of(setting, {})))


def _check_headings(text: pd.DataFrame, columns: Iterable[str], path: Path) -> None:
    expected = [*columns, RECORDS_COLUMN]
    if list(text.columns) != expected:
        why = f"has the headings {', '.join(map(str, text.columns))} in place of "
        raise refuse(why + ", ".join(expected), path, line=1, fix=MEND)


def _refuse(path: Path, found: Iterable[tuple[int, Found]]) -> None:
    problems: list[str] = [
        Problem(why, file=path.name, line=line, column=column, fix=MEND)
        for line, (column, why) in found
    ]
    if len(problems) > MOST:
        more = counted(len(problems) - MOST, "problem")
        problems[MOST:] = [f"{path.name}: and {more} more like it"]
    if problems:
        raise StudyError(*problems)


def _records(text: pd.DataFrame, study: Study) -> Iterator[tuple[int, Found]]:
    for line, kind in text[RECORDS_COLUMN].items():
        if kind != study.kind:
            why = f"{kind!r} records, but study.yaml declares {study.kind} ones"
            yield int(str(line)), (RECORDS_COLUMN, why)


def _of_another_kind(
    text: pd.DataFrame, columns: Mapping[str, Column]
) -> Iterator[tuple[int, Found]]:
    for name, column in columns.items():
        for line, cell in text[name].items():
            try:
                typed(pd.DataFrame({name: [cell]}, dtype="str"), {name: column})
            except (ValueError, TypeError):
                yield int(str(line)), (name, f"{cell!r} is no {column.kind}")


def _counts(table: pd.DataFrame, empty: Counts) -> Iterator[tuple[int, Found]]:
    seen: dict[tuple[str, ...], int] = {}
    for line, row in zip(table.index, table[TIDY].to_dict("records"), strict=True):
        cells = {str(name): str(cell) for name, cell in row.items()}
        yield from ((line, found) for found in _count(cells, empty))
        name = tuple(cells[column] for column in TIDY if column != "n")
        if (first := seen.setdefault(name, line)) != line:
            yield line, ("measure", f"the same count stands in line {first}")


def _count(row: Mapping[str, str], empty: Counts) -> Iterator[Found]:
    """Say what cannot be so of one row."""
    if (measure := row["measure"]) not in empty.declared:
        yield "measure", f"{measure!r} is no measure that is counted"
        return
    if not re.fullmatch(r"[0-9]{0,15}", row["n"]):
        yield "n", f"{row['n']!r} is no count: a whole number, or nothing where it is not shown"
    is_share = empty.declared[measure].kind == "share"
    if row["inside"] not in ("", *(INSIDE.values() if is_share else ())):
        yield "inside", f"{row['inside']!r} stands for nothing here"
    names = [row[by] for by, _ in PAIRS if row[by]]
    if not empty.has(measure, *names):
        yield "by", f"{measure} is not counted by {' and '.join(names) or 'nothing'}"
        return
    for each, (by, level) in zip(empty.dimensions(measure, *names), _pairs(row), strict=True):
        if not _is_level(row[level], each):
            yield level, f"{row[level]!r} is no level of {row[by]}"


def _is_level(text: str, dimension: Dimension) -> bool:
    if dimension.levels is not None:
        return text in dimension.levels
    try:
        dimension.typed(pd.Series([text], dtype="str"))
    except ValueError:
        return text == NOT_RECORDED
    return bool(text)


def _pairs(row: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(by, level) for by, level in PAIRS if row[by]]
