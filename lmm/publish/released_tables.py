"""The tables of a release, read and held to what the study declares: each cell that is not so."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path

import pandas as pd

from lmm.cleaning.contract import breaches, typed
from lmm.cleaning.save import RECORDS_COLUMN, read_saved
from lmm.counting.counts import INSIDE, PAIRS, TIDY, Counts, Key, key, named
from lmm.counting.dimensions import Dimension
from lmm.counting.rows import NOT_RECORDED
from lmm.study.problems import Problem, StudyError, counted, refuse
from lmm.study.setting import Setting
from lmm.study.study import Study
from lmm.study.table import Column, Table
from lmm.study.tables import tables_of

DECLARED = ("targets", "published_figures")
"""Tables that describe nobody and are handed on with the counts."""

MEND = "take the file from the release as it was given to you, or ask for it once more"

MOST = 10
"""Problems of one file that are told one by one."""

NO_COUNT = "is no count: a whole number, or nothing where it is not shown"

Found = tuple[int, str, str]
"""The line and the column in which something is wrong, and what; 0 and "" of no single one."""


def read_declared(path: Path, study: Study) -> pd.DataFrame:
    """Read a table that describes nobody, with the types of the contract.

    Raises
    ------
    StudyError
        For each cell that the contract does not allow; within a run it is as the run wrote it.
    """
    text, table = read_saved(path, study, MEND), tables_of(study)[path.stem]
    if not study.is_staged:
        _check_declared(text, table, study, path)
    return typed(text, table.columns).reset_index(drop=True)


def _check_declared(text: pd.DataFrame, table: Table, study: Study, path: Path) -> None:
    check_headings(text, table.columns, path)
    _refuse(path, _of_another_kind(text, table.columns))
    if found := breaches(path.name, typed(text, table.columns), table, study):
        raise StudyError(*(f"{problem}; {MEND}" for problem in found[:MOST]))


def check_counts(table: pd.DataFrame, setting: Setting, path: Path) -> None:
    """Hold the rows of counts, as text, to what the study counts.

    Raises
    ------
    StudyError
        With a line for each cell that cannot be so, or else for each row that is missing.
    """
    check_headings(table, TIDY, path)
    check_rows(table, setting, path)
    _refuse(path, _missing(set(named(table)), Counts.of(setting, {})))


def check_rows(table: pd.DataFrame, setting: Setting, path: Path, fix: str = MEND) -> None:
    """See that the study counts what each row of counts is named after, and each once.

    Raises
    ------
    StudyError
        With a line for each cell that cannot be so.
    """
    empty = Counts.of(setting, {})
    _refuse(path, (*_rows(table, empty), *_twice(named(table), table.index)), fix)


def check_headings(text: pd.DataFrame, columns: Iterable[str], path: Path, fix: str = MEND) -> None:
    """See that a table has the columns that it was written with.

    Raises
    ------
    StudyError
        If it has others.
    """
    if list(text.columns) != list(columns):
        headings = (", ".join([*map(str, each), RECORDS_COLUMN]) for each in (text, columns))
        why = "has the headings {} in place of {}".format(*headings)
        raise refuse(why, path, line=1, fix=fix)


def _refuse(path: Path, found: Iterable[Found], fix: str = MEND) -> None:
    problems: list[str] = [
        Problem(why, file=path.name, line=line, column=column, fix=fix)
        for line, column, why in sorted(found, key=lambda each: each[0])
    ]
    if len(problems) > MOST:
        more = counted(len(problems) - MOST, "problem")
        problems[MOST:] = [f"{path.name}: and {more} more like it"]
    if problems:
        raise StudyError(*problems)


def _odd(cells: pd.Series[str], is_right: Callable[[str], bool], why: str) -> Iterator[Found]:
    """Name each cell that is not right; what stands in several is looked at once."""
    wrong = [cell for cell in cells.unique() if not is_right(cell)]
    for line, cell in cells[cells.isin(wrong)].items():
        yield int(str(line)), str(cells.name), f"{cell!r} {why}"


def _of_another_kind(text: pd.DataFrame, columns: Mapping[str, Column]) -> Iterator[Found]:
    for name, column in columns.items():
        yield from _odd(text[name], partial(_is_of_kind, column), f"is no {column.kind}")


def _is_of_kind(column: Column, cell: str) -> bool:
    try:
        typed(pd.DataFrame({"": [cell]}, dtype="str"), {"": column})
    except (ValueError, TypeError):
        return False
    return True


def _rows(table: pd.DataFrame, empty: Counts) -> Iterator[Found]:
    """Say what cannot be so of the rows, each looked at by itself."""
    declared = empty.declared
    yield from _odd(table["measure"], declared.__contains__, "is no measure that is counted")
    yield from _odd(table["n"], _is_number, NO_COUNT)
    known = table[table["measure"].isin(declared)]
    for names, rows in known.groupby(["measure", *(by for by, _ in PAIRS)], sort=False):
        measure, *by = map(str, names)
        inside = ("", *INSIDE.values()) if declared[measure].kind == "share" else ("",)
        yield from _odd(rows["inside"], inside.__contains__, "stands for nothing here")
        yield from _levels(rows, measure, by, empty)


def _levels(
    rows: pd.DataFrame, measure: str, by: Collection[str], empty: Counts
) -> Iterator[Found]:
    """Say what cannot be so of rows of one measure that are counted by the same."""
    names = [name for name in by if name]
    if not empty.has(measure, *names):
        why = f"{measure} is not counted by {' and '.join(names) or 'nothing'}"
        yield from ((line, "by", why) for line in rows.index)
        return
    dimensions = dict(zip(names, empty.dimensions(measure, *names), strict=True))
    for name, (_, level) in zip(by, PAIRS, strict=True):
        why = f"is no level of {name}" if name else "stands for nothing here"
        yield from _odd(rows[level], partial(_is_level, dimensions.get(name)), why)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[0-9]{0,15}", cell) is not None


def _is_level(dimension: Dimension | None, cell: str) -> bool:
    if dimension is None:
        return not cell
    if dimension.levels is not None:
        return cell in dimension.levels
    try:
        dimension.typed(pd.Series([cell], dtype="str"))
    except (ValueError, OverflowError):
        return cell == NOT_RECORDED
    return bool(cell)


def _twice(names: Iterable[Key], lines: Iterable[int]) -> Iterator[Found]:
    seen: dict[Key, int] = {}
    for name, line in zip(names, lines, strict=True):
        if (first := seen.setdefault(name, line)) != line:
            yield line, "measure", f"the same count stands in line {first}"


def _missing(there: Collection[Key], empty: Counts) -> Iterator[Found]:
    """Name the counts that every release of the study has and this one lacks."""
    for measure, within in _foreseen(empty):
        if (measure, within) not in there:
            levels = "".join(f", {name}: {level}" for name, level in within)
            yield 0, "", f"has no row for {measure}{levels}"


def _foreseen(empty: Counts) -> Iterator[Key]:
    """Name the counts that are released whatever the records hold: those at known levels."""
    for measure, declared in empty.declared.items():
        shares = ({}, INSIDE) if declared.kind == "share" else ({},)
        for names in empty.combinations(measure):
            levels = [each.levels for each in empty.dimensions(measure, *names)]
            known = [each for each in levels if each is not None]
            if len(known) < len(levels) or empty.hides(measure, *names):
                continue
            for at, inside in product(product(*known), shares):
                yield key(measure, **dict(zip(names, at, strict=True)), **inside)
